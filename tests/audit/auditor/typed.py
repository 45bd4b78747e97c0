# SPDX-License-Identifier: Apache-2.0
"""
Constants of C as the image's own debug information lays them out: the auditor has no copy of a structure. It knows
names of members, and what each means is said where it is compared.
"""
from .memory import Outside

COUNT_MAX = 1 << 16             # a count above it is none


class Type:
    """kind: "int" (size, signed), "pointer" (of), "struct" (members: name -> offset, type), "array" (of, count)."""

    def __init__(self, kind, size, **more):
        self.kind, self.size = kind, size
        self.__dict__.update(more)


class Unit:
    """Types and variables of the compilation unit that defines a variable."""

    def __init__(self, dwarf, variable):
        self.cache, self.asked = {}, set()      # asked: (structure, member) that somebody has read
        self.top = self._find(dwarf, variable.encode())

    def _find(self, dwarf, name):
        # The generated unit is named like what it holds; the others are looked at only if it is not.
        units = sorted(dwarf.iter_CUs(), key=lambda unit: name + b"." not in self._name(unit.get_top_DIE()))
        for unit in units:
            for die in unit.get_top_DIE().iter_children():
                if die.tag != "DW_TAG_variable" or "DW_AT_location" not in die.attributes:
                    continue
                if "DW_AT_specification" in die.attributes:     # declared in a header, too
                    die = die.get_DIE_from_attribute("DW_AT_specification")
                if self._name(die) == name:
                    self.variable = self._type(die)
                    return unit.get_top_DIE()
        raise LookupError(f"no variable '{name.decode()}' in the debug information")

    @staticmethod
    def _name(die):
        return die.attributes["DW_AT_name"].value if "DW_AT_name" in die.attributes else None

    def _type(self, die):
        """Of what `die` refers to; const and typedef are looked through. Pointers are resolved when they are followed."""
        if "DW_AT_type" not in die.attributes:
            return Type("void", 1)
        die = die.get_DIE_from_attribute("DW_AT_type")
        if die.offset not in self.cache:
            self.cache[die.offset] = self._make(die)
        return self.cache[die.offset]

    def _make(self, die):
        tag, size = die.tag, die.attributes["DW_AT_byte_size"].value if "DW_AT_byte_size" in die.attributes else 0
        if tag in ("DW_TAG_const_type", "DW_TAG_typedef", "DW_TAG_volatile_type"):
            return self._type(die)
        if tag == "DW_TAG_pointer_type":
            return Type("pointer", 8, die=die, of=None)
        if tag == "DW_TAG_structure_type":
            members = {self._name(child).decode(): (child.attributes["DW_AT_data_member_location"].value,
                                                    self._type(child))
                       for child in die.iter_children() if child.tag == "DW_TAG_member"}
            return Type("struct", size, members=members, name=(self._name(die) or b"").decode())
        if tag == "DW_TAG_array_type":
            ranges = [child.attributes for child in die.iter_children() if child.tag == "DW_TAG_subrange_type"]
            count = ranges[0]["DW_AT_upper_bound"].value + 1 if "DW_AT_upper_bound" in ranges[0] else \
                ranges[0]["DW_AT_count"].value if "DW_AT_count" in ranges[0] else 0
            of = self._type(die)
            return Type("array", of.size * count, of=of, count=count)
        encoding = die.attributes["DW_AT_encoding"].value if "DW_AT_encoding" in die.attributes else 7
        return Type("int", size, signed=encoding in (5, 6))     # DW_ATE_signed, DW_ATE_signed_char

    def pointed(self, pointer):
        if pointer.of is None:
            pointer.of = self._type(pointer.die)
        return pointer.of


class Value:
    """A structure at an address; members are read when they are asked for, and each place is written down."""

    def __init__(self, unit, memory, kind, address, path, places):
        self._unit, self._memory, self._kind, self._address = unit, memory, kind, address
        self._path, self._places = path, places

    def names(self):
        return list(self._kind.members)

    def address(self):
        return self._address

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._kind.members:
            raise LookupError(f"{self._path} has no member '{name}'")
        offset, kind = self._kind.members[name]
        self._unit.asked.add((self._kind.name, name))
        self.__dict__[name] = value = self._read(kind, self._address + offset, f"{self._path}.{name}")
        return value

    def _read(self, kind, address, path):
        if kind.kind == "struct" and len(kind.members) == 1:        # an address with a type of its own
            (offset, inner), = kind.members.values()
            return self._read(inner, address + offset, path)
        if kind.kind == "struct":
            return Value(self._unit, self._memory, kind, address, path, self._places)
        if kind.kind == "array":
            return [self._read(kind.of, address + i * kind.of.size, f"{path}[{i}]") for i in range(kind.count)]
        self._places[path] = (address, kind.size)
        return self._memory.integer(address, kind.size, getattr(kind, "signed", False))

    def string(self, name):
        address, key = getattr(self, name), f"{name} (text)"
        if key not in self.__dict__:
            self.__dict__[key] = self._memory.text(address) if address else ""
            self._places[f"{self._path}.{key}"] = (address, len(self.__dict__[key]))
        return self.__dict__[key]

    def array(self, name, count):
        """What the pointer `name` points at, `count` of it."""
        address, (_, pointer) = getattr(self, name), self._kind.members[name]
        if not 0 <= count <= COUNT_MAX:
            raise Outside(f"{self._path}.{name} has {count} entries")
        if not count and address:
            raise Outside(f"{self._path}.{name} is {address:#x}, and has no entries")
        key = f"{name}[{count}]"
        if key not in self.__dict__:
            kind = self._unit.pointed(pointer)
            self.__dict__[key] = [self._read(kind, address + i * kind.size, f"{self._path}.{name}[{i}]")
                                  for i in range(count)]
        return self.__dict__[key]


def constants(unit, memory, address, name):
    """The variable, and a dict that fills with the places that are read of it."""
    places = {}
    return Value(unit, memory, unit.variable, address, name, places), places
