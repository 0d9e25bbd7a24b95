// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that verbs have in common, and how they meet what a program says of
 * itself. Knows no verb.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "tool/tool.h"

enum { KEY_DECISION = 0x10000 }; /* beyond those of the verbs */

static const struct argp_option options[] = {
	{ "release", 'r', "VERSION", 0, "Kernel version whose rules hold (default: newest)", 0 },
	{ "bug", 'b', "ID", 0, "Turn one historical decision back; may be given more than once", 0 },
	{ "check", 'c', "LIST", 0, "Invariants that are judged: all, none or a list as I1,I7 (default: all)",
	  0 },
	{ "recycle", 'R', "late|now|malloc", 0,
	  "When freed objects are used again, or memory of malloc for each (default: late)", 0 },
	{ "decision", KEY_DECISION, "SYMBOL=VALUE", 0,
	  "Set one decision of the release, whatever it is (src/model/decisions.def); may be given more than once",
	  0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct target_options *target = state->input;
	char error[SETTINGS_ERROR_MAX];
	const char *name = key == 'r' ? "release" :
			   key == 'b' ? "bug" :
			   key == 'c' ? "check" :
			   key == 'R' ? "recycle" :
					"decision";

	switch (key) {
	case ARGP_KEY_INIT:
		*target = (struct target_options){ .given = { false } };
		settings_init(&target->settings);
		return 0;
	case 'r':
	case 'b':
	case 'c':
	case 'R':
	case KEY_DECISION:
		settings_note_given(&target->given, name);
		if (!settings_set(&target->settings, name, argument, error))
			usage_error(state, "%s", error);
		return 0;
	case ARGP_KEY_SUCCESS: {
		struct settings settings = target->settings;

		/* a bug that makes no sense in the release is a fault of the command, not of a file */
		if (!settings_finish(&settings, error))
			usage_error(state, "%s", error);
		return 0;
	}
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp target_argp = { options, parse_option, NULL, NULL, NULL, NULL, NULL };

const struct argp_child target_children[2] = { { &target_argp, 0, "What the program runs on:", 1 }, { 0 } };

bool settings_for(const struct target_options *target, const struct input *input, const char *path,
		  struct settings *settings)
{
	char error[SETTINGS_ERROR_MAX];

	*settings = target->settings;
	if (settings_from_notes(settings, &input->notes, &target->given, error) &&
	    settings_finish(settings, error))
		return true;
	return complain(path, error);
}

void verb_parse(const struct verb *verb, int argc, char **argv, void *input, struct file_arguments *files)
{
	int first = argc;

	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(verb->argp, argc, argv, 0, files ? &first : NULL, input) != 0)
		exit(EXIT_USAGE);
	if (files)
		*files = (struct file_arguments){ .paths = argv + first, .nr = argc - first };
}

void usage_error(const struct argp_state *state, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s: ", state->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("\n", stderr);
	exit(EXIT_USAGE);
}

uint32_t parse_number(const struct argp_state *state, const char *option, const char *argument,
		      uint32_t least, uint32_t most)
{
	char *end;

	errno = 0;
	unsigned long number = strtoul(argument, &end, 10);

	/* strtoul takes blanks and signs, too */
	if (*argument < '0' || *argument > '9' || *end || errno || number < least || number > most)
		usage_error(state, "--%s wants a number %u..%u, not '%.40s'", option, least, most, argument);
	return (uint32_t)number;
}

int no_file_given(const struct verb *verb)
{
	fprintf(stderr, "rmapfuzz %s: no file given; rmapfuzz %s --help says more\n", verb->name, verb->name);
	return EXIT_USAGE;
}

int exit_code_of(bool bad, bool violated)
{
	if (interrupted())
		return EXIT_INTERRUPTED;
	if (bad)
		return EXIT_USAGE;
	return violated ? EXIT_VIOLATION : EXIT_CLEAN;
}
