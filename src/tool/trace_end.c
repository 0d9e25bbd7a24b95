// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a trace tells beside operations and objects: the end of a program, when
 * it breaks something, and what an engine did on the way that neither state
 * shows.
 */
#include <stdlib.h>

#include "tool/teller.h"

bool teller_end_step(struct teller *teller, struct teller_end *end, const struct trace_step *step)
{
	if (step->played.op)
		return true;
	if (!end->file) {
		end->out = teller->out;
		end->file = open_memstream(&end->text, &end->length);
		if (!end->file)
			return false;
		teller->out = end->file;
	}
	if (step->nr_violations || step->unjudged_use_after_free || teller->options->full)
		end->told = true;
	return true;
}

bool teller_end_done(struct teller *teller, struct teller_end *end)
{
	if (!end->file)
		return !end->out;
	bool kept = fclose(end->file) == 0;

	teller->out = end->out;
	if (kept && end->told)
		fwrite(end->text, 1, end->length, end->out);
	free(end->text);
	return kept;
}

/* The VMA that took in another one went itself: it merged once more, or mremap unmapped where it came from. */
static bool did_not_last(const struct view_event *event, const struct trace_step *step)
{
	return event->kind == EVENT_MERGE && !state_find(step->after, STATE_VMA, event->vma_id);
}

void teller_events(struct teller *teller, const struct trace_step *step)
{
	char text[100];

	for (uint32_t i = 0; i < step->view->nr_events; i++) {
		const struct view_event *event = &step->view->events[i];

		text[0] = '\0';
		if (did_not_last(event, step))
			snprintf(text, sizeof(text),
				 "%s, on the way: VMA %u took in what came to lie beside it", event->where,
				 event->vma_id);
		else if (event->kind == EVENT_SWAPIN && event->page_id != event->other_id)
			snprintf(text, sizeof(text),
				 "page %u is a copy of page %u, made while that was swapped in",
				 event->page_id, event->other_id);
		if (*text)
			teller_line(teller, STYLE_NONE, " ", text);
	}
}
