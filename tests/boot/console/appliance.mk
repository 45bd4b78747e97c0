# SPDX-License-Identifier: Apache-2.0
# What the table does not say: the programs of its PDs.

here := $(dir $(lastword $(MAKEFILE_LIST)))
IMAGES := first.bin second.bin flood.bin
$(foreach image,$(IMAGES),$(eval $(image)-pd := $(image:.bin=)))
first.bin-sources := $(here)echo.c
second.bin-sources := $(here)echo.c
flood.bin-sources := $(here)flood.c
