# SPDX-License-Identifier: Apache-2.0
"""QEMU's gdb stub: stops the machine at an address, reads and writes its physical memory."""
import re
import socket
import time


def connect(path, timeout):
    """A socket of QEMU's that may not be there yet."""
    end = time.monotonic() + timeout
    while True:
        try:
            connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connected.settimeout(timeout)
            connected.connect(str(path))
            return connected
        except OSError:
            connected.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


class GdbStub:
    def __init__(self, path, timeout=60):
        self.timeout = timeout
        self.socket = connect(path, timeout)
        self.buffer, self.last_stop = b"", ""
        self.numbers, self.next_number = {}, 0  # of registers, once asked for
        self.ask("qSupported:xmlRegisters=aarch64")
        assert self.ask("Qqemu.PhyMemMode:1") == "OK"

    def close(self):
        self.socket.close()

    def _byte(self, end):
        while not self.buffer:
            self.socket.settimeout(max(end - time.monotonic(), 0.01))
            self.buffer = self.socket.recv(65536)
            if not self.buffer:
                raise EOFError("QEMU closed the gdb connection")
        byte, self.buffer = self.buffer[:1], self.buffer[1:]
        return byte

    def receive(self, timeout=None):
        end = time.monotonic() + (timeout or self.timeout)
        while self._byte(end) != b"$":
            pass
        data = b""
        while (byte := self._byte(end)) != b"#":
            data += byte
        self._byte(end), self._byte(end)
        self.socket.sendall(b"+")
        return data.decode()

    def send(self, text):
        data = text.encode()
        self.socket.sendall(b"$%s#%02x" % (data, sum(data) & 0xFF))

    def ask(self, text):
        self.send(text)
        return self.receive()

    def run_to(self, address, timeout=None):
        """Continues until the instruction at `address` is the next. Raises on any other stop."""
        assert self.ask(f"Z1,{address:x},4") == "OK"
        self.send("c")
        reply = self.receive(timeout)
        assert reply.startswith("T05"), reply
        self.last_stop = reply                  # names the CPU
        assert self.ask(f"z1,{address:x},4") == "OK"

    def go(self):
        """Continues and does not wait."""
        self.send("c")

    def interrupt(self):
        self.socket.sendall(b"\x03")
        return self.receive()

    def select_cpu(self, number):
        """Whose registers are meant from now on. QEMU counts its threads from 1."""
        assert self.ask(f"Hg{number + 1:x}") == "OK"

    def register(self, name):
        """By the stub's own description of the CPU: general and system registers."""
        if not self.numbers:
            self._describe("target.xml")
        reply = bytes.fromhex(self.ask(f"p{self.numbers[name]:x}"))
        return int.from_bytes(reply, "little")

    def set_register(self, name, value, size=8):
        self.register(name)
        data = value.to_bytes(size, "little").hex()
        assert self.ask(f"P{self.numbers[name]:x}={data}") == "OK", f"cannot write {name}"

    def _describe(self, file):
        text, more = "", "m"
        while more == "m":
            reply = self.ask(f"qXfer:features:read:{file}:{len(text):x},7f0")
            more, text = reply[0], text + reply[1:]
        for element in re.findall(r"<reg [^>]*>|<xi:include [^>]*>", text):
            if file_name := re.search(r'href="([^"]*)"', element):
                self._describe(file_name[1])
                continue
            number = re.search(r'regnum="(\d+)"', element)
            self.next_number = int(number[1]) if number else self.next_number
            self.numbers[re.search(r'name="([^"]*)"', element)[1]] = self.next_number
            self.next_number += 1

    def read(self, address, size):
        data = b""
        while size:
            part = min(size, 1024)
            reply = self.ask(f"m{address:x},{part:x}")
            assert not reply.startswith("E"), f"cannot read {address:#x}"
            data += bytes.fromhex(reply)
            address, size = address + part, size - part
        return data

    def write(self, address, data):
        for at in range(0, len(data), 1024):
            part = data[at:at + 1024]
            assert self.ask(f"M{address + at:x},{len(part):x}:{part.hex()}") == "OK", f"cannot write {address:#x}"

    def write_int(self, address, value, size):
        self.write(address, value.to_bytes(size, "little"))
