/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program told step by step: each operation, its result, and what it changed.
 * Everything has the name that violations use for it, its birth id. Plays on
 * the caller's player, never ends in a sanitizer's report, writes no file.
 */
#ifndef RMAPFUZZ_TOOL_TRACE_H
#define RMAPFUZZ_TOOL_TRACE_H

#include <stdio.h>

#include "driver/player.h"
#include "tool/state.h"

struct trace_options {
	bool full;         /* everything at each step, not only what it changed */
	bool go_on;        /* past the first violation; other invariants are judged on, each is told once */
	bool colour;       /* escape sequences of a terminal */
	const char *title; /* first line, usually the file; NULL: none */
};

/*
 * Tells a program on out. violation is the first one found, INV_NONE if there is none; it is the one
 * that player_run() finds. False if memory is short.
 */
bool trace_print(FILE *out, const struct settings *settings, struct player *player,
		 const struct program *program, const struct trace_options *options,
		 struct violation *violation);

/* The same for scripts: one JSON object on one line. */
bool trace_print_json(FILE *out, const struct settings *settings, struct player *player,
		      const struct program *program, const struct trace_options *options,
		      struct violation *violation);

/* "  3. A fork B" and the objects that it changed, a line each, up to the first violation. False if memory is short. */
bool trace_print_story(FILE *out, const struct settings *settings, struct player *player,
		       const struct program *program);

/* ---- one step, for the two above (trace_step.c) ---- */

enum { MAX_STEP_VIOLATIONS = 32 /* an invariant is told once, so there are fewer */ };

struct trace_step {
	struct player_step played;
	uint8_t process; /* who did it; NR_PROCESSES: nobody, the last steps of the end */
	const struct view *view;
	const struct state *before, *after;
	struct diff diff;
	struct violation violations[MAX_STEP_VIOLATIONS];
	uint32_t nr_violations;
	bool unjudged_use_after_free; /* a pointer to a freed object was used, and I1 is not judged */
};

/* A program being told. */
struct trace {
	struct player *player;
	const struct program *program;
	bool full, go_on;
	check_mask checks; /* of the player, put back at the end */
	struct state states[2];
	struct trace_step step;
	struct violation first;
	uint32_t nr_violations;
	check_mask told; /* invariants of which a violation was told */
	bool failed;     /* memory was short */
};

bool trace_begin(struct trace *trace, struct player *player, const struct program *program,
		 const struct trace_options *options);
/* The next step; false at the end, and behind the first violation unless the trace goes on. */
bool trace_next(struct trace *trace);
/* True if all went well; false if memory was short. Frees everything. */
bool trace_end(struct trace *trace);

#endif
