# SPDX-License-Identifier: Apache-2.0
"""One run of an appliance in QEMU, watched from outside: console, QMP, gdb stub, QEMU's own traces."""
import json
import shlex
import subprocess
import time

from gdbstub import GdbStub, connect

TRACES = ["smmuv3_translate*", "smmuv3_record_event", "smmuv3_write_mmio", "smmuv3_cmdq_*"]


class Qmp:
    def __init__(self, path, timeout=60):
        self.socket = connect(path, timeout)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            reply = json.loads(self.file.readline())
            if "error" in reply:
                raise RuntimeError(f"{command}: {reply['error']}")
            if "return" in reply:
                return reply["return"]

    def close(self):
        self.file.close()
        self.socket.close()


class Machine:
    """Starts stopped; `run_to`, `go` and `wait` move it. Ended by the `with` block, whatever happens."""

    def __init__(self, appliance, folder, extra="", boot="u-boot", edit=lambda words: words, stdin=subprocess.DEVNULL):
        self.appliance = appliance
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "trace.log"
        self.console_file = folder / "console.log"
        words = edit(shlex.split(appliance.command_line(boot)))
        words += ["-S", "-gdb", f"unix:{folder}/gdb,server=on,wait=off"]
        words += ["-qmp", f"unix:{folder}/qmp,server=on,wait=off", "-D", str(self.log), "-d", "guest_errors"]
        for trace in TRACES:
            words += ["-trace", trace]
        words += shlex.split(extra)
        self.output = open(self.console_file, "wb")
        self.process = subprocess.Popen(words, stdin=stdin, stdout=self.output, stderr=subprocess.STDOUT,
                                        cwd=appliance.top)
        try:
            self.qmp = Qmp(folder / "qmp")
            self.gdb = GdbStub(folder / "gdb")
        except Exception:
            self.process.kill()
            self.process.wait()
            raise AssertionError("QEMU did not start: " + self.console())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.output.close()
        self.gdb.close()
        self.qmp.close()

    def console(self):
        return self.console_file.read_bytes().decode(errors="replace")

    def trace(self):
        return self.log.read_text(errors="replace").splitlines()

    def run_to(self, symbol, timeout=60):
        self.gdb.run_to(self.appliance.symbol(symbol), timeout)

    def run_to_address(self, address, timeout=60):
        self.gdb.run_to(address, timeout)

    def go(self):
        self.gdb.go()

    def wait_exit(self, timeout=60):
        """Exit status; the machine must end by itself."""
        return self.process.wait(timeout)

    def wait_console(self, text, timeout=60):
        end = time.monotonic() + timeout
        while text not in self.console():
            assert time.monotonic() < end, f"no '{text}' on the console:\n{self.console()}"
            assert self.process.poll() is None, f"QEMU ended without '{text}':\n{self.console()}"
            time.sleep(0.05)

    def dump(self, address, size):
        """Physical memory or registers, by QMP."""
        path = self.folder / "dump"
        self.qmp.ask("pmemsave", val=address, size=size, filename=str(path))
        return path.read_bytes()

    def dump_int(self, address, size=4):
        return int.from_bytes(self.dump(address, size), "little")
