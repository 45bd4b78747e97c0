# SPDX-License-Identifier: Apache-2.0
"""The auditor (tests/audit) on a machine of these tests, and on the image that it runs."""
import sys

from appliance import TOP

sys.path.append(str(TOP / "tests" / "audit"))

from auditor.declaration import Declaration     # noqa: E402
from auditor.examine import audit_image         # noqa: E402
from auditor.fit import Fit                     # noqa: E402
from auditor.image import Elf, Image            # noqa: E402
from auditor.live import audit_machine          # noqa: E402
from auditor.report import view                 # noqa: E402
from auditor.tree import Tree                   # noqa: E402
from mutations import Mutations                 # noqa: E402, F401

BOOT_MAP = "boot map"           # gone with the seal


class Reader:
    """A machine as the auditor reads it."""

    def __init__(self, machine):
        self.dump, self.gdb = machine.dump, machine.gdb

    def register(self, cpu, name):
        self.gdb.select_cpu(cpu)
        return self.gdb.register(name)


class Audit:
    """Of one appliance: what its image gives to whom after the seal, and the same of a machine that runs it."""

    def __init__(self, appliance):
        build = appliance.build
        self.image = Image(Elf(build / "mullion.elf"), Fit(build / "appliance.itb"))
        self.declaration = Declaration(Tree(build / "table.dtb"))
        subject, differences = audit_image(self.image, self.declaration)
        assert differences == []
        self.needed = view(subject)
        del self.needed["maps"][BOOT_MAP]

    def machine(self, machine, reader=Reader):
        """What the machine gives to whom, and every difference from the declaration."""
        return audit_machine(reader(machine), self.image.elf, self.declaration)
