// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz replay: does a directory that triage made show here what it showed
 * where it was made? If not, says what of the release table or of the formats
 * is another. Changes nothing but, with --update, finding.json.
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asan.h"
#include "tool/bucket.h"
#include "tool/identity.h"

#ifdef WITH_ASAN
enum { HAS_ASAN = true };
#else
enum { HAS_ASAN = false };
#endif

struct replay {
	bool update, json;
	struct file_arguments files;
	unsigned int nr_bad, nr_other;
};

/* One directory. */
struct finding_replay {
	const char *directory;
	struct bucket bucket;
	struct settings settings; /* of min.prog */
	json_t *made_here;        /* what it would be made with here */
	bool read, same;
	uint32_t nr_inputs;
	char what[256];      /* what came out */
	json_t *differences; /* of this build, in words */
};

enum { KEY_UPDATE = 256 };

static const struct argp_option options[] = {
	{ "update", KEY_UPDATE, NULL, 0,
	  "Where the result is the same, note this build in finding.json as what it is made with", 0 },
	{ "json", 'j', NULL, 0, "For scripts: an object a directory, each on a line", 0 },
	{ 0 },
};

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct replay *replay = state->input;

	(void)argument;
	switch (key) {
	case KEY_UPDATE:
		replay->update = true;
		return 0;
	case 'j':
		replay->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"CRASH-DIRECTORY...",
	"Replays findings from elsewhere, directories as triage makes them, and compares with what they say.\v"
	"min.prog has to fail with the signature of finding.json at the same operation, each input-*.prog with the same "
	"invariant and kind of object. Where this build is another one than that which made the finding, each difference "
	"is named: format, operation, release row, decision. A difference that changes nothing is a note.\n\n"
	"Examples:\n"
	"  rmapfuzz replay crashes/*\n"
	"  tar xf finding.tar && rmapfuzz replay swapin-newest-anon-vma\n\n"
	"Exit codes: 0 the same, 1 bad input, 72 interrupted, 77 not the same.",
	NULL,
	NULL,
	NULL
};

/* Sets what; always false. */
__attribute__((format(printf, 2, 3))) static bool other(struct finding_replay *it, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(it->what, sizeof(it->what), format, arguments);
	va_end(arguments);
	return false;
}

static bool play(const char *directory, const char *name, struct settings *settings, struct program *program,
		 struct verdict *verdict)
{
	const struct target_options none = { .given = { .release = false } };
	struct target_options target = none;
	char path[MAX_PATH_BYTES];

	settings_init(&target.settings);
	struct input *input = join_path(path, directory, name) ? input_read(path) : NULL;
	bool played = input && settings_for(&target, input, path, settings) &&
		      finding_play(settings, &input->program, path, verdict);

	if (played)
		*program = input->program;
	input_free(input);
	return played;
}

static bool same_as_filed(struct finding_replay *it, const struct verdict *verdict)
{
	const struct bucket *bucket = &it->bucket;
	char signature[VERDICT_SIGNATURE_MAX];

	if (!verdict->failed)
		return other(it, "clean, the finding says %s", bucket->signature);
	verdict_signature(verdict, signature);
	if (strcmp(signature, bucket->signature) != 0)
		return other(it, "%s, the finding says %s", signature, bucket->signature);
	if (bucket->step && verdict->step != bucket->step)
		return other(it, "%s at operation %u, the finding says %u", signature, verdict->step,
			     bucket->step);
	snprintf(it->what, sizeof(it->what), "%s at operation %u", signature, verdict->step);
	return true;
}

static int is_input(const struct dirent *entry)
{
	return strncmp(entry->d_name, "input-", 6) == 0;
}

static bool input_same(struct finding_replay *it, const char *name)
{
	char class[VERDICT_SIGNATURE_MAX] = "clean";
	struct settings settings;
	struct program program;
	struct verdict verdict;

	if (!play(it->directory, name, &settings, &program, &verdict))
		return other(it, "%s cannot be played", name);
	if (verdict.failed)
		signature_class(&verdict, class);
	identity_add_program(it->made_here, &program);
	it->nr_inputs++;
	return strcmp(class, it->bucket.class) == 0 || other(it, "%s is %s", name, class);
}

