// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command lines of a run. All drivers get the limits of the fuzz target
 * (cmake/rmap_fuzzer.options) and a corpus that is empty at first.
 */
#include <stdlib.h>
#include <string.h>

#include "rmap_fuzzer_options.h"
#include "score/score.h"

/* An attempt after a failure that is passed is to make other programs. */
enum { SEED_STRIDE = 1000003 };

static void add_options(struct words *words, const struct subject *subject)
{
	char options[sizeof(subject->options)];

	snprintf(options, sizeof(options), "%s", subject->options);
	for (char *word = strtok(options, " "); word; word = strtok(NULL, " "))
		words_add(words, "%s", word);
}

static unsigned long long limit_left(const struct hunt *hunt)
{
	return hunt->result.executions < hunt->subject->limit ? hunt->subject->limit - hunt->result.executions :
								1;
}

static void target_command(const struct hunt *hunt, struct words *words)
{
	bool random = hunt->driver->kind == DRIVER_RANDOM;

	words_add(words, "%s", hunt->program);
	add_options(words, hunt->subject);
	if (hunt->driver->extra[0])
		words_add(words, "%s", hunt->driver->extra);
	words_add_limits(words);
	words_add(words, "-seed=%llu",
		  (unsigned long long)hunt->result.seed + (unsigned long long)SEED_STRIDE * hunt->attempts);
	if (hunt->subject->limit)
		words_add(words, "-runs=%llu", limit_left(hunt));
	words_add(words, "-artifact_prefix=%s/", hunt->directory);
	words_add(words, "--tally=%s/tally", hunt->directory);
	if (hunt->known.nr)
		words_add(words, "--known=%s/known", hunt->directory);
	if (!random)
		words_add(words, "%s/corpus", hunt->directory);
}

/* The value of a setting that both engines have. */
static unsigned long setting(const char *name)
{
	const char *at = strstr(rmap_fuzzer_options, name);

	at = at ? strchr(at, '=') : NULL;
	return at ? strtoul(at + 1, NULL, 10) : 0;
}

static void afl_command(const struct hunt *hunt, struct words *words)
{
	words_add(words, "/usr/bin/env");
	words_add(words, "afl-fuzz");
	words_add(words, "-s%u", hunt->result.seed);
	words_add(words, "-t");
	words_add(words, "%lu", 1000 * setting("\ntimeout"));
	words_add(words, "-G");
	words_add(words, "%lu", setting("\nmax_len"));
	words_add(words, "-m");
	words_add(words, "none");
	if (hunt->subject->limit) {
		words_add(words, "-E");
		words_add(words, "%llu", limit_left(hunt));
	}
	words_add(words, "-i");
	words_add(words, "%s/in", hunt->directory);
	words_add(words, "-o");
	words_add(words, "%s/out%u", hunt->directory, hunt->attempts);
	words_add(words, "--");
	words_add(words, "%s", hunt->program);
}

void hunt_command(const struct hunt *hunt, struct words *words)
{
	if (hunt->driver->kind == DRIVER_AFL)
		afl_command(hunt, words);
	else
		target_command(hunt, words);
}

/* " --release=6.12 --bug=S01" as RMAPFUZZ_RELEASE=6.12 and so on. */
static void options_to_environment(const struct subject *subject)
{
	char options[sizeof(subject->options)], name[40];

	snprintf(options, sizeof(options), "%s", subject->options);
	for (char *word = strtok(options, " "); word; word = strtok(NULL, " ")) {
		char *value = strchr(word, '=');

		if (!value || strncmp(word, "--", 2) != 0)
			continue;
		*value = '\0';
		snprintf(name, sizeof(name), "RMAPFUZZ_%.30s", word + 2);
		for (char *at = name; *at; at++)
			if (*at >= 'a' && *at <= 'z')
				*at = (char)(*at - 'a' + 'A');
		setenv(name, value + 1, 1);
	}
}

void hunt_environment(const struct hunt *hunt)
{
	char path[MAX_PATH_BYTES];

	/* names of functions take half a second, and nobody reads them */
	setenv("ASAN_OPTIONS", "symbolize=0", 0);
	if (hunt->driver->kind != DRIVER_AFL)
		return;
	options_to_environment(hunt->subject);
	hunt_path(hunt, path, "tally");
	setenv("RMAPFUZZ_TALLY", path, 1);
	if (hunt->known.nr) {
		hunt_path(hunt, path, "known");
		setenv("RMAPFUZZ_KNOWN", path, 1);
	}
	setenv("AFL_CUSTOM_MUTATOR_LIBRARY", hunt->score->mutator, 1);
	setenv("AFL_CUSTOM_MUTATOR_ONLY", "1", 1);
	setenv("AFL_BENCH_UNTIL_CRASH", "1", 1);
	setenv("AFL_NO_UI", "1", 1);
	setenv("AFL_NO_AFFINITY", "1", 1);
	setenv("AFL_SKIP_CPUFREQ", "1", 1);
	setenv("AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "1", 1);
	unsetenv("ASAN_OPTIONS"); /* AFL++ wants its own */
}
