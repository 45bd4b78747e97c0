#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bindings of partitions/bindings, and those of dt-schema's own that speak of what a board has, processed into one
# file for `dt-validate -s`. Not phy-consumer: it is selected for every node, so none can be excepted, and takes each
# property `phys` for a list of PHYs; a region's is a host address, and no node of a table has PHYs.
set -eu
out=$1
own=$(/usr/bin/python3 -c 'import dtschema.lib; print(dtschema.lib.schema_basedir)')/schemas
files=
for name in types dt-core root-node chosen aliases cpus memory reg interrupts interrupt-controller property-units \
		pci/pci-bus pci/pci-iommu iommu/iommu; do
	files="$files $own/$name.yaml"
done
# A file that is wrong is left out with a line on standard error, and no other sign.
# shellcheck disable=SC2086 # words are files
said=$(dt-mk-schema -u -j -o "$out" partitions/bindings $files 2>&1) || { echo "$said" >&2; exit 1; }
[ -z "$said" ] || { echo "$said" >&2; rm -f "$out"; exit 1; }
