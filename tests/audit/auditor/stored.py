# SPDX-License-Identifier: Apache-2.0
"""PD images: what the FIT has, where it waits, where it goes; and the digests that boot compares."""
import hashlib


def check_stored(subject, fit):
    differences, images = subject.differences, {image.description: image for image in fit.loadables}
    declared_labels = [declared.label for declared in subject.declaration.pds]
    differences.equal("FIT, images of PDs", sorted(image.description for image in fit.loadables), sorted(declared_labels))
    for declared, built in subject.pds:
        image, name = images.get(declared.label), f"image of {declared.label}"
        if image is None:
            continue
        digest = bytes(built.image_digest).hex()
        differences.fields(name, {"stored at": built.store, "size": built.image_size, "digest": digest},
                           {"stored at": image.load, "size": len(image.data),
                            "digest": hashlib.sha256(image.data).hexdigest()})
        check_load(subject, declared, built, len(image.data), name)


def check_load(subject, declared, built, size, name):
    """All of it goes into one region that only this PD's CPUs reach, and that they may execute."""
    region = next((region for region in declared.regions
                   if region.base <= declared.load and declared.load + size <= region.base + region.size), None)
    if region is None:
        subject.differences.add(name, f"loaded at {declared.load:#x}, {size:#x} bytes", "inside one region")
        return
    host = subject.region_host(region)
    if host is not None:
        subject.differences.equal(f"{name}, copied to", built.load, host + declared.load - region.base)
    if "r" not in region.access or "x" not in region.access or set(region.dma) != {"-"} or region.shared_with:
        subject.differences.add(f"{name}, in {region.name}", f"{region.access}, D bit {region.dma}",
                                "readable, executable, no device's, not shared")


def check_digest(subject):
    """The digest behind the code is that of the constants as they lie in the image."""
    rebuilt, table = subject.rebuilt, subject.table
    start, size = table.integrity.base, table.integrity.size
    place = rebuilt.elf.symbols["integrity_digest"]
    if not rebuilt.memory.has(start, size):
        subject.differences.add("digest of the constants", f"of {start:#x}, {size:#x} bytes", "of what is in the image")
        return
    subject.differences.equal("digest of the constants", rebuilt.memory.read(place, 32).hex(),
                              hashlib.sha256(rebuilt.memory.read(start, size)).hexdigest())
