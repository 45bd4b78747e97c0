# SPDX-License-Identifier: Apache-2.0
"""
The bill of materials against SPDX 2.3 and against the build that it is of. What the specification demands of the
fields in use is said here once more, by its sections; hashes are computed again from the files.
"""
import copy
import hashlib
import json
import re

import jsonschema
import pytest
from license_expression import get_spdx_licensing

ID = r"^SPDXRef-[A-Za-z0-9.-]+$"
TEXT = {"type": "string", "minLength": 1}
PURPOSES = ["APPLICATION", "FRAMEWORK", "LIBRARY", "CONTAINER", "OPERATING-SYSTEM", "DEVICE", "FIRMWARE", "SOURCE",
            "ARCHIVE", "FILE", "INSTALL", "OTHER"]
FILE_TYPES = ["SOURCE", "BINARY", "ARCHIVE", "APPLICATION", "AUDIO", "IMAGE", "TEXT", "VIDEO", "DOCUMENTATION", "SPDX",
              "OTHER"]
RELATIONS = ["CONTAINS", "GENERATED_FROM", "BUILD_TOOL_OF"]
HASH = {"SHA1": r"^[0-9a-f]{40}$", "SHA256": r"^[0-9a-f]{64}$"}


def closed(required, **properties):
    return {"type": "object", "additionalProperties": False, "properties": properties,
            "required": [name for name in properties if name in required.split()]}


CHECKSUM = {"oneOf": [closed("algorithm checksumValue", algorithm={"const": name},
                             checksumValue={"type": "string", "pattern": pattern}) for name, pattern in HASH.items()]}
PACKAGE = closed(
    "SPDXID name downloadLocation filesAnalyzed licenseConcluded licenseDeclared copyrightText",    # clause 7
    SPDXID={"pattern": ID}, name=TEXT, versionInfo=TEXT, downloadLocation={"const": "NOASSERTION"},
    filesAnalyzed={"type": "boolean"}, licenseConcluded=TEXT, licenseDeclared=TEXT, copyrightText=TEXT, comment=TEXT,
    licenseInfoFromFiles={"type": "array", "items": TEXT, "minItems": 1}, primaryPackagePurpose={"enum": PURPOSES},
    packageVerificationCode=closed("packageVerificationCodeValue",
                                   packageVerificationCodeValue={"type": "string", "pattern": HASH["SHA1"]}))
# 7.9, 7.14: for packages whose files are listed, and for no others.
PACKAGE |= {"if": {"properties": {"filesAnalyzed": {"const": True}}},
            "then": {"required": ["packageVerificationCode", "licenseInfoFromFiles"]},
            "else": {"properties": {"packageVerificationCode": False, "licenseInfoFromFiles": False}}}
FILE = closed(
    "SPDXID fileName checksums licenseConcluded licenseInfoInFiles copyrightText",                  # clause 8
    SPDXID={"pattern": ID}, fileName={"type": "string", "pattern": r"^\./"}, copyrightText=TEXT, licenseConcluded=TEXT,
    fileTypes={"type": "array", "items": {"enum": FILE_TYPES}, "minItems": 1},
    licenseInfoInFiles={"type": "array", "items": TEXT, "minItems": 1},
    checksums={"type": "array", "items": CHECKSUM, "contains": {"properties": {"algorithm": {"const": "SHA1"}}}})
