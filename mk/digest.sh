#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The 32 bytes of the SHA-256 of `size` bytes from `offset` of a file; all of them must be there.
set -eu
file=$1 offset=$2 size=$3
[ "$(stat -c %s "$file")" -ge $((offset + size)) ] || { echo "$file ends before the constants do" >&2; exit 1; }
digest=$(tail -c +$((offset + 1)) "$file" | head -c "$size" | sha256sum | cut -c 1-64)
for byte in $(echo "$digest" | sed 's/../& /g'); do
	printf '%b' "\\0$(printf %03o "0x$byte")"
done
