#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# House rules that a program can check, then cppcheck. Prints what is wrong; fails if anything is.
set -u
bad=0
complain() { echo "lint: $1"; bad=1; }

files=$(find Kconfig Makefile .ci configs hv mk partitions platform tests -type f \
	! -name '*.pyc' ! -name '*.json' ! -name '*_defconfig' ! -name '*.md' ! -name help.txt ! -name results.txt)
code=$(echo "$files" | grep -E '\.(c|h|S)$')

for f in $files; do
	head -n 3 "$f" | grep -q 'SPDX-License-Identifie[r]: Apache-2.0' || complain "$f has no SPDX line"
done
grep -nE '[[:space:]]+$' $files && complain "white space at the end of a line"
for f in $code; do
	expand "$f" | awk -v f="$f" 'length > 120 { print f ":" NR; n++ } END { exit n > 0 }' || complain "line over 120 columns"
done

# Addresses of a board stand in its board.dtsi and nowhere else; unit and refuse tests quote them as data.
for board in platform/*/board.dtsi; do
	for address in $(grep -oE '0x[0-9a-f]{7,}' "$board" | sort -u | grep -vE '0x0*(1|2|4|8)?0+$|0xf+0*$'); do
		value=$(echo "$address" | sed 's/0x0*//')
		grep -nEi "0x0*${value}u?l?\b" $(echo "$files" | grep -vE "^$board|^tests/(unit|refuse)/") && complain "$address of $board stands elsewhere too"
	done
done

# Core knows no architecture and no board.
grep -nE '^#\s*(el)?if.*(ARM64|AARCH64|RISCV|X86|BOARD)' hv/core/*.c && complain "hv/core asks for an architecture"
# FIELD_PREP and FIELD_GET, no mask algebra by hand.
grep -nE '&= *~?\(\(?~|<< *[0-9]+\) *\| *\(.*<< *[0-9]+\)' $(echo "$code" | grep '^hv/') && complain "mask algebra by hand"

cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	--suppress=missingIncludeSystem --suppress=nullPointerArithmeticRedundantCheck -U__ASSEMBLER__ -Ihv/include -Ihv/arch/arm64/include hv partitions || bad=1
exit $bad
