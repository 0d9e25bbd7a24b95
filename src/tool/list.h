/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verbs that list what exists: a list is an array of JSON objects, printed as
 * aligned text, as a markdown table for the docs or as it is. A verb makes the
 * rows and says which members are columns; nothing here knows what they mean.
 */
#ifndef RMAPFUZZ_TOOL_LIST_H
#define RMAPFUZZ_TOOL_LIST_H

#include "tool/json.h"
#include "tool/tool.h"

enum column_use {
	COLUMN_ALWAYS,   /* in text and in markdown */
	COLUMN_MARKDOWN, /* too long for a line of text */
	COLUMN_TEXT,     /* for people at a terminal */
};

struct list_column {
	const char *key;   /* member of each row: a string, a number, or an array of strings */
	const char *title; /* head of the column in markdown */
	enum column_use use;
	bool code; /* markdown: `as code`, each string of an array by itself */
};

struct list_options {
	bool markdown, json;
	struct file_arguments names; /* what the command line asks for by name */
};

/* --markdown and --json; input is a struct list_options. */
extern const struct argp_child list_children[2];

/* A parser for verbs that have no options beside these and take names as arguments; input is a struct list_options. */
error_t list_parse_option(int key, char *argument, struct argp_state *state);

/*
 * Prints the rows and lets go of them; columns end with a NULL key. Returns an exit code. With names
 * given prints only the rows of which a member of match (NULL at the end) is the name, case ignored; a
 * name without a row is an error that lists what is known by the first of match.
 */
int list_print(const struct verb *verb, json_t *rows, const struct list_column *columns,
	       const char *const *match, const struct list_options *list);

#endif
