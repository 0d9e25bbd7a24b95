// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run before this one in the same directory: the report.json that was kept
 * in runs/K. Says what it was and which failures and decisions differ; numbers
 * stand side by side, nothing is judged.
 */
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"

/* The largest K below the present run; 0: none. */
static json_int_t previous_number(const struct run_files *run, const json_t *facts)
{
	const json_t *about = json_object_get(facts, "run");
	json_int_t present = member_is_number(about, "run") ? member_number(about, "run") : 1 << 30, best = 0;
	json_t *names = run_list(run, "runs"), *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		char *end;
		json_int_t number = strtol(json_string_value(name), &end, 10);

		if (!*end && number > best && number < present)
			best = number;
	}
	json_decref(names);
	return best;
}

static bool has(const json_t *rows, const char *key, const char *text)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) if (strcmp(member_text(row, key), text) == 0) return true;
	return false;
}

/* Names of decisions that were asked for in one of the two and not in the other. */
static json_t *decisions_only_in(const json_t *one, const json_t *other)
{
	const json_t *rows = json_object_get(json_object_get(one, "reach"), "decisions");
	const json_t *others = json_object_get(json_object_get(other, "reach"), "decisions");
	json_t *names = json_array();
	const json_t *row, *there;
	size_t i, j;

	json_array_foreach(rows, i, row)
	{
		if (!member_number(row, "asked"))
			continue;
		json_array_foreach(others, j, there) if (strcmp(member_text(there, "name"),
								member_text(row, "name")) == 0 &&
							 !member_number(there, "asked"))
			json_array_append(names, json_object_get(row, "name"));
	}
	return names;
}

/* Classes that were seen then, new or known, and not now. */
static json_t *classes_gone(const json_t *before, const json_t *facts)
{
	static const char *const lists[] = { "findings", "known" };
	json_t *gone = json_array();
	const json_t *row;
	size_t i;

	for (unsigned int list = 0; list < 2; list++)
		json_array_foreach(json_object_get(before, lists[list]), i, row)
		{
			const char *class = member_text(row, "class");

			if (class[0] && member_number(row, "count") &&
			    !has(json_object_get(facts, "findings"), "class", class) &&
			    !has(json_object_get(facts, "known"), "class", class))
				json_array_append_new(gone, json_string(class));
		}
	return gone;
}

static bool same(const json_t *before, const json_t *facts, const char *key)
{
	return json_equal(json_object_get(json_object_get(before, "run"), key),
			  json_object_get(json_object_get(facts, "run"), key)) != 0;
}

void facts_previous(json_t *facts, struct run_files *run)
{
	json_int_t number = previous_number(run, facts);
	char name[64];

	snprintf(name, sizeof(name), "runs/%" JSON_INTEGER_FORMAT "/report.json", number);
	json_t *before = number ? run_json(run, name, true) : NULL, *previous = json_null();

	if (before) {
		previous = json_pack("{s:I, s:b, s:b}", "number", number, "same_options",
				     same(before, facts, "options") && same(before, facts, "jobs") &&
					     same(before, facts, "engine"),
				     "same_build", same(before, facts, "build"));
		json_object_set_new(previous, "verdict",
				    member_copy(json_object_get(before, "verdict"), "text", JSON_STRING));
		json_object_set_new(previous, "new",
				    member_copy(json_object_get(before, "verdict"), "new", JSON_INTEGER));
		json_object_set_new(previous, "seconds",
				    member_copy(json_object_get(before, "run"), "seconds", JSON_INTEGER));
		json_object_set_new(previous, "totals", member_copy(before, "totals", JSON_OBJECT));
		json_object_set_new(previous, "gone", classes_gone(before, facts));
		json_object_set_new(previous, "decisions_lost", decisions_only_in(before, facts));
		json_object_set_new(previous, "decisions_gained", decisions_only_in(facts, before));
	}
	json_object_set_new(facts, "previous", previous);
	json_decref(before);
}
