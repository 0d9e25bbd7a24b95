// SPDX-License-Identifier: GPL-2.0-only
/*
 * report.json from the files of a run: what the run is, and its totals. The
 * parts are made by the other facts_*.c. A number that is not known is null,
 * never 0: readers must be able to tell.
 */
#define _GNU_SOURCE /* open_memstream */
#include <stdlib.h>
#include <string.h>

#include "driver/story.h"
#include "report/internal.h"

enum { REPORT_FORMAT = 1 };

bool is_count(const json_t *value)
{
	double number = json_number_value(value);

	return json_is_number(value) && number > -9e15 && number < 9e15;
}

json_int_t count_of(const json_t *value)
{
	return is_count(value) ? (json_int_t)json_number_value(value) : 0;
}

json_t *member_copy(const json_t *object, const char *key, json_type type)
{
	const json_t *value = json_object_get(object, key);

	if (type == JSON_INTEGER)
		return is_count(value) ? json_integer(count_of(value)) : json_null();
	return value && json_typeof(value) == type ? json_deep_copy(value) : json_null();
}

bool member_is_number(const json_t *object, const char *key)
{
	return is_count(json_object_get(object, key));
}

json_int_t member_number(const json_t *object, const char *key)
{
	return count_of(json_object_get(object, key));
}

const char *member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Numbers of the state that have to be there. */
static void copy_numbers(json_t *to, const json_t *state, const char *const *keys, struct run_files *run)
{
	char what[128];

	for (; *keys; keys++) {
		json_object_set_new(to, *keys, member_copy(state, *keys, JSON_INTEGER));
		if (!state || member_is_number(to, *keys))
			continue;
		snprintf(what, sizeof(what), "no number \"%s\"", *keys);
		run_warn(run, "state.json", what);
	}
}

bool settings_of_options(struct settings *settings, const char *options)
{
	char error[SETTINGS_ERROR_MAX], copy[512], *rest = NULL;
	bool good = strlen(options) < sizeof(copy);

	settings_init(settings);
	snprintf(copy, sizeof(copy), "%s", options);
	for (char *word = strtok_r(copy, " ", &rest); good && word; word = strtok_r(NULL, " ", &rest)) {
		char *equals = strchr(word, '=');

		good = strncmp(word, "--", 2) == 0 && equals;
		if (good) {
			*equals = '\0';
			good = settings_set(settings, word + 2, equals + 1, error);
		}
	}
	return good && settings_finish(settings, error);
}

/* "release newest (rules of 7.3), with ... turned back"; null if there is no sense in the options. */
static json_t *target_in_words(const char *options)
{
	struct settings settings;
	char *words = NULL;
	size_t length;
	FILE *out = settings_of_options(&settings, options) ? open_memstream(&words, &length) : NULL;

	if (!out)
		return json_null();
	story_settings(out, &settings);
	fclose(out);
	words[strcspn(words, "\n")] = '\0';
	json_t *text = json_text(words);

	free(words);
	return text;
}

static json_t *facts_about(const json_t *state, struct run_files *run)
{
	static const char *const numbers[] = { "run", "jobs", "began", "seconds", "wanted", NULL };
	json_t *about = json_object(), *known = json_object_get(state, "options");

	copy_numbers(about, state, numbers, run);
	json_object_set_new(about, "finished", json_boolean(json_is_true(json_object_get(state, "finished"))));
	json_object_set_new(about, "engine", member_copy(state, "engine", JSON_STRING));
	json_object_set_new(about, "build", member_copy(state, "build", JSON_STRING));
	json_object_set_new(about, "options", member_copy(state, "options", JSON_STRING));
	json_object_set_new(about, "target",
			    json_is_string(known) ? target_in_words(json_string_value(known)) : json_null());
	return about;
}

static json_t *facts_totals(const json_t *state, struct run_files *run)
{
	static const char *const numbers[] = { "executions", "operations",     "coverage",
					       "features",   "features_total", NULL };
	const json_t *corpus = json_object_get(state, "corpus");
	json_t *totals = json_object();
	json_int_t seconds = member_number(state, "seconds");

	copy_numbers(totals, state, numbers, run);
	json_object_set_new(totals, "last_new", member_copy(state, "last_new", JSON_INTEGER));
	json_object_set_new(totals, "corpus_files", member_copy(corpus, "files", JSON_INTEGER));
	json_object_set_new(totals, "corpus_bytes", member_copy(corpus, "bytes", JSON_INTEGER));
	json_object_set_new(totals, "executions_per_second",
			    seconds > 0 && member_is_number(state, "executions") ?
				    json_integer(member_number(state, "executions") / seconds) :
				    json_null());
	return totals;
}

/* Arrays and objects that are shown as the runner wrote them. */
static void copy_parts(json_t *facts, const json_t *state)
{
	static const char *const arrays[] = { "sessions", "workers", "aside", "problems" };
	const json_t *part;

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		part = json_object_get(state, arrays[i]);
		json_object_set_new(facts, arrays[i],
				    json_is_array(part) ? json_deep_copy(part) : json_array());
	}
	json_object_set_new(facts, "disk", member_copy(state, "disk", JSON_OBJECT));
}

/* ./build.sh keeps nights and scores beside each other. */
static void score_beside(json_t *facts, struct run_files *run)
{
	char path[MAX_PATH_BYTES] = "";

	if (!run->score && !join_path(path, run->path, "../score"))
		path[0] = '\0';
	facts_score(facts, run, run->score ? run->score : path, run->score != NULL);
}

json_t *facts_of_run(struct run_files *run)
{
	json_t *facts = json_object(), *state;

	run->warnings = json_array();
	state = run_json(run, "state.json", true);
	json_object_set_new(facts, "format", json_integer(REPORT_FORMAT));
	json_object_set_new(facts, "verdict", json_null()); /* its place is here; filled in at the end */
	json_object_set_new(facts, "run", facts_about(state, run));
	json_object_set_new(facts, "totals", facts_totals(state, run));
	facts_findings(facts, run, state);
	facts_history(facts, run);
	facts_reach(facts, state);
	copy_parts(facts, state);
	facts_previous(facts, run);
	score_beside(facts, run);
	json_object_set_new(facts, "warnings", run->warnings);
	json_object_set_new(facts, "state", json_boolean(state != NULL));
	facts_verdict(facts);
	json_decref(state);
	return facts;
}
