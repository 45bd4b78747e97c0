# SPDX-License-Identifier: Apache-2.0
"""What changed in reach between two builds: who can touch what. Where the compiler put things is no change."""
from facts import doorbell, functions, hexa, last, label_of_node, restart_text


def function_reach(report):
    for pd, function in functions(report):
        who = f"function {function['name']} ({function['bdf']}) of {pd['label']}"
        for window in function["windows"]:
            yield (f"{who} {window['rights']} {window['region']}, I/O {hexa(window['iova'])}-"
                   f"{hexa(last(window['iova'], window['size']))}")
        for bar in function["bars"]:
            yield f"{pd['label']} has BAR {bar['index']} of {function['name']} ({function['bdf']}), {bar['size']:#x} bytes"
        if "msi" in function:
            yield f"{who} raises up to {function['msi']['vectors']} MSIs at {pd['label']}"
        elif doorbell(report, function):
            yield f"{who} raises MSIs of {doorbell(report, function)['name']}, with which it is one requester"
        yield f"{who} is {function['vendor']:04x}:{function['device']:04x}, class {function['class']:06x}"


def pd_reach(report):
    for pd in report["pds"]:
        yield f"PD {pd['label']} runs on {', '.join(pd['cpus'])}"
        for region in pd["regions"]:
            shared = sorted(f"{other['region']} of {label_of_node(report, other['pd'])}" for other in region["shared"])
            yield (f"PD {pd['label']} {region['rights']} {region['name']} at {hexa(region['base'])}-"
                   f"{hexa(last(region['base'], region['size']))}"
                   + (f", shared with {', '.join(shared)}" if shared else ""))
        for device in pd["devices"]:
            registers = ", ".join(f"{hexa(r['base'])}-{hexa(last(r['base'], r['size']))}" for r in device["registers"])
            yield f"PD {pd['label']} has {device['node']}: {registers or 'no registers'}"
            for intid in device["interrupts"]:
                yield f"PD {pd['label']} takes interrupt {intid} of {device['node']}"
        yield f"PD {pd['label']} on a DMA fault: {pd['on-dma-fault']}; on a crash: {pd['on-crash']}"
        yield f"PD {pd['label']} restarts: {restart_text(pd)}"


def reach(report):
    return [*pd_reach(report), *function_reach(report)]


def difference(old, new):
    before, after = reach(old), reach(new)
    for line in before:
        if line not in after:
            yield f"- {line}"
    for line in after:
        if line not in before:
            yield f"+ {line}"
