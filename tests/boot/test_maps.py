# SPDX-License-Identifier: Apache-2.0
"""
The hypervisor's own maps after the seal, read from the live machine's memory:
every leaf of every CPU's run map and of the event map is on this list, with
these rights, and no two maps disagree about what a page is.
"""
import pytest
from appliance import PAGE
from machine import Machine

VALID, TABLE, READ_ONLY, XN, ADDRESS = 1, 2, 1 << 7, 1 << 54, 0xFFFFFFFFF000
ATTRIBUTES = 0x7 << 2 | 0x3 << 8        # memory type and shareability
# By table, for each CPU that it uses: its PD's number (0 runs none) and the devices of that PD's functions on bus 0.
CPUS = {
    "bounded": [(1, [1])],
    "appliance": [(0, []), (1, [1]), (2, [2]), (2, [2]), (3, [3])],
}
HOUSEKEEPING, PLC = 0, 1
EVERY_CPU = [(table, cpu) for table, cpus in CPUS.items() for cpu in range(len(cpus))]


def leaves(machine, root):
    """Rights and memory type by page of everything that the map at `root` has."""
    found = {}

    def walk(table, level, base):
        words = machine.dump(table, PAGE)
        for idx in range(512):
            word = int.from_bytes(words[8 * idx:8 * idx + 8], "little")
            address = base + (idx << (39 - 9 * level))
            if not word & VALID:
                continue
            if level < 3 and word & TABLE:
                walk(word & ADDRESS, level + 1, address)
                continue
            assert word & ADDRESS == address, "identity"
            what = "r" + ("-" if word & READ_ONLY else "w") + ("-" if word & XN else "x"), word & ATTRIBUTES
            found.update(dict.fromkeys(range(address, address + (1 << (39 - 9 * level)), PAGE), what))
    walk(root, 1, 0)
    return found


def rights(found):
    return {page: what for page, (what, _) in found.items()}


def pages(*ranges):
    return {base + page for base, size in ranges for page in range(0, size, PAGE)}


def slot(appliance, name):
    return appliance.host_memory(f"hypervisor, {name}")


def own_stack(appliance, cpu, count):
    """The upper half of the CPU's block; the lower half is the guard."""
    base, size = slot(appliance, "stacks")
    return base + (2 * cpu + 1) * size // (2 * count), size // (2 * count)


def config_pages(appliance, devices):
    return [(appliance.config_page(0, device), PAGE) for device in devices]


def allowed(appliance, cpus, cpu, event=False):
    pd, devices = cpus[cpu]
    states, size = slot(appliance, "pd_state")
    ranges = [
        (slot(appliance, "text"), "r-x"), (slot(appliance, "rodata"), "r--"), (slot(appliance, "event_queue"), "r--"),
        (slot(appliance, "boot_root"), "rw-"), (slot(appliance, "shared"), "rw-"),
        ((slot(appliance, "percpu")[0] + cpu * PAGE, PAGE), "rw-"), (own_stack(appliance, cpu, len(cpus)), "rw-"),
    ]
    if cpu == HOUSEKEEPING:
        ranges += [((states, size), "r--"), (appliance.console(), "rw-"),
                   (appliance.reg("arm,smmu-v3"), "rw-" if event else "r--")]
    ranges += [((states + pd * PAGE, PAGE), "rw-")]
    ranges += [(place, "rw-") for place in config_pages(appliance, devices)]
    return {page: what for place, what in ranges for page in pages(place)}


@pytest.fixture(scope="module")
def all_sealed(bounded, appliance, tmp_path_factory):
    """Of each table, a machine whose every CPU is sealed and runs no PD yet."""
    tables = {"bounded": bounded, "appliance": appliance}
    with Machine(bounded, tmp_path_factory.mktemp("maps"), boot="kernel") as one:
        with Machine(appliance, tmp_path_factory.mktemp("maps"), boot="kernel") as other:
            machines = {"bounded": one, "appliance": other}
            for machine in machines.values():
                machine.run_to("cpus_release")
            yield {name: (machines[name], tables[name], CPUS[name]) for name in tables}


@pytest.mark.parametrize("name, cpu", EVERY_CPU)
def test_run_map_has_nothing_else(all_sealed, name, cpu):
    machine, table, cpus = all_sealed[name]
    assert rights(leaves(machine, table.symbol(f"run_root_{cpu + 1}"))) == allowed(table, cpus, cpu)


