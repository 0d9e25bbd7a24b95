// SPDX-License-Identifier: GPL-2.0-only
/*
 * One run: a child process that looks for one bug with one seed, from an empty
 * corpus to the first detection or the end of its budget. A failure that is
 * another one, which the release has by itself, is passed: its class goes to
 * the list of known failures, and the run goes on from its corpus with what is
 * left of the budget. Never counts time that others used.
 */
#define _GNU_SOURCE /* wait4 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "score/score.h"

enum { TARGET_DONE = 0, TARGET_INTERRUPTED = 72, PATIENCE_MS = 3000 };

void hunt_path(const struct hunt *hunt, char path[MAX_PATH_BYTES], const char *name)
{
	if (snprintf(path, MAX_PATH_BYTES, "%s/%s", hunt->directory, name) >= MAX_PATH_BYTES)
		path[0] = '\0';
}

static const char *program_for(const struct subject *subject, const struct driver *driver)
{
	if (!subject->target[0])
		return driver->program;
	return driver->kind == DRIVER_LIBFUZZER ? subject->target :
	       driver->kind == DRIVER_RANDOM    ? subject->random :
						  "";
}

bool hunt_possible(const struct subject *subject, const struct driver *driver)
{
	return program_for(subject, driver)[0] != '\0';
}

/* ---- files of a run ---- */

static bool make_directory(const struct hunt *hunt, const char *name)
{
	char path[MAX_PATH_BYTES];

	hunt_path(hunt, path, name);
	return mkdir(path, 0777) == 0 || errno == EEXIST || complain(path, strerror(errno));
}

/* Where AFL++ begins: it wants a program to start from, be it a byte. */
static bool make_input(const struct hunt *hunt)
{
	char path[MAX_PATH_BYTES];

	hunt_path(hunt, path, "in/newline");
	return make_directory(hunt, "in") && output_write(path, "\n", 1);
}

static void remove_tree(const char *path) // NOLINT(misc-no-recursion): as deep as what AFL++ makes
{
	char below[MAX_PATH_BYTES];
	DIR *directory = opendir(path);
	struct stat status;

	for (const struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >= (int)sizeof(below))
			continue;
		if (lstat(below, &status) == 0 && S_ISDIR(status.st_mode))
			remove_tree(below);
		else
			unlink(below);
	}
	if (directory)
		closedir(directory);
	rmdir(path);
}

static bool write_known(const struct hunt *hunt)
{
	char path[MAX_PATH_BYTES];
	struct output output;

	hunt_path(hunt, path, "known");
	if (!output_open(&output, path))
		return false;
	for (unsigned int i = 0; i < hunt->known.nr; i++)
		fprintf(output.file, "%s\n", hunt->known.class[i]);
	return output_commit(&output);
}

/* ---- the child ---- */

static int become(void *data)
{
	const struct hunt *hunt = data;
	struct words *words = calloc(1, sizeof(*words));
	char log[MAX_PATH_BYTES];

	hunt_path(hunt, log, "log");
	int nothing = open("/dev/null", O_RDONLY), out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	if (!words || nothing < 0 || out < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0 || chdir(hunt->directory) != 0)
		return EXIT_USAGE;
	hunt_environment(hunt);
	hunt_command(hunt, words);
	execv(words->argv[0], words->argv);
	return EXIT_USAGE;
}

static bool start(struct hunt *hunt)
{
	char path[MAX_PATH_BYTES];

	if (hunt->known.nr && !write_known(hunt))
		return false;
	hunt->stopped = false;
	hunt->seen = 0;
	fflush(NULL); /* what the child inherits it must not write again */
	hunt->pid = child_fork(become, hunt);
	if (hunt->pid > 0)
		return true;
	hunt->pid = 0;
	hunt_path(hunt, path, "");
	return complain(path, strerror(errno));
}

