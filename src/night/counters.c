// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the workers' tallies say, summed up for the present run: all that is in
 * them, less what was there when the run began, and what tallies had that are
 * no longer there. Counters of a run never go back.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "night/night.h"

void night_build(char out[NIGHT_BUILD_MAX])
{
	snprintf(out, NIGHT_BUILD_MAX, "rmapfuzz %s, tables %016" PRIx64, RMAPFUZZ_VERSION, tally_tables());
}

/* ---- arithmetic ---- */

static uint64_t *known_place(struct counters *counters, const char *class)
{
	for (uint32_t i = 0; i < counters->nr_known; i++)
		if (strcmp(counters->known[i].class, class) == 0)
			return &counters->known[i].count;
	if (counters->nr_known == MAX_KNOWN)
		return NULL;
	struct tally_known *known = &counters->known[counters->nr_known++];

	*known = (struct tally_known){ .count = 0 };
	snprintf(known->class, sizeof(known->class), "%s", class);
	return &known->count;
}

uint64_t counters_known(const struct counters *counters, const char *class)
{
	for (uint32_t i = 0; i < counters->nr_known; i++)
		if (strcmp(counters->known[i].class, class) == 0)
			return counters->known[i].count;
	return 0;
}

typedef void (*combination)(uint64_t *to, uint64_t from);

static void add(uint64_t *to, uint64_t from)
{
	*to += from;
}

static void subtract(uint64_t *to, uint64_t from)
{
	*to -= from < *to ? from : *to;
}

static void keep_larger(uint64_t *to, uint64_t from)
{
	*to = from > *to ? from : *to;
}

static void combine(struct counters *to, const struct counters *from, combination combine_one)
{
	combine_one(&to->executions, from->executions);
	combine_one(&to->operations, from->operations);
	for (uint32_t i = 0; i < NR_OP_CODES; i++) {
		combine_one(&to->op[i].executed, from->op[i].executed);
		combine_one(&to->op[i].effective, from->op[i].effective);
		combine_one(&to->op[i].failed, from->op[i].failed);
	}
	for (uint32_t i = 0; i < NR_DECISIONS; i++)
		combine_one(&to->asked[i], from->asked[i]);
	for (uint32_t i = 0; i < from->nr_known; i++) {
		uint64_t *place = known_place(to, from->known[i].class);

		if (place)
			combine_one(place, from->known[i].count);
	}
}

/* ---- tallies ---- */

static void add_tally(struct counters *counters, const struct tally_counts *tally)
{
	struct counters one = { .executions = tally->executions, .operations = tally->operations };

	memcpy(one.op, tally->op, sizeof(one.op));
	memcpy(one.asked, tally->asked, sizeof(one.asked));
	memcpy(one.known, tally->known, sizeof(one.known));
	while (one.nr_known < MAX_KNOWN && one.known[one.nr_known].class[0])
		one.nr_known++;
	combine(counters, &one, add);
}

/* All that is in the tallies of all slots, whatever run it is of. */
static void sum_tallies(struct night *night, struct counters *sum, bool set_aside)
{
	char path[NIGHT_PATH], error[TALLY_ERROR_MAX];
	struct tally_counts tally;

	memset(sum, 0, sizeof(*sum));
	for (uint32_t i = 0; i < NIGHT_MAX_JOBS; i++) {
		rundir_path(&night->dir, path, "workers/%u/tally", i + 1);
		if (access(path, F_OK) != 0)
			continue;
		if (tally_read(path, &tally, error)) {
			night->slot_executions[i] = tally.executions;
			add_tally(sum, &tally);
		} else if (set_aside) {
			const char *why = strstr(error, ": ");

			rundir_set_aside(night, path, why ? why + 2 : error);
		} else {
			night_problem(night,
				      "not counted: %s (is the fuzz target of the same build as this command?)",
				      error);
		}
	}
}

void counters_collect(struct night *night)
{
	struct counters now;

	sum_tallies(night, &now, false);
	combine(&now, &night->state.start, subtract);
	combine(&now, &night->state.carried, add);
	/* a tally that cannot be read for a moment takes nothing back */
	combine(&night->counters, &now, keep_larger);
}

void counters_check(struct night *night)
{
	struct counters now, missing = night->counters;

	sum_tallies(night, &now, true);
	combine(&now, &night->state.start, subtract);
	combine(&now, &night->state.carried, add);
	combine(&missing, &now, subtract);
	combine(&night->state.carried, &missing, add);
	combine(&now, &missing, add);
	night->counters = now;
}

