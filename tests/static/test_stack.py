# SPDX-License-Identifier: Apache-2.0
"""mk/stack refuses what it cannot bound: each case breaks a copy of the sources in one way and builds that."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """A copy of the sources, built: a case then compiles one file and links."""
    tree = tmp_path_factory.mktemp("stack") / "tree"
    shutil.copytree(TOP, tree, ignore=shutil.ignore_patterns(".git", "build*", "__pycache__"))
    built = stack(tree)
    assert built.returncode == 0, built.stderr
    return tree


def stack(tree):
    return subprocess.run(["make", "-C", str(tree), "O=out", "TABLE=partitions/first-light/table.dts", "stack"],
                          capture_output=True, text=True)


def depth(tree):
    return int(re.search(r"cpu (\d+) of 8192 bytes", stack(tree).stdout)[1])


@pytest.fixture
def change(tree):
    """change(file, old, new, ...): until the test ends."""
    kept = {}

    def apply(name, *pairs):
        path = tree / name
        kept.setdefault(path, path.read_text())
        for old, new in zip(pairs[::2], pairs[1::2]):
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, new, 1))
    yield apply
    for path, text in kept.items():
        path.write_text(text)


INPUT = "void vuart_input(void) {"

REFUSED = {
    "a frame that is larger than the stack": (
        "hv/vdev/vuart.c", INPUT, INPUT + ' char large[8000]; __asm__ volatile("" : : "r"(large) : "memory"); ',
        r"cpu has 8192 bytes and needs \d+: .* -> vuart_input"),
    "a frame whose size is data": (
        "hv/vdev/vuart.c", INPUT,
        INPUT + " volatile char *some = __builtin_alloca(percpu()->state->vuart.length); some[0] = 0; ",
        r"vuart_input: the stack pointer depends on data|frame is dynamic"),
    "a function that calls itself": (
        "hv/vdev/vuart.c", "void vuart_input(void) {",
        "void vuart_input(void) { if (percpu()->state->vuart.length) vuart_input(); ",
        r"recursion: vuart_input -> vuart_input"),
    "a function that comes back through others": (
        "hv/arch/arm64/irq.c", "{ arch_call_on_stack(percpu()->cpu->stack_top, irq_park); }", "{ for (;;) irq_park(); }",
        r"recursion: pd_stop -> .*arch_park -> .*-> pd_stop"),
    "an indirect call to nobody knows where": (
        "hv/vdev/vuart.c", INPUT, INPUT + " ((void (*)(void))(uintptr_t)percpu()->state->vuart.length)(); ",
        r"vuart_input: an indirect call at 0x[0-9a-f]+ that hv/stacks.txt does not list"),
    "a function's address where no line has it": (
        "hv/vdev/vuart.c", INPUT, INPUT + ' __asm__ volatile("" : : "r"(vuart_reset)); ',
        r"vuart_input takes the address of vuart_reset: hv/stacks.txt must say"),
    "another stack": (
        "hv/vdev/vuart.c", INPUT, INPUT + ' __asm__ volatile("mov sp, %0" : : "r"(percpu())); ',
        r"vuart_input: changes stacks at 0x[0-9a-f]+, and hv/stacks.txt does not list it"),
    "assembly that does not give back what it took": (
        "hv/arch/arm64/vectors.S", "\tldr\tx30, [sp, #240]", "\tldr\tx30, [sp, #240]\n\tsub\tsp, sp, #16",
        r"return_to_guest: exception return with 16 bytes on the stack"),
    "a switch of stacks that is listed and gone": (
        "hv/stacks.txt", "switch emergency hyp_unexpected", "switch emergency hyp_unexpected pd_run",
        r"pd_run changes to no stack: remove the line"),
    "an indirect call that is listed and gone": (
        "hv/stacks.txt", "call request_serve ", "call pd_run from served\ncall request_serve ",
        r"stacks.txt:\d+: no indirect call in pd_run: remove the line"),
    "who takes addresses, listed and gone": (
        "hv/stacks.txt", "from served", "from pd_run", r"served takes the address of "),
    "a stack of another size": (
        "hv/stacks.txt", "stack cpu       8192", "stack cpu       16384",
        r"the CPUs' stacks are not 16384 bytes"),
    "a line that says nothing": ("hv/stacks.txt", "above cpu ", "below cpu ", r"stacks.txt:\d+: not a line of this list: below"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, tree, change):
    name, old, new, message = REFUSED[case]
    change(name, old, new)
    done = stack(tree)
    assert done.returncode != 0
    assert re.search(message, done.stderr), done.stderr


def test_assembly_and_an_exception_of_our_own_count(tree, change):
    """On top of everything there are the registers of our own exception."""
    before = depth(tree)
    call = "\tbl\ttrap_hyp_sync\n"
    change("hv/arch/arm64/vectors.S", call, f"\tsub\tsp, sp, #128\n{call}\tadd\tsp, sp, #128\n")
    assert depth(tree) == before + 128


def test_compilers_figures_are_there(tree):
    """Without a .su file nothing would be compared."""
    usage = tree / "out/obj/hv/vdev/vuart.su"
    text = usage.read_text()
    try:
        usage.write_text(re.sub(r"(transmit|register_write|vuart_access)\t\d+", r"\1\t16384", text))
        assert "by its instructions, [16384] by the compiler" in stack(tree).stderr
        usage.unlink()
        assert "no .su file has it" in stack(tree).stderr
    finally:
        usage.write_text(text)
