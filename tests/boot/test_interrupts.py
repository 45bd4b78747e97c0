# SPDX-License-Identifier: Apache-2.0
"""The interrupt controller and PSCI as a PD sees them: interrupts/ does it, its memory says what came."""
import re

import pytest
from appliance import TOP, Appliance
from conftest import BUILD
from machine import Machine

SOURCES = TOP / "tests" / "boot" / "interrupts"
NOTHING, DEVICES, TIMER = 1023, 20, 27
MINUS = {n: 2**64 - n for n in range(1, 6)}     # PSCI's errors
URGENT, NORMAL, LATE = 3, 2, 1                  # SGIs, by their priority


def names():
    """Of results, in the order of tester.h."""
    text = re.search(r"enum result \{(.*?)\}", (SOURCES / "tester.h").read_text(), re.S)[1]
    return [word.strip() for word in re.sub(r"/\*.*?\*/", "", text).split(",") if word.strip()]


def words(data):
    return [int.from_bytes(data[at:at + 8], "little") for at in range(0, len(data), 8)]


class Run:
    def __init__(self, machine):
        appliance = machine.appliance
        regions = appliance.regions()
        data = words(machine.dump(regions["results"].pa, regions["results"].size))
        self.results = {name: [] for name in names()}
        for n in range(1, data[0] + 1):
            self.results[names()[data[2 * n]]].append(data[2 * n + 1])
        self.bystander = words(machine.dump(regions["counts"].pa, 0x800))
        self.console = machine.console()
        self.running = machine.qmp.ask("query-status")["status"]
        line = re.search(r"interrupts (.*?); controller", appliance.report)[1]
        self.kinds = {int(intid): kind for intid, kind in re.findall(r"(\d+) (\w+)", line)}
        self.msis = sorted(intid for intid, kind in self.kinds.items() if kind == "MSI")

    def __getitem__(self, name):
        return self.results[name]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    appliance = Appliance(BUILD / "interrupts", "tests/boot/interrupts/table.dts")
    with Machine(appliance, tmp_path_factory.mktemp("interrupts"), boot="kernel") as machine:
        machine.go()
        machine.wait_console("[tester] tests are through")
        yield Run(machine)


def test_all_of_36_pending_come_once_and_in_order(run):
    priorities = {intid: intid * 7 % 15 << 4 for intid in [*range(16), *run.msis]}
    assert len(run.msis) == DEVICES and run["ORDER_PENDING"] == [1] * 36
    came = [(word >> 32, word & 0xFFFFFFFF) for word in run["ORDER"]]
    assert sorted(intid for _, intid in came) == sorted(priorities)
    assert [priority for priority, _ in came] == sorted(priorities.values())
    assert all(priority == priorities[intid] for priority, intid in came)


def test_preemption_by_more_urgent_ones_only(run):
    assert run["PREEMPTION"] == [NORMAL, NOTHING, URGENT, 0x20, 0x80, NORMAL + 2, LATE, NOTHING]
    assert run["MASKED_BY_PRIORITY"] == [NOTHING, URGENT, NORMAL, NOTHING, LATE]


def test_end_in_two_steps(run):
    a, b, c, d, e = run.msis[:5]
    assert run["SPLIT_END"] == [a, 1, b, 1, c, 1, d, 1, NOTHING, NOTHING, e, 1, a, 1, 0, 0, 0, 0, 0, NOTHING]


def test_six_active_at_once_each_comes_again(run):
    nest = run.msis[:6]
    ends = [word for intid in reversed(nest) for word in (intid, 0)]
    assert run["NESTED"] == [*nest, *[1] * 6, *ends, NOTHING]


def test_msis_are_latched_in_every_state(run):
    msi = run.msis[0]
    assert run["MSI_DISABLED"] == [NOTHING, 1, msi, NOTHING, 0]
    assert run["MSI_PENDING"] == [msi, NOTHING]
    assert run["MSI_ACTIVE"] == [msi, 0, NOTHING, 1, 1, msi, NOTHING, 0]
    assert run["MSI_PULLED_BACK"] == [NOTHING, 1, msi, NOTHING]
    assert run["MSI_DISABLED_ACTIVE"] == [msi, NOTHING, 0, msi, NOTHING]


