# SPDX-License-Identifier: Apache-2.0
"""The rogue of the default appliance: one run of all its attacks, and what the host says of it (rogue.py)."""
import edu
import judge
import pytest
import rogue
from appliance import Appliance
from audited import Audit
from conftest import BUILD


@pytest.fixture(scope="session")
def appliance():
    return Appliance(BUILD / "rogue", "tests/boot/rogue/table.dts", config="qemu-virt-arm64_appliance_defconfig")


@pytest.fixture(scope="session")
def run(appliance, tmp_path_factory):
    audit = Audit(appliance)
    with rogue.start(appliance, tmp_path_factory.mktemp("rogue")) as machine:
        machine.run_to("cpus_release")
        audits = [audit.machine(machine)]
        run = rogue.Run(machine)
        run.to_rogue_end(timeout=120)
        run.needed, run.audits = audit.needed, [*audits, audit.machine(machine)]
        run.to_power_off()
        yield run


@pytest.mark.parametrize("name", rogue.VERDICTS)
def test_rogue(run, name):
    assert rogue.VERDICTS[name](run) == []


def test_every_event_of_others_is_forged(run):
    """The verdicts about interrupts judge what was tried, so it must have been."""
    assert rogue.unforged(run) == []


@pytest.mark.parametrize("when", ["sealed", "after the attacks"])
def test_machine_is_its_image(run, when):
    """What each function, PD and map reaches, from the machine's registers and memory, is what the image says."""
    found, differences = run.audits[0 if when == "sealed" else 1]
    assert differences == []
    assert found == run.needed


def test_denials_are_reported_as_qemu_recorded_them(run):
    assert rogue.reports(run) == []


def test_others_go_on(run):
    assert rogue.others(run) == []


def test_denials_before_the_flood_are_complete(few):
    """Nothing is lost where the queue is not full."""
    with few({rogue.ROGUE: {"attacks": rogue.attack_bits("dma-plc-code", "dma-read-write-only")}}) as run:
        run.to_power_off()
        assert "iommu reports errors" not in run.machine.console()
        assert judge.events(run.trace()) and rogue.reports(run) == []


def test_plc_moves_data_during_the_flood(run):
    assert rogue.flood_grants(run) > 20


class Few:
    """A run of few attacks, sabotaged before the PDs start."""

    def __init__(self, machine, words, sabotage, place):
        self.machine = machine
        if place:
            machine.run_to(place)
            sabotage(machine)
        machine.run_to("cpus_release")
        if sabotage and not place:
            sabotage(machine)
        numbers = {rogue.PLC: {"rounds": OTHERS_ROUNDS}, rogue.GATEWAY: {"rounds": OTHERS_ROUNDS},
                   rogue.ROGUE: {"calls": 100, "registers": 100, "events": 64, **words.pop(rogue.ROGUE)}}
        self.run = rogue.Run(machine, numbers | words)

    def __enter__(self):
        self.machine.__enter__()
        try:
            self.run.to_rogue_end(timeout=20)
        except TimeoutError:
            self.run.stop()
        return self.run

    def __exit__(self, *reason):
        self.machine.__exit__(*reason)


OTHERS_ROUNDS = 60


@pytest.fixture
def few(appliance, tmp_path):
    def make(words, sabotage=None, place=None):
        machine = rogue.start(appliance, tmp_path)
        try:
            return Few(machine, words, sabotage, place)
        except BaseException:
            machine.__exit__()
            raise
    return make


# Protections, each taken out: a change of the machine's memory before the PDs start.

def read_word(machine, address, size=8):
    return int.from_bytes(machine.gdb.read(address, size), "little")


