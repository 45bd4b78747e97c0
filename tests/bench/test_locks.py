# SPDX-License-Identifier: Apache-2.0
"""How long a PD's lock is held by those who use the interrupt controller hardest: three vCPUs, 23 SPIs.

The program is the boot tests' (boot/interrupts). It has vCPUs go off and on under load, and has one stop the others to
read or change what is in their list registers.
"""
import pytest
from bench import BUILD, Appliance
from el2count import Meter
from machine import Machine

CPUS = (1, 2, 3)                                # the tester's
# Most is a register of 32 interrupts that all change, then the choice for the list registers: about 200 for each.
MOST_HELD = 8000


@pytest.fixture(scope="module")
def cpus(tmp_path_factory, request):
    appliance = Appliance(BUILD / "interrupts", "tests/boot/interrupts/table.dts")
    folder = tmp_path_factory.mktemp("locks")
    meter = Meter(appliance.build, folder / "counters", seen=["vgic_stop_others", "vgic_refresh"])
    with Machine(appliance, folder, boot="kernel", extra=meter.words) as machine:
        machine.go()
        machine.wait_console("[tester] tests are through")
        found = [meter.cpu(idx) for idx in CPUS]
    lines = [f"  CPU {idx}{cpu['lock holds']['exits']:>12} holds, the longest {cpu['lock holds']['longest']}, others "
             f"stopped {cpu['markers']['vgic_stop_others']['exits']} times" for idx, cpu in zip(CPUS, found)]
    text = "\n".join(["instructions for which a lock of three vCPUs is held", *lines])
    (BUILD / "locks.txt").write_text(text + "\n")
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n" + text)
    return found


def test_every_cpu_takes_the_lock_and_others_are_stopped(cpus):
    """Else there would be nothing to judge."""
    assert all(cpu["lock holds"]["exits"] >= 100 for cpu in cpus)
    assert sum(cpu["markers"]["vgic_stop_others"]["exits"] for cpu in cpus) >= 1


def test_locks_are_held_for_a_bounded_time(cpus):
    assert [cpu["lock holds"]["longest"] for cpu in cpus if cpu["lock holds"]["longest"] > MOST_HELD] == []
