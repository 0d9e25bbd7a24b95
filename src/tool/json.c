// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON as the verbs print it, see json.h. Never decides what is said.
 */
#include "tool/json.h"

#include <stdlib.h>
#include <string.h>

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);

	if (value)
		return value;
	char *copy = strdup(text);

	for (char *at = copy; at && *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	value = json_string(copy ? copy : "");
	free(copy);
	return value;
}

static void print(FILE *out, json_t *value, size_t flags)
{
	if (!value || json_dumpf(value, out, flags) != 0)
		fputs("{}", out); /* out of memory; a full disk is seen by who closes the file */
	fputs("\n", out);
	json_decref(value);
}

void json_print_line(FILE *out, json_t *value)
{
	print(out, value, JSON_COMPACT);
}

void json_print_indented(FILE *out, json_t *value)
{
	print(out, value, JSON_INDENT(1));
}
