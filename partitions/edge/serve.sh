#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# serve.sh FOLDER: one HTTP request on standard input, one answer: a file of FOLDER. QEMU starts it for each connection.
IFS=" " read -r method path version
while IFS= read -r line && [ "${line%?}" ]; do :; done
file=$1/${path##*/}
if [ "$method" = GET ] && [ -f "$file" ]; then
	printf 'HTTP/1.0 200 OK\r\nContent-Length: %s\r\n\r\n' "$(stat -c %s "$file")"
	exec cat "$file"
fi
printf 'HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n'
