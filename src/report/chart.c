// SPDX-License-Identifier: GPL-2.0-only
/*
 * Charts of the run over time, drawn by gnuplot as a child process. What it
 * reads is a script with numbers alone: no text of a file gets into it.
 */
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"
#include "tool/filter.h"

enum { MAX_MARKS = 20 };

struct chart {
	const char *file;
	const char *left, *left_label;   /* column of history.csv, and what is written beside the axis */
	const char *right, *right_label; /* a second one with an axis of its own, or NULL */
};

static const struct chart charts[] = {
	{ "coverage.svg", "coverage", "coverage (left)", "features", "model features (right)" },
	{ "speed.svg", "executions_per_second", "executions per second", NULL, NULL },
	{ "corpus.svg", "corpus_files", "corpus files", NULL, NULL },
};

/* From 1, as gnuplot counts; 0: there is none. */
static size_t column_of(const json_t *history, const char *name)
{
	const json_t *column;
	size_t i;

	json_array_foreach(json_object_get(history, "columns"), i,
			   column) if (name && strcmp(json_string_value(column), name) == 0) return i +
		1;
	return 0;
}

static void put_data(FILE *out, const json_t *history)
{
	const json_t *point, *number;
	size_t i, j;

	fputs("$history << EOD\n", out);
	json_array_foreach(json_object_get(history, "points"), i, point)
	{
		json_array_foreach(point, j, number)
			fprintf(out, "%s%.15g", j ? " " : "", json_number_value(number));
		fputs("\n", out);
	}
	fputs("EOD\n", out);
}

static void put_line(FILE *out, double x, const char *style)
{
	fprintf(out, "set arrow from %.6f, graph 0 to %.6f, graph 1 nohead back %s\n", x, x, style);
}

/* Where failures were seen first, and where the run was continued. */
static void put_marks(FILE *out, const json_t *facts, double unit, bool numbers)
{
	const json_t *sessions = json_object_get(facts, "sessions"), *entry;
	double seconds = 0;
	size_t i;

	json_array_foreach(json_object_get(facts, "findings"), i, entry)
	{
		double x = json_number_value(json_object_get(entry, "seconds")) / unit;

		if (i == MAX_MARKS)
			break;
		if (!member_is_number(entry, "seconds"))
			continue;
		put_line(out, x, "dashtype 3 linewidth 1.5 linecolor rgb '#b00000'");
		if (numbers)
			fprintf(out,
				"set label '%zu' at %.6f, graph %.2f right offset -0.3,0 textcolor rgb '#b00000'\n",
				i + 1, x, 0.95 - 0.07 * (double)(i % 3));
	}
	json_array_foreach(sessions, i, entry)
	{
		seconds += json_number_value(json_object_get(entry, "seconds"));
		if (i + 1 < json_array_size(sessions) && i < MAX_MARKS)
			put_line(out, seconds / unit, "dashtype 2 linewidth 1 linecolor rgb '#808080'");
	}
}

/* Of a column; 0 if there is none. */
static double largest(const json_t *history, size_t column)
{
	double most = 0, value;
	const json_t *point;
	size_t i;

	json_array_foreach(json_object_get(history, "points"), i, point)
	{
		value = column ? json_number_value(json_array_get(point, column - 1)) : 0;
		most = value > most ? value : most;
	}
	return most;
}

/* From 0, with room for marks above; numbers are written so that no two look alike: 900, 25k, 1.2M. */
static void put_axis(FILE *out, const char *axis, double most)
{
	fprintf(out, "set %srange [0:%.6f]\nset format %s '%s'\n", axis, most > 0 ? 1.15 * most : 1.0, axis,
		most < 10000 ? "%.0f" :
		most < 1e6   ? "%.0s%c" :
			       "%.1s%c");
}

static void put_script(FILE *out, const json_t *facts, const struct chart *chart)
{
	const json_t *history = json_object_get(facts, "history"), *points = json_object_get(history, "points");
	const json_t *last = json_array_get(points, json_array_size(points) - 1);
	size_t x = column_of(history, "seconds");
	size_t left = column_of(history, chart->left), right = column_of(history, chart->right);
	double end = json_number_value(json_array_get(last, x - 1));
	double unit = end >= 7200 ? 3600 : end >= 120 ? 60 : 1;

	put_data(out, history);
	fputs("set terminal svg size 600,280 dynamic font 'sans-serif,16' linewidth 1.4\n"
	      "set encoding utf8\nset border 3 linecolor rgb '#404040'\nset tics nomirror out scale 0.6\n"
	      "set grid ytics linecolor rgb '#d8d8d8' linewidth 0.6 dashtype 1\n"
	      "set key above left horizontal Left reverse samplen 2 width -3\n",
	      out);
	put_axis(out, "y", largest(history, left));
	fprintf(out, "set xlabel '%s'\nset xrange [0:%.6f]\n",
		unit >= 3600 ? "hours of fuzzing" :
		unit >= 60   ? "minutes of fuzzing" :
			       "seconds of fuzzing",
		end > 0 ? end / unit : 1.0);
	put_marks(out, facts, unit, right > 0);
	if (right) {
		fputs("set border 11\nset y2tics nomirror out\n", out);
		put_axis(out, "y2", largest(history, right));
	} else {
		fputs("unset key\n", out); /* the caption says what it is */
	}
	fprintf(out,
		"plot $history using ($%zu/%.1f):%zu with lines linewidth 2 dashtype 1 linecolor rgb '#00508c' title '%s'",
		x, unit, left, chart->left_label);
	if (right)
		fprintf(out,
			", $history using ($%zu/%.1f):%zu axes x1y2 with lines linewidth 2 dashtype 4 linecolor rgb "
			"'#a04000' title '%s'",
			x, unit, right, chart->right_label);
	fputs("\n", out);
}

bool chart_run(const char *directory, const char *name, void (*put)(FILE *script, void *data), void *data)
{
	char gnuplot[] = "gnuplot", no_settings[] = "-d", path[MAX_PATH_BYTES];
	char *const arguments[] = { gnuplot, no_settings, NULL };
	FILE *in = tmpfile(), *out = tmpfile();
	bool drawn = false;

	if (in && out) {
		put(in, data);
		drawn = filter_run(arguments, in, out) == FILTER_DONE && filter_size(out) > 0 &&
			join_path(path, directory, name) && filter_copy(out, path);
	}
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return drawn;
}

struct drawing_of_run {
	const json_t *facts;
	const struct chart *chart;
};

static void put_drawing(FILE *script, void *data)
{
	const struct drawing_of_run *drawing = data;

	put_script(script, drawing->facts, drawing->chart);
}

static bool draw(const json_t *facts, const char *directory, const struct chart *chart)
{
	struct drawing_of_run drawing = { facts, chart };

	return chart_run(directory, chart->file, put_drawing, &drawing);
}

bool charts_draw(const json_t *facts, const char *directory)
{
	const json_t *history = json_object_get(facts, "history");
	bool drawn = column_of(history, "seconds") && json_array_size(json_object_get(history, "points")) >= 2;

	for (size_t i = 0; drawn && i < sizeof(charts) / sizeof(charts[0]); i++)
		drawn = column_of(history, charts[i].left) && draw(facts, directory, &charts[i]);
	return drawn;
}
