# SPDX-License-Identifier: Apache-2.0
"""report.txt: what the table gives to whom, for a person to read and an assessor to keep."""
from facts import doorbell, host_memory, hexa, last, label_of_node, plural, restart_text


RESETS = {"flr": "FLR", "bus": "with its bus, by the port above", "writes": "by writes to its BARs"}


def span(base, size):
    return f"{hexa(base)}-{hexa(last(base, size))}"


def bar_lines(function):
    for bar in function["bars"]:
        yield f"    BAR {bar['index']}     {hexa(bar['base'])} size {bar['size']:#x}"


def msi_lines(report, pd, function):
    whose = doorbell(report, function)
    if whose is None:
        return
    msi = whose["msi"]
    yield (f"    doorbell  I/O {span(msi['doorbell'], 0x1000)} -> host {msi['host']:#x}, the ITS, -w-  "
           f"DeviceID {msi['device-id']:#x}" + (f", that of {whose['name']}" if whose is not function else ""))
    yield (f"    interrupts {msi['intid']} to {msi['intid'] + msi['count'] - 1} of {pd['label']}, by LPIs "
           f"{msi['lpi']} to {msi['lpi'] + msi['count'] - 1}; "
           + (plural(msi["vectors"], "vector") if whose is function else "no vector of its own"))


def function_lines(report, pd, function):
    yield (f"  function {function['bdf']}  {function['name']}, id {function['vendor']:04x}:{function['device']:04x}, "
           f"class {function['class']:06x}, stream {function['stream']:#x}  ({function['place']})")
    if function["behind"]:
        yield f"    behind    {function['behind']}; {pd['label']} sees it at {function['pd-bdf']}"
    if f"{function['requester'] >> 8:02x}:{function['requester'] >> 3 & 31:02x}" not in function["bdf"]:
        yield f"    requests  carry {function['requester'] >> 8:02x}:00.0, for all behind that bridge"
    yield from bar_lines(function)
    if function["reset"]:
        yield f"    reset     {RESETS[function['reset']]}; drained after {function['drain-us']} us"
    if not function["windows"]:
        yield "    reaches   nothing"
    for window in function["windows"]:
        yield (f"    reaches   I/O {span(window['iova'], window['size'])} -> host "
               f"{span(window['host'], window['size'])} {window['rights']}  {window['region']} of {pd['label']}")
    yield from msi_lines(report, pd, function)


def region_line(report, region):
    shared = ", ".join(f"{other['region']} of {label_of_node(report, other['pd'])}" for other in region["shared"])
    return (f"  region    PD  {span(region['base'], region['size'])} -> host {span(region['host'], region['size'])} "
            f"{region['rights']}  {region['name']:<8}"
            + (" no device" if region["dma"] == "---" else f" D bit: {region['dma']}")
            + (f"; shared with {shared}" if shared else ""))


def device_lines(device):
    yield f"  device    {device['node']}  {device['name']}  ({device['place']})"
    for registers in device["registers"]:
        yield f"    registers {span(registers['base'], registers['size'])}, PD and host"


def interrupts_line(pd):
    kinds = {"msi": "MSI"}
    found = ", ".join(f"{spi['intid']} {spi.get('of') or kinds.get(spi['kind'], spi['kind'])}"
                      for spi in pd["interrupts"]) or "none"
    return (f"  interrupts {found}; controller at PD {hexa(pd['virtual']['interrupt controller']['base'])}, "
            f"configuration space at PD {hexa(pd['virtual']['configuration space']['base'])}")


def pd_lines(report, pd):
    yield ""
    yield f"PD {pd['label']}  on {', '.join(pd['cpus'])}  ({pd['place']})"
    yield f"  faults    DMA: {pd['on-dma-fault']}; crash: {pd['on-crash']}"
    yield f"  restart   {restart_text(pd)}"
    for image in pd["images"]:
        kind = image["name"].partition(".")[2] or "image"
        yield (f"  {kind:9} {image['file']}, {image['size']:#x} bytes, at PD {hexa(image['base'])}, "
               f"kept at host {hexa(image['store'])}")
    if "console" in pd["virtual"]:
        yield f"  console   virtual PL011 at PD {hexa(pd['virtual']['console']['base'])}"
    if "watchdog" in pd["virtual"]:
        yield (f"  watchdog  virtual SBSA watchdog at PD {hexa(pd['virtual']['watchdog']['base'])}, interrupt "
               + str(next(spi["intid"] for spi in pd["interrupts"] if spi.get("of") == "watchdog")))
    yield interrupts_line(pd)
    for region in pd["regions"]:
        yield region_line(report, region)
    for device in pd["devices"]:
        yield from device_lines(device)
    for function in pd["functions"]:
        yield from function_lines(report, pd, function)


def bridge_lines(bridge):
    yield (f"  bridge    {bridge['bdf']}  {bridge['name']}, {bridge['type']}, "
           f"id {bridge['vendor']:04x}:{bridge['device']:04x}, class {bridge['class']:06x}  ({bridge['place']})")
    yield (f"    buses     {bridge['secondary']:02x}-{bridge['subordinate']:02x}"
           + (f"; behind {bridge['behind']}" if bridge["behind"] else ""))
    yield from bar_lines(bridge)
    yield f"    window    {span(bridge['base'], bridge['size']) if bridge['size'] else 'closed'}"
    if bridge["acs"]:
        yield f"    ACS       at {bridge['acs']:#x}: all requests go upwards"


def group_lines(report, key, title):
    yield from ("", title)
    for group in report[key]:
        yield f"  {', '.join(group['functions'])}  of {', '.join(group['pds'])}: {group['why']}"
    if not report[key]:
        yield "  none"


def pci_lines(report):
    if report["bridges"]:
        yield from ("", "Bridges")
    for bridge in report["bridges"]:
        yield from bridge_lines(bridge)
    yield from group_lines(report, "isolation-groups", "Isolation groups of several functions")
    yield from group_lines(report, "fate-groups", "Fate groups: functions that fail together")


def text(report):
    functions = [function for pd in report["pds"] for function in pd["functions"]]
    hypervisor = report["hypervisor"]
    yield f"Mullion appliance, partition table {report['table']}"
    yield f"board     {report['board']['model']}"
    yield (f"{plural(len(report['pds']), 'PD')}, {plural(len(functions), 'function')}, "
           f"{plural(sum(len(function['windows']) for function in functions), 'window')}; addresses: PD and I/O "
           f"{report['pd-address-bits']} bits, host {report['host-address-bits']} bits")
    yield ""
    yield (f"Console and IOMMU events  on {hypervisor['housekeeping']}"
           + (", which runs no PD" if hypervisor["housekeeping-alone"] else ""))
    for pd in report["pds"]:
        yield from pd_lines(report, pd)
    yield from pci_lines(report)
    yield ""
    yield "Every other function reaches nothing: its stream table entry aborts, or its bus has no table."
    yield ""
    yield "Host memory"
    for area in host_memory(report):
        yield (f"  {span(area['base'], area['size'])} {area['size'] >> 10:8} KiB  {area['owner']}, {area['what']}"
               + ("  (D bit)" if area["dma"] != "---" else "") + ("  (shared)" if area["shared"] else ""))
