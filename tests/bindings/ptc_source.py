# SPDX-License-Identifier: Apache-2.0
"""
Which properties ptc reads, by its source: every name that can arrive where libfdt is asked for one. A function that
passes its parameter on as the name of a property is followed to its callers; an array, to what it is made of. What
cannot be followed is an error, so that nothing is read unseen.
"""
import re
from pathlib import Path

PTC = Path(__file__).resolve().parents[2] / "partitions" / "ptc"
# Which argument of libfdt's functions is the name of a property.
LIBFDT = {"fdt_getprop": 2, "fdt_stringlist_search": 2, "fdt_stringlist_get": 2, "fdt_stringlist_count": 2}
# Those whose names are their own.
FIXED = {
    "fdt_address_cells": "#address-cells",
    "fdt_size_cells": "#size-cells",
    "fdt_node_check_compatible": "compatible",
    "fdt_node_offset_by_compatible": "compatible",
    "fdt_get_phandle": "phandle",
    "fdt_node_offset_by_phandle": "phandle",
}
# What it asks for is an alias that the tree itself named.
ALIASES = "tree_node_or_alias"


class Unclear(Exception):
    pass


def without_comments(text):
    kept = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
    return re.sub(rf"({kept})|/\*.*?\*/|//[^\n]*", lambda match: match[1] or " ", text, flags=re.S)


def closing(text, start):
    """The index behind the bracket that closes the one at `start`; strings are stepped over."""
    depth = 0
    for match in re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[()\[\]{}]').finditer(text, start):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    raise Unclear(text[start:start + 40])


def split_arguments(text):
    """`text` is "(a, b(c, d), e)"."""
    parts, depth, start = [], 0, 1
    for match in re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[()\[\]{},]').finditer(text):
        if match[0] == "," and depth == 1:
            parts.append(text[start:match.start()].strip())
            start = match.end()
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(match[0], 0)
    return [*parts, text[start:-1].strip()]


class Function:
    def __init__(self, file, name, parameters, body):
        self.file, self.name, self.body = file, name, body
        self.parameters = [re.sub(r"\[.*?\]", "", p).split()[-1].lstrip("*") for p in parameters]


def functions_of(file, text):
    """Definitions begin in the first column, as everywhere in ptc."""
    for match in re.finditer(r"^[a-z][\w \t*]*?\b(\w+)\(", text, flags=re.M):
        end = closing(text, match.end() - 1)
        body = re.match(r"\s*\{", text[end:])
        if body:
            parameters = split_arguments(text[match.end() - 1:end])
            yield Function(file, match[1], parameters, text[end:closing(text, end + body.end() - 1)])


def calls(body, name):
    for match in re.finditer(rf"\b{name}\(", body):
        yield split_arguments(body[match.end() - 1:closing(body, match.end() - 1)])


def literals(text):
    return set(re.findall(r'"([^"]*)"', text))


class Source:
    def __init__(self, folder=PTC):
        self.texts = {path.name: without_comments(path.read_text()) for path in sorted(folder.glob("*.c"))}
        self.functions = [f for name, text in self.texts.items() for f in functions_of(name, text)]

    def initializer(self, file, name):
        """What an array of this file is made of."""
        found = re.search(rf"\b{name}\[[^\]]*\]\s*=\s*\{{", self.texts[file])
        if not found:
            raise Unclear(f"{file}: {name} is no array of this file")
        return self.texts[file][found.end() - 1:closing(self.texts[file], found.end() - 1)]

    def resolve(self, function, argument):
        """Names that the argument can have, and the parameters of the function that it can be."""
        if argument in function.parameters:
            return set(), {function.parameters.index(argument)}
        if argument == "NULL":
            return set(), set()
        if re.fullmatch(r'"[^"]*"', argument):
            return literals(argument), set()
        element = re.fullmatch(r"(\w+)\[[^\]]*\](?:\.(\w+))?", argument)
        if element:
            return self.resolve_element(function, element[1], element[2])
        local = re.search(rf"\bconst char \*{argument} = ([^;]*);", function.body)
        if local:
            return literals(local[1].partition("?")[2]), set()
        raise Unclear(f"{function.file}: {function.name}: cannot tell which property {argument} is")

    def resolve_element(self, function, array, member):
        made_of = self.initializer(function.file, array)
        if not member:
            return literals(made_of), set()
        # A structure with the name first, by a literal or by a function that begins its result with one.
        names = set(re.findall(r'\{\s*"([^"]*)"', made_of[1:]))
        for called in re.findall(r"[{,]\s*(\w+)\(", made_of):
            for other in self.functions:
                if other.file == function.file and other.name == called:
                    names |= set(re.findall(r'\)\{\s*"([^"]*)"', other.body))
        if not names:
            raise Unclear(f"{function.file}: {array}: no names in it")
        return names, set()

    def properties(self):
        """Every name of a property that reaches libfdt."""
        sinks = {(name, idx) for name, idx in LIBFDT.items()}
        names = {name for f in self.functions for called, name in FIXED.items() if re.search(rf"\b{called}\(", f.body)}
        todo = list(sinks)
        while todo:
            called, idx = todo.pop()
            for function in self.functions:
                for arguments in calls(function.body, called) if function.name != ALIASES else ():
                    found, parameters = self.resolve(function, arguments[idx])
                    names |= found
                    for parameter in {(function.name, p) for p in parameters} - sinks:
                        sinks.add(parameter)
                        todo.append(parameter)
        return names

    def known_lists(self):
        """The lists of what a node of the table may have: tree_only_properties() refuses all else."""
        for function in self.functions:
            for arguments in calls(function.body, "tree_only_properties"):
                if function.name != "tree_only_properties":
                    made_of = re.search(rf"\b{arguments[1]}\[\] = (\{{.*?\}})", function.body, flags=re.S)
                    if not made_of:
                        raise Unclear(f"{function.file}: {function.name}: {arguments[1]}")
                    yield f"{function.file}: {function.name}", literals(made_of[1])


if __name__ == "__main__":
    source = Source()
    print(*sorted(source.properties()))
    for where, names in source.known_lists():
        print(where, *sorted(names))
