# SPDX-License-Identifier: Apache-2.0
"""Follows every instruction from an entry on: frames, calls, and the deepest path."""
from collections import namedtuple

from image import Image, Refused
from instructions import SP, Registers, flow, is_table_jump, linear

ENTRY = {"SP": 1}       # the stack pointer where a function begins
Frame = namedtuple("Frame", "depth calls returns")      # of one function: bytes, [(bytes there, callee)], whether it does


class Function:
    """One function's instructions, each visited once, at one depth of the stack."""
    def __init__(self, walk, start, there):
        self.walk, self.image, self.start = walk, walk.image, start
        size = self.image.functions.get(start, 0)
        self.end = start + size if size else None       # of assembly without a size, nobody knows
        self.seen, self.calls, self.returns, self.deepest = {}, [], False, 0
        self.todo, self.tables = [(start, linear(ENTRY, {1: there}, -1))], []

    def follow(self):
        while self.todo or self.tables:
            if self.todo:
                self.block(*self.todo.pop())
            else:
                self.next_case()
        return Frame(self.deepest, self.calls, self.returns)

    def next_case(self):
        """Behind a jump by a table of the compiler's: code of this function that nothing else led to."""
        for at in range(self.start, self.end, 4):
            if at not in self.seen and at - 4 in self.seen:
                self.todo.append((at, self.tables[-1]))
                return
        self.tables.pop()

    def refuse(self, at, why):
        raise Refused(f"{self.image.name(at)}: {why}, at 0x{at:x}")

    def depth(self, sp, at):
        rest = linear(ENTRY, sp, -1)
        if not set(rest) <= {1}:
            self.refuse(at, "the stack pointer depends on data")
        return rest.get(1, 0)

    def visited(self, at, sp):
        if at in self.seen and self.seen[at] != sp:
            self.refuse(at, "two ways lead here with different depths of the stack")
        if at == self.end:
            self.refuse(at, f"{self.image.name(self.start)} runs past its end")
        return at in self.seen

    def block(self, at, sp):
        registers = Registers(sp)
        while not self.visited(at, registers.value[SP]):
            sp = self.seen[at] = registers.value[SP]
            if set(linear(ENTRY, sp, -1)) <= {1}:
                self.deepest = max(self.deepest, self.depth(sp, at))
            word = self.image.word(at)
            if not self.leave(word, at, sp):
                return
            if not registers.step(word, at):
                self.refuse(at, "the stack pointer depends on data")
            if "SP" not in registers.value[SP]:
                self.walk.switch(at)
                return
            at += 4

    def leave(self, word, at, sp):
        """Where the instruction leads but to the next one; whether it leads there too."""
        goes_on, target, kind = flow(word, at)
        if kind == "jump" and target in self.image.functions and not self.within(target):
            kind = "call"       # in place of a return
        if kind == "jump":
            self.todo.append((target, sp))
        elif kind == "call":
            return self.call(target, at, sp, goes_on)
        elif kind in ("return", "exception return"):
            self.returns = self.returns or kind == "return"
            if self.depth(sp, at):
                self.refuse(at, f"{kind} with {self.depth(sp, at)} bytes on the stack")
        elif kind == "indirect" and not goes_on and is_table_jump(self.before(at), target):
            self.tables.append(sp)
        elif kind == "indirect":
            going = [self.call(callee, at, sp, goes_on) for callee in self.walk.indirect(at)]
            return any(going)
        return goes_on

    def before(self, at):
        return [self.image.word(at - n) for n in range(4, 28, 4) if at - n in self.seen]

    def within(self, at):
        return self.end is not None and self.start <= at < self.end

    def call(self, callee, at, sp, goes_on):
        self.calls.append((self.depth(sp, at), callee))
        comes_back = self.walk.function(callee).returns
        if comes_back and not goes_on:
            self.returns = True
        return comes_back and goes_on


class Walk:
    def __init__(self, image, listed, taken):
        self.image, self.listed = image, listed
        self.frames, self.active, self.depths = {}, [], {}
        self.used_switches, self.used_calls = set(), set()
        self.roots = []         # (stack, address, name), found by changes of stack
        self.there = {}         # {address: bytes that are on the stack already}
        self.targets_of = self.pointer_targets(taken)

    def pointer_targets(self, taken):
        """{function: (those that its indirect calls reach, line)}; refuses an address that nobody is listed to take."""
        code = {name for at, name in self.image.names if at in self.image.functions}
        targets, covered = {}, set()
        for callers, takers, number in self.listed.pointers:
            reached = set().union(*(taken.get(taker, set()) for taker in takers)) & code
            covered.update(takers)
            for caller in callers:
                targets[caller] = (reached, number)
        for taker, names in sorted(taken.items()):
            if names & code and taker not in covered:
                raise Refused(f"{taker} takes the address of {', '.join(sorted(names & code))}: "
                              f"{self.listed.path} must say who may call that")
        return targets

    def indirect(self, at):
        name = Image.source_name(self.image.name(at))
        if name not in self.targets_of:
            raise Refused(f"{name}: an indirect call at 0x{at:x} that {self.listed.path} does not list")
        reached, number = self.targets_of[name]
        self.used_calls.add(number)
        return sorted(self.image.symbols[target] for target in reached)

    def switch(self, at):
        name = self.image.name(at)
        if name not in self.listed.switches:
            raise Refused(f"{name}: changes stacks at 0x{at:x}, and {self.listed.path} does not list it")
        self.used_switches.add(name)
        stack, there = self.listed.switches[name]
        root = (stack, at + 4, name)
        if root not in self.roots:
            self.there[at + 4] = there
            self.roots.append(root)

    def function(self, at):
        """Frame of what begins at this address; calls are followed at once, so that it is known which return."""
        if at in self.active:
            path = self.active[self.active.index(at):] + [at]
            raise Refused("recursion: " + " -> ".join(self.image.name(a) for a in path))
        if at not in self.frames:
            self.active.append(at)
            self.frames[at] = Function(self, at, self.there.get(at, 0)).follow()
            self.active.pop()
        return self.frames[at]

    def deepest(self, at):
        """(bytes, path of addresses) from this address on, on the stack that it is called on."""
        if at not in self.depths:
            frame = self.function(at)
            best = (frame.depth, [at])
            for depth, callee in frame.calls:
                below, path = self.deepest(callee)
                if depth + below > best[0]:
                    best = (depth + below, [at] + path)
            self.depths[at] = best
        return self.depths[at]
