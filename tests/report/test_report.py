# SPDX-License-Identifier: Apache-2.0
"""
The report of the build in BUILD=, as its readers get it: complete, in one file,
and its comparison sees each change of reach and nothing else.

Run with make check-report.
"""
import copy
import html.parser
import json
import os
import re
import subprocess
import xml.dom.minidom
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", TOP / "build"))
VOID = {"meta", "br"}


def report_py(*words):
    return subprocess.run(["/usr/bin/python3", "-B", str(TOP / "partitions/report/report.py"), *map(str, words)],
                          capture_output=True, text=True, timeout=60)


@pytest.fixture
def report():
    return json.loads((BUILD / "report.json").read_text())


@pytest.fixture
def page():
    return (BUILD / "report.html").read_text()


class Page(html.parser.HTMLParser):
    """Every table as lists of cells' texts; what is open; what is fetched."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.open, self.fetched = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.fetched += [f"{tag} {name}={value}" for name, value in attributes
                         if name in ("src", "href", "xlink:href", "data", "action")]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += data + " "


def test_page_needs_nothing_else(page):
    parsed = Page(page)
    assert parsed.open == [] and parsed.fetched == []
    assert not re.search(r"@import|url\((?!#dbit)|<script", page)
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(drawings) >= 2
    for drawing in drawings:
        xml.dom.minidom.parseString(drawing)


def test_matrix_has_each_right_and_no_other(report, page):
    head, *rows = Page(page).tables[0]
    columns = [" ".join(cell.split()) for cell in head[1:-1]]
    rows = {" ".join(row[0].split()): row[1:-1] for row in rows}
    assert set(row.strip() for row in rows.pop("any other function")) == {"·"}
    for pd in report["pds"]:
        for function in pd["functions"]:
            cells = rows.pop(f"{pd['label']} {function['name']} {function['bdf']}")
            found = {column: cell.strip() for column, cell in zip(columns, cells) if cell.strip() != "·"}
            shared = {other["region"] for region in pd["regions"] for other in region["shared"]}
            assert not shared & {window["region"] for window in function["windows"]}
            assert found == {f"{pd['label']} {window['region']}": window["rights"] for window in function["windows"]}
    assert rows == {}


def test_text_has_each_window(report):
    text = (BUILD / "report.txt").read_text()
    for pd in report["pds"]:
        for function in pd["functions"]:
            for window in function["windows"]:
                assert re.search(rf"reaches +I/O {window['iova']:012x}-.* -> host {window['host']:012x}-\w+ "
                                 rf"{window['rights']}  {window['region']} of {pd['label']}\n", text)


def test_doorbell_of_one_requester_is_open_to_all(report, tmp_path):
    """As behind a bridge to conventional PCI, of which this build has none."""
    before, rings = copy.deepcopy(report), [function for pd in report["pds"] for function in pd["functions"]
                                            if "msi" in function]
    rings[1]["stream"] = rings[0]["stream"]
    del rings[1]["msi"]
    (tmp_path / "in.json").write_text(json.dumps(report))
    assert report_py("write", tmp_path / "in.json", tmp_path).returncode == 0
    rows = Page((tmp_path / "report.html").read_text()).tables[0]
    assert next(row for row in rows if rings[1]["bdf"] in row[0])[-1].split() == ["MSI", rings[0]["name"]]
    text = (tmp_path / "report.txt").read_text().partition(f"function {rings[1]['bdf']}")[2]
    assert re.match(rf"(?s:.*?)doorbell .*, that of {rings[0]['name']}\n.*; no vector of its own\n", text)
    assert any("raises MSIs of " in line for line in diff(tmp_path, before, report))


def test_digests_are_those_of_the_files(report):
    for name, digest in report["digests"].items():
        path = BUILD / name if (BUILD / name).exists() else BUILD / "pd" / name
        assert subprocess.run(["sha256sum", path], capture_output=True, text=True).stdout.split()[0] == digest
    assert {"table.dtb", "mullion.bin"} < set(report["digests"])
    assert all(used <= limit for _, used, limit in report["budgets"]) and len(report["budgets"]) >= 4


def diff(tmp_path, old, new):
    for name, content in ("old.json", old), ("new.json", new):
        (tmp_path / name).write_text(json.dumps(content))
    done = report_py("diff", tmp_path / "old.json", tmp_path / "new.json")
    assert done.stderr == "" and done.returncode == (done.stdout != "no change in reach\n")
    return done.stdout.splitlines()


def with_windows(report):
    return next((pd, function) for pd in report["pds"] for function in pd["functions"] if function["windows"])


def widen(report):
    with_windows(report)[1]["windows"][0]["size"] += 0x1000


def more_rights(report):
    window = with_windows(report)[1]["windows"][0]
    window["rights"] = "r--" if window["rights"] != "r--" else "rw-"


def one_less(report):
    with_windows(report)[1]["windows"].pop()


def other_device(report):
    with_windows(report)[1]["device"] += 1


def other_cpu(report):
    report["pds"][0]["cpus"] = ["cpu@7"]


def region_executable(report):
    report["pds"][0]["regions"][1]["rights"] = "rwx"


def shared_with_another(report):
    report["pds"][0]["regions"][0]["shared"] = [{"pd": report["pds"][1]["node"], "region": "shared"}]


def policy(report):
    report["pds"][0]["on-crash"] = "report"


def restart_limit(report):
    report["pds"][0]["restart"] = {"count": 7, "seconds": 0, "drain-us": 0}


CHANGES = [widen, more_rights, one_less, other_device, other_cpu, region_executable, shared_with_another, policy,
           restart_limit]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_diff_tells_a_change_of_reach(report, tmp_path, change):
    after = copy.deepcopy(report)
    change(after)
    lines = diff(tmp_path, report, after)
    assert lines and len(lines) <= 2
    flip = str.maketrans("+-", "-+")
    assert sorted(line[0] for line in diff(tmp_path, after, report)) == sorted(line[0].translate(flip) for line in lines)


def test_diff_is_silent_where_only_places_changed(report, tmp_path):
    after = copy.deepcopy(report)
    for pd in after["pds"]:
        pd["vmid"] += 1
        for region in pd["regions"]:
            region["host"] += 0x10000000
        for function in pd["functions"]:
            function["place"] = "elsewhere.dts:1"
            for window in function["windows"]:
                window["host"] += 0x10000000
    assert diff(tmp_path, report, after) == ["no change in reach"]


@pytest.mark.parametrize("content", ["", "{}", "[]", "{\"table\": 1}", "\xff"])
def test_what_is_no_report_is_refused(tmp_path, content):
    (tmp_path / "wrong.json").write_text(content, encoding="latin-1")
    done = report_py("diff", BUILD / "report.json", tmp_path / "wrong.json")
    assert done.returncode == 1 and re.fullmatch(r".*/wrong\.json: no report of a build: .*\n", done.stderr)
