# SPDX-License-Identifier: Apache-2.0
"""Interrupts: DeviceID and EventID -> LPI -> a PD's SPI and CPU, and the wires that a PD owns."""
from .board import FIRST_SPI
from .its import LPI_FIRST, check_configuration, check_frame, check_memory, check_shared_lpis
from .pds import msi_frame
from .ranges import Part

PENDING_ALIGN = 1 << 16         # LPI pending tables, and the granule of the ITS's own (IHI 0069, 5.2, 6.1.2)
INTIDS_A_REGISTER = 32
EDGE, LEVEL, MSI, VIRTUAL = range(4)    # kinds of SPI, as the constants number them
HIGHEST_INTID = 288             # of a PD, and one (docs/table.md)


class Pool:
    """A PD's MSIs: which of its SPIs."""

    def __init__(self, subject, declared, built):
        self.intids = [spi.intid for spi in built.array("spis", built.spi_count) if spi.kind == MSI]
        self.base, self.count = (self.intids or [0])[0], declared.vectors
        self.owner = subject.pd_index(built) + 1


def needed_spis(subject, declared, built, pool):
    """(INTID, kind) of all that the PD has."""
    needed = [(intid, EDGE if edge else LEVEL) for device in declared.devices for intid, edge in device.interrupts]
    if declared.console is not None:
        needed.append((subject.board.console_intid, VIRTUAL))
    if declared.watchdog is not None:
        needed.append((watchdog_intid(declared, built), VIRTUAL))
    return sorted(needed + [(pool.base + i, MSI) for i in range(declared.vectors)])


def watchdog_intid(declared, built):
    """The compiler chooses it: by its place among the SPIs, of which it must then be one of its own. None without."""
    if declared.watchdog is None:
        return None
    spis = built.array("spis", built.spi_count)
    return spis[built.watchdog_spi].intid if built.watchdog_spi < len(spis) else 0


