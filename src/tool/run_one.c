// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz run, one file: replayed under the chosen release, or compared with
 * what each kernel version of its blocks did. Never decides which files.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/story.h"
#include "tool/run.h"

/* One file on its way. */
struct report {
	struct run *run;
	const char *path;
	FILE *out;
	struct run_counts *counts;
	json_t *object; /* NULL for text */
	unsigned int agree;
};

static void print_violation(const struct report *report, const char *version,
			    const struct violation *violation, const char *why)
{
	fprintf(report->out, "%s: %s: I%u at operation %u%s: %s\n", report->path, version,
		violation->invariant, violation->step, why, violation->text);
}

static void print_version(struct report *report, const struct expect_result *result)
{
	char why[64] = "";

	if (!result->agrees)
		fprintf(report->out, "%s: differs from %s: %s\n", report->path, result->version,
			result->difference);
	if (!result->violated || (result->defect && report->run->quiet))
		return;
	if (result->defect)
		snprintf(why, sizeof(why), " (known defect %s)", result->defect->id);
	print_violation(report, result->version, &result->violation, why);
}

static void report_version(void *data, const struct expect_result *result)
{
	struct report *report = data;

	report->counts->versions++;
	report->agree += result->agrees;
	report->counts->differences += !result->agrees;
	report->counts->known_defects += result->defect != NULL;
	report->counts->violations += result->violated && !result->defect;
	if (report->object)
		json_array_append_new(json_object_get(report->object, "versions"), run_json_version(result));
	else
		print_version(report, result);
}

static void bad(const struct report *report, const char *what)
{
	complain(report->path, what);
	report->counts->bad++;
}

static void compare_with_kernels(struct report *report, const struct input *input)
{
	struct run *run = report->run;
	char error[SETTINGS_ERROR_MAX];

	if (report->object)
		json_object_set_new(report->object, "versions", json_array());
	int compared = expect_compare(&run->players, &run->target.settings, &input->program, &input->notes,
				      report_version, report, error);

	if (compared < 0)
		bad(report, error);
	else if (!report->object && !run->quiet && report->agree == (unsigned int)compared)
		fprintf(report->out, "%s: agrees with %d kernels\n", report->path, compared);
}

static void report_replay(struct report *report, const struct settings *settings, struct player *player,
			  const struct program *program, const struct violation *violation)
{
	struct run *run = report->run;

	if (report->object) {
		json_object_set_new(report->object, "release", json_text(settings->version));
		if (violation)
			json_object_set_new(report->object, "violation", run_json_violation(violation));
	} else if (violation) {
		print_violation(report, settings->version, violation, "");
		if (run->alone && !run->quiet)
			story_of_violation(report->out, settings, player, program, violation);
	} else if (!run->quiet) {
		fprintf(report->out, "%s: ok, %u operations, %s\n", report->path, program->nr_ops,
			settings->version);
	}
}

static void replay(struct report *report, const struct input *input)
{
	struct run *run = report->run;
	struct settings settings;
	struct violation violation;

	if (!settings_for(&run->target, input, report->path, &settings)) {
		report->counts->bad++;
		return;
	}
	struct player *player = players_get(&run->players, &settings);

	if (!player) {
		bad(report, "out of memory");
		return;
	}
	bool clean = play_watched(player, &settings, &input->program, NULL, NULL, &violation);

	report->counts->violations += !clean;
	report_replay(report, &settings, player, &input->program, clean ? NULL : &violation);
}

/* Rewrites the file if a block does not agree, and reads it again. False: nothing is to be run. */
static bool update(struct report *report, struct input **place)
{
	struct run *run = report->run;
	struct input *input = *place;
	char error[SETTINGS_ERROR_MAX], *text;
	size_t length;

	if (!input->notes.nr_expectations) {
		if (!report->object && !run->quiet)
			fprintf(report->out, "%s: has no \"#= linux VERSION\" line to update\n", report->path);
		return true;
	}
	if (strcmp(report->path, "-") == 0) {
		bad(report, "standard input has no place for an update");
		return false;
	}
	int anew = expect_update(&run->players, &run->target.settings, &input->program, &input->notes,
				 input->content, input->length, &text, &length, error);

	if (anew < 0) {
		bad(report, error);
		return false;
	}
	if (!anew)
		return true;
	bool written = output_write(report->path, text, length);

	free(text);
	input_free(input);
	*place = written ? input_read(report->path) : NULL;
	if (!*place) {
		report->counts->bad++;
		return false;
	}
	report->counts->updated++;
	if (!report->object)
		fprintf(report->out, "%s: %d of its blocks made anew\n", report->path, anew);
	return true;
}

static void run_input(struct report *report, const struct input *input)
{
	struct run *run = report->run;

	if (report->object)
		json_object_set_new(report->object, "operations", json_integer(input->program.nr_ops));
	if (input->notes.nr_expectations && !run->target.given.release)
		compare_with_kernels(report, input);
	else
		replay(report, input);
}

void run_one(struct run *run, const char *path, FILE *out, struct run_counts *counts)
{
	struct input *input = input_read(path);
	struct report report = { .run = run, .path = path, .out = out, .counts = counts };

	counts->programs++;
	if (run->json)
		report.object = json_pack("{s:o}", "file", json_text(path));
	if (!input)
		counts->bad++;
	else if (!run->update || update(&report, &input))
		run_input(&report, input);
	input_free(input);
	if (report.object && counts->bad)
		json_decref(report.object); /* the parent has what was said of it */
	else if (report.object)
		run_json_print(out, report.object, counts, NULL);
}
