// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is to be found, see score.h. Must never let a wrong engine of a file pass
 * for a bug of the catalogue.
 */
#define _GNU_SOURCE /* strsep */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/score.h"

enum { DEFAULT_SECONDS = 60, CANARY_SECONDS = 10, CANARY_LIMIT = 2000 };

/* Nothing is counted of an anon_vma where the oracle knows that it should: the first fault shows it. */
#define CANARY "COUNTERS=NONE"

static struct subject *add(struct subjects *subjects)
{
	if (subjects->nr == subjects->room) {
		size_t room = subjects->room ? 2 * subjects->room : 64;
		struct subject *list = realloc(subjects->list, room * sizeof(*list));

		if (!list)
			return NULL;
		subjects->list = list;
		subjects->room = room;
	}
	struct subject *subject = &subjects->list[subjects->nr++];

	memset(subject, 0, sizeof(*subject));
	settings_init(&subject->settings);
	subject->decision = -1;
	return subject;
}

static void set_budget(struct subject *subject, const struct subject_options *options)
{
	if (options->seconds)
		subject->seconds = options->seconds;
	else if (!subject->seconds)
		subject->seconds = subject->bar ? subject->bar->seconds : DEFAULT_SECONDS;
	if (options->limit)
		subject->limit = options->limit;
}

/* Folds the settings and writes them down for a target. */
static bool finish(struct subject *subject, const struct subject_options *options,
		   char error[SETTINGS_ERROR_MAX])
{
	struct settings right;

	if (!settings_finish(&subject->settings, error))
		return false;
	if (subject->settings.nr_bugs)
		subject->decision = subject->settings.bugs[0]->decision;
	else if (subject->settings.nr_decided)
		subject->decision = subject->settings.decided[0].decision;
	settings_print(&subject->settings, subject->options, sizeof(subject->options));
	settings_without_bugs(&subject->settings, &right);
	settings_print(&right, subject->right_options, sizeof(subject->right_options));
	set_budget(subject, options);
	return true;
}

/* The last row in which the wrong decision makes sense. */
static bool newest_release(const struct bug *bug, char version[VERSION_TEXT_MAX])
{
	struct release release;
	bool found = false;

	for (size_t i = 0; release_at(i, &release); i++)
		if (bug_applies(bug, &release)) {
			snprintf(version, VERSION_TEXT_MAX, "%s", release.name);
			found = true;
		}
	return found;
}

static bool add_bug(struct subjects *subjects, const struct bug *bug, const struct subject_options *options)
{
	struct subject *subject = add(subjects);
	char error[SETTINGS_ERROR_MAX], version[VERSION_TEXT_MAX];

	if (!subject)
		return complain(bug->id, "out of memory");
	snprintf(subject->name, sizeof(subject->name), "%s", bug->id);
	subject->bar = bar_of(bug->id);
	if (options->release)
		snprintf(version, sizeof(version), "%s", options->release);
	else if (!newest_release(bug, version))
		return complain(bug->id, "makes sense in no release");
	return (settings_set(&subject->settings, "release", version, error) &&
		settings_set(&subject->settings, "bug", bug->id, error) && finish(subject, options, error)) ||
	       complain(bug->id, error);
}

bool subjects_of_catalogue(struct subjects *subjects, char *const *names, int nr,
			   const struct subject_options *options)
{
	char error[SETTINGS_ERROR_MAX];
	struct settings settings;

	for (size_t i = 0; !nr && bug_at(i); i++)
		if (!add_bug(subjects, bug_at(i), options))
			return false;
	for (int i = 0; i < nr; i++) {
		settings_init(&settings);
		if (!settings_set(&settings, "bug", names[i], error))
			return complain(names[i], error);
		if (!add_bug(subjects, settings.bugs[0], options))
			return false;
	}
	return true;
}

/* A name goes into file names and into a table of comma separated values. */
static bool good_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=+:/";

	return *name && *name != '.' && *name != '-' && strlen(name) < SCORE_NAME_MAX &&
	       strspn(name, letters) == strlen(name);
}

/* As a file of subjects names it: from its own directory. */
static bool take_path(char out[MAX_PATH_BYTES], const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	int length = *name == '/' || !slash ? 0 : (int)(slash + 1 - file);
	char path[2 * MAX_PATH_BYTES];

	snprintf(path, sizeof(path), "%.*s%s", length, file, name);
	char *whole = realpath(path, NULL);

	snprintf(out, MAX_PATH_BYTES, "%s", whole ? whole : "");
	free(whole);
	return access(out, X_OK) == 0;
}

static bool take_number(const json_t *value, json_int_t most, json_int_t *number)
{
	if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > most)
		return false;
	*number = json_integer_value(value);
	return true;
}

/* "expected ..." if a member is none, otherwise NULL. */
static const char *take_member(struct subject *subject, const char *file, const char *key,
			       const json_t *value, char error[SETTINGS_ERROR_MAX])
{
	const struct {
		const char *key;
		char *path;
	} paths[] = { { "target", subject->target }, { "random", subject->random }, { "plain", subject->plain } };
	const char *text = json_string_value(value);
	json_int_t number;

	if (strcmp(key, "seconds") == 0 || strcmp(key, "executions") == 0) {
		if (!take_number(value, *key == 's' ? MAX_SCORE_SECONDS : INT64_MAX, &number))
			return "expected a number for seconds and executions, from 1";
		*(*key == 's' ? &subject->own_bar.seconds : &subject->own_bar.executions) = (uint32_t)number;
		if (*key == 'e')
			subject->limit = (uint64_t)number;
		return NULL;
	}
	if (!text)
		return "expected texts, and numbers for seconds and executions";
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(key, paths[i].key) == 0)
			return take_path(paths[i].path, file, text) ? NULL : "expected a program that exists";
	if (strcmp(key, "name") == 0) {
		snprintf(subject->name, sizeof(subject->name), "%s", text);
		return good_name(text) && !bug_find(text) ?
			       NULL :
			       "expected a name of letters, digits and -_.=+:/ that is no bug's";
	}
	return settings_set(&subject->settings, key, text, error) ? NULL : error;
}

