# SPDX-License-Identifier: Apache-2.0
"""The drawings of report.html: inline SVG, sized in pixels, readable without colours too."""
from html import escape

from facts import functions, hexa, host_memory, last, size_text

# Okabe and Ito's colours: told apart by every kind of eye. PDs in turn; the hypervisor and its store are grey.
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#7f5f00"]
GREY = "#8a8f98"


def colour(report, owner):
    labels = [pd["label"] for pd in report["pds"]]
    return COLOURS[labels.index(owner) % len(COLOURS)] if owner in labels else GREY


def svg(width, height, title, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img"><title>{escape(title)}</title>')
    hatch = ('<defs><pattern id="dbit" width="6" height="6" patternTransform="rotate(45)" '
             'patternUnits="userSpaceOnUse"><rect width="2" height="6" fill="#000" fill-opacity=".16"/></pattern>'
             '</defs>')
    return head + hatch + "".join(parts) + "</svg>"


def box(x, y, width, height, fill, opacity=".28", extra=""):
    return (f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="3" fill="{fill}" '
            f'fill-opacity="{opacity}" stroke="{fill}" {extra}/>')


def words(x, y, text, style="", anchor="start"):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {style}>{escape(str(text))}</text>'


def merged(areas):
    """One block for what has several owners, and for the hypervisor's slots that lie side by side."""
    blocks = []
    for area in areas:
        before = blocks[-1] if blocks else None
        if before and area["base"] == before["base"] and area["shared"]:
            before["label"] += f", {area['owner']}: {area['what']}"
        elif before and area["owner"] == "hypervisor" == before["owner"]:
            before["size"] = area["base"] + area["size"] - before["base"]
            before["label"] = "hypervisor"
        else:
            label = area["owner"] if area["owner"] == "hypervisor" else f"{area['owner']}: {area['what']}"
            blocks.append(area | {"label": label})
    return blocks


BLOCK, GAP, LEFT, WIDTH, RIGHT = 26, 12, 120, 360, 700


def gaps_between(blocks):
    return [after["base"] > before["base"] + before["size"] for before, after in zip(blocks, blocks[1:])] + [False]


def block_parts(report, block, y):
    fill = colour(report, block["owner"])
    yield words(LEFT - 8, y + 12, hexa(block["base"]), 'class="mono"', "end")
    yield words(LEFT - 8, y + 24, hexa(last(block["base"], block["size"])), 'class="mono dim"', "end")
    yield box(LEFT, y, WIDTH, BLOCK, fill)
    if block["dma"] != "---":
        yield box(LEFT, y, WIDTH, BLOCK, "url(#dbit)", "1", f'style="stroke:{fill};stroke-width:2"')
    text = block["label"] + (f"   D bit {block['dma']}" if block["dma"] != "---" else "")
    yield words(LEFT + 8, y + 17, text, 'class="label"')
    yield words(LEFT + WIDTH - 8, y + 17, size_text(block["size"]), 'class="dim"', "end")


def curve(start, end, stroke, title):
    (x1, y1), (x2, y2) = start, end
    return (f'<path d="M{x1},{y1} C{x1 - 90},{y1} {x2 + 90},{y2} {x2},{y2}" fill="none" stroke="{stroke}" '
            f'stroke-width="2"><title>{escape(title)}</title></path><circle cx="{x2}" cy="{y2}" r="3.5" '
            f'fill="{stroke}"/>')


def memory(report):
    """Host memory from top to bottom, D-bit windows hatched, and lines from each function to what it reaches."""
    blocks = merged(host_memory(report))
    parts, y, where = [], 8, {}
    for block, gap in zip(blocks, gaps_between(blocks)):
        parts += block_parts(report, block, y)
        where[block["base"]] = y + BLOCK / 2
        y += BLOCK + (GAP if gap else 2)
        if gap:
            parts.append(f'<path d="M{LEFT + 20},{y - 7}h{WIDTH - 40}" stroke="#999" stroke-dasharray="2 5"/>')
    step = max(40, (y - 40) / max(1, len(functions(report))))
    for i, (pd, function) in enumerate(functions(report)):
        at = 24 + i * step
        parts.append(box(RIGHT, at - 16, 210, 32, colour(report, pd["label"])))
        parts.append(words(RIGHT + 8, at - 2, function["bdf"], 'class="mono"'))
        parts.append(words(RIGHT + 8, at + 11, f"{function['name']} of {pd['label']}", 'class="label"'))
        for window in function["windows"]:
            block = max((base for base in where if base <= window["host"]), default=None)
            title = f"{function['bdf']} {window['rights']} {window['region']}, {size_text(window['size'])}"
            parts.append(curve((RIGHT, at), (LEFT + WIDTH + 2, where[block]), colour(report, pd["label"]), title))
    return svg(920, max(y, 24 + len(functions(report)) * step) + 8, "Host memory and what each function reaches", parts)


def cpu_row(report):
    """CPUs of the board, with what runs on each."""
    owner = {cpu: pd["label"] for pd in report["pds"] for cpu in pd["cpus"]}
    hypervisor = report["hypervisor"]
    parts = []
    for i, cpu in enumerate(report["board"]["cpus"]):
        x, y = 4 + i % 8 * 114, 4 + i // 8 * 54
        text = owner.get(cpu, "unused")
        if cpu == hypervisor["housekeeping"]:
            text = "housekeeping" if hypervisor["housekeeping-alone"] else f"{text} + events"
        opacity = ".06" if text == "unused" else ".28"
        parts.append(box(x, y, 106, 46, colour(report, owner.get(cpu)), opacity))
        parts.append(words(x + 53, y + 19, cpu, 'class="mono"', "middle"))
        parts.append(words(x + 53, y + 36, text, 'class="label"', "middle"))
    rows = -(-len(report["board"]["cpus"]) // 8)
    return svg(920, 8 + rows * 54, "CPUs and their PDs", parts)


ROW, INDENT = 34, 46


def below(report, bridge):
    """Bridges and functions straight behind this one ("": on the first bus), by number, with their PD."""
    found = [(None, port) for port in report["bridges"] if port["behind"] == bridge]
    found += [(pd, function) for pd, function in functions(report) if function["behind"] == bridge]
    return sorted(found, key=lambda pair: pair[1]["bdf"])


def bus_rows(report, bridge="", depth=1):
    """(depth, PD or None for a bridge, node), in the order of drawing."""
    for pd, node in below(report, bridge):
        yield depth, pd, node
        if pd is None:
            yield from bus_rows(report, node["name"], depth + 1)


def bus_row(report, depth, pd, node, y):
    x = 4 + depth * INDENT
    yield box(x, y, 300, ROW - 8, colour(report, pd["label"] if pd else None))
    yield words(x + 8, y + 17, node["bdf"], 'class="mono"')
    yield words(x + 100, y + 17, f"{node['name']} of {pd['label']}" if pd else f"{node['name']}, {node['type']}",
                'class="label"')
    if pd is None:
        window = f"{hexa(node['base'])}-{hexa(last(node['base'], node['size']))}" if node["size"] else "no memory"
        yield words(x + 310, y + 17, f"buses {node['secondary']:02x}-{node['subordinate']:02x}, {window}, "
                    + ("ACS" if node["acs"] else "no ACS"), 'class="mono dim"')
    else:
        seen = "" if node["pd-bdf"] in node["bdf"] else f"; {pd['label']} sees it at {node['pd-bdf']}"
        yield words(x + 310, y + 17, f"stream {node['stream']:#x}{seen}", 'class="mono dim"')


def buses(report):
    """The tree of bridges and functions, as it is numbered at boot."""
    parts = [box(4, 4, 300, ROW - 8, GREY), words(12, 21, "host bridge", 'class="label"')]
    above, y = {0: 4}, 4 + ROW
    for depth, pd, node in bus_rows(report):
        x, top = 4 + (depth - 1) * INDENT + 20, above[depth - 1] + ROW - 8
        parts.append(f'<path d="M{x},{top}V{y + 13}H{x + INDENT - 20}" fill="none" stroke="#777"/>')
        parts += bus_row(report, depth, pd, node, y)
        above[depth] = y
        y += ROW
    return svg(920, y + 4, "PCI buses", parts)
