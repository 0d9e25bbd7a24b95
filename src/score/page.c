// SPDX-License-Identifier: GPL-2.0-only
/*
 * score.json and index.html, whole or not at all. The page is written as
 * CommonMark and becomes HTML as the morning report does. Every number is one of
 * score.json.
 */
#define _GNU_SOURCE /* open_memstream */
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"
#include "report/markdown.h"
#include "score/score.h"

static int number_of(const json_t *row, const char *key)
{
	return (int)json_integer_value(json_object_get(row, key));
}

static void put_cell(FILE *out, const char *text)
{
	fputs("| ", out);
	markdown_text(out, text);
	fputs(" ", out);
}

static void put_figure(FILE *out, const json_t *quartiles, const char *key, const char *format)
{
	const json_t *value = json_object_get(quartiles, key);
	char text[32];

	snprintf(text, sizeof(text), format,
		 json_number_value(value)); // NOLINT(clang-diagnostic-format-nonliteral)
	put_cell(out, json_is_number(value) ? text : "–");
}

static void put_share(FILE *out, const json_t *answers, int of)
{
	int yes = number_of(answers, "yes"), unknown = number_of(answers, "unknown");

	if (unknown == of)
		put_cell(out, "?");
	else
		fprintf(out, "| %d/%d%s ", yes, of, unknown ? "?" : "");
}

static void put_counts(FILE *out, const json_t *counts)
{
	const char *name, *comma = "";
	json_t *count;

	fputs("| ", out);
	json_object_foreach((json_t *)(uintptr_t)counts, name, count)
	{
		fputs(comma, out);
		markdown_text(out, name);
		fprintf(out, " ×%lld", (long long)json_integer_value(count));
		comma = ", ";
	}
	fputs(" ", out);
}

/* Two cells: the bar, and who is better without feedback. */
static void put_verdict(FILE *out, const json_t *row)
{
	const json_t *bar = json_object_get(row, "bar"), *name;
	size_t i;

	fputs("| ", out);
	if (strcmp(member_text(bar, "verdict"), "missed") == 0)
		fputs("**missed**", out);
	else
		fputs(member_text(bar, "verdict"), out);
	if (*member_text(bar, "why"))
		fputs(": ", out);
	markdown_text(out, member_text(bar, "why"));
	fputs(" | ", out);
	json_array_foreach(json_object_get(row, "beaten_by"), i, name)
		fprintf(out, "%s%s", i ? ", " : "", json_string_value(name));
	fputs(" |\n", out);
}

static void put_row(FILE *out, const json_t *row)
{
	const json_t *executions = json_object_get(row, "executions");
	int runs = number_of(row, "runs"), detected = number_of(row, "detected");
	char anchor[MARKDOWN_ANCHOR_MAX];

	markdown_anchor(anchor, member_text(row, "subject"));
	fprintf(out, "| [%s](#%s) ", member_text(row, "subject"), anchor);
	put_cell(out, member_text(row, "release"));
	put_cell(out, member_text(row, "driver"));
	fprintf(out, "| %d/%d ", detected, runs);
	put_share(out, json_object_get(row, "reached"), runs);
	put_share(out, json_object_get(row, "triggered"), runs);
	put_share(out, json_object_get(row, "oracle_alone"), detected);
	put_figure(out, executions, "q1", "%.0f");
	put_figure(out, executions, "median", "%.0f");
	put_figure(out, executions, "q3", "%.0f");
	put_figure(out, json_object_get(row, "cpu_seconds"), "median", "%.2f");
	put_counts(out, json_object_get(row, "invariants"));
	put_verdict(out, row);
}

static void put_table(FILE *out, const json_t *sums)
{
	static const char *const titles[] = { "subject",
					      "release",
					      "driver",
					      ">found",
					      ">reached",
					      ">triggered",
					      ">oracle alone",
					      ">q1",
					      ">median",
					      ">q3",
					      ">CPU s",
					      "caught by",
					      "bar",
					      "sooner without feedback",
					      NULL };
	const json_t *row;
	size_t i;

	markdown_table(out, titles);
	json_array_foreach(json_object_get(sums, "rows"), i, row) put_row(out, row);
	fputs("\n", out);
}

static const char *what_is(const char *subject)
{
	const struct bug *bug = bug_find(subject);

	return bug ? bug->what : "";
}

static void put_subjects(FILE *out, const json_t *sums, bool curves)
{
	const json_t *row;
	char name[SCORE_NAME_MAX + 8];
	const char *before = "";
	size_t i;

	json_array_foreach(json_object_get(sums, "rows"), i, row)
	{
		const char *subject = member_text(row, "subject");

		if (strcmp(before, subject) == 0)
			continue;
		before = subject;
		fprintf(out, "### %s\n\n", subject);
		markdown_text(out, what_is(subject));
		curve_name(name, subject);
		if (curves)
			fprintf(out, "\n\n![Runs of %s that have found nothing yet; crosses: given up](%s)",
				subject, name);
		fputs("\n\n", out);
	}
}

