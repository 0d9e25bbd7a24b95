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
	struct settings settings;
	struct settings_given given;
	bool quiet;
	char **files;
	int nr_files;
	/* the outcome */
	unsigned int nr_programs, nr_bad, nr_violations, nr_versions, nr_differences, nr_known_defects;
};

static const struct argp_option options[] = {
	{ "release", 'r', "VERSION", 0, "Kernel version whose rules hold (default: newest)", 0 },
	{ "bug", 'b', "ID", 0, "Turn one historical decision back; may be given more than once", 0 },
	{ "check", 'c', "LIST", 0, "Invariants that are judged: all, none or a list as I1,I7 (default: all)",
	  0 },
	{ "recycle", 'R', "HOW", 0, "When freed objects are used again: late, now (default: late)", 0 },
	{ "quiet", 'q', NULL, 0, "Only failures and the sum", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct run *run = state->input;
	char error[SETTINGS_ERROR_MAX];
	const char *name = key == 'r' ? "release" : key == 'b' ? "bug" : key == 'c' ? "check" : "recycle";

	switch (key) {
	case 'r':
	case 'b':
	case 'c':
	case 'R':
		settings_note_given(&run->given, name);
		if (settings_set(&run->settings, name, argument, error))
			return 0;
		fprintf(stderr, "rmapfuzz run: %s\n", error);
		exit(EXIT_USAGE);
	case 'q':
		run->quiet = true;
		return 0;
	case ARGP_KEY_ARGS:
		run->files = state->argv + state->next;
		run->nr_files = state->argc - state->next;
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
	NULL,
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
	int compared =
		expect_compare(&run->settings, &input->program, &input->notes, report_version, &report, error);

	if (compared < 0) {
		fprintf(stderr, "rmapfuzz: %s: %s\n", path, error);
		run->nr_bad++;
		return true;
	}
	if (!run->quiet && report.agree == (unsigned int)compared)
		printf("%s: agrees with %d kernels\n", path, compared);
	return true;
}

/* Options given on the command line win over what the program says of itself. */
static bool settings_for(const struct run *run, const struct input *input, struct settings *settings,
			 char *error)
{
	*settings = run->settings;
	if (!settings_from_notes(settings, &input->notes, &run->given, error))
		return false;
	return settings_finish(settings, error);
}

void __asan_on_error(void);

/* What is being replayed, for a sanitizer's report; NULL between two programs. */
static const struct input *replayed;
static const struct settings *replayed_settings;
static const struct player *replaying;

void __asan_on_error(void)
{
	if (replayed)
		story_of_sanitizer(stderr, replayed_settings, &replayed->program, replaying->at);
}

static bool replay(struct run *run, const char *path, const struct input *input)
{
	char error[SETTINGS_ERROR_MAX];
	struct settings settings;
	struct violation violation;

	if (!settings_for(run, input, &settings, error)) {
		fprintf(stderr, "rmapfuzz: %s: %s\n", path, error);
		run->nr_bad++;
		return true;
	}
	struct player *player = player_create(&settings);

	if (!player) {
		fputs("rmapfuzz: out of memory\n", stderr);
		run->nr_bad++;
		return false;
	}
	replayed = input;
	replayed_settings = &settings;
	replaying = player;
	bool clean = player_run(player, &input->program, NULL, NULL, &violation);

	replayed = NULL;
	if (clean) {
		if (!run->quiet)
			printf("%s: ok, %u operations, %s\n", path, input->program.nr_ops, settings.version);
	} else {
		run->nr_violations++;
		print_violation(path, settings.version, &violation, "");
		if (run->nr_files == 1 && !run->quiet && run->nr_programs == 1)
			story_of_violation(stdout, &settings, player, &input->program, &violation);
	}
	player_destroy(player);
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
	bool compare = input.notes.nr_expectations && !run->given.release;
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

int verb_run(int argc, char **argv)
{
	struct run run = { .quiet = false };
	char error[SETTINGS_ERROR_MAX];

	settings_init(&run.settings);
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &run);
	if (!run.nr_files) {
		fputs("rmapfuzz run: no file given; rmapfuzz run --help says more\n", stderr);
		return EXIT_USAGE;
	}
	struct settings settings = run.settings;

	if (!settings_finish(&settings, error)) {
		fprintf(stderr, "rmapfuzz run: %s\n", error);
		return EXIT_USAGE;
	}
	if (!files_visit(run.files, run_file, &run))
		run.nr_bad++;
	if (run.nr_programs != 1 || run.nr_versions)
		print_sum(&run);
	if (run.nr_bad)
		return EXIT_USAGE;
	return run.nr_violations || run.nr_differences ? EXIT_VIOLATION : EXIT_CLEAN;
}
