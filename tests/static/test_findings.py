# SPDX-License-Identifier: Apache-2.0
"""mk/findings.py fails on what docs/deviations.md does not cover, and on what that covers without need."""
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]

HYPERVISOR = """#include <generated/config.h>
unsigned first(unsigned word)
{
\tif (word == 7u)
\t\treturn 1u;
\treturn word;
}
"""
PTC = """#include <string.h>
int same(const char *a, const char *b)
{
\tif (strcmp(a, b))
\t\treturn 0;
\treturn 1;
}
"""
# What the two hold, and no more.
ROWS = [
    ("MISRA 8.4", "`hv`", "a test"),
    ("MISRA 15.5, MISRA 15.6", "`hv/one.c` (1)", "a test"),
    ("bugprone-suspicious-string-compare", "`partitions/ptc`", "a test"),
]


@pytest.fixture
def tree(tmp_path):
    for name, text in ("hv/one.c", HYPERVISOR), ("partitions/ptc/two.c", PTC):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/other.md").touch()
    write(tmp_path, ROWS)
    return tmp_path


def write(tree, rows, numbers=None):
    numbers = numbers or range(1, len(rows) + 1)
    lines = ["# Deviations", "| number | rule | where | why |"]
    lines += [f"| D-{number} | {' | '.join(row)} |" for number, row in zip(numbers, rows)]
    (tree / "docs/deviations.md").write_text("\n".join(lines) + "\n")


def run(tree):
    return subprocess.run([TOP / "mk/findings.py"], cwd=tree, capture_output=True, text=True)


def refused(tree, *messages):
    done = run(tree)
    assert done.returncode == 1, done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == len(messages), done.stderr
    for message, line in zip(messages, lines):
        assert re.search(message, line), line


def test_all_covered(tree):
    done = run(tree)
    assert done.returncode == 0, done.stderr
    assert "FINDINGS 4 " in done.stdout and "3 deviations" in done.stdout
    assert sorted(path.name for path in (tree / "hv").iterdir()) == ["one.c"], "it writes into the sources"


def test_new_finding_in_hypervisor(tree):
    """A loop that jumps out: no row has its rule."""
    (tree / "hv/one.c").write_text(HYPERVISOR.replace("\treturn word;", "\tgoto end;\nend:\n\treturn word;"))
    refused(tree, r"hv/one.c:6: MISRA 15.1: not covered by docs/deviations.md")


def test_new_finding_in_a_covered_rule(tree):
    """One more than is listed, on a line of its own; both are named."""
    more = "\tif (word == 8u) {\n\t\treturn 2u;\n\t}\n\treturn word;"
    (tree / "hv/one.c").write_text(HYPERVISOR.replace("\treturn word;", more))
    refused(tree, r"D-2: MISRA 15.5 in hv/one.c: listed are 1, found 2: hv/one.c:5 hv/one.c:7$")


def test_new_finding_in_another_file(tree):
    """A row is for its files only."""
    (tree / "hv/three.c").write_text(HYPERVISOR.replace("first", "second").replace("\t\treturn 1u;", "\t\tword = 1u;"))
    refused(tree, r"hv/three.c:4: MISRA 15.6: not covered", r"hv/three.c:5: MISRA 17.8: not covered")


def test_new_finding_in_a_header(tree):
    (tree / "hv/include").mkdir()
    (tree / "hv/include/one.h").write_text("#ifndef ONE_H\n#define ONE_H\n#define TWICE(x) (x * 2u)\n#endif\n")
    (tree / "hv/one.c").write_text('#include <one.h>\n' + HYPERVISOR.replace("== 7u", "== TWICE(7u)"))
    refused(tree, r"hv/include/one.h:3: MISRA 20.7: not covered",
            r"hv/include/one.h:3: bugprone-macro-parentheses: not covered")


def test_new_finding_in_ptc(tree):
    (tree / "partitions/ptc/two.c").write_text(PTC.replace("return 0;", "return a == a;"))
    refused(tree, r"partitions/ptc/two.c:5: misc-redundant-expression: not covered")


@pytest.mark.parametrize("source", ["hv/one.c", "partitions/ptc/two.c"])
def test_source_that_is_no_c(tree, source):
    """What the tools cannot read is no source without findings."""
    (tree / source).write_text("int broken(void {\n")
    assert re.search(rf"{source}:1: clang-diagnostic-error: not covered", run(tree).stderr)


STALE = {
    "MISRA": ("hv/one.c", HYPERVISOR.replace("unsigned first", "unsigned first(unsigned word);\nunsigned first", 1),
              "D-1: MISRA 8.4 is not found in hv "),
    "clang-tidy": ("partitions/ptc/two.c", PTC.replace("strcmp(a, b)", "strcmp(a, b) != 0"),
                   "D-3: bugprone-suspicious-string-compare is not found in partitions/ptc "),
}


@pytest.mark.parametrize("name", STALE)
def test_stale_deviation(tree, name):
    """The mistake is gone, its row is not."""
    source, text, message = STALE[name]
    (tree / source).write_text(text)
    refused(tree, message)


def test_deviation_without_a_finding(tree):
    write(tree, [*ROWS, ("MISRA 15.1", "`hv`", "a test")])
    refused(tree, r"D-4: MISRA 15.1 is not found in hv \(any more\): take it out")


def test_less_than_listed(tree):
    write(tree, [*ROWS[:2], (ROWS[2][0], "`partitions/ptc/two.c` (2)", "a test")])
    refused(tree, r"D-3: bugprone-suspicious-string-compare in partitions/ptc/two.c: listed are 2, found 1: ")


MISTAKES = {
    "no such place": ([(*ROWS[0][:1], "`hv/none.c`", "a test")], None, "D-1: no such file or folder: `hv/none.c`"),
    "no reason": ([(*ROWS[0][:2], "")], None, "D-1: needed are number, rule, where, reason"),
    "a number twice": (ROWS, [1, 2, 2], "deviations.md:5: D-2: the next number is D-3"),
    "a number left out": (ROWS, [1, 2, 4], "D-4: the next number is D-3"),
    "a mandatory rule": ([("MISRA 15.5, MISRA 9.1", "`hv`", "a test")], None,
                         "D-1: mandatory, no deviation is possible: MISRA 9.1"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_of_the_list(tree, name):
    rows, numbers, message = MISTAKES[name]
    write(tree, rows, numbers)
    refused(tree, re.escape(message))