bool hunt_begin(struct hunt *hunt)
{
	const struct subject *subject = hunt->subject;
	struct result *result = &hunt->result;

	snprintf(hunt->program, sizeof(hunt->program), "%s", program_for(subject, hunt->driver));
	snprintf(result->subject, sizeof(result->subject), "%s", subject->name);
	snprintf(result->driver, sizeof(result->driver), "%s", hunt->driver->name);
	snprintf(result->release, sizeof(result->release), "%s", subject->settings.version);
	result->seconds = subject->seconds;
	result->limit = subject->limit;
	snprintf(result->build, sizeof(result->build), "%s", hunt->driver->digest);
	if (subject->target[0] && !program_digest(hunt->program, result->build))
		return false;
	if (snprintf(hunt->directory, sizeof(hunt->directory), "%s/%s,%s,%u", hunt->score->work,
		     subject->name, hunt->driver->name, result->seed) >= (int)sizeof(hunt->directory))
		return complain(hunt->score->work, strerror(ENAMETOOLONG));
	for (char *at = hunt->directory + strlen(hunt->score->work) + 1; *at; at++)
		*at = *at == '/' ? '_' : *at;
	remove_tree(hunt->directory); /* of a score that was killed */
	return make_directory(hunt, "") && make_directory(hunt, "corpus") && make_input(hunt) && start(hunt);
}

