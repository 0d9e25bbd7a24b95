/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verbs that make a program file from each program file: where the results
 * go. A file is replaced as a whole or not at all, a source only if asked to.
 */
#ifndef RMAPFUZZ_TOOL_CONVERT_H
#define RMAPFUZZ_TOOL_CONVERT_H

#include "tool/tool.h"

/* What became of one file; content is allocated. */
struct converted {
	char *content;
	size_t length;
	bool text;
};

/* --output and --in-place. */
struct convert_options {
	const char *output;
	bool in_place;
	bool dry; /* set by a verb that only looks: nothing is written, several files need no place */
};

/* Input is a struct convert_options. */
extern const struct argp convert_argp;
extern const struct argp_child convert_children[2]; /* with a heading, for a verb that has no other */

/* Complains and returns false if there is nothing to be made of this file; the others go on. */
typedef bool (*convert_file)(void *data, const char *path, const struct input *input, struct converted *out);

/*
 * Converts all files: one to standard output or to a file, several below a directory, under their names
 * (with .prog if they become text, without if they become bytes) or in place. Returns an exit code.
 */
int convert_files(const struct verb *verb, const struct convert_options *convert,
		  const struct file_arguments *files, convert_file convert_one, void *data);

/* The canonical text of a program file. False, with a complaint, if memory is short. */
bool convert_to_text(struct converted *out, const struct input *input);

/* The canonical bytes of a program. False, with a complaint, if memory is short. */
bool convert_to_bytes(struct converted *out, const struct program *program);

#endif
