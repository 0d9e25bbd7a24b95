// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz distill: a small set of programs that reaches in the model all that
 * many programs reach. The choice depends on names and contents alone, never
 * on where the files lie or in which order they come. Inputs are only read.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/distill.h"

enum { KEY_TEXT = 256, KEY_BYTES, KEY_LIST, KEY_CHECK, KEY_MAX, KEY_BEYOND, KEY_SHORTEN, KEY_FEATURES };

static const struct argp_option options[] = {
	{ "output", 'o', "DIRECTORY", 0, "Where copies of the kept programs go: new, or empty", 0 },
	{ "text", KEY_TEXT, NULL, 0, "Write bytes as text", 0 },
	{ "bytes", KEY_BYTES, NULL, 0, "Write text as bytes, and bytes in their canonical form", 0 },
	{ "beyond", KEY_BEYOND, "FILE|DIRECTORY", 0,
	  "Keep only what reaches something that the programs there do not; may be given more than once", 0 },
	{ "max", KEY_MAX, "N", 0, "Keep at most N programs, those that reach most", 0 },
	{ "shorten", KEY_SHORTEN, NULL, 0,
	  "Drop operations that a kept program does not need for what it alone reaches", 0 },
	{ "list", KEY_LIST, NULL, 0, "Say of each kept program which features no other one has", 0 },
	{ "json", 'j', NULL, 0,
	  "For scripts: what is kept, with all that --list says, and the sum, as one object", 0 },
	{ "check", KEY_CHECK, NULL, 0, "Only say which programs could go; exit code 1 if any", 0 },
	{ "features", KEY_FEATURES, NULL, 0, "Only print the kinds of features, as a table for the docs", 0 },
	{ "release", 'r', "VERSION", 0,
	  "Kernel version under which features are counted (default: newest); several count each, all is every row",
	  1 },
	{ "bug", 'b', "ID", 0, "Turn one historical decision back in these; may be given more than once", 1 },
	{ 0 },
};

