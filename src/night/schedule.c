// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which worker runs when, and as what: each start takes the kind that has had
 * the least time so far, so that few workers share all kinds. A worker that
 * made a finding waits until it is filed, for otherwise it would meet it again
 * at once. Never looks at what a worker does.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "night/night.h"

enum {
	MIN_PERIOD_MS = 20000,
	MAX_PERIOD_MS = 600000,
	AFL_PERIOD_MS = 300000, /* at least: it plays its whole queue again each time it begins */
	ROUNDS = 3,             /* that each kind gets in a run, if it is long enough */
	WAIT_FOR_FILING_MS = 20000,
	STOP_MS = 2000,
	HANGS_MS = 600000, /* after its time: it reads the corpus first, which may be long on a busy machine */
	ASKED_MS = 30000,  /* to end */
	AFL_AT_LEAST_MS = 30000, /* until it is restarted with another list: it needs seconds to begin */
	AFL_RESET = 3,           /* starts in a row that came to nothing */
	HOPELESS = 3,            /* starts of a worker that never executed anything */
};

void schedule_init(struct night *night)
{
	uint64_t turns = (uint64_t)ROUNDS * NR_FOCUS_KINDS;
	uint64_t period = (uint64_t)night->options->seconds * 1000 * night->options->jobs / turns;

	if (night->options->engine == NIGHT_AFL && period < AFL_PERIOD_MS)
		period = AFL_PERIOD_MS;
	night->period_ms = period < MIN_PERIOD_MS ? MIN_PERIOD_MS :
			   period > MAX_PERIOD_MS ? MAX_PERIOD_MS :
						    period;
	for (uint32_t i = 0; i < NIGHT_MAX_JOBS; i++) {
		night->worker[i].slot = i + 1;
		night->worker[i].output = -1;
	}
}

/* Time that a kind has had, that of workers now at it included as if their turn were over. */
static uint64_t time_of(const struct night *night, enum focus_kind kind)
{
	uint64_t time = night->kind_ms[kind];

	for (uint32_t i = 0; i < night->options->jobs; i++)
		if (night->worker[i].pid && night->worker[i].kind == kind)
			time += night->period_ms;
	return time;
}

/* A kind whose setting is another value of one that the user chose would undo that choice. */
static bool is_allowed(const struct night *night, enum focus_kind kind)
{
	const char *setting = focus_at(kind)->setting;
	char name[64];

	snprintf(name, sizeof(name), " --%.*s=", (int)strcspn(setting, "="), setting);
	return !*setting || !strstr(night->options->options, name);
}

/* Times are those of this session: one that goes on begins with other kinds, or a run killed often had few of them. */
static enum focus_kind choose_kind(const struct night *night)
{
	size_t first = (json_array_size(night->state.sessions) - 1) * night->options->jobs;
	enum focus_kind best = NR_FOCUS_KINDS;

	for (size_t i = 0; i < NR_FOCUS_KINDS; i++) {
		enum focus_kind kind = (first + i) % NR_FOCUS_KINDS;

		if (is_allowed(night, kind) &&
		    (best == NR_FOCUS_KINDS || time_of(night, kind) < time_of(night, best)))
			best = kind;
	}
	return best;
}

static void start(struct night *night, struct worker *worker)
{
	worker->kind = choose_kind(night);
	worker->growing = !night->disk.full;
	/* afl-fuzz cannot do without writing: while the disk is full libFuzzer works in its place */
	worker->afl = night->options->engine == NIGHT_AFL && worker->growing;
	worker->limit = night_now() + night->period_ms + HANGS_MS;
	if (worker->afl ? afl_start(night, worker) : worker_start(night, worker))
		return;
	night_problem(night, "worker %u could not be started: %s", worker->slot, strerror(errno));
	worker->may_start = night_now() + 5000;
}

/* A target that cannot run at all: wrong program, libraries missing. */
static bool is_hopeless(struct night *night, const struct worker *worker)
{
	if (worker->other < HOPELESS || worker->other != worker->starts || night->counters.executions)
		return false;
	complain(night->fuzzer, worker->last_line[0] ? worker->last_line : "ends at once");
	return true;
}

static bool may_start(struct night *night, struct worker *worker)
{
	uint64_t now = night_now();

	if (worker->pid || now < worker->may_start)
		return false;
	if (worker->waiting && now < worker->may_start + WAIT_FOR_FILING_MS &&
	    (night->chore.kind == CHORE_TRIAGE || !inbox_empty(night)))
		return false;
	worker->waiting = false;
	return true;
}

/* It starts again, the other way: with or without writing, or with another list of what is known. */
static bool is_outdated(const struct night *night, const struct worker *worker)
{
	if (worker->growing == night->disk.full)
		return true;
	/* a crash does not end afl-fuzz, so it has to be told */
	return worker->afl && worker->known_version != night->known_version &&
	       night_now() - worker->started > AFL_AT_LEAST_MS;
}

static void watch(struct night *night, struct worker *worker)
{
	int status;

	worker_listen(night, worker);
	if (worker->afl)
		afl_look(night, worker);
	if (!worker->asked && is_outdated(night, worker)) {
		worker->asked = true;
		worker->limit = night_now() + ASKED_MS;
		kill(worker->pid, SIGTERM);
	}
	if (night_now() > worker->limit) {
		night_problem(night, "worker %u did not end in time, and is killed", worker->slot);
		kill(worker->pid, SIGKILL);
	}
	if (!child_ended(worker->pid, &status))
		return;
	worker_bury(night, worker, status);
	if (worker->afl) {
		worker->next_look = 0;
		afl_look(night, worker);
		if (worker->short_runs >= AFL_RESET)
			afl_reset(night, worker);
	}
}

bool schedule_step(struct night *night)
{
	for (uint32_t i = 0; i < night->options->jobs; i++) {
		struct worker *worker = &night->worker[i];

		if (worker->pid)
			watch(night, worker);
		if (!worker->pid && is_hopeless(night, worker))
			return false;
		if (may_start(night, worker))
			start(night, worker);
	}
	return true;
}

void schedule_stop(struct night *night)
{
	uint64_t until = night_now() + STOP_MS;
	int status;

	for (uint32_t i = 0; i < night->options->jobs; i++)
		if (night->worker[i].pid) {
			night->worker[i].asked = true;
			kill(night->worker[i].pid, SIGTERM);
		}
	for (uint32_t i = 0; i < night->options->jobs; i++) {
		struct worker *worker = &night->worker[i];
		uint64_t now = night_now();

		if (!worker->pid)
			continue;
		child_stop(worker->pid, now < until ? (uint32_t)(until - now) : 0, &status);
		worker_bury(night, worker, status);
		worker->next_look = 0;
		if (worker->afl)
			afl_look(night, worker);
	}
}
