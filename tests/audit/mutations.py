# SPDX-License-Identifier: Apache-2.0
"""
Every class of entry of an image, altered: bits of each field of a representative of each class, and exchanges of whole
entries that are good elsewhere. Classes come from what was rebuilt, so a table of another kind makes its own.
"""
import re
from typing import NamedTuple

from auditor.bridges import built_bridges
from auditor.code import MSR
from auditor.interrupts import its_parts
from auditor.its import COMMAND_SIZE, FIELDS as COMMANDS, LPI_FIRST, NAMES, VALID as VALID_COMMAND
from auditor.ranges import PAGE
from auditor.smmu import ABORT, FIELDS as STE, L1_POINTER, L1_SPAN, SPLIT, STE_SIZE
from auditor.vmsa import ENTRIES, LAST_LEVEL, TABLE_OR_PAGE, VALID

# Of each field: valid, type, memory type, rights, shareability, AF, address, contiguous, XN, what must be 0
DESCRIPTOR_BITS = (0, 1, 2, 6, 7, 9, 10, 12, 21, 47, 52, 54, 63)
TTBR0 = MSR | 4 << 16 | 2 << 12                 # msr ttbr0_el2, x0
WRITABLE_PAGE = 1 << 54 | 0x743                 # of stage 1, normal, never executed


class Mutation(NamedTuple):
    group: str          # what kind of table
    name: str
    changes: tuple      # address, new bytes

    def __str__(self):
        return f"{self.group}: {self.name}"


