// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench: what the engine, the oracle and the decoder cost, without a fuzzing
 * engine, over a fixed set of programs; prints ratios within one run. With
 * --find, how soon programs without feedback find a bug. What the figures
 * mean is in docs/bench.md.
 *
 * Must never fail because a machine is slow: a bar that is missed is printed
 * as such, and the exit code stays 0.
 */
#include "asan.h"
#include "bench.h"

#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WITH_ASAN
/* Those of the fuzz target: malloc is measured as it would be there. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0:quarantine_size_mb=8:malloc_context_size=4:symbolize=0:detect_stack_use_after_return=0";
}
#endif

bool with_asan(void)
{
#ifdef WITH_ASAN
	return true;
#else
	return false;
#endif
}

void die(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "bench: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

struct player *player_for(const struct settings *settings, enum recycle recycle)
{
	struct settings own = *settings;

	own.recycle = recycle;
	struct player *player = player_create(&own);

	if (!player)
		die("out of memory");
	return player;
}

struct program *fixed_programs(uint32_t nr_programs)
{
	struct program *programs = calloc(nr_programs, sizeof(*programs));
	struct random random = { .state = 1 };

	if (!programs)
		die("out of memory");
	for (uint32_t i = 0; i < nr_programs;) {
		/* a few more records than wanted: where the last process has exited the decoder drops the rest */
		random_weighted(&random, BENCH_OPS + 8, &programs[i]);
		if (programs[i].nr_ops < BENCH_OPS)
			continue;
		programs[i++].nr_ops = BENCH_OPS;
	}
	return programs;
}

enum { QUICK_PROGRAMS = 500, QUICK_REPEAT = 5, QUICK_SEEDS = 3 };

enum {
	OPTION_PROGRAMS = 256,
	OPTION_REPEAT,
	OPTION_RELEASE,
	OPTION_QUICK,
	OPTION_FIND,
	OPTION_BUG,
	OPTION_KIND,
	OPTION_SEEDS,
	OPTION_FIRST_SEED,
	OPTION_LIMIT,
	OPTION_SECONDS,
	OPTION_MAX_OPS,
	OPTION_MINIMIZE,
	OPTION_HOPS,
	OPTION_VERBOSE,
	OPTION_WRITE,
	OPTION_ONLY,
	OPTION_OF_SCRIPTS,
};

static const struct argp_option option_table[] = {
	{ "programs", OPTION_PROGRAMS, "N", 0, "programs in the fixed set (2000)", 0 },
	{ "repeat", OPTION_REPEAT, "N", 0, "rounds, of which the median is taken (11)", 0 },
	{ "release", OPTION_RELEASE, "VERSION", 0, "kernel release (newest)", 0 },
	{ "quick", OPTION_QUICK, 0, 0, "fewer programs, rounds and seeds", 0 },
	{ "write", OPTION_WRITE, "DIR", 0, "only write the fixed set as bytes, a file each", 0 },
	{ "only", OPTION_ONLY, "SIDE", 0, "run off, touched, default, full or malloc alone, for a profiler", 0 },
	{ "find", OPTION_FIND, 0, 0, "count programs until the first violation instead, and print CSV", 1 },
	{ "bug", OPTION_BUG, "ID", 0, "the bug to be found", 1 },
	{ "kind", OPTION_KIND, "KIND", 0, "weighted or uniform (both)", 1 },
	{ "seeds", OPTION_SEEDS, "N", 0, "so many seeds (10)", 1 },
	{ "first-seed", OPTION_FIRST_SEED, "N", 0, "begin with this seed instead of 1", 1 },
	{ "limit", OPTION_LIMIT, "N", 0, "programs a seed (100000)", 1 },
	{ "seconds", OPTION_SECONDS, "N", 0, "processor time a seed (60)", 1 },
	{ "max-ops", OPTION_MAX_OPS, "N", 0, "operations of a program: 1..N, evenly (512)", 1 },
	{ "minimize", OPTION_MINIMIZE, 0, 0, "what the minimizer makes of failing programs; --seeds a bug", 2 },
	{ "hops", OPTION_HOPS, "N", 0, "hops out of local minima (1000)", 2 },
	{ "verbose", OPTION_VERBOSE, 0, 0, "print what became of each program", 2 },
	{ "runs", OPTION_OF_SCRIPTS, "N", OPTION_HIDDEN, 0, 2 }, /* ./build.sh bench gives everybody all options */
	{ "failing", OPTION_OF_SCRIPTS, "N", OPTION_HIDDEN, 0, 2 },
	{ "jobs", OPTION_OF_SCRIPTS, "N", OPTION_HIDDEN, 0, 2 },
	{ "bugs", OPTION_OF_SCRIPTS, "LIST", OPTION_HIDDEN, 0, 2 },
	{ 0 },
};

