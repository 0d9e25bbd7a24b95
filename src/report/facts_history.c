// SPDX-License-Identifier: GPL-2.0-only
/*
 * history.csv as points: columns by the names of its first line, as many
 * points as a chart has room for. A line that is cut short or out of order is
 * left out; only the last may be, for a kill tears it.
 */
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"

enum { MAX_COLUMNS = 32, MAX_POINTS = 600 };

struct history {
	unsigned int nr_columns;
	json_t *columns, *points;
	double last_seconds;
	unsigned int nr_lines, nr_bad, last_bad; /* line number of the last bad one */
};

/* Cuts a line at its commas. */
static unsigned int split(char *line, char *fields[MAX_COLUMNS])
{
	unsigned int nr = 0;

	for (; line && nr < MAX_COLUMNS; nr++) {
		fields[nr] = line;
		line = strchr(line, ',');
		if (line)
			*line++ = '\0';
	}
	return nr;
}

static void read_header(struct history *history, char *line)
{
	char *fields[MAX_COLUMNS];

	history->nr_columns = split(line, fields);
	for (unsigned int i = 0; i < history->nr_columns; i++)
		json_array_append_new(history->columns, json_text(fields[i]));
}

static json_t *number_of(const char *field)
{
	char *end;
	double value = strtod(field, &end);

	if (end == field || *end || !(value >= 0 && value < 9e15))
		return NULL;
	return value == (double)(json_int_t)value ? json_integer((json_int_t)value) : json_real(value);
}

/* NULL if the line is not whole, or goes back in time. */
static json_t *point_of(struct history *history, char *line)
{
	char *fields[MAX_COLUMNS];
	json_t *point = json_array();
	unsigned int nr = split(line, fields);
	bool good = nr == history->nr_columns && nr > 0;

	for (unsigned int i = 0; good && i < nr; i++)
		good = json_array_append_new(point, number_of(fields[i])) == 0;
	double seconds = json_number_value(json_array_get(point, 0));

	if (good && seconds >= history->last_seconds) {
		history->last_seconds = seconds;
		return point;
	}
	json_decref(point);
	return NULL;
}

static void read_lines(struct history *history, char *content)
{
	for (unsigned int number = 1; *content; number++) {
		char *end = strchr(content, '\n');

		if (!end)
			return; /* the last line, torn */
		*end = '\0';
		if (end > content && end[-1] == '\r')
			end[-1] = '\0';
		if (number == 1) {
			read_header(history, content);
		} else {
			json_t *point = point_of(history, content);

			history->nr_lines++;
			if (!point) {
				history->nr_bad++;
				history->last_bad = number;
			}
			if (point)
				json_array_append_new(history->points, point);
		}
		content = end + 1;
	}
}

/* Evenly, and always the first and the last. */
static json_t *thinned(json_t *points)
{
	size_t nr = json_array_size(points);
	json_t *few;

	if (nr <= MAX_POINTS)
		return points;
	few = json_array();
	for (size_t i = 0; i < MAX_POINTS; i++)
		json_array_append(few, json_array_get(points, i * (nr - 1) / (MAX_POINTS - 1)));
	json_decref(points);
	return few;
}

void facts_history(json_t *facts, struct run_files *run)
{
	struct history history = { .columns = json_array(), .points = json_array() };
	const char *reason;
	char what[128];
	size_t length;
	char *content = run_read(run, "history.csv", MAX_JSON_BYTES, &length, NULL, &reason);

	if (content && strlen(content) == length) {
		read_lines(&history, content);
		if (strcmp(history.nr_columns ? json_string_value(json_array_get(history.columns, 0)) : "",
			   "seconds") != 0)
			run_warn(run, "history.csv", "its first column is not \"seconds\"");
	} else {
		run_warn(run, "history.csv", content ? "has a NUL byte" : reason);
	}
	if (history.nr_bad) {
		snprintf(what, sizeof(what), "torn or out of order: %u of its lines, the last is line %u",
			 history.nr_bad, history.last_bad);
		run_warn(run, "history.csv", what);
	}
	free(content);
	json_object_set_new(facts, "history",
			    json_pack("{s:i, s:i, s:o, s:o}", "lines", (int)history.nr_lines, "bad",
				      (int)history.nr_bad, "columns", history.columns, "points",
				      thinned(history.points)));
}
