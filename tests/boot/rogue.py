# SPDX-License-Identifier: Apache-2.0
"""
The rogue's run, judged from outside. The machine stops when everything is sealed and no PD runs, then when the rogue
has ended, then when the machine powers off. What PDs print is never looked at.

QEMU counts instructions (-icount) and does not wait while all CPUs sleep: minutes of the machine's time take seconds,
and one build always runs alike.
"""
import re
from collections import defaultdict

import judge
from appliance import PAGE, TOP, Window
from elftools.elf.elffile import ELFFile
from machine import Machine

ICOUNT = "-icount shift=2,sleep=off"
for name in ("gicv3_dist_*write", "gicv3_redist_*write", "gicv3_its_*", "gicv3_icc_generate_sgi", "gicv3_icc_iar1_read",
             "gicv3_redist_set_irq", "pci_cfg_write"):
    ICOUNT += f" -trace {name}"

ROGUE, PLC, GATEWAY = "rogue", "plc", "gateway"
UNDECLARED_DEVICE, DEVICES, CPUS = 4, 5, 5
DOORBELL = 0x40                                 # in a v2m frame, as in the ITS's page
COMMAND, BARS, BARS_END, MSI, MSI_END = 0x04, 0x10, 0x28, 0x40, 0x50
COMMAND_WRITABLE, MASTER = 0x406, 0x4
MSI_CONTROL_WRITABLE, MSI_CONSTANT = 0x71, 0x800005
MSI_WRITABLE = (MSI + 2, MSI + 4, MSI + 8, MSI + 12)
MAINTENANCE, HYP_TIMER, PD_TIMER, NO_INTERRUPT, FIRST_LPI = 25, 26, 27, 1023, 8192
DMA_MARK, CPU_MARK = 0xbadbadbadbadbad1.to_bytes(8, "little"), 0xbadbad01.to_bytes(4, "little")
CANARY = 0x7ca11ab1e0000000
EVENTS = 288                                    # EventIDs: an interrupt of a PD is no higher, docs/table.md
TICKS_OF_ROUND = 20                             # two transfers of 100 ms, at 100 Hz
VCPUS_MAX, VCPU_SIZE, VCPU_ON = 8, 24, 2        # struct vcpu_state, mullion/pd.h
PATTERN = 0x9e3779b97f4a7c15                    # partitions/appliance/README.md, "Canaries"
EL2_REGISTERS = ("SCTLR_EL2", "TTBR0_EL2", "TCR_EL2", "MAIR_EL2", "VTCR_EL2", "VBAR_EL2", "CPTR_EL2", "MDCR_EL2",
                 "HSTR_EL2", "HCR_EL2", "CNTHCTL_EL2", "CNTVOFF_EL2")
VALID, TABLE, ADDRESS = 1, 2, 0xFFFFFFFFF000
S2_READ, S2_WRITE = 1 << 6, 1 << 7


def canary(base, size):
    return b"".join((CANARY + base + at).to_bytes(8, "little") for at in range(0, size, 8))


class Pd:
    """What the report says of one PD, and its program."""

    def __init__(self, appliance, label, text):
        self.label, self.text = label, text
        self.cpus = [int(number) for number in re.findall(r"cpu@(\w+)", text.splitlines()[0])]
        found = re.findall(r"region +PD +(\w+)-(\w+) -> host (\w+)-\w+ (\S+) +(\S+)", text)
        self.regions = {name: (int(ipa, 16), int(end, 16) - int(ipa, 16) + 1, int(pa, 16), rights)
                        for ipa, end, pa, rights, name in found}
        self.devices = [(int(a, 16), int(b, 16) - int(a, 16) + 1)
                        for a, b in re.findall(r"registers (\w+)-(\w+), PD and host", text)]
        self.bar, self.bar_size = (int(word, 16) for word in re.search(r"BAR 0 +(\w+) size (\w+)", text).groups())
        self.stream = int(re.search(r"stream (\w+)", text)[1], 0)
        self.lpis = [int(number) for number in re.search(r"LPIs (\d+) to (\d+)", text).groups()]
        self.msis = [int(number) for number in re.search(r"interrupts (\d+) to (\d+) of", text).groups()]
        self.spis = [int(number) for number in re.findall(r"(\d+) (?:level|edge)", text)]
        self.windows = [Window(int(a, 16), int(b, 16), int(c, 16), rights) for a, b, c, rights
                        in re.findall(r"reaches +I/O (\w+)-(\w+) -> host (\w+)-\w+ (\S+)", text)]
        a, b, c = re.search(r"doorbell +I/O (\w+)-(\w+) -> host (\w+)", text).groups()
        self.doorbell = Window(int(a, 16), int(b, 16), int(c, 16), "-w-")
        with open(appliance.build / "pd" / f"{label}.bin.elf", "rb") as file:
            elf = ELFFile(file)
            self.symbols = {s.name: s["st_value"] for s in elf.get_section_by_name(".symtab").iter_symbols()}
            rodata = elf.get_section_by_name(".rodata")
            self.code_size = rodata["sh_addr"] + rodata["sh_size"] - self.regions["code"][0]
            self.used_size = max(s["p_paddr"] + s["p_memsz"] for s in elf.iter_segments() if s["p_type"] == "PT_LOAD") \
                - self.regions["code"][0]

    def host(self, symbol):
        ipa, _, pa, _ = self.regions["code"]
        return self.symbols[symbol] - ipa + pa

    def host_range(self, name):
        return self.regions[name][2], self.regions[name][1]


