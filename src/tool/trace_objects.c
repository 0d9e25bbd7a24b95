// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a step of a trace did to objects, one line each; objects with
 * consecutive ids to which the same happened share one. Also the form of a
 * line: mark, colour, where it is continued.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/teller.h"
#include "tool/words.h"

void teller_style(const struct teller *teller, enum style wanted)
{
	static const char *const codes[] = {
		[STYLE_NONE] = "\033[0m",  [STYLE_OP] = "\033[1m",     [STYLE_QUIET] = "\033[2m",
		[STYLE_BORN] = "\033[32m", [STYLE_FREED] = "\033[31m", [STYLE_VIOLATION] = "\033[1;31m",
	};

	if (teller->options->colour)
		fputs(codes[wanted], teller->out);
}

/* A line behind a mark, continued under its own beginning where it is too long. */
void teller_line(struct teller *teller, enum style style, const char *mark, const char *text)
{
	int indent = INDENT + 2;

	teller_style(teller, style);
	fprintf(teller->out, "%*s%s ", INDENT, "", mark);
	while (*text) {
		size_t length = strlen(text), room = (size_t)(LINE_COLUMNS - indent);

		if (length > room) {
			for (length = room; length && text[length] != ' '; length--)
				;
			length = length ? length : strcspn(text, " ");
		}
		fprintf(teller->out, "%.*s", (int)length, text);
		text += length + strspn(text + length, " ");
		teller->lines++;
		if (*text)
			fprintf(teller->out, "\n%*s", indent += indent == INDENT + 2 ? 2 : 0, "");
	}
	teller_style(teller, STYLE_NONE);
	fputs("\n", teller->out);
}

/* Changes that are told in one line. */
struct group {
	const struct change *first;
	uint32_t nr;
	char *facts;
};

static const int8_t *places_of(const struct change *change)
{
	const void *record = change->after ? change->after : change->before;

	if (change->kind == STATE_PAGE)
		return ((const struct state_page *)record)->at;
	return change->kind == STATE_SLOT ? ((const struct state_slot *)record)->at : NULL;
}

static const struct state_vma *vma_of(const struct change *change)
{
	return change->after ? change->after : change->before;
}

/* The next object is one further in every process, or, if it is gone, it was no matter where. */
static bool places_go_on(const struct group *group, const struct change *change)
{
	const int8_t *first = places_of(group->first), *next = places_of(change);

	if (!first || !change->after)
		return true;
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		if (first[p] < 0 ? next[p] >= 0 : next[p] != first[p] + (int)group->nr)
			return false;
	return true;
}

static bool goes_on(const struct group *group, const struct change *change, const char *facts)
{
	const struct change *first = group->first;

	if (!first || first->kind != change->kind || first->what != change->what ||
	    change->id != first->id + group->nr || strcmp(group->facts, facts) != 0)
		return false;
	if (change->kind == STATE_VMA)
		return change->what == CHANGE_FREED && vma_of(first)->process == vma_of(change)->process;
	return places_go_on(group, change);
}

static void put_name(FILE *out, const struct group *group)
{
	const struct change *change = group->first;

	fprintf(out, "%s%s %u", state_kind_name((enum state_kind)change->kind), group->nr > 1 ? "s" : "",
		change->id);
	if (group->nr > 1)
		fprintf(out, "..%u", change->id + group->nr - 1);
	if (change->kind == STATE_VMA) {
		const struct state_vma *vma = vma_of(change);

		fprintf(out, " of %c", 'A' + vma->process);
		if (group->nr == 1)
			fprintf(out, " [%u,%u)", vma->start, vma->end);
	} else if (places_of(change) && change->after) {
		fputs(" (", out);
		words_places(out, places_of(change), group->nr,
			     change->kind == STATE_SLOT ? "no entry" : "unmapped");
		fputs(")", out);
	}
}

static void put_freed_by(FILE *out, const struct trace_step *step)
{
	const struct op *op = step->played.op;

	fputs(" freed", out);
	if (step->process < NR_PROCESSES)
		fprintf(out, " by %s of %c", op ? op_info(op->code)->name : "exit", 'A' + step->process);
}

static void put_namers(FILE *out, const struct trace_step *step, const struct group *group)
{
	for (uint32_t i = 0; i < group->nr; i++) {
		char *names = NULL;
		size_t length;
		FILE *list = open_memstream(&names, &length);

		if (!list)
			return;
		unsigned int nr = words_namers(list, step->after, group->first->id + i);

		if (fclose(list) == 0 && nr)
			fprintf(out, ", but %s still name%s %s", names, nr == 1 ? "s" : "",
				group->nr == 1 ? "it" : "one of them");
		free(names);
	}
}

static void tell_group(struct teller *teller, const struct trace_step *step, struct group *group)
{
	static const char *const marks[] = {
		[CHANGE_NONE] = " ",
		[CHANGE_BORN] = "+",
		[CHANGE_FREED] = "-",
		[CHANGE_CHANGED] = " ",
	};
	static const enum style styles[] = {
		[CHANGE_NONE] = STYLE_QUIET,
		[CHANGE_BORN] = STYLE_BORN,
		[CHANGE_FREED] = STYLE_FREED,
		[CHANGE_CHANGED] = STYLE_NONE,
	};
	char *text = NULL;
	size_t length;
	FILE *line = group->first ? open_memstream(&text, &length) : NULL;

	if (line) {
		put_name(line, group);
		if (*group->facts)
			fprintf(line, ": %s", group->facts);
		if (group->first->what == CHANGE_FREED)
			put_freed_by(line, step);
		if (group->first->what == CHANGE_FREED && group->first->kind == STATE_ANON_VMA)
			put_namers(line, step, group);
		if (fclose(line) == 0)
			teller_line(teller, styles[group->first->what], marks[group->first->what], text);
	}
	free(text);
	free(group->facts);
	*group = (struct group){ .first = NULL };
}

static char *facts_of(const struct words *words, const struct change *change)
{
	char *facts = NULL;
	size_t length;
	FILE *out = open_memstream(&facts, &length);

	if (!out)
		return NULL;
	words_facts(out, words, change);
	fclose(out);
	return facts;
}

/* Chains tell of AVCs; only one that is in none is an object worth a line. */
static bool worth_a_line(const struct change *change)
{
	const struct state_avc *avc = change->after;

	return change->kind != STATE_AVC || (avc && avc->place == 0);
}

static bool places_changed(const struct change *change)
{
	struct change before = *change;

	before.after = NULL;
	return places_of(change) && memcmp(places_of(change), places_of(&before), NR_PROCESSES) != 0;
}

void teller_objects(struct teller *teller, const struct trace_step *step)
{
	struct words words = { step->before, step->after, teller->options->full };
	struct group group = { .first = NULL };

	for (uint32_t i = 0; i < step->diff.nr; i++) {
		const struct change *change = &step->diff.changes[i];
		char *facts = worth_a_line(change) ? facts_of(&words, change) : NULL;

		if (facts && !*facts && change->what == CHANGE_CHANGED && !places_changed(change)) {
			free(facts); /* only the number of its links, which chains tell */
			continue;
		}
		if (facts && goes_on(&group, change, facts)) {
			group.nr++;
			free(facts);
		} else if (facts) {
			tell_group(teller, step, &group);
			group = (struct group){ .first = change, .nr = 1, .facts = facts };
		}
	}
	tell_group(teller, step, &group);
}
