#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# initramfs.sh FOLDER NAME: FOLDER/NAME/Image and FOLDER/NAME/initrd, from FOLDER/debs and FOLDER/random-read.
#
# busybox, init, its steps and their program, and the modules of modules.txt with all that they need.
# The same packages give the same bytes.
set -eu

folder=$(realpath "$1")
name=$2
here=$(dirname "$(realpath "$0")")
work=$folder/$name.work
root=$work/root

unpack() {
	mkdir -p "$2"
	dpkg-deb -x "$folder/debs/$1"/*.deb "$2"
}

rm -rf "$work"
unpack "$name" "$work/kernel"
unpack busybox "$work/busybox"
version=$(ls "$work/kernel/lib/modules")
depmod -b "$work/kernel" "$version"

mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/mnt" "$root/tmp" "$root/lib/modules/$version"
cp "$work/busybox/bin/busybox" "$folder/random-read" "$root/bin/"
mkdir "$root/etc"
printf "hosts: files\nservices: files\n" >"$root/etc/nsswitch.conf"
cp "$here/init" "$root/init"
cp -r "$here/steps" "$root/steps"

# Modules: a name of the list is one, or part of the kernel; each brings what it depends on.
modules=$work/kernel/lib/modules/$version
: >"$root/modules"
while read -r module which; do
	case "$module:$which:$name" in "#"*) continue ;; *:standard:*-cloud) continue ;; esac
	modprobe -d "$work/kernel" -S "$version" -D "$module" >"$work/needs" ||
		{ echo "guests: $name has no module $module"; exit 1; }
	echo "$module" >>"$root/modules"
	sed -n "s#^insmod .*/lib/modules/$version/\([^ ]*\).*#\1#p" "$work/needs" >>"$work/files"
done <"$here/modules.txt"
sort -u "$work/files" | (cd "$modules" && cpio --quiet -pdm "$root/lib/modules/$version")
cp "$modules/modules.order" "$modules/modules.builtin" "$modules/modules.builtin.modinfo" "$root/lib/modules/$version/"
depmod -b "$root" "$version"
rm -f "$root/lib/modules/$version"/*.bin

mkdir -p "$folder/$name"
find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 --reproducible) | gzip -n >"$folder/$name/initrd"
cp "$work/kernel/boot/vmlinuz-$version" "$folder/$name/Image"
rm -rf "$work"
printf '  %-7s %s\n' GUEST "$name: Linux $version, Image $(stat -c %s "$folder/$name/Image") bytes, initrd $(stat -c %s "$folder/$name/initrd")"