def map_block(level, table, to, rights=3):
    """A block of the rogue's stage 2, at the PD address that is the index of `to` or is given."""
    def sabotage(machine):
        symbol, address = machine.appliance.symbol, to(machine)
        model = read_word(machine, symbol("pd_rogue_l2_80000000"))      # its code
        assert model & 3 == 1, "a block"
        size = 1 << (39 - 9 * level)
        attributes = model & ~rogue.ADDRESS & ~(rogue.S2_READ | rogue.S2_WRITE) | rights * rogue.S2_READ
        entry = symbol(table[0]) + 8 * ((table[1] or address) // size % 512)
        assert not read_word(machine, entry), "nothing was there"
        machine.gdb.write_int(entry, attributes | address & ~(size - 1), 8)
    return sabotage


def board(compatible):
    return lambda machine: machine.appliance.reg(compatible)[0]


def secret(machine):
    return rogue.read_pds(machine.appliance)[rogue.PLC].regions["secret"][2]


def window_leaf(region, change):
    def sabotage(machine):
        pd = rogue.read_pds(machine.appliance)[rogue.ROGUE]
        iova = pd.doorbell.iova if region == "doorbell" else pd.regions[region][0]
        table = read_word(machine, stream_entry(machine, rogue.ROGUE) + 24)     # S2TTB (IHI 0070, 5.2)
        for level in (1, 2, 3):
            entry = (table & rogue.ADDRESS) + 8 * (iova >> (39 - 9 * level) & 511)
            table = read_word(machine, entry)
        machine.gdb.write_int(entry, change(machine, read_word(machine, entry)), 8)
    return sabotage


def its_control(machine, leaf):
    return leaf & ~rogue.ADDRESS | machine.appliance.reg("arm,gic-v3-its")[0]


def stream_entry(machine, label):
    return machine.appliance.symbol("streams_0") + 64 * rogue.read_pds(machine.appliance)[label].stream


def stream_bypasses(machine):
    machine.gdb.write_int(stream_entry(machine, rogue.ROGUE), 1 | 4 << 1, 8)


def stream_is_plcs(machine):
    machine.gdb.write(stream_entry(machine, rogue.ROGUE), machine.gdb.read(stream_entry(machine, rogue.PLC), 64))


MAPTI, INVALL = 0x0A, 0x0D      # IHI 0069H, 5.3


def its_commands(machine):
    """Address and words of each."""
    base = machine.appliance.symbol("its_commands")
    for at in range(base, base + 64 * 32, 32):
        yield at, [read_word(machine, at + 8 * i) for i in range(4)]


def event_of_plc(machine):
    """The rogue's EventID 0 becomes plc's LPI; a command that the other needs not makes room."""
    plc, own = (rogue.read_pds(machine.appliance)[label] for label in (rogue.PLC, rogue.ROGUE))
    words = dict(its_commands(machine)).items()
    model = next(list(w) for _, w in words if w[0] == MAPTI | plc.stream << 32)
    place = [at for at, w in words if w[0] & 0xFF == INVALL][-1]
    model[0], model[1] = MAPTI | own.stream << 32, plc.lpis[0] << 32
    machine.gdb.write(place, b"".join(word.to_bytes(8, "little") for word in model))


def event_to_cpu_of_plc(machine):
    """The rogue's own LPI goes to plc's CPU."""
    plc, own = (rogue.read_pds(machine.appliance)[label] for label in (rogue.PLC, rogue.ROGUE))
    words = dict(its_commands(machine)).items()
    collection = next(w[2] for _, w in words if w[0] == MAPTI | plc.stream << 32)
    at = next(at for at, w in words if w[0] == MAPTI | own.stream << 32)
    machine.gdb.write_int(at + 16, collection, 8)


RET, ISB, MOV_W0_0 = 0xD65F03C0, 0xD5033FDF, 0x52800000
MSR_SGI1R_X0, MSR_HSTR_X0 = 0xD518CBA0, 0xD51C1160


def replace(function, *code):
    """The beginning of a function of the hypervisor."""
    def sabotage(machine):
        for i, word in enumerate(code):
            machine.gdb.write_int(machine.appliance.symbol(function) + 4 * i, word, 4)
    return sabotage


def no_bound_of_vcpus(machine):
    """The rogue has as many vCPUs as a PD can have."""
    size, offsets = rogue.struct_layout(machine.appliance, "table_pd")
    number = list(rogue.read_pds(machine.appliance)).index(rogue.ROGUE) + 1
    place = machine.appliance.symbol("pds") + number * size + offsets["cpu_count"]
    assert read_word(machine, place, 4) == 1
    machine.gdb.write_int(place, rogue.VCPUS_MAX, 4)


def writable_field(machine, offset, mask):
    """struct table_config_field: offset, then words read, value, write, clear, size. A size makes it a BAR."""
    field = machine.appliance.symbol("fields_3")
    while read_word(machine, field, 2) != offset:
        field += 24
    machine.gdb.write_int(field + 12, mask, 4)
    machine.gdb.write_int(field + 20, 0, 4)


def command_is_writable(machine):
    writable_field(machine, rogue.COMMAND, 0xFFFFFFFF)


def bar_is_writable(machine):
    """A BAR is no special case any more, and its address may be written."""
    writable_field(machine, rogue.BARS, 0xFFFFFFF0)


L2_LOW, L2_PD, L1 = ("pd_rogue_l2_0", 0), ("pd_rogue_l2_80000000", 0x84000000), "pd_rogue_l1_0"
SECRET = ("dma-own-memory", "cpu-plc-secret-pd")        # plc fills it while the first goes on
HYPERVISOR = map_block(1, (L1, 0), board("mullion,hypervisor"))
TAKEN_OUT = {
    "stage 2: plc's secret": (map_block(2, L2_PD, secret), SECRET, ["memory", "stage2"]),
    "stage 2: plc's secret, read-only": (map_block(2, L2_PD, secret, 1), ("cpu-plc-secret-pd",), ["stage2"]),
    "stage 2: hypervisor": (HYPERVISOR, ("cpu-hypervisor",), ["memory", "stage2"]),
    "stage 2: store": (HYPERVISOR, ("cpu-store",), ["memory", "stage2"]),
    "stage 2: interrupt controller": (map_block(2, L2_LOW, board("arm,gic-v3")), ("cpu-gicd",),
                                      ["registers", "sealed_interrupts", "stage2"]),
    "stage 2: SMMU": (map_block(2, L2_LOW, board("arm,smmu-v3")), ("cpu-iommu",),
                      ["registers", "sealed_iommu", "stage2"]),
    "stage 2: configuration space": (map_block(1, (L1, 0), board("pci-host-ecam-generic")), ("cpu-ecam-plc",),
                                     ["config_pages", "config_writes", "stage2"]),
    "window: read-only": (window_leaf("out", lambda _, leaf: leaf | rogue.S2_WRITE), ("dma-write-read-only",),
                          ["memory", "reach"]),
    "window: write-only": (window_leaf("in", lambda _, leaf: leaf | rogue.S2_READ), ("dma-read-write-only",),
                           ["reach"]),
    "window: doorbell": (window_leaf("doorbell", its_control), ("msi-forged-by-dma",), ["reach", "sealed_interrupts"]),
    "stream: bypass": (stream_bypasses, ("dma-plc-secret-host",), ["reach"]),
    "stream: plc's windows": (stream_is_plcs, ("dma-own-memory",), ["reach"]),
    "ITS: event of plc": (event_of_plc, ("msi-forged-by-device",), ["msis"], "irqchip_init_msis"),
    "ITS: CPU of plc": (event_to_cpu_of_plc, ("msi-forged-by-dma",), ["interrupts"], "irqchip_init_msis"),
    "SGIs": (replace("vgic_send_sgi", MSR_SGI1R_X0, ISB, RET), ("sgi-others",), ["sgis"]),
    "EL2 registers": (replace("vgic_send_sgi", MSR_HSTR_X0, RET), ("sgi-others",), ["el2"]),
    "PSCI": (no_bound_of_vcpus, ("psci-on-others",), ["power"]),
    "configuration space: command": (command_is_writable, ("config-sweep",), ["config_writes"]),
    "configuration space: BAR": (bar_is_writable, ("config-move-bar",), ["config_writes"]),
}


@pytest.mark.parametrize("name", TAKEN_OUT)
def test_taken_out_is_seen(few, name):
    """These tests can fail: without one protection, the verdict that stands for it turns."""
    sabotage, attacks, verdicts, *place = TAKEN_OUT[name]
    with few({rogue.ROGUE: {"attacks": rogue.attack_bits(*attacks)}}, sabotage, *place) as run:
        found = {verdict: rogue.VERDICTS[verdict](run) for verdict in rogue.VERDICTS}
        assert [verdict for verdict in verdicts if not found[verdict]] == [], found


def test_lost_reports_are_seen(few):
    words = {rogue.ROGUE: {"attacks": rogue.attack_bits("dma-plc-code")}}
    with few(words, replace("iommu_event_take", MOV_W0_0, RET)) as run:
        run.to_power_off()
        assert rogue.reports(run) != []


def test_disturbed_plc_is_seen(few):
    words = {rogue.ROGUE: {"attacks": rogue.attack_bits(*SECRET)}}
    with few(words, map_block(2, L2_PD, secret)) as run:
        run.to_power_off()
        assert any(line.startswith("plc") for line in rogue.others(run))


def test_nothing_taken_out(few):
    """The same with every protection in place."""
    attacks = rogue.attack_bits(*{attack for _, attacks, *_ in TAKEN_OUT.values() for attack in attacks})
    with few({rogue.ROGUE: {"attacks": attacks}}) as run:
        assert {name: verdict(run) for name, verdict in rogue.VERDICTS.items()} == dict.fromkeys(rogue.VERDICTS, [])


def refused_by_gateway(machine):
    """The host has gateway's device write where it may not. Its policy: the function loses bus mastering."""
    gateway = rogue.read_pds(machine.appliance)[rogue.GATEWAY]
    edu.arm_write(machine.gdb, gateway.bar, gateway.regions["code"][2])


def report_instead(machine):
    refused_by_gateway(machine)
    replace("pci_quarantine", MOV_W0_0, RET)(machine)


def is_master(run, label):
    page = run.appliance.config_page(0, run.pds[label].stream >> 3)
    return bool(run.machine.dump_int(page + rogue.COMMAND, 2) & rogue.MASTER)


@pytest.mark.parametrize("sabotage", [refused_by_gateway, report_instead])
def test_quarantine(few, sabotage):
    """And that it can fail: without the policy, the function stays a bus master."""
    attacks = rogue.attack_bits("dma-own-memory", "dma-own-code")
    with few({rogue.ROGUE: {"attacks": attacks}}, sabotage) as run:
        assert (run.pds[rogue.GATEWAY].stream, "F_TRANSLATION") in judge.events(run.trace())
        assert is_master(run, rogue.GATEWAY) == (sabotage is report_instead)
        assert is_master(run, rogue.PLC) and is_master(run, rogue.ROGUE)
        assert rogue.verdict_reach(run) == []
