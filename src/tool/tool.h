/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rmapfuzz command: what its verbs share. A verb is one file; it gets its
 * own argument vector and returns the exit code. To write one:
 *	define "const struct verb verb_NAME" and add it to verbs.def;
 *	make target_argp a child of its argp if it plays programs, and parse
 *	with verb_parse();
 *	read with input_read(), walk over arguments with files_visit();
 *	complain with complain() and usage_error(), one line a fault;
 *	end with exit_code_of();
 *	write files with struct output only, so that none is ever half written
 *	(convert.h for a result a file, list.h for lists, pool.h for many files).
 * Help, man page and completion follow from its argp; tests/verbs.sh tries it.
 */
#ifndef RMAPFUZZ_TOOL_TOOL_H
#define RMAPFUZZ_TOOL_TOOL_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "driver/players.h"
#include "driver/watched.h"
#include "program/program.h"

enum exit_code { EXIT_CLEAN = 0, EXIT_USAGE = 1, EXIT_INTERRUPTED = 72, EXIT_VIOLATION = 77 };

enum { MAX_FILE_BYTES = 1 << 20, MAX_PATH_BYTES = 4096 };

struct verb {
	const char *name;
	const char *help; /* one line */
	const struct argp *argp;
	int (*run)(int argc, char **argv);
};

#define VERB(name) extern const struct verb verb_##name;
#include "tool/verbs.def"
#undef VERB

/* All verbs in the order of verbs.def; NULL past the end. */
const struct verb *verb_at(size_t number);

/* ---- options (options.c) ---- */

/* What the options of target_argp fill in. settings is not finished: settings_for() does that for each program. */
struct target_options {
	struct settings settings;
	struct settings_given given;
};

/*
 * --release, --bug, --check and --recycle, as the fuzz target has them. Its
 * input is a struct target_options: a verb's parser sets state->child_inputs[0]
 * on ARGP_KEY_INIT. TARGET_CHILDREN is the list of children to put in argp.
 */
extern const struct argp target_argp;
extern const struct argp_child target_children[2]; /* with a heading, for a verb that has no other */

/* What stands behind the options of a command line, NULL at the end. */
struct file_arguments {
	char **paths;
	int nr;
};

/*
 * argp_parse with the exit codes of this command; input goes to the verb's parser, what is no option to files:
 * NULL if the verb takes none. Ends the process on a bad option.
 */
void verb_parse(const struct verb *verb, int argc, char **argv, void *input, struct file_arguments *files);

/* "rmapfuzz VERB: what is wrong" on standard error, and the end: for an option or an argument that is none. */
_Noreturn void usage_error(const struct argp_state *state, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The argument of "--OPTION=N"; anything but a decimal number in these bounds is a usage error. */
uint32_t parse_number(const struct argp_state *state, const char *option, const char *argument,
		      uint32_t least, uint32_t most);

/* "rmapfuzz VERB: no file given", EXIT_USAGE. */
int no_file_given(const struct verb *verb);

/* How a verb ends: interrupted, else bad if something could not be read or written, else violated, else clean. */
int exit_code_of(bool bad, bool violated);

/* ---- reading (input.c) ---- */

/* A program file as read, text or bytes. */
struct input {
	struct program program;
	struct program_notes notes; /* empty for bytes */
	bool text;
	char *content;
	size_t length;
};

/* "rmapfuzz: PATH: what" on standard error; always false. */
bool complain(const char *path, const char *what);

/* "DIRECTORY/NAME"; complains and returns false if it is too long. */
bool join_path(char out[MAX_PATH_BYTES], const char *directory, const char *name);

bool is_directory(const char *path);

/* The length of a file's name without the ".prog" that says it is text; all of it if there is none. */
size_t name_stem(const char *name);

/*
 * Reads and decodes a file ("-" is standard input), telling text from bytes by itself. On error prints
 * one line with file, line and column to standard error and returns NULL; nothing of a bad file is run.
 */
struct input *input_read(const char *path);
/* The same for a copy of what was read from path before. */
struct input *input_decode(const char *path, const char *content, size_t length);
void input_free(struct input *input);

/* Notes, traces, drawings and the like that lie beside programs: in a directory they are passed over. */
#define SUFFIXES_FOR_PEOPLE ".md, .txt, .trace, .json, .svg, .dot"

/*
 * Calls visit for each path, and for the files below each directory in order of name, deeper ones
 * included. Stops when visit returns false, and when the run is interrupted. False if something could
 * not be read.
 */
bool files_visit(char *const *paths, bool (*visit)(void *data, const char *path), void *data);

/*
 * Settings of one program: the options, and what the program says of itself where no option says otherwise.
 * On error complains about path and returns false.
 */
bool settings_for(const struct target_options *options, const struct input *input, const char *path,
		  struct settings *settings);

/* ---- writing (output.c) ---- */

/* A file that appears whole or not at all: it has another name until output_commit(). */
struct output {
	FILE *file;
	char path[MAX_PATH_BYTES];           /* "" for standard output */
	char temporary[MAX_PATH_BYTES + 16]; /* "" for a device or a pipe, which is written to directly */
};

/* path NULL or "-" is standard output. On error complains and returns false. */
bool output_open(struct output *output, const char *path);
/* Gives the file its name. On error (a full disk) complains, removes what was written and returns false. */
bool output_commit(struct output *output);
void output_discard(struct output *output);

/* The whole content of a small file at once. */
bool output_write(const char *path, const void *content, size_t length);

/* The same for a directory, which is filled under another name. In the end its place must be free, or an empty directory. */
struct output_directory {
	char path[MAX_PATH_BYTES], temporary[MAX_PATH_BYTES];
};

bool output_directory_open(struct output_directory *output, const char *path);
bool output_directory_commit(struct output_directory *output);
void output_directory_discard(struct output_directory *output);
/*
 * The same in the place of an older one of its kind, which has a file called sign: there is always one or the
 * other. A directory that is neither that nor empty is left alone, with a complaint.
 */
bool output_directory_replace(struct output_directory *output, const char *sign);

/* Removes a directory and the files in it. Complains and returns false if it stays, as it does with a directory in it. */
bool remove_directory(const char *path);

/* ---- Ctrl-C (interrupt.c) ---- */

/* main() calls it: then SIGINT and SIGTERM no longer end the process but make interrupted() true; a second one ends it. */
void interrupt_catch(void);
bool interrupted(void);

#endif
