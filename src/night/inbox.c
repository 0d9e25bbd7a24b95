// SPDX-License-Identifier: GPL-2.0-only
/*
 * Artifacts on their way to findings/. A worker leaves them in inbox/; triage,
 * as a child, minimizes and files them. A file leaves the inbox only after it
 * was filed, so that whoever is killed, it is filed in the end, and triage
 * counts no program twice.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "night/night.h"

enum { TRIAGE_LIMIT_MS = 120000, MAX_ATTEMPTS = 3 };

static int is_artifact(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strlen(entry->d_name) < INBOX_NAME_MAX;
}

bool inbox_empty(struct night *night)
{
	char path[NIGHT_PATH];
	bool empty = true;

	rundir_path(&night->dir, path, "inbox");
	DIR *directory = opendir(path);

	for (const struct dirent *entry; directory && empty && (entry = readdir(directory)) != NULL;)
		empty = !is_artifact(entry);
	if (directory)
		closedir(directory);
	return empty;
}

static uint32_t attempts_of(const struct night *night, const char *name)
{
	return (uint32_t)json_integer_value(json_object_get(night->inbox.attempts, name));
}

static void set_attempts(struct night *night, const char *name, uint32_t attempts)
{
	json_object_set_new(night->inbox.attempts, name, json_integer(attempts));
}

size_t inbox_setting_length(const char *name)
{
	const char *comma = strchr(name, ',');

	return comma && memchr(name, '=', (size_t)(comma - name)) ? (size_t)(comma - name) : 0;
}

/* What triage would take for text gets the form that cannot be mistaken. */
static void make_canonical(struct night *night, const char *path)
{
	uint8_t content[PROGRAM_MAX_BYTES];
	struct program *program;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = descriptor < 0 ? -1 : read(descriptor, content, sizeof(content));

	if (descriptor >= 0)
		close(descriptor);
	if (length < 0 || !program_is_text(content, (size_t)length))
		return;
	program = malloc(sizeof(*program));
	if (!program)
		return;
	program_decode(program, content, (size_t)length);
	size_t size = program_encode(program, content);

	free(program);
	/* without room for it triage says that it is bad, and it is set aside in the end */
	disk_write_surely(night, path, content, size);
}

/* Of what has the same setting of its own, if it is to be tried under that. */
static bool fits_batch(const struct inbox *inbox, const char *name)
{
	size_t length = strlen(inbox->own);

	return inbox->nr < INBOX_BATCH && !replay_wanted(name) &&
	       (!length || (inbox_setting_length(name) == length && strncmp(name, inbox->own, length) == 0));
}

/* The first files of the inbox; and the first that is to be replayed, if there is one. */
static void choose_batch(struct night *night)
{
	struct inbox *inbox = &night->inbox;
	struct dirent **entries;
	char path[NIGHT_PATH];

	inbox->nr = 0;
	inbox->replayed[0] = '\0';
	rundir_path(&night->dir, path, "inbox");
	int nr = scandir(path, &entries, is_artifact, alphasort);

	for (int i = 0; i < nr; i++) {
		const char *name = entries[i]->d_name;

		if (fits_batch(inbox, name)) {
			rundir_path(&night->dir, path, "inbox/%.127s", name);
			make_canonical(night, path);
			snprintf(inbox->batch[inbox->nr].name, INBOX_NAME_MAX, "%.127s", name);
			inbox->batch[inbox->nr++].outcome = OUTCOME_NONE;
		} else if (replay_wanted(name)) {
			snprintf(inbox->replayed, INBOX_NAME_MAX, "%.127s", name);
		}
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
	if (!inbox->nr)
		inbox->own[0] = '\0'; /* what was to be tried under it is gone */
}

static bool start_triage(struct night *night)
{
	struct inbox *inbox = &night->inbox;
	struct words *words = calloc(1, sizeof(*words));
	int memory = child_memory("triage");

	if (memory < 0 || !words) {
		if (memory >= 0)
			close(memory);
		free(words);
		return false;
	}
	words_add(words, "%s", night->self);
	words_add(words, "triage");
	words_add(words, "--json");
	words_add(words, "--output=%s/findings", night->dir.path);
	words_add_settings(words, night);
	if (inbox->own[0])
		words_add(words, "--%s", inbox->own);
	for (uint32_t i = 0; i < inbox->nr; i++)
		words_add(words, "%s/inbox/%s", night->dir.path, inbox->batch[i].name);
	rundir_sweep(night, "findings");
	const struct child_command command = { .argv = words->argv, .output = memory };
	pid_t pid = child_start(&command);

	free(words);
	if (pid < 0) {
		close(memory);
		return false;
	}
	night->chore = (struct chore){
		.kind = CHORE_TRIAGE, .pid = pid, .output = memory, .limit = night_now() + TRIAGE_LIMIT_MS
	};
	return true;
}

bool inbox_begin(struct night *night)
{
	if (night_now() < night->inbox.not_before)
		return false;
	choose_batch(night);
	if (night->inbox.nr)
		return start_triage(night);
	return night->inbox.replayed[0] && replay_begin(night);
}

/* ---- what came of it ---- */

static void take_outcome(struct inbox *inbox, const json_t *line)
{
	const char *file = json_string_value(json_object_get(line, "file"));
	const char *outcome = json_string_value(json_object_get(line, "outcome"));
	const char *signature = json_string_value(json_object_get(line, "signature"));
	const char *slash = file ? strrchr(file, '/') : NULL;

	if (!slash || !outcome)
		return;
	for (uint32_t i = 0; i < inbox->nr; i++) {
		if (strcmp(inbox->batch[i].name, slash + 1) != 0)
			continue;
		inbox->batch[i].outcome = strcmp(outcome, "clean") == 0 ? OUTCOME_CLEAN : OUTCOME_FILED;
		inbox->batch[i].can_be_passed = signature && signature[0] == 'I' &&
						isdigit((unsigned char)signature[1]);
	}
}

/* Reads the lines of triage; the last one that is no JSON is what it complained about. */
static void take_lines(struct inbox *inbox, char *text, char complaint[NIGHT_TEXT_MAX])
{
	complaint[0] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		json_t *object = line[0] == '{' ? json_loads(line, 0, NULL) : NULL;

		if (object)
			take_outcome(inbox, object);
		else
			snprintf(complaint, NIGHT_TEXT_MAX, "%s", line);
		json_decref(object);
	}
}

