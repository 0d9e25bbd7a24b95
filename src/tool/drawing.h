/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A state that is being drawn: what the dot_*.c files share. Pages, and swap
 * slots, of which nothing but the place differs are one node.
 */
#ifndef RMAPFUZZ_TOOL_DRAWING_H
#define RMAPFUZZ_TOOL_DRAWING_H

#include <stdio.h>

#include "tool/state.h"

/* Nodes that stand for several objects: of each record of a kind, the number of the first one like it. */
struct drawing_groups {
	uint32_t *first;
};

struct drawing {
	FILE *out;
	const struct state *state;
	const struct program *program;     /* to say who freed what */
	const struct violation *violation; /* of this very step, or NULL */
	struct drawing_groups pages, slots;
	bool crowded; /* edges that can be told from texts are left out */
};

/* ---- dot_group.c ---- */

/* Numbers in ascending order as "1..3, 7". */
struct ranges {
	FILE *out;
	const char *comma; /* "" at first */
	uint32_t first, nr;
};
void ranges_add(struct ranges *ranges, uint32_t number);
void ranges_end(struct ranges *ranges);

bool drawing_group(struct drawing *drawing);
void drawing_free(struct drawing *drawing);
/* Node of the object that an entry leads to: id of the first of its group; 0 if it is gone. */
uint32_t drawing_node(const struct drawing *drawing, enum state_kind kind, uint32_t id);
/* "page 2", "pages 1..3, 7": the objects of the node to which this one belongs. */
void drawing_put_members(const struct drawing *drawing, enum state_kind kind, uint32_t id);
/* The same, how many they are. */
uint32_t drawing_nr_members(const struct drawing *drawing, enum state_kind kind, uint32_t id);

/* The violation of this step is about this object. */
bool drawing_is_bad(const struct drawing *drawing, enum state_kind kind, uint32_t id);
/* A text inside of an HTML-like label. */
void drawing_put_html(FILE *out, const char *text);

/* ---- dot_vma.c: processes, their VMAs with entries ---- */
void drawing_put_processes(const struct drawing *drawing);
/* The entry is the first of its cell, in a VMA that starts at start. */
bool drawing_cell_begins(const struct drawing *drawing, unsigned int process, unsigned int start,
			 unsigned int at);

/* ---- dot_objects.c: anon_vmas, pages, slots, and what is freed ---- */
void drawing_put_objects(const struct drawing *drawing);

/* Who names a freed anon_vma: nobody, only a field that nobody will look at, or one that is in use. */
enum named { NAMED_NOT, NAMED_UNUSED, NAMED_USED };
enum named drawing_named(const struct drawing *drawing, uint32_t anon_vma_id);

/* ---- dot_edges.c ---- */
void drawing_put_edges(const struct drawing *drawing);

#endif
