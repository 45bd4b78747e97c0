# SPDX-License-Identifier: Apache-2.0
"""
A PD that misbehaves stops, with its function's bus mastering off; or gets an exception of its own, if its table says
so. The machine goes on. PSCI, as a PD sees it.
"""
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
    "behind-configuration-space": ("ldr x1, ={ecam_end:#x}; ldr w1, [x1]", "read outside its memory"),
    "in-pairs-from-configuration-space": ("ldr x1, ={config:#x}; ldp w1, w2, [x1]", "read outside its memory"),
    "msi-frame-it-lacks": ("mov x1, #0x08010000; ldr w1, [x1]", "read outside its memory"),
    "redistributor-of-a-cpu-it-lacks": ("mov x1, #0x08040000; ldr w1, [x1]", "read outside its memory"),
    "its": ("ldr x1, ={its:#x}; ldr w1, [x1]", "read outside its memory"),
    "board-console": ("ldr x1, ={uart:#x}; str w1, [x1]", "write outside its memory"),
    "console-by-pair": ("mov x1, #0x70000000; ldp w2, w3, [x1]", "read outside its memory"),
    "console-register-it-lacks": ("mov x1, #0x70000000; str wzr, [x1, #0x800]", "write outside its memory"),
    "hvc-with-an-immediate": ("hvc #1", "call with an immediate"),
    "smc-with-an-immediate": ("smc #1", "call with an immediate"),
    "implementation-defined": ("mrs x0, s3_1_c11_c0_2", "system register"),
    "auxiliary-control": ("mrs x0, actlr_el1", "system register"),
    "breakpoint": ("brk #0", "exception it may not take"),
    "physical-counter": ("mrs x0, cntpct_el0", "system register"),
    "physical-timer": ("msr cntp_tval_el0, x0", "system register"),
    "set-way": ("dc cisw, x0", "system register"),
    "wfi-then-stray": ("mov x0, #0x1000; 1: subs x0, x0, #1; b.ne 1b; mov x1, #0x50000000; ldr x1, [x1]", "read outside"),
}


@pytest.mark.parametrize("name", STRAYS)
def test_stray_access_stops_the_pd_only(bounded, tmp_path, name):
    text, reason = STRAYS[name]
    text = text.format(smmu=bounded.reg("arm,smmu-v3")[0], its=bounded.reg("arm,gic-v3-its")[0],
                       uart=bounded.console()[0], hypervisor=bounded.reg("mullion,hypervisor")[0],
                       config=bounded.config_page(0, 1), ecam_end=sum(bounded.reg("pci-host-ecam-generic")))
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


def words(data):
    return [int.from_bytes(data[at:at + 8], "little") for at in range(0, len(data), 8)]


def run_and_collect(machine, folder, text, count):
    """Runs `text`, which writes its results from x19 on and then asks for a reset; gives the results."""
    machine.run_to("pd_run")
    call = "ldr w0, =0x84000009; hvc #0"
    machine.gdb.write(machine.appliance.regions()["code"].pa, assemble(folder, f"ldr x19, =0x80200000\n{text}\n{call}"))
    machine.run_to("arch_system_reset")
    return words(machine.dump(machine.appliance.regions()["data"].pa, 8 * count))


def test_what_a_pd_may(bounded, tmp_path):
    """Its own configuration space and no other function's; an SGI to itself; a console register, sign-extended."""
    text = f"""
        ldr x1, ={bounded.config_page(0, 1):#x}
        ldr w2, [x1]
        str x2, [x19], #8
        ldr x1, ={bounded.config_page(0, 2):#x}
        ldr w2, [x1]
        str x2, [x19], #8
        mov x1, #0x70000000
        ldrsb x2, [x1, #0xff4]
        str x2, [x19], #8
        mov x1, #7 << 24        // SGI 7 to vCPU 0
        orr x1, x1, #1
        msr s3_0_c12_c11_5, x1
        isb
        ldr x1, =0x08030200     // GICR_ISPENDR0
        ldr w2, [x1]
        str x2, [x19], #8
    """
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        assert run_and_collect(machine, tmp_path, text, 4) == [0x11E81234, 0xFFFFFFFF, 2**64 - 0x10, 1 << 7]


