// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program played up to a step, and the state there as a drawing: what it is
 * of, the legend, and the parts that the other dot_*.c files put between.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/story.h"
#include "tool/dot.h"
#include "tool/drawing.h"
#include "tool/tool.h"

enum { TITLE_COLUMNS = 100 };

static const char *const legend[] = {
	"VMA: range, access; entries: w writable, r mapped, z zero page, s swap, m migration; the chain, head first",
	"VMA -> anon_vma: its AVCs, numbered from the head of the chain; the thick one is vma->anon_vma",
	"dashed: to the parent;  double frame: root;  page -> anon_vma: page->mapping, dotted if no entry needs it",
	"struck through: freed, but still named, red if by something in use;  ! thick red: what the violation is about",
};

static const char *const crowded_legend =
	"many objects: entries name their pages instead of a line; links to ancestors of vma->anon_vma are in the chain only";

static void put_line(FILE *out, const char *text, size_t length)
{
	char line[2 * TITLE_COLUMNS + 1];

	length = length < sizeof(line) ? length : sizeof(line) - 1;
	memcpy(line, text, length);
	line[length] = '\0';
	drawing_put_html(out, line);
	fputs("<BR ALIGN=\"LEFT\"/>", out);
}

/* Lines of a bearable length. */
static void put_wrapped(FILE *out, const char *text)
{
	while (*text) {
		size_t length = strlen(text);

		if (length > TITLE_COLUMNS) {
			for (length = TITLE_COLUMNS; length && text[length] != ' '; length--)
				;
			length = length ? length : TITLE_COLUMNS;
		}
		put_line(out, text, length);
		text += length + strspn(text + length, " ");
	}
}

static void put_settings(FILE *out, const struct settings *settings)
{
	char *text = NULL;
	size_t length;
	FILE *line = open_memstream(&text, &length);

	if (line) {
		story_settings(line, settings);
		if (fclose(line) == 0 && length)
			put_line(out, text, length - 1); /* without its newline */
	}
	free(text);
}

static void put_violation(FILE *out, const struct violation *violation, uint32_t step)
{
	char signature[VIOLATION_SIGNATURE_MAX], text[VIOLATION_TEXT_MAX + VIOLATION_SIGNATURE_MAX + 64];
	char when[32] = "";

	if (violation->step != step)
		snprintf(when, sizeof(when), " at %s %u", violation->step > step ? "step" : "operation",
			 violation->step);
	violation_signature(violation, signature);
	snprintf(text, sizeof(text), "! %s%s: %s", signature, when, violation->text);
	fputs("<FONT COLOR=\"red\">", out);
	put_wrapped(out, text);
	fputs("</FONT>", out);
}

static void put_title(FILE *out, const struct settings *settings, const struct dot_options *options,
		      const struct player_step *step, const struct violation *violation)
{
	bool about_to = violation->invariant != INV_NONE && violation->step > step->number;
	char operation[OP_TEXT_MAX], text[OP_TEXT_MAX + 64];

	fputs("\tlabelloc=t labeljust=l label=<", out);
	if (options->title)
		put_wrapped(out, options->title);
	if (step->op) {
		op_print(step->op, operation);
		snprintf(text, sizeof(text), "after operation %u, %s: %s", step->number, operation,
			 op_error_name(step->result.error));
	} else if (step->number) {
		snprintf(text, sizeof(text), "after step %u, while everything exits%s", step->number,
			 about_to ? ", before it breaks" : "");
	} else {
		snprintf(text, sizeof(text), "before the first operation");
	}
	fputs("<B>", out);
	put_line(out, text, strlen(text));
	fputs("</B>", out);
	put_settings(out, settings);
	if (violation->invariant != INV_NONE)
		put_violation(out, violation, step->number);
	fputs(">\n", out);
}

