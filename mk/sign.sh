#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints what signs the FIT with the only key in a folder: a fragment that follows its source and merges with it.
# mkimage wants <name>.key and <name>.crt, and is silent where one is missing: everything is checked here.
set -eu
dir=$1
fail() { echo "SIGN_KEY=$dir: $*" >&2; exit 1; }
command -v openssl >/dev/null || { echo "openssl is missing: run make deps" >&2; exit 1; }
[ -d "$dir" ] || fail "no such folder"

set -- "$dir"/*.key
[ -f "$1" ] || fail "no *.key in it; README, Signed boot, says how to make one"
[ $# = 1 ] || fail "$# keys in it, of which one would be taken by chance: $*"
key=$1
name=$(basename "$key" .key)
crt=$dir/$name.crt
case $name in *[!A-Za-z0-9_-]*) fail "$name.key: its name goes into device trees; letters, digits, _ and - only" ;; esac
[ -f "$crt" ] || fail "no certificate $name.crt beside $name.key"

bits=$(openssl rsa -in "$key" -passin pass: -noout -text 2>/dev/null | sed -n 's/.*Private-Key: (\([0-9]*\) bit.*/\1/p')
case $bits in
2048 | 3072 | 4096) ;;
*) fail "$name.key: needed an RSA key without passphrase of 2048, 3072 or 4096 bits" ;;
esac
public=$(openssl pkey -in "$key" -pubout)
[ "$public" = "$(openssl x509 -in "$crt" -noout -pubkey)" ] || fail "$name.crt is not the certificate of $name.key"

# Every image of the configuration is signed by its hash. The comment has another key of the same name rebuild.
cat <<END

/* Signed with $(echo "$public" | sha256sum | cut -c 1-64). */
/ { configurations { conf { signature-1 {
	algo = "sha256,rsa$bits";
	key-name-hint = "$name";
	sign-images = "kernel", "loadables";
}; }; }; };
END
