# SPDX-License-Identifier: Apache-2.0
"""Every other constant that the hypervisor decides by: against the board, the declaration and what was rebuilt."""
from .declaration import REDISTRIBUTORS
from .functions import rights_code
from .its import LPI_FIRST
from .ranges import PAGE

POLICIES = {"report": 0, "quarantine": 1, "stop": 2, "restart": 3}      # as the constants number them
REQUESTER_BITS_MIN = 8          # one bus


def bits_for(end):
    return max(end - 1, 0).bit_length()


def check_board(subject):
    table, board, slots = subject.table, subject.board, subject.slots
    constants = slots.tables.start, subject.rebuilt.elf.sections[".tables.iommu"].end
    found = {"model": table.string("board"), "console": table.console, "console's interrupt": table.console_intid,
             "timer of PDs": table.timer_intid, "timer of the hypervisor": table.hyp_timer_intid,
             "distributor": table.irqchip.distributor, "redistributors": table.irqchip.redistributors,
             "redistributors' size": table.irqchip.redistributors_size,
             "maintenance interrupt": table.irqchip.maintenance_intid, "IOMMU": table.iommu.base,
             "IOMMU's event interrupt": table.iommu.event_intid, "IOMMU's error interrupt": table.iommu.error_intid,
             "configuration space": table.pci.ecam, "first bus": table.pci.bus_first, "last bus": table.pci.bus_last,
             "bits of stream": table.iommu.id_bits,
             "RAM": [(ram.base, ram.size) for ram in table.array("ram", table.ram_count)],
             "translation tables": (table.constants.base, table.constants.base + table.constants.size),
             "digested constants": (table.integrity.base, table.integrity.base + table.integrity.size)}
    needed = {"model": board.model, "console": board.console.base, "console's interrupt": board.console_intid,
              "timer of PDs": board.timer_intid, "timer of the hypervisor": board.hyp_timer_intid,
              "distributor": board.gicd.base, "redistributors": board.gicr.base,
              "redistributors' size": board.gicr.size, "maintenance interrupt": board.maintenance_intid,
              "IOMMU": board.iommu.base, "IOMMU's event interrupt": board.event_intid,
              "IOMMU's error interrupt": board.error_intid, "configuration space": board.ecam.base,
              "first bus": board.bus_first, "last bus": board.bus_last,
              "bits of stream": max(bits_for(board.stream_base + board.requesters), REQUESTER_BITS_MIN),
              "RAM": [tuple(ram) for ram in board.ram], "translation tables": constants,
              "digested constants": (slots.rodata.start, constants[1])}
    subject.differences.fields("constants of the board", found, needed)


def check_sizes(subject):
    """Address sizes hold all that is mapped, the same in each register and entry."""
    table, rebuilt, differences = subject.table, subject.rebuilt, subject.differences
    spans = [span for walk in rebuilt.all_walks() for span in walk.spans()]
    output = max((span.out + span.end - span.start for span in spans), default=0)
    sizes = {0: 32, 1: 36, 2: 40, 3: 42, 4: 44, 5: 48}
    code = min((code for code, bits in sizes.items() if bits >= table.pa_bits), default=None)
    differences.equal("TCR_EL2.PS", rebuilt.regime.output_code, code)
    differences.equal("IOMMU's bits of output", table.iommu.pa_bits, table.pa_bits)
    if not bits_for(output) <= table.pa_bits <= 48:
        differences.add("bits of host address", table.pa_bits, f"at least {bits_for(output)}, at most 48")
    for number, stream in rebuilt.streams.items():
        differences.equal(f"stream {number:#x}, bits of output", stream.output_size, sizes.get(code))
    ends = [region.base + region.size for declared, _ in subject.pds for region in declared.regions]
    ends += [span.end for walk in rebuilt.pds if walk for span in walk.spans()]
    ends += [declared.ecam + (1 << 20) for declared, _ in subject.pds]
    ends += [declared.watchdog + 2 * PAGE for declared, _ in subject.pds if declared.watchdog is not None]
    if not bits_for(max(ends, default=0)) <= table.ipa_bits <= 48:
        differences.add("bits of PD address", table.ipa_bits, f"at least {bits_for(max(ends))}, at most 48")


def check_cpus(subject):
    """Which CPU is whose, and what the interrupt controller calls it."""
    declaration, differences = subject.declaration, subject.differences
    owners = {declaration.housekeeping.path: (0, 0)}
    for declared, built in subject.pds:
        for vcpu, node in enumerate(declared.cpus):
            owners[node.path] = (subject.pd_index(built) + 1, vcpu)
    used = [node for node in subject.board.cpus if node.path in owners]
    differences.equal("CPUs", [cpu.string("name") for cpu in subject.cpus], [node.full_name for node in used])
    for cpu in subject.cpus:
        node = next((node for node in used if node.full_name == cpu.string("name")), None)
        if node is None:
            continue
        pd, vcpu = owners[node.path]
        differences.fields(f"constants of {node.full_name}",
                           {"affinity": cpu.hw_id, "PD": cpu.pd, "vCPU": cpu.vcpu, "redistributor": cpu.its_target},
                           {"affinity": node.number("reg"), "PD": pd, "vCPU": vcpu,
                            "redistributor": subject.board.cpus.index(node)})
    found = subject.table.housekeeping
    name = subject.cpus[found - 1].string("name") if 0 < found <= len(subject.cpus) else found
    differences.equal("housekeeping CPU", name, declaration.housekeeping.full_name)