/* "--release=6.12 --decision=X=Y" */
static const char *take_options(struct subject *subject, char *text, char error[SETTINGS_ERROR_MAX])
{
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		char *value = strchr(word, '=');

		if (strncmp(word, "--", 2) != 0 || !value)
			return "expected options of the fuzz target, as --release=6.12";
		*value = '\0';
		if (!settings_set(&subject->settings, word + 2, value + 1, error))
			return error;
	}
	return NULL;
}

/* name, target, options, seconds */
static const char *take_cells(struct subject *subject, const char *file, char *line,
			      char error[SETTINGS_ERROR_MAX])
{
	static const char *const keys[] = { "name", "target", NULL, "seconds" };
	const char *wrong = NULL;

	for (size_t i = 0; !wrong && i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *cell = strsep(&line, "\t"), *end;
		json_t *value = NULL;

		if (!cell)
			return "expected name, target, options, seconds with tabs between";
		if (!keys[i])
			wrong = take_options(subject, cell, error);
		else if (i == 3)
			value = json_integer(strtoll(cell, &end, 10));
		else
			value = json_string(cell);
		if (value)
			wrong = take_member(subject, file, keys[i], value, error);
		json_decref(value);
	}
	return wrong;
}

static const char *take_object(struct subject *subject, const char *file, const char *line,
			       char error[SETTINGS_ERROR_MAX], int *column)
{
	json_error_t fault;
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &fault), *value;
	const char *key, *wrong = json_is_object(object) ? NULL : "expected a JSON object a line";

	*column = object || fault.column < 1 ? 1 : fault.column;
	if (!wrong)
		json_object_foreach(object, key, value) if (!wrong)
			wrong = take_member(subject, file, key, value, error);
	json_decref(object);
	return wrong ? wrong : subject->name[0] ? NULL : "expected a name";
}

/* A file's subject is held to its own bar. What is wrong with it, or NULL. */
static const char *complete(struct subject *subject, const struct subject_options *options,
			    char error[SETTINGS_ERROR_MAX])
{
	subject->seconds = subject->own_bar.seconds;
	subject->limit = subject->own_bar.executions;
	subject->own_bar = (struct bar){ .seconds = subject->seconds ? subject->seconds : DEFAULT_SECONDS,
					 .limit = subject->limit,
					 .of_eleven = 11 };
	if (!finish(subject, options, error))
		return error;
	return subject->target[0] || settings_turned_back(&subject->settings) ?
		       NULL :
		       "expected a target, a bug or a decision";
}

static bool take_line(struct subjects *subjects, const char *file, char *line,
		      const struct subject_options *options, char error[SETTINGS_ERROR_MAX], int *column)
{
	struct subject *subject = add(subjects);
	const char *wrong = subject ? NULL : "out of memory";

	*column = 1;
	if (!wrong && options->release && !settings_set(&subject->settings, "release", options->release, error))
		wrong = error;
	if (!wrong)
		wrong = line[0] == '{' ? take_object(subject, file, line, error, column) :
					 take_cells(subject, file, line, error);
	for (size_t i = 0; !wrong && i + 1 < subjects->nr; i++)
		if (strcmp(subjects->list[i].name, subject->name) == 0)
			wrong = "expected a name that no other subject has";
	if (!wrong)
		wrong = complete(subject, options, error);
	if (wrong && wrong != error)
		snprintf(error, SETTINGS_ERROR_MAX, "%s", wrong);
	return !wrong;
}

bool subjects_of_file(struct subjects *subjects, const char *path, const struct subject_options *options)
{
	char error[SETTINGS_ERROR_MAX], *line = NULL;
	FILE *file = fopen(path, "r");
	size_t room = 0;
	bool fine = file != NULL || complain(path, strerror(errno));
	int column;

	for (unsigned int number = 1; fine && getline(&line, &room, file) >= 0; number++) {
		line[strcspn(line, "\n")] = '\0';
		if (!line[strspn(line, " \t\r")] || line[0] == '#')
			continue;
		fine = take_line(subjects, path, line, options, error, &column);
		if (!fine)
			fprintf(stderr, "rmapfuzz: %s:%u:%d: %s\n", path, number, column, error);
	}
	if (fine && ferror(file))
		fine = complain(path, strerror(errno));
	if (fine && !subjects->nr)
		fine = complain(path, "no subjects in it");
	for (size_t i = 0; i < subjects->nr; i++) /* the list moves while it grows */
		subjects->list[i].bar = &subjects->list[i].own_bar;
	free(line);
	if (file)
		fclose(file);
	return fine;
}

void subject_canary(struct subject *subject)
{
	const struct subject_options options = { .seconds = CANARY_SECONDS, .limit = CANARY_LIMIT };
	char error[SETTINGS_ERROR_MAX];

	memset(subject, 0, sizeof(*subject));
	settings_init(&subject->settings);
	snprintf(subject->name, sizeof(subject->name), "canary");
	if (!settings_set(&subject->settings, "decision", CANARY, error) || !finish(subject, &options, error))
		complain("canary", error); /* then nothing is wrong in it, and the score fails */
}

void subjects_free(struct subjects *subjects)
{
	free(subjects->list);
	*subjects = (struct subjects){ .nr = 0 };
}
