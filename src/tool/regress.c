// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz regress: a failure that is fixed becomes a regression program. The
 * directory of the failure goes when the program is in its new place, and
 * only then.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/bucket.h"

struct regress {
	const char *output;
	struct file_arguments files;
	unsigned int nr_moved, nr_failing, nr_bad;
};

static const struct argp_option options[] = {
	{ "output", 'o', "DIRECTORY", 0, "Where regression programs are kept (default: corpus/regress)", 0 },
	{ 0 },
};

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct regress *regress = state->input;

	switch (key) {
	case 'o':
		regress->output = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"CRASH-DIRECTORY...",
	"Moves failures that are fixed from crashes/ to the regression programs.\v"
	"The newest release must play the program without a violation. It is then copied, with its story and its "
	"directives, to YEAR-NAME.prog, YEAR being that of the first time it was seen, and the directory is "
	"removed. Where the directives name a release or a bug, the tests want it to fail there and to be clean under "
	"the newest release; without any they want it clean.\n\n"
	"Example:\n"
	"  rmapfuzz regress crashes/I7-pte\n\n"
	"Exit codes: 0 moved, 1 bad input, 72 interrupted, 77 it still fails under the newest release.",
	NULL,
	NULL,
	NULL
};

/* True if the newest release, without any bug, plays it in silence. */
static bool fixed(struct regress *regress, const char *path, const struct program *program)
{
	char error[SETTINGS_ERROR_MAX], signature[VERDICT_SIGNATURE_MAX];
	struct settings newest;
	struct verdict verdict;

	settings_init(&newest);
	if (!settings_finish(&newest, error) || !finding_play(&newest, program, path, &verdict)) {
		regress->nr_bad++;
		return false;
	}
	if (!verdict.failed)
		return true;
	verdict_signature(&verdict, signature);
	printf("%s: not fixed, %s at operation %u under the newest release\n", path, signature, verdict.step);
	regress->nr_failing++;
	return false;
}

static bool choose_place(const struct regress *regress, const struct bucket *bucket, const char *directory,
			 char place[MAX_PATH_BYTES])
{
	char name[BUCKET_NAME_MAX + 32];
	struct stat status;
	struct tm utc;

	gmtime_r(&bucket->first_seen, &utc);
	snprintf(name, sizeof(name), "%d-%s.prog", utc.tm_year + 1900, bucket->name);
	if (!join_path(place, regress->output, name))
		return false;
	if (lstat(place, &status) == 0)
		return complain(directory, "there is a regression program of that name already");
	return true;
}

/* The directory's own name, whatever slashes stand behind it. */
static void base_name(const char *directory, char out[BUCKET_NAME_MAX])
{
	size_t end = strlen(directory), start;

	while (end > 1 && directory[end - 1] == '/')
		end--;
	for (start = end; start && directory[start - 1] != '/';)
		start--;
	snprintf(out, BUCKET_NAME_MAX, "%.*s", (int)(end - start), directory + start);
}

static void move_one(struct regress *regress, const char *directory)
{
	char path[MAX_PATH_BYTES], place[MAX_PATH_BYTES];
	struct bucket bucket = { .count = 0 };
	bool moved;

	if (!bucket_read_json(directory, &bucket)) {
		complain(directory, "no directory of a known failure (finding.json is missing or bad)");
		regress->nr_bad++;
		return;
	}
	json_decref(bucket.made_with);
	base_name(directory, bucket.name);
	struct input *input = join_path(path, directory, "min.prog") ? input_read(path) : NULL;

	if (!input) {
		regress->nr_bad++;
		return;
	}
	if (fixed(regress, directory, &input->program)) {
		moved = choose_place(regress, &bucket, directory, place) &&
			output_write(place, input->content, input->length) && remove_directory(directory);
		if (moved)
			printf("%s: fixed, now %s\n", directory, place);
		regress->nr_moved += moved;
		regress->nr_bad += !moved;
	}
	input_free(input);
}

static int verb_main(int argc, char **argv)
{
	struct regress regress = { .output = "corpus/regress" };

	verb_parse(&verb_regress, argc, argv, &regress, &regress.files);
	if (!regress.files.nr)
		return no_file_given(&verb_regress);
	for (int i = 0; i < regress.files.nr && !interrupted(); i++)
		move_one(&regress, regress.files.paths[i]);
	return exit_code_of(regress.nr_bad, regress.nr_failing);
}

const struct verb verb_regress = { "regress", "keep a failure that is fixed as a regression program", &argp,
				   verb_main };