def check_null_entries(subject):
    """What an index that nobody set leads to has nothing."""
    table, places = subject.table, subject.rebuilt.places
    allowed = {"table.pds[0].label", "table.pds[0].state"}
    for name, count in (("cpus", table.cpu_count), ("pds", table.pd_count), ("functions", table.function_count)):
        read_all(table.array(name, count)[0])
        first = f"table.{name}[0]."
        for path, (address, size) in list(places.items()):
            if path.startswith(first) and path not in allowed and "(text)" not in path:
                subject.differences.equal(path, subject.rebuilt.memory.integer(address, size), 0)
    subject.differences.equal("label of the hypervisor", table.array("pds", table.pd_count)[0].string("label"), "mullion")


def read_all(value):
    for name in value.names():
        member = getattr(value, name)
        if hasattr(member, "names"):
            read_all(member)


def check_pd_constants(subject, declared, built):
    index = subject.pd_index(built)
    functions = [i for i, function in enumerate(subject.table_functions, 1) if function.pd == index + 1]
    cpus = [subject.cpus[i - 1].string("name") if 0 < i <= len(subject.cpus) else i
            for i in built.array("cpus", built.cpu_count)]
    found = {"CPUs": cpus, "has a console": built.has_console, "console": built.console,
             "distributor": built.distributor, "redistributors": built.redistributors,
             "configuration space": built.ecam, "on-dma-fault": built.on_dma_fault, "on-crash": built.on_crash,
             "functions": (built.first_function, built.function_count), "entry": built.entry, "argument": built.argument,
             "has a watchdog": built.has_watchdog, "watchdog": built.watchdog}
    needed = {"CPUs": [node.full_name for node in declared.cpus], "has a console": declared.console is not None,
              "console": declared.console or 0, "distributor": declared.irqchip,
              "redistributors": declared.irqchip + REDISTRIBUTORS, "configuration space": declared.ecam,
              "on-dma-fault": POLICIES.get(declared.on_dma_fault), "on-crash": POLICIES.get(declared.on_crash),
              "functions": (functions[0] if functions else 0, len(declared.functions)), "entry": declared.images[0].load,
              "argument": next((image.load for image in declared.images if image.name.endswith(".dtb")), 0),
              "has a watchdog": declared.watchdog is not None, "watchdog": declared.watchdog or 0}
    if functions != list(range(functions[0], functions[0] + len(functions))) if functions else False:
        subject.differences.add(f"functions of {declared.label}", functions, "one after the other")
    subject.differences.fields(f"constants of {declared.label}", found, needed)
    regions = [(region.string("name"), region.ipa, region.pa, region.size, region.access, region.dma,
                region.shared)
               for region in built.array("regions", built.region_count)]
    wanted = [(region.name, region.base, subject.region_host(region), region.size, rights_code(region.access),
               rights_code(region.dma), int(bool(region.shared_with))) for region in declared.regions]
    for one, other in zip(regions, wanted):
        subject.differences.equal(f"region {other[0]} of {declared.label}, name, PD address, host address, size, "
                                  "access, dma, shared", words(one), words(other))
    subject.differences.equal(f"regions of {declared.label}", len(regions), len(wanted))


def words(values):
    return ", ".join(hex(value) if isinstance(value, int) else str(value) for value in values)


def check_unused_table_memory(subject):
    """Each word of the tables' section is reached by a walk, or is zero: no table waits for a root."""
    if subject.rebuilt.boot is None:    # its root is zeroed at the seal, and the tables below it are left
        return
    rebuilt, section, irqchip = subject.rebuilt, subject.slots.tables, subject.table.irqchip
    known, ranges = rebuilt.tables | subject.frames, []
    if irqchip.its_commands_size:
        ranges = [(irqchip.its_commands, irqchip.its_commands + irqchip.its_commands_size),
                  (irqchip.lpi_config, irqchip.lpi_config + (1 << irqchip.lpi_id_bits) - LPI_FIRST)]
    for page in range(section.start, section.end, PAGE):
        if page in known or any(start < page + PAGE and page < end for start, end in ranges):
            continue
        if rebuilt.memory.has(page, PAGE) and any(rebuilt.memory.read(page, PAGE)):
            subject.differences.add(f"tables, page at {page:#x}", "words that no root leads to", "zeros")
    end = irqchip.its_commands + irqchip.its_commands_size
    if irqchip.its_commands_size and any(rebuilt.memory.read(end, -end % PAGE)):
        subject.differences.add(f"ITS commands, behind the last at {end:#x}", "words", "zeros")


def check_scalars(subject):
    check_board(subject)
    check_sizes(subject)
    check_cpus(subject)
    check_null_entries(subject)
    for declared, built in subject.pds:
        check_pd_constants(subject, declared, built)
    check_unused_table_memory(subject)
