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

static const char *drivers_name(const json_t *sums, size_t number)
{
	return member_text(json_array_get(json_object_get(sums, "drivers"), number), "name");
}

/* The rows of a subject stand together, that of the first driver on top: where the next subject's begin. */
static size_t behind_subject(const json_t *rows, size_t at)
{
	const char *subject = member_text(json_array_get(rows, at), "subject");

	while (at < json_array_size(rows) &&
	       strcmp(member_text(json_array_get(rows, at), "subject"), subject) == 0)
		at++;
	return at;
}

static const json_t *row_of_driver(const json_t *rows, size_t from, size_t end, const char *driver)
{
	for (; from < end; from++)
		if (strcmp(member_text(json_array_get(rows, from), "driver"), driver) == 0)
			return json_array_get(rows, from);
	return NULL;
}

static bool is_named(const json_t *names, const char *text)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) if (strcmp(json_string_value(name), text) == 0) return true;
	return false;
}

/* "12", bold where it is clearly sooner than the first driver, "12 (2/3)" where not every run found it. */
static void put_other(FILE *out, const json_t *first, const json_t *other)
{
	const json_t *median = json_object_get(json_object_get(other, "executions"), "median");
	int runs = number_of(other, "runs"), detected = number_of(other, "detected");
	const char *mark =
		is_named(json_object_get(first, "beaten_by"), member_text(other, "driver")) ? "**" : "";

	fputs("| ", out);
	if (json_is_number(median))
		fprintf(out, "%s%.0f%s", mark, json_number_value(median), mark);
	else if (other)
		fputs("–", out);
	if (detected < runs)
		fprintf(out, " (%d/%d)", detected, runs);
	fputs(" ", out);
}

/* "8 (6–10)": the median, and the quartiles beside it. */
static void put_executions(FILE *out, const json_t *executions)
{
	const json_t *q1 = json_object_get(executions, "q1"), *q3 = json_object_get(executions, "q3");

	put_figure(out, executions, "median", "%.0f");
	if (json_is_number(q1) && json_is_number(q3))
		fprintf(out, "(%.0f–%.0f) ", json_number_value(q1), json_number_value(q3));
}

static void put_bar(FILE *out, const json_t *bar)
{
	bool missed = strcmp(member_text(bar, "verdict"), "missed") == 0;

	fprintf(out, "| %s%s%s", missed ? "**" : "", member_text(bar, "verdict"), missed ? "**: " : "");
	if (missed)
		markdown_text(out, member_text(bar, "why"));
	fputs(" ", out);
}

static void put_row(FILE *out, const json_t *sums, size_t from, size_t end)
{
	const json_t *rows = json_object_get(sums, "rows"), *first = json_array_get(rows, from);
	int runs = number_of(first, "runs"), detected = number_of(first, "detected");
	char anchor[MARKDOWN_ANCHOR_MAX];

	markdown_anchor(anchor, member_text(first, "subject"));
	fprintf(out, "| [%s](#%s) ", member_text(first, "subject"), anchor);
	put_bar(out, json_object_get(first, "bar"));
	fprintf(out, "| %d/%d ", detected, runs);
	put_executions(out, json_object_get(first, "executions"));
	put_figure(out, json_object_get(first, "cpu_seconds"), "median", "%.2f");
	for (size_t i = 1; i < json_array_size(json_object_get(sums, "drivers")); i++)
		put_other(out, first, row_of_driver(rows, from + 1, end, drivers_name(sums, i)));
	put_counts(out, json_object_get(first, "invariants"));
	put_share(out, json_object_get(first, "reached"), runs);
	put_share(out, json_object_get(first, "triggered"), runs);
	put_share(out, json_object_get(first, "oracle_alone"), detected);
	put_cell(out, member_text(first, "release"));
	fputs("|\n", out);
}

