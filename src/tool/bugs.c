// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz bugs: the catalogue of historical bugs, and all of one of them.
 * Only prints bugs.def; which release has which of them is matrix.c.
 */
#include "tool/list.h"
#include "tool/matrix.h"

#include <string.h>
#include <strings.h>

struct bugs {
	struct list_options list;
	bool matrix;
	const char *programs;
};

static const struct argp_option options[] = {
	{ "matrix", 'x', NULL, 0,
	  "Which release has which bug, by history and by what it does with the reproducers", 0 },
	{ "programs", 'p', "DIRECTORY", 0, "Where the reproducers are (default: corpus/regress)", 0 },
	{ 0 },
};

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct bugs *bugs = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		*bugs = (struct bugs){ .programs = "corpus/regress" };
		state->child_inputs[0] = &bugs->list;
		return 0;
	case 'x':
		bugs->matrix = true;
		return 0;
	case 'p':
		bugs->programs = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"[ID]",
	"Lists the historical bugs; with an ID or a name says everything about one.\v"
	"Each is one decision that can be turned back with --bug in the releases from first to last. \"had by\" are the "
	"releases whose own rules have the bug; there no --bug is needed.\n\n"
	"--matrix plays the reproducers of each bug under each release, unmodified, and with all of its other bugs "
	"repaired; programs name their bug in a line \"#! bug\". Where a release fails and by history must not, or the "
	"other way round, the exit code is 77.\n\n"
	"Examples:\n"
	"  rmapfuzz bugs\n"
	"  rmapfuzz bugs S01\n"
	"  rmapfuzz bugs --matrix\n"
	"  rmapfuzz bugs --json | jq -r '.[] | select(.had_by == []) | .name'",
	list_children,
	NULL,
	NULL
};

/* "3.19 to 5.19": runs of rows of releases.def that have the bug by themselves. */
static json_t *releases_with(const struct bug *bug)
{
	json_t *runs = json_array();
	struct release release;
	const char *first = NULL, *last = NULL;
	char run[64];

	for (size_t i = 0; release_at(i, &release); i++) {
		if (bug_in_release(bug, &release)) {
			first = first ? first : release.name;
			last = release.name;
		} else if (first) {
			snprintf(run, sizeof(run), first == last ? "%s" : "%s to %s", first, last);
			json_array_append_new(runs, json_string(run));
			first = NULL;
		}
	}
	if (first) {
		snprintf(run, sizeof(run), "since %s", first);
		json_array_append_new(runs, json_string(run));
	}
	return runs;
}

static json_t *invariants_of(const struct bug *bug)
{
	json_t *invariants = json_array();

	for (const char *text = bug->invariants; *text;) {
		size_t length = strcspn(text, ",");

		json_array_append_new(invariants, json_stringn(text, length));
		text += length + (text[length] == ',');
	}
	return invariants;
}

static json_t *history_of_bug(const struct bug *bug)
{
	json_t *entries = json_array();
	const struct history *entry;

	for (size_t i = 0; (entry = history_of(bug, i)) != NULL; i++)
		json_array_append_new(entries, json_pack("{s:s, s:s, s:s, s:s, s:s}", "kind",
							 history_kind_name(entry->kind), "introduced",
							 entry->introduced, "fixed", entry->fixed, "stable",
							 entry->stable, "note", entry->note));
	return entries;
}

static json_t *row_of(const struct bug *bug)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "id", bug->id,
			 "name", bug->name, "fix", bug->fix, "title", bug->title, "decision",
			 decision_name(bug->decision), "wrong", decision_value_name(bug->decision, bug->wrong),
			 "right", decision_value_name(bug->decision, bug->right), "first", bug->first, "last",
			 bug->last, "had_by", releases_with(bug), "history", history_of_bug(bug),
			 "invariants", invariants_of(bug), "what", bug->what);
}

static void print_list(const char *title, json_t *list)
{
	const json_t *part;
	size_t i;

	printf("  %-12s", title);
	json_array_foreach(list, i, part) printf("%s%s", i ? ", " : "", json_string_value(part));
	fputs(json_array_size(list) ? "\n" : "none\n", stdout);
	json_decref(list);
}

static void print_history(const struct bug *bug)
{
	const struct history *entry;

	for (size_t i = 0; (entry = history_of(bug, i)) != NULL; i++) {
		char text[HISTORY_TEXT_MAX];

		matrix_history_text(entry, text);
		printf("  %-12s%s\n", i ? "" : "history", text);
	}
}

static void print_bug(const struct bug *bug)
{
	printf("%s %s\n  %s\n\n", bug->id, bug->name, bug->what);
	if (bug->fix[0])
		printf("  %-12s%s \"%s\"\n", "fix", bug->fix, bug->title);
	else
		printf("  %-12s\"%s\" (commit not established)\n", "fix", bug->title);
	printf("  %-12s%s: %s\n", "decision", decision_name(bug->decision), decision_what(bug->decision));
	printf("  %-12s%s: %s\n", "wrong", decision_value_name(bug->decision, bug->wrong),
	       decision_value_meaning(bug->decision, bug->wrong));
	printf("  %-12s%s: %s\n", "right", decision_value_name(bug->decision, bug->right),
	       decision_value_meaning(bug->decision, bug->right));
	print_list("had by", releases_with(bug));
	print_history(bug);
	printf("  %-12s%s to %s\n", "makes sense", bug->first, bug->last[0] ? bug->last : "the newest");
	for (const char *text = bug->invariants; *text;) {
		unsigned int number = 0;
		int length = 0;

		sscanf(text, "I%u%n", &number, &length);
		printf("  %-12sI%u: %s\n", text == bug->invariants ? "caught by" : "", number,
		       invariant_info(number)->sentence);
		text += strcspn(text, ",");
		text += *text == ',';
	}
	printf("\n  find it:    ./build.sh fuzz --bug %s --empty%s%s\n", bug->name,
	       bug->last[0] ? " --release " : "", bug->last);
}

static int verb_main(int argc, char **argv)
{
	static const struct list_column columns[] = {
		{ "id", "", COLUMN_ALWAYS, false },
		{ "name", "name", COLUMN_ALWAYS, true },
		{ "fix", "fix", COLUMN_ALWAYS, true },
		{ "had_by", "had by", COLUMN_ALWAYS, false },
		{ "invariants", "caught by", COLUMN_ALWAYS, false },
		{ "title", "title of the fix", COLUMN_MARKDOWN, false },
		{ "what", "what goes wrong", COLUMN_MARKDOWN, false },
		{ NULL, NULL, COLUMN_ALWAYS, false },
	};
	static const char *const match[] = { "id", "name", NULL };
	struct bugs bugs;
	const struct list_options *list = &bugs.list;

	verb_parse(&verb_bugs, argc, argv, &bugs, &bugs.list.names);
	if (bugs.matrix && list->names.nr) {
		fputs("rmapfuzz bugs: --matrix is about all bugs\n", stderr);
		return EXIT_USAGE;
	}
	if (bugs.matrix)
		return matrix_print(bugs.programs, list);
	const struct bug *one = list->names.nr == 1 ? bug_find(list->names.paths[0]) : NULL;

	if (one && !list->json && !list->markdown) {
		print_bug(one);
		return EXIT_CLEAN;
	}
	json_t *rows = json_array();

	for (size_t i = 0; bug_at(i); i++)
		json_array_append_new(rows, row_of(bug_at(i)));
	return list_print(&verb_bugs, rows, columns, match, list);
}

const struct verb verb_bugs = { "bugs", "list the historical bugs, or explain one", &argp, verb_main };
