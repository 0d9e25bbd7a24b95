// SPDX-License-Identifier: GPL-2.0-only
/*
 * state.json: what a run must not forget when it is killed, and what the
 * report reads. Written whole and by rename; what can be computed again (the
 * counters, from the tallies) is written for readers, and as a lower bound.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "night/night.h"

enum { STATE_FORMAT = 1, MAX_PROBLEMS = 100, MAX_SESSIONS = 500 };

uint64_t night_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t run_ms(const struct night *night)
{
	return night->state.ms_before + (night->session_began ? night_now() - night->session_began : 0);
}

uint32_t night_seconds(const struct night *night)
{
	return (uint32_t)(run_ms(night) / 1000);
}

void night_problem(struct night *night, const char *format, ...)
{
	json_t *problems = night->state.problems;
	char text[NIGHT_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (size_t i = 0; i < json_array_size(problems); i++)
		if (strcmp(json_string_value(json_array_get(problems, i)), text) == 0)
			return;
	night_log(night, "problem: %s", text);
	if (json_array_size(problems) < MAX_PROBLEMS)
		json_array_append_new(problems, json_text(text));
}

/* ---- reading ---- */

static json_t *array_of(const json_t *object, const char *name)
{
	json_t *array = json_object_get(object, name);

	return json_is_array(array) ? json_incref(array) : json_array();
}

static uint64_t number_of(const json_t *object, const char *name)
{
	json_int_t number = json_integer_value(json_object_get(object, name));

	return number < 0 ? 0 : (uint64_t)number;
}

static void read_workers(struct night *night, const json_t *workers)
{
	for (size_t i = 0; i < json_array_size(workers); i++) {
		const json_t *object = json_array_get(workers, i), *ends = json_object_get(object, "ends");
		uint64_t slot = number_of(object, "slot");

		if (slot < 1 || slot > NIGHT_MAX_JOBS)
			continue;
		struct worker *worker = &night->worker[slot - 1];

		const char *focus = json_string_value(json_object_get(object, "focus"));

		/* what it has left was found under the setting of that kind */
		worker->kind = focus && focus_find(focus) < NR_FOCUS_KINDS ? focus_find(focus) : FOCUS_ALL;
		worker->starts = (uint32_t)number_of(object, "starts");
		worker->crash = (uint32_t)number_of(ends, "crash");
		worker->oom = (uint32_t)number_of(ends, "oom");
		worker->timeout = (uint32_t)number_of(ends, "timeout");
		worker->killed = (uint32_t)number_of(ends, "killed");
		worker->other = (uint32_t)number_of(ends, "other");
	}
}

/* Every entry of the findings has a name and a class, whatever else. */
static json_t *findings_of(const json_t *object)
{
	json_t *findings = array_of(object, "findings");

	for (size_t i = json_array_size(findings); i-- > 0;) {
		const json_t *entry = json_array_get(findings, i);

		if (!json_is_string(json_object_get(entry, "name")) ||
		    !json_is_string(json_object_get(entry, "class")))
			json_array_remove(findings, i);
	}
	return findings;
}

static json_t *strings_of(const json_t *object, const char *name)
{
	json_t *array = array_of(object, name);

	for (size_t i = json_array_size(array); i-- > 0;)
		if (!json_is_string(json_array_get(array, i)))
			json_array_remove(array, i);
	return array;
}

static void take(struct night *night, const json_t *object)
{
	struct night_state *state = &night->state;
	const json_t *internal = json_object_get(object, "internal");

	state->run = (uint32_t)number_of(object, "run");
	state->began = (int64_t)number_of(object, "began");
	state->wanted = (uint32_t)number_of(object, "wanted");
	state->ms_before = number_of(object, "seconds") * 1000;
	state->finished = json_is_true(json_object_get(object, "finished"));
	state->coverage = (uint32_t)number_of(object, "coverage");
	state->features = (uint32_t)number_of(object, "features");
	state->last_new = (uint32_t)number_of(object, "last_new");
	state->disk_refused = number_of(json_object_get(object, "disk"), "refused");
	json_decref(state->findings);
	state->findings = findings_of(object);
	if (!state->finished) { /* else another run begins, which has none of these */
		json_decref(state->sessions);
		json_decref(state->aside);
		json_decref(state->problems);
		state->sessions = array_of(object, "sessions");
		state->aside = array_of(object, "aside");
		state->problems = strings_of(object, "problems");
	}
	counters_from_json(&state->start, json_object_get(internal, "start"));
	counters_from_json(&state->carried, json_object_get(internal, "carried"));
	counters_from_json(&night->counters, object);
	read_workers(night, json_object_get(object, "workers"));
}

bool state_load(struct night *night)
{
	char path[NIGHT_PATH];

	night->state.sessions = json_array();
	night->state.findings = json_array();
	night->state.aside = json_array();
	night->state.problems = json_array();
	rundir_path(&night->dir, path, "state.json");
	if (access(path, F_OK) != 0)
		return false;
	json_t *object = json_load_file(path, 0, NULL);

	if (!json_is_object(object) || number_of(object, "format") != STATE_FORMAT ||
	    !number_of(object, "run")) {
		json_decref(object);
		rundir_set_aside(night, path, "not the state of a run; counters start again from the tallies");
		night_problem(night,
			      "state.json could not be understood and is in aside/; times, findings that were new "
			      "and ends of workers before that are forgotten");
		return false;
	}
	take(night, object);
	json_decref(object);
	return true;
}

/* ---- writing ---- */

