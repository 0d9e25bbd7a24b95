// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz invariants: what the oracle asks of a state. Only prints
 * invariants.def.
 */
#include "tool/list.h"

#include <string.h>

static const struct argp argp = {
	NULL,
	list_parse_option,
	"[INVARIANT...]",
	"Lists the invariants that hold after every operation.\v"
	"The numbers are those of reports and of --check. docs/invariants.md says which of several is reported, and when "
	"each is checked.\n\n"
	"Example: rmapfuzz invariants I1 I7",
	list_children,
	NULL,
	NULL
};

static json_t *words_of(const char *text)
{
	json_t *words = json_array();

	while (*text) {
		size_t length = strcspn(text, " ");

		json_array_append_new(words, json_stringn(text, length));
		text += length + (text[length] == ' ');
	}
	return words;
}

static int verb_main(int argc, char **argv)
{
	static const struct list_column columns[] = {
		{ "id", "", COLUMN_ALWAYS, false },
		{ "name", "", COLUMN_TEXT, false },
		{ "sentence", "what holds after every operation", COLUMN_ALWAYS, false },
		{ "era", "era", COLUMN_MARKDOWN, false },
		{ "rules", "`view_rules`", COLUMN_MARKDOWN, true },
		{ NULL, NULL, COLUMN_ALWAYS, false },
	};
	static const char *const match[] = { "id", "name", NULL };
	struct list_options list;
	json_t *rows = json_array();
	char id[8];

	verb_parse(&verb_invariants, argc, argv, &list, &list.names);
	for (unsigned int n = 1; n < NR_INVARIANT_NUMBERS; n++) {
		const struct invariant_info *info = invariant_info(n);

		if (!info->symbol)
			continue;
		snprintf(id, sizeof(id), "I%u", n);
		json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", id, "name",
						      info->symbol, "sentence", info->sentence, "era",
						      info->era, "rules", words_of(info->flags)));
	}
	return list_print(&verb_invariants, rows, columns, match, &list);
}

const struct verb verb_invariants = { "invariants", "list what the oracle checks", &argp, verb_main };
