/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace that is being written as text: what trace_text.c and
 * trace_objects.c share.
 */
#ifndef RMAPFUZZ_TOOL_TELLER_H
#define RMAPFUZZ_TOOL_TELLER_H

#include "tool/trace.h"

enum {
	LINE_COLUMNS = 100, /* longer lines are continued */
	INDENT = 8,         /* of what an operation changed */
	RESULT_COLUMNS = 9, /* "reads 512" */
};

enum style { STYLE_NONE, STYLE_OP, STYLE_QUIET, STYLE_BORN, STYLE_FREED, STYLE_VIOLATION };

struct teller {
	FILE *out;
	const struct settings *settings;
	const struct program *program;
	const struct trace_options *options;
	int op_columns;
	unsigned int last_page;
	unsigned int lines;   /* since the page numbers */
	check_mask explained; /* invariants whose sentence was told */
	FILE *sum;            /* one "SIGNATURE at STEP" for each violation */
};

/* The end of a program, kept until it is known whether it breaks something and is to be told. */
struct teller_end {
	FILE *out;  /* of the teller, before */
	FILE *file; /* NULL before the end */
	char *text;
	size_t length;
	bool told;
};

/* Before a step is told: from the end on teller->out is kept. False if memory is short. */
bool teller_end_step(struct teller *teller, struct teller_end *end, const struct trace_step *step);
/* Behind the last step: tells the end, or not. False if memory is short. */
bool teller_end_done(struct teller *teller, struct teller_end *end);

void teller_style(const struct teller *teller, enum style wanted);

/* A line behind a mark, continued under its own beginning where it is too long. */
void teller_line(struct teller *teller, enum style style, const char *mark, const char *text);

/* The operation of a step; of the end, "(end) B exits". */
void teller_operation(char text[OP_TEXT_MAX], const struct trace_step *step);

/* What a step did that no state shows: a merge that did not last, a swap-in that copied. */
void teller_events(struct teller *teller, const struct trace_step *step);

/* What a step did to objects. */
void teller_objects(struct teller *teller, const struct trace_step *step);

#endif