static bool take(const char **list, unsigned int *nr, unsigned int room, const char *value)
{
	if (*nr == room)
		return false;
	list[(*nr)++] = value;
	return true;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct distill *distill = state->input;

	switch (key) {
	case 'o':
		distill->directory = argument;
		return 0;
	case KEY_TEXT:
	case KEY_BYTES:
		distill->form = key == KEY_TEXT ? FORM_TEXT : FORM_BYTES;
		return 0;
	case KEY_MAX:
		distill->max = parse_number(state, "max", argument, 1, UINT32_MAX);
		return 0;
	case KEY_BEYOND:
		if (distill->nr_beyond == MAX_BEYOND)
			usage_error(state, "at most %d times --beyond", MAX_BEYOND);
		distill->beyond[distill->nr_beyond++] = argument;
		return 0;
	case KEY_SHORTEN:
		distill->shorten = true;
		return 0;
	case KEY_FEATURES:
		distill->features = true;
		return 0;
	case KEY_LIST:
		distill->list = true;
		return 0;
	case 'j':
		distill->json = true;
		return 0;
	case KEY_CHECK:
		distill->check = true;
		return 0;
	case 'r':
		if (!take(distill->releases, &distill->nr_releases, MAX_ERAS, argument))
			usage_error(state, "at most %d times --release", MAX_ERAS);
		return 0;
	case 'b':
		if (!take(distill->bugs, &distill->nr_bugs, MAX_BUGS, argument))
			usage_error(state, "at most %d times --bug", MAX_BUGS);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Picks a small set of programs that reaches every feature that all of them reach: decisions of the release "
	"that an operation asks for, pairs of operations, outcomes, failing allocations, and states in buckets.\v"
	"Without -o prints the paths of the programs that it would keep. A program that names a release or a bug itself "
	"is played under that as well, and what it reaches there counts. Files keep their names; inputs are never "
	"changed. Of a directory, what cannot be read is said, and then nothing is written.\n\n"
	"Exit codes: 0 done (--check: nothing could go), 1 bad input (--check: something could go), 72 interrupted.",
	NULL,
	NULL,
	NULL
};

static int by_name(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = strcmp(a->base, b->base);

	if (!order)
		order = (a->hash > b->hash) - (a->hash < b->hash);
	return order ? order : strcmp(a->path, b->path);
}

static bool choose(struct distill *distill)
{
	uint32_t nr_numbers = distill_nr_rows() * NR_FEATURES;

	if (distill->nr)
		qsort(distill->candidates, distill->nr, sizeof(*distill->candidates), by_name);
	distill->items = calloc(distill->nr + UINT32_C(1), sizeof(*distill->items));
	for (uint32_t i = 0; distill->items && i < distill->nr; i++) {
		const struct candidate *candidate = &distill->candidates[i];

		distill->items[i] = (struct cover_item){ .features = candidate->features,
							 .nr_features = candidate->nr_features,
							 .cost = candidate->nr_ops,
							 .given = candidate->given };
	}
	bool chosen = distill->items &&
		      (distill->check ? cover_all(&distill->cover, distill->items, distill->nr, nr_numbers) :
					cover_choose(&distill->cover, distill->items, distill->nr, nr_numbers,
						     distill->max));

	if (!chosen)
		fputs("rmapfuzz: out of memory\n", stderr);
	return chosen;
}

static void forget(struct candidate *candidate)
{
	free(candidate->path);
	free(candidate->content);
	free(candidate->features);
}

/* Shorter programs reach less, or something new: who is still needed is asked again, among the kept alone. */
static bool shorten(struct distill *distill)
{
	uint32_t nr = 0;

	if (!distill_shorten(distill))
		return false;
	for (uint32_t i = 0; i < distill->nr; i++) {
		if (distill->items[i].kept || distill->candidates[i].given)
			distill->candidates[nr++] = distill->candidates[i];
		else
			forget(&distill->candidates[i]);
	}
	distill->nr = nr;
	cover_destroy(&distill->cover);
	free(distill->items);
	distill->items = NULL;
	return choose(distill);
}

static void sum_up(struct distill *distill)
{
	distill->all.nr_features = distill->cover.nr_features;
	for (uint32_t i = 0; i < distill->nr; i++) {
		if (distill->candidates[i].given)
			continue;
		distill->all.nr_programs++;
		distill->all.nr_ops += distill->candidates[i].nr_ops;
		distill->all.nr_violations += distill->candidates[i].nr_violations;
	}
}

static int finish(struct distill *distill)
{
	if (interrupted())
		return EXIT_INTERRUPTED;
	if (distill->nr_bad) /* they were complained about */
		return EXIT_USAGE;
	if (!choose(distill))
		return EXIT_USAGE;
	sum_up(distill);
	if (distill->shorten && !distill->check && !shorten(distill))
		return interrupted() ? EXIT_INTERRUPTED : EXIT_USAGE;
	if (distill->directory && !distill->check && !distill_write(distill))
		return interrupted() ? EXIT_INTERRUPTED : EXIT_USAGE;
	distill_report(distill);
	for (uint32_t i = 0; distill->check && i < distill->nr; i++)
		if (!distill->items[i].given && !distill->items[i].nr_own)
			return EXIT_USAGE;
	return EXIT_CLEAN;
}

static void put_away(struct distill *distill)
{
	for (unsigned int i = 0; i < distill->nr_eras; i++)
		player_destroy(distill->eras[i].player);
	players_put_away(&distill->own);
	for (uint32_t i = 0; i < distill->nr; i++)
		forget(&distill->candidates[i]);
	free(distill->candidates);
	free(distill->items);
	cover_destroy(&distill->cover);
}

static int verb_main(int argc, char **argv)
{
	struct distill distill = { .max = 0 };
	int code = EXIT_USAGE;

	verb_parse(&verb_distill, argc, argv, &distill, &distill.files);
	if (distill.features) {
		distill_print_features();
		return EXIT_CLEAN;
	}
	if (!distill.files.nr)
		return no_file_given(&verb_distill);
	if (distill.directory && !distill.check && !distill_may_write(&distill))
		return EXIT_USAGE;
	if (distill_make_eras(&distill)) {
		distill_read_all(&distill);
		code = finish(&distill);
	}
	put_away(&distill);
	return code;
}

const struct verb verb_distill = { "distill", "pick a small set of programs that reaches what all reach",
				   &argp, verb_main };
