// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program as a numbered story, for the head of a file that is kept: each
 * operation and what it did to objects, without rulers. Says what trace says,
 * in the same words; never ends in a sanitizer's report.
 */
#include <stdlib.h>

#include "tool/teller.h"

static void tell_step(struct teller *teller, const struct trace_step *step)
{
	char operation[OP_TEXT_MAX];

	if (!step->played.op && !step->nr_violations && !step->diff.nr)
		return;
	teller_operation(operation, step);
	fprintf(teller->out, "%3u. %s%s%s\n", step->played.number, operation,
		step->played.op && step->played.result.error ? ": " : "",
		step->played.op && step->played.result.error ? op_error_name(step->played.result.error) : "");
	teller_events(teller, step);
	teller_objects(teller, step);
}

bool trace_print_story(FILE *out, const struct settings *settings, struct player *player,
		       const struct program *program)
{
	static const struct trace_options options = { .title = NULL };
	struct teller teller = { .out = out, .settings = settings, .program = program, .options = &options };
	struct teller_end end = { .file = NULL };
	struct trace trace;

	if (trace_begin(&trace, player, program, &options))
		while (trace_next(&trace) && teller_end_step(&teller, &end, &trace.step))
			tell_step(&teller, &trace.step);
	bool told = teller_end_done(&teller, &end);

	return trace_end(&trace) && told;
}
