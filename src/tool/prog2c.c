// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz prog2c: a program as stand-alone C of plain system calls, for
 * people who want to see on their kernel what the model says. Never runs or
 * compiles what it writes.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/prog2c.h"

struct prog2c {
	struct settings settings;
	const char *output;
	struct file_arguments files;
};

static const struct argp_option options[] = {
	{ "release", 'r', "VERSION", 0,
	  "Kernel version that values and errors are expected of (default: newest)", 0 },
	{ "output", 'o', "FILE", 0, "Write the C program to FILE (default: standard output)", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct prog2c *prog2c = state->input;
	char error[SETTINGS_ERROR_MAX];

	switch (key) {
	case 'r':
		if (!settings_set(&prog2c->settings, "release", argument, error))
			usage_error(state, "%s", error);
		return 0;
	case 'o':
		prog2c->output = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|-",
	"Writes a program, text or bytes, as stand-alone C of plain system calls: a real process for each process, one "
	"operation at a time, every value that is read compared with what must be read.\v"
	"The C program needs nothing but libc, Linux 4.17 and no privilege; -v makes it print each step. Operations that "
	"no system call does become comments. What must come out is what the model says of the release; "
	"to run the program on this machine's kernel give its version. \"#! release\" and \"#! bug\" lines "
	"of the program do not count.\n\n"
	"Exit codes of the C program: 0 all is as it must be, 77 a read returned a wrong byte, 2 an outcome (errno, "
	"SIGSEGV) differs before any wrong byte, 1 it cannot run here, 70 it hangs.\n\n"
	"Exit codes: 0 done, 1 bad input.",
	NULL,
	NULL,
	NULL
};

/* The name of the file, without its folder and without what a C string would have to quote. */
static void program_name(const char *path, char *name, size_t room)
{
	const char *slash = strrchr(path, '/');

	snprintf(name, room, "%s", strcmp(path, "-") == 0 ? "program" : slash ? slash + 1 : path);
	for (char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr("\"\\%?*", *c))
			*c = '_';
}

static bool export_file(const struct prog2c *prog2c, const char *path)
{
	struct input *input = input_read(path);
	struct expected expected;
	struct output output;
	char name[128];

	if (!input)
		return false;
	program_name(path, name, sizeof(name));
	bool done = prog2c_expect(&prog2c->settings, &input->program, path, &expected) &&
		    output_open(&output, prog2c->output);

	if (done) {
		prog2c_emit(output.file, name, &prog2c->settings, input, &expected);
		done = output_commit(&output);
	}
	input_free(input);
	return done;
}

static int verb_main(int argc, char **argv)
{
	struct prog2c prog2c = { .output = NULL };
	char error[SETTINGS_ERROR_MAX];

	settings_init(&prog2c.settings);
	verb_parse(&verb_prog2c, argc, argv, &prog2c, &prog2c.files);
	if (!prog2c.files.nr)
		return no_file_given(&verb_prog2c);
	if (prog2c.files.nr > 1) {
		fputs("rmapfuzz prog2c: one program at a time\n", stderr);
		return EXIT_USAGE;
	}
	if (!settings_finish(&prog2c.settings, error)) {
		fprintf(stderr, "rmapfuzz prog2c: %s\n", error);
		return EXIT_USAGE;
	}
	return export_file(&prog2c, prog2c.files.paths[0]) ? EXIT_CLEAN : EXIT_USAGE;
}

const struct verb verb_prog2c = { "prog2c", "write a program as stand-alone C of plain system calls", &argp,
				  verb_main };
