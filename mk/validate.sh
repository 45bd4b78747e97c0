#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Device trees against processed bindings; dt-validate complains, but always succeeds. This fails if it complained.
set -eu
schema=$1
shift
said=$(dt-validate -s "$schema" "$@" 2>&1) || { echo "$said" >&2; exit 1; }
[ -z "$said" ] || { echo "$said" >&2; exit 1; }
