// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz run: replays programs, one line each. A program with "#=" blocks is
 * played under every kernel version that they name and compared with what
 * that kernel did; any other one under the chosen release.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/expect.h"
#include "driver/player.h"
#include "driver/story.h"
#include "tool/tool.h"

struct run {
	struct target_options target;
	struct player_cache players;
	bool quiet;
	struct file_arguments files;
	/* the outcome */
	unsigned int nr_programs, nr_bad, nr_violations, nr_versions, nr_differences, nr_known_defects;
};

static const struct argp_option options[] = {
	{ "quiet", 'q', NULL, 0, "Only failures and the sum", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct run *run = state->input;

	(void)argument;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &run->target;
		return 0;
	case 'q':
		run->quiet = true;
		return 0;
	case ARGP_KEY_ARGS:
		file_arguments_take(&run->files, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Replays programs, text or bytes, under the oracle.\v"
	"A program's own \"#! release\" and \"#! bug\" lines hold unless an option says otherwise. A program with \"#=\" "
	"blocks is compared under every kernel version they name; violations that a known defect of such a version "
	"explains are counted, not held against it.\n\n"
	"Exit codes: 0 clean, 1 bad input, 77 a violation or a difference.",
	target_children,
	NULL,
	NULL
};

struct report {
	struct run *run;
	const char *path;
	unsigned int agree;
};

static void print_violation(const char *path, const char *version, const struct violation *violation,
			    const char *why)
{
	printf("%s: %s: I%u at operation %u%s: %s\n", path, version, violation->invariant, violation->step,
	       why, violation->text);
}

static void report_version(void *data, const struct expect_result *result)
{
	struct report *report = data;
	struct run *run = report->run;
	char why[64];

	run->nr_versions++;
	if (result->agrees)
		report->agree++;
	else
		printf("%s: differs from %s: %s\n", report->path, result->version, result->difference);
	run->nr_differences += !result->agrees;
	if (!result->violated)
		return;
	if (result->defect) {
		run->nr_known_defects++;
		snprintf(why, sizeof(why), " (known defect %s)", result->defect->id);
		if (!run->quiet)
			print_violation(report->path, result->version, &result->violation, why);
		return;
	}
	run->nr_violations++;
	print_violation(report->path, result->version, &result->violation, "");
}

static bool compare_with_kernels(struct run *run, const char *path, const struct input *input)
{
	struct report report = { .run = run, .path = path };
	char error[SETTINGS_ERROR_MAX];
	int compared = expect_compare(&run->target.settings, &input->program, &input->notes, report_version,
				      &report, error);

	if (compared < 0) {
		fprintf(stderr, "rmapfuzz: %s: %s\n", path, error);
		run->nr_bad++;
		return true;
	}
	if (!run->quiet && report.agree == (unsigned int)compared)
		printf("%s: agrees with %d kernels\n", path, compared);
	return true;
}

static bool replay(struct run *run, const char *path, const struct input *input)
{
	struct settings settings;
	struct violation violation;

	if (!settings_for(&run->target, input, path, &settings)) {
		run->nr_bad++;
		return true;
	}
	struct player *player = player_for(&run->players, &settings);

	if (!player) {
		run->nr_bad++;
		return false;
	}
	if (play_watched(player, &settings, &input->program, NULL, NULL, &violation)) {
		if (!run->quiet)
			printf("%s: ok, %u operations, %s\n", path, input->program.nr_ops, settings.version);
		return true;
	}
	run->nr_violations++;
	print_violation(path, settings.version, &violation, "");
	if (run->files.nr == 1 && !run->quiet && run->nr_programs == 1)
		story_of_violation(stdout, &settings, player, &input->program, &violation);
	return true;
}

static bool run_file(void *data, const char *path)
{
	static struct input input; /* large; one file at a time */
	struct run *run = data;

	run->nr_programs++;
	if (!input_read(&input, path)) {
		run->nr_bad++;
		return true;
	}
	bool compare = input.notes.nr_expectations && !run->target.given.release;
	bool go_on = compare ? compare_with_kernels(run, path, &input) : replay(run, path, &input);

	input_free(&input);
	fflush(stdout);
	return go_on;
}

static void print_sum(const struct run *run)
{
	printf("%u programs", run->nr_programs);
	if (run->nr_versions)
		printf(", %u of %u kernel rows agree, %u violations are known defects of their release",
		       run->nr_versions - run->nr_differences, run->nr_versions, run->nr_known_defects);
	printf(", %u violations, %u bad\n", run->nr_violations, run->nr_bad);
}

static int verb_main(int argc, char **argv)
{
	struct run run = { .quiet = false };

	verb_parse(&verb_run, argc, argv, &run);
	if (!run.files.nr)
		return no_file_given(&verb_run);
	interrupt_catch();
	if (!files_visit(run.files.paths, run_file, &run))
		run.nr_bad++;
	player_put_away(&run.players);
	if (run.nr_programs != 1 || run.nr_versions)
		print_sum(&run);
	if (interrupted())
		return EXIT_INTERRUPTED;
	if (run.nr_bad)
		return EXIT_USAGE;
	return run.nr_violations || run.nr_differences ? EXIT_VIOLATION : EXIT_CLEAN;
}

const struct verb verb_run = { "run", "replay programs and compare with what they expect", &argp, verb_main };
