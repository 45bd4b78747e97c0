# SPDX-License-Identifier: Apache-2.0
"""The deepest that each stack of the hypervisor becomes, from the linked image.

Follows every instruction from every entry (the image's, a second CPU's, each
exception vector) and adds up what moves the stack pointer, so that assembly is
counted as C is. hv/stacks.txt lists the stacks and who may reach what by an
indirect call. Refuses what it cannot bound: recursion, a stack pointer that
depends on data, an indirect call or a change of stack that is not listed; and
what is listed and is not there. The frames of C are compared with the
compiler's own figures (-fstack-usage).
"""
import argparse
import re
import sys

from image import Image, Listed, Refused, addresses_taken, check_layout, compiler_figures
from walk import Walk


def compare_frames(walk, figures):
    for at, frame in walk.frames.items():
        name = Image.source_name(walk.image.name(at))
        if at not in walk.image.functions:
            continue
        if name not in figures:
            raise Refused(f"{name}: no .su file has it: not built with -fstack-usage")
        if frame.depth not in figures[name]:
            raise Refused(f"{name}: {frame.depth} bytes by its instructions, {sorted(figures[name])} by the compiler")


def entry_address(image, name):
    match = re.fullmatch(r"vector(\d+)", name)
    if match:
        return image.symbols["vectors"] + 0x80 * int(match[1])
    if name not in image.symbols:
        raise Refused(f"no entry '{name}' in the image")
    return image.symbols[name]


def measure(walk):
    """{stack: (bytes, path)}, an exception of our own on top."""
    roots = [(stack, entry_address(walk.image, name), None) for stack, name in walk.listed.entries]
    above = [(stack, entry_address(walk.image, name)) for stack, name in walk.listed.above]
    for at in [at for _, at, _ in roots] + [at for _, at in above]:
        walk.function(at)
    for root in walk.roots:     # which grows meanwhile
        walk.function(root[1])
    worst = {stack: (-1, []) for stack in walk.listed.stacks}
    for stack, at, name in roots + walk.roots:
        depth, path = walk.deepest(at)
        if depth > worst[stack][0]:
            worst[stack] = (depth, [name or walk.image.name(at)] + [walk.image.name(a) for a in path[1:]])
    for stack, at in above:
        depth, path = walk.deepest(at)
        worst[stack] = (worst[stack][0] + depth, worst[stack][1] + [walk.image.name(a) for a in path])
    return worst


def check_stale(walk, worst):
    path = walk.listed.path
    for name in walk.listed.switches:
        if name not in walk.used_switches:
            raise Refused(f"{path}: {name} changes to no stack: remove the line")
    for callers, takers, number in walk.listed.pointers:
        if number not in walk.used_calls:
            raise Refused(f"{path}:{number}: no indirect call in {', '.join(callers)}: remove the line")
        if not walk.targets_of[callers[0]][0]:
            raise Refused(f"{path}:{number}: {', '.join(takers)} take no function's address: name who does")
    for stack in walk.listed.stacks:
        if not worst[stack][1]:
            raise Refused(f"{path}: nothing runs on stack '{stack}': remove the line")


def run(args):
    image, listed = Image(args.elf), Listed(args.list)
    check_layout(image, listed)
    walk = Walk(image, listed, addresses_taken(args.objects))
    worst = measure(walk)
    if not args.idle_lines:
        check_stale(walk, worst)
    compare_frames(walk, compiler_figures(args.objects))
    (first, (depth, path)), *others = worst.items()
    print(f"  STACK   {first} {depth} of {listed.stacks[first]} bytes, deepest path {' -> '.join(path)}" +
          "".join(f"; {name} {depth} of {listed.stacks[name]}" for name, (depth, _) in others))
    for stack, (depth, path) in worst.items():
        if depth > listed.stacks[stack]:
            raise Refused(f"{stack} has {listed.stacks[stack]} bytes and needs {depth}: {' -> '.join(path)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("elf")
    parser.add_argument("--list", required=True)
    parser.add_argument("--idle-lines", action="store_true", help="the list is another compiler's: not all of it need be there")
    parser.add_argument("objects", nargs="+")
    try:
        run(parser.parse_args())
    except Refused as refused:
        sys.exit(f"stack: {refused}")


if __name__ == "__main__":
    main()