/* A sanitizer cannot be told to go on: what it stops must not be read by every worker that starts. */
static void take_out_of_corpus(struct night *night, const char *name)
{
	const char *dash = strrchr(name, '-');
	char path[NIGHT_PATH];

	if (!dash || strlen(dash + 1) != 40)
		return;
	rundir_path(&night->dir, path, "corpus/%s", dash + 1);
	if (unlink(path) == 0)
		night_log(night, "%s taken out of the corpus: it is in findings/ now", dash + 1);
}

/* The name of an artifact ends with the SHA-1 of what it should be. */
static const char *why_clean(const char *path, const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash && corpus_fault(path, dash + 1) ?
		       "an artifact that was not written whole: the disk was full, or its worker was killed" :
		       "an artifact of a worker that does not fail when played again";
}

void inbox_finish(struct night *night, const char *name, bool filed, const char *complaint)
{
	uint32_t attempts = attempts_of(night, name);
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "inbox/%s", name);
	if (filed) {
		unlink(path);
		json_object_del(night->inbox.attempts, name);
	} else if (attempts + 1 < MAX_ATTEMPTS || night->disk.full) {
		set_attempts(night, name, attempts + 1); /* perhaps there was no room for it */
		night->inbox.not_before = night_now() + INBOX_RETRY_MS;
	} else {
		night_problem(night, "%s could not be filed: %s", name, complaint);
		rundir_set_aside(night, path, complaint);
	}
}

static void finish_file(struct night *night, const struct inbox_file *file, const char *complaint)
{
	size_t length = inbox_setting_length(file->name);
	char path[NIGHT_PATH];

	if (file->outcome != OUTCOME_CLEAN) {
		if (file->outcome == OUTCOME_FILED && !file->can_be_passed)
			take_out_of_corpus(night, file->name);
		inbox_finish(night, file->name, file->outcome == OUTCOME_FILED, complaint);
	} else if (length && !night->inbox.own[0]) {
		snprintf(night->inbox.next_own, INBOX_NAME_MAX, "%.*s", (int)length, file->name);
	} else {
		rundir_path(&night->dir, path, "inbox/%s", file->name);
		rundir_set_aside(night, path, why_clean(path, file->name));
	}
}

void inbox_end(struct night *night, int status)
{
	struct inbox *inbox = &night->inbox;
	char *text = child_memory_text(night->chore.output), complaint[NIGHT_TEXT_MAX] = "out of memory";

	close(night->chore.output);
	if (text)
		take_lines(inbox, text, complaint);
	free(text);
	if (WIFSIGNALED(status))
		snprintf(complaint, sizeof(complaint), "triage was ended by signal %d", WTERMSIG(status));
	inbox->next_own[0] = '\0';
	/* who was killed by somebody says nothing of the files that were not done yet */
	bool killed = child_was_killed(status) && night_now() <= night->chore.limit;

	if (killed) /* perhaps for memory, which is short */
		inbox->not_before = night_now() + INBOX_RETRY_MS;
	for (uint32_t i = 0; i < inbox->nr; i++)
		if (!killed || inbox->batch[i].outcome != OUTCOME_NONE)
			finish_file(night, &inbox->batch[i], complaint);
	/* those that are clean under the settings of the run come next, under their own */
	snprintf(inbox->own, sizeof(inbox->own), "%s", inbox->next_own);
	findings_scan(night);
	findings_write_known(night);
}