DOCUMENT = closed(
    "spdxVersion dataLicense SPDXID name documentNamespace creationInfo packages files relationships documentDescribes",
    spdxVersion={"const": "SPDX-2.3"}, dataLicense={"const": "CC0-1.0"}, SPDXID={"const": "SPDXRef-DOCUMENT"},
    name=TEXT, documentNamespace={"type": "string", "pattern": r"^https?://[^#\s]+$"},
    documentDescribes={"type": "array", "minItems": 1},
    creationInfo=closed("created creators", comment=TEXT,
                        created={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                        creators={"type": "array", "minItems": 1,
                                  "items": {"type": "string", "pattern": "^(Person|Organization|Tool): ."}}),
    packages={"type": "array", "items": PACKAGE, "minItems": 1}, files={"type": "array", "items": FILE, "minItems": 1},
    relationships={"type": "array", "items": closed(
        "spdxElementId relationshipType relatedSpdxElement", spdxElementId={"pattern": ID},
        relationshipType={"enum": RELATIONS}, relatedSpdxElement={"pattern": ID})})


def licences_of(entry):
    for key in ("licenseConcluded", "licenseDeclared"):
        yield from [entry[key]] if key in entry else []
    yield from entry.get("licenseInfoInFiles", entry.get("licenseInfoFromFiles", []))


def checksum(entry, algorithm):
    return next(c["checksumValue"] for c in entry["checksums"] if c["algorithm"] == algorithm)


def files_of(bill, package):
    """By CONTAINS."""
    ids = {r["relatedSpdxElement"] for r in bill["relationships"]
           if r["relationshipType"] == "CONTAINS" and r["spdxElementId"] == package["SPDXID"]}
    return [file for file in bill["files"] if file["SPDXID"] in ids]


def problems(bill):
    """All that is wrong with the document by itself."""
    found = [f"{list(e.absolute_path)}: {e.message}" for e in jsonschema.Draft7Validator(DOCUMENT).iter_errors(bill)]
    if found:
        return found
    elements = [bill, *bill["packages"], *bill["files"]]
    ids = [element["SPDXID"] for element in elements]
    found += [f"{name} is there twice" for name in set(ids) if ids.count(name) > 1]
    named = {end for r in bill["relationships"] for end in (r["spdxElementId"], r["relatedSpdxElement"])}
    found += [f"{name} is nothing" for name in (named | set(bill["documentDescribes"])) - set(ids)]
    found += [f"{file['fileName']} is in no package" for file in bill["files"] if file["SPDXID"] not in named]
    licensing = get_spdx_licensing()
    for licence in {licence for element in elements for licence in licences_of(element)} - {"NOASSERTION", "NONE"}:
        found += [f"{licence}: {error}" for error in licensing.validate(licence).errors]
    for package in bill["packages"]:
        if package["filesAnalyzed"]:
            hashes = sorted(checksum(file, "SHA1") for file in files_of(bill, package))
            code = hashlib.sha1("".join(hashes).encode()).hexdigest()
            if code != package["packageVerificationCode"]["packageVerificationCodeValue"]:
                found.append(f"{package['name']}: verification code")
    return found


@pytest.fixture(scope="module")
def bill(builds):
    return json.loads(builds[0].files["sbom.spdx.json"])


def test_is_valid(bill):
    assert problems(bill) == []


def package_of(bill, name):
    return next(package for package in bill["packages"] if package["name"] == name)


BROKEN = {
    "version": lambda b: b.update(spdxVersion="SPDX-2.9"),
    "no sha1": lambda b: b["files"][0]["checksums"].pop(0),
    "short hash": lambda b: b["files"][0]["checksums"][1].update(checksumValue="00"),
    "no licence": lambda b: b["files"][0].pop("licenseConcluded"),
    "licence of nobody": lambda b: b["files"][0].update(licenseConcluded="Apache-2.9"),
    "two of one id": lambda b: b["files"][0].update(SPDXID=b["files"][1]["SPDXID"]),
    "relation to nothing": lambda b: b["relationships"][0].update(relatedSpdxElement="SPDXRef-none"),
    "file of nobody": lambda b: b["files"].append(b["files"][0] | {"SPDXID": "SPDXRef-new"}),
    "other file": lambda b: b["files"][0]["checksums"][0].update(checksumValue="0" * 40),
    "no time": lambda b: b["creationInfo"].update(created="today"),
    "hash in namespace": lambda b: b.update(documentNamespace="https://spdx.org/spdxdocs/a#b"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_is_seen(bill, name):
    broken = copy.deepcopy(bill)
    BROKEN[name](broken)
    assert problems(broken)


def test_shipped_files_are_those_of_the_build(bill, builds):
    listed = {file["fileName"][2:]: file for file in files_of(bill, package_of(bill, "appliance"))}
    assert listed.keys() == builds[0].files.keys() - {"sbom.spdx.json"}
    for name, file in listed.items():
        assert checksum(file, "SHA256") == hashlib.sha256(builds[0].files[name]).hexdigest(), name


def test_table_is_named(bill, builds):
    digest = hashlib.sha256(builds[0].files["table.dtb"]).hexdigest()
    assert package_of(bill, "appliance")["versionInfo"] == f"table.dtb sha256:{digest}"


def test_sources_are_those_of_the_tree(bill, builds):
    sources = {file["fileName"]: file for file in files_of(bill, package_of(bill, "mullion"))}
    assert {"./partitions/appliance/table.dts", "./platform/qemu-virt-arm64/board.dtsi", "./hv/core/boot.c",
            "./Makefile", "./hv/include/mullion/table.h", "./partitions/ptc/main.c",
            "./partitions/lib/start.S"} <= sources.keys()
    for name, file in sources.items():
        data = (builds[0].sources / name).read_bytes()
        assert checksum(file, "SHA256") == hashlib.sha256(data).hexdigest(), name
        assert file["licenseConcluded"] == "Apache-2.0", name


def test_every_compiled_source_is_listed(bill, builds):
    """By the debug information's names, not by make's."""
    listed = {file["fileName"][2:] for file in bill["files"]}
    named = set(re.findall(rb"(?<![\w/.-])(?:hv|partitions)/[\w/-]+\.[ch]\b", builds[0].files["mullion.elf"]))
    assert len(named) > 30
    assert {name.decode() for name in named} - listed == set()


def test_tools_are_named(bill):
    tools = {package["name"]: package for package in bill["packages"] if not package["filesAnalyzed"]}
    assert {"aarch64-linux-gnu-gcc", "aarch64-linux-gnu-ld", "dtc", "mkimage", "gcc"} <= tools.keys()
    assert all(re.search(r"\d+\.\d+", tool["versionInfo"]) for tool in tools.values())
    used = {r["spdxElementId"] for r in bill["relationships"] if r["relationshipType"] == "BUILD_TOOL_OF"}
    assert used == {tool["SPDXID"] for tool in tools.values()}


def test_time_is_an_input(builds):
    """SOURCE_DATE_EPOCH, if somebody wants one."""
    build = builds[0]
    (build.out / "sbom.spdx.json").unlink()
    build.environment["SOURCE_DATE_EPOCH"] = "1700000000"
    build.make("sbom")
    made = json.loads((build.out / "sbom.spdx.json").read_text())
    assert made["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
    assert problems(made) == []
