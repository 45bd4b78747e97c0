# SPDX-License-Identifier: Apache-2.0
"""A PD that misbehaves stops, with its function's bus mastering off; the machine goes on. PSCI, as a PD sees it."""
import subprocess

import pytest
from machine import Machine

MASTER = 1 << 2
# Registers of EL1 and EL0 in which firmware could leave something: the assembler's name, the stub's, a value.
DIRTY = [
    ("tpidr_el0", "TPIDR_EL0", 0x10), ("tpidrro_el0", "TPIDRRO_EL0", 0x10), ("tpidr_el1", "TPIDR_EL1", 0x10),
    ("far_el1", "FAR_EL1", 0x10), ("par_el1", "PAR_EL1", 0x1000), ("contextidr_el1", "CONTEXTIDR_EL1", 0x10),
    ("vbar_el1", "VBAR", 0x800), ("mair_el1", "MAIR_EL1", 0x10), ("ttbr0_el1", "TTBR0_EL1", 0x1000),
    ("ttbr1_el1", "TTBR1_EL1", 0x1000), ("tcr_el1", "TCR_EL1", 0x10), ("mdscr_el1", "MDSCR_EL1", 0x8001),
    ("elr_el1", "ELR_EL1", 0x10), ("spsr_el1", "SPSR_EL1", 0x10), ("csselr_el1", "CSSELR", 2),
    ("cntkctl_el1", "CNTKCTL", 3), ("fpcr", "fpcr", 1 << 24), ("fpsr", "fpsr", 0x10),
]


def assemble(folder, text):
    (folder / "pd.S").write_text(text + "\n")
    subprocess.run(["aarch64-linux-gnu-as", "-o", folder / "pd.o", folder / "pd.S"], check=True)
    subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary", folder / "pd.o", folder / "pd.bin"], check=True)
    return (folder / "pd.bin").read_bytes()


def start_here(machine, folder, text):
    """Sealed, the PD not yet started: it runs `text` in place of its program."""
    machine.gdb.write(machine.appliance.regions()["code"].pa, assemble(folder, text))
    machine.go()


def bus_mastering(machine):
    return machine.dump_int(machine.appliance.config_page(0, 1) + 4, 2) & MASTER


STRAYS = {
    "write-to-nothing": ("mov x1, #0x50000000; str x1, [x1]", "write outside its memory"),
    "read-of-nothing": ("mov x1, #0x50000000; ldr x1, [x1]", "read outside its memory"),
    "fetch-from-nothing": ("mov x1, #0x50000000; br x1", "fetch outside its memory"),
    "fetch-from-data": ("mov x1, #0x80200000; br x1", "fetch it is not permitted"),
    "iommu-registers": ("ldr x1, ={smmu:#x}; str wzr, [x1, #0x20]", "write outside its memory"),
    "hypervisor": ("ldr x1, ={hypervisor:#x}; str xzr, [x1]", "write outside its memory"),
    "its-own-configuration-page": ("ldr x1, ={config:#x}; ldr w1, [x1]", "read outside its memory"),
    "console-by-pair": ("mov x1, #0x70000000; ldp w2, w3, [x1]", "read outside its memory"),
    "console-register-it-lacks": ("mov x1, #0x70000000; str wzr, [x1, #0x800]", "write outside its memory"),
    "sgi": ("msr s3_0_c12_c11_5, x0", "system register"),
    "implementation-defined": ("mrs x0, s3_1_c11_c0_2", "system register"),
    "auxiliary-control": ("mrs x0, actlr_el1", "system register"),
    "debug-control": ("mrs x0, mdscr_el1", "system register"),
    "breakpoint": ("brk #0", "exception it may not take"),
    "physical-counter": ("mrs x0, cntpct_el0", "system register"),
    "sign-extending-load-of-the-console": ("mov x1, #0x70000000; ldrsb x2, [x1, #0xff4]", "read outside its memory"),
    "pmu": ("msr pmcr_el0, x0", "system register"),
    "physical-timer": ("msr cntp_tval_el0, x0", "system register"),
    "set-way": ("dc cisw, x0", "system register"),
    "os-lock": ("msr oslar_el1, x0", "system register"),
    "wfi-then-stray": ("mov x0, #0x1000; 1: subs x0, x0, #1; b.ne 1b; mov x1, #0x50000000; ldr x1, [x1]", "read outside"),
}


@pytest.mark.parametrize("name", STRAYS)
def test_stray_access_stops_the_pd_only(bounded, tmp_path, name):
    text, reason = STRAYS[name]
    text = text.format(smmu=bounded.reg("arm,smmu-v3")[0], hypervisor=bounded.reg("mullion,hypervisor")[0],
                       config=bounded.config_page(0, 1))
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("pd_run")
        start_here(machine, tmp_path, text)
        machine.wait_console("WARN first-light stopped: " + reason)
        assert machine.qmp.ask("query-status")["status"] == "running"
        assert not bus_mastering(machine)
        assert "PANIC" not in machine.console()


