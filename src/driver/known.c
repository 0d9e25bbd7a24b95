// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of known failures, see known.h. Allocates and reads once, at the
 * start; asks a second engine only about programs that fail.
 */
#include "driver/known.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_class(const char *word, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	return length && length < KNOWN_CLASS_MAX && strspn(word, letters) >= length;
}

/* One line without its newline. */
static bool take_line(struct known *known, const char *line, const char *path, unsigned int number,
		      char error[KNOWN_ERROR_MAX])
{
	const char *word = line + strspn(line, " \t\r\n");
	size_t length = strcspn(word, " \t\r\n#");
	const char *behind = word + length + strspn(word + length, " \t\r\n");
	char class[KNOWN_CLASS_MAX];

	if (!length && (*word == '#' || !*word))
		return true;
	if (!is_class(word, length) || (*behind && *behind != '#')) {
		snprintf(error, KNOWN_ERROR_MAX, "%s:%u:%u: expected a failure class, as I7-pte", path,
			 number, (unsigned int)(word - line) + 1);
		return false;
	}
	snprintf(class, sizeof(class), "%.*s", (int)length, word);
	if (known_find(known, class) >= 0)
		return true;
	if (known->nr == MAX_KNOWN) {
		snprintf(error, KNOWN_ERROR_MAX, "%s:%u:1: expected at most %d classes", path, number,
			 MAX_KNOWN);
		return false;
	}
	memcpy(known->class[known->nr++], class, sizeof(class));
	return true;
}

static bool read_list(struct known *known, const char *path, char error[KNOWN_ERROR_MAX])
{
	FILE *file = fopen(path, "r");
	char line[256];
	bool fine = true;

	for (unsigned int number = 1; file && fine && fgets(line, sizeof(line), file); number++) {
		fine = take_line(known, line, path, number, error);
		/* the rest of a long line can only be a comment */
		for (int c = strchr(line, '\n') ? '\n' : getc(file); c != '\n' && c != EOF;)
			c = getc(file);
	}
	if (!file || ferror(file)) {
		snprintf(error, KNOWN_ERROR_MAX, "%s: %s", path, strerror(errno));
		fine = false;
	}
	if (file)
		fclose(file);
	return fine;
}

bool known_open(struct known *known, const char *path, const struct settings *settings,
		char error[KNOWN_ERROR_MAX])
{
	struct settings repaired;

	*known = (struct known){ .nr = 0 };
	if (!read_list(known, path, error))
		return false;
	if (!settings_turned_back(settings))
		return true;
	settings_without_bugs(settings, &repaired);
	known->without = player_create(&repaired);
	if (!known->without)
		snprintf(error, KNOWN_ERROR_MAX, "out of memory");
	return known->without != NULL;
}

void known_close(struct known *known)
{
	if (known->without)
		player_destroy(known->without);
	known->without = NULL;
}

void known_class(struct known *known, const struct program *program, const struct violation *violation,
		 char class[KNOWN_CLASS_MAX])
{
	struct violation other;
	bool without_bug = known->without && !player_run(known->without, program, NULL, NULL, &other) &&
			   other.invariant == violation->invariant && other.kind == violation->kind;

	_Static_assert((int)VIOLATION_SIGNATURE_MAX <= (int)KNOWN_CLASS_MAX, "room for a class");
	violation_class(violation, without_bug, class);
}

int known_find(const struct known *known, const char *class)
{
	for (unsigned int i = 0; i < known->nr; i++)
		if (strcmp(known->class[i], class) == 0)
			return (int)i;
	return -1;
}
