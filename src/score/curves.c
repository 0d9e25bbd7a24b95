// SPDX-License-Identifier: GPL-2.0-only
/*
 * Survival curves, drawn by gnuplot: how many of the runs have not found a bug
 * yet after so many executions. What gnuplot reads is numbers and names that
 * were checked, never text from outside.
 */
#include <string.h>

#include "report/internal.h"
#include "score/score.h"

enum { MAX_CURVES = MAX_DRIVERS };

struct curves {
	const json_t *rows[MAX_CURVES];
	size_t nr;
	const struct results *results;
	double end; /* of the axis */
};

void curve_name(char out[SCORE_NAME_MAX + 8], const char *subject)
{
	snprintf(out, SCORE_NAME_MAX + 8, "%s.svg", subject);
	for (char *at = out; *at; at++) /* ids begin with it, too */
		*at = *at == '/' || *at == ':' ? '_' : *at;
}

static const char *text_of(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

/* Executions of the longest run, be it one that found nothing. */
static double last_execution(const struct results *results, const json_t *row)
{
	double last = 1;

	for (size_t i = 0; i < results->nr; i++) {
		const struct result *result = &results->list[i];

		if (strcmp(result->subject, text_of(row, "subject")) == 0 &&
		    strcmp(result->driver, text_of(row, "driver")) == 0 && (double)result->executions > last)
			last = (double)result->executions;
	}
	return last;
}

/* The whole curve, from all runs at the first execution to the end of the longest one. */
static void put_curve(FILE *out, const struct curves *curves, size_t number)
{
	const json_t *row = curves->rows[number], *step;
	double left = 1;
	size_t i;

	fprintf(out, "$curve%zu << EOD\n1 1\n", number);
	json_array_foreach(json_object_get(row, "survival"), i, step)
	{
		left = json_number_value(json_object_get(step, "survival"));
		fprintf(out, "%.15g %.15g\n", json_number_value(json_object_get(step, "executions")), left);
	}
	fprintf(out, "%.15g %.15g\nEOD\n", last_execution(curves->results, row), left);
}

/* Runs that ended by their budget, as crosses on the curve. */
static void put_censored(FILE *out, const struct curves *curves, size_t number)
{
	const json_t *row = curves->rows[number];

	fprintf(out, "$censored%zu << EOD\n", number);
	for (size_t i = 0; i < curves->results->nr; i++) {
		const struct result *result = &curves->results->list[i];
		const json_t *step;
		double left = 1;
		size_t k;

		if (result->detected || strcmp(result->subject, text_of(row, "subject")) != 0 ||
		    strcmp(result->driver, text_of(row, "driver")) != 0)
			continue;
		json_array_foreach(json_object_get(row, "survival"), k,
				   step) if (json_number_value(json_object_get(step, "executions")) <=
					     (double)result->executions)
			left = json_number_value(json_object_get(step, "survival"));
		fprintf(out, "%llu %.15g\n", (unsigned long long)result->executions, left);
	}
	fputs("EOD\n", out);
}

static bool has_censored(const json_t *row)
{
	return json_integer_value(json_object_get(row, "detected")) <
	       json_integer_value(json_object_get(row, "runs"));
}

static void put_script(FILE *out, void *data)
{
	static const char *const colours[] = { "#00508c", "#a04000", "#2e7d32",
					       "#7b1fa2", "#555555", "#b00000" };
	const struct curves *curves = data;
	const char *comma = "plot";

	for (size_t i = 0; i < curves->nr; i++) {
		put_curve(out, curves, i);
		put_censored(out, curves, i);
	}
	fputs("set terminal svg size 600,280 dynamic font 'sans-serif,16' linewidth 1.4\n"
	      "set encoding utf8\nset border 3 linecolor rgb '#404040'\nset tics nomirror out scale 0.6\n"
	      "set grid ytics linecolor rgb '#d8d8d8' linewidth 0.6 dashtype 1\n"
	      "set key above left horizontal Left reverse samplen 2 noenhanced\n"
	      "set logscale x\nset format x '%.0s%c'\nset yrange [0:1.02]\nset ytics 0.25\n"
	      "set xlabel 'executions'\nset ylabel 'not found yet'\n",
	      out);
	fprintf(out, "set xrange [1:%.15g]\n", curves->end > 10 ? curves->end * 1.1 : 10.0);
	for (size_t i = 0; i < curves->nr; i++) {
		const char *colour = colours[i % (sizeof(colours) / sizeof(colours[0]))];

		fprintf(out,
			"%s $curve%zu using 1:2 with steps linewidth 2 dashtype %zu linecolor rgb '%s' title '%s'",
			comma, i, i + 1, colour, text_of(curves->rows[i], "driver"));
		comma = ",";
		if (has_censored(curves->rows[i]))
			fprintf(out,
				", $censored%zu using 1:2 with points pointtype 1 pointsize 0.6 linecolor rgb '%s' notitle",
				i, colour);
	}
	fputs("\n", out);
}

bool curves_draw(const json_t *sums, const struct score *score, const char *directory)
{
	struct curves curves = { .results = &score->results };
	const json_t *rows = json_object_get(sums, "rows"), *row;
	char name[SCORE_NAME_MAX + 8];
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const json_t *next = json_array_get(rows, i + 1);
		double last = last_execution(curves.results, row);

		if (curves.nr < MAX_CURVES)
			curves.rows[curves.nr++] = row;
		curves.end = last > curves.end ? last : curves.end;
		if (next && strcmp(text_of(next, "subject"), text_of(row, "subject")) == 0)
			continue;
		curve_name(name, text_of(row, "subject"));
		if (!chart_run(directory, name, put_script, &curves))
			return false;
		curves.nr = 0;
		curves.end = 0;
	}
	return true;
}
