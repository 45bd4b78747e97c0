#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch.sh FOLDER: Debian's arm64 kernels and a static busybox, into FOLDER/debs.
#
# apt works here with a state of its own, for arm64 alone: the architectures,
# lists and packages of this machine are not touched. Its configuration (mirrors
# are in fetch.sources, proxies wherever apt has them) and Debian's keys are this
# machine's, and signatures are checked as always.
set -eu

folder=$(realpath -m "$1")
here=$(dirname "$(realpath "$0")")
suite=bookworm
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# Name of a folder, package that names the newest, where it comes from.
kernels="
	6.1 linux-image-arm64 $suite
	6.1-cloud linux-image-cloud-arm64 $suite
	6.12 linux-image-arm64 $suite-backports
	6.12-cloud linux-image-cloud-arm64 $suite-backports
"

[ -f $keys ] || { echo "guests: $keys is missing: run make deps"; exit 1; }
mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/debs"
: >"$folder/apt/status"
cat >"$folder/apt/apt.conf" <<EOF
Dir::State "$folder/apt";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt";
Dir::Etc::SourceList "$folder/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
Acquire::Languages "none";
APT::Sandbox::User "";
EOF
sed -e '/^#/d' -e "s#^deb #deb [signed-by=$keys] #" -e "s#SUITE#$suite#" "$here/fetch.sources" >"$folder/apt/sources.list"

apt_() {
	tool=$1
	shift
	APT_CONFIG=$folder/apt/apt.conf "$tool" -qq "$@"
}

# The package that a metapackage of a suite depends on, as name=version.
newest() {
	apt_ apt-cache show "$1" | awk -v suite="$2" '
		/^Version:/ { backport = $2 ~ /~bpo/ }
		/^Depends:/ && backport == (suite ~ /backports/) && !found { found = 1; gsub(/[()]/, ""); print $2 "=" $4 }'
}

apt_ apt-get update
echo "$kernels busybox busybox-static $suite" | while read -r name package from; do
	[ -n "$name" ] || continue
	[ "$name" = busybox ] && wanted=$package || wanted=$(newest "$package" "$from")
	[ -n "$wanted" ] || { echo "guests: $from has no $package for arm64"; exit 1; }
	mkdir -p "$folder/debs/$name"
	(cd "$folder/debs/$name" && apt_ apt-get download "$wanted")
	newest_file=$(ls -t "$folder/debs/$name"/*.deb | head -n 1)
	find "$folder/debs/$name" -name '*.deb' ! -path "$newest_file" -delete
	echo "  GUEST   $name: $(basename "$newest_file")"
done
