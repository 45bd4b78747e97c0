# SPDX-License-Identifier: Apache-2.0
"""The plugin against QEMU's own count: under -icount the PD's clock says how many instructions an exit took."""
import shlex

import pytest
from bench import BUILD, Appliance, measured, qemu
from el2count import Meter

ENDINGS = {"owed": ["trap_guest_sync"], "unowed": ["trap_guest_irq"], "seen": ["psci_serve"]}


@pytest.fixture(scope="module", params=["one", "alias"])
def appliance(request):
    return Appliance(BUILD / request.param, f"tests/bench/{request.param}/table.dts")


def run(appliance, folder, more="", **markers):
    meter = Meter(appliance.build, folder / "counters", locks=False, **markers)
    console = qemu(shlex.split(appliance.command_line("kernel") + " " + meter.words + more))
    return meter, measured(console)


def without_longest(tally):
    return tally["exits"] - 1, tally["instructions"] - tally["longest"]


def test_every_instruction_is_of_an_exit_and_owned_once(appliance, tmp_path):
    """Also where the PD's program has the hypervisor's address: none of its instructions is counted."""
    meter, pd = run(appliance, tmp_path, **ENDINGS)
    cpu = meter.cpu(0)
    assert cpu["total"] == cpu["boot"] + cpu["owed"]["instructions"] + cpu["unowed"]["instructions"]
    assert cpu["unmarked"]["exits"] == 0
    assert cpu["markers"]["trap_guest_sync"] == cpu["owed"]
    assert cpu["markers"]["trap_guest_irq"] == cpu["unowed"]
    # The HVC itself and moves of its result are the PD's; the last and longest call was the power off.
    count, length = without_longest(cpu["markers"]["psci_serve"])
    assert pd["hvc"]["median"] - 3 <= length / count < pd["hvc"]["median"]


def test_what_nobody_named_is_unowed(appliance, tmp_path):
    meter, _ = run(appliance, tmp_path, owed=["trap_guest_irq"], seen=["trap_guest_sync"])
    cpu = meter.cpu(0)
    assert cpu["unowed"] == cpu["unmarked"] == cpu["markers"]["trap_guest_sync"]
    assert cpu["owed"]["exits"] > 100
    assert "lock holds" not in cpu


def test_unowed_wins_over_owed(appliance, tmp_path):
    meter, _ = run(appliance, tmp_path, owed=["trap_guest_sync", "trap_guest_irq"], unowed=["psci_serve"])
    cpu = meter.cpu(0)
    assert cpu["unowed"] == cpu["markers"]["psci_serve"]
    assert cpu["unowed"]["exits"] > 100 and cpu["unmarked"]["exits"] == 0


def test_longest_hold_is_seen(appliance, tmp_path):
    """A pretended lock, from the handler of traps to the way back: all of an exit but saving and loading registers."""
    symbol = appliance.symbol
    words = f",take={symbol('trap_guest_sync'):#x}"
    words += "".join(f",release={symbol(way_back):#x}" for way_back in ("return_to_guest", "guest_return_all"))
    meter, _ = run(appliance, tmp_path, words, owed=["trap_guest_sync"])
    meter.has_locks = True
    cpu = meter.cpu(0)
    count, length = without_longest(cpu["owed"])
    assert cpu["lock holds"]["exits"] == count > 100        # the power off does not come back
    assert 24 < (length - cpu["lock holds"]["instructions"]) / count < 48