static json_t *worker_object(const struct worker *worker, uint64_t executions)
{
	return json_pack("{s:i, s:s, s:I, s:i, s:{s:i, s:i, s:i, s:i, s:i}}", "slot", (int)worker->slot,
			 "focus", focus_at(worker->kind)->name, "executions", (json_int_t)executions,
			 "starts", (int)worker->starts, "ends", "crash", (int)worker->crash, "oom",
			 (int)worker->oom, "timeout", (int)worker->timeout, "killed", (int)worker->killed,
			 "other", (int)worker->other);
}

static json_t *workers_array(const struct night *night)
{
	json_t *workers = json_array();

	for (uint32_t i = 0; i < NIGHT_MAX_JOBS; i++)
		if (i < night->options->jobs || night->worker[i].starts)
			json_array_append_new(workers,
					      worker_object(&night->worker[i], night->slot_executions[i]));
	return workers;
}

static void print_basics(const struct night *night, json_t *object)
{
	const struct night_state *state = &night->state;
	const struct night_options *options = night->options;
	char build[NIGHT_BUILD_MAX];

	night_build(build);
	json_object_update_new(object, json_pack("{s:i, s:i, s:s, s:s, s:i, s:s, s:I, s:i, s:i, s:b}",
						 "format", STATE_FORMAT, "run", (int)state->run, "options",
						 options->options + (options->options[0] == ' '), "engine",
						 options->engine == NIGHT_AFL ? "afl" : "libfuzzer", "jobs",
						 (int)options->jobs, "build", build, "began",
						 (json_int_t)state->began, "seconds", (int)night_seconds(night),
						 "wanted", (int)state->wanted, "finished", state->finished));
	json_object_update_new(
		object, json_pack("{s:i, s:i, s:i, s:{s:i, s:I}, s:i, s:{s:I, s:I, s:I}}", "coverage",
				  (int)state->coverage, "features", (int)state->features, "features_total",
				  (int)NR_FEATURES, "corpus", "files", (int)night->corpus.files, "bytes",
				  (json_int_t)night->corpus.bytes, "last_new", (int)state->last_new, "disk",
				  "bytes", (json_int_t)night->disk.bytes, "limit",
				  (json_int_t)night->disk.limit, "refused", (json_int_t)state->disk_refused));
}

/* The last entry of sessions is this one. */
static void update_session(struct night *night, const char *end)
{
	size_t nr = json_array_size(night->state.sessions);
	json_t *session = nr ? json_array_get(night->state.sessions, nr - 1) : NULL;

	if (!session || !night->session_began)
		return;
	json_object_set_new(session, "seconds",
			    json_integer((json_int_t)((night_now() - night->session_began) / 1000)));
	json_object_set_new(session, "end", json_string(end));
}

json_t *state_to_json(struct night *night, const char *end)
{
	const struct night_state *state = &night->state;
	json_t *object = json_object();

	update_session(night, end);
	print_basics(night, object);
	json_object_set(object, "sessions", state->sessions);
	counters_print(night, object);
	json_object_set_new(object, "workers", workers_array(night));
	json_object_set(object, "findings", state->findings);
	json_object_set(object, "aside", state->aside);
	json_object_set(object, "problems", state->problems);
	json_object_set_new(object, "internal",
			    json_pack("{s:o, s:o}", "start", counters_to_json(&state->start), "carried",
				      counters_to_json(&state->carried)));
	return object;
}

void state_save(struct night *night, const char *end)
{
	json_t *object = state_to_json(night, end);
	char path[NIGHT_PATH], *text = json_dumps(object, JSON_INDENT(1));

	rundir_path(&night->dir, path, "state.json");
	if (text)
		disk_write_surely(night, path, text, strlen(text));
	free(text);
	json_decref(object);
}

/* ---- beginning ---- */

static void end_old_session(struct night_state *state)
{
	size_t nr = json_array_size(state->sessions);
	json_t *last = nr ? json_array_get(state->sessions, nr - 1) : NULL;
	const char *end = json_string_value(json_object_get(last, "end"));

	if (end && strcmp(end, "running") == 0)
		json_object_set_new(last, "end", json_string("killed"));
}

static void begin_run(struct night *night)
{
	struct night_state *state = &night->state;
	json_t *entry;
	size_t i;

	state->run++;
	state->began = (int64_t)time(NULL);
	state->ms_before = 0;
	state->finished = false;
	state->coverage = state->features = state->last_new = 0;
	state->disk_refused = 0;
	json_array_foreach(state->findings, i, entry) json_object_set_new(entry, "new", json_false());
	for (i = 0; i < NIGHT_MAX_JOBS; i++) {
		struct worker *worker = &night->worker[i];

		worker->starts = worker->crash = worker->oom = worker->timeout = worker->killed =
			worker->other = 0;
	}
}

void state_begin(struct night *night, bool loaded)
{
	struct night_state *state = &night->state;

	end_old_session(state);
	if (!loaded || state->finished) {
		if (loaded)
			finish_keep_previous(night);
		else
			state->run = finish_last_kept(night);
		begin_run(night);
		if (loaded)
			counters_start_run(night);
	}
	state->wanted = night->options->seconds;
	if (json_array_size(state->sessions) == MAX_SESSIONS)
		json_array_remove(state->sessions, 0);
	json_array_append_new(state->sessions, json_pack("{s:I, s:i, s:s}", "began", (json_int_t)time(NULL),
							 "seconds", 0, "end", "running"));
	night->session_began = night_now();
}
