// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz dot: the anon_vma forest of a state as a picture. What is drawn is
 * in dot_print.c and below.
 */
#include "tool/dot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/tool.h"

struct draw {
	struct target_options target;
	struct dot_options options;
	bool every, svg;
	const char *output;
	struct players players;
	struct file_arguments files;
	unsigned int nr_programs, nr_bad, nr_violations;
};

enum { KEY_NO_LEGEND = 256 };

static const struct argp_option options[] = {
	{ "step", 's', "N", 0, "State after operation N (default: the failing one, or the last)", 0 },
	{ "every", 'e', NULL, 0, "Each step, in numbered files 001.dot, 002.dot ... in the directory of -o", 0 },
	{ "output", 'o', "PATH", 0, "File, or with --every directory, to write (default: standard output)", 0 },
	{ "svg", 'S', NULL, 0, "SVG, made by Graphviz", 0 },
	{ "no-legend", KEY_NO_LEGEND, NULL, 0, "Without the legend below the picture", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct draw *draw = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &draw->target;
		return 0;
	case 's':
		draw->options.step = parse_number(state, "step", argument, 1, MAX_OPS);
		return 0;
	case 'e':
		draw->every = true;
		return 0;
	case 'o':
		draw->output = argument;
		return 0;
	case 'S':
		draw->svg = true;
		return 0;
	case KEY_NO_LEGEND:
		draw->options.legend = false;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (draw->every && (!draw->output || draw->options.step))
			usage_error(state, "--every goes with -o DIRECTORY, and not with --step");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Draws the anon_vma forest of a program's state for Graphviz.\v"
	"Processes are frames with their VMAs; a VMA shows its page table entries (w writable, r mapped, z zero page, "
	"s swap, m migration) and its chain. Lines lead from a VMA to the anon_vmas of its chain, numbered from "
	"the head, thick to vma->anon_vma; from an anon_vma to its parent, dashed; from a page to its "
	"page->mapping. What is freed and still named is struck through, and says who freed it; what the "
	"violation is about has a thick frame and a !. Pages to which the same happened are one box.\n\n"
	"With -o or --svg it draws one program; without, each program of its arguments.\n\n"
	"Exit codes: 0 clean, 1 bad input, 72 interrupted, 77 the program has a violation up to the step drawn.",
	target_children,
	NULL,
	NULL
};

static bool draw_one(struct draw *draw, const char *output, const struct settings *settings,
		     struct player *player, const struct input *input, struct violation *violation)
{
	struct output file;

	if (draw->svg)
		return dot_write_svg(output, settings, player, &input->program, &draw->options, violation);
	if (!output_open(&file, output))
		return false;
	if (dot_print(file.file, settings, player, &input->program, &draw->options, violation))
		return output_commit(&file);
	output_discard(&file);
	return complain(draw->options.title, "out of memory");
}

/* Pictures of all operations. The violation is the first one, whenever it was. */
static bool draw_every(struct draw *draw, const struct settings *settings, struct player *player,
		       const struct input *input, struct violation *violation)
{
	char path[MAX_PATH_BYTES];
	bool drawn = true;

	if (mkdir(draw->output, 0777) != 0 && errno != EEXIST)
		return complain(draw->output, strerror(errno));
	violation->invariant = INV_NONE;
	for (uint32_t step = 1; drawn && step <= input->program.nr_ops && !interrupted(); step++) {
		if (snprintf(path, sizeof(path), "%s/%03u.%s", draw->output, step,
			     draw->svg ? "svg" : "dot") >= (int)sizeof(path))
			return complain(draw->output, strerror(ENAMETOOLONG));
		draw->options.step = step;
		drawn = draw_one(draw, path, settings, player, input, violation);
	}
	draw->options.step = 0;
	return drawn;
}

static bool draw_program(struct draw *draw, const char *path, const struct input *input)
{
	struct settings settings;
	struct violation violation = { .invariant = INV_NONE };
	char what[80];

	if (!settings_for(&draw->target, input, path, &settings))
		return false;
	struct player *player = players_get(&draw->players, &settings);

	if (!player)
		return complain(path, "out of memory");
	if (draw->options.step > input->program.nr_ops) {
		snprintf(what, sizeof(what), "--step %u: it has %u operations", draw->options.step,
			 input->program.nr_ops);
		return complain(path, what);
	}
	draw->options.title = path;
	bool drawn = draw->every ? draw_every(draw, &settings, player, input, &violation) :
				   draw_one(draw, draw->output, &settings, player, input, &violation);

	draw->nr_violations += violation.invariant != INV_NONE;
	return drawn;
}

static bool draw_file(void *data, const char *path)
{
	struct draw *draw = data;
	struct input *input = input_read(path);

	draw->nr_bad += !input || !draw_program(draw, path, input);
	input_free(input);
	return !ferror(stdout);
}

static bool count_file(void *data, const char *path)
{
	struct draw *draw = data;

	(void)path;
	return ++draw->nr_programs < 2;
}

/* Asked before anything is written. */
static bool one_program(struct draw *draw)
{
	if (!files_visit(draw->files.paths, count_file, draw))
		return false;
	return draw->nr_programs == 1 ||
	       complain(draw->files.paths[0], "-o and --svg draw one program, not more");
}

static int verb_main(int argc, char **argv)
{
	struct draw draw = { .options = { .legend = true } };

	verb_parse(&verb_dot, argc, argv, &draw, &draw.files);
	if (!draw.files.nr)
		return no_file_given(&verb_dot);
	if ((draw.output || draw.svg) && !one_program(&draw))
		return EXIT_USAGE;
	if (!files_visit(draw.files.paths, draw_file, &draw))
		draw.nr_bad++;
	players_put_away(&draw.players);
	return exit_code_of(draw.nr_bad, draw.nr_violations);
}

const struct verb verb_dot = { "dot", "draw the anon_vma forest of a state", &argp, verb_main };
