#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
The auditor: rebuilds from the words of a built image what every function, PD and map reaches, and compares that with the
declaration. README.md beside it says what is compared and what is not. Exit status 0: no difference.
"""
import argparse
import hashlib
import json
import struct
import sys
from pathlib import Path

import libfdt
from auditor.declaration import Declaration
from auditor.examine import audit_image
from auditor.fit import Fit
from auditor.image import Elf, Image
from auditor.report import view
from auditor.tree import Tree
from elftools.common.exceptions import ELFError

SHOWN = 40                      # lines at most: one wrong root is hundreds
KINDS = "functions", "pds", "maps", "interrupts"
UNREADABLE = (OSError, LookupError, ValueError, ELFError, libfdt.FdtException, struct.error, AttributeError, TypeError,
              SystemError)      # which libfdt raises for names that are no text


def read(what, path, make):
    """What was made of a file; ends with one line if it is none of that kind."""
    try:
        return make()
    except UNREADABLE as error:
        sys.exit(f"audit: {path} is no {what} of a build: {error or type(error).__name__}")


def main():
    parser = argparse.ArgumentParser(description="compare a built image with the table that declares it")
    parser.add_argument("--elf", required=True, help="mullion.elf")
    parser.add_argument("--fit", required=True, help="appliance.itb")
    parser.add_argument("--table", required=True, help="table.dtb")
    parser.add_argument("--out", help="where audit.json goes")
    words = parser.parse_args()
    image = Image(read("hypervisor", words.elf, lambda: Elf(words.elf)), read("FIT", words.fit, lambda: Fit(words.fit)))
    declaration = read("table", words.table, lambda: Declaration(Tree(words.table)))
    subject, differences = audit_image(image, declaration)
    for line in differences[:SHOWN]:
        print(f"audit: {line}", file=sys.stderr)
    if differences:
        sys.exit(f"audit: {len(differences)} difference{'s' * (len(differences) > 1)} between {words.elf} and "
                 f"{words.table}")
    digests = {name: hashlib.sha256(Path(path).read_bytes()).hexdigest()
               for name, path in (("mullion.elf", words.elf), ("appliance.itb", words.fit), ("table.dtb", words.table))}
    found = {"sha256": digests, **view(subject)}
    if words.out:
        Path(words.out).write_text(json.dumps(found, indent=1) + "\n")
    print(", ".join(f"{len(found[kind])} {kind if len(found[kind]) != 1 else kind[:-1]}" for kind in KINDS),
          "as declared")


if __name__ == "__main__":
    main()
