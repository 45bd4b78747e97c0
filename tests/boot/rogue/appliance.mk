# SPDX-License-Identifier: Apache-2.0
include partitions/appliance/appliance.mk
