# SPDX-License-Identifier: Apache-2.0
"""
The rule book against the compiler: partitions/ptc/RULES.md has each rule of the
sources once, and each was raised by the cases that it names in this very run.
"""
import re

import pytest

from harness import CASES, RAISED, ROOT, SAID

SOURCES = sorted((ROOT / "partitions/ptc").glob("*.c"))
CALL = re.compile(r"\b(error_at|report_overlap|warning_at)\(\s*(\d+),")
UNNUMBERED = re.compile(r"\b(?:error_at|report_overlap|warning_at)\((?!\s*\d).*")
ROW = re.compile(r"^\| ([RW]\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)


def book():
    """(number, rule, reason, cases) of each row."""
    rows = ROW.findall((ROOT / "partitions/ptc/RULES.md").read_text())
    return [(number, rule, reason, re.findall(r"`([\w-]+)`", cases)) for number, rule, reason, cases in rows]


def in_sources():
    return [("W" if name == "warning_at" else "R") + number
            for source in SOURCES for name, number in CALL.findall(source.read_text())]


def test_each_number_is_raised_in_one_place():
    """Two places with one number would be two rules, or one rule that is written twice; and none hides its number."""
    assert sorted(in_sources()) == sorted(set(in_sources()))
    others = [call for source in SOURCES if source.name != "diag.c" for call in UNNUMBERED.findall(source.read_text())]
    assert [call.split(",")[0] for call in others] == ["report_overlap(unsigned rule", "error_at(rule"]


def test_each_rule_of_the_sources_is_in_the_book():
    numbers = [row[0] for row in book()]
    assert len(numbers) == len(set(numbers)) and numbers == sorted(numbers, key=lambda n: (n[0], int(n[1:])))
    assert set(numbers) == set(in_sources())
    assert all(rule.strip() and reason.strip() for _, rule, reason, _ in book())


def test_each_rule_is_raised_by_its_cases():
    if not {case.stem for case in CASES} <= RAISED.keys():
        pytest.skip("only a run of all cases knows")
    for number, _, _, cases in book():
        assert cases, f"{number} has no case"
        for case in cases:
            assert number in RAISED.get(case, ()), f"{case} raises {sorted(RAISED.get(case, ()))}, not {number}"


def test_messages_of_the_manual_are_printed():
    """Those that docs/table.md shows, indented, beside pieces of tables."""
    if not {case.stem for case in CASES} <= RAISED.keys():
        pytest.skip("only a run of all cases knows")
    page = (ROOT / "docs/table.md").read_text().split("## What a PD sees")[0]
    shown = [line for line in re.findall(r"^    (\S.*)$", page, re.M) if not re.search(r"[{}]|;$", line)]
    assert len(shown) > 25
    assert [line for line in shown if line not in SAID] == []