/* A line a subject: the first driver, and of the others the median. */
static void put_table(FILE *out, const json_t *sums)
{
	static const char *const before[] = { "subject", "bar", ">found", ">executions", ">CPU s" };
	static const char *const behind[] = { "caught by",     ">reached", ">triggered",
					      ">oracle alone", "release",  NULL };
	enum {
		NR_BEFORE = sizeof(before) / sizeof(before[0]),
		NR_BEHIND = sizeof(behind) / sizeof(behind[0])
	};
	const char *titles[NR_BEFORE + MAX_DRIVERS + NR_BEHIND];
	char names[MAX_DRIVERS][SCORE_NAME_MAX + 1];
	const json_t *rows = json_object_get(sums, "rows");
	size_t nr = NR_BEFORE;

	memcpy(titles, before, sizeof(before));
	for (size_t i = 1; i < json_array_size(json_object_get(sums, "drivers")) && i < MAX_DRIVERS; i++) {
		snprintf(names[i], sizeof(names[i]), ">%s", drivers_name(sums, i));
		titles[nr++] = names[i];
	}
	memcpy(titles + nr, behind, sizeof(behind));
	markdown_table(out, titles);
	for (size_t at = 0, end; at < json_array_size(rows); at = end) {
		end = behind_subject(rows, at);
		put_row(out, sums, at, end);
	}
	fputs("\n", out);
}

static const char *what_is(const char *subject)
{
	const struct bug *bug = bug_find(subject);

	return bug ? bug->what : "";
}

/* "The bar: 11 of 11 seeds within 30 CPU s, median at most 10000 executions. Met." */
static void put_bar_in_words(FILE *out, const json_t *bar)
{
	if (!json_is_object(bar))
		return;
	fprintf(out, "The bar: %d of %d seeds within %d CPU s", number_of(bar, "seeds"), number_of(bar, "of"),
		number_of(bar, "seconds"));
	if (number_of(bar, "median_executions"))
		fprintf(out, ", the median at most %d executions", number_of(bar, "median_executions"));
	fprintf(out, ": %s%s", member_text(bar, "verdict"), *member_text(bar, "why") ? ", " : "");
	markdown_text(out, member_text(bar, "why"));
	fputs(".\n\n", out);
}

static void put_drivers(FILE *out, const json_t *rows, size_t from, size_t end)
{
	static const char *const titles[] = { "driver",  ">found", ">reached", ">triggered", ">q1",
					      ">median", ">q3",    ">CPU s",   "caught by",  NULL };

	markdown_table(out, titles);
	for (; from < end; from++) {
		const json_t *row = json_array_get(rows, from),
			     *executions = json_object_get(row, "executions");
		int runs = number_of(row, "runs");

		put_cell(out, member_text(row, "driver"));
		fprintf(out, "| %d/%d ", number_of(row, "detected"), runs);
		put_share(out, json_object_get(row, "reached"), runs);
		put_share(out, json_object_get(row, "triggered"), runs);
		put_figure(out, executions, "q1", "%.0f");
		put_figure(out, executions, "median", "%.0f");
		put_figure(out, executions, "q3", "%.0f");
		put_figure(out, json_object_get(row, "cpu_seconds"), "median", "%.2f");
		put_counts(out, json_object_get(row, "invariants"));
		fputs("|\n", out);
	}
	fputs("\n", out);
}

static void put_subjects(FILE *out, const json_t *sums, bool curves)
{
	const json_t *rows = json_object_get(sums, "rows");
	char name[SCORE_NAME_MAX + 8];

	for (size_t at = 0, end; at < json_array_size(rows); at = end) {
		const json_t *first = json_array_get(rows, at);
		const char *subject = member_text(first, "subject");

		end = behind_subject(rows, at);
		fprintf(out, "### %s\n\n", subject);
		markdown_text(out, what_is(subject));
		curve_name(name, subject);
		if (curves)
			fprintf(out, "\n\n![Runs of %s that have found nothing yet; crosses: given up](%s)",
				subject, name);
		fputs("\n\n", out);
		put_bar_in_words(out, json_object_get(first, "bar"));
		put_drivers(out, rows, at, end);
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
		char anchor[MARKDOWN_ANCHOR_MAX];

		markdown_anchor(anchor, member_text(row, "subject"));
		fprintf(out, "| [%s](#%s) ", member_text(row, "subject"), anchor);
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
		"- [Each of them](#each-of-them)\n\n## Table\n\n%d seeds each, from an empty corpus, by *%s*: how many runs "
		"found it; executions to the first detection, median and quartiles; how many runs reached the wrong "
		"decision and drove the engine to another state; how many findings the oracle sees without any sanitizer. "
		"A run that found nothing counts as longer than all that did, a figure that hangs on such runs is left out "
		"(–). Of other drivers the median, bold where one without feedback is clearly sooner.\n\n",
		number_of(sums, "seeds"), drivers_name(sums, 0));
	put_table(out, sums);
	put_comparison(out, comparison);
	fprintf(out, "## Each of them\n\n%s\n\n",
		curves ? "Curves: the share of runs that have not found a bug after so many executions (Kaplan-Meier)." :
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