class Mutations:
    def __init__(self, subject, thorough=False):
        """`thorough`: all bits, and several representatives of each class."""
        self.subject, self.rebuilt, self.memory = subject, subject.rebuilt, subject.rebuilt.memory
        self.thorough, self.each = thorough, 4 if thorough else 1

    def all(self):
        for part in (self.stream_table, self.translations, self.roots, self.its, self.lpis, self.frames,
                     self.constants, self.code, self.exchanges):
            yield from (mutation for mutation in part() if not self.is_as_good(mutation))

    def is_as_good(self, mutation):
        """Places and numbers that the compiler chooses, and another of which is no worse: a tag or memory of nobody's."""
        (at, new), value = mutation.changes[0], int.from_bytes(mutation.changes[0][1], "little")
        if value == self.memory.integer(at, len(new)):
            return len(mutation.changes) == 1
        if ".vmid" in mutation.name and "pds[]" in mutation.name:
            used = {built.vmid for built in (*self.subject.table_pds, *self.subject.table_functions)}
            return 1 <= value <= len(self.subject.table_pds) + len(self.subject.table_functions) and value not in used
        if mutation.name.startswith("MAPD, word 2") and value >> 63:
            parts, itt = its_parts(self.subject), value & (1 << 52) - 256
            size = next(part.end - part.start for part in parts if part.owner.startswith("ITT"))
            inside = self.subject.slots.its.start <= itt <= self.subject.slots.its.end - size
            return inside and itt % size == 0 and value & 0xFFF00000000000FF == VALID_COMMAND and \
                not any(part.start < itt + size and itt < part.end for part in parts)
        return False

    def flip(self, group, name, at, bit, size=8):
        value = self.memory.integer(at, size) ^ 1 << bit
        return Mutation(group, f"{name} at {at:#x}, bit {bit}", ((at, value.to_bytes(size, "little")),))

    def put(self, group, name, *words):
        return Mutation(group, name, tuple((at, word.to_bytes(8, "little")) for at, word in words))

    def bits(self, some, width=64):
        return range(width) if self.thorough else some

    def stream_table(self):
        anchors, group = self.rebuilt.anchors, "stream table"
        words = self.memory.words(anchors.streams, 1 << max(anchors.stream_bits - SPLIT, 0))
        present = [i for i, word in enumerate(words) if word]
        absent = [i for i, word in enumerate(words) if not word]
        for idx in present[:self.each] + absent[:self.each]:
            kind = "level 1 entry" if words[idx] else "absent level 1 entry"
            for bit in self.bits((0, 1, 3, 4, 5, 6, 14, 21, 51, 52, 63)):
                yield self.flip(group, kind, anchors.streams + 8 * idx, bit)
        for idx in present[:self.each]:         # all of a span and nothing else
            at, pointer = anchors.streams + 8 * idx, words[idx] & L1_POINTER
            for span in range(L1_SPAN + 1):
                if span != SPLIT + 1:
                    yield self.put(group, f"span {span}", (at, pointer | span))
            yield from self.entries(group, pointer, idx << SPLIT)

    def entries(self, group, pointer, first):
        streams = sorted(set(self.rebuilt.streams) & set(range(first, first + (1 << SPLIT))))
        aborts = [number for number in range(first, first + (1 << SPLIT)) if number not in self.rebuilt.streams]
        picked = streams[:self.each] + (aborts[:1] + aborts[-1:] if not self.thorough else aborts[::64])
        some = {idx: {bit for _, low, width in fields for bit in (low, low + width - 1)} | {62, 63}
                for idx, fields in STE.items()}
        for number in picked:
            kind = "open entry" if number in streams else "aborting entry"
            for idx in range(8):
                for bit in self.bits(sorted(some.get(idx, {0, 63}))):
                    yield self.flip(group, f"{kind}, word {idx}", pointer + STE_SIZE * (number - first) + 8 * idx, bit)
            at = pointer + STE_SIZE * (number - first)
            for config in (4, 5, 7) if number in streams else (4, 5, 6, 7):
                yield self.put(group, f"{kind}, Config {config}", (at, 1 | config << 1))

    def translations(self):
        """Of each kind of map, level and kind of entry: what the walk took for it."""
        seen = {}
        for walk in self.rebuilt.all_walks():
            kind = "windows" if walk.name.startswith("stream") else walk.name.partition(" of ")[0].replace(
                "memory", "PD memory")
            for place, places in self.classes(walk).items():
                taken = seen.setdefault((kind, place), [])
                if len(taken) < self.each:
                    taken += places[:self.each - len(taken)]
        for (kind, (level, what)), places in seen.items():
            for at in places:
                for bit in self.bits(DESCRIPTOR_BITS):
                    yield self.flip(kind, f"{what}, level {level}", at, bit)

    def classes(self, walk):
        """Places of words, by level and kind. Kinds of leaves: rights and memory type."""
        found, leaves = {}, {leaf.at: leaf for leaf in walk.leaves}
        levels = self.levels(walk)
        for table, level in levels.items():
            for idx, word in enumerate(self.memory.words(table, ENTRIES)):
                at = table + 8 * idx
                if at in leaves:
                    size = "page" if level == LAST_LEVEL else "block"
                    found.setdefault((level, f"{size} {leaves[at].rights} {leaves[at].kind[0]}"), []).append(at)
                elif word:
                    found.setdefault((level, "table"), []).append(at)
                else:
                    found.setdefault((level, "absent"), []).append(at)
        return found

    def levels(self, walk):
        levels, todo = {}, [(walk.root, walk.start_level)]
        while todo:
            table, level = todo.pop()
            levels[table] = level
            for word in self.memory.words(table, ENTRIES):
                if level < LAST_LEVEL and word & VALID and word & TABLE_OR_PAGE:
                    todo.append((word & ((1 << 48) - PAGE), level + 1))
        return levels

    def its(self):
        base, size = self.rebuilt.anchors.commands
        seen = {}
        for at in range(base, base + size, COMMAND_SIZE):
            opcode = self.memory.integer(at, 1)
            if seen.setdefault(opcode, 0) >= self.each:
                continue
            seen[opcode] += 1
            some = {idx: set() for idx in range(4)}
            for _, idx, low, width in COMMANDS[opcode]:
                some[idx] |= {low, low + width - 1}
            some[0] |= {0, 3, 7}
            for idx in range(4):
                for bit in self.bits(sorted(some[idx] | {31, 63})):
                    yield self.flip("ITS commands", f"{NAMES[opcode]}, word {idx}", at + 8 * idx, bit)
        if size:
            yield self.flip("ITS commands", "behind the last", base + size, 0)

    def lpis(self):
        base, size = self.rebuilt.anchors.lpi_config, (1 << self.rebuilt.anchors.lpi_id_bits) - LPI_FIRST
        used = self.subject.table.lpi_count
        if not used:
            return
        for number, kind in ((0, "mapped"), (used - 1, "mapped"), (used, "unmapped"), (size - 1, "unmapped")):
            # One LPI alone may have any priority.
            bits = range(8) if kind == "unmapped" or used > 1 else (0, 1)
            for bit in bits:
                yield self.flip("LPI configuration", kind, base + number, bit, 1)

    def frames(self):
        for page in sorted(filter(None, self.subject.frames))[:self.each]:
            for offset in (0, 8, 0x40, 0xFC8, PAGE - 8):
                for bit in self.bits((0, 9, 16, 25, 31, 32, 63)):
                    yield self.flip("MSI frame", f"word {offset:#x}", page + offset, bit)

    def constants(self):
        """Each member of each structure, texts too."""
        seen, places = {}, self.rebuilt.places
        for path, (at, size) in sorted(places.items()):
            # Null entries are classes of their own.
            general = path if re.match(r"table\.\w+\[0\]\.", path) else re.sub(r"\[\d+\]", "[]", path)
            if size == 0 or seen.setdefault(general, 0) >= self.each:
                continue
            seen[general] += 1
            for bit in self.bits(sorted({0, 8 * size - 1}) if "[0]" not in general else (0,), 8 * size):
                yield self.flip("constants", general, at, bit, size)

    def roots(self):
        """Roots exchanged: each map's own is good for nobody else."""
        places, memory = self.rebuilt.places, self.memory
        for name, member in (("cpus", "run_root"), ("cpus", "reload_root"), ("pds", "memory_root")):
            paths = [path for path in places if re.fullmatch(rf"table\.{name}\[[1-9]\d*\]\.{member}", path)]
            for one, other in zip(paths, paths[1:]):
                values = [memory.integer(places[path][0], 8) for path in (one, other)]
                yield self.put("roots", f"{one} and {other} exchanged", (places[one][0], values[1]),
                               (places[other][0], values[0]))
        for path in [path for path in places if path.endswith("].reload_root") and memory.integer(places[path][0], 8)]:
            run, reload = (places[path.replace("reload_root", name)][0] for name in ("run_root", "reload_root"))
            yield self.put("roots", f"{path} is the run map", (reload, memory.integer(run, 8)))
            yield self.put("roots", f"the run map is {path}", (run, memory.integer(reload, 8)))

    def code(self):
        text = self.rebuilt.elf.sections[".text"]
        code = self.rebuilt.code
        for name, idx in code.writers:
            at = text.base + 4 * idx
            yield Mutation("code", f"writer of {name} at {at:#x} taken away", ((at, bytes.fromhex("1f2003d5")),))
            yield Mutation("code", f"writer of {name} at {at:#x} writes TTBR1_EL2 too",
                           ((at + 4, (TTBR0 | 1 << 5).to_bytes(4, "little")),))
        for at, name in self.rebuilt.elf.functions[::1 if self.thorough else 40]:
            yield Mutation("code", f"{name} writes TTBR0_EL2", ((at, TTBR0.to_bytes(4, "little")),))
        yield Mutation("code", "a constant behind the code is MSR TTBR0_EL2",
                       ((text.end - 4, TTBR0.to_bytes(4, "little")),))
        yield from self.code_constants()

    def code_constants(self):
        """What is written into MAIR, TCR and SCTLR: each bit of the immediates that make it."""
        code, text = self.rebuilt.code, self.rebuilt.elf.sections[".text"]
        for register in ("MAIR_EL2", "TCR_EL2", "SCTLR_EL2"):
            for at, low, width in code.sources(register):
                for bit in self.bits(range(0, width, 5), width):
                    if register != "SCTLR_EL2":         # of which only the bits that matter are compared
                        yield self.flip("code", f"{register}, its constant", text.base + 4 * at, low + bit, 4)

    def exchanges(self):
        """Entries that are good elsewhere."""
        yield from self.streams_exchanged()
        yield from self.leaves_of_others()
        yield from self.lpis_exchanged()
        yield from self.restarts()

    def ste_at(self, number):
        words = self.memory.words(self.rebuilt.anchors.streams + 8 * (number >> SPLIT), 1)
        return (words[0] & L1_POINTER) + STE_SIZE * (number & (1 << SPLIT) - 1)

    def streams_exchanged(self):
        group, numbers = "streams exchanged", sorted(self.rebuilt.streams)
        for one, other in zip(numbers, numbers[1:]):
            places = self.ste_at(one), self.ste_at(other)
            entries = [self.memory.read(place, STE_SIZE) for place in places]
            yield Mutation(group, f"{one:#x} and {other:#x}", ((places[0], entries[1]), (places[1], entries[0])))
            yield Mutation(group, f"{one:#x} has the tables of {other:#x}", ((places[0] + 24, entries[1][24:32]),))
            yield Mutation(group, f"{one:#x} has the VMID of {other:#x}", ((places[0] + 16, entries[1][16:18]),))
        for number in numbers:
            empty = next(i for i in range(number & ~0xFF, (number | 0xFF) + 1) if i not in self.rebuilt.streams)
            yield Mutation(group, f"{empty:#x}, undeclared, is {number:#x}",
                           ((self.ste_at(empty), self.memory.read(self.ste_at(number), STE_SIZE)),))
            yield Mutation(group, f"{number:#x} aborts",
                           ((self.ste_at(number), b"".join(word.to_bytes(8, "little") for word in ABORT)),))

    def leaves_of_others(self):
        """A leaf of one map in the place of one of another: all of its bits are good, but not there."""
        walks = [walk for walk in self.rebuilt.all_walks() if walk.leaves]
        for walk, other in zip(walks, walks[1:] + walks[:1]):
            for leaf in walk.leaves[:self.each]:
                for model in [model for model in other.leaves if model.level == leaf.level and model.out != leaf.out][:1]:
                    word = self.memory.integer(model.at, 8)
                    yield self.put("leaves of others", f"{walk.name}, {leaf.start:#x} has that of {other.name}",
                                   (leaf.at, word))
        for walk in self.rebuilt.hypervisor_maps():
            for slot in (self.subject.slots.tables, self.subject.slots.percpu[0], self.subject.board.gicd,
                         self.subject.board.ecam):
                free = self.free_entry(walk)
                address = slot[0]
                yield self.put("leaves of others", f"{walk.name} has {address:#x} where nothing was",
                               (free[0], address | WRITABLE_PAGE))

    def restarts(self):
        """Reload maps that open what is not the PD's alone, each by the entry that would do it; and lack what is."""
        group, subject = "restarts", self.subject
        others = {"IOMMU's registers": subject.board.iommu.base, "redistributors": subject.board.gicr.base,
                  "ITS": subject.board.its.base, "console": subject.board.console.base}
        others |= {f"configuration page of {bridge.name}": subject.board.config_page(built.bdf)
                   for bridge, built in built_bridges(subject)}
        others |= {f"{region.name} of {region.pd}": subject.region_host(region)
                   for declared in subject.declaration.pds for region in declared.regions}
        others |= {f"store of {image.string('name')}": image.store for _, built in subject.pds
                   for image in built.array("images", built.image_count)}
        others |= {f"BAR {bar.idx} of {built.string('name')}": bar.addr for built in subject.table_functions
                   for bar in built.array("bars", built.bar_count)}
        for walk in filter(None, self.rebuilt.reloads):
            mapped, free = [(leaf.start, leaf.start + leaf.size) for leaf in walk.leaves], self.free_entry(walk)[0]
            for name, address in others.items():
                if not any(start <= address < end for start, end in mapped):
                    yield self.put(group, f"{walk.name} has {name}", (free, address | WRITABLE_PAGE))
            run = {leaf.start for leaf in self.rebuilt.runs[self.rebuilt.reloads.index(walk)].leaves}
            edges = {edge for span in walk.spans() for edge in (span.start, span.end)}
            for leaf in walk.leaves:
                if leaf.start in run or not self.thorough and not edges & {leaf.start, leaf.start + leaf.size}:
                    continue
                yield self.put(group, f"{walk.name} lacks {leaf.start:#x}", (leaf.at, 0))
                for bit in (2, 7, 54):          # memory type, read-only, never executed
                    yield self.flip(group, f"{walk.name}, {leaf.rights} {leaf.kind[0]} {leaf.start:#x}", leaf.at, bit)

    def free_entry(self, walk):
        """The last absent entry of a last-level table, and its address."""
        (level, _), places = next(item for item in self.classes(walk).items() if item[0] == (LAST_LEVEL, "absent"))
        return places[-1], level

    def lpis_exchanged(self):
        its = self.rebuilt.its
        if not its:
            return
        places = {}
        base, size = self.rebuilt.anchors.commands
        for at in range(base, base + size, COMMAND_SIZE):
            words = self.memory.words(at, 4)
            if words[0] & 0xFF == 0x0A:
                places[at] = words
        ats = list(places)
        for one, other in zip(ats, ats[1:] + ats[:1]):
            if one != other:
                low = (1 << 32) - 1             # EventID; above it the LPI
                yield self.put("events exchanged", f"LPIs of {one:#x} and {other:#x}",
                               (one + 8, places[one][1] & low | places[other][1] & ~low),
                               (other + 8, places[other][1] & low | places[one][1] & ~low))
                yield self.put("events exchanged", f"{one:#x} has the collection of {other:#x}",
                               (one + 16, places[other][2] ^ (places[other][2] == places[one][2])))
