// SPDX-License-Identifier: GPL-2.0-only
/*
 * The course of a run: make the directory ours, take up what was left, let the
 * workers work until the time is over or somebody interrupts, and end in order.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "night/night.h"

enum {
	TICK_MS = 100,
	COLLECT_MS = 1000,
	SAVE_MS = 5000,
	FILE_REST_MS = 60000,      /* at the end: what is still in the inbox */
	FILE_REST_HURRY_MS = 4000, /* when interrupted: the rest is for the next session */
};

/* ---- programs ---- */

void night_beside(const char *file, char out[NIGHT_PATH], const char *name)
{
	const char *slash = strrchr(file, '/');

	if (snprintf(out, NIGHT_PATH, "%.*s/%s", slash ? (int)(slash - file) : 1, slash ? file : ".", name) >=
	    NIGHT_PATH)
		out[0] = '\0';
}

const char *night_called(void)
{
	return (const char *)getauxval(AT_EXECFN); // NOLINT(performance-no-int-to-ptr): as it is defined
}

/* Beside this command, be it the file itself or the link that it was called by. */
static void find_fuzzer(struct night *night)
{
	const char *called = night_called();
	char found[NIGHT_PATH];

	if (night->options->fuzzer)
		snprintf(found, sizeof(found), "%s", night->options->fuzzer);
	else
		night_beside(night->self, found, "rmap_fuzzer");
	if (!night->options->fuzzer && access(found, X_OK) != 0 && called)
		night_beside(called, found, "rmap_fuzzer");
	char *whole = realpath(found, NULL); /* workers have another working directory */

	snprintf(night->fuzzer, sizeof(night->fuzzer), "%s", whole ? whole : found);
	free(whole);
}

/* With a bug turned back the seeds would give the answer away. */
static void find_seeds(struct night *night)
{
	if (night->options->settings.nr_bugs)
		return;
	night_beside(night->fuzzer, night->seeds, "../seeds");
	if (!is_directory(night->seeds))
		night_beside(night->self, night->seeds, "../seeds");
	if (!is_directory(night->seeds))
		night->seeds[0] = '\0';
}

static bool find_programs(struct night *night)
{
	ssize_t length = readlink("/proc/self/exe", night->self, sizeof(night->self) - 1);

	if (length < 0)
		return complain("/proc/self/exe", strerror(errno));
	night->self[length] = '\0';
	find_fuzzer(night);
	find_seeds(night);
	if (access(night->fuzzer, X_OK) != 0)
		return complain(night->fuzzer, "no fuzz target there; --fuzzer says where it is");
	return night->options->engine != NIGHT_AFL || afl_find_programs(night);
}

/* ---- background work ---- */

static void end_chore(struct night *night, int status)
{
	enum chore_kind kind = night->chore.kind;

	night->chore.kind = CHORE_NONE;
	if (kind == CHORE_TRIAGE)
		inbox_end(night, status);
	else if (kind == CHORE_REPLAY)
		replay_end(night, status);
	else
		reach_end(night, status);
}

/* True if something is being done, or was begun. */
static bool chore_step(struct night *night)
{
	struct chore *chore = &night->chore;
	int status;

	if (chore->kind != CHORE_NONE) {
		if (night_now() > chore->limit)
			kill(chore->pid, SIGKILL);
		if (!child_ended(chore->pid, &status))
			return true;
		end_chore(night, status);
	}
	if (!inbox_empty(night) && inbox_begin(night))
		return true;
	if (night_now() >= night->corpus.not_before) {
		night->corpus.first_pass = false;
		corpus_scan(night);
	}
	return reach_begin(night);
}

/* The rest of the work that a session leaves, within limits: other ones as soon as somebody interrupts. */
static void finish_chores(struct night *night)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000000L };
	uint64_t began = night_now();
	int status;

	night->corpus.not_before = 0;
	night->inbox.not_before = 0;
	while (chore_step(night) && night_now() < began + (interrupted() ? FILE_REST_HURRY_MS : FILE_REST_MS))
		nanosleep(&pause, NULL);
	if (night->chore.kind == CHORE_NONE)
		return;
	child_stop(night->chore.pid, 200, &status);
	end_chore(night, status);
}

/* ---- the loop ---- */

static bool work(struct night *night)
{
	/* not until a worker prints something: at first it prints a lot, and all of a tick has room in its pipe */
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
	uint64_t next_collect = 0, next_save = 0;

	while (!interrupted() && night_seconds(night) < night->state.wanted) {
		uint64_t now = night_now();

		disk_check(night);
		if (!schedule_step(night))
			return false;
		chore_step(night);
		if (now >= next_collect) {
			counters_collect(night);
			next_collect = now + COLLECT_MS;
		}
		status_step(night);
		if (now >= next_save) {
			findings_scan(night);
			if (night->known_is_old)
				findings_write_known(night);
			state_save(night, "running");
			next_save = now + SAVE_MS;
		}
		nanosleep(&tick, NULL);
	}
	return true;
}

static void end_session(struct night *night)
{
	schedule_stop(night);
	finish_chores(night);
	counters_collect(night);
	findings_scan(night);
	disk_check(night);
	finish_distill(night);
	night->state.finished = night_seconds(night) >= night->state.wanted && !interrupted();
	status_end(night);
	state_save(night, night->state.finished ? "finished" : "interrupted");
	finish_report(night);
	state_save(night, night->state.finished ? "finished" : "interrupted");
}

static bool begin_session(struct night *night)
{
	bool loaded = state_load(night), first = !loaded;

	counters_check(night);
	if (!rundir_check_settings(night))
		return false;
	state_begin(night, loaded);
	schedule_init(night);
	if (!findings_read_given(night) || !reach_init(night))
		return false;
	night->disk.limit = night->options->max_disk;
	disk_check(night);
	if (!corpus_prepare(night, first))
		return false;
	if (night->options->engine == NIGHT_AFL)
		afl_prepare(night);
	findings_scan(night);
	findings_write_known(night);
	state_save(night, "running");
	night_log(night,
		  "run %u, %s for %u s more with %u workers:%s release %s, corpus %u files, %zu findings known",
		  night->state.run, json_array_size(night->state.sessions) > 1 ? "continued" : "begun",
		  night->state.wanted - night_seconds(night), night->options->jobs,
		  night->options->options[0] ? night->options->options : " no options,",
		  night->options->settings.release.name, night->corpus.files,
		  json_array_size(night->state.findings));
	return true;
}

static int code_of(const struct night *night)
{
	if (interrupted())
		return EXIT_INTERRUPTED;
	return findings_nr_new(night) ? EXIT_VIOLATION : EXIT_CLEAN;
}

int night_run(const struct night_options *options)
{
	struct night *night = calloc(1, sizeof(*night));
	int code = EXIT_USAGE;

	if (!night)
		return EXIT_USAGE;
	night->options = options;
	night->inbox.attempts = json_object();
	/* who starts a run and goes home closes the terminal */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (find_programs(night) && rundir_open(night) && rundir_wait_for_workers(night)) {
		status_init(night);
		if (begin_session(night)) {
			status_init(night);
			if (work(night))
				code = EXIT_CLEAN;
			end_session(night);
			if (code == EXIT_CLEAN)
				code = code_of(night);
		}
	}
	json_decref(night->state.sessions);
	json_decref(night->state.findings);
	json_decref(night->state.aside);
	json_decref(night->state.problems);
	json_decref(night->inbox.attempts);
	json_decref(night->given);
	free(night->corpus.seen);
	free(night->corpus.fresh);
	free(night);
	return code;
}
