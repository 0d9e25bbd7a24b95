// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which failures a run has: those that the runner counts, and directories that
 * it does not know of, as a kill at the wrong moment may leave. None is lost
 * from the report because one of the two is missing.
 */
#include <string.h>

#include "report/internal.h"

enum { MAX_UNFILED_NAMES = 20 };

static const json_t *entry_of(const json_t *entries, const char *key, const char *text)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry) if (strcmp(member_text(entry, key), text) == 0) return entry;
	return NULL;
}

static void add_known(json_t *known, const char *class, json_int_t count, json_t *finding)
{
	json_t *row = json_object();

	json_object_set_new(row, "class", json_text(class));
	json_object_set_new(row, "count", json_integer(count));
	json_object_set_new(row, "name", member_copy(finding, "name", JSON_STRING));
	json_object_set_new(row, "violation", member_copy(finding, "violation", JSON_STRING));
	json_array_append_new(known, row);
	json_decref(finding);
}

static void add_entry(json_t *findings, json_t *known, struct run_files *run, const json_t *entry)
{
	json_t *finding = facts_finding(run, member_text(entry, "name"), entry);

	if (json_is_true(json_object_get(entry, "new")))
		json_array_append_new(findings, finding);
	else
		add_known(known, member_text(finding, "class"), member_number(finding, "count"), finding);
}

/* Files that no triage has looked at yet: they may be anything, so the verdict must not pass over them. */
static json_t *unfiled(const struct run_files *run)
{
	json_t *all = run_list(run, "inbox"), *names = json_array(), *name;
	size_t i;

	json_array_foreach(all, i, name) if (i < MAX_UNFILED_NAMES) json_array_append(names, name);
	json_t *result = json_pack("{s:I, s:o}", "files", (json_int_t)json_array_size(all), "names", names);

	json_decref(all);
	return result;
}

void facts_findings(json_t *facts, struct run_files *run, const json_t *state)
{
	json_t *findings = json_array(), *known = json_array(), *names = run_list(run, "findings");
	const json_t *entries = json_object_get(state, "findings"), *entry;
	const json_t *classes = json_object_get(state, "known");
	json_t *name;
	size_t i;

	json_array_foreach(entries, i, entry) add_entry(findings, known, run, entry);
	json_array_foreach(names, i, name)
	{
		char path[MAX_PATH_BYTES];

		snprintf(path, sizeof(path), "findings/%s", json_string_value(name));
		if (entry_of(entries, "name", json_string_value(name)))
			continue;
		if (state)
			run_warn(run, path, "state.json does not know of it");
		json_array_append_new(findings, facts_finding(run, json_string_value(name), NULL));
	}
	json_array_foreach(classes, i, entry) if (!entry_of(entries, "class", member_text(entry, "class")))
		add_known(known, member_text(entry, "class"), member_number(entry, "count"), json_object());
	json_object_set_new(facts, "findings", findings);
	json_object_set_new(facts, "known", known);
	json_object_set_new(facts, "unfiled", unfiled(run));
	json_decref(names);
}