def test_dma_in_flight_when_the_pd_stops(bounded, tmp_path):
    """The device was told to write before its PD crashed: it does not."""
    text = """
        ldr x1, ={bar:#x}
        mov x2, #0x40000        // its buffer
        ldr x3, =0x90000000     // the window
        mov x4, #256
        mov x5, #3              // start, to memory
        mov x6, #-1
        str x6, [x3]
        str x2, [x1, #0x80]
        str x3, [x1, #0x88]
        str x4, [x1, #0x90]
        str x5, [x1, #0x98]
        mov x1, #0x50000000
        ldr x1, [x1]
    """
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("pd_run")
        bar = machine.dump_int(bounded.config_page(0, 1) + 0x10) & ~0xF
        start_here(machine, tmp_path, text.format(bar=bar))
        machine.wait_console("stopped: read outside")
        while machine.dump_int(bar + 0x98, 8) & 1:
            pass
        window = bounded.windows()[0]
        assert machine.dump(window.pa, 8) == b"\xff" * 8


@pytest.mark.parametrize("conduit", ["hvc", "smc"])
def test_psci(bounded, tmp_path, conduit):
    """VERSION is 1.1, an unknown call is refused, SYSTEM_RESET of the only PD resets the machine."""
    text = f"""
        ldr x19, =0x80200000
        mov w0, #0x84000000     // PSCI_VERSION
        {conduit} #0
        str x0, [x19], #8
        ldr w0, =0x8400000a     // PSCI_FEATURES of SYSTEM_OFF
        ldr w1, =0x84000008
        {conduit} #0
        str x0, [x19], #8
        ldr w0, =0x8400000a     // PSCI_FEATURES of CPU_ON
        ldr w1, =0xc4000003
        {conduit} #0
        str x0, [x19], #8
        ldr w0, =0xc4000003     // CPU_ON: there is no other
        mov x1, #1
        {conduit} #0
        str x0, [x19], #8
        ldr w0, =0x84000009     // SYSTEM_RESET
        {conduit} #0
    """
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        machine.run_to("pd_run")
        machine.gdb.write(bounded.regions()["code"].pa, assemble(tmp_path, text))
        machine.run_to("arch_system_reset")
        results = machine.dump(bounded.regions()["data"].pa, 32)
        values = [int.from_bytes(results[at:at + 8], "little") for at in range(0, 32, 8)]
        assert values == [0x10001, 0, 2**64 - 1, 2**64 - 1]
        assert not bus_mastering(machine)
        machine.go()
        assert machine.wait_exit() == 0
        assert "first-light asks for a reset" in machine.console()


def firmware_that_leaves_registers(machine, folder):
    """At the first instruction: runs a stub at EL2 that fills registers, then enters."""
    appliance = machine.appliance
    stub = appliance.reg("mullion,hypervisor")[0] + 0x10000000
    text = "".join(f"ldr x0, ={value:#x}\nmsr {name}, x0\n" for name, _, value in DIRTY)
    text += f"fmov d0, x0\nfmov d31, x0\nldr x30, ={appliance.symbol('entry'):#x}\nbr x30"
    machine.gdb.write(stub, assemble(folder, text))
    machine.gdb.set_register("pc", stub)
    machine.run_to("entry")
    for _, name, value in DIRTY:
        assert machine.gdb.register(name) == value, name


def test_registers_and_memory_start_clean(bounded, tmp_path):
    """Nothing of firmware or of the hypervisor is left in registers, nor in memory that the image does not cover."""
    regions = bounded.regions()
    with Machine(bounded, tmp_path) as machine:
        machine.run_to("entry")
        for region in regions.values():
            machine.gdb.write(region.pa + region.size - 64, b"secret of the bootloader" * 2)
        firmware_that_leaves_registers(machine, tmp_path)
        machine.run_to("pd_run")
        image = (bounded.build / "pd" / "first-light.bin").read_bytes()
        code = machine.dump(regions["code"].pa, regions["code"].size)
        assert code[:len(image)] == image and not any(code[len(image):])
        for name in ("data", "io"):
            assert not any(machine.dump(regions[name].pa, regions[name].size))
        machine.gdb.write(regions["code"].pa, assemble(tmp_path, "1: b 1b"))
        machine.run_to_address(regions["code"].ipa)
        names = [f"x{n}" for n in range(31)] + ["v0", "v31"] + [name for _, name, _ in DIRTY]
        assert {name: value for name in names if (value := machine.gdb.register(name))} == {}
