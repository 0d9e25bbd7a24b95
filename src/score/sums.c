// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the runs amount to: score.json, of which all that is shown is made. A
 * number that does not exist, for too few runs found anything, is null.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"
#include "score/score.h"
#include "statistics/statistics.h"

/* The runs of a row, in the order of the seeds. */
struct row {
	const struct result *run[MAX_SCORE_SEEDS];
	size_t nr;
};

/* A baseline without feedback wins where it is better by more than what counts as no effect. */
#define BEATEN 0.44

static void collect(const struct results *results, const char *subject, const char *driver, uint32_t seeds,
		    struct row *row)
{
	row->nr = 0;
	for (uint32_t seed = 1; seed <= seeds; seed++) {
		const struct result *result = results_find(results, subject, driver, seed);

		if (result)
			row->run[row->nr++] = result;
	}
}

size_t values_of(const struct results *results, const char *subject, const char *driver, bool cpu,
		 double *values)
{
	struct row row;

	collect(results, subject, driver, MAX_SCORE_SEEDS, &row);
	for (size_t i = 0; i < row.nr; i++)
		values[i] = !row.run[i]->detected ? (double)INFINITY :
			    cpu                   ? row.run[i]->cpu_seconds :
						    (double)row.run[i]->executions;
	return row.nr;
}

static json_t *number_or_null(double value)
{
	return isfinite(value) ? json_real(round(value * 1000) / 1000) : json_null();
}

static json_t *quartiles(double *values, size_t nr)
{
	sort_values(values, nr);
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "min", number_or_null(quantile(values, nr, 0)), "q1",
			 number_or_null(quantile(values, nr, 0.25)), "median",
			 number_or_null(quantile(values, nr, 0.5)), "q3",
			 number_or_null(quantile(values, nr, 0.75)), "max",
			 number_or_null(quantile(values, nr, 1)));
}

/* "yes", "no" and nothing, counted. */
static json_t *answers(const struct row *row, size_t offset)
{
	int yes = 0, no = 0;

	for (size_t i = 0; i < row->nr; i++) {
		const char *answer = (const char *)row->run[i] + offset;

		yes += strcmp(answer, "yes") == 0;
		no += strcmp(answer, "no") == 0;
	}
	return json_pack("{s:i, s:i, s:i}", "yes", yes, "no", no, "unknown", (int)row->nr - yes - no);
}

static json_t *words_counted(const struct row *row, size_t offset)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < row->nr; i++) {
		const char *word = (const char *)row->run[i] + offset;

		if (row->run[i]->detected)
			json_object_set_new(counts, word,
					    json_integer(json_integer_value(json_object_get(counts, word)) + 1));
	}
	return counts;
}

static json_t *survival(const struct row *row)
{
	struct duration durations[MAX_SCORE_SEEDS];
	struct survival_step steps[MAX_SCORE_SEEDS];
	json_t *curve = json_array();

	for (size_t i = 0; i < row->nr; i++)
		durations[i] = (struct duration){ (double)row->run[i]->executions, row->run[i]->detected };
	size_t nr = survival_curve(durations, row->nr, steps);

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(curve, json_pack("{s:o, s:o, s:i}", "executions",
						       number_or_null(steps[i].time), "survival",
						       number_or_null(steps[i].survival), "at_risk",
						       (int)steps[i].at_risk));
	return curve;
}

/* Two of libFuzzer's executions are its own, before anything can be found: no difference of programs. */
enum { LIBFUZZER_OWN = 2 };

/* Which baselines need clearly fewer executions. */
static json_t *beaten_by(const struct score *score, const struct subject *subject, const struct driver *driver)
{
	double own[MAX_SCORE_SEEDS], other[MAX_SCORE_SEEDS];
	size_t nr_own = values_of(&score->results, subject->name, driver->name, false, own);
	json_t *names = json_array();

	for (size_t i = 0; driver->kind == DRIVER_LIBFUZZER && i < nr_own; i++)
		own[i] -= LIBFUZZER_OWN;
	for (unsigned int i = 0; driver->kind != DRIVER_RANDOM && i < score->nr_drivers; i++) {
		const struct driver *baseline = &score->drivers[i];

		if (baseline->kind != DRIVER_RANDOM || baseline == driver)
			continue;
		size_t nr = values_of(&score->results, subject->name, baseline->name, false, other);

		if (nr && effect_smaller(own, nr_own, other, nr) < BEATEN)
			json_array_append_new(names, json_string(baseline->name));
	}
	return names;
}

