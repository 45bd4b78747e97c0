/* SPDX-License-Identifier: Apache-2.0 */
/* JSON (RFC 8259), written as it comes. `key` is NULL in an array. */
#ifndef PTC_JSON_H
#define PTC_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool follows;           /* something stands before what comes next, in the same braces */
};

void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);
/* `bracket` is the one that json_object or json_array calls for. */
void json_end(struct json *json, char bracket);
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);

#endif
