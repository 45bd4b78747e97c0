# SPDX-License-Identifier: Apache-2.0
"""Fate groups as the reports have them: who fails together, whether one PD's or several's."""
import json
import shutil
import sys

from harness import HERE, ROOT, compile_tree, ptc_build

sys.path.insert(0, str(ROOT / "partitions/report"))
import page  # noqa: E402: the folder is no package
import text  # noqa: E402

LINK = "behind bridge@{},0, one link: its errors, its reset and its loss hit all"
DEVICE = "functions of one device, 0000:00:01: its errors and its reset hit all"
SECOND = "&pd { second { bdf = <0x00 1 1>; id = <1 2>; class = <0xff00>; }; };\n"
BESIDE = "&pd2 { beside { bridge = <&rp0>; devfn = <0 1>; id = <1 2>; class = <0xff00>; }; };\n"


def report(base, source):
    table = base / "fates.dts"
    table.write_text(source)
    for name in ("bridges.dtsi", "two.dtsi", "base.dtsi"):
        shutil.copy(HERE / name, base)
    compile_tree(table, base)
    done = ptc_build(base, base / "images")
    assert done.returncode == 0, done.stderr
    return json.loads((base / "gen/report.json").read_text())


def groups(made):
    return [(group["functions"], group["pds"], group["why"]) for group in made["fate-groups"]]


def test_none(base):
    made = report(base, '#include "two.dtsi"\n')
    assert groups(made) == []
    assert "Fate groups: functions that fail together\n  none\n" in "\n".join(text.text(made))


def test_switch_is_one_link_whatever_its_ports_keep_apart(base):
    made = report(base, '#include "bridges.dtsi"\n')
    assert groups(made) == [(["0000:04:00.0", "0000:06:01.0", "0000:06:02.0"], ["one", "two"], LINK.format(4))]
    line = f"  0000:04:00.0, 0000:06:01.0, 0000:06:02.0  of one, two: {LINK.format(4)}\n"
    assert f"Fate groups: functions that fail together\n{line}" in "\n".join(text.text(made))
    shown = dict(page.sections(made | {"budgets": [], "digests": {}}))["Fate groups"]
    assert "0000:06:02.0" in shown and "one, two" in shown


def test_device_of_several_functions(base):
    """On the first bus by the device, behind a port by the port: once each."""
    made = report(base, f'#include "bridges.dtsi"\n{SECOND}{BESIDE}'.replace("&pd2", "&pd"))
    assert [(functions, why) for functions, _, why in groups(made)] == [
        (["0000:00:01.0", "0000:00:01.1"], DEVICE), (["0000:01:00.0", "0000:01:00.1"], LINK.format(3)),
        (["0000:04:00.0", "0000:06:01.0", "0000:06:02.0"], LINK.format(4))]