static void put_comparison(FILE *out, const json_t *comparison)
{
	static const char *const titles[] = { "subject",       ">A found", ">A median", ">B found",
					      ">B median",     ">A12",     "effect",    ">p",
					      ">A12 of CPU s", NULL };
	const json_t *first = json_array_get(comparison, 0), *row;
	size_t i;

	if (!first)
		return;
	fprintf(out, "## Comparison\n\nA is %s, B is %s. ", member_text(first, "a"), member_text(first, "b"));
	fputs("A12 is the probability that A needs fewer executions than B (0.5: no difference); p is that of a "
	      "two-sided Mann-Whitney test, one subject at a time.\n\n",
	      out);
	markdown_table(out, titles);
	json_array_foreach(comparison, i, row)
	{
		const json_t *executions = json_object_get(row, "executions");

		put_cell(out, member_text(row, "subject"));
		fprintf(out, "| %d/%d ", number_of(row, "found_a"), number_of(row, "runs_a"));
		put_figure(out, executions, "median_a", "%.0f");
		fprintf(out, "| %d/%d ", number_of(row, "found_b"), number_of(row, "runs_b"));
		put_figure(out, executions, "median_b", "%.0f");
		put_figure(out, executions, "a12", "%.3f");
		put_cell(out, member_text(executions, "effect"));
		put_figure(out, executions, "p", "%.4g");
		put_figure(out, json_object_get(row, "cpu_seconds"), "a12", "%.3f");
		fputs("|\n", out);
	}
	fputs("\n", out);
}

/* "32 bars: 20 met, 1 missed, 11 not measured." */
static void put_counts_of_bars(FILE *out, const json_t *sums)
{
	size_t bars = 0, missed = json_array_size(json_object_get(sums, "missed")),
	       unmeasured = json_array_size(json_object_get(sums, "unmeasured")), i;
	const json_t *row;

	json_array_foreach(json_object_get(sums, "rows"), i, row)
		bars += json_is_object(json_object_get(row, "bar"));
	fprintf(out, "%zu bars: %zu met, %zu missed, %zu not measured, for want of seeds or of time. ", bars,
		bars - missed - unmeasured, missed, unmeasured);
}

static void put_verdict_line(FILE *out, const json_t *sums)
{
	const json_t *missed = json_object_get(sums, "missed"), *canary = json_object_get(sums, "canary"),
		     *unmeasured = json_object_get(sums, "unmeasured"), *name;
	size_t i;

	fprintf(out, "# Score: %s\n\n",
		!json_is_true(json_object_get(canary, "detected"))   ? "the canary was not detected" :
		json_array_size(missed)                              ? "bars are missed" :
		json_array_size(json_object_get(sums, "unfinished")) ? "unfinished, no bar missed so far" :
		json_array_size(unmeasured) ? "no bar is missed, not all are measured" :
					      "every bar is met");
	put_counts_of_bars(out, sums);
	if (json_array_size(missed))
		fputs("Missed by ", out);
	json_array_foreach(missed, i, name)
	{
		char anchor[MARKDOWN_ANCHOR_MAX];

		markdown_anchor(anchor, json_string_value(name));
		fprintf(out, "%s[%s](#%s)", i ? ", " : "", json_string_value(name), anchor);
	}
	if (json_array_size(missed))
		fputs(".\n\n", out);
	fprintf(out,
		"The canary, an engine with an obviously wrong decision, was %s after %d executions (%.2f CPU s).\n\n",
		json_is_true(json_object_get(canary, "detected")) ? "detected" : "not detected",
		number_of(canary, "executions"), json_number_value(json_object_get(canary, "cpu_seconds")));
}

static void put_page(FILE *out, const json_t *sums, bool curves)
{
	const json_t *comparison = json_object_get(sums, "comparison");

	put_verdict_line(out, sums);
	fputs("- [Table](#table)\n", out);
	if (json_array_size(comparison))
		fputs("- [Comparison](#comparison)\n", out);
	fprintf(out,
		"- [Curves](#curves)\n\n## Table\n\n%d seeds each, from an empty corpus. q1, median and q3 are executions to the "
		"first detection; a run that found nothing counts as longer than all that did. A figure that hangs on such "
		"runs is left out (–). *Weighted* and *uniform* are random programs without any feedback.\n\n",
		number_of(sums, "seeds"));
	put_table(out, sums);
	put_comparison(out, comparison);
	fprintf(out, "## Curves\n\n%s\n\n",
		curves ? "The share of runs that have not found a bug after so many executions (Kaplan-Meier)." :
			 "No curves: gnuplot is missing or failed.");
	put_subjects(out, sums, curves);
}

/* index.html, with what is drawn in a directory of its own meanwhile. */
static bool write_html(const json_t *sums, const struct score *score, const char *drawings)
{
	bool curves = curves_draw(sums, score, drawings), fine;
	char path[MAX_PATH_BYTES], *page = NULL;
	struct output output;
	size_t length;
	FILE *out = open_memstream(&page, &length);

	if (!out)
		return complain(drawings, "out of memory");
	put_page(out, sums, curves);
	fine = fclose(out) == 0 && join_path(path, score->options.directory, "index.html") &&
	       output_open(&output, path);
	if (fine && !html_print(output.file, page, length, "rmapfuzz score", drawings)) {
		output_discard(&output);
		fine = complain(path, "out of memory");
	} else if (fine) {
		fine = output_commit(&output);
	}
	free(page);
	return fine;
}

static bool write_json(const json_t *sums, const char *directory)
{
	char path[MAX_PATH_BYTES];
	struct output output;

	if (!join_path(path, directory, "score.json") || !output_open(&output, path))
		return false;
	json_print_indented(output.file, json_deep_copy(sums));
	return output_commit(&output);
}

bool page_write(const json_t *sums, const struct score *score)
{
	struct output_directory drawings;
	char path[MAX_PATH_BYTES];

	if (!write_json(sums, score->options.directory) ||
	    !join_path(path, score->options.directory, "curves") || !output_directory_open(&drawings, path))
		return false;
	bool fine = write_html(sums, score, drawings.temporary);

	output_directory_discard(&drawings);
	return fine;
}
