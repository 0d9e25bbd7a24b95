// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace as text for people. One line an operation: its number, the
 * operation, its result, and beside it the rulers of the processes whose VMAs
 * or entries it changed; under it what happened to objects (trace_objects.c).
 */
#include <stdlib.h>
#include <string.h>

#include "driver/story.h"
#include "oracle/snapshot.h"
#include "tool/teller.h"

enum {
	NUMBERS_EVERY = 50, /* lines, then the page numbers come again */
	MIN_OP_COLUMNS = 14,
};

static void tell_numbers(struct teller *teller)
{
	char tens[NR_WINDOW + 1], ones[NR_WINDOW + 1];
	int indent = INDENT + teller->op_columns + 2 + RESULT_COLUMNS + 5;

	snapshot_ruler_numbers(teller->last_page, tens, ones);
	teller_style(teller, STYLE_QUIET);
	if (teller->last_page >= 10)
		fprintf(teller->out, "%*s%s\n", indent, "", tens);
	fprintf(teller->out, "%*s%s", indent, "", ones);
	teller_style(teller, STYLE_NONE);
	fputs("\n", teller->out);
	teller->lines = 0;
}

/* Beside the operation, from the second line on under it. */
static void tell_rulers(struct teller *teller, const struct trace_step *step)
{
	uint8_t shown = step->diff.processes | (teller->options->full ? step->after->alive : 0);
	int indent = INDENT + teller->op_columns + 2 + RESULT_COLUMNS;
	char vmas[NR_WINDOW + 1], entries[NR_WINDOW + 1];
	bool first = true;

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (!(shown >> p & 1))
			continue;
		fprintf(teller->out, "%*s  %c  ", first ? 0 : indent, "", 'A' + (int)p);
		first = false;
		if (step->after->alive >> p & 1) {
			snapshot_ruler_process(step->view, p, teller->last_page, vmas, entries);
			fprintf(teller->out, "%s\n%*s%s\n", vmas, indent + 5, "", entries);
			teller->lines += 2;
		} else {
			fputs("has exited\n", teller->out);
			teller->lines++;
		}
	}
	if (first)
		fputs("\n", teller->out);
}

static void put_result(char text[32], const struct player_step *played)
{
	if (!played->op)
		text[0] = '\0';
	else if (played->result.has_value)
		snprintf(text, 32, "reads %u", played->result.value);
	else
		snprintf(text, 32, "%s", op_error_name(played->result.error));
}

void teller_operation(char text[OP_TEXT_MAX], const struct trace_step *step)
{
	if (step->played.op)
		op_print(step->played.op, text);
	else if (step->process < NR_PROCESSES)
		snprintf(text, OP_TEXT_MAX, "(end) %c exits", 'A' + step->process);
	else
		snprintf(text, OP_TEXT_MAX, "(end) %s",
			 step->played.over ? "all gone" : "pins and migrations end");
}

/* What the result alone does not say. */
static void tell_notes(struct teller *teller, const struct trace_step *step)
{
	const struct op *op = step->played.op;
	const struct op_result *result = &step->played.result;
	char text[80];

	if (!op)
		return;
	if (op->fail_count && result->failed_allocation)
		snprintf(text, sizeof(text), "allocation %u failed, and up to %u behind it", op->fail_nth,
			 op->fail_count - 1);
	else if (op->fail_nth && result->failed_allocation)
		snprintf(text, sizeof(text), "allocation %u failed", op->fail_nth);
	else if (op->fail_nth && result->error != OP_NOTHING)
		snprintf(text, sizeof(text), "made fewer than %u allocations, none failed", op->fail_nth);
	else
		text[0] = '\0';
	if (*text)
		teller_line(teller, STYLE_NONE, " ", text);
	if (result->error > 0 && result->progress > op->arg[0]) {
		snprintf(text, sizeof(text), "done up to page %u", result->progress);
		teller_line(teller, STYLE_NONE, " ", text);
	}
}

static void tell_violations(struct teller *teller, const struct trace_step *step)
{
	char signature[VIOLATION_SIGNATURE_MAX], text[VIOLATION_TEXT_MAX + VIOLATION_SIGNATURE_MAX + 16];

	for (uint32_t i = 0; i < step->nr_violations; i++) {
		const struct violation *violation = &step->violations[i];

		violation_signature(violation, signature);
		snprintf(text, sizeof(text), "%s: %s", signature, violation->text);
		teller_line(teller, STYLE_VIOLATION, "!", text);
		if (!(teller->explained & CHECK_BIT(violation->invariant)))
			teller_line(teller, STYLE_QUIET, " ", invariant_info(violation->invariant)->sentence);
		teller->explained |= CHECK_BIT(violation->invariant);
		fprintf(teller->sum, "%s%s at %u", ftell(teller->sum) ? ", " : "", signature, violation->step);
	}
	if (step->unjudged_use_after_free)
		teller_line(teller, STYLE_VIOLATION, "!",
			    "a pointer to a freed object was used (I1 would say so, but is not judged)");
}

