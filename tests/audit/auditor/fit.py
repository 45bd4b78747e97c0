# SPDX-License-Identifier: Apache-2.0
"""
What the bootloader gets. A FIT is a language of its own: more images, other places for data, what unpacks or decrypts
it. So it has the nodes and properties that are known here, and no other.
"""
import hashlib
from typing import NamedTuple

from .tree import Tree

CONFIGURATION = "conf"          # which one the table's boot command names
ADDRESS_SIZE = 8
KERNEL = {"type": "kernel", "os": "linux", "arch": "arm64", "compression": "none"}
LOADABLE = KERNEL | {"type": "firmware"}
IMAGE = {"description", "data", "load", *KERNEL}
HASH = {"algo", "value"}
SIGNATURE = {"algo", "key-name-hint", "sign-images", "value", "signer-name", "signer-version", "timestamp",
             "hashed-nodes", "hashed-strings"}


class FitImage(NamedTuple):
    name: str
    description: str
    load: int
    entry: int
    data: bytes
    digest: bytes       # as the FIT has it


class Fit:
    def __init__(self, path):
        self.tree = Tree(path)
        self.configuration = self.tree.node(f"/configurations/{CONFIGURATION}")
        self.kernel = self._image(self.configuration.text("kernel"))
        self.loadables = [self._image(name) for name in self.configuration.texts("loadables")]

    def _image(self, name):
        node = self.tree.node(f"/images/{name}")
        digest = next((child.bytes("value") for child in node.children if child.text("algo") == "sha256"), b"")
        return FitImage(name, node.text("description"), node.number("load"), node.number("entry"), node.bytes("data"),
                        digest)


class Shape:
    """Nodes and properties that there must be, or may be; all others are differences."""

    def __init__(self, fit, differences):
        self.fit, self.tree, self.differences = fit, fit.tree, differences

    def node(self, path, children, needed, optional=()):
        node = self.tree.node(path)
        what = f"FIT, node {path}"
        self.differences.equal(f"{what}, its nodes", [child.full_name for child in node.children], list(children))
        names = set(self.tree.properties(node))
        self.differences.equal(f"{what}, its properties", sorted(names - set(optional)), sorted(needed))
        return node

    def image(self, name, values, needed):
        path = f"/images/{name}"
        node = self.node(path, ["hash-1"], needed)
        self.node(f"{path}/hash-1", [], HASH)
        self.differences.fields(f"FIT, node {path}", {key: node.text(key) for key in values}, values)
        for place in needed & {"load", "entry"}:
            self.differences.equal(f"FIT, node {path}, bytes of '{place}'", len(node.bytes(place)), ADDRESS_SIZE)

    def all(self):
        kernel, loadables = self.fit.kernel.name, [image.name for image in self.fit.loadables]
        self.node("/", ["images", "configurations"], {"description", "#address-cells", "timestamp"})
        self.node("/images", [kernel, *loadables], ())
        self.image(kernel, KERNEL, IMAGE | {"entry"})
        for name in loadables:
            self.image(name, LOADABLE, IMAGE)
        self.node("/configurations", [CONFIGURATION], {"default"})
        conf = self.fit.configuration
        signatures = [child.full_name for child in conf.children if child.full_name == "signature-1"]
        self.node(conf.path, signatures, {"description", "kernel", "loadables"})
        self.differences.equal("FIT, kernels", len(conf.texts("kernel")), 1)
        for name in signatures:
            self.node(f"{conf.path}/{name}", [], SIGNATURE)
            self.differences.equal("FIT, signed images", conf.children[0].texts("sign-images"), ["kernel", "loadables"])


def check_fit(fit, differences):
    """One configuration of one hypervisor and its PDs' images, as they lie there, and every hash is that of its data."""
    Shape(fit, differences).all()
    for part in (fit.kernel, *fit.loadables):
        differences.equal(f"FIT, hash of {part.name}", part.digest.hex(), hashlib.sha256(part.data).hexdigest())
