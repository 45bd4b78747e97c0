# SPDX-License-Identifier: Apache-2.0
"""
What ptc says of wrong tables. One .dts file a mistake, named after it; files
named accepted-* lie on the right side of a boundary and must build. Lines of a
case that this reads:

    // expect: REGEX      a line that ptc must print, to its end or to the number of the rule; every error, warning and
                          note that it prints must be expected.
                          `<label>:` and `<label.property>:` stand for the place of that label
                          of base.dtsi, two.dtsi, bridges.dtsi, guest.dtsi or the board, or of a node listed in UNLABELLED
    // allowed: REGEX     in bridges.dtsi and guest.dtsi: a warning that its cases may print, if they come to print any
                       Nor need one expect W6 of a node that it moves by another reg: its name cannot follow.
    // table: REGEX       what table.c must have somewhere, if the case is accepted
    // image-size: N      bytes of image.bin; 4096 unless it says otherwise
    // image: PATH        another name for image.bin, relative to the folder of images
    // no-image           there is no such file
    // image-is-folder    there is a folder of that name
    // built: NAME        a program of that name is built, 4096 bytes of it
    // not-built: NAME    it should be, but is not there

Run with /usr/bin/python3 -m pytest tests/refuse; PTC= names another compiler, such as one with sanitizers.
"""
import re

import pytest

from harness import (BASE, CASES, HERE, OUTPUTS, ROOT, check_compiles, check_refused, compile_tree, make_image, option,
                     ptc_build, ptc_headers)

# Nodes of the board without a label, as cases name them.
UNLABELLED = {
    "root": r"^/ \{",
    "chosen": r"\schosen \{",
    "memory": r"\smemory@",
    "bootloader": r"\sbootloader@40000000 ",
    "hypervisor": r"\shypervisor@",
    "timer": r"\stimer \{",
    "flash": r"\sflash@",
    "flash_partitions": r"\spartitions \{",
    "env": r"\spartition@0 \{",
}


def make_built(text, folder):
    """The name=path that the build would give ptc."""
    missing = option(text, "not-built")
    name = missing or option(text, "built")
    if not name:
        return []
    program = folder / "program"
    if not missing:
        program.write_bytes(bytes(4096))
    return [f"{name}={program}"]


def place(match):
    """path:line of a label's node, or of a property in it."""
    label, _, prop = match.group(1).partition(".")
    node = UNLABELLED.get(label, rf"(^|\s){label}: ")
    for path in reversed(BASE) if label in UNLABELLED else BASE:
        lines = (ROOT / path).read_text().split("\n")
        for start, line in enumerate(lines):
            if not re.search(node, line):
                continue
            at = start
            while prop and not re.search(rf"(^|\s){re.escape(prop)} = ", lines[at]):
                at += 1
            return f"^{path}:{at + 1}:"
    raise AssertionError(f"no label {label}")


def expectations(text, word="expect"):
    lines = re.findall(rf"^// {word}: (.*)$", text, re.M)
    return [re.sub(r"<([a-z0-9_]+(?:\.[a-z#-]+)?)>:", place, line) for line in lines]


def allowances(table, text):
    allowed = [line for name in ("bridges.dtsi", "guest.dtsi") if f'"{name}"' in text
               for line in expectations((HERE / name).read_text(), "allowed")]
    if re.search(r"^&\w+ \{[^{}]*\breg = ", text, re.M):
        allowed.append(rf"{re.escape(table.name)}:\d+: warning: \S+ is at 0x\w+: name it \S+, or correct 'reg' \[W6\]")
    return allowed


def is_said(regex, line):
    """The message to its end, remedy and all, but for the number of its rule."""
    return re.search(rf"(?:{regex})(?: \[[RW]\d+\])?$", line)


def check_messages(expected, allowed, stderr):
    """Each that is expected, and no other; notes too, which name the other party, but those of allowed warnings."""
    lines = stderr.split("\n")
    for regex in expected:
        assert any(is_said(regex, line) for line in lines), f"nobody said: {regex}\n{stderr}"
    is_allowed = False
    for line in lines:
        kind = re.search(r": (error|warning|note): ", line)
        if not kind:
            continue
        is_expected = any(is_said(regex, line) for regex in expected)
        if kind[1] != "note":
            is_allowed = kind[1] == "warning" and any(is_said(regex, line) for regex in allowed)
        assert is_expected or is_allowed, f"not expected: {line}"


@pytest.mark.parametrize("table", CASES, ids=lambda path: path.stem)
def test_table(table, tmp_path):
    text = table.read_text()
    accepted = table.name.startswith("accepted-")
    expected = expectations(text)
    images = tmp_path / "images"
    images.mkdir()
    make_image(text, images)
    compile_tree(table.relative_to(ROOT), tmp_path)
    headers = ptc_headers(tmp_path)
    assert headers.returncode in ((0,) if accepted else (0, 1)), headers.stderr
    done = ptc_build(tmp_path, *make_built(text, tmp_path), images)
    check_messages(expected, allowances(table, text), done.stderr)
    if accepted:
        assert done.returncode == 0, done.stderr
        assert len([path for path in (tmp_path / "gen").iterdir() if path.suffix != ".dtb"]) == OUTPUTS
        for regex in re.findall(r"^// table: (.*)$", text, re.M):
            assert re.search(regex, (tmp_path / "gen/table.c").read_text()), f"table.c has no {regex}"
        check_compiles(tmp_path)
    else:
        assert expected
        check_refused(done, tmp_path / "gen")
        assert "nothing was built" in done.stderr