static void tell_step(struct teller *teller, const struct trace_step *step)
{
	bool bad = step->nr_violations || step->unjudged_use_after_free;
	char operation[OP_TEXT_MAX], result[32];

	if (!step->played.op && !bad && !step->diff.nr && !teller->options->full)
		return;
	if (teller->lines >= NUMBERS_EVERY && teller->last_page >= 10)
		tell_numbers(teller);
	teller_operation(operation, step);
	put_result(result, &step->played);
	fprintf(teller->out, "%s %3u  ", bad ? " >" : "  ", step->played.number);
	teller_style(teller, bad ? STYLE_VIOLATION : STYLE_OP);
	bool rulers = step->diff.processes || (teller->options->full && step->after->alive);

	/* no blanks at the end of a line */
	fprintf(teller->out, "%-*s", rulers || *result ? teller->op_columns : 0, operation);
	teller_style(teller, STYLE_NONE);
	if (rulers)
		fprintf(teller->out, "  %-*s", RESULT_COLUMNS, result);
	else if (*result)
		fprintf(teller->out, "  %s", result);
	teller->lines++;
	tell_rulers(teller, step);
	tell_notes(teller, step);
	teller_events(teller, step);
	teller_objects(teller, step);
	tell_violations(teller, step);
}

/* ---- the whole ---- */

/* The last page that an operation could have to do with. */
static unsigned int last_page_of(const struct op *op)
{
	unsigned int start = 0, last = 0;

	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		unsigned int value = op->arg[i], end = 0;

		switch (op_info(op->code)->operand[i]) {
		case OPERAND_PAGE:
			start = end = value;
			break;
		case OPERAND_LEN:
		case OPERAND_NEWLEN:
			end = start + value - 1;
			break;
		case OPERAND_DEST_DONTUNMAP:
			end = value + op->arg[1] - 1;
			break;
		default:
			break;
		}
		last = end > last ? end : last;
	}
	return last;
}

static void measure(struct teller *teller)
{
	char text[OP_TEXT_MAX];

	teller->op_columns = MIN_OP_COLUMNS;
	for (uint32_t i = 0; i < teller->program->nr_ops; i++) {
		int columns = (int)op_print(&teller->program->ops[i], text);
		unsigned int last = last_page_of(&teller->program->ops[i]);

		teller->op_columns = columns > teller->op_columns ? columns : teller->op_columns;
		teller->last_page = last > teller->last_page ? last : teller->last_page;
	}
}

static void tell_outcome(struct teller *teller, const struct trace *trace, const char *sum)
{
	uint32_t played = trace->step.played.number, nr_ops = teller->program->nr_ops;
	char text[80];

	teller_style(teller, trace->nr_violations ? STYLE_VIOLATION : STYLE_NONE);
	if (trace->nr_violations > 1)
		snprintf(text, sizeof(text), "%u violations: ", trace->nr_violations);
	else if (trace->nr_violations && !teller->options->go_on && played < nr_ops)
		snprintf(text, sizeof(text),
			 "stopped behind operation %u of %u; --continue goes on: ", played, nr_ops);
	else if (trace->nr_violations)
		snprintf(text, sizeof(text), "violation: ");
	else
		snprintf(text, sizeof(text), "%s",
			 !trace->checks               ? "nothing was judged" :
			 trace->checks == check_all() ? "clean, also when everything exits" :
							"clean by what was judged");
	fprintf(teller->out, "\n%s%s", text, sum);
	teller_style(teller, STYLE_NONE);
	fputs("\n", teller->out);
}

/* All steps; the sum goes to teller->sum. False if memory is short. */
static bool tell_steps(struct teller *teller, struct trace *trace)
{
	struct teller_end end = { .file = NULL };

	tell_numbers(teller);
	while (trace_next(trace) && teller_end_step(teller, &end, &trace->step))
		tell_step(teller, &trace->step);
	return teller_end_done(teller, &end) && !trace->failed;
}

bool trace_print(FILE *out, const struct settings *settings, struct player *player,
		 const struct program *program, const struct trace_options *options,
		 struct violation *violation)
{
	struct teller teller = { .out = out, .settings = settings, .program = program, .options = options };
	struct trace trace;
	char *sum = NULL;
	size_t length;

	measure(&teller);
	if (options->title)
		fprintf(out, "%s\n", options->title);
	story_settings(out, settings);
	fputs("\n", out);
	bool begun = trace_begin(&trace, player, program, options);

	teller.sum = open_memstream(&sum, &length);
	bool told = begun && teller.sum && tell_steps(&teller, &trace);

	told = teller.sum && fclose(teller.sum) == 0 && told;
	*violation = trace.first;
	if (told)
		tell_outcome(&teller, &trace, sum);
	free(sum);
	return trace_end(&trace) && told;
}
