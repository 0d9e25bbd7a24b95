// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the minimizer makes of long failing programs: for each bug, programs
 * without feedback that fail by it late, minimized in this process. Prints
 * one line a bug, or with --write only writes the programs as bytes.
 *
 * Must never choose programs by what the minimizer makes of them.
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minimize/minimize.h"

enum { MIN_OPS = 200, MAX_FAILING = 100, MAX_TRIES = 400000, SLOWEST_MS = 1000, WORST_MORE = 2 };

/* The eight bugs, and S01 as it was in 2010, followed to the dangling pointer. */
static const struct subject {
	const char *bug, *release, *check;
	uint32_t min_step; /* fails there or later, so that cutting the tail is not all; other defects of 2010 come sooner */
} subjects[] = {
	{ "S01", "2.6.34-rc3", "I1", 20 },    { "S01", "newest", "all", MIN_OPS },
	{ "S02", "6.18.44", "all", MIN_OPS }, { "S03", "newest", "all", MIN_OPS },
	{ "S04", "newest", "all", MIN_OPS },  { "S08", "newest", "all", MIN_OPS },
	{ "S10", "newest", "all", MIN_OPS },  { "S12", "newest", "all", MIN_OPS },
	{ "S14", "newest", "all", MIN_OPS },
};

/* One program and what became of it. */
struct failing {
	struct program program;
	uint32_t nr_ops;
	struct minimize_result result;
	double milliseconds;
};

static void set_or_die(struct settings *settings, const char *name, const char *value)
{
	char error[SETTINGS_ERROR_MAX];

	if (!settings_set(settings, name, value, error))
		die("%s", error);
}

static struct settings settings_of(const struct subject *subject)
{
	struct settings settings;
	char error[SETTINGS_ERROR_MAX];

	settings_init(&settings);
	set_or_die(&settings, "release", subject->release);
	set_or_die(&settings, "check", subject->check);
	set_or_die(&settings, "bug", subject->bug);
	if (!settings_finish(&settings, error))
		die("%s", error);
	return settings;
}

/* Fails late, and only with the bug. */
static bool fails_late(struct judge *judge, const struct program *program, uint32_t min_step)
{
	struct verdict verdict;

	if (!judge->play(judge, program, &verdict))
		die("out of memory");
	return verdict.failed && !verdict.without_bug && verdict.step >= min_step;
}

static uint32_t collect(const struct settings *settings, uint32_t min_step, struct failing *failing,
			uint32_t wanted)
{
	struct judge *judge = judge_create(settings, false);
	struct random random = { .state = 1 };
	uint32_t nr = 0;

	for (uint32_t i = 0; judge && i < MAX_TRIES && nr < wanted; i++) {
		random_weighted(&random, random_between(&random, MIN_OPS, MAX_OPS), &failing[nr].program);
		nr += fails_late(judge, &failing[nr].program, min_step);
	}
	judge_destroy(judge);
	return nr;
}

static void minimize_one(const struct settings *settings, const struct options *options, struct failing *failing)
{
	const struct minimize_options how = { .match = MATCH_CLASS, .hops = options->hops };
	uint64_t began = now_ns();
	struct judge *judge = judge_create(settings, false);

	failing->nr_ops = failing->program.nr_ops;
	if (!judge || minimize(judge, &how, &failing->program, &failing->result) != MINIMIZE_DONE)
		die("the minimizer failed");
	judge_destroy(judge);
	failing->milliseconds = (double)(now_ns() - began) / 1e6;
	if (!options->verbose)
		return;
	char signature[VERDICT_SIGNATURE_MAX], text[PROGRAM_TEXT_MAX];

	verdict_signature(&failing->result.verdict, signature);
	program_print(&failing->program, text, sizeof(text));
	printf("%u -> %u operations, %s, %u candidates, %.1f ms\n%s", failing->nr_ops,
	       failing->program.nr_ops, signature, failing->result.nr_candidates, failing->milliseconds, text);
}