def test_debug_and_performance_monitors_are_not_there(bounded, tmp_path):
    """Kernels write them at their start: they read 0, whatever was written, and into each register."""
    text = "mov x0, #-1\n"
    names = ["mdscr_el1", "dbgbcr0_el1", "oslsr_el1", "pmcr_el0", "pmccntr_el0", "pmuserenr_el0", "pmintenset_el1",
             "pmevcntr0_el0", "pmccfiltr_el0"]
    for n, name in enumerate(names):
        write = "msr oslar_el1, x0" if name == "oslsr_el1" else f"msr {name}, x0"
        register = f"x{(2, 27)[n % 2]}"
        text += f"{write}\nmov {register}, #-1\nmrs {register}, {name}\nstr {register}, [x19], #8\n"
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        assert run_and_collect(machine, tmp_path, text, len(names)) == [0] * len(names)


def mark(n):
    return 0x101 * (n + 1)


def test_traps_touch_the_instruction_s_register_only(bounded, tmp_path):
    """A load of a device's register into each register in turn, xzr among them; a store of each, and what it wrote."""
    name = [f"{{}}{n}" for n in range(31)] + ["{}zr"]
    config, priorities, text = bounded.config_page(0, 1), 0x08030400, "mov sp, x19\n"
    for n in range(32):
        base = (n + 1) % 31
        text += "".join(f"mov x{i}, #{mark(i):#x}\n" for i in range(31))
        text += f"ldr x{base}, ={config:#x}\nldr {name[n].format('w')}, [x{base}]\n"
        text += "".join(f"stp x{i}, {name[i + 1].format('x')}, [sp], #16\n" for i in range(0, 32, 2))
    for n in range(32):
        base = (n + 1) % 31
        text += f"ldr x{base}, ={priorities:#x}\nmov w{(n + 2) % 31}, #-1\nstr w{(n + 2) % 31}, [x{base}]\n"
        text += f"mov w{n}, #{8 * n}\n" if n < 31 else ""
        text += f"str {name[n].format('w')}, [x{base}]\nldr w{base}, [x{base}]\nstp x{base}, xzr, [sp], #16\n"
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        found = run_and_collect(machine, tmp_path, text, 32 * 32 + 32 * 2)
    for n in range(32):
        expected = [mark(i) for i in range(31)] + [0]
        expected[(n + 1) % 31] = config
        expected[n] = 0x11E81234 if n < 31 else 0
        assert found[32 * n:32 * n + 32] == expected, n
    assert found[32 * 32::2] == [8 * n for n in range(31)] + [0]


SUCCESS, NOT_SUPPORTED, INVALID, ALREADY_ON = 0, 2**64 - 1, 2**64 - 2, 2**64 - 4
# Function, three arguments, result: of a PD with one vCPU.
PSCI = {
    "version": (0x84000000, 0, 0, 0, 0x10001),
    "features of SYSTEM_OFF": (0x8400000A, 0x84000008, 0, 0, SUCCESS),
    "features of CPU_ON": (0x8400000A, 0xC4000003, 0, 0, SUCCESS),
    "features of CPU_SUSPEND": (0x8400000A, 0xC4000001, 0, 0, NOT_SUPPORTED),
    "CPU_SUSPEND": (0xC4000001, 0, 0, 0, NOT_SUPPORTED),
    "CPU_ON of itself": (0xC4000003, 0, 0x80000000, 0, ALREADY_ON),
    "CPU_ON of one that it has not": (0xC4000003, 1, 0x80000000, 0, INVALID),
    "CPU_ON of one in another cluster": (0xC4000003, 0x100, 0x80000000, 0, INVALID),
    "AFFINITY_INFO of itself": (0xC4000004, 0, 0, 0, 0),
    "AFFINITY_INFO of one that it has not": (0xC4000004, 1, 0, 0, INVALID),
    "AFFINITY_INFO of a cluster": (0xC4000004, 0, 1, 0, INVALID),
    "AFFINITY_INFO, upper half ignored": (0x84000004, 1 << 32, 0, 0, 0),
    "nothing": (0x8400FFFF, 0, 0, 0, NOT_SUPPORTED),
}