json_t *sum_of(const struct score *score, const struct subject *subject, const struct driver *driver)
{
	double executions[MAX_SCORE_SEEDS], seconds[MAX_SCORE_SEEDS];
	const struct results *results = &score->results;
	struct row row;
	int found = 0, others = 0;

	collect(results, subject->name, driver->name, MAX_SCORE_SEEDS, &row);
	if (!row.nr)
		return NULL;
	for (size_t i = 0; i < row.nr; i++) {
		found += row.run[i]->detected;
		others += (int)row.run[i]->other_failures;
	}
	values_of(results, subject->name, driver->name, false, executions);
	values_of(results, subject->name, driver->name, true, seconds);
	bool judged = subject->bar && driver == &score->drivers[0];

	return json_pack(
		"{s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:{s:i, s:I}, s:o, s:o, s:o}",
		"subject", subject->name, "release", row.run[0]->release, "driver", driver->name, "seeds",
		(int)score->options.seeds, "runs", (int)row.nr, "detected", found, "reached",
		answers(&row, offsetof(struct result, reached)), "triggered",
		answers(&row, offsetof(struct result, triggered)), "oracle_alone",
		answers(&row, offsetof(struct result, oracle_alone)), "executions",
		quartiles(executions, row.nr), "cpu_seconds", quartiles(seconds, row.nr), "invariants",
		words_counted(&row, offsetof(struct result, invariant)), "classes",
		words_counted(&row, offsetof(struct result, class)), "other_failures", others, "budget",
		"seconds", (int)row.run[0]->seconds, "executions", (json_int_t)row.run[0]->limit, "survival",
		survival(&row), "beaten_by", beaten_by(score, subject, driver), "bar",
		judged ? verdict_on_bar(row.run, row.nr, subject->bar, score->options.seeds) : json_null());
}

static json_t *canary_of(const struct result *canary)
{
	return json_pack("{s:b, s:I, s:f, s:s, s:s}", "detected", canary->detected, "executions",
			 (json_int_t)canary->executions, "cpu_seconds", canary->cpu_seconds, "invariant",
			 canary->invariant, "driver", canary->driver);
}

static json_t *drivers_of(const struct score *score)
{
	json_t *drivers = json_array();

	for (unsigned int i = 0; i < score->nr_drivers; i++)
		json_array_append_new(drivers, json_pack("{s:s, s:s, s:b}", "name", score->drivers[i].name,
							 "build", score->drivers[i].digest, "feedback",
							 score->drivers[i].kind != DRIVER_RANDOM));
	return drivers;
}

/* Subjects whose bar is missed, or not measured, or for which there are fewer runs than asked for. */
static void sum_up(json_t *sums, const struct score *score)
{
	json_t *missed = json_array(), *unmeasured = json_array(), *unfinished = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(sums, "rows"), i, row)
	{
		json_t *name = json_object_get(row, "subject");
		const char *verdict = member_text(json_object_get(row, "bar"), "verdict");

		if (strcmp(verdict, "missed") == 0)
			json_array_append(missed, name);
		if (strcmp(verdict, "not measured") == 0)
			json_array_append(unmeasured, name);
		if (json_integer_value(json_object_get(row, "runs")) < (json_int_t)score->options.seeds)
			json_array_append(unfinished, name);
	}
	json_object_set_new(sums, "missed", missed);
	json_object_set_new(sums, "unmeasured", unmeasured);
	json_object_set_new(sums, "unfinished", unfinished);
}

json_t *sums_of(const struct score *score)
{
	json_t *rows = json_array();
	json_t *sums = json_pack("{s:i, s:i, s:o, s:o}", "format", 1, "seeds", (int)score->options.seeds,
				 "drivers", drivers_of(score), "canary", canary_of(&score->canary));

	for (size_t i = 0; i < score->subjects.nr; i++)
		for (unsigned int d = 0; d < score->nr_drivers; d++) {
			json_t *row = sum_of(score, &score->subjects.list[i], &score->drivers[d]);

			if (row)
				json_array_append_new(rows, row);
		}
	json_object_set_new(sums, "rows", rows);
	sum_up(sums, score);
	return sums;
}
