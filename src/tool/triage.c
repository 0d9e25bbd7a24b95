// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz triage: from raw crash files to known failures. Each file is
 * played three times, told apart by signature, and a failure that is not known yet is
 * minimized, traced, drawn and filed. Never changes a file that it is given.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <xxhash.h>

#include "tool/bucket.h"
#include "tool/json.h"

enum { NR_VERIFICATIONS = 3, DEFAULT_KEEP = 3, MAX_KEEP = 1000 };

struct triage {
	struct target_options target;
	struct finding_options how;
	const char *directory;
	uint32_t keep;
	bool json;
	struct file_arguments files;
	struct buckets buckets;
	/* the judge of the last file: most files of a run have the same settings */
	struct judge *judge;
	char judge_options[256];
	/* the outcome */
	unsigned int nr_files, nr_new, nr_known, nr_repeated, nr_clean, nr_bad;
};

enum { KEY_KEEP = 256 };

static const struct argp_option options[] = {
	{ "output", 'o', "DIRECTORY", 0, "Where known failures are kept (default: crashes)", 0 },
	{ "match", 'm', "exact|class|any", 0,
	  "What must stay of a failure while it is minimized (default: class)", 0 },
	{ "keep", KEY_KEEP, "N", 0, "Programs kept in each directory beside the minimized one (default: 3)", 0 },
	{ "json", 'j', NULL, 0, "For scripts: an object a file, each on a line, the sum last", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct triage *triage = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &triage->target;
		return 0;
	case 'o':
		triage->directory = argument;
		return 0;
	case 'm':
		finding_parse_match(&triage->how, argument, state);
		return 0;
	case KEY_KEEP:
		triage->keep = parse_number(state, "keep", argument, 0, MAX_KEEP);
		return 0;
	case 'j':
		triage->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Files crash files as known failures: one directory a failure, minimized, traced and drawn.\v"
	"Two files show the same failure if invariant and kind of object are the same under the same release and "
	"bugs. A failure that is not known yet is minimized, its result verified three times, and becomes "
	"DIRECTORY/NAME/ with min.prog (a numbered story in its comments), trace.txt, forest.svg, README.md and "
	"finding.json; NAME is that of the bug that was turned back, otherwise invariant and object. A known one is "
	"counted, once a program, and the first few programs are kept. When a failure was first and last seen are "
	"the times of the files. A program that fails now so and now otherwise is reported and not filed.\n\n"
	"Examples:\n"
	"  rmapfuzz triage --bug S01 build/crashes/crash-1234\n"
	"  rmapfuzz triage -o findings night/crashes\n\n"
	"Exit codes: 0 nothing new, 1 bad input, 72 interrupted, 77 a new failure was filed.",
	target_children,
	NULL,
	NULL
};

static struct judge *judge_for(struct triage *triage, const struct settings *settings, const char *path)
{
	char text[sizeof(triage->judge_options)];

	settings_print(settings, text, sizeof(text));
	if (triage->judge && strcmp(text, triage->judge_options) == 0)
		return triage->judge;
	judge_destroy(triage->judge);
	triage->judge = judge_create(settings, true);
	memcpy(triage->judge_options, text, sizeof(text));
	if (!triage->judge)
		complain(path, "out of memory");
	return triage->judge;
}

/* Plays it a few times in a child. False: complained, or it is not the same each time. */
static bool play_often(struct triage *triage, const struct settings *settings, const struct program *program,
		       const char *path, struct verdict *verdict)
{
	struct judge *judge = judge_for(triage, settings, path);
	struct verdict again;

	if (!judge)
		return false;
	for (unsigned int i = 0; i < NR_VERIFICATIONS; i++) {
		if (!judge->play(judge, program, i ? &again : verdict))
			return complain(path, "no child process to play it in");
		if (i && (verdict->failed != again.failed ||
			  (verdict->failed && !verdict_matches(verdict, &again, MATCH_EXACT))))
			return complain(path, "does not do the same each time");
	}
	return true;
}

static time_t time_of(const char *path)
{
	struct stat status;

	return strcmp(path, "-") != 0 && stat(path, &status) == 0 ? status.st_mtime : time(NULL);
}

static void report(struct triage *triage, const char *path, const char *outcome, const struct bucket *bucket)
{
	if (triage->json) {
		json_t *object = json_pack("{s:o, s:s}", "file", json_text(path), "outcome", outcome);

		if (bucket)
			json_object_update_new(object,
					       json_pack("{s:s, s:s, s:s, s:i}", "directory", bucket->name,
							 "signature", bucket->signature, "options",
							 bucket->options + (bucket->options[0] == ' '),
							 "count", (int)bucket->count));
		json_print_line(stdout, object);
	} else if (!bucket) {
		printf("%s: %s\n", path, outcome);
	} else if (bucket->count == 1 && strcmp(outcome, "new") == 0) {
		printf("%s: new, %s: %s/%s, %u -> %u operations\n", path, bucket->signature,
		       triage->directory, bucket->name, bucket->nr_ops_found, bucket->nr_ops);
	} else {
		printf("%s: %s, %s: %s/%s, seen %u times\n", path, outcome, bucket->signature,
		       triage->directory, bucket->name, bucket->count);
	}
	fflush(stdout);
}

static bool count_known(struct triage *triage, const char *path, struct bucket *bucket,
			const struct sighting *sighting, const struct settings *settings)
{
	if (bucket_knows(bucket, sighting->hash)) {
		triage->nr_repeated++;
		report(triage, path, "counted before", bucket);
		return true;
	}
	if (!bucket_count(&triage->buckets, bucket, sighting, settings, triage->keep)) {
		triage->nr_bad++;
		return false; /* the next one would not be written, either */
	}
	triage->nr_known++;
	report(triage, path, "known", bucket);
	return true;
}

static bool file_new(struct triage *triage, const char *path, const struct sighting *sighting,
		     const struct settings *settings)
{
	struct finding finding = { .program = *sighting->program };
	enum finding_status status = finding_minimize(&finding, settings, &triage->how, path);
	struct bucket *bucket = NULL;
	bool go_on = true;

	if (status == FINDING_MINIMIZED && !interrupted()) {
		bucket = bucket_create(&triage->buckets, &finding, settings, sighting, path);
		go_on = bucket != NULL;
	} else if (status != FINDING_BROKEN && !interrupted()) {
		complain(path, "its minimized form does not fail in the same way each time");
	}
	if (bucket)
		report(triage, path, "new", bucket);
	triage->nr_new += bucket != NULL;
	triage->nr_bad += !bucket && !interrupted();
	finding_free(&finding);
	return go_on;
}

static bool triage_program(struct triage *triage, const char *path, const struct input *input)
{
	struct sighting sighting = { .program = &input->program, .time = time_of(path) };
	char class[VERDICT_SIGNATURE_MAX];
	struct settings settings;
	struct verdict verdict;

	if (!settings_for(&triage->target, input, path, &settings) ||
	    !play_often(triage, &settings, &input->program, path, &verdict)) {
		triage->nr_bad++;
		return true;
	}
	if (!verdict.failed) {
		triage->nr_clean++;
		report(triage, path, "clean", NULL);
		return true;
	}
	sighting.hash = XXH3_64bits(input->program.ops, input->program.nr_ops * sizeof(struct op));
	signature_class(&verdict, class);
	struct bucket *bucket = bucket_find(&triage->buckets, class, &settings);

	if (bucket)
		return count_known(triage, path, bucket, &sighting, &settings);
	return file_new(triage, path, &sighting, &settings);
}

static bool visit(void *data, const char *path)
{
	struct triage *triage = data;
	struct input *input = input_read(path);

	triage->nr_files++;
	if (!input) {
		triage->nr_bad++;
		return true;
	}
	bool go_on = triage_program(triage, path, input);

	input_free(input);
	return go_on;
}

static void print_sum(const struct triage *triage)
{
	if (triage->json)
		json_print_line(stdout, json_pack("{s:{s:i, s:i, s:i, s:i, s:i, s:i, s:b}}", "sum", "files",
						  (int)triage->nr_files, "new", (int)triage->nr_new, "known",
						  (int)triage->nr_known, "repeated", (int)triage->nr_repeated,
						  "clean", (int)triage->nr_clean, "bad", (int)triage->nr_bad,
						  "interrupted", (int)interrupted()));
	else
		printf("%u files: %u new failures, %u known, %u counted before, %u clean, %u bad\n",
		       triage->nr_files, triage->nr_new, triage->nr_known, triage->nr_repeated,
		       triage->nr_clean, triage->nr_bad);
}

static int verb_main(int argc, char **argv)
{
	struct triage triage = { .directory = "crashes", .keep = DEFAULT_KEEP };

	finding_options_init(&triage.how);
	triage.how.nr_verifications = NR_VERIFICATIONS;
	verb_parse(&verb_triage, argc, argv, &triage, &triage.files);
	if (!triage.files.nr)
		return no_file_given(&verb_triage);
	if (!buckets_read(&triage.buckets, triage.directory)) {
		buckets_free(&triage.buckets);
		return EXIT_USAGE;
	}
	if (!files_visit(triage.files.paths, visit, &triage))
		triage.nr_bad++;
	print_sum(&triage);
	judge_destroy(triage.judge);
	buckets_free(&triage.buckets);
	return exit_code_of(triage.nr_bad, triage.nr_new);
}

const struct verb verb_triage = { "triage", "file crash files as known failures", &argp, verb_main };
