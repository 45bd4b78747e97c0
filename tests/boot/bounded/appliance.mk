# SPDX-License-Identifier: Apache-2.0
include partitions/first-light/appliance.mk
