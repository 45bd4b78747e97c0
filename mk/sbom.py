#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
The bill of materials of one build, as SPDX 2.3 in JSON: each source that went into it, each file that it ships, and
the tools that made it. The same build gives the same bytes: no time but SOURCE_DATE_EPOCH's, no folder, no order of a
file system.
"""
import argparse
import datetime
import hashlib
import json
import os
import re
import subprocess
import uuid
from pathlib import Path

AUTHORS = re.search(r"^Copyright: (.*)$", Path(".reuse/dep5").read_text(), flags=re.M)[1]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--build", type=Path, required=True, help="the build's folder")
    parser.add_argument("--table", type=Path, required=True, help="the partition table's source")
    parser.add_argument("--depends", type=Path, nargs="*", default=[], help="what compilers said that they read")
    parser.add_argument("--sources", type=Path, nargs="*", default=[], help="other files that went in")
    parser.add_argument("--shipped", nargs="*", default=[], help="files in the build's folder")
    parser.add_argument("--tools", nargs="*", default=[], help="programs, perhaps with a flag for their version")
    return parser.parse_args()


def prerequisites(depends):
    """Those of the first rule; others are there for files that go away."""
    rule = depends.read_text().replace("\\\n", " ").splitlines()[0]
    return [Path(word) for word in rule.split(":", 1)[1].split()]


def name_of(path, table):
    """Within the sources by its path there; what lies beside a table elsewhere, by its path from the table."""
    path = path.resolve()
    for folder, prefix in ((Path.cwd(), "./"), (table.resolve().parent, "./table/")):
        if path.is_relative_to(folder):
            return prefix + path.relative_to(folder).as_posix()
    return None     # a compiler's own header


def sources_of(options):
    made = options.build.resolve()
    paths = [*options.sources, options.table, *(p for d in options.depends for p in prerequisites(d))]
    named = {name_of(path, options.table): path for path in paths if not path.resolve().is_relative_to(made)}
    return {name: path for name, path in sorted(named.items(), key=str) if name}


def license_of(path):
    head = path.read_bytes()[:400].decode(errors="replace")
    found = re.search("SPDX-License-" r"Identifier: ([\w.+() -]*[\w.+)])", head)
    return found[1] if found else "NOASSERTION"


def checksums(data, *algorithms):
    return [{"algorithm": a, "checksumValue": hashlib.new(a.lower(), data).hexdigest()} for a in algorithms]


def file_entry(kind, name, path, licence, file_type):
    data = path.read_bytes()
    return {
        "SPDXID": f"SPDXRef-{kind}-{hashlib.sha256(name.encode()).hexdigest()[:16]}",
        "fileName": name,
        "fileTypes": [file_type],
        "checksums": checksums(data, "SHA1", "SHA256"),
        "licenseConcluded": licence,
        "licenseInfoInFiles": [licence],
        "copyrightText": AUTHORS if licence != "NOASSERTION" else "NOASSERTION",
    }


def source_entry(name, path):
    licence = license_of(path)
    return file_entry("Source", name, path, licence, "BINARY" if b"\0" in path.read_bytes() else "SOURCE")


def shipped_entry(name, path, licence):
    is_text = name.endswith((".txt", ".json", ".html", ".config"))
    return file_entry("Shipped", f"./{name}", path, licence, "TEXT" if is_text else "BINARY")


def package(identifier, name, files, **more):
    """With the verification code of 7.9: over the sorted SHA-1 of its files."""
    hashes = sorted(file["checksums"][0]["checksumValue"] for file in files)
    licences = sorted({file["licenseConcluded"] for file in files})
    return {
        "SPDXID": f"SPDXRef-{identifier}", "name": name, "downloadLocation": "NOASSERTION", "filesAnalyzed": True,
        "packageVerificationCode": {"packageVerificationCodeValue": hashlib.sha1("".join(hashes).encode()).hexdigest()},
        "licenseConcluded": licences[0] if len(licences) == 1 else "NOASSERTION",
        "licenseDeclared": "Apache-2.0", "licenseInfoFromFiles": licences, "copyrightText": AUTHORS, **more,
    }


def tool_entry(words):
    """`gcc` says its version by --version; `mkimage -V` says how."""
    program, *flag = words.split()
    said = subprocess.run([program, *(flag or ["--version"])], capture_output=True, text=True, check=True,
                          env=os.environ | {"LC_ALL": "C"})
    name = Path(program).name
    return {
        "SPDXID": "SPDXRef-Tool-" + re.sub(r"[^A-Za-z0-9.]", "-", name), "name": name,
        "versionInfo": (said.stdout or said.stderr).splitlines()[0].strip(),
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION", "primaryPackagePurpose": "APPLICATION",
    }


def relation(one, kind, other):
    return {"spdxElementId": one["SPDXID"], "relationshipType": kind, "relatedSpdxElement": other["SPDXID"]}


def document(options):
    sources = [source_entry(name, path) for name, path in sources_of(options).items()]
    licences = {file["licenseConcluded"] for file in sources}
    licence = licences.pop() if len(licences) == 1 else "NOASSERTION"
    shipped = [shipped_entry(name, options.build / name, licence) for name in options.shipped]
    table = hashlib.sha256((options.build / "table.dtb").read_bytes()).hexdigest()
    mullion = package("Mullion", "mullion", sources, primaryPackagePurpose="SOURCE")
    appliance = package("Appliance", options.table.resolve().parent.name, shipped, primaryPackagePurpose="FIRMWARE",
                        versionInfo=f"table.dtb sha256:{table}",
                        comment="All of it comes from the sources in this document; no library and no object "
                                "of a tool's is linked in.")
    tools = [tool_entry(words) for words in sorted(set(options.tools))]
    created = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    whole = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"mullion-{appliance['name']}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: mullion-sbom"],
                         "comment": "The time is SOURCE_DATE_EPOCH, or 1970: the same document whenever."},
        "documentDescribes": [appliance["SPDXID"]],
        "packages": [appliance, mullion, *tools], "files": [*sources, *shipped],
        "relationships": [
            *(relation(mullion, "CONTAINS", file) for file in sources),
            *(relation(appliance, "CONTAINS", file) for file in shipped),
            relation(appliance, "GENERATED_FROM", mullion),
            *(relation(tool, "BUILD_TOOL_OF", appliance) for tool in tools),
        ],
    }
    content = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    return whole | {"documentNamespace":
                    f"https://spdx.org/spdxdocs/{whole['name']}-{uuid.uuid5(uuid.NAMESPACE_URL, content)}"}


def main():
    options = arguments()
    options.out.write_text(json.dumps(document(options), indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
