# SPDX-License-Identifier: Apache-2.0
include tests/bench/one/appliance.mk
