# SPDX-License-Identifier: Apache-2.0
"""
What a PD sees and writes of its functions' configuration space: the allow-list that the declaration comes to
(docs/table.md, "What a PD sees"), by the PCI specifications. A register is what it reads through (`read`), reads as
constant (`value`), lets the PD write (`write`), clears by ones (`clear`), and answers a BAR's question with (`size`).
"""
ALL = 0xFFFFFFFF
# Header (PCIe 5.0, 7.5.1)
ID, COMMAND, CLASS, HEADER, BARS, SUBSYSTEM, CAPABILITIES = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x2C, 0x34
MEMORY_DECODE, BUS_MASTER, INTX_OFF = 1 << 1, 1 << 2, 1 << 10
STATUS = 0xFFFF << 16
HAS_CAPABILITIES = 1 << 20                              # in status
ERRORS = 0xF9 << 24                                     # in status, cleared by ones: 15 to 11, and 8
MULTI_FUNCTION = 1 << 23
BAR_64 = 0x4
# Capabilities: 16 bits of control above id and next
MSI, MSIX, EXPRESS, PM, VENDOR = 0x05, 0x11, 0x10, 0x01, 0x09
MSI_ENABLE_BITS, MSI_64_BIT, MSI_MASK_BIT = 0x71, 1 << 7, 1 << 8        # 6:4 how many vectors; 0 on
MSIX_ENABLE_BITS = 0xC000                               # on, all masked
EXPRESS_VERSION_2 = 2
RELAXED_ORDERING, DEVICE_ERRORS, EMERGENCY_POWER = 1 << 4, 0xF << 16, 1 << 22   # of device control and status
PHANTOM_FUNCTIONS, FLR, START_FLR = 3 << 3, 1 << 28, 1 << 15
COMPLETION_TIMEOUT = 0x1F
NO_SOFT_RESET = 1 << 3
PM_VERSION = 7


def register(read=0, value=0, write=0, clear=0, size=0):
    return {"read": read, "value": value, "write": write, "clear": clear, "size": size}


def capabilities(function):
    """(offset, id, mask and value of what its control must be) by offset; a vendor's are registers of boot's."""
    found = []
    if function.msi:
        offset, vectors, flags = function.msi
        control = vectors.bit_length() - 1 << 1 | (MSI_64_BIT if flags & 1 else 0) | (MSI_MASK_BIT if flags & 2 else 0)
        found.append((offset, MSI, 7 << 1 | MSI_64_BIT | MSI_MASK_BIT, control))
    if function.msix:
        offset, vectors = function.msix
        found.append((offset, MSIX, 0x7FF, vectors - 1))
    if function.pcie is not None:
        found.append((function.pcie, EXPRESS, 0xF, EXPRESS_VERSION_2))
    if function.pm is not None:
        found.append((function.pm, PM, 0, 0))
    return sorted(found)


def listed(function):
    """(offset, id, control, or a vendor's length) by offset: what the PD finds."""
    return sorted([(at, kind, control) for at, kind, _, control in capabilities(function)] +
                  [(at, VENDOR, length) for at, length in function.vendors])


def vendor_registers(at, length, head):
    """To be read, byte by byte of it, and no more."""
    needed = {at + offset: register(sum(0xFF << 8 * i for i in range(4) if offset + i < length))
              for offset in range(0, length, 4)}
    needed[at] = register(needed[at]["read"] & STATUS, head)
    return needed


def msi_registers(at, control, head):
    needed = {at: register(MSI_ENABLE_BITS << 16, head | control << 16, MSI_ENABLE_BITS << 16)}
    places = [ALL & ~3] + ([ALL] if control & MSI_64_BIT else []) + [0xFFFF] + \
        ([ALL] if control & MSI_MASK_BIT else [])       # address, its upper half, data, mask
    for place, bits in enumerate(places, 1):
        needed[at + 4 * place] = register(bits, write=bits)
    if control & MSI_MASK_BIT:                          # pending
        needed[at + 4 * len(places) + 4] = register(ALL)
    return needed


