# SPDX-License-Identifier: Apache-2.0
"""
Two builds of copies of the sources that have nothing in common but them: folder, place of the results, time, time
zone, language, user, host name, file modes, number of jobs. Each is made without a key, then with one; last, the
hypervisor with the other compiler.
"""
import functools
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
LEFT_BEHIND = shutil.ignore_patterns(".git", "build*", "__pycache__", ".pytest_cache")
COMMON = {"PATH": os.environ["PATH"], "CCACHE_DISABLE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
# Not for shipping: logs name folders.
NOT_SHIPPED = {".log"}


@functools.cache
def can_rename_host():
    return subprocess.run(["unshare", "--uts", "true"], capture_output=True).returncode == 0


class Build:
    def __init__(self, folder, out, umask, environment, prefix=(), jobs=1):
        self.sources, self.out, self.umask = folder / "sources", folder / out, umask
        self.prefix, self.jobs = list(prefix), jobs
        self.environment = COMMON | environment
        self.files, self.signed, self.llvm = {}, {}, {}
        shutil.copytree(TOP, self.sources, ignore=LEFT_BEHIND)

    def make(self, *words):
        command = [*self.prefix, "make", "-C", self.sources, f"-j{self.jobs}", f"O={self.out}", *words]
        done = subprocess.run([str(word) for word in command], env=self.environment, umask=self.umask,
                              capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr

    def shipped(self):
        """All that lies in the folder of results; programs of PDs lie one below."""
        paths = [p for p in [*self.out.glob("*"), *self.out.glob("pd/*.bin")] if p.is_file()]
        return {str(p.relative_to(self.out)): p.read_bytes() for p in paths if p.suffix not in NOT_SHIPPED}

    def run(self, keys):
        self.make("all", "sbom")
        self.files = self.shipped()
        self.make(f"SIGN_KEY={keys}", "all", "sbom")
        self.signed = self.shipped()
        self.make("LLVM=1", f"{self.out}/mullion.elf")
        self.llvm = {"mullion.elf": (self.out / "mullion.elf").read_bytes()}


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    subprocess.run(["openssl", "req", "-batch", "-new", "-newkey", "rsa:2048", "-nodes", "-x509", "-subj", "/CN=dev",
                    "-keyout", folder / "dev.key", "-out", folder / "dev.crt"], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def builds(tmp_path_factory, keys):
    elsewhere = ["faketime", "-f", "+400d"]
    if can_rename_host():
        elsewhere = ["unshare", "--uts", "sh", "-c", 'hostname elsewhere && exec "$@"', "sh", *elsewhere]
    here = Build(tmp_path_factory.mktemp("a"), "sources/build", 0o022,
                 {"HOME": "/root", "USER": "root", "LC_ALL": "C", "TZ": "UTC0"})
    there = Build(tmp_path_factory.mktemp("b") / "a" / "longer" / "path", "results", 0o077,
                  {"HOME": "/tmp", "USER": "somebody", "LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu"},
                  prefix=elsewhere, jobs=2)
    failed = []

    def attempt(build):
        try:
            build.run(keys)
        except BaseException as reason:     # shown by the one that waits
            failed.append(reason)

    threads = [threading.Thread(target=attempt, args=(build,)) for build in (here, there)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    yield here, there
    for build in (here, there):
        shutil.rmtree(build.sources.parent)