@pytest.mark.parametrize("name", CPUS)
def test_event_map_has_nothing_else(all_sealed, name):
    machine, table, cpus = all_sealed[name]
    assert rights(leaves(machine, table.symbol(f"event_root_{HOUSEKEEPING + 1}"))) == \
        allowed(table, cpus, HOUSEKEEPING, event=True)


@pytest.mark.parametrize("cpu", range(PLC, len(CPUS["appliance"])))
def test_cpu_of_a_pd_has_its_configuration_pages_only(all_sealed, cpu):
    """No console, no SMMU, no interrupt controller, no memory of a PD: nothing but this outside of the hypervisor."""
    machine, table, cpus = all_sealed["appliance"]
    base, size = table.reg("mullion,hypervisor")
    outside = {page for page in leaves(machine, table.symbol(f"run_root_{cpu + 1}")) if not base <= page < base + size}
    assert outside == pages(*config_pages(table, cpus[cpu][1]))


@pytest.mark.parametrize("name, cpu", EVERY_CPU)
def test_run_map_of_every_cpu_is_in_force(all_sealed, name, cpu):
    machine, table, _ = all_sealed[name]
    machine.gdb.select_cpu(cpu)
    assert machine.gdb.register("TTBR0_EL2") == table.symbol(f"run_root_{cpu + 1}")


@pytest.mark.parametrize("name", CPUS)
def test_maps_agree(bounded, appliance, tmp_path, name):
    """Boot, run and event maps are all identity maps, with one memory type for a page: device, except in RAM."""
    table = {"bounded": bounded, "appliance": appliance}[name]
    roots = ["boot_root", "event_root_1"] + [f"run_root_{cpu + 1}" for cpu in range(len(CPUS[name]))]
    base, size = table.ram()
    with Machine(table, tmp_path, boot="kernel") as machine:
        machine.run_to("cpus_seal")
        types = {True: set(), False: set()}
        for root in roots:
            for page, (_, attributes) in leaves(machine, table.symbol(root)).items():
                types[base <= page < base + size].add(attributes)
    assert len(types[True]) == len(types[False]) == 1 and types[True] != types[False]


def leaf_of(machine, root, address):
    """Address and content of the last-level entry that maps `address`."""
    table = root
    for level in (1, 2, 3):
        entry = table + 8 * (address >> (39 - 9 * level) & 511)
        word = machine.dump_int(entry, 8)
        table = word & ADDRESS
    return entry, word


@pytest.mark.parametrize("bit", [READ_ONLY, XN, 1 << 12])
def test_another_leaf_is_seen(appliance, tmp_path, bit):
    """These tests can fail: constants writable or executable, or a page that is not itself."""
    with Machine(appliance, tmp_path, boot="kernel") as machine:
        machine.run_to("cpus_release")
        root = appliance.symbol(f"run_root_{PLC + 1}")
        entry, word = leaf_of(machine, root, slot(appliance, "rodata")[0])
        machine.gdb.write_int(entry, word ^ bit, 8)
        try:
            found = rights(leaves(machine, root))
        except AssertionError:
            assert bit == 1 << 12
        else:
            assert bit != 1 << 12 and found != allowed(appliance, CPUS["appliance"], PLC)


@pytest.fixture
def sealed(bounded, tmp_path):
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("pd_run")
        yield machine


def test_run_map_is_in_force(sealed, bounded):
    """After the seal, and again after each event was retired."""
    assert sealed.gdb.register("TTBR0_EL2") == bounded.symbol("run_root_1")
    sealed.run_to("iommu_events_retire")
    sealed.run_to_address(sealed.gdb.register("x30"))
    assert sealed.gdb.register("TTBR0_EL2") == bounded.symbol("run_root_1")
    sealed.run_to("arch_system_off")
    assert sealed.gdb.register("TTBR0_EL2") == bounded.symbol("run_root_1")


def test_writable_data_decides_nothing(sealed, bounded):
    """
    Every word of the CPU's page and of the shared page becomes the address of
    what the PD's registers are saved as: nothing that decides which map is
    loaded may be among them.
    """
    stacks, size = bounded.host_memory("hypervisor, stacks")
    forged = (stacks + size - 256).to_bytes(8, "little")
    percpu, shared = (bounded.host_memory(f"hypervisor, {slot}")[0] for slot in ("percpu", "shared"))
    sealed.run_to("iommu_events_retire")
    sealed.gdb.write(percpu, forged * (PAGE // 2 // 8))     # its upper half is a stack
    sealed.gdb.write(shared, forged * (PAGE // 8))
    sealed.run_to_address(sealed.gdb.register("x30"))
    assert sealed.gdb.register("TTBR0_EL2") == bounded.symbol("run_root_1")
