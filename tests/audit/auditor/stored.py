# SPDX-License-Identifier: Apache-2.0
"""PD images: what the FIT has, where it waits, where it goes; and the digests that boot compares."""
import hashlib

from .guest_tree import check_guest_tree
from .interrupts import watchdog_intid


def check_stored(subject, fit):
    differences, images = subject.differences, {image.description: image for image in fit.loadables}
    differences.equal("FIT, images of PDs", sorted(image.description for image in fit.loadables),
                      sorted(image.name for declared in subject.declaration.pds for image in declared.images))
    for declared, built in subject.pds:
        entries = built.array("images", built.image_count)
        differences.equal(f"images of {declared.label}", [entry.string("name") for entry in entries],
                          [image.name for image in declared.images])
        for wanted, entry in zip(declared.images, entries):
            if wanted.name in images:
                check_image(subject, declared, wanted, entry, images[wanted.name])
        check_guest_tree(subject, declared, {image.name: images[image.name].data for image in declared.images
                                             if image.name in images}, watchdog_intid(declared, built))


def check_image(subject, declared, wanted, entry, image):
    digest, name = bytes(entry.digest).hex(), f"image of {wanted.name}"
    subject.differences.fields(name, {"stored at": entry.store, "size": entry.size, "digest": digest},
                               {"stored at": image.load, "size": len(image.data),
                                "digest": hashlib.sha256(image.data).hexdigest()})
    check_load(subject, declared, wanted, entry, len(image.data), name)


def check_load(subject, declared, wanted, entry, size, name):
    """All of it goes into one region that only this PD's CPUs reach; of its program, that they may execute."""
    region = next((region for region in declared.regions
                   if region.base <= wanted.load and wanted.load + size <= region.base + region.size), None)
    if region is None:
        subject.differences.add(name, f"loaded at {wanted.load:#x}, {size:#x} bytes", "inside one region")
        return
    host = subject.region_host(region)
    if host is not None:
        subject.differences.equal(f"{name}, copied to", entry.load, host + wanted.load - region.base)
    rights = "rx" if wanted.name == declared.label else "r"
    if not set(rights) <= set(region.access) or set(region.dma) != {"-"} or region.shared_with:
        subject.differences.add(f"{name}, in {region.name}", f"{region.access}, D bit {region.dma}",
                                f"with {rights}, no device's, not shared")


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