def test_pending_and_active_as_written(run):
    msi = run.msis[0]
    assert run["SET_AND_CLEAR_PENDING"] == [0, NOTHING, msi, NOTHING, 1, NOTHING]
    assert run["SET_AND_CLEAR_ACTIVE"] == [1, NOTHING, 1, msi, NOTHING, 0]


def test_levels_are_sampled_again(run):
    lines = [intid for intid, kind in sorted(run.kinds.items()) if kind == "level"]
    assert len(lines) == 2
    again = {intid: [intid, NOTHING] * 3 + [NOTHING, 0] for intid in lines}
    assert run["LINE_COMES_AGAIN"] == [word for intid in lines for word in again[intid] * 2]
    assert run["LINE_WITHDRAWN"] == [NOTHING, NOTHING, 0] * 2
    assert run["LINE_WAITS"] == [word for intid in lines for word in (intid, NOTHING)]


def test_what_the_controller_says_it_is(run):
    blocks = max(run.kinds) // 32
    last, number = 1 << 4, 8
    assert run["IDENTITY"] == [1 << 25 | 9 << 19 | blocks, 0x30, 0x52, 0, 0x30, 1 << 32 | 1 << number, 0x30,
                               2 << 32 | 2 << number | last, 0x30, 0]


def test_interrupts_of_others_are_not_there(run):
    private = 1 << TIMER | 0xFFFF
    shared = [sum(1 << intid % 32 for intid in run.kinds if intid // 32 == block) for block in range(1, 16)]
    assert run["OWNED"] == [word for mask in [private, *shared] for word in (mask, mask)]
    assert run["UNOWNED"] == [0x1F8 if intid in run.kinds else 0 for intid in range(32, 512)]


def test_sgis_between_vcpus_stay_in_the_pd(run):
    assert run["SGI_TARGETED"] == [1, 1, 0, NOTHING]
    assert run["SGI_ALL_BUT_SELF"] == [1, 1, NOTHING, 1, 1]
    assert run.bystander[TIMER] > 0
    assert [intid for intid, count in enumerate(run.bystander) if count] == [TIMER]


def test_routes(run):
    msi = run.msis[0]
    assert run["ROUTED"] == [1, NOTHING, 1, NOTHING, msi, 1, 1]
    assert run["ROUTED_PENDING"] == [2, NOTHING, NOTHING, 1, 2, 2]


def test_state_in_list_registers_of_another_vcpu(run):
    assert run["ELSEWHERE_PENDING"] == [1, 1, 0, 1, 0, 1, 1, 1, 2, 3, 2]
    assert run["ELSEWHERE_ACTIVE"] == [1, 1, 0, 0, 1, 2, 0]


def test_nothing_is_lost_while_a_vcpu_is_off(run):
    assert run["SGI_AT_OFF"] == [1, 1, 0, 1, 1, 1]
    assert run["OFF_AND_ON"] == [*range(200), 1, NOTHING]


def test_psci_results(run):
    assert run["CPU_ON"] == [MINUS[4], MINUS[2], MINUS[2]] * 2
    assert run["AFFINITY"] == [0, 1, MINUS[2], MINUS[2], MINUS[2]] * 2
    firsts, seconds = run["CPU_ON_PENDING"][0::2], run["CPU_ON_PENDING"][1::2]
    assert set(firsts) == {0} and len(seconds) == 50
    # It may even have gone off again in between.
    assert MINUS[5] in seconds and set(seconds) <= {MINUS[4], MINUS[5], 0}


def test_hvc_and_smc_alike(run):
    assert run["FEATURES"] == [*[0] * 11, *[MINUS[1]] * 3] * 2
    assert run["SMC"] == [0x10001, 0x10001, 2, MINUS[1], MINUS[1]] * 2
    assert run["ARGUMENTS"] == [0x10001, 1, MINUS[2], 0, 0] * 2


def test_ends_of_other_pds_concern_nobody(run):
    assert "leaver turned its last CPU off" in run.console and "resetter asks for a reset" in run.console
    assert run.running == "running" and "PANIC" not in run.console and "WARN" not in run.console
