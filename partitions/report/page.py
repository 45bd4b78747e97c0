# SPDX-License-Identifier: Apache-2.0
"""report.html: one page that needs nothing else, for a screen and for paper."""
from html import escape

from drawing import buses, colour, cpu_row, memory
from facts import doorbell, functions, hexa, last, plural, restart_text, rights_over, size_text

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1b1e23; background: #fff; margin: 2rem auto; max-width: 960px;
       padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
p { margin: .4rem 0; } .dim { color: #5c636e; fill: #5c636e; } .mono, td.mono, th.mono { font-family: ui-monospace, monospace;
font-size: 12px; } svg { max-width: 100%; height: auto; } svg text { font-size: 12px; }
svg .mono { font-size: 11px; } table { border-collapse: collapse; font-size: 13px; }
th, td { border: 1px solid #d4d8de; padding: .25rem .55rem; text-align: left; vertical-align: top; }
th { background: #f4f5f7; font-weight: 600; } td.can { text-align: center; font-family: ui-monospace, monospace;
font-weight: 700; } td.none { text-align: center; color: #b3b8c0; } td:first-child { white-space: nowrap; } .scroll { overflow-x: auto; }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; }
th.upright { vertical-align: bottom; padding: .4rem .2rem; } th.upright div { writing-mode: vertical-rl;
transform: rotate(180deg); white-space: nowrap; margin: auto; } .bar { background: #e8eaee; width: 16rem; height: .8rem; border-radius: 3px; overflow: hidden; }
.bar div { background: #0072b2; height: 100%; }
@media print { h2 { break-after: avoid; } svg, table { break-inside: avoid; } }
"""


def tag(name, content, attributes=""):
    return f"<{name}{' ' + attributes if attributes else ''}>{content}</{name}>"


def table(head, rows):
    """Cells are HTML already; one that is a tuple brings its attributes."""
    def cell(name, content):
        return tag(name, content[0], content[1]) if isinstance(content, tuple) else tag(name, content)
    lines = [tag("tr", "".join(cell("th", content) for content in head))]
    lines += [tag("tr", "".join(cell("td", content) for content in row)) for row in rows]
    return tag("div", tag("table", "\n".join(lines)), 'class="scroll"')


def mono(text):
    return tag("span", escape(str(text)), 'class="mono"')


def span(base, size):
    return mono(f"{hexa(base)}-{hexa(last(base, size))}")


def owned(report, label):
    return f'<span class="key" style="background:{colour(report, label)}"></span>{escape(label)}'


def reach_columns(report):
    """(owner, what, ranges): every D-bit region by itself, the rest of each PD, and what is nobody's."""
    for pd in report["pds"]:
        for region in pd["regions"]:
            if region["dma"] != "---":
                yield pd["label"], region["name"], [(region["host"], region["size"])]
        yield pd["label"], "all else", [(region["host"], region["size"]) for region in pd["regions"]
                                        if region["dma"] == "---"]
    slots = [(slot["base"], slot["size"]) for slot in report["hypervisor"]["slots"]]
    stores = [(image["store"], image["size"]) for pd in report["pds"] for image in pd["images"]]
    yield "hypervisor", "code, tables, data", slots
    yield "store", "images", stores


def doorbell_cell(report, function):
    whose = doorbell(report, function)
    if whose is None:
        return "·", 'class="none"'
    return f"MSI<br>{whose['msi']['vectors'] if whose is function else escape(whose['name'])}", 'class="can"'


def reach_cell(report, pd, function, ranges):
    rights = "---"
    for base, size in ranges:
        found = rights_over(function, base, size)
        rights = "".join(a if a != "-" else b for a, b in zip(rights, found))
    if rights == "---":
        return "·", 'class="none"'
    return rights, f'class="can" style="background:{colour(report, pd["label"])}55"'


def upright(owner, what):
    return f'<div>{owner}<br><span class="dim">{escape(what)}</span></div>', 'class="upright"'


def reach_matrix(report):
    columns = list(reach_columns(report))
    head = ["function"] + [upright(owned(report, owner), what) for owner, what, _ in columns]
    head.append(upright("ITS", "doorbell"))
    rows = []
    for pd, function in functions(report):
        name = f'{owned(report, pd["label"])} {escape(function["name"])}<br>{mono(function["bdf"])}'
        rows.append([name] + [reach_cell(report, pd, function, ranges) for _, _, ranges in columns]
                    + [doorbell_cell(report, function)])
    rows.append(["any other function"] + [("·", 'class="none"') for _ in head[1:]])
    return table(head, rows)


def windows(report):
    rows = [[f'{owned(report, pd["label"])} {escape(function["name"])} {mono(function["bdf"])}',
             escape(window["region"]), span(window["iova"], window["size"]), span(window["host"], window["size"]),
             size_text(window["size"]), mono(window["rights"]), mono(function["place"])]
            for pd, function in functions(report) for window in function["windows"]]
    return table(["function", "region", "I/O addresses", "host", "size", "rights", "declared at"], rows)


def interrupts(report):
    rows = []
    for pd in report["pds"]:
        devices = {intid: device["name"] for device in pd["devices"] for intid in device["interrupts"]}
        for spi in pd["interrupts"]:
            source = {"virtual": spi.get("of"), "msi": "MSI, by function below"}.get(
                spi["kind"], devices.get(spi["intid"], ""))
            rows.append([owned(report, pd["label"]), mono(spi["intid"]), spi["kind"], escape(source)])
    text = table(["PD", "INTID", "kind", "source"], rows)
    rows = [[owned(report, pd["label"]), f'{escape(function["name"])} {mono(function["bdf"])}',
             mono(f'{function["msi"]["device-id"]:#x}'), str(function["msi"]["vectors"]),
             mono(f'{function["msi"]["intid"]} to {last(function["msi"]["intid"], function["msi"]["count"])}'),
             mono(f'{function["msi"]["lpi"]} to {last(function["msi"]["lpi"], function["msi"]["count"])}')]
            for pd, function in functions(report) if "msi" in function]
    return text + "<p></p>" + table(["PD", "function", "DeviceID", "vectors", "may raise INTID", "by LPI"], rows)


def pd_table(report):
    rows = []
    for pd in report["pds"]:
        memory_size = sum(region["size"] for region in pd["regions"])
        open_size = sum(region["size"] for region in pd["regions"] if region["dma"] != "---")
        devices = [escape(device["name"]) for device in pd["devices"]]
        devices += [f'{escape(function["name"])} {mono(function["bdf"])}' for function in pd["functions"]]
        rows.append([owned(report, pd["label"]), mono(", ".join(pd["cpus"])), size_text(memory_size),
                     size_text(open_size) if open_size else "nothing", "<br>".join(devices) or "none",
                     f'DMA: {pd["on-dma-fault"]}<br>crash: {pd["on-crash"]}<br>restart: {restart_text(pd)}', mono(pd["place"])])
    return table(["PD", "CPUs", "memory", "open to devices", "devices", "on a fault", "declared at"], rows)


def budgets(report):
    rows = [[escape(name), f'{used} of {limit}',
             f'<div class="bar"><div style="width:{min(100, 100 * used / limit):.0f}%"></div></div>']
            for name, used, limit in report["budgets"]]
    return table(["budget", "used", ""], rows)


def digests(report):
    rows = [[escape(name), mono(digest)] for name, digest in report["digests"].items()]
    return table(["what", "SHA-256"], rows)


def groups(report, key):
    rows = [[mono(", ".join(group["functions"])), escape(", ".join(group["pds"])), escape(group["why"])]
            for group in report[key]]
    return table(["functions", "of", "why"], rows) if rows else "<p>None of several functions.</p>"


def sections(report):
    yield "What each function can reach", (
        "<p>Rows are devices, columns are memory. A dot is no path at all: the IOMMU has no entry for it.</p>"
        + reach_matrix(report))
    yield "Host memory", (
        "<p>Hatched memory has the D bit: devices reach it, and no other. Lines lead from a function to its windows. "
        "Heights are not to scale.</p>" + memory(report))
    yield "Windows", windows(report)
    yield "PCI", buses(report)
    yield "Isolation groups", (
        "<p>Functions that the IOMMU cannot hold apart, so each group has one owner.</p>"
        + groups(report, "isolation-groups"))
    yield "Fate groups", (
        "<p>Functions of one port or device: an error, a reset or a lost link of one takes the others along, "
        "whoever owns them.</p>" + groups(report, "fate-groups"))
    yield "Protection domains", pd_table(report)
    yield "CPUs", cpu_row(report)
    yield "Interrupts", interrupts(report)
    yield "Budgets", budgets(report)
    yield "Digests", digests(report)


def page(report):
    title = f"Mullion appliance {report['table']}"
    counted = f"{plural(len(report['pds']), 'PD')}, {plural(len(functions(report)), 'function')}"
    yield "<!DOCTYPE html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style></head><body>'
    yield tag("h1", escape(title))
    yield tag("p", f'{escape(report["board"]["model"])} — {counted}', 'class="dim"')
    for name, content in sections(report):
        yield tag("h2", escape(name))
        yield content
    yield "</body></html>"