void counters_start_run(struct night *night)
{
	sum_tallies(night, &night->state.start, true);
	memset(&night->state.carried, 0, sizeof(night->state.carried));
	memset(&night->counters, 0, sizeof(night->counters));
}

/* ---- JSON ---- */

static json_t *ops_to_json(const struct counters *counters)
{
	json_t *ops = json_array();

	for (unsigned int code = 0; code < NR_OP_CODES; code++) {
		const struct tally_op *op = &counters->op[code];
		const char *name = op_info(code)->name;

		if (name)
			json_array_append_new(ops, json_pack("{s:s, s:I, s:I, s:I}", "name", name, "executed",
							     (json_int_t)op->executed, "effective",
							     (json_int_t)op->effective, "failed",
							     (json_int_t)op->failed));
	}
	return ops;
}

static json_t *known_to_json(const struct counters *counters)
{
	json_t *known = json_array();

	for (uint32_t i = 0; i < counters->nr_known; i++)
		json_array_append_new(known, json_pack("{s:s, s:I}", "class", counters->known[i].class,
						       "count", (json_int_t)counters->known[i].count));
	return known;
}

static json_t *decisions_to_json(const struct counters *counters, const struct release *release)
{
	json_t *decisions = json_array();

	for (unsigned int i = 0; i < NR_DECISIONS; i++) {
		json_t *entry = json_pack("{s:s, s:I}", "name", decision_name(i), "asked",
					  (json_int_t)counters->asked[i]);

		if (release)
			json_object_set_new(entry, "value",
					    json_string(decision_value_name(i, release->decisions.value[i])));
		json_array_append_new(decisions, entry);
	}
	return decisions;
}

static void put(json_t *object, const struct counters *counters, const struct release *release)
{
	json_object_set_new(object, "executions", json_integer((json_int_t)counters->executions));
	json_object_set_new(object, "operations", json_integer((json_int_t)counters->operations));
	json_object_set_new(object, "known", known_to_json(counters));
	json_object_set_new(object, "ops", ops_to_json(counters));
	json_object_set_new(object, "decisions", decisions_to_json(counters, release));
}

void counters_print(const struct night *night, json_t *object)
{
	put(object, &night->counters, &night->options->settings.release);
}

json_t *counters_to_json(const struct counters *counters)
{
	json_t *object = json_object();

	put(object, counters, NULL);
	return object;
}

static uint64_t number_of(const json_t *object, const char *name)
{
	json_int_t number = json_integer_value(json_object_get(object, name));

	return number < 0 ? 0 : (uint64_t)number;
}

static void read_ops(struct counters *counters, const json_t *ops)
{
	for (size_t i = 0; i < json_array_size(ops); i++) {
		const json_t *entry = json_array_get(ops, i);
		const char *name = json_string_value(json_object_get(entry, "name"));

		for (unsigned int code = 0; name && code < NR_OP_CODES; code++) {
			if (!op_info(code)->name || strcmp(op_info(code)->name, name) != 0)
				continue;
			counters->op[code] = (struct tally_op){ .executed = number_of(entry, "executed"),
								.effective = number_of(entry, "effective"),
								.failed = number_of(entry, "failed") };
		}
	}
}

static void read_decisions(struct counters *counters, const json_t *decisions)
{
	for (size_t i = 0; i < json_array_size(decisions); i++) {
		const json_t *entry = json_array_get(decisions, i);
		const char *name = json_string_value(json_object_get(entry, "name"));

		for (unsigned int k = 0; name && k < NR_DECISIONS; k++)
			if (strcmp(decision_name(k), name) == 0)
				counters->asked[k] = number_of(entry, "asked");
	}
}

void counters_from_json(struct counters *counters, const json_t *json)
{
	const json_t *known = json_object_get(json, "known");

	memset(counters, 0, sizeof(*counters));
	counters->executions = number_of(json, "executions");
	counters->operations = number_of(json, "operations");
	read_ops(counters, json_object_get(json, "ops"));
	read_decisions(counters, json_object_get(json, "decisions"));
	for (size_t i = 0; i < json_array_size(known); i++) {
		const json_t *entry = json_array_get(known, i);
		const char *class = json_string_value(json_object_get(entry, "class"));
		uint64_t *place = class ? known_place(counters, class) : NULL;

		if (place)
			*place = number_of(entry, "count");
	}
}
