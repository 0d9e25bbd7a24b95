// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two drivers or two sets of results side by side: medians, effect size, rank
 * test. A run that found nothing took longer than any that did. Never compares
 * runs that had different budgets.
 */
#include <math.h>
#include <string.h>

#include "score/score.h"
#include "statistics/statistics.h"

static json_t *number_or_null(double value, double unit)
{
	return isfinite(value) ? json_real(round(value * unit) / unit) : json_null();
}

static const struct result *first_of(const struct side *side, const char *subject)
{
	for (size_t i = 0; i < side->results->nr; i++) {
		const struct result *result = &side->results->list[i];

		if (strcmp(result->subject, subject) == 0 && strcmp(result->driver, side->driver) == 0)
			return result;
	}
	return NULL;
}

static json_t *compare_values(const struct side *a, const struct side *b, const char *subject, bool cpu)
{
	double of_a[MAX_SCORE_SEEDS], of_b[MAX_SCORE_SEEDS];
	size_t nr_a = values_of(a->results, subject, a->driver, cpu, of_a);
	size_t nr_b = values_of(b->results, subject, b->driver, cpu, of_b);
	struct rank_test test = { .p = (double)NAN };
	double effect = effect_smaller(of_a, nr_a, of_b, nr_b);

	rank_test(of_a, nr_a, of_b, nr_b, RANK_EXACT_MAX, &test);
	sort_values(of_a, nr_a);
	sort_values(of_b, nr_b);
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:b}", "median_a",
			 number_or_null(quantile(of_a, nr_a, 0.5), 1e3), "median_b",
			 number_or_null(quantile(of_b, nr_b, 0.5), 1e3), "a12", number_or_null(effect, 1e4),
			 "effect", effect_name(effect), "u", number_or_null(test.u, 1e3), "p",
			 number_or_null(test.p, 1e6), "exact", test.exact);
}

static int found_by(const struct side *side, const char *subject)
{
	int found = 0;

	for (size_t i = 0; i < side->results->nr; i++) {
		const struct result *result = &side->results->list[i];

		found += result->detected && strcmp(result->subject, subject) == 0 &&
			 strcmp(result->driver, side->driver) == 0;
	}
	return found;
}

static json_t *compare_subject(const struct side *a, const struct side *b, const char *subject)
{
	double values[MAX_SCORE_SEEDS];

	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:o, s:o}", "subject", subject, "a", a->name,
			 "b", b->name, "runs_a", (int)values_of(a->results, subject, a->driver, false, values),
			 "found_a", found_by(a, subject), "runs_b",
			 (int)values_of(b->results, subject, b->driver, false, values), "found_b",
			 found_by(b, subject), "executions", compare_values(a, b, subject, false),
			 "cpu_seconds", compare_values(a, b, subject, true));
}

json_t *compare_sides(const struct side *a, const struct side *b)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < a->results->nr; i++) {
		const struct result *of_a = &a->results->list[i];

		if (strcmp(of_a->driver, a->driver) != 0 || first_of(a, of_a->subject) != of_a)
			continue; /* each subject once */
		const struct result *of_b = first_of(b, of_a->subject);

		if (!of_b)
			continue;
		if (of_a->seconds != of_b->seconds || of_a->limit != of_b->limit)
			fprintf(stderr, "%s: left out, for the budgets differ\n", of_a->subject);
		else
			json_array_append_new(rows, compare_subject(a, b, of_a->subject));
	}
	return rows;
}

static void put_side(FILE *out, const json_t *row, const char *found, const char *runs, const json_t *median)
{
	char text[32], figure[32] = "-";

	snprintf(text, sizeof(text), "%d/%d", (int)json_integer_value(json_object_get(row, found)),
		 (int)json_integer_value(json_object_get(row, runs)));
	if (json_is_number(median))
		snprintf(figure, sizeof(figure), "%.0f", json_number_value(median));
	fprintf(out, " %7s %9s", text, figure);
}

void compare_print(FILE *out, const json_t *comparison)
{
	const json_t *first = json_array_get(comparison, 0), *row;
	size_t i;

	if (!first) {
		fputs("nothing to compare\n", out);
		return;
	}
	fprintf(out,
		"\nA: %s   B: %s\nexecutions to the first detection; A12 is the probability that A needs fewer\n"
		"%-12s %7s %9s %7s %9s %6s %-10s %9s %6s\n",
		json_string_value(json_object_get(first, "a")), json_string_value(json_object_get(first, "b")),
		"subject", "A found", "median", "B found", "median", "A12", "effect", "p", "CPU A12");
	json_array_foreach(comparison, i, row)
	{
		const json_t *executions = json_object_get(row, "executions");

		fprintf(out, "%-12s", json_string_value(json_object_get(row, "subject")));
		put_side(out, row, "found_a", "runs_a", json_object_get(executions, "median_a"));
		put_side(out, row, "found_b", "runs_b", json_object_get(executions, "median_b"));
		fprintf(out, " %6.3f %-10s %9.6f%s %6.3f\n",
			json_number_value(json_object_get(executions, "a12")),
			json_string_value(json_object_get(executions, "effect")),
			json_number_value(json_object_get(executions, "p")),
			json_is_true(json_object_get(executions, "exact")) ? "" : "~",
			json_number_value(json_object_get(json_object_get(row, "cpu_seconds"), "a12")));
	}
}

int compare_sets(const struct score_options *options, const char *a, const char *b)
{
	struct results of_a = { .file = -1 }, of_b = { .file = -1 };
	struct side sides[2] = { { .results = &of_a }, { .results = &of_b } };
	const char *names[2] = { a, b };
	bool fine = results_read(&of_a, a) && results_read(&of_b, b);

	for (int i = 0; i < 2; i++) {
		snprintf(sides[i].name, sizeof(sides[i].name), "%s", names[i]);
		snprintf(sides[i].driver, sizeof(sides[i].driver), "%.*s",
			 (int)strcspn(options->drivers, ","), options->drivers);
	}
	if (fine) {
		json_t *comparison = compare_sides(&sides[0], &sides[1]);

		fine = json_array_size(comparison) > 0 ||
		       complain(a, "has no runs that are in the other one, too");
		if (fine)
			compare_print(stdout, comparison);
		json_decref(comparison);
	}
	results_close(&of_a);
	results_close(&of_b);
	return fine ? EXIT_CLEAN : EXIT_USAGE;
}
