// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers that are afl-fuzz: instances that share by AFL++'s own
 * synchronisation, below workers/afl/. What one keeps or finds is taken from its
 * directory into the corpus and the inbox, so that nothing of a run depends on
 * which engine it had. The target's options go through the environment, for
 * AFL++'s driver takes every argument for an input.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "night/night.h"

enum { LOOK_MS = 2000 };

/* ---- programs ---- */

static bool find_in_path(const char *name, char out[NIGHT_PATH])
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t length = strcspn(path, ":");

		if (length && snprintf(out, NIGHT_PATH, "%.*s/%s", (int)length, path, name) < NIGHT_PATH &&
		    access(out, X_OK) == 0)
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

/* Beside the file or link that this command, or the fuzz target, was called by. */
static bool find_beside(const struct night *night, const char *name, char out[NIGHT_PATH])
{
	const char *places[] = { night->options->fuzzer, night_called(), night->self };
	char found[NIGHT_PATH];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!places[i])
			continue;
		night_beside(places[i], found, name);
		char *whole = realpath(found, NULL);

		if (whole) {
			snprintf(out, NIGHT_PATH, "%s", whole);
			free(whole);
			return true;
		}
	}
	return complain(name, "not beside this command: ./build.sh build fuzz release afl makes it");
}

bool afl_find_programs(struct night *night)
{
	if (!find_in_path("afl-fuzz", night->afl_fuzz))
		return complain("afl-fuzz", "not found: install afl++");
	return find_beside(night, "rmap_fuzzer-afl", night->afl_target) &&
	       find_beside(night, "librmap_mutator.so", night->afl_mutator);
}

/* ---- the command ---- */

/* "--bug=X" becomes RMAPFUZZ_BUG=X; of what is given more than once, a list with commas. */
static void add_settings(struct words *variables, const struct night *night, const char *more)
{
	char options[2 * NIGHT_OPTIONS_MAX], list[NIGHT_OPTIONS_MAX] = "";

	snprintf(options, sizeof(options), "%s%s%s", night->options->options, *more ? " --" : "", more);
	for (char *word = strtok(options, " "); word; word = strtok(NULL, " ")) {
		char *value = strchr(word, '=');

		if (!value)
			continue;
		*value++ = '\0';
		for (char *at = word; *at; at++)
			*at = (char)toupper((unsigned char)*at);
		if (strcmp(word, "--BUG") != 0) {
			words_add(variables, "RMAPFUZZ_%s=%s", word + 2, value);
			continue;
		}
		if (*list)
			strncat(list, ",", sizeof(list) - strlen(list) - 1);
		strncat(list, value, sizeof(list) - strlen(list) - 1);
	}
	if (*list)
		words_add(variables, "RMAPFUZZ_BUG=%s", list);
}

static void make_environment(struct words *variables, const struct night *night, const struct worker *worker)
{
	static const char *const fixed[] = {
		"AFL_CUSTOM_MUTATOR_ONLY=1",
		"AFL_AUTORESUME=1",
		"AFL_NO_UI=1",
		"AFL_NO_AFFINITY=1",
		"AFL_SKIP_CPUFREQ=1",
		"AFL_SYNC_TIME=1",
		"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1", /* a pipe as core_pattern only makes them slow */
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		words_add(variables, "%s", fixed[i]);
	words_add(variables, "AFL_CUSTOM_MUTATOR_LIBRARY=%s", night->afl_mutator);
	add_settings(variables, night, focus_at(worker->kind)->setting);
	words_add(variables, "RMAPFUZZ_FOCUS=%s", focus_at(worker->kind)->name);
	words_add(variables, "RMAPFUZZ_KNOWN=%s/known", night->dir.path);
	words_add(variables, "RMAPFUZZ_TALLY=%s/workers/%u/tally", night->dir.path, worker->slot);
}

/* Its limits are those of libFuzzer, in other words. */
static void make_command(struct words *words, const struct night *night, const struct worker *worker)
{
	struct words limits = { .nr = 0 };
	unsigned int timeout = 10, length = PROGRAM_MAX_BYTES;

	words_add_limits(&limits);
	for (int i = 0; i < limits.nr; i++) {
		sscanf(limits.argv[i], "-timeout=%u", &timeout);
		sscanf(limits.argv[i], "-max_len=%u", &length);
	}
	words_add(words, "%s", night->afl_fuzz);
	words_add(words, "-t");
	words_add(words, "%u", timeout * 1000);
	words_add(words, "-G");
	words_add(words, "%u", length);
	words_add(words, "-m");
	words_add(words, "none");
	words_add(words, "-V");
	words_add(words, "%u", (unsigned int)(night->period_ms / 1000));
	words_add(words, worker->slot == 1 ? "-M" : "-S");
	words_add(words, "w%u", worker->slot);
	words_add(words, "-i");
	words_add(words, "%s/corpus", night->dir.path);
	words_add(words, "-o");
	words_add(words, "%s/workers/afl", night->dir.path);
	words_add(words, "--");
	words_add(words, "%s", night->afl_target);
}

bool afl_start(struct night *night, struct worker *worker)
{
	struct words *words = calloc(2, sizeof(*words));

	if (!words)
		return false;
	make_command(&words[0], night, worker);
	make_environment(&words[1], night, worker);
	bool started = worker_launch(night, worker, words[0].argv, words[1].argv);

	free(words);
	return started;
}

/* ---- what it has made ---- */

static ssize_t read_small(const char *path, uint8_t *content, size_t room)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = file < 0 ? -1 : read(file, content, room);

	if (file >= 0)
		close(file);
	return length;
}

