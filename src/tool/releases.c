// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz releases: the rows of releases.def, the row that governs a kernel
 * version, and the decisions. Only prints what src/model has as data.
 */
#include "tool/list.h"

#include <string.h>

struct releases {
	struct list_options list;
	bool decisions;
};

static const struct argp_option options[] = {
	{ "decisions", 'd', NULL, 0, "List the decisions and their values instead", 0 },
	{ 0 },
};

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct releases *releases = state->input;

	if (key == ARGP_KEY_INIT) {
		*releases = (struct releases){ .decisions = false };
		state->child_inputs[0] = &releases->list;
		return 0;
	}
	if (key == 'd') {
		releases->decisions = true;
		return 0;
	}
	(void)argument;
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	options,
	parse_option,
	"[VERSION]",
	"Lists the releases whose rules are known, and where each decides otherwise than the one before; with a VERSION "
	"finds the row that governs that kernel, and says what it decides.\v"
	"Any kernel version from 2.6.34-rc3 on will do, as uname -r prints it, too. It is governed by the last row that "
	"is not newer; rows marked \"series\" hold for their own stable series only.\n\n"
	"Examples:\n"
	"  rmapfuzz releases\n"
	"  rmapfuzz releases 6.18.5\n"
	"  rmapfuzz releases $(uname -r)",
	list_children,
	NULL,
	NULL
};

static json_t *bugs_in(const struct release *release)
{
	json_t *bugs = json_array();

	for (size_t i = 0; bug_at(i); i++)
		if (bug_in_release(bug_at(i), release))
			json_array_append_new(bugs, json_string(bug_at(i)->id));
	return bugs;
}

/* "FIRST_MAP=OLDEST" for each decision that differs from the row it is based on; all for the first row. */
static json_t *changes_of(const struct release *release, const struct release *base)
{
	json_t *changes = json_array();

	for (unsigned int i = 0; i < NR_DECISIONS; i++) {
		uint8_t value = release->decisions.value[i];

		if (base && value != base->decisions.value[i])
			json_array_append_new(changes, json_sprintf("%s=%s", decision_name(i),
								    decision_value_name(i, value)));
	}
	return changes;
}

static json_t *release_rows(void)
{
	json_t *rows = json_array();
	struct release release, base;

	for (size_t i = 0; release_at(i, &release); i++) {
		const char *base_name = release_based_on(i);
		bool has_base = base_name && release_find(base_name, &base);

		json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:o, s:o}", "version", release.name,
						      "based_on", has_base ? base.name : "", "scope",
						      release_series_only(i) ? "series" : "mainline",
						      "changes", changes_of(&release, has_base ? &base : NULL),
						      "bugs", bugs_in(&release)));
	}
	return rows;
}

static json_t *decision_rows(void)
{
	json_t *rows = json_array();

	for (unsigned int i = 0; i < NR_DECISIONS; i++)
		for (unsigned int value = 0; decision_value_name(i, value); value++)
			json_array_append_new(
				rows, json_pack("{s:s, s:s, s:s, s:s}", "decision", decision_name(i), "value",
						decision_value_name(i, value), "what", decision_what(i),
						"meaning", decision_value_meaning(i, value)));
	return rows;
}

static json_t *decisions_of(const struct release *release)
{
	json_t *decisions = json_object();

	for (unsigned int i = 0; i < NR_DECISIONS; i++)
		json_object_set_new(decisions, decision_name(i),
				    json_string(decision_value_name(i, release->decisions.value[i])));
	return decisions;
}

static void print_release(const char *version, const struct release *release, json_t *bugs)
{
	const json_t *id;
	size_t n;

	printf("%s is governed by the row %s\n\n", version, release->name);
	for (unsigned int i = 0; i < NR_DECISIONS; i++)
		printf("  %-18s%-24s%s\n", decision_name(i),
		       decision_value_name(i, release->decisions.value[i]),
		       decision_value_meaning(i, release->decisions.value[i]));
	fputs("\n  known defects of its own: ", stdout);
	json_array_foreach(bugs, n, id)
		printf("%s%s %s", n ? ", " : "", json_string_value(id), bug_find(json_string_value(id))->name);
	fputs(json_array_size(bugs) ? "\n" : "none\n", stdout);
	json_decref(bugs);
}

static int one_version(const struct releases *releases, const char *version)
{
	struct settings settings;
	struct release release;
	char error[SETTINGS_ERROR_MAX];

	settings_init(&settings);
	if (!settings_set(&settings, "release", version, error)) {
		fprintf(stderr, "rmapfuzz releases: %s\n", error);
		return EXIT_USAGE;
	}
	release_find(version, &release);
	if (!releases->list.json) {
		print_release(version, &release, bugs_in(&release));
		return EXIT_CLEAN;
	}
	json_print_indented(stdout, json_pack("{s:o, s:s, s:o, s:o}", "version", json_text(version), "row",
					      release.name, "bugs", bugs_in(&release), "decisions",
					      decisions_of(&release)));
	return EXIT_CLEAN;
}

static int verb_main(int argc, char **argv)
{
	static const struct list_column release_columns[] = {
		{ "version", "from", COLUMN_ALWAYS, false },
		{ "scope", "scope", COLUMN_ALWAYS, false },
		{ "based_on", "based on", COLUMN_MARKDOWN, false },
		{ "bugs", "has", COLUMN_MARKDOWN, false },
		{ "changes", "decides otherwise", COLUMN_ALWAYS, true },
		{ NULL, NULL, COLUMN_ALWAYS, false },
	};
	static const struct list_column decision_columns[] = {
		{ "decision", "decision", COLUMN_ALWAYS, true },
		{ "value", "value", COLUMN_ALWAYS, true },
		{ "meaning", "meaning; the commit that made it the rule", COLUMN_ALWAYS, false },
		{ NULL, NULL, COLUMN_ALWAYS, false },
	};
	static const char *const match_release[] = { "version", NULL }, *const match_decision[] = { "decision",
												    NULL };
	struct releases releases;

	verb_parse(&verb_releases, argc, argv, &releases, &releases.list.names);
	if (releases.decisions)
		return list_print(&verb_releases, decision_rows(), decision_columns, match_decision,
				  &releases.list);
	if (releases.list.names.nr == 1 && !releases.list.markdown)
		return one_version(&releases, releases.list.names.paths[0]);
	return list_print(&verb_releases, release_rows(), release_columns, match_release, &releases.list);
}

const struct verb verb_releases = { "releases", "list the releases, or explain what one decides", &argp,
				    verb_main };