static void put_legend(FILE *out, bool crowded)
{
	fputs("\tlabelloc=b labeljust=l label=<<FONT POINT-SIZE=\"8\" COLOR=\"gray30\">", out);
	for (size_t i = 0; i < sizeof(legend) / sizeof(legend[0]); i++)
		put_line(out, legend[i], strlen(legend[i]));
	if (crowded)
		put_line(out, crowded_legend, strlen(crowded_legend));
	fputs("</FONT>>\n", out);
}

static bool draw(FILE *out, const struct state *state, const struct settings *settings,
		 const struct program *program, const struct dot_options *options,
		 const struct player_step *step, const struct violation *violation)
{
	struct drawing drawing = { .out = out, .state = state, .program = program };

	if (violation->invariant != INV_NONE && violation->step >= step->number)
		drawing.violation = violation;
	bool grouped = drawing_group(&drawing);

	if (grouped) {
		fputs("digraph rmap {\n"
		      "\trankdir=LR newrank=true nodesep=0.15 ranksep=0.6 fontname=Helvetica fontsize=11\n"
		      "\tnode [shape=plain fontname=Helvetica fontsize=10]\n"
		      "\tedge [fontname=Helvetica fontsize=9 arrowsize=0.7]\n",
		      out);
		put_title(out, settings, options, step, violation);
		fputs("subgraph cluster_all {\n\tperipheries=0\n", out);
		if (options->legend)
			put_legend(out, drawing.crowded);
		drawing_put_processes(&drawing);
		drawing_put_objects(&drawing);
		drawing_put_edges(&drawing);
		fputs("}\n}\n", out);
	}
	drawing_free(&drawing);
	return grouped;
}

/* Plays up to the step that is wanted, or that fails, or the last operation. */
static void play(struct player *player, const struct program *program, uint32_t wanted,
		 struct player_step *step, struct violation *violation)
{
	struct player_step played = { .number = 0 };

	*step = played;
	violation->invariant = INV_NONE;
	player_start(player);
	while (player_next(player, program, &played)) {
		bool judged = violation->invariant == INV_NONE;

		if (judged && player_judge(player, program, &played, violation))
			violation->invariant = INV_NONE;
		*step = played;
		if (wanted ? played.number == wanted : violation->invariant != INV_NONE)
			return;
	}
}

static bool is_empty(const struct state *state)
{
	for (unsigned int kind = 0; kind < NR_STATE_KINDS; kind++)
		if (state->table[kind].nr)
			return false;
	return true;
}

/* A failure of the end that leaves nothing to be seen: the step before shows what it will be about. */
static bool step_back(struct state *state, struct player *player, const struct program *program,
		      struct player_step *step)
{
	struct violation none;

	if (step->op || step->number < 2 || !is_empty(state))
		return true;
	play(player, program, step->number - 1, step, &none);
	return state_take(state, player->engine->class->view(player->engine));
}

bool dot_print(FILE *out, const struct settings *settings, struct player *player,
	       const struct program *program, const struct dot_options *options, struct violation *violation)
{
	struct violation first;
	struct player_step step;
	struct state state;

	play(player, program, options->step, &step, &first);
	if (!options->step && first.invariant == INV_NONE && program->nr_ops)
		play(player, program, program->nr_ops, &step,
		     &first); /* everything has exited: one sees nothing */
	if (violation)
		*violation = first;
	state_init(&state);
	bool drawn = state_take(&state, player->engine->class->view(player->engine)) &&
		     (options->step || step_back(&state, player, program, &step)) &&
		     draw(out, &state, settings, program, options, &step, &first);

	state_destroy(&state);
	return drawn;
}

bool dot_write_svg(const char *path, const struct settings *settings, struct player *player,
		   const struct program *program, const struct dot_options *options,
		   struct violation *violation)
{
	char *drawing = NULL;
	size_t length;
	FILE *out = open_memstream(&drawing, &length);
	bool drawn = out && dot_print(out, settings, player, program, options, violation);

	drawn = out && fclose(out) == 0 && drawn;
	bool written = drawn ? graphviz_svg(path, drawing, length) : complain(path, "out of memory");

	free(drawing);
	return written;
}
