# SPDX-License-Identifier: Apache-2.0
"""
What a PD's accesses to memory cost: each exit for one, by gdb at the hypervisor's door, and each write to an MSI-X
table, by QEMU's trace of its device.
"""
import re
import time

DOOR = "guest_device_access"            # where the hypervisor takes every access that the PD's map does not have
TRACE = "memory_region_ops_write"
WRITE = re.compile(r"memory_region_ops_write cpu (\d+) .* name 'msix-table'")


class Exits:
    def __init__(self, machine):
        self.machine, self.gdb = machine, machine.gdb
        self.pages = []                 # PD address of each exit, by page
        self.table_writes = 0

    def watch_until(self, text, timeout):
        door, end = self.machine.appliance.symbol(DOOR), time.monotonic() + timeout
        before = len(self.machine.trace())
        self._trace(True)
        self.gdb.interrupt()
        self._break(door)
        while text not in self.machine.console():
            assert time.monotonic() < end, f"no '{text}' on the console"
            self._next(door)
        self._trace(False)
        self.table_writes = sum(1 for line in self.machine.trace()[before:] if WRITE.search(line))
        self._unbreak(door)
        self.gdb.go()

    def _trace(self, on):
        self.machine.qmp.ask("trace-event-set-state", name=TRACE, enable=on)

    def _break(self, address):
        assert self.gdb.ask(f"Z1,{address:x},4") == "OK"

    def _unbreak(self, address):
        assert self.gdb.ask(f"z1,{address:x},4") == "OK"

    def _next(self, door):
        """Runs to the next exit, and its CPU one instruction on, alone: nobody else passes the door meanwhile."""
        self.gdb.send("c")
        reply = self.gdb.receive()
        thread = re.search(r"thread:([\w.]+);", reply)[1]
        assert self.gdb.ask(f"Hg{thread}") == "OK"
        self.pages.append((self.gdb.register("HPFAR_EL2") >> 4 & (1 << 40) - 1) << 12)
        self._unbreak(door)
        self.gdb.send(f"vCont;s:{thread}")
        self.gdb.receive()
        self._break(door)
