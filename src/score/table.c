// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table on the terminal, a line a row of score.json. Never computes anything.
 */
#include <string.h>

#include "score/score.h"

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

static int number_of(const json_t *row, const char *key)
{
	return (int)json_integer_value(json_object_get(row, key));
}

/* "12" or, where too few runs found anything, "-" */
static const char *figure(char out[24], const json_t *quartiles, const char *key, bool seconds)
{
	const json_t *value = json_object_get(quartiles, key);

	snprintf(out, 24, seconds ? "%.2f" : "%.0f", json_number_value(value));
	return json_is_number(value) ? out : "-";
}

/* "7", or "?" where nobody knows; "7?" if it is not known of all. */
static const char *answered(char out[24], const json_t *answers)
{
	snprintf(out, 24, "%d%s", number_of(answers, "yes"), number_of(answers, "unknown") ? "?" : "");
	return number_of(answers, "yes") || number_of(answers, "no") ? out : "?";
}

static void put_invariants(FILE *out, const json_t *row)
{
	const char *name, *comma = "";
	json_t *count;
	char text[80] = "";
	size_t used = 0;

	json_object_foreach(json_object_get(row, "invariants"), name, count)
	{
		if (used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", comma, name);
		comma = ",";
	}
	fprintf(out, " %-12s", text);
}

static void put_verdict(FILE *out, const json_t *row)
{
	const json_t *bar = json_object_get(row, "bar"), *baselines = json_object_get(row, "beaten_by"), *name;
	size_t i;

	if (json_is_object(bar))
		fprintf(out, " %s%s%s",
			strcmp(text_of(bar, "verdict"), "missed") == 0 ? "MISSED" : text_of(bar, "verdict"),
			*text_of(bar, "why") ? ": " : "", text_of(bar, "why"));
	json_array_foreach(baselines, i, name)
		fprintf(out, "%s%s", i ? ", " : " (sooner without feedback: ", json_string_value(name));
	if (json_array_size(baselines))
		fputs(")", out);
	fputs("\n", out);
}

void table_head(FILE *out, int width)
{
	fprintf(out, "%-*s %-10s %-13s %7s %7s %7s %7s %8s %8s %8s %8s %-12s %s\n", width, "subject",
		"release", "driver", "found", "reached", "trigg.", "oracle", "q1", "median", "q3", "CPU s",
		"caught by", "bar");
	fflush(out);
}

void table_row(FILE *out, const json_t *row, int width)
{
	const json_t *executions = json_object_get(row, "executions");
	char found[24], reached[24], triggered[24], oracle[24], q1[24], median[24], q3[24], cpu[24];

	snprintf(found, sizeof(found), "%d/%d", number_of(row, "detected"), number_of(row, "runs"));
	fprintf(out, "%-*s %-10s %-13s %7s %7s %7s %7s %8s %8s %8s %8s", width, text_of(row, "subject"),
		text_of(row, "release"), text_of(row, "driver"), found,
		answered(reached, json_object_get(row, "reached")),
		answered(triggered, json_object_get(row, "triggered")),
		number_of(row, "detected") ? answered(oracle, json_object_get(row, "oracle_alone")) : "-",
		figure(q1, executions, "q1", false), figure(median, executions, "median", false),
		figure(q3, executions, "q3", false),
		figure(cpu, json_object_get(row, "cpu_seconds"), "median", true));
	put_invariants(out, row);
	put_verdict(out, row);
	fflush(out);
}

void table_end(FILE *out, const json_t *sums)
{
	const json_t *missed = json_object_get(sums, "missed"),
		     *unmeasured = json_object_get(sums, "unmeasured"),
		     *canary = json_object_get(sums, "canary"), *name;
	size_t i;

	fprintf(out, "\ncanary: %s after %lld executions, %.2f CPU s\n",
		json_is_true(json_object_get(canary, "detected")) ? "detected" : "NOT DETECTED",
		(long long)json_integer_value(json_object_get(canary, "executions")),
		json_number_value(json_object_get(canary, "cpu_seconds")));
	if (json_array_size(json_object_get(sums, "unfinished")))
		fputs("not all runs are there; the same command goes on\n", out);
	fputs(json_array_size(missed) ? "bars missed:" : "no bar is missed", out);
	json_array_foreach(missed, i, name) fprintf(out, " %s", json_string_value(name));
	if (json_array_size(unmeasured))
		fprintf(out, "; not measured: %zu", json_array_size(unmeasured));
	fputs("\n", out);
}