@pytest.mark.parametrize("conduit", ["hvc", "smc"])
def test_psci(bounded, tmp_path, conduit):
    """What PSCI answers; and SYSTEM_RESET of the only PD resets the machine."""
    text = "".join(f"""
        ldr x0, ={function:#x}
        ldr x1, ={first:#x}
        ldr x2, ={second:#x}
        ldr x3, ={third:#x}
        {conduit} #0
        str x0, [x19], #8
    """ for function, first, second, third, _ in PSCI.values())
    with Machine(bounded, tmp_path, boot="kernel") as machine:
        results = run_and_collect(machine, tmp_path, text, len(PSCI))
        assert dict(zip(PSCI, results)) == {name: call[-1] for name, call in PSCI.items()}
        assert not bus_mastering(machine)
        machine.go()
        assert machine.wait_exit() == 0
        assert "first-light asks for a reset" in machine.console()


# Of rogue, whose on-crash is "report": instruction, class in ESR_EL1, what is at the address in x1 where there is one.
UNKNOWN, FETCH_ABORT, DATA_ABORT = 0x00, 0x21, 0x25
EXCEPTIONS = {
    "read-of-nothing": ("ldr x2, [x1]", DATA_ABORT, "mullion,hypervisor"),
    "write-to-nothing": ("str x2, [x1]", DATA_ABORT, "mullion,hypervisor"),
    "fetch-from-nothing": ("br x1", FETCH_ABORT, "mullion,hypervisor"),
    "write-to-the-iommu": ("str w2, [x1, #0x20]", DATA_ABORT, "arm,smmu-v3"),
    "read-of-the-its": ("ldr w2, [x1]", DATA_ABORT, "arm,gic-v3-its"),
    "read-of-the-board-console": ("ldr w2, [x1, #0x18]", DATA_ABORT, "console"),
    "system-register": ("mrs x2, actlr_el1", UNKNOWN, None),
    "hvc-with-an-immediate": ("hvc #1", UNKNOWN, None),
    "smc-with-an-immediate": ("smc #1", UNKNOWN, None),
    "physical-counter": ("mrs x2, cntpct_el0", UNKNOWN, None),
}


def offset_of(instruction):
    return int(instruction.split("#")[1].strip(" ]"), 0) if "[x1, #" in instruction else 0


def address_of(appliance, what):
    return 0 if what is None else appliance.console()[0] if what == "console" else appliance.reg(what)[0]


def attempt(instruction, address):
    """A vector's fault returns to label 2, which notes ESR, FAR and the fault's address relative to the attempt."""
    return f"""
        ldr x1, ={address:#x}
        adr x20, 2f
        adr x21, 1f
1:      {instruction}
2:      mrs x2, esr_el1
        lsr x2, x2, #26
        mrs x3, far_el1
        mrs x4, elr_el1
        sub x4, x4, x21
        stp x2, x3, [x19], #16
        str x4, [x19], #8
        msr esr_el1, xzr
        msr far_el1, xzr
        msr elr_el1, xzr
    """


def test_stray_access_becomes_an_exception(appliance, tmp_path):
    """on-crash = "report": at the PD's own vector, with the class and address that a CPU itself would give."""
    text = "adr x0, 9f; msr vbar_el1, x0; isb; ldr x19, =0x80200000\n"
    text += "".join(attempt(instruction, address_of(appliance, what)) for instruction, _, what in EXCEPTIONS.values())
    text += "ldr w0, =0x84000008; hvc #0\n.ltorg\n.balign 2048\n9: .space 0x200\nbr x20"
    with Machine(appliance, tmp_path, boot="kernel") as machine:
        machine.run_to("cpus_release")
        base, _ = appliance.host_memory("rogue, code")
        machine.gdb.write(base, assemble(tmp_path, text))
        machine.go()
        machine.wait_console("rogue is off")
        assert machine.qmp.ask("query-status")["status"] == "running"
        found = words(machine.dump(appliance.host_memory("rogue, data")[0], 24 * len(EXCEPTIONS)))
        for at, (name, (instruction, kind, what)) in enumerate(EXCEPTIONS.items()):
            far = address_of(appliance, what) + offset_of(instruction)
            assert found[3 * at:3 * at + 2] == [kind, far], name
            assert instruction == "br x1" or found[3 * at + 2] == 0, name       # returns to the attempt itself
        assert "WARN rogue: " in machine.console() and "PANIC" not in machine.console()
        assert "rogue stopped" not in machine.console()


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
