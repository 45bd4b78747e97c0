# SPDX-License-Identifier: Apache-2.0
"""
The same audit of a machine that runs: memory and registers as they are, by whoever can read them (QEMU's QMP and gdb
stub here). Each structure begins where the hardware's own register says, and the registers themselves are compared, too.
"""
from pathlib import Path

from .differences import Differences
from .examine import examine
from .memory import Memory
from .ranges import PAGE
from .rebuilt import Anchors, image_anchors
from .report import view
from .smmu import SPLIT
from .vmsa import ADDRESS, start_level

# SMMUv3 (IHI 0070, 6.3)
SMMU_CR0, SMMU_GBPA, SMMU_STRTAB_BASE, SMMU_STRTAB_CFG = 0x20, 0x44, 0x80, 0x88
SMMU_EVENTQ_BASE, SMMU_MSIS = 0xA0, {"errors": 0x68, "events": 0xB0}     # *_IRQ_CFG0: where its own MSIs go
EVENT_SIZE, QUEUE_ADDRESS, MSI_ADDRESS = 32, (1 << 52) - 1, (1 << 52) - 4    # base, and log2 of the entries
CR0_SMMUEN, CR0_CMDQEN, GBPA_ABORT, STRTAB_TWO_LEVELS = 1 << 0, 1 << 3, 1 << 20, 1 << 16
# GICv3 (IHI 0069, 12.9 to 12.19)
GICD_ISENABLER, GICD_IROUTER, GICR_SIZE = 0x100, 0x6000, 0x20000
GICR_CTLR, GICR_TYPER, GICR_PROPBASER, GICR_PENDBASER = 0x00, 0x08, 0x70, 0x78
TYPER_LAST, CTLR_LPIS = 1 << 4, 1 << 0
GITS_CTLR, GITS_CBASER, GITS_CWRITER, GITS_CREADR, GITS_BASER = 0x00, 0x80, 0x88, 0x90, 0x100
BASER_VALID, BASER_TYPES, BASE_ADDRESS = 1 << 63, {1: "device", 4: "collection"}, (1 << 52) - PAGE
# Arm ARM, D24.2
HCR_NEEDED = 1 << 0 | 7 << 3 | 1 << 19 | 1 << 31                # VM; FMO, IMO, AMO; TSC; RW
HCR_NEVER = 1 << 12 | 1 << 27 | 3 << 32 | 1 << 34               # DC, TGE, CD, ID, E2H
VTCR_RES1, VTCR_WALKS = 1 << 31, 1 << 8 | 1 << 10 | 3 << 12     # IRGN0, ORGN0: write-back; SH0: inner
VMID_SHIFT = 48
# PCI header
PCI_COMMAND, PCI_BAR, PCI_BAR_ADDRESS, PCI_NOBODY = 0x04, 0x10, ~0xF, 0xFFFFFFFF
PCI_MEMORY, PCI_MASTER = 1 << 1, 1 << 2          # of the command register