def read_pds(appliance):
    parts = re.split(r"^PD (?=\w+ +on)", appliance.report, flags=re.M)[1:]
    return {part.split()[0]: Pd(appliance, part.split()[0], part) for part in parts}


def set_words(machine, base, size, numbers):
    """Numbers of the bootargs in a PD's program, which is at this place of memory already."""
    text = machine.dump(base, size)
    for name, value in numbers.items():
        match = re.search(rb"[ \0]%s=(0x)?(\w+)" % name.encode(), text)
        digits = (f"{value:x}" if match[1] else str(value)).rjust(len(match[2]), "0")
        assert len(digits) == len(match[2]), f"{name}= has no room"
        machine.gdb.write(base + match.start(2), digits.encode())


def struct_layout(appliance, name):
    """Size of a structure of the hypervisor, and offsets of its members."""
    with open(appliance.build / "mullion.elf", "rb") as file:
        for unit in ELFFile(file).get_dwarf_info().iter_CUs():
            for die in unit.iter_DIEs():
                if die.tag == "DW_TAG_structure_type" and die.has_children \
                        and "DW_AT_name" in die.attributes and die.attributes["DW_AT_name"].value == name.encode():
                    return die.attributes["DW_AT_byte_size"].value, {
                        child.attributes["DW_AT_name"].value.decode():
                        child.attributes["DW_AT_data_member_location"].value for child in die.iter_children()}
    raise AssertionError(f"struct {name} is not in the debug information")


