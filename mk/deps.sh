#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what Mullion builds, runs and is checked with, all from Debian's
# package manager. Idempotent: with everything present it changes nothing.
# QEMU older than 9 has no SMMUv3 stage 2; only where the distribution's is
# older does this add <codename>-backports, and takes nothing else from there.
set -eu

packages="
	make gcc libc6-dev cpp
	gcc-aarch64-linux-gnu binutils-aarch64-linux-gnu
	clang lld llvm libclang-rt-dev
	kconfig-frontends-nox
	device-tree-compiler libfdt-dev dt-schema
	u-boot-qemu u-boot-tools openssl
	libcmocka-dev
	cpio kmod e2fsprogs
	python3 python3-pytest python3-pytest-xdist python3-pyelftools python3-libfdt
	cppcheck clang-tidy frama-c-base reuse faketime
	python3-jsonschema python3-ruamel.yaml python3-license-expression
"
qemu=qemu-system-arm
qemu_min=9
sources=/etc/apt/sources.list.d/mullion-backports.list

say() { echo "deps: $*"; }
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
major() { echo "$1" | sed 's/^[0-9]*://; s/[^0-9].*//'; }

command -v apt-get >/dev/null || { say "needs a Debian system: apt-get not found"; exit 1; }

missing=
for p in $packages; do
	installed "$p" || missing="$missing $p"
done
have=$(dpkg-query -W -f '${Version}' $qemu 2>/dev/null || :)
need_qemu=
if ! installed $qemu || [ "$(major "$have")" -lt $qemu_min ]; then
	need_qemu=yes
fi

if [ -z "$missing$need_qemu" ]; then
	say "everything is installed ($qemu $have)"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	say "not root; missing:$missing${need_qemu:+ $qemu >= $qemu_min}"
	say "run: sudo make deps"
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
say "apt-get update"
apt-get -qq update

from=
if [ -n "$need_qemu" ]; then
	candidate=$(LC_ALL=C apt-cache policy $qemu | awk '$1 == "Candidate:" { print $2 }')
	if [ "$(major "${candidate:-0}")" -lt $qemu_min ]; then
		codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
		mirror=$(LC_ALL=C apt-cache policy | awk -v c="$codename/main" \
			'$1 ~ /^[0-9]+$/ && $3 == c { print $2; exit }')
		say "$qemu here is ${candidate:-absent}, needed >= $qemu_min:" \
			"adding $codename-backports in $sources"
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
			"${mirror:-http://deb.debian.org/debian} $codename-backports main" >"$sources"
		apt-get -qq update
		from="-t $codename-backports"
	fi
fi

if [ -n "$missing" ]; then
	say "installing:$missing"
	# shellcheck disable=SC2086 # words are package names
	apt-get -qq -y --no-install-recommends install $missing >/dev/null
fi
if [ -n "$need_qemu" ]; then
	say "installing: $qemu ${from:+($from)}"
	# shellcheck disable=SC2086
	apt-get -qq -y --no-install-recommends $from install $qemu >/dev/null
fi
say "done ($qemu $(dpkg-query -W -f '${Version}' $qemu))"
