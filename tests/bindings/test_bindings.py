# SPDX-License-Identifier: Apache-2.0
"""
partitions/bindings: the schemas are well-formed and documented, every table of the tree and every example is valid by
them, each mistake that is planted is found, and they have the properties that ptc reads, no more and no fewer.

Run with `make check-bindings`, which says where ptc and the processed schemas are.
"""
import json
import os
import subprocess
from pathlib import Path

import pytest
import ruamel.yaml
from ptc_source import Source

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SCHEMA = os.path.abspath(os.environ.get("SCHEMA", ROOT / "build" / "gen" / "schema.json"))
PTC = os.path.abspath(os.environ.get("PTC", ROOT / "build" / "host" / "ptc"))
FULL = HERE / "full.dts"
BINDINGS = {path.stem: ruamel.yaml.YAML(typ="safe").load(path) for path in sorted(ROOT.glob("partitions/bindings/*.yaml"))}
# The nodes of full.dts, by label, and their schema. The others are the board's.
NODES = {"partitions": "partitions", "pd": "pd", "image": "image", "region": "region", "shared": "region",
         "initrd": "image", "dtb": "dtb", "function": "function", "behind": "function", "device": "device", "bridge": "bridge", "upstream": "bridge"}
TABLE_SCHEMAS = sorted(set(NODES.values()))
# Nodes and not properties, and what dt-schema says of every node.
NOT_PROPERTIES = {"$nodename", "status"}
# What ptc reads of any device of the board, whichever binding of Linux it follows: its interrupts, and signs of DMA.
OF_ANY_DEVICE = {"dma-coherent", "dmas", "#dma-cells", "iommus", "memory-region",
                 "interrupt-parent", "interrupts-extended", "phandle"}
# What ptc copies from the board into PDs' device trees, whatever it says.
COPIED = {"always-on", "clock-names", "clocks", "current-speed"}
TABLES = sorted([*ROOT.glob("partitions/*/table.dts"), *ROOT.glob("tests/*/*/table.dts"), FULL])
# A string that is no text: ptc takes its bytes for what they are, dt-validate ends with an exception.
NO_TEXT = ROOT / "tests/refuse/accepted-board-model-no-text.dts"
ACCEPTED = sorted({*ROOT.glob("tests/refuse/accepted-*.dts")} - {NO_TEXT})
OURS = ["-l", "partitions/bindings"]


def run(*command):
    return subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, timeout=300)


