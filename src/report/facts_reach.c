// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fuzzer does not reach: operations that seldom do anything, and
 * decisions of the release that hardly a program asked for. Which operations
 * and decisions there are is the runner's word; only texts come from tables.
 */
#include <string.h>

#include "model/release.h"
#include "report/internal.h"

/* Rarely is: fewer than one in so many. */
enum { RARELY_EFFECTIVE = 20, RARELY_ASKED = 10000 };

static const char *how_often(json_int_t part, json_int_t whole, json_int_t rarely)
{
	if (!part)
		return "never";
	return whole / rarely > part ? "rarely" : "often";
}

static json_t *reach_of_operation(const json_t *operation)
{
	json_int_t executed = member_number(operation, "executed");
	json_t *row = json_object();

	json_object_set_new(row, "name", json_text(member_text(operation, "name")));
	json_object_set_new(row, "executed", json_integer(executed));
	json_object_set_new(row, "effective", member_copy(operation, "effective", JSON_INTEGER));
	json_object_set_new(row, "failed", member_copy(operation, "failed", JSON_INTEGER));
	json_object_set_new(
		row, "reached",
		json_string(how_often(member_number(operation, "effective"), executed, RARELY_EFFECTIVE)));
	return row;
}

static int decision_of(const char *name)
{
	for (int i = 0; i < NR_DECISIONS; i++)
		if (strcmp(decision_name((enum decision)i), name) == 0)
			return i;
	return -1;
}

/* What it decides, and what the release's value means, from decisions.def. */
static void add_meaning(json_t *row, const char *name, const char *value)
{
	int decision = decision_of(name);
	const char *known;

	if (decision < 0)
		return;
	json_object_set_new(row, "what", json_string(decision_what((enum decision)decision)));
	for (unsigned int i = 0; (known = decision_value_name((enum decision)decision, i)) != NULL; i++)
		if (strcmp(known, value) == 0)
			json_object_set_new(row, "meaning",
					    json_string(decision_value_meaning((enum decision)decision, i)));
}

static json_t *reach_of_decision(const json_t *decision, json_int_t executions)
{
	json_int_t asked = member_number(decision, "asked");
	json_t *row = json_object();

	json_object_set_new(row, "name", json_text(member_text(decision, "name")));
	json_object_set_new(row, "value", json_text(member_text(decision, "value")));
	json_object_set_new(row, "asked", json_integer(asked));
	json_object_set_new(row, "reached", json_string(how_often(asked, executions, RARELY_ASKED)));
	add_meaning(row, member_text(decision, "name"), member_text(decision, "value"));
	return row;
}

void facts_reach(json_t *facts, const json_t *state)
{
	json_t *operations = json_array(), *decisions = json_array();
	json_int_t executions = member_number(state, "executions");
	const json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(state, "ops"), i, entry)
		json_array_append_new(operations, reach_of_operation(entry));
	json_array_foreach(json_object_get(state, "decisions"), i, entry)
		json_array_append_new(decisions, reach_of_decision(entry, executions));
	json_object_set_new(facts, "reach",
			    json_pack("{s:i, s:i, s:o, s:o}", "rarely_effective", RARELY_EFFECTIVE,
				      "rarely_asked", RARELY_ASKED, "operations", operations, "decisions",
				      decisions));
}
