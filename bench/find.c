// SPDX-License-Identifier: GPL-2.0-only
/*
 * The baseline of every claim about the fuzzer: how many programs does it take
 * to break a release with a bug if nobody learns anything from them? Prints
 * one line of CSV a seed.
 *
 * A violation counts only if the same program does not fail in the same way on
 * the release without the bug: some releases have others. Must never use
 * feedback of any kind.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>

struct hunt {
	struct player *with_bug, *without;
	const struct options *options;
	const char *bug;
};

/* The violation is not there, or not the same, without the bug. */
static bool is_the_bug(const struct hunt *hunt, const struct program *program, const struct violation *violation)
{
	char with_bug[VIOLATION_SIGNATURE_MAX], without[VIOLATION_SIGNATURE_MAX];
	struct violation other;

	if (player_run(hunt->without, program, NULL, NULL, &other) || other.step != violation->step)
		return true;
	violation_signature(violation, with_bug);
	violation_signature(&other, without);
	return strcmp(with_bug, without) != 0;
}

static void hunt_one(const struct hunt *hunt, const struct random_kind *kind, uint32_t seed)
{
	static struct program program;
	const struct options *options = hunt->options;
	struct random random = { .state = seed };
	struct violation violation;
	char signature[VIOLATION_SIGNATURE_MAX] = "";
	uint64_t began = now_ns(), end = began + options->seconds * UINT64_C(1000000000);
	uint32_t nr = 0, nr_other = 0;
	bool found = false;

	while (!found && nr < options->limit && (nr % 256 || now_ns() < end)) {
		kind->make(&random, random_between(&random, 1, options->max_ops), &program);
		nr++;
		if (player_run(hunt->with_bug, &program, NULL, NULL, &violation))
			continue;
		found = is_the_bug(hunt, &program, &violation);
		nr_other += !found;
	}
	if (found)
		violation_signature(&violation, signature);
	printf("%s,%s,%s,%u,%d,%u,%u,%.3f,%s\n", hunt->bug, options->settings.version, kind->name, seed,
	       found, nr, nr_other, (double)(now_ns() - began) / 1e9, signature);
	fflush(stdout);
}

void bench_find(const struct options *options)
{
	struct settings clean = options->settings;
	struct hunt hunt = { .options = options,
			     .bug = clean.nr_bugs ? clean.bugs[0]->id : "none",
			     .with_bug = player_for(&options->settings, RECYCLE_LATE) };
	char error[SETTINGS_ERROR_MAX];

	clean.nr_bugs = 0;
	if (!settings_finish(&clean, error))
		die("%s", error);
	hunt.without = player_for(&clean, RECYCLE_LATE);
	for (size_t i = 0; random_kind_at(i); i++)
		if (!options->kind || strcmp(options->kind, random_kind_at(i)->name) == 0)
			for (uint32_t n = 0; n < options->seeds; n++)
				hunt_one(&hunt, random_kind_at(i), options->first_seed + n);
	player_destroy(hunt.with_bug);
	player_destroy(hunt.without);
}
