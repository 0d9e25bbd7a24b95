// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run over time, in report.md: charts, and the same as a few lines of
 * numbers for whoever cannot see them.
 */
#include <string.h>

#include "report/internal.h"
#include "report/markdown.h"
#include "report/phrases.h"

enum { NR_SAMPLES = 12 };

static const json_t *at_column(const json_t *history, const json_t *point, const char *name)
{
	const json_t *column;
	size_t i;

	json_array_foreach(json_object_get(history, "columns"), i,
			   column) if (strcmp(json_string_value(column), name) ==
				       0) return json_array_get(point, i);
	return NULL;
}

static void put_samples(FILE *out, const json_t *history)
{
	static const char *const titles[] = { "after",     ">executions",   ">per second", ">coverage",
					      ">features", ">corpus files", ">findings",   NULL };
	static const char *const columns[] = { "executions", "executions_per_second", "coverage",
					       "features",   "corpus_files",          "findings" };
	const json_t *points = json_object_get(history, "points"), *point;
	size_t nr = json_array_size(points), nr_samples = nr < NR_SAMPLES ? nr : NR_SAMPLES;
	struct phrase phrase;

	fputs("#### In numbers\n\n", out);
	markdown_table(out, titles);
	for (size_t i = 0; i < nr_samples; i++) {
		point = json_array_get(points, nr_samples > 1 ? i * (nr - 1) / (nr_samples - 1) : 0);
		fprintf(out, "| %s |", in_time(&phrase, at_column(history, point, "seconds")));
		for (size_t column = 0; column < sizeof(columns) / sizeof(columns[0]); column++)
			fprintf(out, " %s |", in_count(&phrase, at_column(history, point, columns[column])));
		fputs("\n", out);
	}
	fputs("\n", out);
}

void page_progress(FILE *out, const json_t *facts, bool charts)
{
	const json_t *history = json_object_get(facts, "history");
	size_t nr = json_array_size(json_object_get(history, "points"));

	fputs("## Progress\n\n", out);
	if (charts)
		fputs("![Coverage and model features over time](coverage.svg)\n\n"
		      "![Executions per second over time](speed.svg)\n\n"
		      "![Files of the corpus over time](corpus.svg)\n\n"
		      "Dotted lines with a number are new failures, dashed ones where the run was continued "
		      "after an end.\n\n",
		      out);
	else if (nr < 2)
		fputs("Too short for a chart: `history.csv` has fewer than two lines of numbers.\n\n", out);
	else
		fputs("No charts, for gnuplot could not draw them (package gnuplot-nox); in numbers:\n\n", out);
	if (nr)
		put_samples(out, history);
}
