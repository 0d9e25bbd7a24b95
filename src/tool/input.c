// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading programs from files: text or bytes, one file, a tree or standard
 * input. Never writes, and never hands on a part of a bad file.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/tool.h"

enum { MAX_DEPTH = 16 };

bool complain(const char *path, const char *what)
{
	fprintf(stderr, "rmapfuzz: %s: %s\n", path, what);
	return false;
}

bool join_path(char out[MAX_PATH_BYTES], const char *directory, const char *name)
{
	if (snprintf(out, MAX_PATH_BYTES, "%s/%s", directory, name) < MAX_PATH_BYTES)
		return true;
	return complain(directory, "path too long");
}

bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

size_t name_stem(const char *name)
{
	static const char suffix[] = ".prog";
	size_t length = strlen(name), end = strlen(suffix);

	return length > end && strcmp(name + length - end, suffix) == 0 ? length - end : length;
}

/* One byte more than allowed is read, so that a huge or endless file is noticed without its size. */
static bool read_content(struct input *input, const char *path)
{
	bool standard_input = strcmp(path, "-") == 0;
	FILE *file = standard_input ? stdin : fopen(path, "rb");

	if (!file)
		return complain(path, strerror(errno));
	input->content = malloc(MAX_FILE_BYTES + 1);
	if (input->content)
		input->length = fread(input->content, 1, MAX_FILE_BYTES + 1, file);
	bool failed = ferror(file) != 0;
	int reason = errno;

	if (!standard_input)
		fclose(file);
	if (!input->content)
		return complain(path, "out of memory");
	if (failed)
		return complain(path, strerror(reason));
	if (input->length > MAX_FILE_BYTES)
		return complain(path, "too large for a program (the limit is 1 MB)");
	return true;
}

static bool decode(struct input *input, const char *path)
{
	const uint8_t *bytes = (const uint8_t *)input->content;
	struct parse_error error;

	/* a file that calls itself text is text, so that a stray NUL in it is an error and not a program */
	input->text = path[name_stem(path)] || program_is_text(bytes, input->length);
	if (!input->text) {
		program_decode(&input->program, bytes, input->length);
		return true;
	}
	if (program_parse(&input->program, &input->notes, input->content, input->length, &error))
		return true;
	fprintf(stderr, "%s:%u:%u: expected %s\n", path, error.line, error.column, error.expected);
	return false;
}

static struct input *input_create(const char *path)
{
	struct input *input = calloc(1, sizeof(*input));

	if (!input)
		complain(path, "out of memory");
	return input;
}

struct input *input_read(const char *path)
{
	struct input *input = input_create(path);

	if (!input || (read_content(input, path) && decode(input, path)))
		return input;
	input_free(input);
	return NULL;
}

struct input *input_decode(const char *path, const char *content, size_t length)
{
	struct input *input = input_create(path);

	if (!input)
		return NULL;
	input->content = malloc(length + 1);
	if (!input->content) {
		complain(path, "out of memory");
	} else {
		input->length = length;
		memcpy(input->content, content, length);
		if (decode(input, path))
			return input;
	}
	input_free(input);
	return NULL;
}

void input_free(struct input *input)
{
	if (input)
		free(input->content);
	free(input);
}

struct visitor {
	bool (*visit)(void *data, const char *path);
	void *data;
	bool complete, stopped;
};

static void visit_path(struct visitor *visitor, const char *path, int depth);

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as MAX_DEPTH
static void visit_directory(struct visitor *visitor, const char *path, int depth)
{
	struct dirent **entries;
	int nr = depth < MAX_DEPTH ? scandir(path, &entries, not_hidden, alphasort) : -1;
	char below[MAX_PATH_BYTES];

	if (nr < 0) {
		visitor->complete = complain(path, depth < MAX_DEPTH ? strerror(errno) : "too deep");
		return;
	}
	for (int i = 0; i < nr; i++) {
		if (!visitor->stopped && !interrupted()) {
			if (join_path(below, path, entries[i]->d_name))
				visit_path(visitor, below, depth + 1);
			else
				visitor->complete = false;
		}
		free(entries[i]);
	}
	free(entries);
}

static bool is_for_people(const char *path)
{
	const char *suffix = strrchr(path, '.');
	const char *found = suffix ? strstr(SUFFIXES_FOR_PEOPLE, suffix) : NULL;

	return found && (found[strlen(suffix)] == ',' || found[strlen(suffix)] == '\0');
}

/*
 * What is named is read whatever it is; below a directory, notes for people are passed over, and what is no
 * file: reading a FIFO would wait for ever.
 */
// NOLINTNEXTLINE(misc-no-recursion): as deep as MAX_DEPTH
static void visit_path(struct visitor *visitor, const char *path, int depth)
{
	struct stat status = { .st_mode = S_IFREG }; /* standard input has no name to ask about */

	if (strcmp(path, "-") != 0 && stat(path, &status) != 0)
		visitor->complete = complain(path, strerror(errno));
	else if (S_ISDIR(status.st_mode))
		visit_directory(visitor, path, depth);
	else if (depth == 0 || (S_ISREG(status.st_mode) && !is_for_people(path)))
		visitor->stopped = !visitor->visit(visitor->data, path);
}

bool files_visit(char *const *paths, bool (*visit)(void *data, const char *path), void *data)
{
	struct visitor visitor = { .visit = visit, .data = data, .complete = true };

	for (; *paths && !visitor.stopped && !interrupted(); paths++)
		visit_path(&visitor, *paths, 0);
	return visitor.complete;
}