def express_registers(at, head):
    """Relaxed ordering and its own errors are the PD's. Hidden: reset, phantom functions, what the port decides."""
    read_only = {0x04: ALL & ~(FLR | PHANTOM_FUNCTIONS), 0x0C: ALL, 0x10: ALL, 0x24: COMPLETION_TIMEOUT,
                 0x28: COMPLETION_TIMEOUT, 0x2C: ALL, 0x30: ALL}
    needed = {at: register(ALL & STATUS, head), at + 8: register(
        ALL & ~START_FLR, write=RELAXED_ORDERING | DEVICE_ERRORS, clear=DEVICE_ERRORS | EMERGENCY_POWER)}
    return needed | {at + offset: register(bits) for offset, bits in read_only.items()}


def capability_registers(at, kind, control, after):
    head = kind | after << 8
    if kind == MSI:
        return msi_registers(at, control, head)
    if kind == MSIX:
        return {at: register(MSIX_ENABLE_BITS << 16, head | control << 16, MSIX_ENABLE_BITS << 16),
                at + 4: register(ALL), at + 8: register(ALL)}
    if kind == VENDOR:
        return vendor_registers(at, control, head)
    if kind == EXPRESS:
        return express_registers(at, head)
    return {at: register(PM_VERSION << 16, head), at + 4: register(value=NO_SOFT_RESET)}


def bar_registers(bars):
    """`bars`: (index, whether 64 bits, address, size)."""
    needed = {}
    for idx, is_64bit, address, size in bars:
        kind, mask = BAR_64 if is_64bit else 0, -size
        needed[BARS + 4 * idx] = register(value=address & ALL | kind, size=mask & ALL | kind)
        if is_64bit:
            needed[BARS + 4 * idx + 4] = register(value=address >> 32, size=mask >> 32 & ALL)
    return needed


def needed_registers(function, bars, has_siblings):
    chain = listed(function)
    command = MEMORY_DECODE | BUS_MASTER | INTX_OFF
    needed = {
        ID: register(ALL), CLASS: register(ALL), SUBSYSTEM: register(ALL),
        COMMAND: register(command | STATUS & ~HAS_CAPABILITIES, HAS_CAPABILITIES if chain else 0, command | ERRORS,
                          ERRORS),
    }
    if has_siblings:
        needed[HEADER] = register(value=MULTI_FUNCTION)
    if chain:
        needed[CAPABILITIES] = register(value=chain[0][0])
    needed |= bar_registers(bars)
    for i, (at, kind, control) in enumerate(chain):
        after = chain[i + 1][0] if i + 1 < len(chain) else 0
        needed |= capability_registers(at, kind, control, after)
    return needed


def siblings(subject, built):
    """The PD has another function of what it sees as the same device."""
    return any(other is not built and other.pd == built.pd and other.pd_bdf >> 3 == built.pd_bdf >> 3
               for other in subject.table_functions)


def check_config_space(subject):
    for declared, built in subject.functions:
        name = f"configuration space of {declared.name} of {declared.pd}"
        bars = [(bar.idx, bool(bar.is_64bit), bar.addr, bar.size) for bar in built.array("bars", built.bar_count)]
        needed = needed_registers(declared, bars, siblings(subject, built))
        fields = built.array("fields", built.field_count)
        found = {field.offset: {part: getattr(field, part) for part in register()} for field in fields}
        if [field.offset for field in fields] != sorted(found):
            subject.differences.add(f"{name}, offsets", [field.offset for field in fields], "each once, in order")
        for offset in sorted({*found, *needed}):
            subject.differences.fields(f"{name}, {offset:#x}", found.get(offset, {}), needed.get(offset, {}))
        found = [(one.offset, one.id, one.control_mask, one.control)
                 for one in built.array("capabilities", built.capability_count)]
        if found != capabilities(declared):
            subject.differences.add(f"capabilities of {declared.name} of {declared.pd} (offset, id, mask, control)",
                                    found, capabilities(declared))
