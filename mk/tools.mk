# SPDX-License-Identifier: Apache-2.0
# Compilers, and what to say of a tool that is not there.

need = command -v $(firstword $(1)) >/dev/null || { echo "$(firstword $(1)) is missing: run make deps"; exit 1; }

CROSS_COMPILE ?= aarch64-linux-gnu-
HOSTCC ?= gcc
ifeq ($(LLVM),1)
CC := clang --target=aarch64-linux-gnu
OBJCOPY := llvm-objcopy
SIZE := llvm-size
link := -fuse-ld=lld
else
CC := $(CROSS_COMPILE)gcc
OBJCOPY := $(CROSS_COMPILE)objcopy
SIZE := $(CROSS_COMPILE)size
link := -Wl,--no-warn-rwx-segments
endif

warnings := -std=c11 -Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
# Freestanding AArch64 without floating point, and the same bytes from any folder.
target := -O2 -g -ffreestanding -fno-common -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables \
	-ffunction-sections -fdata-sections -ffile-prefix-map=$(CURDIR)/= -ffile-prefix-map=$(O)=build

# A compiler change rebuilds what it compiled.
$(gen)/compiler: FORCE
	$(Q)mkdir -p $(@D)
	@echo '$(CC) $(link)' | cmp -s - $@ || echo '$(CC) $(link)' >$@

.PHONY: FORCE
FORCE:
