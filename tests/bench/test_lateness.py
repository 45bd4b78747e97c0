# SPDX-License-Identifier: Apache-2.0
"""The wall clock's histograms: shown. What is asserted is that they are what they say, not how late anything was."""
import lateness
import pytest


@pytest.fixture(scope="module")
def measured(tmp_path_factory, request):
    found, total, ticks = lateness.measure(lateness.appliance(), tmp_path_factory.mktemp("lateness"))
    text = "\n".join(lateness.table(found))
    (lateness.BUILD / "lateness.txt").write_text(text + "\n")
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n" + text)
    return found, total, ticks


def test_every_tick_is_in_the_histogram(measured):
    """One may be on its way from the driver's count to the histogram while the machine stops."""
    _, total, ticks = measured
    assert ticks - 1 <= sum(total) <= ticks


def test_every_phase_has_ticks(measured):
    assert {name: sum(counts) for name, counts in measured[0].items() if not sum(counts)} == {}
