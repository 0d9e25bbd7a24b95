// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the score (rmapfuzz score) says of the fuzzer and the oracle that made a night's run: how surely and how
 * soon they find the bugs that there were. Copied from its score.json, nothing is counted anew.
 */
#include <string.h>

#include "report/internal.h"

/* One bug, as the driver found it that is held to the bars. */
static json_t *bug_of(const json_t *row)
{
	const json_t *bar = json_object_get(row, "bar"), *executions = json_object_get(row, "executions");
	const json_t *seconds = json_object_get(row, "cpu_seconds");
	json_t *bug = json_object();

	json_object_set_new(bug, "subject", member_copy(row, "subject", JSON_STRING));
	json_object_set_new(bug, "runs", member_copy(row, "runs", JSON_INTEGER));
	json_object_set_new(bug, "detected", member_copy(row, "detected", JSON_INTEGER));
	json_object_set_new(bug, "median_executions", member_copy(executions, "median", JSON_INTEGER));
	json_object_set_new(bug, "median_cpu_seconds", member_copy(seconds, "median", JSON_REAL));
	json_object_set_new(bug, "invariants", member_copy(row, "invariants", JSON_OBJECT));
	json_object_set_new(bug, "verdict", member_copy(bar, "verdict", JSON_STRING));
	json_object_set_new(bug, "why", member_copy(bar, "why", JSON_STRING));
	return bug;
}

void facts_score(json_t *facts, struct run_files *run, const char *directory, bool needed)
{
	struct run_files files = { .path = directory, .warnings = run->warnings };
	json_t *sums = run_json(&files, "score.json", needed), *score = json_null(), *bugs;
	const json_t *row;
	size_t i;

	if (sums) {
		bugs = json_array();
		json_array_foreach(json_object_get(sums, "rows"), i,
				   row) if (json_is_object(json_object_get(row, "bar")))
			json_array_append_new(bugs, bug_of(row));
		score = json_object();
		json_object_set_new(score, "seeds", member_copy(sums, "seeds", JSON_INTEGER));
		json_object_set_new(score, "canary",
				    json_boolean(json_is_true(
					    json_object_get(json_object_get(sums, "canary"), "detected"))));
		json_object_set_new(score, "bugs", bugs);
		json_decref(sums);
	}
	json_object_set_new(facts, "score", score);
}

const json_t *score_of_bug(const json_t *score, const char *text)
{
	const json_t *bug;
	size_t i;

	json_array_foreach(json_object_get(score, "bugs"), i, bug)
	{
		const char *subject = member_text(bug, "subject");
		size_t length = strlen(subject);

		/* "S01", or "S01 swapin-newest-anon-vma" */
		if (length && strncmp(text, subject, length) == 0 && (!text[length] || text[length] == ' '))
			return bug;
	}
	return NULL;
}
