# SPDX-License-Identifier: Apache-2.0
"""QEMU's edu device, driven from outside the machine by its registers (docs/specs/edu.rst)."""
ECAM_COMMAND, ECAM_BAR0 = 0x04, 0x10
COMMAND_MEMORY_AND_MASTER = 0x6
SOURCE, TARGET, COUNT, COMMAND = 0x80, 0x88, 0x90, 0x98
BUFFER, START, TO_MEMORY = 0x40000, 1, 2


def enable(gdb, config_page, bar):
    """Decoding and bus mastering on, its BAR at `bar`, whatever the software of the machine wants."""
    gdb.write_int(config_page + ECAM_BAR0, bar, 4)
    gdb.write_int(config_page + ECAM_COMMAND, COMMAND_MEMORY_AND_MASTER, 2)


def arm_write(gdb, bar, target, count=256):
    """A DMA write of `count` bytes of its buffer, all zero, in 100 ms of the machine's time."""
    for register, value in ((SOURCE, BUFFER), (TARGET, target), (COUNT, count), (COMMAND, START | TO_MEMORY)):
        gdb.write_int(bar + register, value, 8)


def busy(machine, bar):
    return machine.dump_int(bar + COMMAND, 8) & START
