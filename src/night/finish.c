// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a run: the distilled corpus and the report, each made by a child
 * with a limit of time. If one cannot be made, what was there before stays, and
 * the run is none the worse. Also keeps the report of the run before.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "night/night.h"

/* Of a child at the end, and of one that somebody waits for who has interrupted the run. */
struct patience {
	uint32_t ms, hurry_ms; /* 0: it can be done without then */
};

static const struct patience for_distilling = { 300000, 0 }, for_report = { 120000, 8000 };

enum { MAX_ARGUMENTS = 40 };

/* Runs this command with these words. False: it did not end well, and the last thing it said is a problem. */
static bool run(struct night *night, char *const *argv, const struct patience *patience, int allowed)
{
	uint64_t began = night_now();
	int memory = child_memory(argv[1]), status = 0;
	const struct child_command command = { .argv = argv, .output = memory };
	const struct timespec pause = { .tv_nsec = 20 * 1000000L };
	pid_t pid = memory < 0 ? -1 : child_start(&command);

	if (pid < 0) {
		night_problem(night, "%s could not be run: %s", argv[1], strerror(errno));
		return false;
	}
	while (!child_ended(pid, &status)) {
		if (night_now() >= began + (interrupted() ? patience->hurry_ms : patience->ms)) {
			child_stop(pid, 500, &status);
			break;
		}
		nanosleep(&pause, NULL);
	}
	char *text = child_memory_text(memory);
	bool good = WIFEXITED(status) && (WEXITSTATUS(status) == EXIT_CLEAN || WEXITSTATUS(status) == allowed);

	close(memory);
	if (!good && (patience->hurry_ms || !interrupted())) {
		if (text)
			text[strcspn(text, "\n")] = '\0';
		night_problem(night, "rmapfuzz %s did not end well: %.250s", argv[1],
			      text && *text ? text : "killed");
	}
	free(text);
	return good;
}

/* The words of the run's options that a verb knows. */
static int add_options(const struct night *night, char *room, char **argv, int nr)
{
	snprintf(room, NIGHT_OPTIONS_MAX, "%s", night->options->options);
	for (char *word = strtok(room, " "); word && nr < MAX_ARGUMENTS - 4; word = strtok(NULL, " "))
		if (strncmp(word, "--release=", 10) == 0 || strncmp(word, "--bug=", 6) == 0)
			argv[nr++] = word;
	return nr;
}

/* The new one takes the place of the old one only when it is whole. */
void finish_distill(struct night *night)
{
	char fresh[NIGHT_PATH], place[NIGHT_PATH], corpus[NIGHT_PATH], options[NIGHT_OPTIONS_MAX];
	char verb[] = "distill", o[] = "-o", *argv[MAX_ARGUMENTS + 1] = { night->self, verb, o, fresh };

	rundir_path(&night->dir, fresh, "distilled.new");
	rundir_path(&night->dir, place, "distilled");
	rundir_path(&night->dir, corpus, "corpus");
	if (interrupted())
		return;
	if (!disk_allows(night, night->corpus.bytes / 4)) {
		night_problem(night, "no distilled corpus: there is no room for it");
		return;
	}
	if (is_directory(fresh))
		remove_directory(fresh);
	int nr = add_options(night, options, argv, 4);

	argv[nr++] = corpus;
	argv[nr] = NULL;
	if (!run(night, argv, &for_distilling, EXIT_CLEAN))
		return;
	if (is_directory(place))
		remove_directory(place);
	if (rename(fresh, place) != 0)
		night_problem(night, "distilled: %s", strerror(errno));
}

void finish_report(struct night *night)
{
	char verb[] = "report", path[NIGHT_PATH], *argv[] = { night->self, verb, path, NULL };

	snprintf(path, sizeof(path), "%s", night->dir.path);
	if (run(night, argv, &for_report, EXIT_VIOLATION))
		night_log(night, "report: %s/report/index.html", night->dir.path);
}

static void move(struct night *night, const char *name)
{
	char from[NIGHT_PATH], to[NIGHT_PATH];

	rundir_path(&night->dir, from, "%s", name);
	rundir_path(&night->dir, to, "runs/%u/%s", night->state.run, name);
	if (access(from, F_OK) == 0 && rename(from, to) != 0)
		night_problem(night, "%s of run %u could not be kept: %s", name, night->state.run,
			      strerror(errno));
}

uint32_t finish_last_kept(struct night *night)
{
	char path[NIGHT_PATH];
	unsigned long last = 0;

	rundir_path(&night->dir, path, "history.csv");
	if (access(path, F_OK) == 0)
		rundir_set_aside(night, path, "the history of a run whose state is lost");
	rundir_path(&night->dir, path, "runs");
	DIR *directory = opendir(path);

	for (const struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
		unsigned long number = strtoul(entry->d_name, NULL, 10);

		last = number > last && number < UINT32_MAX ? number : last;
	}
	if (directory)
		closedir(directory);
	return (uint32_t)last;
}

/* runs/K is the report directory of run K, with the history and a last state beside. */
void finish_keep_previous(struct night *night)
{
	char path[NIGHT_PATH], from[NIGHT_PATH];

	rundir_path(&night->dir, from, "report");
	rundir_path(&night->dir, path, "runs/%u", night->state.run);
	if (rename(from, path) != 0 && mkdir(path, 0777) != 0 && errno != EEXIST) {
		night_problem(night, "run %u could not be kept: %s", night->state.run, strerror(errno));
		return;
	}
	move(night, "history.csv");
	/* a second name: the first one goes on to be the last state until that of the new run takes its place */
	rundir_path(&night->dir, from, "state.json");
	rundir_path(&night->dir, path, "runs/%u/state.json", night->state.run);
	if (link(from, path) != 0 && errno != EEXIST)
		night_problem(night, "the state of run %u could not be kept: %s", night->state.run,
			      strerror(errno));
}
