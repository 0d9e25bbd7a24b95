/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What verbs say to scripts: the few things that jansson leaves open. Knows no
 * verb and no member.
 */
#ifndef RMAPFUZZ_TOOL_JSON_H
#define RMAPFUZZ_TOOL_JSON_H

#include <jansson.h>
#include <stdio.h>

/* A JSON string of any bytes: what is not UTF-8 becomes '?'. For all that comes from outside, as paths do. */
json_t *json_text(const char *text);

/* One value on a line of its own, where a run has many; lets go of it. */
void json_print_line(FILE *out, json_t *value);

/* One value for people to read, too, where a run has one; lets go of it. */
void json_print_indented(FILE *out, json_t *value);

#endif
