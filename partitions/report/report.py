# SPDX-License-Identifier: Apache-2.0
"""
Reports of a build, from what ptc says of the table:

    report.py write GEN/report.json OUT [name=used/limit ...] [name=file ...]
        OUT/report.txt, OUT/report.json (with budgets, and SHA-256 of the files), OUT/report.html
    report.py diff OLD.json NEW.json
        what changed in reach; exit status 1 if anything did
"""
import hashlib
import json
import re
import sys
from pathlib import Path

from difference import difference
from page import page
from text import text


def read(path):
    try:
        report = json.loads(Path(path).read_text(encoding="utf-8"))
        report["table"], report["pds"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{path}: no report of a build: {error}")
    return report


def write(source, out, *facts):
    report = read(source)
    pairs = dict(fact.split("=", 1) for fact in facts)
    numbers = {name: re.fullmatch(r"(\d+)/(\d+)", value) for name, value in pairs.items()}
    report["budgets"] = [[name, int(found[1]), int(found[2])] for name, found in numbers.items() if found]
    report["digests"] = {name: hashlib.sha256(Path(pairs[name]).read_bytes()).hexdigest()
                         for name, found in numbers.items() if not found}
    outputs = {"report.txt": "\n".join(text(report)), "report.json": json.dumps(report, indent=1),
               "report.html": "\n".join(page(report))}
    for name, content in outputs.items():
        (Path(out) / name).write_text(content + "\n", encoding="utf-8")


def main(words):
    if len(words) >= 3 and words[0] == "write":
        write(*words[1:])
    elif len(words) == 3 and words[0] == "diff":
        lines = list(difference(read(words[1]), read(words[2])))
        print("\n".join(lines) or "no change in reach")
        sys.exit(1 if lines else 0)
    else:
        sys.exit(__doc__.strip())


main(sys.argv[1:])
