/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rmapfuzz command: what its verbs share. A verb is one file; it gets its
 * own argument vector, its name first, and returns the exit code.
 */
#ifndef RMAPFUZZ_TOOL_TOOL_H
#define RMAPFUZZ_TOOL_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "program/program.h"

enum exit_code { EXIT_CLEAN = 0, EXIT_USAGE = 1, EXIT_VIOLATION = 77 };

enum { MAX_FILE_BYTES = 1 << 20 };

int verb_run(int argc, char **argv);

/* A program file as read, text or bytes. */
struct input {
	struct program program;
	struct program_notes notes; /* empty for bytes */
	char *content;
	size_t length;
};

/*
 * Reads and decodes a file ("-" is standard input), telling text from bytes by itself. On error prints
 * one line with file, line and column to standard error and returns false; nothing of a bad file is run.
 */
bool input_read(struct input *input, const char *path);
void input_free(struct input *input);

/*
 * Calls visit for each path, and for the files below each directory in order of name, deeper ones
 * included. Stops when visit returns false. False if something could not be read.
 */
bool files_visit(char *const *paths, bool (*visit)(void *data, const char *path), void *data);

#endif