def check_spis(subject, declared, built, pool):
    name = f"interrupts of {declared.label}"
    needed = needed_spis(subject, declared, built, pool)
    found = [(spi.intid, spi.kind) for spi in built.array("spis", built.spi_count)]
    if found != needed:
        subject.differences.add(f"{name}, (INTID, kind)", found, needed)
    intids = [intid for intid, _ in needed]
    if len(set(intids)) != len(intids) or intids and not FIRST_SPI <= intids[0] <= intids[-1] < HIGHEST_INTID:
        subject.differences.add(name, intids, f"each once, from {FIRST_SPI} to {HIGHEST_INTID - 1}")
        return
    # The number of a vector is the low bits of an MSI's data (PCI 3.0, 6.8.1.6).
    step = max([function.msi[1] for function in declared.functions if function.msi], default=1)
    subject.differences.equal(f"{name}, first MSI in steps of {step}", pool.base % step, 0)
    highest = max([FIRST_SPI - 1, *intids]) + 1
    end = -(-highest // INTIDS_A_REGISTER) * INTIDS_A_REGISTER
    subject.differences.equal(f"{name}, end of what it sees", built.intid_end, end)
    if declared.console is None:
        subject.differences.equal(f"{name}, place of a console that it has not", built.console_spi, 0)
    if declared.watchdog is None:
        subject.differences.equal(f"{name}, place of a watchdog that it has not", built.watchdog_spi, 0)
    if not found:
        return
    by_intid = built.array("spi_of_intid", end - FIRST_SPI)
    wanted = [intids.index(intid) + 1 if intid in intids else 0 for intid in range(FIRST_SPI, end)]
    for intid, (one, other) in enumerate(zip(by_intid, wanted), FIRST_SPI):
        subject.differences.equal(f"{name}, place of INTID {intid}", one, other)
    if declared.console is not None:
        subject.differences.equal(f"{name}, console's place", built.console_spi,
                                  intids.index(subject.board.console_intid))


def check_wires(subject):
    """A wire has one owner."""
    board = subject.board
    owners = {board.console_intid: "the console", board.event_intid: "the IOMMU's events",
              board.error_intid: "the IOMMU's errors"}
    highest = max(owners)
    for declared, _ in subject.pds:
        for device in declared.devices:
            for intid, _ in device.interrupts:
                if intid in owners:
                    subject.differences.add(f"INTID {intid}", f"{device.name} of {declared.label} and {owners[intid]}",
                                            "one owner")
                owners[intid] = f"{device.name} of {declared.label}"
                highest = max(highest, intid)
    subject.differences.equal("end of interrupts by wire", subject.table.irqchip.intid_end, highest + 1)


def device_id(subject, built):
    return subject.board.device_base + built.stream - subject.board.stream_base


def check_event(subject, name, event, owner, intid):
    """An event is this INTID of `owner`, the number of a PD, at that PD's first CPU."""
    differences, lpis, pd = subject.differences, subject.table.array("lpis", subject.table.lpi_count), \
        subject.table_pds[owner - 1]
    if event is None:
        differences.add(name, "no LPI", "one")
        return
    target = subject.cpus[pd.array("cpus", 1)[0] - 1].its_target
    differences.equal(f"{name}, redistributor", subject.rebuilt.its.collections.get(event.collection), target)
    number, spis = event.intid - LPI_FIRST, [spi.intid for spi in pd.array("spis", pd.spi_count)]
    if not 0 <= number < len(lpis):
        differences.add(f"{name}, LPI", event.intid, f"one of {LPI_FIRST} to {LPI_FIRST + len(lpis) - 1}")
        return
    spi = lpis[number].spi
    found = lpis[number].pd, spis[spi] if spi < len(spis) else f"no SPI {spi}"
    if found != (owner, intid):
        differences.add(f"{name}, LPI {event.intid} means", f"INTID {found[1]} of PD {found[0]}",
                        f"INTID {intid} of PD {owner}")


def check_events(subject, pools):
    """Each function with MSIs has an EventID for each SPI of its PD's pool, to an LPI that means that SPI of that PD."""
    its, differences, needed = subject.rebuilt.its, subject.differences, set()
    for declared, built in subject.functions:
        if not declared.vectors:
            continue
        device, pool = device_id(subject, built), pools[declared.pd]
        name = f"{declared.name} of {declared.pd} (DeviceID {device:#x})"
        if device not in its.devices:
            differences.add(f"MSIs of {name}", "no MAPD", "one")
        for intid in range(pool.base, pool.base + pool.count):
            needed.add((device, intid))
            check_event(subject, f"MSI {intid} of {name}", its.events.get((device, intid)), pool.owner, intid)
    for device, intid in sorted(set(its.events) - needed):
        differences.add(f"EventID {intid} of DeviceID {device:#x}", f"LPI {its.events[device, intid].intid}", "none")
    for device in sorted(set(its.devices) - {device for device, _ in needed}):
        differences.add(f"DeviceID {device:#x}", "mapped", "not: no function with MSIs has it")
    mapped = {event.intid - LPI_FIRST for event in its.events.values()}
    for number, lpi in enumerate(subject.table.array("lpis", subject.table.lpi_count)):
        if number not in mapped and lpi.pd:
            differences.add(f"LPI {number + LPI_FIRST}", f"of PD {lpi.pd}, but no event raises it", "nobody's")


def its_parts(subject):
    """Everything that the ITS and the redistributors write by themselves."""
    irqchip, its = subject.table.irqchip, subject.rebuilt.its
    parts = its.itt_parts(irqchip.its_entry_size)
    for name, base, size in (("ITS device table", irqchip.its_devices, irqchip.its_devices_size),
                             ("ITS collection table", irqchip.its_collections, irqchip.its_collections_size)):
        parts.append(Part(base, base + size, name))
    size = max(1 << irqchip.lpi_id_bits >> 3, PENDING_ALIGN)
    return parts + [Part(cpu.lpi_pending, cpu.lpi_pending + size, f"LPI pending table of {cpu.string('name')}")
                    for cpu in subject.cpus if cpu.lpi_pending]


def check_its_memory(subject):
    irqchip, its, differences = subject.table.irqchip, subject.rebuilt.its, subject.differences
    if subject.slots.its is None:
        differences.add("ITS memory", "none", "some")
        return
    takes = {built.array("cpus", 1)[0] - 1 for declared, built in subject.pds if declared.vectors}
    for idx, cpu in enumerate(subject.cpus):
        differences.equal(f"LPI pending table of {cpu.string('name')}, there", bool(cpu.lpi_pending), idx in takes)
    check_memory(its_parts(subject), subject.slots.its, differences)
    for part in its_parts(subject):
        size = part.end - part.start    # of an ITT a power of two; of the others one of pages of 64 KiB
        align = size if part.owner.startswith("ITT") else PENDING_ALIGN
        if part.start % align or size % min(align, PENDING_ALIGN):
            differences.add(part.owner, f"{part.start:#x}, {size:#x} bytes", f"a multiple of {align:#x}")
    for device, (_, bits) in its.devices.items():
        differences.equal(f"ITS, EventID bits of DeviceID {device:#x}", bits, irqchip.its_event_bits)
        if device >> irqchip.its_device_bits:
            differences.add(f"ITS, DeviceID {device:#x}", "mapped", f"a number of {irqchip.its_device_bits} bits")
    check_room(subject)


def check_room(subject):
    """As many bits and bytes as are used; more would only take memory, less would drop interrupts."""
    irqchip, its, differences = subject.table.irqchip, subject.rebuilt.its, subject.differences
    devices, events = max(its.devices, default=0), max((event for _, event in its.events), default=0)
    for collection in its.collections:
        if not collection <= len(subject.cpus):
            differences.add(f"ITS, collection {collection:#x}", "mapped", f"0 to {len(subject.cpus)}")
    differences.equal("ITS, bits of DeviceID", irqchip.its_device_bits, max(devices.bit_length(), 1))
    differences.equal("ITS, bits of EventID", irqchip.its_event_bits, max(events.bit_length(), 1))
    differences.equal("LPIs, number", subject.table.lpi_count, len(its.events))
    for name, size, count in (("device", irqchip.its_devices_size, 1 << irqchip.its_device_bits),
                              ("collection", irqchip.its_collections_size, len(subject.cpus) + 1)):
        if size < 8 * count:            # entries of up to 8 bytes; boot compares with GITS_BASER
            differences.add(f"ITS {name} table", f"{size:#x} bytes", f"room for {count} entries")
    if irqchip.its_entry_size < 12:
        differences.add("ITS translation entries", f"{irqchip.its_entry_size} bytes", "12 or more")


def check_msis(subject, pools):
    table, board, rebuilt, differences = subject.table, subject.board, subject.rebuilt, subject.differences
    if rebuilt.its is None:
        differences.add("ITS commands", "none", "those of the declared MSIs")
        return
    check_shared_lpis(rebuilt.its, differences)
    check_events(subject, pools)
    check_its_memory(subject)
    check_configuration(rebuilt.memory, rebuilt.anchors.lpi_config, rebuilt.anchors.lpi_id_bits,
                        {event.intid for event in rebuilt.its.events.values()}, differences)
    for declared, built in subject.pds:
        page = msi_frame(subject, declared, built) if declared.vectors else None
        if page is None:
            continue
        if not rebuilt.memory.has(page, 1 << 12) or not subject.slots.tables.start <= page < subject.slots.tables.end:
            differences.add(f"MSI frame of {declared.label}", f"host {page:#x}", "a constant page")
            continue
        check_frame(rebuilt.memory, page, f"MSI frame of {declared.label}", pools[declared.label].base,
                    declared.vectors, differences)
    differences.fields("ITS", {"registers": table.irqchip.its, "doorbell": table.irqchip.doorbell},
                       {"registers": board.its.base, "doorbell": board.doorbell})


def check_interrupts(subject):
    pools = {}
    for declared, built in subject.pds:
        pools[declared.label] = Pool(subject, declared, built)
        check_spis(subject, declared, built, pools[declared.label])
    check_wires(subject)
    if any(pd.vectors for pd in subject.declaration.pds):
        check_msis(subject, pools)
    elif subject.rebuilt.its or subject.table.lpi_count or subject.table.irqchip.its_memory.size:
        subject.differences.add("ITS", "commands, LPIs or memory", "none: no function has MSIs")
