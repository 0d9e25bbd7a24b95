/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The anon_vma forest of a state as a picture in Graphviz's language, and as
 * SVG through Graphviz itself. What is freed and still named is in the picture.
 * Same program, same bytes.
 */
#ifndef RMAPFUZZ_TOOL_DOT_H
#define RMAPFUZZ_TOOL_DOT_H

#include <stdio.h>

#include "driver/player.h"

struct dot_options {
	const char *title; /* above the picture, usually the file; NULL: none */
	uint32_t step;     /* state after this operation, 0: the failing one, or the last */
	bool legend;
};

/*
 * Draws the state of a program after a step. violation is the first one found up to there, INV_NONE if
 * there is none; it may be NULL. False if memory is short.
 */
bool dot_print(FILE *out, const struct settings *settings, struct player *player,
	       const struct program *program, const struct dot_options *options, struct violation *violation);

/* The same as an SVG file that appears whole or not at all; complains and returns false if Graphviz is missing. */
bool dot_write_svg(const char *path, const struct settings *settings, struct player *player,
		   const struct program *program, const struct dot_options *options,
		   struct violation *violation);

/* Has Graphviz make an SVG file of a drawing (dot_svg.c). */
bool graphviz_svg(const char *path, const char *drawing, size_t length);

#endif