static uint32_t number_of(struct argp_state *state, const char *text, uint32_t last)
{
	char *end;

	errno = 0;
	unsigned long number = strtoul(text, &end, 10);

	if (errno || *end || end == text || *text == '-' || number < 1 || number > last)
		argp_error(state, "'%.40s' is no number in 1..%u", text, last);
	return (uint32_t)number;
}

static void set(struct argp_state *state, struct options *options, const char *name, const char *value)
{
	char error[SETTINGS_ERROR_MAX];

	if (!settings_set(&options->settings, name, value, error))
		argp_error(state, "%s", error);
}

static error_t take_option(int key, char *text, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case OPTION_PROGRAMS:
		options->nr_programs = number_of(state, text, 100000);
		break;
	case OPTION_REPEAT:
		options->repeat = number_of(state, text, MAX_REPEAT);
		break;
	case OPTION_RELEASE:
		set(state, options, "release", text);
		break;
	case OPTION_QUICK:
		options->nr_programs = QUICK_PROGRAMS;
		options->repeat = QUICK_REPEAT;
		options->seeds = QUICK_SEEDS;
		break;
	case OPTION_WRITE:
		options->write = text;
		break;
	case OPTION_ONLY:
		options->only = text;
		break;
	case OPTION_FIND:
		options->find = true;
		break;
	case OPTION_BUG:
		set(state, options, "bug", text);
		break;
	case OPTION_KIND:
		if (strcmp(text, "weighted") != 0 && strcmp(text, "uniform") != 0)
			argp_error(state, "unknown kind '%.40s'; known: weighted, uniform", text);
		options->kind = text;
		break;
	case OPTION_SEEDS:
		options->seeds = number_of(state, text, 10000);
		break;
	case OPTION_FIRST_SEED:
		options->first_seed = number_of(state, text, 1000000000);
		break;
	case OPTION_LIMIT:
		options->limit = number_of(state, text, 1000000000);
		break;
	case OPTION_SECONDS:
		options->seconds = number_of(state, text, 1000000);
		break;
	case OPTION_MAX_OPS:
		options->max_ops = number_of(state, text, MAX_OPS);
		break;
	case OPTION_MINIMIZE:
		options->minimize = true;
		break;
	case OPTION_HOPS:
		options->hops = number_of(state, text, 100000);
		break;
	case OPTION_VERBOSE:
		options->verbose = true;
		break;
	case OPTION_OF_SCRIPTS:
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "no arguments are taken, but here is '%.40s'", text);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* The fixed set as bytes with relative operands: food for a fuzzer. */
static void write_programs(const struct options *options)
{
	struct random random = { .state = 1 };
	uint8_t bytes[PROGRAM_MAX_BYTES];
	char path[4096];

	for (uint32_t i = 0; i < options->nr_programs; i++) {
		size_t size = random_bytes(&random, BENCH_OPS, bytes);

		snprintf(path, sizeof(path), "%s/%05u", options->write, i);
		FILE *file = fopen(path, "wb");

		if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
			die("cannot write %s: %s", path, strerror(errno));
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = take_option,
		.doc = "What the engine, the oracle and the decoder cost, as ratios within one run.",
	};
	struct options options = { .nr_programs = 2000,
				   .repeat = 11,
				   .first_seed = 1,
				   .seeds = 10,
				   .limit = 100000,
				   .seconds = 60,
				   .max_ops = MAX_OPS,
				   .hops = 1000 };
	char error[SETTINGS_ERROR_MAX];

	setvbuf(stdout, NULL, _IOLBF, 0);
	settings_init(&options.settings);
	argp_err_exit_status = 1;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!settings_finish(&options.settings, error))
		die("%s", error);
	if (options.minimize) {
		bench_minimize(&options);
		return 0;
	}
	if (options.write) {
		write_programs(&options);
		return 0;
	}
	if (options.find) {
		bench_find(&options);
		return 0;
	}
	struct program *programs = fixed_programs(options.nr_programs);
	unsigned int missed = bench_speed(&options, programs);

	if (!options.only) {
		missed += bench_same(&options);
		printf("%s: bars missed: %u\n", with_asan() ? "bench-asan" : "bench", missed);
	}
	free(programs);
	return 0;
}
