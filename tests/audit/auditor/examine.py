# SPDX-License-Identifier: Apache-2.0
"""All checks, in order: of an image, or of whatever else has its memory."""
from .bridges import check_bridges
from .code import check_writers
from .config_space import check_config_space
from .differences import Differences
from .functions import check_functions, match_functions
from .hypervisor import check_hypervisor
from .image import check_image
from .interrupts import check_interrupts
from .memory import Outside
from .pds import check_pds, find_hosts
from .rebuilt import Rebuilt
from .restarts import check_restarts
from .scalars import check_scalars
from .stored import check_digest, check_stored
from .subject import Subject

CHECKS = (find_hosts, match_functions, check_pds, check_functions, check_bridges, check_interrupts, check_config_space,
          check_hypervisor, check_restarts, check_scalars)


def examine(declaration, memory, elf, differences, **how):
    """Everything that an image and a sealed machine have in common. `how`: as Rebuilt takes it."""
    subject = None
    try:
        rebuilt = Rebuilt(memory, elf, differences, **how)
        check_writers(rebuilt.code, differences)
        subject = Subject(declaration, rebuilt, differences)
        for check in CHECKS:
            check(subject)
    except Outside as outside:
        differences.add("constants", outside, "what is there")
        return None
    return subject


def audit_image(image, declaration, **how):
    """The subject, None if it could not be read to the end, and all differences."""
    differences = Differences()
    check_image(image, differences)
    subject = examine(declaration, image.memory, image.elf, differences, **how)
    if subject:
        check_stored(subject, image.fit)
        check_digest(subject)
    return subject, differences
