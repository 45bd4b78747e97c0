# SPDX-License-Identifier: Apache-2.0
"""The table as text: what probes the machine, and the skeleton that a user goes on with."""
import re

CPUS_OF_PD, MSIS = 8, 96                # ptc's limits: vCPUs, and what is well below the interrupts of a PD

HEAD = """// SPDX-License-Identifier: Apache-2.0
/*
{comment} */
#include "{board}/board.dtsi"
#include "bindings/table.h"

/ {{
	partitions {{
		compatible = "mullion,partitions";
"""
PD = """
		{label} {{
			compatible = "mullion,pd";
			#address-cells = <2>;
			#size-cells = <2>;
			cpus = <{cpus}>;
			console = <0x0 0xa0000000>;

			image {{
				file = "one.bin";
				load = <0x0 0x80000000>;
			}};

			code@80000000 {{
				reg = <0x0 0x80000000 0x0 0x00200000>;
				access = "rwx";
			}};
"""
WINDOW = """
			/* What the PD's functions reach. Give each as little as it needs, in windows of its own. */
			{label}_io: io@90000000 {{
				reg = <0x0 0x90000000 0x0 0x00010000>;
				access = "rw";
				dma = "rw";
			}};
"""


def indented(text, tabs):
    return "".join("\t" * tabs + line.rstrip() + "\n" for line in text.splitlines())


def node_text(node, first_bus, comment, more=""):
    label = f"{node.label()}: " if node.is_bridge else ""
    inner = node.place(first_bus) + "\n" + re.sub("^\t", "", node.properties(), flags=re.M) + more
    first, *rest = comment.splitlines()
    said = f"/* {first} */" if not rest else "\n".join(["/*", *(f" * {line}" for line in (first, *rest)), " */"])
    return f"{said}\n{label}{node.name()} {{\n{indented(inner, 1)}}};\n"


def references(cpus):
    return " ".join(f"&{cpu}" for cpu in cpus)


def probe(board, cpus, bridges, first_bus):
    """All CPUs, in as many PDs as they need, and no function: nothing is touched but what is compared."""
    text = HEAD.format(board=board, comment=" * Asks the machine what it has.\n")
    for bridge in bridges:
        text += "\n" + indented(node_text(bridge, first_bus, "found"), 2)
    for at in range(0, len(cpus), CPUS_OF_PD):
        label = "one" if at == 0 else f"one-{at}"
        text += PD.format(label=label, cpus=references(cpus[at:at + CPUS_OF_PD])) + "\t\t};\n"
    return text + "\t};\n};\n"


def fewer_vectors(node, limit):
    """A table may use fewer than there are: all of a PD's are interrupts of its own."""
    def msix(found):
        return found[0] if int(found[2]) <= limit else f"msix = <{found[1]} {limit}>;\t/* it has {found[2]} */"

    def msi(found):
        return found[0] if int(found[2]) <= limit else f"msi = <{found[1]} {limit} {found[3]}>;\t/* it has {found[2]} */"
    node.body = re.sub(r"msix = <(\w+) (\d+)>;", msix, node.body)
    node.body = re.sub(r"msi = <(\w+) (\d+) (.*?)>;", msi, node.body)


def limit_vectors(functions):
    total = sum(int(count) for node in functions for count in re.findall(r"msix? = <\w+ (\d+)", node.body))
    share = MSIS // max(1, len(functions))
    for node in functions if total > MSIS else ():
        fewer_vectors(node, 1 << max(0, share.bit_length() - 2))


def skeleton(facts):
    text = HEAD.format(board=facts.board, comment="".join(f" * {line}".rstrip() + "\n" for line in facts.comment()))
    for bridge in facts.bridges:
        text += "\n" + indented(node_text(bridge, facts.first_bus, facts.says_of(bridge)), 2)
    text += "\n\t\t/* Owns all. Make a PD of each part, give CPUs, functions and memory away; 'housekeeping' takes a CPU. */"
    text += PD.format(label="one", cpus=references(facts.cpus[:CPUS_OF_PD]))
    if facts.functions:
        text += WINDOW.format(label="one")
    for function in facts.functions:
        more = "\nwindows = <&one_io>;"
        text += "\n" + indented(node_text(function, facts.first_bus, facts.says_of(function), more), 3)
    return text + "\t\t};\n\t};\n};\n"