class Live:
    """`machine`: dump(address, size) -> bytes, register(cpu, name) -> int. CPUs are counted as the board has them."""

    def __init__(self, machine, declaration):
        self.machine, self.declaration, self.board = machine, declaration, declaration.board
        hypervisor = self.board.hypervisor
        self.memory = Memory([(hypervisor.base, machine.dump(*hypervisor))])

    def read(self, address):
        return int.from_bytes(self.machine.dump(address, 4), "little")

    def read64(self, address):
        return self.read(address) | self.read(address + 4) << 32

    def anchors(self, table, symbols):
        """What the registers say; the constants only where a register does not say it yet."""
        image, board = image_anchors(table, symbols), self.board
        cpus = table.array("cpus", table.cpu_count)[1:]
        affinities = [node.number("reg") for node in board.cpus]
        self.numbers = [affinities.index(cpu.hw_id) for cpu in cpus]
        self.vtcr = [self.machine.register(number, "VTCR_EL2") for number in self.numbers]
        roots = [self.machine.register(number, "TTBR0_EL2") & ADDRESS for number in self.numbers]
        # The housekeeping CPU may be in its event map, a PD's first one in its reload map, which the image's anchors
        # name: then its run map is not in force.
        runs = tuple(run if root and root in others else root
                     for run, *others, root in zip(image.runs, image.events, image.reloads, roots))
        pds = list(image.pds)
        for cpu, number in zip(cpus, self.numbers):
            value = self.machine.register(number, "VTTBR_EL2")
            if value and cpu.pd:
                pds[cpu.pd - 1] = value & ADDRESS, value >> VMID_SHIFT
        commands, config, bits = image.commands, image.lpi_config, image.lpi_id_bits
        if commands[1]:
            commands = (self.read64(board.its.base + GITS_CBASER) & BASE_ADDRESS,
                        self.read64(board.its.base + GITS_CREADR) & 0xFFFE0)
            frame = self.frames()[next(cpu.hw_id for cpu in cpus if cpu.lpi_pending)]
            propbaser = self.read64(frame + GICR_PROPBASER)
            config, bits = propbaser & BASE_ADDRESS, (propbaser & 0x1F) + 1
        return Anchors(self.read64(board.iommu.base + SMMU_STRTAB_BASE) & (1 << 52) - 64,
                       self.read(board.iommu.base + SMMU_STRTAB_CFG) & 0x3F, tuple(pds), 64 - (self.vtcr[0] & 0x3F),
                       runs, image.events, image.reloads, 0, commands, config, bits)

    def frames(self):
        """Redistributors by affinity."""
        found, at = {}, self.board.gicr.base
        while at < self.board.gicr.end:
            typer = self.read64(at + GICR_TYPER)
            found[typer >> 32] = at
            if typer & TYPER_LAST:
                break
            at += GICR_SIZE
        return found

    def check_code(self, subject, differences):
        """It is not written any more: the machine's is what was linked."""
        text = subject.rebuilt.elf.sections[".text"]
        if self.memory.read(text.base, text.size) != text.data:
            differences.add("code", "altered", "as in mullion.elf")

    def check_iommu(self, subject, differences):
        """On, and what it writes by itself goes into its queue."""
        base, events = self.board.iommu.base, subject.slots.events
        cr0, cfg = self.read(base + SMMU_CR0), self.read(base + SMMU_STRTAB_CFG)
        differences.equal("SMMU CR0, on and without commands", cr0 & (CR0_SMMUEN | CR0_CMDQEN), CR0_SMMUEN)
        differences.equal("SMMU STRTAB_BASE_CFG, format and split", cfg & ~0x3F, STRTAB_TWO_LEVELS | SPLIT << 6)
        differences.equal("SMMU GBPA, if it were off", self.read(base + SMMU_GBPA) & GBPA_ABORT, GBPA_ABORT)
        log2size = ((events.end - events.start) // EVENT_SIZE).bit_length() - 1
        differences.equal("SMMU EVENTQ_BASE", self.read64(base + SMMU_EVENTQ_BASE) & QUEUE_ADDRESS,
                          events.start | log2size)
        for name, register in SMMU_MSIS.items():
            differences.equal(f"SMMU MSIs of {name}, address", self.read64(base + register) & MSI_ADDRESS, 0)

    def check_cpus(self, subject, differences):
        regime, bits = subject.rebuilt.regime, subject.rebuilt.anchors.pd_bits
        sctlr_on = subject.rebuilt.code.constants("SCTLR_EL2")[-1]
        for cpu, number, vtcr in zip(subject.cpus, self.numbers, self.vtcr):
            name = cpu.string("name")
            needed = VTCR_RES1 | VTCR_WALKS | 64 - bits | 2 - start_level(bits) << 6 | regime.output_code << 16
            differences.equal(f"VTCR_EL2 of {name}", vtcr, needed)
            for register, value in (("TCR_EL2", regime.tcr), ("MAIR_EL2", regime.mair), ("SCTLR_EL2", sctlr_on)):
                differences.equal(f"{register} of {name}", self.machine.register(number, register), value)
            hcr = self.machine.register(number, "HCR_EL2")
            if hcr & (HCR_NEEDED | HCR_NEVER) != HCR_NEEDED:
                differences.add(f"HCR_EL2 of {name}", hcr, f"all of {HCR_NEEDED:#x}, none of {HCR_NEVER:#x}")
            vttbr, pd = self.machine.register(number, "VTTBR_EL2"), subject.table_pds[cpu.pd - 1] if cpu.pd else None
            if vttbr and (pd is None or vttbr != pd.vmid << VMID_SHIFT | pd.memory_root):
                differences.add(f"VTTBR_EL2 of {name}", vttbr, "0, or that of its own PD")
        boot_root = subject.slots.boot_root
        if any(self.memory.read(boot_root.start, PAGE)):
            differences.add("boot map's root", "words", "zeros after the seal")
        for cpu, root, needed in zip(subject.cpus, subject.rebuilt.anchors.runs, [c.run_root for c in subject.cpus]):
            differences.equal(f"TTBR0_EL2 of {cpu.string('name')}", root, needed)

    def check_msis(self, subject, differences):
        if not subject.rebuilt.its:
            return
        base, irqchip = self.board.its.base, subject.table.irqchip
        differences.equal("GITS_CTLR, on", self.read(base + GITS_CTLR) & 1, 1)
        differences.fields("ITS commands", {"written": self.read64(base + GITS_CWRITER),
                                            "read": self.read64(base + GITS_CREADR)},
                           {"written": irqchip.its_commands_size, "read": irqchip.its_commands_size})
        tables = {"device": irqchip.its_devices, "collection": irqchip.its_collections}
        for idx in range(8):
            baser = self.read64(base + GITS_BASER + 8 * idx)
            kind = BASER_TYPES.get(baser >> 56 & 7)
            if baser & BASER_VALID:
                differences.equal(f"GITS_BASER{idx}, {kind} table", baser & (1 << 48) - PAGE, tables.pop(kind, "none"))
        differences.equal("ITS tables that no GITS_BASER has", sorted(tables), [])
        self.check_redistributors(subject, differences)

    def check_redistributors(self, subject, differences):
        frames = self.frames()
        for cpu in subject.cpus:
            name, frame = cpu.string("name"), frames.get(cpu.hw_id)
            if frame is None:
                differences.add(f"redistributor of {name}", "none", "one")
                continue
            on = bool(self.read(frame + GICR_CTLR) & CTLR_LPIS)
            differences.equal(f"redistributor of {name}, LPIs on", on, bool(cpu.lpi_pending))
            differences.equal(f"redistributor of {name}, number", self.read64(frame + GICR_TYPER) >> 8 & 0xFFFF,
                              cpu.its_target)
            if on:
                differences.equal(f"LPI pending table of {name}",
                                  self.read64(frame + GICR_PENDBASER) & (1 << 52) - (1 << 16), cpu.lpi_pending)
                differences.equal(f"LPI configuration of {name}",
                                  self.read64(frame + GICR_PROPBASER) & BASE_ADDRESS, irqchip_config(subject))

    def check_wires(self, subject, differences):
        """SPIs that are on: the hypervisor's to its housekeeping CPU, each PD's to that PD's first CPU."""
        board, owners = self.board, {}
        home = subject.cpus[subject.housekeeping].hw_id
        for intid in (board.console_intid, board.event_intid, board.error_intid):
            owners[intid] = home
        for declared, built in subject.pds:
            for device in declared.devices:
                for intid, _ in device.interrupts:
                    owners[intid] = subject.cpus[built.array("cpus", 1)[0] - 1].hw_id
        for first in range(32, 1020, 32):
            on = self.read(board.gicd.base + GICD_ISENABLER + first // 8)
            for intid in [first + bit for bit in range(32) if on >> bit & 1]:
                route = self.read64(board.gicd.base + GICD_IROUTER + 8 * intid)
                differences.equal(f"INTID {intid}, which is on, goes to CPU", route, owners.get(intid, "nobody"))

    def check_pci(self, subject, differences):
        """BARs where the PDs have them; no bus master on a bus of ours that nobody declared."""
        restartable = {pd.label for pd in self.declaration.pds if pd.restart_limit}
        for declared, built in subject.functions:
            page = self.board.config_page(built.bdf)
            if declared.pd in restartable and not self.read(page + PCI_COMMAND) & (PCI_MEMORY | PCI_MASTER):
                continue                # it was reset, perhaps, and has not got them back
            for bar in built.array("bars", built.bar_count):
                at = page + PCI_BAR + 4 * bar.idx
                address = self.read(at) & PCI_BAR_ADDRESS & 0xFFFFFFFF
                address |= self.read(at + 4) << 32 if bar.is_64bit else 0
                differences.equal(f"BAR {bar.idx} of {declared.name} of {declared.pd}", address, bar.addr)
        ours = {built.bdf for _, built in subject.functions} | set(subject.bridges.by_bdf)
        for bdf in self.functions({bdf >> 8 for bdf in ours} | {self.board.bus_first}):
            if bdf not in ours and self.read(self.board.config_page(bdf) + PCI_COMMAND) & PCI_MASTER:
                differences.add(f"function {self.board.bdf_name(bdf)}", "bus master", "not: nobody declared it")

    def functions(self, buses):
        """All that answer, by whole buses: one question is slow, whatever its size."""
        for bus in sorted(buses):
            pages = self.machine.dump(self.board.config_page(bus << 8), 256 * PAGE)
            yield from (bus << 8 | devfn for devfn in range(256)
                        if int.from_bytes(pages[devfn * PAGE:devfn * PAGE + 4], "little") != PCI_NOBODY)


def irqchip_config(subject):
    return subject.table.irqchip.lpi_config


def audit_machine(machine, elf, declaration):
    """What it gives to whom, as view() has it, and all differences from the declaration."""
    differences, live = Differences(), Live(machine, declaration)
    subject = examine(declaration, live.memory, elf, differences, anchors=live.anchors)
    if subject is None:
        return None, differences
    live.check_code(subject, differences)
    live.check_iommu(subject, differences)
    live.check_cpus(subject, differences)
    live.check_msis(subject, differences)
    live.check_wires(subject, differences)
    live.check_pci(subject, differences)
    return (None if differences else view(subject)), differences


class Qemu:
    """By tests/boot's QMP and gdb stub."""

    def __init__(self, qmp, gdb, folder):
        self.qmp, self.gdb, self.file = qmp, gdb, Path(folder) / "audit.dump"

    def dump(self, address, size):
        self.qmp.ask("pmemsave", val=address, size=size, filename=str(self.file.resolve()))
        return self.file.read_bytes()

    def register(self, cpu, name):
        self.gdb.select_cpu(cpu)
        return self.gdb.register(name)
