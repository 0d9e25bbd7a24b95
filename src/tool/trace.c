// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz trace: programs told step by step. What is told is in trace_step.c,
 * how in trace_text.c and trace_json.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/tool.h"
#include "tool/trace.h"

enum { KEY_COLOR = 256 };

struct tracer {
	struct target_options target;
	struct trace_options options;
	const char *color;
	bool json;
	struct players players;
	struct file_arguments files;
	unsigned int nr_programs, nr_bad, nr_violations;
};

static const struct argp_option options[] = {
	{ "full", 'f', NULL, 0, "Everything at each step, not only what it changed", 0 },
	{ "continue", 'C', NULL, 0, "Go on after the first violation, and tell what follows from it", 0 },
	{ "json", 'j', NULL, 0, "For scripts: an object a program, each on a line", 0 },
	{ "color", KEY_COLOR, "auto|always|never", 0,
	  "When to use colour (default: auto, that is on a terminal)", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct tracer *tracer = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &tracer->target;
		return 0;
	case 'f':
		tracer->options.full = true;
		return 0;
	case 'C':
		tracer->options.go_on = true;
		return 0;
	case 'j':
		tracer->json = true;
		return 0;
	case KEY_COLOR:
		tracer->color = argument;
		if (strcmp(argument, "auto") != 0 && strcmp(argument, "always") != 0 &&
		    strcmp(argument, "never") != 0)
			usage_error(state, "--color is auto, always or never, not '%.40s'", argument);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Tells programs step by step: each operation, its result, and what it changed.\v"
	"To read it:\n"
	"  A  AAbb...   the pages of A, a column each: its VMAs as a, b, c by address,\n"
	"     wr.zsm.   in capitals once they have an anon_vma. Below them the entries:\n"
	"               w writable, r mapped, z zero page, s swap, m migration\n"
	"  + born   - freed   > the step of a violation\n"
	"  ! violation: its signature, and what is wrong\n"
	"  old -> new   what changed\n"
	"  av2          anon_vma 2. Objects are numbered in the order of birth\n"
	"  {av2 av1}    a chain: the anon_vmas of a VMA's AVCs, head first\n"
	"  page 1 (A 0, B 0)    where it is mapped, or has a migration entry\n"
	"  swap slot 1 (A 0)    who holds the entry\n"
	"  pages 1..3 (A 4..6)  the same happened to page 1 at 4, 2 at 5, 3 at 6\n"
	"  pgoff        of a VMA, where it is not the VMA's own place\n"
	"  account      of a VMA that is no longer writable: VM_ACCOUNT has stayed\n"
	"  pins, avcs   outside references on an anon_vma; links of VMAs to it\n"
	"  reads 2      what operation 2 wrote; 0 is zeroes; so is content 2\n"
	"Behind the last operation all processes exit, which is told if it breaks something, or with --full.\n\n"
	"With --continue an invariant is told once, though the state stays broken, and I1 at each further use of a "
	"freed object. Stale pointers are noted, never followed: no sanitizer ends a trace.\n\n"
	"NO_COLOR in the environment turns colours off.\n\n"
	"Exit codes: 0 clean, 1 bad input, 72 interrupted, 77 a violation.",
	target_children,
	NULL,
	NULL
};

static bool wants_colour(const char *when)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0;
}

static bool tell(struct tracer *tracer, const char *path, const struct input *input)
{
	struct settings settings;
	struct violation violation;

	if (!settings_for(&tracer->target, input, path, &settings)) {
		tracer->nr_bad++;
		return true;
	}
	struct player *player = players_get(&tracer->players, &settings);

	tracer->options.title = path;
	if (player && tracer->nr_programs > 1 && !tracer->json)
		fputs("\n", stdout);
	if (!player || !(tracer->json ? trace_print_json : trace_print)(
			       stdout, &settings, player, &input->program, &tracer->options, &violation)) {
		tracer->nr_bad++;
		return complain(path, "out of memory");
	}
	tracer->nr_violations += violation.invariant != INV_NONE;
	return true;
}

static bool trace_file(void *data, const char *path)
{
	struct tracer *tracer = data;
	struct input *input = input_read(path);

	tracer->nr_programs++;
	if (!input) {
		tracer->nr_bad++;
		return true;
	}
	bool go_on = tell(tracer, path, input);

	input_free(input);
	return go_on && !ferror(stdout);
}

static int verb_main(int argc, char **argv)
{
	struct tracer tracer = { .json = false };

	verb_parse(&verb_trace, argc, argv, &tracer, &tracer.files);
	if (!tracer.files.nr)
		return no_file_given(&verb_trace);
	tracer.options.colour = wants_colour(tracer.color);
	if (!files_visit(tracer.files.paths, trace_file, &tracer))
		tracer.nr_bad++;
	players_put_away(&tracer.players);
	return exit_code_of(tracer.nr_bad, tracer.nr_violations);
}

const struct verb verb_trace = { "trace", "tell step by step what a program changes", &argp, verb_main };
