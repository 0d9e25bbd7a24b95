// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists as text, markdown and JSON, see list.h. Never decides what is listed.
 */
#include "tool/list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_CELL = 2048, MAX_COLUMNS = 16 };

static const struct argp_option options[] = {
	{ "markdown", 'm', NULL, 0, "A table for the docs", 0 },
	{ "json", 'j', NULL, 0, "For scripts: an array of objects, with more than the text shows", 0 },
	{ 0 },
};

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
static error_t parse_form(int key, char *argument, struct argp_state *state)
{
	struct list_options *list = state->input;

	(void)argument;
	switch (key) {
	case 'm':
		list->markdown = true;
		return 0;
	case 'j':
		list->json = true;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (list->markdown && list->json)
			usage_error(state, "--markdown and --json exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp list_argp = { options, parse_form, NULL, NULL, NULL, NULL, NULL };

const struct argp_child list_children[2] = { { &list_argp, 0, "How it is printed:", 1 }, { 0 } };

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
error_t list_parse_option(int key, char *argument, struct argp_state *state)
{
	struct list_options *list = state->input;

	(void)argument;
	switch (key) {
	case ARGP_KEY_INIT:
		*list = (struct list_options){ .markdown = false };
		state->child_inputs[0] = list;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- cells ---- */

static void append(char cell[MAX_CELL], const char *text, bool escape)
{
	size_t used = strlen(cell);

	for (; *text && used + 2 < MAX_CELL; text++) {
		if (escape && *text == '|') /* markdown takes a bar for the end of a cell */
			cell[used++] = '\\';
		cell[used++] = *text;
	}
	cell[used] = '\0';
}

static void append_value(char cell[MAX_CELL], const json_t *value, bool markdown, bool code)
{
	char number[32];

	if (markdown && code)
		append(cell, "`", false);
	if (json_is_string(value))
		append(cell, json_string_value(value), markdown);
	else if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		append(cell, number, false);
	}
	if (markdown && code)
		append(cell, "`", false);
}

static void fill_cell(char cell[MAX_CELL], const json_t *row, const struct list_column *column, bool markdown)
{
	const json_t *value = json_object_get(row, column->key), *part;
	size_t i;

	cell[0] = '\0';
	if (!json_is_array(value)) {
		if (!json_is_string(value) || json_string_length(value))
			append_value(cell, value, markdown, column->code);
		return;
	}
	json_array_foreach(value, i, part)
	{
		if (i)
			append(cell, column->code && markdown ? " " : ", ", false);
		append_value(cell, part, markdown, column->code);
	}
}

/* ---- the three forms ---- */

static void print_markdown(json_t *rows, const struct list_column *columns)
{
	char cell[MAX_CELL];
	const json_t *row;
	size_t i;

	for (const struct list_column *column = columns; column->key; column++)
		if (column->use != COLUMN_TEXT)
			printf("| %s ", column->title);
	fputs("|\n", stdout);
	for (const struct list_column *column = columns; column->key; column++)
		if (column->use != COLUMN_TEXT)
			fputs("|---", stdout);
	fputs("|\n", stdout);
	json_array_foreach(rows, i, row)
	{
		for (const struct list_column *column = columns; column->key; column++) {
			if (column->use == COLUMN_TEXT)
				continue;
			fill_cell(cell, row, column, true);
			printf("| %s ", cell);
		}
		fputs("|\n", stdout);
	}
}

static int width_of(json_t *rows, const struct list_column *column)
{
	char cell[MAX_CELL];
	const json_t *row;
	size_t i, width = 0;

	json_array_foreach(rows, i, row)
	{
		fill_cell(cell, row, column, false);
		width = strlen(cell) > width ? strlen(cell) : width;
	}
	return (int)width;
}

/* Columns of one width each; no blanks behind the last cell that has something. */
static void print_text_row(json_t *rows, size_t number, const struct list_column *columns, const int *widths)
{
	char cell[MAX_CELL];
	int gap = 0;

	for (const struct list_column *column = columns; column->key; column++) {
		if (column->use == COLUMN_MARKDOWN)
			continue;
		int width = widths[column - columns];

		fill_cell(cell, json_array_get(rows, number), column, false);
		if (cell[0])
			printf("%*s%s", gap, "", cell);
		gap = (cell[0] ? 0 : gap) + width - (int)strlen(cell) + 2;
	}
	fputs("\n", stdout);
}

static void print_text(json_t *rows, const struct list_column *columns)
{
	int widths[MAX_COLUMNS] = { 0 };

	for (const struct list_column *column = columns; column->key; column++)
		widths[column - columns] = width_of(rows, column);
	for (size_t i = 0; i < json_array_size(rows); i++)
		print_text_row(rows, i, columns, widths);
}

/* ---- choosing rows ---- */

static const json_t *row_named(json_t *rows, const char *name, const char *const *match)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		for (const char *const *key = match; *key; key++) {
			const char *value = json_string_value(json_object_get(row, *key));

			if (value && strcasecmp(value, name) == 0)
				return row;
		}
	}
	return NULL;
}

static json_t *rows_named(const struct verb *verb, json_t *rows, const char *const *match, char *const *names)
{
	json_t *chosen = json_array();

	for (; *names; names++) {
		const json_t *row = row_named(rows, *names, match);

		if (row) {
			json_array_append(chosen, (json_t *)(uintptr_t)row);
			continue;
		}
		fprintf(stderr, "rmapfuzz %s: unknown name '%.40s'; known:", verb->name, *names);
		for (size_t i = 0; i < json_array_size(rows); i++)
			fprintf(stderr, " %s",
				json_string_value(json_object_get(json_array_get(rows, i), match[0])));
		fputs("\n", stderr);
		json_decref(chosen);
		return NULL;
	}
	return chosen;
}

int list_print(const struct verb *verb, json_t *rows, const struct list_column *columns,
	       const char *const *match, const struct list_options *list)
{
	if (list->names.nr) {
		json_t *chosen = rows_named(verb, rows, match, list->names.paths);

		json_decref(rows);
		if (!chosen)
			return EXIT_USAGE;
		rows = chosen;
	}
	if (list->json) {
		json_print_indented(stdout, rows);
		return EXIT_CLEAN;
	}
	(list->markdown ? print_markdown : print_text)(rows, columns);
	json_decref(rows);
	return EXIT_CLEAN;
}
