// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the files of a run. They may be missing, huge, torn or not what
 * their names say: then there is a warning for the report, and nothing else
 * happens. Never waits for a FIFO, never writes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/internal.h"

void run_warn(struct run_files *run, const char *name, const char *what)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s: %s", name, what);
	json_array_append_new(run->warnings, json_text(text));
}

static FILE *open_regular(const char *path, const char **reason)
{
	int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat status;

	*reason = descriptor < 0 ? strerror(errno) : "no regular file";
	if (descriptor < 0)
		return NULL;
	if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
		FILE *file = fdopen(descriptor, "rb");

		if (file)
			return file;
		*reason = strerror(errno);
	}
	close(descriptor);
	return NULL;
}

/* Grows as the file does: a limit of many megabytes costs nothing for a small file. */
static char *read_all(FILE *file, size_t most, size_t *length)
{
	size_t room = 1 << 14;
	char *content = malloc(room + 1);

	*length = 0;
	while (content) {
		*length += fread(content + *length, 1, room - *length, file);
		if (*length < room || *length > most)
			return content;
		room *= 2;
		char *more = realloc(content, room + 1);

		if (!more)
			free(content);
		content = more;
	}
	return NULL;
}

char *run_read(const struct run_files *run, const char *name, size_t most, size_t *length, bool *cut,
	       const char **reason)
{
	char path[MAX_PATH_BYTES];

	*reason = "path too long";
	if (snprintf(path, sizeof(path), "%s/%s", run->path, name) >= (int)sizeof(path))
		return NULL;
	FILE *file = open_regular(path, reason);

	if (!file)
		return NULL;
	char *content = read_all(file, most, length);
	bool failed = ferror(file) != 0, more = content && *length > most;

	*reason = !content ? "out of memory" : failed ? "cannot be read" : "too large";
	fclose(file);
	if (!content || failed || (more && !cut)) {
		free(content);
		return NULL;
	}
	if (cut)
		*cut = more;
	*length = more ? most : *length;
	content[*length] = '\0';
	return content;
}

/* What is shown has no control characters but newline and tab. */
static void make_plain(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] == 0x7f)
			text[i] = '?';
}

/* Behind the last whole line. */
static void cut_at_line(char *text, size_t length)
{
	while (length && text[length - 1] != '\n')
		length--;
	text[length] = '\0';
}

json_t *run_text(struct run_files *run, const char *name)
{
	static const char note[] = "(cut here: the file is longer)\n";
	const char *reason;
	size_t length;
	bool cut;
	char *content = run_read(run, name, MAX_TEXT_BYTES, &length, &cut, &reason);

	if (!content) {
		run_warn(run, name, reason);
		return json_null();
	}
	make_plain(content, length);
	if (cut) {
		content[length - sizeof(note)] = '\0'; /* room for the note */
		cut_at_line(content, length - sizeof(note));
		memcpy(content + strlen(content), note, sizeof(note));
		run_warn(run, name, "longer than what is shown");
	}
	json_t *text = json_text(content);

	free(content);
	return text;
}

json_t *run_json(struct run_files *run, const char *name, bool needed)
{
	const char *reason;
	json_error_t error;
	char what[512];
	size_t length;
	char *content = run_read(run, name, MAX_JSON_BYTES, &length, NULL, &reason);

	if (!content) {
		if (needed || strcmp(reason, strerror(ENOENT)) != 0)
			run_warn(run, name, reason);
		return NULL;
	}
	json_t *value = json_loadb(content, length, 0, &error);

	free(content);
	if (!value) {
		snprintf(what, sizeof(what), "line %d: %s", error.line, error.text);
		run_warn(run, name, what);
	} else if (!json_is_object(value)) {
		run_warn(run, name, "no object");
		json_decref(value);
		value = NULL;
	}
	return value;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

json_t *run_list(const struct run_files *run, const char *name)
{
	char path[MAX_PATH_BYTES];
	struct dirent **entries;
	json_t *names = json_array();

	if (snprintf(path, sizeof(path), "%s/%s", run->path, name) >= (int)sizeof(path))
		return names;
	int nr = scandir(path, &entries, not_hidden, alphasort);

	for (int i = 0; i < nr; i++) {
		json_array_append_new(names, json_text(entries[i]->d_name));
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
	return names;
}
