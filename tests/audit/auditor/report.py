# SPDX-License-Identifier: Apache-2.0
"""What was found, for audit.json: the same from an image and from the machine that runs it."""
from .hypervisor import writes
from .interrupts import device_id
from .its import LPI_FIRST


def span_entry(span):
    return {"from": f"{span.start:#x}", "to": f"{span.end - 1:#x}", "host": f"{span.out:#x}", "rights": span.what[0],
            "memory": " ".join(span.what[1:])}


def view(subject):
    rebuilt = subject.rebuilt
    functions, interrupts = {}, []
    for declared, built in subject.functions:
        stream = rebuilt.streams[built.stream]
        functions[built.string("name")] = {
            "pd": declared.pd, "node": declared.name, "stream": f"{built.stream:#x}",
            "reaches": [span_entry(span) for span in stream.walk.spans()]}
        if declared.vectors:
            interrupts += interrupt_entries(subject, declared, built)
    pds = {declared.label: [span_entry(span) for span in rebuilt.pds[subject.pd_index(built)].spans()]
           for declared, built in subject.pds}
    maps = {walk.name: {"writes": [span_entry(span) for span in writes(walk)]}
            for walk in (rebuilt.boot, *rebuilt.hypervisor_maps()) if walk}
    return {"functions": functions, "interrupts": interrupts, "pds": pds, "maps": maps}


def interrupt_entries(subject, declared, built):
    its, table = subject.rebuilt.its, subject.table
    lpis, device = table.array("lpis", table.lpi_count), device_id(subject, built)
    entries = []
    for (number, event), (intid, collection) in sorted(its.events.items()):
        if number != device:
            continue
        lpi = lpis[intid - LPI_FIRST]
        spis = subject.table_pds[lpi.pd - 1].array("spis", lpi.spi + 1)
        entries.append({"function": built.string("name"), "device": f"{device:#x}", "event": event, "lpi": intid,
                        "redistributor": its.collections[collection], "pd": declared.pd, "spi": spis[lpi.spi].intid})
    return entries
