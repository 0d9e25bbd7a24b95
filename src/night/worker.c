// SPDX-License-Identifier: GPL-2.0-only
/*
 * One worker: the fuzz target on the shared corpus. What it prints comes
 * through a pipe, so that the log has a limit and is no reason to stop when
 * the disk is full. Never decides which worker is to run.
 */
#define _GNU_SOURCE /* pipe2 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "night/night.h"

enum {
	LOG_LIMIT = 256 << 10, /* then log becomes log.old */
	SHORT_RUN_MS = 5000,
	FREE_RESTARTS = 8, /* short runs in a row until restarts are slowed down */
	MAX_PAUSE_MS = 30000,
};

/* ---- the command ---- */

static void add_own(struct words *words, const struct night *night, const struct worker *worker)
{
	const char *setting = focus_at(worker->kind)->setting;
	char path[NIGHT_PATH];

	if (*setting)
		words_add(words, "--%s", setting);
	words_add(words, "--focus=%s", focus_at(worker->kind)->name);
	rundir_path(&night->dir, path, "known");
	if (access(path, R_OK) == 0) /* a full disk may have kept it from being written */
		words_add(words, "--known=%s", path);
	words_add(words, "--tally=%s/workers/%u/tally", night->dir.path, worker->slot);
}

/*
 * With no directory to write to libFuzzer adds nothing to the corpus. It is given the files by name then, in a
 * list that needs no disk either. -1: there is none.
 */
static int list_corpus(struct night *night)
{
	int memory = child_memory("corpus");
	char path[NIGHT_PATH];
	const char *comma = "";

	rundir_path(&night->dir, path, "corpus");
	DIR *directory = memory < 0 ? NULL : opendir(path);
	FILE *list = directory ? fdopen(dup(memory), "w") : NULL;

	for (const struct dirent *entry; list && (entry = readdir(directory)) != NULL;)
		if (entry->d_name[0] != '.' && !strchr(entry->d_name, ',')) {
			fprintf(list, "%s%s", comma, entry->d_name);
			comma = ",";
		}
	if (list)
		fclose(list);
	if (directory)
		closedir(directory);
	if (!*comma && memory >= 0) { /* empty */
		close(memory);
		memory = -1;
	}
	if (memory >= 0)
		fcntl(memory, F_SETFD, 0); /* for the child; closed here as soon as that runs */
	return memory;
}

static void make_command(struct words *words, const struct night *night, const struct worker *worker, int list)
{
	const char *setting = focus_at(worker->kind)->setting;

	words_add(words, "%s", night->fuzzer);
	words_add_settings(words, night);
	add_own(words, night, worker);
	words_add_limits(words);
	words_add(words, "-artifact_prefix=%s/inbox/%s%s", night->dir.path, setting, *setting ? "," : "");
	words_add(words, "-max_total_time=%u", (unsigned int)(night->period_ms / 1000));
	words_add(words, "-print_final_stats=1");
	words_add(words, "-reduce_inputs=0"); /* it would remove a file and then write the smaller one */
	if (worker->growing) {
		words_add(words, "-reload=1");
		words_add(words, "%s/corpus", night->dir.path);
	} else if (list >= 0) {
		words_add(words, "-seed_inputs=@/proc/self/fd/%d", list);
	}
}

bool worker_launch(struct night *night, struct worker *worker, char *const *argv, char *const *environment)
{
	char hold[NIGHT_PATH], own[NIGHT_PATH], corpus[NIGHT_PATH];
	int ends[2] = { -1, -1 };

	rundir_path(&night->dir, hold, "workers/lock");
	rundir_path(&night->dir, own, "workers/%u", worker->slot);
	rundir_path(&night->dir, corpus, "corpus");
	if ((mkdir(own, 0777) != 0 && errno != EEXIST) || pipe2(ends, O_CLOEXEC) != 0)
		return false;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	const struct child_command command = {
		.argv = argv, .environment = environment, .output = ends[1], .hold = hold, .directory = corpus
	};
	pid_t pid = child_start(&command);

	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return false;
	}
	worker->pid = pid;
	worker->output = ends[0];
	worker->started = night_now();
	worker->known_version = night->known_version;
	worker->asked = false;
	worker->coverage = worker->artifacts = worker->line_length = 0;
	worker->last_line[0] = '\0';
	worker->starts++;
	return true;
}

bool worker_start(struct night *night, struct worker *worker)
{
	struct words *words = calloc(1, sizeof(*words));
	int list = worker->growing ? -1 : list_corpus(night);

	if (!words)
		return false;
	make_command(words, night, worker, list);
	bool started = worker_launch(night, worker, words->argv, NULL);

	if (list >= 0)
		close(list);
	free(words);
	return started;
}

