# SPDX-License-Identifier: Apache-2.0
"""What the report says that ptc's report.json has only between the lines."""

PAGE = 0x1000


def hexa(address):
    return f"{address:012x}"


def last(base, size):
    return base + size - 1


def plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def size_text(size):
    for shift, unit in (30, "GiB"), (20, "MiB"), (10, "KiB"):
        if size >= 1 << shift and size % (1 << shift) == 0:
            return f"{size >> shift} {unit}"
    return f"{size} bytes"


def restart_text(pd):
    if "restart" not in pd:
        return "never"
    limit = pd["restart"]
    within = f"within {plural(limit['seconds'], 'second')}" if limit["seconds"] else "since boot"
    return f"{plural(limit['count'], 'time')} {within}"


def label_of_node(report, node):
    return next((pd["label"] for pd in report["pds"] if pd["node"] == node), node)


def area(base, size, owner, what, dma="---", shared=False):
    return {"base": base, "size": size, "owner": owner, "what": what, "dma": dma, "shared": shared}


def host_memory(report):
    """All host memory that has an owner, by address; shared memory once for each owner."""
    found = [area(slot["base"], slot["size"], "hypervisor", slot["name"]) for slot in report["hypervisor"]["slots"]]
    for pd in report["pds"]:
        found += [area(image["store"], -(-image["size"] // PAGE) * PAGE, "store", f"image of {image['name']}")
                  for image in pd["images"]]
        found += [area(region["host"], region["size"], pd["label"], region["name"], region["dma"],
                       bool(region["shared"])) for region in pd["regions"]]
    return sorted(found, key=lambda area: (area["base"], area["owner"]))


def functions(report):
    """Pairs of PD and function, in the order of the table."""
    return [(pd, function) for pd in report["pds"] for function in pd["functions"]]


def doorbell(report, function):
    """Whose MSIs a function can raise: its own, or those of a function that is one requester with it; or None."""
    sharing = [other for _, other in functions(report) if other["stream"] == function["stream"] and "msi" in other]
    return function if function in sharing else next(iter(sharing), None)


def rights_over(function, base, size):
    """What the function may do to any byte of this host memory."""
    rights = "---"
    for window in function["windows"]:
        if window["host"] < base + size and base < window["host"] + window["size"]:
            rights = "".join(a if a != "-" else b for a, b in zip(rights, window["rights"]))
    return rights