static bool inputs_same(struct finding_replay *it)
{
	struct dirent **entries;
	int nr = scandir(it->directory, &entries, is_input, alphasort);
	bool same = nr >= 0;

	for (int i = 0; i < nr; i++) {
		same = same && input_same(it, entries[i]->d_name);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
	return same;
}

static void play_all(struct finding_replay *it)
{
	struct program program;
	struct verdict verdict;

	it->read = play(it->directory, "min.prog", &it->settings, &program, &verdict);
	if (!it->read) {
		other(it, "min.prog cannot be played");
		return;
	}
	it->made_here = identity_of(&it->settings, &program);
	it->same = same_as_filed(it, &verdict) && inputs_same(it);
	if (it->same)
		it->bucket.step = verdict.step;
}

static void find_differences(struct finding_replay *it)
{
	const json_t *made_with = it->bucket.made_with;

	it->differences = made_with ? identity_differences(made_with, it->read ? &it->settings : NULL) :
				      json_array();
	if (!made_with)
		json_array_append_new(it->differences,
				      json_string("finding.json does not say what it was made with"));
	if (strncmp(it->bucket.class, "asan-", 5) == 0 && !HAS_ASAN)
		json_array_append_new(it->differences, json_string("AddressSanitizer stops it, and this build is "
								   "without"));
	if (it->read && !it->same && json_array_size(it->differences) == 0)
		json_array_append_new(it->differences,
				      json_string("formats, operations and decisions are the same, so "
						  "the engine or the oracle is another"));
}

static void report(const struct replay *replay, const struct finding_replay *it)
{
	json_t *difference;
	size_t n;

	if (replay->json) {
		json_print_line(stdout,
				json_pack("{s:o, s:b, s:s, s:i, s:O}", "directory", json_text(it->directory),
					  "same", (int)it->same, "what", it->what, "inputs",
					  (int)it->nr_inputs, "differences", it->differences));
		return;
	}
	if (it->same)
		printf("%s: same: %s; inputs alike: %u\n", it->directory, it->what, it->nr_inputs);
	else
		printf("%s: differs: %s\n", it->directory, it->what);
	json_array_foreach(it->differences, n, difference) printf(
		"%s: %s: %s\n", it->directory, it->same ? "note" : "differs", json_string_value(difference));
	fflush(stdout);
}

static bool note_this_build(struct finding_replay *it)
{
	json_decref(it->bucket.made_with);
	it->bucket.made_with = json_incref(it->made_here);
	return bucket_write_json(it->directory, &it->bucket);
}

/* False: complained. */
static bool read_finding(struct finding_replay *it)
{
	char path[MAX_PATH_BYTES];

	if (!join_path(path, it->directory, "finding.json"))
		return false;
	if (access(path, F_OK) != 0)
		return complain(it->directory, "no directory of a finding: there is no finding.json");
	return bucket_read_json(it->directory, &it->bucket);
}

/* What cannot be read, though nothing here is another, is a bad file: complained about already. */
static void conclude(struct replay *replay, struct finding_replay *it)
{
	find_differences(it);
	if (!it->read && json_array_size(it->differences) == 0) {
		replay->nr_bad++;
		return;
	}
	report(replay, it);
	replay->nr_other += !it->same;
	if (it->same && replay->update && !note_this_build(it))
		replay->nr_bad++;
}

static void replay_one(struct replay *replay, struct finding_replay *it)
{
	if (!read_finding(it)) {
		replay->nr_bad++;
		return;
	}
	play_all(it);
	if (!interrupted())
		conclude(replay, it);
	json_decref(it->differences);
	json_decref(it->made_here);
	json_decref(it->bucket.made_with);
}

static int verb_main(int argc, char **argv)
{
	struct replay replay = { .update = false };

	verb_parse(&verb_replay, argc, argv, &replay, &replay.files);
	if (!replay.files.nr)
		return no_file_given(&verb_replay);
	for (int i = 0; i < replay.files.nr && !interrupted(); i++) {
		struct finding_replay *it = calloc(1, sizeof(*it));

		if (!it)
			return complain(replay.files.paths[i], "out of memory"), EXIT_USAGE;
		it->directory = replay.files.paths[i];
		replay_one(&replay, it);
		free(it);
	}
	return exit_code_of(replay.nr_bad, replay.nr_other);
}

const struct verb verb_replay = { "replay", "does a finding from elsewhere show the same here?", &argp,
				  verb_main };
