# SPDX-License-Identifier: Apache-2.0
# Compilers, and what to say of a tool that is not there.

need = command -v $(firstword $(1)) >/dev/null || { echo "$(firstword $(1)) is missing: run make deps"; exit 1; }
need-file = [ -f $(1) ] || { echo "$(1) is missing: run make deps"; exit 1; }

CROSS_COMPILE ?= aarch64-linux-gnu-
HOSTCC ?= gcc
ifeq ($(LLVM),1)
CC := clang --target=aarch64-linux-gnu
LD := ld.lld
OBJCOPY := llvm-objcopy
SIZE := llvm-size
link := -fuse-ld=lld
# What clang's assembler does not take from -ffile-prefix-map.
folder := -fdebug-compilation-dir=.
else
CC := $(CROSS_COMPILE)gcc
LD := $(CROSS_COMPILE)ld
OBJCOPY := $(CROSS_COMPILE)objcopy
SIZE := $(CROSS_COMPILE)size
link := -Wl,--no-warn-rwx-segments
endif
need-compiler = $(call need,$(CC)); $(call need,$(LD)); $(call need,$(OBJCOPY)); $(call need,$(SIZE))

warnings := -std=c11 -Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
# Freestanding AArch64 without floating point, atomics in place and not in libgcc, and the same bytes from any folder.
target := -O2 -g -ffreestanding -mno-outline-atomics -fno-common -fno-pic -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -mgeneral-regs-only -mstrict-align \
	-ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(O)=build $(folder)
linker := -static -nostdlib -Wl,--build-id=none -Wl,--gc-sections -Wl,-z,max-page-size=4096

# Another compiler, or other flags, rebuild what they compiled.
$(gen)/compiler: FORCE
	@$(need-compiler)
	$(Q)mkdir -p $(@D)
	@{ echo '$(CC) $(hv_flags) $(link) $(linker)'; $(CC) --version; } >$@.now; \
		cmp -s $@.now $@ || cp $@.now $@; rm $@.now

.PHONY: FORCE
FORCE:
