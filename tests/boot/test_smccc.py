# SPDX-License-Identifier: Apache-2.0
"""
Workarounds of the SMC Calling Convention, which firmware has and a PD asks for. QEMU's firmware has none, so the debugger is
the firmware: it takes each SMC of the hypervisor, answers, and knows what was asked.
"""
import pytest
from elftools.elf.elffile import ELFFile
from machine import Machine
from test_pd import NOT_SUPPORTED, assemble

SMC_0 = 0xD4000003
VERSION, FEATURES, PSCI_FEATURES = 0x80000000, 0x80000001, 0x8400000A
WORKAROUNDS = [0x80008000, 0x80007FFF, 0x80003FFF]
# Of a firmware that has the first, has the second, which is switched, and not the third.
ANSWERS = {0x80008000: 0, 0x80007FFF: 0, 0x80003FFF: NOT_SUPPORTED}
SWITCH = 0x80007FFF
CALLS = [*[(FEATURES, which) for which in WORKAROUNDS], (FEATURES, VERSION), (FEATURES, FEATURES),
         (FEATURES, 0x80008001), (0x80008000, 0), (SWITCH, 0), (0x80003FFF, 0), (0x80008001, 0)]


def calls_of_firmware(appliance):
    """Addresses of SMC in the hypervisor."""
    with open(appliance.build / "mullion.elf", "rb") as file:
        text = ELFFile(file).get_section_by_name(".text")
        data, base = text.data(), text["sh_addr"]
    return [base + at for at in range(0, len(data), 4) if int.from_bytes(data[at:at + 4], "little") == SMC_0]


class Firmware:
    def __init__(self, has_smccc):
        self.has_smccc, self.asked = has_smccc, []

    def answer(self, function, argument):
        """None: of PSCI, which QEMU does."""
        if function not in (FEATURES, *WORKAROUNDS) and (function, argument) != (PSCI_FEATURES, VERSION):
            return None
        self.asked.append((function, argument))
        if function == PSCI_FEATURES:
            return 0 if self.has_smccc else NOT_SUPPORTED
        if function == FEATURES:
            return ANSWERS.get(argument, NOT_SUPPORTED)
        return function ^ argument              # as good as any: what the PD gets is what firmware said


def stopped_at(gdb):
    gdb.send("c")
    assert gdb.receive().startswith("T05")
    return gdb.register("pc")


def step_over(gdb, at):
    assert gdb.ask(f"z1,{at:x},4") == "OK"
    gdb.send("vCont;s:1")
    gdb.receive()
    assert gdb.ask(f"Z1,{at:x},4") == "OK"


def run(appliance, folder, firmware):
    """What the PD got for each of CALLS."""
    text = "ldr x19, =0x80200000\n" + "".join(f"""
        ldr x0, ={function:#x}
        ldr x1, ={argument:#x}
        hvc #0
        str x0, [x19], #8
    """ for function, argument in CALLS) + "mov x1, #0x50000000\nstr x1, [x1]\n"         # its end
    with Machine(appliance, folder, boot="kernel") as machine:
        gdb, places = machine.gdb, calls_of_firmware(appliance)
        release, end = appliance.symbol("cpus_release"), appliance.symbol("pd_crash")
        for place in [*places, release, end]:
            assert gdb.ask(f"Z1,{place:x},4") == "OK"
        while (at := stopped_at(gdb)) != end:
            answer = None
            if at == release:
                gdb.write(appliance.regions()["code"].pa, assemble(folder, text))
            else:
                answer = firmware.answer(gdb.register("x0") & 0xFFFFFFFF, gdb.register("x1"))
            if answer is None:
                step_over(gdb, at)
            else:
                gdb.set_register("x0", answer)
                gdb.set_register("pc", at + 4)
        data = machine.dump(appliance.regions()["data"].pa, 8 * len(CALLS))
        return [int.from_bytes(data[8 * i:8 * i + 8], "little") for i in range(len(CALLS))]


@pytest.mark.parametrize("has_smccc", [True, False])
def test_workarounds_are_passed_on(bounded, tmp_path, has_smccc):
    firmware = Firmware(has_smccc)
    got = run(bounded, tmp_path, firmware)
    known = [ANSWERS[which] for which in WORKAROUNDS] if has_smccc else [NOT_SUPPORTED] * 3
    called = [0x80008000, SWITCH, NOT_SUPPORTED] if has_smccc else [NOT_SUPPORTED] * 3
    assert got == [*known, 0, 0, NOT_SUPPORTED, *called, NOT_SUPPORTED]
    boot = [(PSCI_FEATURES, VERSION), *[(FEATURES, which) for which in WORKAROUNDS if has_smccc]]
    calls = [(SWITCH, 1), (0x80008000, 0), (SWITCH, 0)]         # first: a vCPU starts with it on, whatever the last one did
    assert firmware.asked == boot + (calls if has_smccc else [])
