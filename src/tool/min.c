// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz min: the simplest program that fails as a given one does. Writes
 * nothing that it has not seen fail in that way once more.
 */
#define _GNU_SOURCE /* open_memstream */
#include <stdlib.h>
#include <string.h>

#include "tool/convert.h"
#include "tool/finding.h"
#include "tool/json.h"

struct min {
	struct target_options target;
	struct convert_options convert;
	struct finding_options how;
	bool bytes, json;
	struct file_arguments files;
};

enum { KEY_HOPS = 256, KEY_FORK, MAX_HOPS = 100000 };

static const struct argp_option options[] = {
	{ "match", 'm', "exact|class|any", 0, "What must stay of the failure (default: class)", 0 },
	{ "bytes", 'B', NULL, 0, "The result as bytes, whatever its name", 0 },
	{ "hops", KEY_HOPS, "N", 0, "Hops out of a local minimum, 0..100000 (default: 1000)", 0 },
	{ "fork", KEY_FORK, NULL, 0, "Play in a child process in any case", 0 },
	{ "json", 'j', NULL, 0, "For scripts: instead of the program an object about it; of one file", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct min *min = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		finding_options_init(&min->how);
		state->child_inputs[0] = &min->target;
		state->child_inputs[1] = &min->convert;
		return 0;
	case 'm':
		finding_parse_match(&min->how, argument, state);
		return 0;
	case 'B':
		min->bytes = true;
		return 0;
	case KEY_HOPS:
		min->how.hops = parse_number(state, "hops", argument, 0, MAX_HOPS);
		return 0;
	case KEY_FORK:
		min->how.forked = true;
		return 0;
	case 'j':
		min->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &target_argp, 0, "What the program runs on:", 1 },
	{ &convert_argp, 0, "Where the result goes:", 2 },
	{ 0 },
};

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Minimizes failing programs: fewer operations, then simpler ones, as long as the failure stays the same.\v"
	"A failure is the same if invariant and kind of object are (--match=class); --match=exact wants the kind of "
	"operation, too. With a bug turned back, a program that fails alike without it does not count. The result "
	"is 1-minimal: without any one of its operations it does not fail so. It is played once more before it is "
	"written, and Ctrl-C writes the best one so far. Where AddressSanitizer, not the oracle, finds the failure, "
	"programs are played in a child process.\n\n"
	"Another failure that is met on the way is neither followed nor lost: it becomes other-SIGNATURE.prog beside "
	"the result, or beside the source if the result goes to standard output.\n\n"
	"Examples:\n"
	"  rmapfuzz min --bug S01 crash-1234\n"
	"  rmapfuzz min --bug S01 --check I1 -o dangling.prog crash-1234\n"
	"  rmapfuzz min -o small/ build/crashes\n\n"
	"Exit codes: 0 done, 1 bad input or a program that does not fail, 72 interrupted.",
	children,
	NULL,
	NULL
};

/* Other findings belong beside the result. */
static void others_directory(const struct min *min, const char *path, char out[MAX_PATH_BYTES])
{
	const char *beside = min->convert.output ? min->convert.output : path;
	const char *slash = strrchr(beside, '/');

	if (min->convert.output && is_directory(beside))
		snprintf(out, MAX_PATH_BYTES, "%s", beside);
	else if (slash)
		snprintf(out, MAX_PATH_BYTES, "%.*s", (int)(slash - beside), beside);
	else
		snprintf(out, MAX_PATH_BYTES, ".");
}

static void comment_on(const struct finding *finding, char *out, size_t room)
{
	snprintf(out, room, "%s: minimized from %u operations\n%s", finding->signature, finding->nr_ops,
		 finding->violation.text);
}

static void print_json(FILE *out, const struct finding *finding, const struct settings *settings,
		       const char *path)
{
	char text[PROGRAM_TEXT_MAX], original[VERDICT_SIGNATURE_MAX], options_text[256];
	json_t *others = json_array();

	verdict_signature(&finding->result.original, original);
	settings_print(settings, options_text, sizeof(options_text));
	program_print(&finding->program, text, sizeof(text));
	for (uint32_t i = 0; i < finding->nr_others; i++) {
		char signature[VERDICT_SIGNATURE_MAX];

		verdict_signature(&finding->others[i].verdict, signature);
		json_array_append_new(others, json_string(signature));
	}
	json_t *object =
		json_pack("{s:o, s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:s, s:s, s:o}", "file", json_text(path),
			  "options", options_text + (options_text[0] == ' '), "signature", finding->signature,
			  "original_signature", original, "original_operations", (int)finding->nr_ops,
			  "operations", (int)finding->program.nr_ops, "candidates",
			  (int)finding->result.nr_candidates, "complete", finding->result.fixed_point,
			  "violation", finding->violation.text, "program", text, "others", others);

	json_print_line(out, object);
}

static bool make_text(const struct min *min, const struct finding *finding, const struct settings *settings,
		      const char *path, struct converted *out)
{
	char comment[VIOLATION_TEXT_MAX + 128];
	FILE *stream = open_memstream(&out->content, &out->length);

	if (!stream)
		return complain(path, "out of memory");
	comment_on(finding, comment, sizeof(comment));
	if (min->json)
		print_json(stream, finding, settings, path);
	else
		print_program(stream, comment, settings, &finding->program);
	out->text = true;
	return fclose(stream) == 0 || complain(path, "out of memory");
}

static bool usable(enum finding_status status, const char *path)
{
	if (status == FINDING_CLEAN)
		return complain(path, "does not fail");
	if (status == FINDING_SHAKY)
		return complain(path, "does not fail in the same way each time");
	return status == FINDING_MINIMIZED;
}

static bool minimize_file(void *data, const char *path, const struct input *input, struct converted *out)
{
	const struct min *min = data;
	struct finding finding = { .program = input->program };
	char directory[MAX_PATH_BYTES];
	struct settings settings;

	if (!settings_for(&min->target, input, path, &settings))
		return false;
	bool done = usable(finding_minimize(&finding, &settings, &min->how, path), path);

	if (done) {
		fprintf(stderr, "%s: %s, %u -> %u operations%s\n", path, finding.signature, finding.nr_ops,
			finding.program.nr_ops, finding.result.fixed_point ? "" : ", not searched to the end");
		others_directory(min, path, directory);
		done = others_write(&finding, &settings, directory, directory, path);
	}
	if (done && !min->json && (min->bytes || (min->convert.in_place && !input->text)))
		done = convert_to_bytes(out, &finding.program);
	else if (done)
		done = make_text(min, &finding, &settings, path, out);
	finding_free(&finding);
	return done;
}

static int verb_main(int argc, char **argv)
{
	struct min min = { .json = false };

	verb_parse(&verb_min, argc, argv, &min, &min.files);
	if (min.json &&
	    (min.convert.in_place || min.files.nr > 1 || (min.files.nr && is_directory(min.files.paths[0])))) {
		fputs("rmapfuzz min: --json is about one file, and not for --in-place\n", stderr);
		return EXIT_USAGE;
	}
	return convert_files(&verb_min, &min.convert, &min.files, minimize_file, &min);
}

const struct verb verb_min = { "min", "minimize failing programs", &argp, verb_main };