def tool(*command):
    done = run(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout


def preprocess(table):
    """As mk/table.mk does."""
    return tool("cpp", "-nostdinc", "-undef", "-D__DTS__", "-x", "assembler-with-cpp", "-I", "platform", "-I",
                "partitions", table)


def compile_tree(text, tree):
    tree.with_suffix(".dts").write_text(text)
    tool("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree, tree.with_suffix(".dts"))
    return tree


def validate(*trees, only=()):
    """What dt-validate says of each; it succeeds whatever it says."""
    done = run("dt-validate", "-s", SCHEMA, *only, *trees)
    assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr
    found = {tree: [line for line in done.stderr.splitlines() if line.startswith(f"{tree}: ")] for tree in trees}
    assert sum(map(len, found.values())) or not done.stderr, done.stderr
    return found


def ptc_refuses(tree, lines, out):
    out.mkdir(exist_ok=True)
    done = run(PTC, "headers", tree, lines, out)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 1


def properties_of(schema):
    """Names in this node, without nodes below it."""
    return {name for name, value in schema.get("properties", {}).items()
            if value is not False and name not in NOT_PROPERTIES and not is_node(value)}


def is_node(value):
    return value.get("type") == "object" or value.get("$ref", "").endswith(".yaml#")


def every_property(schema):
    """Name and schema of each, also in nodes below."""
    if not isinstance(schema, dict):
        return
    for kind in ("properties", "patternProperties"):
        for name, value in schema.get(kind, {}).items():
            if isinstance(value, dict) and is_node(value):
                yield from every_property(value)
            elif kind == "properties" and name != "$nodename":
                yield name, value


# The schemas themselves.

@pytest.mark.parametrize("name", BINDINGS)
def test_schema_is_well_formed(name):
    done = run("dt-doc-validate", "-u", "partitions/bindings", f"partitions/bindings/{name}.yaml")
    assert done.returncode == 0 and not done.stdout + done.stderr


@pytest.mark.parametrize("name", BINDINGS)
def test_schema_is_documented(name):
    """A description everywhere; where a property of the table can be left out, what is in force then."""
    schema = BINDINGS[name]
    needed = {*schema.get("required", ()), "bdf", "bridge", "devfn"}
    for prop, value in every_property(schema):
        if value is False or "const" in value or prop in ("compatible", "device_type"):
            continue
        assert value.get("description"), prop
        if name in TABLE_SCHEMAS and prop not in needed:
            assert "default" in value or "Default " in value["description"], prop


@pytest.mark.parametrize("name", TABLE_SCHEMAS)
def test_schema_is_closed(name):
    rest = BINDINGS[name]["additionalProperties"]
    assert rest is False or rest["type"] == "object"


def test_every_schema_is_processed():
    processed = json.loads(Path(SCHEMA).read_text())
    for schema in BINDINGS.values():
        assert schema["$id"] in processed


@pytest.mark.parametrize("name", [name for name, schema in BINDINGS.items() if "examples" in schema])
def test_example_is_valid(name, tmp_path):
    example = tool("dt-extract-example", f"partitions/bindings/{name}.yaml")
    tree = compile_tree(example, tmp_path / "example.dtb")
    assert validate(tree) == {tree: []}


# Tables.

@pytest.mark.parametrize("tables, only", [(TABLES, []), (ACCEPTED, OURS)], ids=["whole", "accepted"])
def test_every_table_is_valid(tables, only, tmp_path):
    """Those that are built, as the whole trees that they are; the refuse tests' accepted ones by our schemas."""
    trees = [compile_tree(preprocess(table), tmp_path / f"{idx}.dtb") for idx, table in enumerate(tables)]
    assert len(trees) > 10
    assert {tables[idx]: said for idx, said in enumerate(validate(*trees, only=only).values()) if said} == {}


def test_every_schema_is_used(tmp_path):
    """One that nothing matches would find nothing. Those below a PD are reached from there."""
    tree = compile_tree(preprocess(FULL), tmp_path / "full.dtb")
    matched = run("dt-validate", "-M", "-s", SCHEMA, tree).stderr
    for name, schema in BINDINGS.items():
        if name not in TABLE_SCHEMAS or name in ("partitions", "pd"):
            assert schema["$id"] in matched, name


# dt-validate 2022.08 itself fails at these with a string.
WRONG = {"reg": "<0 0 0x1000>", "#address-cells": "<1>", "#size-cells": "<1>"}


def mistakes(label, name):
    """Device-tree text that plants one mistake each in the node."""
    schema, in_full = BINDINGS[name], full_properties(label)
    types = json.loads(Path(SCHEMA).read_text())["generated-types"]["properties"]
    for prop in sorted(in_full):
        yield f"{label}.{prop}-misspelt", f"&{label} {{ {misspelt(prop)} = <1>; }};"
        is_text = prop == "compatible" or types.get(prop, [{"type": ""}])[0]["type"].startswith("string")
        wrong = WRONG.get(prop, "<1 2 3>" if is_text else '"word"')
        yield f"{label}.{prop}-type", f"&{label} {{ {prop} = {wrong}; }};"
        if prop in schema.get("required", ()) or prop in ("bdf", "bridge", "devfn"):
            yield f"{label}.{prop}-missing", f"&{label} {{ /delete-property/ {prop}; }};"
    yield f"{label}-disabled", f'&{label} {{ status = "disabled"; }};'


def misspelt(prop):
    return prop[:-2] + prop[-1] if len(prop) > 2 else prop + "s"


def full_properties(label):
    """Those that full.dts gives to the node of this label."""
    text = FULL.read_text()
    body = text[text.index(f"\t{label}: "):].split("{", 1)[1]
    own = body[:min(at for at in (body.find("{"), body.find("}")) if at >= 0)]
    names = {line.split("=")[0].strip() for line in own.splitlines() if " = " in line}
    return {name for name in names if name}


PLANTED = dict(mistake for label, name in NODES.items() for mistake in mistakes(label, name))
PLANTED |= {
    "image-away": "/delete-node/ &image;",
    "no-kind": "&device { /delete-property/ device; };",
    "two-images": "&pd { image2 { file = \"image.bin\"; load = <0x0 0x80000000>; }; };",
    "two-places": "&function { bridge = <&downstream>; devfn = <0 0>; };",
    "not-a-page": "&region { phys = <0x0 0x50000800>; };",
    "access-twice": '&region { access = "rwr"; };',
    "bars-odd": "&function { bars = <0 32 0x00100000 1>; };",
    "vendor-odd": "&function { vendor = <0xb8 16 0xc8>; };",
    "vendor-short": "&function { vendor = <0xb8 2>; };",
    "bdf-long": "&function { bdf = <0 1 0 0>; };",
    "msix-nowhere": "&function { /delete-property/ bars; };",
    "vectors": "&function { msi = <0x40 3 0>; };",
    "policy": '&pd { on-crash = "quarantine"; };',
    "watchdog-half-page": "&pd { watchdog = <0x0 0xa0001800>; };",
    "restart-never": "&pd { restart-limit = <0 60>; };",
    "reset-unknown": '&function { reset = "pm"; /delete-property/ reset-writes; };',
    "reset-flr-nowhere": '&function { reset = "flr"; /delete-property/ reset-writes; /delete-property/ pcie; };',
    "reset-bus-first": '&function { reset = "bus"; /delete-property/ reset-writes; };',
    "reset-writes-none": "&function { /delete-property/ reset-writes; };",
    "reset-writes-of-flr": '&function { reset = "flr"; };',
    "reset-writes-odd": "&function { reset-writes = <0 0x60 32>; };",
    "reset-writes-wide": "&function { reset-writes = <0 0x60 64 0>; };",
    "drain-long": "&function { drain-us = <10000001>; };",
    "half-address": "&image { load = <0x80000000>; };",
    "table-in-bridge": "&bridge { windows = <&region>; };",
    "no-table": "/delete-node/ &partitions;",
    "board-hypervisor-small": "&{/reserved-memory/hypervisor@40200000} { reg = <0x0 0x60000000 0x0 0x1000>; };",
    "board-reserved-for-whom": '&{/reserved-memory/hypervisor@40200000} { compatible = "mullion,hypervsor"; };',
    "board-cpu-number-long": "&cpu1 { reg = <0x01000000>; };",
    "board-cpus-twice": "/ { cpus@1 { }; };",
    "table-twice": "/ { partitions@1 { }; };",
    "region-and-function": "&region { bdf = <0 1 0>; };",
    "board-no-console": "&{/chosen} { /delete-property/ stdout-path; };",
    "board-flash-unlabelled": "&{/flash@4000000/partitions/partition@0} { /delete-property/ label; };",
    "board-streams-masked": "&pcie { iommu-map-mask = <0xfff8>; };",
    "board-msis-masked": "&pcie { msi-map-mask = <0xfff8>; };",
    "board-dma-ranges-odd": "&pcie { dma-ranges = <0 0 0 0 0 0>; };",
    "board-no-streams": "&pcie { /delete-property/ iommu-map; };",
    "board-its-large": "&its { reg = <0x0 0x0a000000 0x0 0x40000>; };",
    "board-no-error-interrupt": '&smmu { interrupt-names = "eventq", "priq", "cmdq-sync", "gerr"; };',
    "board-memory-odd": "&{/memory@40000000} { reg = <0x0 0x40000000 0x0 0x3ffff800>; };",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Each mistake's tree and what our schemas say of it, all in one run."""
    folder = tmp_path_factory.mktemp("planted")
    full = preprocess(FULL)
    trees = {name: compile_tree(f"{full}\n{text}\n", folder / f"{name}.dtb") for name, text in PLANTED.items()}
    said = validate(*trees.values(), only=OURS)
    return {name: (tree, said[tree]) for name, tree in trees.items()}


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """What ptc takes the places of its messages from; any table's will do."""
    text, out = (tmp_path_factory.mktemp("lines") / name for name in ("full.dts", "full.lines"))
    text.write_text(preprocess(FULL))
    tool("dtc", "-q", "-I", "dts", "-O", "dts", "--annotate", "--annotate", "-o", out, text)
    return out


@pytest.mark.parametrize("name", PLANTED)
def test_mistake_is_found(planted, lines, name, tmp_path):
    """By the schemas, and by ptc."""
    tree, said = planted[name]
    assert said, f"no schema finds {PLANTED[name]}"
    assert ptc_refuses(tree, lines, tmp_path), f"ptc takes {PLANTED[name]}"


def test_full_table_is_full():
    """Else a property would have no mistake planted."""
    for name in TABLE_SCHEMAS:
        labels = [label for label, schema in NODES.items() if schema == name]
        assert set.union(*map(full_properties, labels)) == properties_of(BINDINGS[name]), name


def test_full_table_is_taken_by_ptc(lines, tmp_path):
    assert not ptc_refuses(compile_tree(preprocess(FULL), tmp_path / "full.dtb"), lines, tmp_path)


# Schemas and ptc.

def test_nodes_have_what_ptc_takes():
    """What ptc takes in a node of the table is one schema's properties, and each schema is one such node's."""
    known = sorted((sorted(names), where) for where, names in Source().known_lists())
    schemas = sorted((sorted(properties_of(BINDINGS[name])), name) for name in TABLE_SCHEMAS)
    assert [names for names, _ in known] == [names for names, _ in schemas], (known, schemas)


def test_what_ptc_reads_is_in_a_schema():
    read = Source().properties()
    assert {"bdf", "windows", "msi-map-mask", "stdout-path"} < read
    ours = {name for schema in BINDINGS.values() for name, _ in every_property(schema)}
    assert read - ours == OF_ANY_DEVICE | COPIED


def test_what_is_in_a_schema_ptc_reads():
    read = Source().properties()
    ours = {name for schema in BINDINGS.values() for name, value in every_property(schema)} - NOT_PROPERTIES
    # For other readers of the tree.
    assert ours - read == {"no-map"}
