# SPDX-License-Identifier: Apache-2.0
"""
Does the auditor see it? Each class of entry of a built image is altered, and each alteration must be a difference: found
by the structures themselves, with neither the digest nor the comparison of ELF and FIT, which see every change.
"""
import itertools
import multiprocessing
import os
from collections import Counter

import pytest
from auditor.declaration import Declaration
from auditor.differences import Differences
from auditor.examine import examine
from auditor.fit import Fit
from auditor.image import Elf, Image
from auditor.stored import check_stored
from auditor.tree import Tree
from auditor.vmsa import Walk
from mutations import Mutations

THOROUGH = os.environ.get("AUDIT_THOROUGH") == "1"


class Walks:
    """Walks that were made before, where no table that they went through has changed since."""

    def __init__(self):
        self.known, self.changed = {}, ()

    def __call__(self, memory, name, root, bits, decode):
        key = name, root, bits, decode
        if key in self.known and not any(page in self.known[key].tables for page in self.changed):
            return self.known[key]
        walk = Walk(memory, name, root, bits, decode)
        if not self.changed:
            self.known[key] = walk
        return walk


class Lab:
    """An image in which one thing at a time is altered."""

    def __init__(self, build):
        self.image = Image(Elf(build / "mullion.elf"), Fit(build / "appliance.itb"))
        self.declaration, self.walks = Declaration(Tree(build / "table.dtb")), Walks()
        self.subject, differences = self.examine()
        assert differences == []

    def examine(self):
        differences = Differences()
        subject = examine(self.declaration, self.image.memory, self.image.elf, differences, walk=self.walks)
        if subject:
            check_stored(subject, self.image.fit)
        return subject, differences

    def differences(self, mutation):
        memory = self.image.memory
        before = [(at, memory.read(at, len(new))) for at, new in mutation.changes]
        self.walks.changed = {page for at, new in mutation.changes for page in (at & ~0xFFF, at + len(new) - 1 & ~0xFFF)}
        for at, new in mutation.changes:
            memory.write(at, new)
        try:
            return self.examine()[1]
        finally:
            for at, old in before:
                memory.write(at, old)
            self.walks.changed = ()


def share(words):
    """Totals by group and what was missed, of every `count`-th mutation."""
    build, first, count = words
    lab, total, missed = Lab(build), Counter(), []
    for mutation in itertools.islice(Mutations(lab.subject, THOROUGH).all(), first, None, count):
        if all(lab.image.memory.read(at, len(new)) == new for at, new in mutation.changes):
            continue
        total[mutation.group] += 1
        if not lab.differences(mutation):
            missed.append(str(mutation))
    return total, missed


@pytest.mark.parametrize("name", ["rich", "appliance"] if THOROUGH else ["rich"])
def test_every_mutation_is_seen(builds, name, capsys):
    build, count = builds[name], os.cpu_count()
    with multiprocessing.Pool(count) as pool:
        parts = pool.map(share, [(build, first, count) for first in range(count)])
    total, missed = sum((part[0] for part in parts), Counter()), [line for part in parts for line in part[1]]
    with capsys.disabled():
        print(f"\n  AUDIT   {name}: {sum(total.values()) - len(missed)} of {sum(total.values())} mutations of "
              f"{len(total)} kinds of table seen")
    assert missed == [] and sum(total.values()) > 1000
