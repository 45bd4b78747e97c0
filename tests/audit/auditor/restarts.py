# SPDX-License-Identifier: Apache-2.0
"""
PDs that may be restarted: how often, how their functions are made to forget, and what the map for that reaches. The
steps are worked out from the declaration (docs/table.md), by PCIe 5.0 (6.6, 7.5) and PCI 3.0 (4.3.2), and compared
write by write.
"""
from itertools import zip_longest
from typing import NamedTuple

from .ranges import PAGE
from .subject import pages_of

DEVICE_CONTROL, START_FLR = 8, 1 << 15          # from the PCI Express capability on
BRIDGE_CONTROL, SECONDARY_BUS_RESET = 0x3E, 1 << 6
# Microseconds. Behind a bridge to conventional PCI it is 2^25 clocks of 33 MHz.
SETTLE_FLR, HELD, SETTLE_BUS, SETTLE_CONVENTIONAL, SETTLE_WRITES = 100000, 2000, 100000, 1050000, 1000
NOWHERE = -1                    # of what the image does not have: a difference already


class Step(NamedTuple):
    at: int
    bytes: int
    value: int
    wait_us: int


def functions_of(subject, declared):
    """(declared, built) pairs in the order of the table."""
    built = {function.node.path: value for function, value in subject.functions}
    return [(function, built[function.node.path]) for function in declared.functions if function.node.path in built]


def port_page(subject, function):
    """Configuration page of the port or bridge right above."""
    if function.bridge is None:
        return NOWHERE
    bdf = subject.bridges.bdf(subject.bridges.declared[function.bridge.path])
    return NOWHERE if bdf is None else subject.board.config_page(bdf)


def bar_of(built, idx):
    return next((bar for bar in built.array("bars", built.bar_count) if bar.idx == idx), None)


def flr_steps(subject, function, built):
    control = (function.pcie or 0) + DEVICE_CONTROL
    return [Step(subject.board.config_page(built.bdf) + control, 2, START_FLR, SETTLE_FLR)]


def bus_steps(subject, function, _):
    at = port_page(subject, function) + BRIDGE_CONTROL
    conventional = function.bridge is not None and \
        subject.bridges.declared[function.bridge.path].type == "pcie-pci"
    return [Step(at, 2, SECONDARY_BUS_RESET, HELD),
            Step(at, 2, 0, SETTLE_CONVENTIONAL if conventional else SETTLE_BUS)]


def write_steps(_, function, built):
    steps = []
    for idx, offset, bits, value in function.reset_writes:
        bar = bar_of(built, idx)
        steps.append(Step(bar.addr + offset if bar else NOWHERE, bits // 8, value, 0))
    return steps[:-1] + [step._replace(wait_us=SETTLE_WRITES) for step in steps[-1:]]


STEPS = {"flr": flr_steps, "bus": bus_steps, "writes": write_steps}


def needed_steps(subject, declared):
    """Of all functions, in order; of a port once, where its first function is."""
    steps, ports = [], set()
    for function, built in functions_of(subject, declared):
        if function.reset == "bus":
            if function.bridge in ports:
                continue
            ports.add(function.bridge)
        steps += STEPS[function.reset](subject, function, built) if function.reset in STEPS else []
    return steps


def reload_registers(subject, declared):
    """(base, size) of what the steps write besides the functions' own configuration pages: ports' pages, whole BARs."""
    found = set()
    for function, built in functions_of(subject, declared):
        if function.reset == "bus":
            found.add((port_page(subject, function), PAGE))
        for idx in {write[0] for write in function.reset_writes if function.reset == "writes"}:
            bar = bar_of(built, idx)
            found |= {tuple(pages_of(bar.addr, bar.size))} if bar else set()
    return sorted(pair for pair in found if pair[0] != NOWHERE)


def own_memory(subject, declared):
    """(base, size) of all of the PD's that is nobody else's."""
    return [(subject.region_host(region), region.size) for region in declared.regions
            if not region.shared_with and subject.region_host(region) is not None]


def stores(built):
    """(base, size) of the pristine copies, whole pages."""
    return [tuple(pages_of(image.store, image.size)) for image in built.array("images", built.image_count)]


def restartable_on(subject, idx):
    """(declared, built) of the PD that this CPU starts anew; None of every other CPU."""
    name = subject.cpus[idx].string("name")
    return next(((declared, built) for declared, built in subject.pds
                 if declared.restart_limit and declared.cpus[0].full_name == name), None)


def check_ports(subject, declared):
    """A port that is reset has nobody else's behind it."""
    ports = {function.bridge.path for function, _ in functions_of(subject, declared)
             if function.reset == "bus" and function.bridge is not None}
    for other in [function for pd in subject.declaration.pds for function in pd.functions if pd is not declared]:
        for bridge in subject.bridges.above(other):
            if bridge.node.path in ports:
                subject.differences.add(f"{bridge.name}, reset with {declared.label}",
                                        f"{other.name} of {other.pd} behind it", f"functions of {declared.label} alone")


def check_reached(subject, declared, steps):
    """The map for it writes them all, as registers."""
    walk = next((walk for cpu, walk in zip(subject.cpus, subject.rebuilt.reloads)
                 if cpu.string("name") == declared.cpus[0].full_name), None)
    registers = [span for span in walk.spans() if "w" in span.what[0] and "device" in span.what] if walk else []
    for number, step in enumerate(steps, 1):
        if step.at % max(step.bytes, 1) or not any(span.start <= step.at and step.at + step.bytes <= span.end
                                           for span in registers):
            subject.differences.add(f"reset {number} of {declared.label}", f"{step.bytes} bytes at {step.at:#x}",
                                    "aligned, in registers that its reload map writes")


def check_restarts(subject):
    for declared, built in subject.pds:
        count, seconds = declared.restart_limit or (0, 0)
        drain = max([function.drain_us for function in declared.functions if count], default=0)
        subject.differences.fields(f"restarts of {declared.label}",
                                   {"times": built.restart_count, "seconds": built.restart_seconds,
                                    "drained after, us": built.drain_us},
                                   {"times": count, "seconds": seconds, "drained after, us": drain})
        found = [Step(reset.at, reset.bytes, reset.value, reset.wait_us)
                 for reset in built.array("resets", built.reset_count)]
        needed = needed_steps(subject, declared) if count else []
        for number, (one, other) in enumerate(zip_longest(found, needed), 1):
            subject.differences.equal(f"reset {number} of {declared.label} (address, bytes, value, wait in us)",
                                      words(one), words(other))
        check_reached(subject, declared, needed)
        if count:
            check_ports(subject, declared)


def words(step):
    return "nothing" if step is None else ", ".join(map(hex, step))
