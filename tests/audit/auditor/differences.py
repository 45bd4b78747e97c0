# SPDX-License-Identifier: Apache-2.0
"""What the audit found wrong: a line each, with the element, what is there and what the declaration needs."""


def number(value):
    return f"{value:#x}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


class Differences(list):
    def add(self, element, found, needed):
        self.append(f"{element}: found {number(found)}, needed {number(needed)}")

    def equal(self, element, found, needed):
        if found != needed:
            self.add(element, found, needed)

    def fields(self, element, found, needed):
        """Two dicts of fields of one thing: a line for each that differs."""
        for name in {**needed, **found}:
            if found.get(name) != needed.get(name):
                self.add(f"{element}, {name}", found.get(name, "nothing"), needed.get(name, "nothing"))
