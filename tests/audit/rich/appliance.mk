# SPDX-License-Identifier: Apache-2.0
# One program for all PDs: nothing of it runs in the audit's tests.

IMAGES := idle.bin
idle.bin-pd := nvme
idle.bin-sources := $(dir $(lastword $(MAKEFILE_LIST)))idle.c
