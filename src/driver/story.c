// SPDX-License-Identifier: GPL-2.0-only
/*
 * The story of a failure, see story.h. Allocates: it is told once, at the end.
 */
#include "driver/story.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/snapshot.h"

void story_program(FILE *out, const struct program *program, uint32_t mark)
{
	char text[OP_TEXT_MAX];

	for (uint32_t i = 0; i < program->nr_ops; i++) {
		op_print(&program->ops[i], text);
		fprintf(out, "%s %3u  %s\n", i + 1 == mark ? " >" : "  ", i + 1, text);
	}
}

void story_settings(FILE *out, const struct settings *settings)
{
	fprintf(out, "release %s", settings->version);
	if (strcmp(settings->version, settings->release.name) != 0)
		fprintf(out, " (rules of %s)", settings->release.name);
	for (unsigned int i = 0; i < settings->nr_bugs; i++) {
		const struct bug *bug = settings->bugs[i];

		fprintf(out, ", with %s %s turned back%s%s", bug->id, bug->name,
			bug->fix[0] ? ": undoes " : "", bug->fix);
	}
	for (unsigned int i = 0; i < settings->nr_decided; i++)
		fprintf(out, ", with %s set to %s", decision_name(settings->decided[i].decision),
			decision_value_name(settings->decided[i].decision, settings->decided[i].value));
	fputs("\n", out);
}

static void indent_lines(FILE *out, char *text)
{
	char *rest = text;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		fprintf(out, "      %s\n", line);
}

static void print_state(FILE *out, const char *title, const struct view *view)
{
	char *text = malloc(SNAPSHOT_TEXT_MAX);

	if (!text)
		return;
	fprintf(out, "  %s\n", title);
	snapshot_ruler(view, text, SNAPSHOT_TEXT_MAX);
	indent_lines(out, text);
	snapshot_print(view, text, SNAPSHOT_TEXT_MAX);
	indent_lines(out, text);
	free(text);
}

/* The failing step may be one of the teardown: processes exit in order after the last operation. */
static void print_states(FILE *out, struct player *player, const struct program *program, uint32_t step)
{
	struct engine *engine = player->engine;
	uint32_t nr_ops = step <= program->nr_ops ? step - 1 : program->nr_ops;
	const struct view *view = player_advance(player, program, nr_ops, NULL, NULL);

	while (view->step + 1 < step && engine->class->teardown_step(engine))
		;
	print_state(out, "state before:", view);
	if (step <= program->nr_ops)
		engine->class->apply(engine, &program->ops[step - 1]);
	else
		engine->class->teardown_step(engine);
	print_state(out, "state after:", view);
}

static void print_place(FILE *out, const struct program *program, uint32_t step)
{
	char text[OP_TEXT_MAX];

	if (step == 0 || step > program->nr_ops) {
		fputs("after the last operation, while everything exits", out);
		return;
	}
	op_print(&program->ops[step - 1], text);
	fprintf(out, "at operation %u, %s", step, text);
}

void story_of_violation(FILE *out, const struct settings *settings, struct player *player,
			const struct program *program, const struct violation *violation)
{
	const struct invariant_info *info = invariant_info(violation->invariant);
	char signature[VIOLATION_SIGNATURE_MAX], options[256];

	violation_signature(violation, signature);
	settings_print(settings, options, sizeof(options));
	fprintf(out, "\n==== I%u violated ", violation->invariant);
	print_place(out, program, violation->step);
	fprintf(out, "\n  %s\n  I%u: %s\n  ", violation->text, violation->invariant, info->sentence);
	story_settings(out, settings);
	fputs("\n", out);
	story_program(out, program, violation->step);
	fputs("\n", out);
	if (violation->step)
		print_states(out, player, program, violation->step);
	fprintf(out,
		"\n  replay:    build/bin/rmapfuzz run%s FILE\n"
		"  minimize:  build/bin/rmapfuzz min%s FILE\n"
		"  file it:   build/bin/rmapfuzz triage%s FILE\n"
		"\nDEDUP_TOKEN: %s\n",
		options, options, options, signature);
	fflush(out);
}

void story_of_sanitizer(FILE *out, const struct settings *settings, const struct program *program, uint32_t at)
{
	fprintf(out, "\n==== a sanitizer stops the engine ");
	print_place(out, program, at);
	fputs("\n  ", out);
	story_settings(out, settings);
	fputs("\n", out);
	story_program(out, program, at);
	fputs("\n", out);
	fflush(out);
}
