// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was found, as triage files it in findings/, and the list of classes
 * that workers pass without stopping: those of findings/, and those that the
 * user has given. A class that the user has given is never new.
 */
#define _GNU_SOURCE /* open_memstream */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "night/night.h"

static json_t *entry_of(const struct night *night, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(night->state.findings, i,
			   entry) if (strcmp(json_string_value(json_object_get(entry, "name")), name) ==
				      0) return entry;
	return NULL;
}

static json_t *add_entry(struct night *night, const char *name, const char *class, const char *signature)
{
	bool is_new = !json_object_get(night->given, class);
	json_t *entry = json_pack("{s:s, s:s, s:s, s:b, s:i}", "name", name, "class", class, "signature",
				  signature, "new", is_new, "seconds", (int)night_seconds(night));

	if (!entry || json_array_append_new(night->state.findings, entry) != 0)
		return NULL;
	night_log(night, "%s: %s, findings/%s", is_new ? "found" : "found, but known", signature, name);
	return entry;
}

/* A class may have several directories: what workers met and passed is counted for the first. */
static bool is_first_of_class(const struct night *night, const json_t *entry, const char *class)
{
	for (size_t i = 0; i < json_array_size(night->state.findings); i++) {
		const json_t *other = json_array_get(night->state.findings, i);

		if (strcmp(json_string_value(json_object_get(other, "class")), class) == 0)
			return other == entry;
	}
	return false;
}

/* Files that were filed, and what workers met and passed. */
static void count(struct night *night, json_t *entry, const json_t *finding)
{
	const char *class = json_string_value(json_object_get(entry, "class"));
	json_int_t files = json_integer_value(json_object_get(finding, "count"));

	json_object_set_new(entry, "files", json_integer(files));
	if (is_first_of_class(night, entry, class))
		files += (json_int_t)counters_known(&night->counters, class);
	json_object_set_new(entry, "count", json_integer(files));
}

static void read_one(struct night *night, const char *name)
{
	const char *class, *signature;
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "findings/%.250s/finding.json", name);
	if (access(path, F_OK) != 0)
		return;
	json_t *finding = json_load_file(path, 0, NULL);

	if (json_unpack(finding, "{s:s, s:s}", "class", &class, "signature", &signature) != 0) {
		night_problem(night, "findings/%.200s/finding.json cannot be understood", name);
	} else {
		json_t *entry = entry_of(night, name);

		if (!entry)
			entry = add_entry(night, name, class, signature);
		if (entry)
			count(night, entry, finding);
	}
	json_decref(finding);
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

void findings_scan(struct night *night)
{
	struct dirent **entries;
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "findings");
	int nr = scandir(path, &entries, not_hidden, alphasort);

	if (nr < 0)
		return;
	for (int i = 0; i < nr; i++) {
		read_one(night, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static const char *last_key(json_t *object)
{
	const char *key, *last = NULL;
	json_t *unused;

	json_object_foreach(object, key, unused) last = key;
	return last;
}

/* An object used as a set: the classes that the user gave, then those of findings/, as many as a worker takes. */
static json_t *classes_to_pass(struct night *night)
{
	json_t *classes = json_copy(night->given), *entry;
	size_t i;

	json_array_foreach(night->state.findings, i, entry)
		json_object_set_new(classes, json_string_value(json_object_get(entry, "class")), json_true());
	if (json_object_size(classes) > MAX_KNOWN)
		night_problem(night, "more than %d classes of failures: workers pass only the first ones",
			      MAX_KNOWN);
	while (json_object_size(classes) > MAX_KNOWN)
		json_object_del(classes, last_key(classes));
	return classes;
}

/* The file, malloc'ed; NULL if memory is short. */
static char *list_of(json_t *classes, size_t *length)
{
	const char *class;
	json_t *unused;
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	if (!out)
		return NULL;
	fputs("# failures that workers pass and count: made from findings/ and --known\n", out);
	json_object_foreach(classes, class, unused) fprintf(out, "%s\n", class);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void findings_write_known(struct night *night)
{
	json_t *classes = classes_to_pass(night);
	char path[NIGHT_PATH];
	size_t length;
	char *text = list_of(classes, &length);

	rundir_path(&night->dir, path, "known");
	if (json_object_size(classes) != night->nr_known) {
		night->nr_known = json_object_size(classes); /* there are only ever more */
		night->known_version++;
	}
	night->known_is_old = !text || !disk_write_surely(night, path, text, length);
	if (night->known_is_old)
		night_problem(night, "no room for the list of known failures: the same ones are found again");
	free(text);
	json_decref(classes);
}

bool findings_read_given(struct night *night)
{
	const char *path = night->options->known;
	char error[KNOWN_ERROR_MAX];
	struct known known;

	night->given = json_object();
	if (!path)
		return true;
	if (!known_open(&known, path, &night->options->settings, error)) {
		fprintf(stderr, "rmapfuzz: %s\n", error);
		return false;
	}
	for (unsigned int i = 0; i < known.nr; i++)
		json_object_set_new(night->given, known.class[i], json_true());
	known_close(&known);
	return true;
}

uint32_t findings_nr_new(const struct night *night)
{
	uint32_t nr = 0;
	json_t *entry;
	size_t i;

	json_array_foreach(night->state.findings, i, entry) nr += json_is_true(json_object_get(entry, "new"));
	return nr;
}