/* Under the name that libFuzzer would give it. Only then it goes from where it was. */
static void take_artifact(struct night *night, struct worker *worker, const char *path, const char *kind)
{
	const char *setting = focus_at(worker->kind)->setting;
	uint8_t content[PROGRAM_MAX_BYTES];
	ssize_t length = read_small(path, content, sizeof(content));
	char name[41], to[NIGHT_PATH];

	if (length <= 0) /* made, and not written yet */
		return;
	sha1_name(content, (size_t)length, name);
	rundir_path(&night->dir, to, "inbox/%s%s%s-%s", setting, *setting ? "," : "", kind, name);
	if (!disk_write_surely(night, to, content, (size_t)length))
		return; /* the next look is another try */
	unlink(path);
	if (strcmp(kind, "crash") == 0)
		worker->crash++;
	else
		worker->timeout++;
}

static void take_artifacts(struct night *night, struct worker *worker, const char *below, const char *kind)
{
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "workers/afl/w%u/%s", worker->slot, below);
	DIR *directory = opendir(path);

	for (const struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
		if (strncmp(entry->d_name, "id:", 3) != 0)
			continue;
		rundir_path(&night->dir, path, "workers/afl/w%u/%s/%.250s", worker->slot, below, entry->d_name);
		take_artifact(night, worker, path, kind);
	}
	if (directory)
		closedir(directory);
}

static void take_all_artifacts(struct night *night, struct worker *worker)
{
	take_artifacts(night, worker, "crashes", "crash");
	take_artifacts(night, worker, "hangs", "timeout");
}

/* An afl-fuzz that resumes moves its old artifacts away, so those of a runner that was killed are taken before. */
void afl_prepare(struct night *night)
{
	static const uint8_t newline[] = "\n";
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "workers/afl");
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		night_problem(night, "workers/afl: %s", strerror(errno));
	for (uint32_t i = 0; i < NIGHT_MAX_JOBS; i++)
		take_all_artifacts(night, &night->worker[i]);
	if (!night->corpus.files)
		corpus_add(night, newline, 1); /* it wants something there */
}

/* Entries are numbered; one that has just been made may be half written, and is for the next look. */
static void take_queue(struct night *night, struct worker *worker)
{
	uint8_t content[PROGRAM_MAX_BYTES];
	struct dirent **entries;
	char path[NIGHT_PATH];
	uint32_t number = 0;

	rundir_path(&night->dir, path, "workers/afl/w%u/queue", worker->slot);
	int nr = scandir(path, &entries, NULL, alphasort);

	for (int i = 0; i < nr; i++) {
		const char *name = entries[i]->d_name;
		bool last = i == nr - 1 && worker->pid;

		if (sscanf(name, "id:%u", &number) == 1 && number >= worker->exported && !last) {
			rundir_path(&night->dir, path, "workers/afl/w%u/queue/%.250s", worker->slot, name);
			ssize_t length = read_small(path, content, sizeof(content));

			if (length > 0)
				corpus_add(night, content, (size_t)length);
			worker->exported = number + 1;
		}
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

/* Once a minute and at the end it says how many edges it has found. */
static void take_coverage(struct night *night, struct worker *worker)
{
	char path[NIGHT_PATH], text[4096];

	rundir_path(&night->dir, path, "workers/afl/w%u/fuzzer_stats", worker->slot);
	ssize_t length = read_small(path, (uint8_t *)text, sizeof(text) - 1);

	text[length < 0 ? 0 : length] = '\0';
	const char *edges = strstr(text, "edges_found");

	edges = edges ? strchr(edges, ':') : NULL;
	worker_take_coverage(night, worker, edges ? (uint32_t)strtoul(edges + 1, NULL, 10) : 0);
}

void afl_look(struct night *night, struct worker *worker)
{
	if (night_now() < worker->next_look)
		return;
	worker->next_look = night_now() + LOOK_MS;
	take_all_artifacts(night, worker);
	take_queue(night, worker);
	take_coverage(night, worker);
}

void afl_reset(struct night *night, struct worker *worker)
{
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "workers/afl/w%u", worker->slot);
	if (access(path, F_OK) == 0)
		rundir_set_aside(night, path, "afl-fuzz does not start from it");
	worker->exported = 0;
	worker->short_runs = 0;
}
