// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz score: how surely and how soon the bugs of the catalogue are found.
 * Only the command line is here; src/score/ does the work.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/score.h"

enum {
	KEY_SEEDS = 256,
	KEY_SECONDS,
	KEY_EXECUTIONS,
	KEY_DRIVERS,
	KEY_COMPARE,
	KEY_SUBJECTS,
	KEY_NEW,
	KEY_PROGRAMS
};

static const struct argp_option options[] = {
	{ "seeds", KEY_SEEDS, "N", 0, "Runs of each bug and driver, with the seeds 1..N (default: 11)", 0 },
	{ "seconds", KEY_SECONDS, "N", 0,
	  "Processor time until a run is given up (default: that of the bug's bar, otherwise 60)", 0 },
	{ "executions", KEY_EXECUTIONS, "N", 0, "Executions until a run is given up (default: any number)", 0 },
	{ "jobs", 'j', "N", 0, "Runs at the same time (default: one a processor)", 0 },
	{ "release", 'r', "VERSION", 0,
	  "Kernel version whose rules hold (default: the newest in which a bug makes sense)", 0 },
	{ "drivers", KEY_DRIVERS, "LIST", 0,
	  "Who looks for the bugs, the first one is held to the bars (default: mutator,weighted,uniform)", 0 },
	{ "compare", KEY_COMPARE, "A,B", 0,
	  "Side by side: two drivers, two build directories, or two directories of results", 0 },
	{ "subjects", KEY_SUBJECTS, "FILE", 0,
	  "Other wrong engines instead of the catalogue, a JSON object a line", 0 },
	{ "output", 'o', "DIRECTORY", 0, "Where the results are kept (default: build/score)", 0 },
	{ "new", KEY_NEW, NULL, 0, "Set aside what is in that directory", 0 },
	{ "programs", KEY_PROGRAMS, "DIRECTORY", 0,
	  "Where the fuzz targets are (default: beside this command)", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct score_options *score = state->input;
	char error[SETTINGS_ERROR_MAX];
	struct settings settings;

	switch (key) {
	case KEY_SEEDS:
		score->seeds = parse_number(state, "seeds", argument, 1, MAX_SCORE_SEEDS);
		return 0;
	case KEY_SECONDS:
		score->subject.seconds = parse_number(state, "seconds", argument, 1, MAX_SCORE_SECONDS);
		return 0;
	case KEY_EXECUTIONS:
		score->subject.limit = parse_number(state, "executions", argument, 1, UINT32_MAX);
		return 0;
	case 'j':
		score->jobs = parse_number(state, "jobs", argument, 1, NIGHT_MAX_JOBS);
		return 0;
	case 'r':
		settings_init(&settings);
		if (!settings_set(&settings, "release", argument, error))
			usage_error(state, "%s", error);
		score->subject.release = argument;
		return 0;
	case KEY_DRIVERS:
		score->drivers = argument;
		return 0;
	case KEY_COMPARE:
		score->compare = argument;
		return 0;
	case KEY_SUBJECTS:
		score->subjects = argument;
		return 0;
	case 'o':
		score->directory = argument;
		return 0;
	case KEY_NEW:
		score->fresh = true;
		return 0;
	case KEY_PROGRAMS:
		score->programs = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"[ID...]",
	"Scores the fuzzer and the oracle: each bug of the catalogue, or those named, is looked for with each seed from an "
	"empty corpus, beside programs without feedback.\v"
	"Drivers are mutator, no-mutator, no-swarm, state-feedback, value-profile, focus=KIND, afl, weighted and uniform; the last two are random "
	"programs without feedback. A failure counts if it is not there, or not the same, without the bug; another one is "
	"passed, and the run goes on. Every run is a line of results.csv when it is over, so that the same command goes on "
	"after whatever ended it; another build or budget is refused there. score.json has the sums, index.html the table "
	"and survival curves. First of all a canary, an engine with an obviously wrong decision, has to be detected. "
	"docs/score.md says what each figure means.\n\n"
	"Examples:\n"
	"  rmapfuzz score S01 S14 --seeds 3\n"
	"  rmapfuzz score --compare mutator,no-mutator --executions 20000 -o build/compare\n"
	"  rmapfuzz score --compare build/score-old,build/score\n\n"
	"Exit codes: 0 every bar is met, 1 it cannot run like this, or the canary was not detected, 72 interrupted, 77 a bar "
	"is missed.",
	NULL,
	NULL,
	NULL
};

static uint32_t processors(void)
{
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	return nr < 1 ? 1 : nr > NIGHT_MAX_JOBS ? NIGHT_MAX_JOBS : (uint32_t)nr;
}

static int verb_main(int argc, char **argv)
{
	struct score_options score = { .directory = "build/score",
				       .drivers = "mutator,weighted,uniform",
				       .seeds = 11,
				       .jobs = processors() };
	struct file_arguments bugs;

	verb_parse(&verb_score, argc, argv, &score, &bugs);
	score.bugs = bugs.paths;
	score.nr_bugs = bugs.nr;
	return score_run(&score);
}

const struct verb verb_score = { "score", "how surely and how soon the bugs are found", &argp, verb_main };