/* ---- what it prints ---- */

static void keep_line(struct night *night, const struct worker *worker)
{
	char path[NIGHT_PATH], old[NIGHT_PATH];
	struct stat status;

	rundir_path(&night->dir, path, "workers/%u/log", worker->slot);
	if (stat(path, &status) == 0 && status.st_size > LOG_LIMIT) {
		rundir_path(&night->dir, old, "workers/%u/log.old", worker->slot);
		rename(path, old);
	}
	int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	struct iovec parts[2] = { { (void *)(uintptr_t)worker->line, worker->line_length },
				  { (char[]){ '\n' }, 1 } };

	if (log < 0)
		return;
	/* a full disk costs the line */
	if (writev(log, parts, 2) < 0)
		night->state.disk_refused++;
	close(log);
}

void worker_take_coverage(struct night *night, struct worker *worker, uint32_t coverage)
{
	worker->coverage = coverage;
	if (coverage > night->state.coverage) {
		night->state.coverage = coverage;
		night->state.last_new = night_seconds(night);
	}
}

/* "#1024 pulse  cov: 310 ft: ..." and the like; true if it says nothing that the log should keep. */
static bool take_status(struct night *night, struct worker *worker)
{
	const char *cov = worker->line[0] == '#' ? strstr(worker->line, " cov: ") : NULL;

	if (!cov)
		return false;
	worker_take_coverage(night, worker, (uint32_t)strtoul(cov + 6, NULL, 10));
	return strstr(worker->line, "\tpulse ") == NULL && strstr(worker->line, "\tINITED") == NULL &&
	       strstr(worker->line, "\tDONE ") == NULL;
}

static void take_line(struct night *night, struct worker *worker)
{
	worker->line[worker->line_length] = '\0';
	if (take_status(night, worker) || strstr(worker->line, "Fuzzing test case #")) /* afl-fuzz */
		return;
	if (strstr(worker->line, "Test unit written to "))
		worker->artifacts++;
	if (worker->line_length && worker->line[0] != '#' && strncmp(worker->line, "stat::", 6) != 0)
		snprintf(worker->last_line, sizeof(worker->last_line), "%.250s", worker->line);
	keep_line(night, worker);
}

void worker_listen(struct night *night, struct worker *worker)
{
	char buffer[8192];
	ssize_t got;

	while (worker->output >= 0 && (got = read(worker->output, buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i < got; i++) {
			if (buffer[i] != '\n' && worker->line_length < sizeof(worker->line) - 1) {
				worker->line[worker->line_length++] = buffer[i];
				continue;
			}
			take_line(night, worker);
			worker->line_length = 0;
		}
}

/* ---- its end ---- */

static uint32_t *end_counter(struct worker *worker, int status)
{
	if (WIFSIGNALED(status))
		return child_was_killed(status) ? &worker->killed : &worker->other;
	switch (WEXITSTATUS(status)) {
	case WORKER_DONE:
		return NULL;
	case WORKER_TIMEOUT:
		return &worker->timeout;
	case WORKER_OOM:
		return &worker->oom;
	case WORKER_CRASH:
		return &worker->crash;
	case WORKER_INTERRUPTED:
		return &worker->killed;
	default:
		/* a sanitizer's report ends with its own exit code */
		return worker->artifacts ? &worker->crash : &worker->other;
	}
}

static uint64_t pause_of(const struct worker *worker)
{
	uint32_t over = worker->short_runs > FREE_RESTARTS ? worker->short_runs - FREE_RESTARTS : 0;
	uint64_t pause = over ? UINT64_C(250) << (over < 8 ? over : 8) : 0;

	return pause < MAX_PAUSE_MS ? pause : MAX_PAUSE_MS;
}

void worker_bury(struct night *night, struct worker *worker, int status)
{
	uint64_t ran = night_now() - worker->started;

	worker_listen(night, worker);
	if (worker->line_length)
		take_line(night, worker);
	close(worker->output);
	worker->output = -1;
	worker->pid = 0;
	night->kind_ms[worker->kind] += ran;
	uint32_t *counter = worker->asked ? NULL : end_counter(worker, status);

	if (counter)
		(*counter)++;
	worker->short_runs = counter && ran < SHORT_RUN_MS ? worker->short_runs + 1 : 0;
	worker->waiting = worker->artifacts > 0;
	worker->may_start = night_now() + pause_of(worker);
	if (counter == &worker->other)
		worker->may_start += 1000;
}