class Run:
    """One run, from the seal on. `words`: numbers of the PDs' bootargs to alter, by PD."""

    def __init__(self, machine, words=None):
        self.machine, self.appliance = machine, machine.appliance
        self.pds = read_pds(self.appliance)
        for label, numbers in (words or {}).items():
            pd = self.pds[label]
            set_words(machine, pd.host_range("code")[0], pd.code_size, numbers)
        self._plant()
        self.memory_before, self.registers_before = self._memory(), self._registers()
        self.config_before, self.el2_before = self._config(), self._el2_all()
        self.seal_line = len(machine.trace())
        self.rogue_done_line = None

    def _unowned_pages(self):
        """By name: RAM of nobody beside what is somebody's."""
        owned = [(int(a, 16), int(b, 16)) for a, b in re.findall(r"^  (\w+)-(\w+) .*KiB", self.appliance.report, re.M)]
        pages = {page for base, end in owned for page in (base - PAGE, end + 1)}
        pages.add(owned[0][0] + 0x20000000)
        ram, ram_size = self.appliance.reg("mullion,hypervisor")[0] & ~0x3FFFFFFF, 0x38000000
        return {f"memory of nobody at {page:#x}": (page, PAGE) for page in sorted(pages)
                if ram <= page < ram + ram_size and not any(base <= page <= end for base, end in owned)}

    def _places(self):
        """Planted with canaries; and what has its contents already."""
        rogue, gateway, plc = (self.pds[label] for label in (ROGUE, GATEWAY, PLC))
        planted = self._unowned_pages()
        planted["rogue's memory without the D bit"] = rogue.host_range("data")
        for pd in self.pds.values():
            base, size = pd.host_range("code")
            planted[f"unused memory of {pd.label}"] = (base + size // 2, size // 2)
        watched = {f"code of {pd.label}": (pd.host_range("code")[0], pd.code_size) for pd in (plc, gateway, rogue)}
        for slot in ("text", "rodata", "tables.cpu", "tables.iommu", "boot"):
            watched[f"hypervisor, {slot}"] = self.appliance.host_memory(f"hypervisor, {slot}")
        for label in self.pds:
            watched[f"store, {label}"] = self.appliance.host_memory(f"store, image of {label}")
        return planted, watched

    def _plant(self):
        for base, size in self._places()[0].values():
            for at in range(0, size, 16 * PAGE):        # a page of each 64 KiB: the stub is slow
                self.machine.gdb.write(base + at, canary(base + at, min(size, PAGE)))

    def _memory(self):
        planted, watched = self._places()
        return {name: self.machine.dump(*place) for name, place in (planted | watched).items()}

    def _registers(self):
        """The machine's own devices, but what events and interrupts move."""
        find, found = self.appliance.reg, {}
        gic, smmu, its = find("arm,gic-v3")[0], find("arm,smmu-v3")[0], find("arm,gic-v3-its")[0]
        gicr = find("arm,gic-v3", 1)[0]
        words = {"SMMU": (smmu, [at for at in range(0, 0xE0, 4) if at not in (0x60, 0x64, 0xA8, 0xAC)]),
                 "GICD": (gic, [0, *range(0x84, 0xA4, 4), *range(0x104, 0x124, 4), *range(0x420, 0x520, 4),
                                *range(0xC08, 0xC48, 4), *range(0x6100, 0x6300, 4)]),
                 "ITS": (its, [0, *range(0x80, 0x98, 4), *range(0x100, 0x140, 4)])}
        for cpu in range(CPUS):
            words[f"GICR {cpu}"] = (gicr + cpu * 0x20000, [0, 0x14, 0x70, 0x74, 0x78, 0x7C, 0x10080, 0x10100,
                                                            *range(0x10400, 0x10420, 4), 0x10C04])
        for name, (base, offsets) in words.items():
            for at in offsets:
                found[f"{name} register {at:#x}"] = self.machine.dump_int(base + at)
        return found

    def _config(self):
        """Configuration pages of all functions: what no PD may change for itself, and bus mastering of others."""
        found = {}
        rogue = self.pds[ROGUE].stream >> 3
        for device in range(DEVICES):
            page = bytearray(self.machine.dump(self.appliance.config_page(0, device), 0x100))
            if device not in (0, UNDECLARED_DEVICE):
                page[COMMAND + 2:COMMAND + 4] = bytes(2)
                page[MSI:MSI_END] = bytes(MSI_END - MSI)
            if device == rogue:
                page[COMMAND:COMMAND + 2] = bytes(2)
            found[f"configuration space of 00:{device:02x}.0"] = bytes(page)
        return found

    def to_rogue_end(self, timeout=60):
        """The rogue switches itself off: pd_end() on its CPU."""
        self.machine.run_to("pd_end", timeout)
        name = int(re.search(r"thread:p?0*[\d.]*?([0-9a-f]+);", self.machine.gdb.last_stop)[1], 16)
        assert name - 1 in self.pds[ROGUE].cpus, f"CPU {name - 1} was first to end its PD"
        self._observe()

    def stop(self):
        """Where the rogue does not come to its end."""
        self.machine.gdb.interrupt()
        self._observe()

    def _observe(self):
        self.rogue_done_line = len(self.machine.trace())
        self.memory, self.registers, self.config = self._memory(), self._registers(), self._config()
        self.secret = self.machine.dump(*self.pds[PLC].host_range("secret"))
        self.states = {label: self._power(number + 1) for number, label in enumerate(self.pds)}
        self.el2 = self._el2_all()
        self.roots = {cpu: self._el2(cpu, "VTTBR_EL2") for pd in self.pds.values() for cpu in pd.cpus}

    def _el2(self, cpu, name):
        assert self.machine.gdb.ask(f"Hg{cpu + 1:x}") == "OK"
        return self.machine.gdb.register(name)

    def _el2_all(self):
        return {f"{name} of CPU {cpu}": self._el2(cpu, name) for cpu in range(CPUS) for name in EL2_REGISTERS}

    def _power(self, number):
        base = self.appliance.host_memory("hypervisor, pd_state")[0] + number * PAGE
        at = base + struct_layout(self.appliance, "pd_state")[1]["vcpus"]
        return [self.machine.dump_int(at + vcpu * VCPU_SIZE) for vcpu in range(VCPUS_MAX)]

    def rogue_changed_slot_only(self):
        """It writes one instruction of its own, which it tries."""
        at = self.pds[ROGUE].symbols["pd_try_slot"] - self.pds[ROGUE].regions["code"][0]
        before, after = self.memory_before["code of rogue"], self.memory["code of rogue"]
        return before[:at] == after[:at] and before[at + 4:] == after[at + 4:]

    def to_power_off(self, timeout=120):
        self.machine.run_to("arch_system_off", timeout)

    def trace(self):
        return self.machine.trace()[self.seal_line:]

    def counts(self, label, *names):
        """The program's own counters, from its memory."""
        at = self.pds[label].host("counts")
        return {name: self.machine.dump_int(at + 8 * i, 8) for i, name in enumerate(names)}


# Verdicts: each returns what is wrong, in words.

def verdict_memory(run):
    bad = judge.changed(run.memory_before, run.memory)
    if "code of rogue was changed" in bad and run.rogue_changed_slot_only():
        bad.remove("code of rogue was changed")
    seed = int(re.search(rb"secret=0x(\w+)", run.memory["code of plc"])[1], 16)
    right = b"".join(((seed + 1) * PATTERN + at & (1 << 64) - 1).to_bytes(8, "little")
                     for at in range(0, len(run.secret), 8))
    if run.secret != right:
        bad.append("plc's secret was changed")
    for label, name in ((PLC, "io"), (PLC, "shared"), (GATEWAY, "out"), (GATEWAY, "in"), (ROGUE, "out")):
        page = run.machine.dump(*run.pds[label].host_range(name))
        if DMA_MARK in page or CPU_MARK in page:
            bad.append(f"the rogue's mark is in {name} of {label}")
    return bad


def verdict_registers(run):
    return judge.changed(run.registers_before, run.registers)


def verdict_config_pages(run):
    return judge.changed(run.config_before, run.config)


def verdict_reach(run):
    return judge.reach(run.trace(), {pd.stream: [*pd.windows, pd.doorbell] for pd in run.pds.values()})


def verdict_sealed_iommu(run):
    return judge.sealed_registers(run.trace())


def verdict_sealed_interrupts(run):
    """Nobody writes the distributor, a redistributor or the ITS's control page, the hypervisor included."""
    return [line for line in run.trace()
            if re.match(r"gicv3_(dist|redist|its)_(bad)?write|gicv3_its_(cmd_|process|[cdi]te_write)", line)]


def verdict_msis(run):
    """What the ITS makes of a write of a function is an LPI of that function."""
    bad, device = [], None
    lpis = {pd.stream: range(pd.lpis[0], pd.lpis[1] + 1) for pd in run.pds.values()}
    for line in run.trace():
        if match := re.match(r"gicv3_its_dte_read .*DeviceID (\w+)", line):
            device = int(match[1], 16)
        if match := re.match(r"gicv3_its_ite_read .*EventID (\w+): valid 1 .*intid (\w+) ICID", line):
            if int(match[2], 16) not in lpis.get(device, ()):
                bad.append(f"event {match[1]} of device {device:#x} becomes LPI {int(match[2], 16)}")
    return bad


def verdict_interrupts(run):
    """Each CPU acknowledges what its PD owns, the hypervisor's own SGI and nothing else."""
    bad = set()
    allowed = {cpu: {0, MAINTENANCE, PD_TIMER, NO_INTERRUPT, *pd.spis, *range(pd.lpis[0], pd.lpis[1] + 1)}
               for pd in run.pds.values() for cpu in pd.cpus}
    for line in run.trace():
        if match := re.match(r"gicv3_icc_iar1_read .* cpu (\w+) value (\w+)", line):
            cpu, intid = int(match[1], 16), int(match[2], 16)
            if intid not in allowed[cpu] if cpu in allowed else intid >= FIRST_LPI or intid in (MAINTENANCE, PD_TIMER):
                bad.add(f"CPU {cpu} took interrupt {intid}")
    return sorted(bad)


SGI = re.compile(r"gicv3_icc_generate_sgi .*i/f 0x(\w+) generating SGI (\d+) IRM (\d) "
                 r".*affinity 0x(\w*?)xx targetlist 0x(\w+)")


def verdict_sgis(run):
    """A PD's CPU signals CPUs of its PD and the housekeeping CPU, by the hypervisor's own SGI."""
    bad = set()
    owner = {cpu: pd for pd in run.pds.values() for cpu in pd.cpus}
    for line in run.trace():
        if match := SGI.match(line):
            cpu, intid, everybody, affinity, targets = (int(word, 16) for word in match.groups())
            allowed = 1 | sum(1 << own for own in owner[cpu].cpus) if cpu in owner else (1 << CPUS) - 1
            if intid or everybody or affinity or targets & ~allowed:
                bad.add(f"CPU {cpu} sent SGI {intid} to {targets:#x} of {affinity:#x}{', all' if everybody else ''}")
    return sorted(bad)


def verdict_config_writes(run):
    """What reaches the real configuration space, until the rogue ends."""
    bad = []
    pds = {pd.stream >> 3: pd for pd in run.pds.values()}
    for line in run.machine.trace()[run.seal_line:run.rogue_done_line]:
        if not (match := re.match(r"pci_cfg_write \S+ \w+:(\w+)\.(\d) @(\w+) <- (\w+)", line)):
            continue
        pd, at, value = pds.get(int(match[1], 16)), int(match[3], 16), int(match[4], 16)
        wanted = {MSI + 4: pd.doorbell.iova + DOORBELL, MSI + 8: 0, MSI + 12: pd.msis[0]} if pd else {}
        if pd and at == MSI and value & ~(MSI_CONTROL_WRITABLE << 16) == MSI_CONSTANT:
            continue
        if not pd or match[2] != "0" or at not in (COMMAND, *MSI_WRITABLE):
            bad.append(line)
        elif at == COMMAND and (pd.label != ROGUE or value & 0xFFFF & ~COMMAND_WRITABLE):
            bad.append(line)
        elif pd.label != ROGUE and value != wanted.get(at, value):
            bad.append(line)
    return bad


def verdict_power(run):
    """Only the rogue's one vCPU was ever turned on by it; those of others are as they were."""
    bad = []
    if run.states[ROGUE][0] != VCPU_ON or any(run.states[ROGUE][1:]):
        bad.append(f"vCPUs of the rogue: {run.states[ROGUE]}")
    if run.states[PLC] != [VCPU_ON] + [0] * 7:
        bad.append(f"vCPUs of plc: {run.states[PLC]}")
    if run.states[GATEWAY][0] != VCPU_ON or any(run.states[GATEWAY][2:]):
        bad.append(f"vCPUs of gateway: {run.states[GATEWAY]}")
    return bad


def stage2(run, root):
    """Pages and rights that a PD's CPU has."""
    found = {}

    def walk(table, level, base):
        words = run.machine.dump(table, PAGE)
        for idx in range(512):
            word = int.from_bytes(words[8 * idx:8 * idx + 8], "little")
            span = 1 << (39 - 9 * level)
            if not word & VALID:
                continue
            if level < 3 and word & TABLE:
                walk(word & ADDRESS, level + 1, base + idx * span)
            else:
                rights = ("r" if word & S2_READ else "-") + ("w" if word & S2_WRITE else "-")
                found[base + idx * span] = (word & ADDRESS, span, rights)
    walk(root, 1, 0)
    return found


def verdict_stage2(run):
    """The tables that each PD's CPU uses give what the table declares: reads leave no trace elsewhere."""
    bad = []
    frame = run.appliance.symbols.get("msi_frame")
    for number, pd in enumerate(run.pds.values(), 1):
        declared = [(ipa, size, pa, rights[:2]) for ipa, size, pa, rights in pd.regions.values()]
        declared += [(base, size, base, "rw") for base, size in [*pd.devices, (pd.bar, pd.bar_size)]]
        declared += [(pd.doorbell.iova, PAGE, frame, "r-")]
        for cpu in pd.cpus:
            root = run.roots[cpu] & ADDRESS
            if root not in (0, run.appliance.symbol(f"pd_root_{number}")):
                bad.append(f"CPU {cpu} uses other tables")
        for ipa, (pa, size, rights) in stage2(run, run.appliance.symbol(f"pd_root_{number}")).items():
            if not any(base <= ipa and ipa + size <= base + length and (to is None or pa == to + ipa - base)
                       and set(rights) <= set(may) | {"-"} for base, length, to, may in declared):
                bad.append(f"{pd.label} reaches {pa:#x} at {ipa:#x}, {rights}, {size:#x} bytes")
    return bad


def verdict_el2(run):
    """Registers that the hypervisor sets once, on every CPU."""
    return judge.changed(run.el2_before, run.el2)


def verdict_no_panic(run):
    """The hypervisor's own last words, not a PD's: those have a label."""
    return re.findall(r"^.*PANIC.*$", run.machine.console(), re.M)


VERDICTS = {name.removeprefix("verdict_"): function for name, function in list(globals().items())
            if name.startswith("verdict_")}


def unforged(run):
    """EventIDs that the rogue's function did not send, by way of its MSIs and by DMA, which QEMU sends as nobody's."""
    own, by_device, by_dma = run.pds[ROGUE], set(), set()
    for line in run.trace():
        if match := re.match(r"gicv3_its_translation_write .* data (\w+) size 4 requester_id (\w+)", line):
            event, requester = int(match[1], 16), int(match[2], 16)
            by_device |= {event} if requester == own.stream else set()
            by_dma |= {event} if requester == 0 else set()
    return sorted(set(range(EVENTS)) - set(range(own.msis[0], own.msis[1] + 1)) - (by_device & by_dma))


# After power off only.

def reports(run):
    """Every event that QEMU recorded was reported; or some were lost to a full queue, which was reported too."""
    names = {pd.stream: f"0000:00:{pd.stream >> 3:02x}.0" for pd in run.pds.values()}
    recorded = {(names.get(stream, stream), kind): count for (stream, kind), count in judge.events(run.trace()).items()}
    reported = judge.reported(run.machine.console())
    was_full = "events were lost" in run.machine.console()
    if recorded.keys() == reported.keys() and all(recorded[key] == reported[key] or
                                                  was_full and reported[key] < recorded[key] for key in recorded):
        return []
    return [f"recorded {recorded}, reported {reported}"]


def others(run):
    """plc and gateway went on: their counters, their DMA, their timers."""
    bad = []
    plc = run.counts(PLC, "rounds", "good", "answers", "wrong")
    gateway = run.counts(GATEWAY, "rounds", "good", "pings", "restarts", "wrong")
    for label, counts in ((PLC, plc), (GATEWAY, gateway)):
        wanted = int(re.search(rb"rounds=(\d+)", run.memory[f"code of {label}"])[1])
        if counts["wrong"] or not counts["good"] == counts["rounds"] == wanted:
            bad.append(f"{label}: {counts}")
    trace, edges = run.trace(), defaultdict(int)
    edge = re.compile(rf"gicv3_redist_set_irq .*redistributor 0x(\w+) interrupt {PD_TIMER} level changed to 1")
    for line in trace:
        if match := edge.match(line):
            edges[int(match[1], 16)] += 1
    for pd in (run.pds[PLC], run.pds[GATEWAY]):
        grants = judge.grants(trace, pd.stream)
        if grants < 4 * plc["rounds"]:          # fetch, store and an MSI of each
            bad.append(f"{pd.label}: {grants} DMA transfers and MSIs in {plc['rounds']} rounds")
        if edges[pd.cpus[0]] < plc["rounds"] * TICKS_OF_ROUND * 99 // 100:
            bad.append(f"{pd.label}: {edges[pd.cpus[0]]} ticks in {plc['rounds']} rounds")
    return bad


def flood_grants(run):
    """DMA of plc that was granted between the first and the last event of the flood: the last nine tenths of all."""
    trace, stream = run.trace(), run.pds[ROGUE].stream
    lines = [i for i, line in enumerate(trace) if (match := judge.EVENT.search(line)) and int(match[2], 0) == stream]
    return judge.grants(trace[lines[len(lines) // 10]:lines[-1]], run.pds[PLC].stream)


def attack_bits(*names):
    """attacks= that chooses these, by their places in the list of rogue.c."""
    found = re.findall(r'^\t\{ "([a-z0-9-]+)", "', (TOP / "partitions/appliance/rogue.c").read_text(), re.M)
    return sum(1 << found.index(name) for name in names)


def start(appliance, folder, **kinds):
    return Machine(appliance, folder, boot="kernel", extra=ICOUNT, **kinds)