static void write_one(const struct options *options, const struct subject *subject,
		      const struct program *program, uint32_t number)
{
	uint8_t bytes[PROGRAM_MAX_BYTES];
	char path[4096];
	size_t size = program_encode(program, bytes);

	snprintf(path, sizeof(path), "%s/%s_%s_%s_%02u", options->write, subject->bug, subject->release,
		 subject->check, number);
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		die("cannot write %s: %s", path, strerror(errno));
}

static int by_length(const void *a, const void *b)
{
	const struct failing *const *one = a, *const *other = b;

	return ((*one)->program.nr_ops > (*other)->program.nr_ops) -
	       ((*one)->program.nr_ops < (*other)->program.nr_ops);
}

/* One line for the programs that fail in one way. Returns the number of bars missed. */
static unsigned int print_class(const struct subject *subject, struct failing **members, uint32_t nr)
{
	char signature[VERDICT_SIGNATURE_MAX];
	double slowest = 0, sum = 0;

	// NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is sorted
	qsort(members, nr, sizeof(members[0]), by_length);
	uint32_t shortest = members[0]->program.nr_ops, median = members[nr / 2]->program.nr_ops,
		 longest = members[nr - 1]->program.nr_ops, same = 0;

	for (uint32_t i = 0; i < nr; i++) {
		slowest = members[i]->milliseconds > slowest ? members[i]->milliseconds : slowest;
		sum += members[i]->milliseconds;
		same += members[i]->program.nr_ops == shortest &&
			memcmp(members[i]->program.ops, members[0]->program.ops,
			       shortest * sizeof(struct op)) == 0;
	}
	bool met = median == shortest && longest <= shortest + WORST_MORE && slowest < SLOWEST_MS;

	verdict_signature(&members[0]->result.verdict, signature);
	*strrchr(signature, '-') = '\0'; /* the class */
	printf("  %-4s %-10s %-12s %3u  %3u %3u %3u   %3u   %7.1f %7.1f   %s\n", subject->bug, subject->release,
	       signature, nr, shortest, median, longest, same, sum / nr, slowest, met ? "met" : "MISSED");
	return !met;
}

/* Groups the programs of one bug by what they fail with. */
static unsigned int print_classes(const struct subject *subject, struct failing *failing, uint32_t nr)
{
	bool done[MAX_FAILING] = { false };
	unsigned int missed = 0;

	for (uint32_t i = 0; i < nr; i++) {
		struct failing *members[MAX_FAILING];
		uint32_t nr_members = 0;

		for (uint32_t j = i; j < nr && !done[i]; j++)
			if (verdict_matches(&failing[i].result.verdict, &failing[j].result.verdict,
					    MATCH_CLASS)) {
				members[nr_members++] = &failing[j];
				done[j] = j > i;
			}
		if (nr_members)
			missed += print_class(subject, members, nr_members);
	}
	return missed;
}

unsigned int bench_minimize(const struct options *options)
{
	struct failing *failing = calloc(MAX_FAILING, sizeof(*failing));
	uint32_t wanted = options->seeds < MAX_FAILING ? options->seeds : MAX_FAILING;
	unsigned int missed = 0;

	if (!failing)
		die("out of memory");
	if (!options->write)
		printf("minimizer: %u programs a bug that fail at operation %u to %u\n"
		       "  bug  release    class        nr  min med max  same   mean ms  max ms   bar: median the shortest, "
		       "worst +%u, each < 1 s\n",
		       wanted, MIN_OPS, MAX_OPS, WORST_MORE);
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		const struct subject *subject = &subjects[i];
		struct settings settings = settings_of(subject);

		if (options->settings.nr_bugs && options->settings.bugs[0] != settings.bugs[0])
			continue;
		uint32_t nr = collect(&settings, subject->min_step, failing, wanted);

		for (uint32_t n = 0; n < nr; n++) {
			if (options->write)
				write_one(options, subject, &failing[n].program, n);
			else
				minimize_one(&settings, options, &failing[n]);
		}
		if (!options->write && nr)
			missed += print_classes(subject, failing, nr);
	}
	free(failing);
	return missed;
}
