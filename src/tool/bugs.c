// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz bugs: the catalogue of historical bugs, and all of one of them.
 * Only prints bugs.def.
 */
#include "tool/list.h"

#include <string.h>
#include <strings.h>

static const struct argp argp = {
	NULL,
	list_parse_option,
	"[ID]",
	"Lists the historical bugs; with an ID or a name says everything about one.\v"
	"Each is one decision that can be turned back with --bug in the releases from first to last. \"had by\" are the "
	"releases whose own rules have the bug; there no --bug is needed.\n\n"
	"Examples:\n"
	"  rmapfuzz bugs\n"
	"  rmapfuzz bugs S01\n"
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

static json_t *row_of(const struct bug *bug)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s}", "id", bug->id,
			 "name", bug->name, "fix", bug->fix, "title", bug->title, "decision",
			 decision_name(bug->decision), "wrong", decision_value_name(bug->decision, bug->wrong),
			 "right", decision_value_name(bug->decision, bug->right), "first", bug->first, "last",
			 bug->last, "had_by", releases_with(bug), "invariants", invariants_of(bug), "what",
			 bug->what);
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
	struct list_options list;
	json_t *rows = json_array();

	verb_parse(&verb_bugs, argc, argv, &list, &list.names);
	const struct bug *one = list.names.nr == 1 ? bug_find(list.names.paths[0]) : NULL;

	if (one && !list.json && !list.markdown) {
		json_decref(rows);
		print_bug(one);
		return EXIT_CLEAN;
	}
	for (size_t i = 0; bug_at(i); i++)
		json_array_append_new(rows, row_of(bug_at(i)));
	return list_print(&verb_bugs, rows, columns, match, &list);
}

const struct verb verb_bugs = { "bugs", "list the historical bugs, or explain one", &argp, verb_main };
