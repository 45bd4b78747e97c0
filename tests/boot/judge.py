# SPDX-License-Identifier: Apache-2.0
"""
Verdicts on a run from what QEMU itself recorded: which device reached which
memory, what its SMMU refused, what was written to the SMMU's registers.
Each function returns the violations it found, in words.
"""
import re

# As QEMU names them: it folds page 1, where EVENTQ_CONS is, onto page 0.
EVENTQ_CONS, GERRORN = 0xAC, 0x64
SUCCESS = re.compile(r"smmuv3_translate_success .*sid=(\w+) iova=(\w+) translated=(\w+) perm=(\w+)")
OPEN = re.compile(r"smmuv3_translate_(disable|bypass) .*sid=(\w+)")
WRITE = re.compile(r"smmuv3_write_mmio addr: (\w+) val:(\w+)")
EVENT = re.compile(r"smmuv3_record_event (\w+) sid=(\w+)")
PERM = {"r--": 1, "-w-": 2, "rw-": 3}


def reach(trace, declared):
    """`declared`: windows by stream. Every translation that QEMU granted lies in one, to the byte and the right."""
    bad = []
    for line in trace:
        if match := OPEN.search(line):
            bad.append(f"stream {int(match[2], 0)} was not translated: {match[1]}")
        if match := SUCCESS.search(line):
            sid, iova, translated, perm = int(match[1], 0), int(match[2], 16), int(match[3], 16), int(match[4], 16)
            for window in declared.get(sid, []):
                if window.iova <= iova < window.iova + window.size:
                    if translated != window.pa + iova - window.iova or perm & ~PERM[window.rights]:
                        bad.append(f"stream {sid}: {iova:#x} reached {translated:#x} with rights {perm}")
                    break
            else:
                bad.append(f"stream {sid} reached {translated:#x} by {iova:#x}, which no window has")
    return bad


def grants(trace, sid):
    return sum(1 for line in trace if (match := SUCCESS.search(line)) and int(match[1], 0) == sid)


def events(trace):
    """Number of events that QEMU recorded, by stream and type."""
    counts = {}
    for line in trace:
        if match := EVENT.search(line):
            key = int(match[2], 0), match[1].removeprefix("SMMU_EVT_")
            counts[key] = counts.get(key, 0) + 1
    return counts


def aborts(trace, sid):
    return sum(1 for line in trace if re.search(rf"smmuv3_translate_abort .*sid={sid:#x} ", line))


def reported(console):
    """Number of events that the hypervisor printed, by function and type."""
    counts = {}
    for name, kind, times in re.findall(r"WARN denied \w+ of (\S+) .*: (\w+), (\d+) times", console):
        counts[name, kind] = counts.get((name, kind), 0) + int(times)
    return counts


def sealed_registers(trace):
    """From the seal on, nobody writes the SMMU but to retire events."""
    bad = []
    for line in trace:
        if (match := WRITE.search(line)) and int(match[1], 16) not in (EVENTQ_CONS, GERRORN):
            bad.append(f"SMMU register {match[1]} was written with {match[2]}")
        if "smmuv3_cmdq_opcode" in line:
            bad.append(f"SMMU command: {line}")
    return bad


def changed(before, after):
    """`before`, `after`: contents by name."""
    return [f"{name} was changed" for name in before if before[name] != after[name]]