/* Seconds and executions of all attempts so far go into the result. */
static void count(struct hunt *hunt, const struct rusage *usage)
{
	char path[MAX_PATH_BYTES], error[TALLY_ERROR_MAX];
	struct tally_counts *counts = calloc(1, sizeof(*counts));

	double seconds = (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
			 (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;

	/* AFL++ kills the target and leaves it to others to wait for it */
	hunt->result.cpu_seconds += hunt->seen > seconds && hunt->driver->kind == DRIVER_AFL ? hunt->seen :
											       seconds;
	hunt_path(hunt, path, "tally");
	if (counts && tally_read(path, counts, error)) {
		hunt->result.executions = counts->executions;
		if (hunt->subject->decision >= 0)
			snprintf(hunt->result.reached, sizeof(hunt->result.reached), "%s",
				 counts->asked[hunt->subject->decision] ? "yes" : "no");
	}
	free(counts);
}

/* What is called one of these, below a directory. */
static bool find_artifact(const char *directory, const char *const *begins, char path[MAX_PATH_BYTES])
{
	DIR *files = opendir(directory);
	bool found = false;

	for (const struct dirent *entry; files && !found && (entry = readdir(files)) != NULL;)
		for (size_t i = 0; !found && begins[i]; i++)
			found = strncmp(entry->d_name, begins[i], strlen(begins[i])) == 0 &&
				snprintf(path, MAX_PATH_BYTES, "%s/%s", directory, entry->d_name) <
					MAX_PATH_BYTES;
	if (files)
		closedir(files);
	return found;
}

static bool artifact_of(const struct hunt *hunt, char path[MAX_PATH_BYTES])
{
	static const char *const libfuzzer[] = { "crash-", "timeout-", "oom-", "leak-", NULL };
	static const char *const afl[] = { "id:", NULL };
	char name[64], directory[MAX_PATH_BYTES];

	if (hunt->driver->kind != DRIVER_AFL)
		return find_artifact(hunt->directory, libfuzzer, path);
	snprintf(name, sizeof(name), "out%u/default/crashes", hunt->attempts);
	hunt_path(hunt, directory, name);
	if (find_artifact(directory, afl, path))
		return true;
	snprintf(name, sizeof(name), "out%u/default/hangs", hunt->attempts);
	hunt_path(hunt, directory, name);
	return find_artifact(directory, afl, path);
}

/* ---- its end ---- */

static bool budget_left(const struct hunt *hunt)
{
	return hunt->result.cpu_seconds < hunt->subject->seconds &&
	       (!hunt->subject->limit || hunt->result.executions < hunt->subject->limit);
}

/* The last line that is about more than progress. */
static void complain_of_log(const struct hunt *hunt, int status)
{
	char path[MAX_PATH_BYTES], line[512], last[512] = "";

	hunt_path(hunt, path, "log");
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (line[0] != '#' && line[0] != '\n' && strncmp(line, "INFO", 4) != 0)
			snprintf(last, sizeof(last), "%s", line);
	if (file)
		fclose(file);
	last[strcspn(last, "\n")] = '\0';
	fprintf(stderr, "rmapfuzz: %s: seed %u of %s ended with %s %d: %s\n", hunt->subject->name,
		hunt->result.seed, hunt->driver->name, WIFSIGNALED(status) ? "signal" : "exit code",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), last);
}

static enum hunt_state give_up(struct hunt *hunt)
{
	char path[MAX_PATH_BYTES];

	hunt_path(hunt, path, hunt->driver->kind == DRIVER_AFL ? "out0/default/queue" : "corpus");
	snprintf(hunt->result.triggered, sizeof(hunt->result.triggered), "%s", evaluate_triggered(hunt, path));
	return HUNT_OVER;
}

static void detected(struct hunt *hunt, const struct evaluation *found, const char *artifact)
{
	struct result *result = &hunt->result;

	result->detected = true;
	snprintf(result->invariant, sizeof(result->invariant), "%s", found->invariant);
	snprintf(result->class, sizeof(result->class), "%s", found->class);
	result->operation = found->operation;
	snprintf(result->triggered, sizeof(result->triggered), "%s", evaluate_triggered(hunt, artifact));
	snprintf(result->oracle_alone, sizeof(result->oracle_alone), "%s",
		 replay_without_sanitizers(hunt, artifact, found));
}

/* Another failure: the next attempt passes it, if there is to be one. */
static enum hunt_state pass(struct hunt *hunt, const struct evaluation *found, const char *artifact)
{
	struct known *known = &hunt->known;
	char class[KNOWN_CLASS_MAX];

	snprintf(class, sizeof(class), "%.40s%s", found->class,
		 settings_turned_back(&hunt->subject->settings) ? "-without-bug" : "");
	hunt->result.other_failures++;
	unlink(artifact);
	if (!budget_left(hunt) || known->nr == MAX_KNOWN)
		return give_up(hunt);
	if (found->failed && known_find(known, class) < 0)
		snprintf(known->class[known->nr++], KNOWN_CLASS_MAX, "%s", class);
	hunt->attempts++;
	return start(hunt) ? HUNT_GOES_ON : HUNT_FAILED;
}

static enum hunt_state attempt_over(struct hunt *hunt, int status)
{
	char artifact[MAX_PATH_BYTES];
	struct evaluation found;

	if (!artifact_of(hunt, artifact)) {
		if (hunt->stopped || (WIFEXITED(status) && (WEXITSTATUS(status) == TARGET_DONE)))
			return give_up(hunt);
		complain_of_log(hunt, status);
		return HUNT_FAILED;
	}
	if (!evaluate(hunt, artifact, &found))
		return HUNT_FAILED;
	if (!found.failed || found.without_bug)
		return pass(hunt, &found, artifact);
	detected(hunt, &found, artifact);
	return HUNT_OVER;
}

/* The executions of an AFL++ that counts otherwise are those of the target. */
static bool over_budget(struct hunt *hunt)
{
	char path[MAX_PATH_BYTES], error[TALLY_ERROR_MAX];
	struct tally_counts *counts;
	double seconds = processor_seconds(hunt->pid);

	/* less than before: the target is gone already */
	hunt->seen = seconds > hunt->seen ? seconds : hunt->seen;
	bool over = hunt->result.cpu_seconds + seconds >= hunt->subject->seconds;

	if (over || !hunt->subject->limit || hunt->driver->kind != DRIVER_AFL)
		return over;
	counts = calloc(1, sizeof(*counts));
	hunt_path(hunt, path, "tally");
	over = counts && tally_read(path, counts, error) && counts->executions >= hunt->subject->limit;
	free(counts);
	return over;
}

enum hunt_state hunt_look(struct hunt *hunt)
{
	struct rusage usage;
	int status;
	pid_t ended = wait4(hunt->pid, &status, WNOHANG, &usage);

	if (ended == 0 || (ended < 0 && errno == EINTR)) {
		if (!hunt->stopped && over_budget(hunt)) {
			hunt->stopped = true;
			kill(hunt->pid, SIGTERM);
		}
		return HUNT_GOES_ON;
	}
	hunt->pid = 0;
	if (ended < 0)
		return HUNT_FAILED;
	count(hunt, &usage);
	return attempt_over(hunt, status);
}

void hunt_end(struct hunt *hunt)
{
	int status;

	if (hunt->pid) {
		child_stop(hunt->pid, PATIENCE_MS, &status);
		hunt->pid = 0;
	}
	if (hunt->directory[0])
		remove_tree(hunt->directory);
}
