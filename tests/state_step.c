// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operation leaves behind in a state made by hand (state_builder.h):
 * counts that are right, what was touched, events.
 */
#include "state_builder.h"

#include <assert.h>
#include <string.h>

static void settle_anon_vma(struct state *state, struct anon_vma *x)
{
	uint32_t below = 0;

	x->num_children = 0;
	x->num_active_vmas = 0;
	for (uint32_t i = 0; i < state->view.anon_vmas.nr_live; i++) {
		const struct anon_vma *y = state->view.anon_vmas.live[i];

		x->num_children += y->nr_avcs && y->parent_id == x->id;
		below += y != x && y->root_id == x->id;
	}
	for (const struct anon_vma_chain *avc = x->first; avc; avc = avc->same_anon_vma_next)
		x->num_active_vmas += avc->vma->anon_vma_id == x->id;
	if (x->parent_id != x->id)
		below = 0;
	x->refcount = (int32_t)(x->pins + (state->rules.has_refcount && x->nr_avcs));
	if (state->rules.root_pinned)
		x->refcount += (int32_t)below;
	if (state->family_peak[x->id] < x->nr_avcs)
		state->family_peak[x->id] = x->nr_avcs;
	state->named[x->id] = 0;
}

static int entries(const int8_t at[NR_PROCESSES])
{
	int nr = 0;

	for (int p = 0; p < NR_PROCESSES; p++)
		nr += at[p] >= 0;
	return nr;
}

void state_settle(struct state *state)
{
	struct view *view = &state->view;

	for (uint32_t i = 0; i < view->anon_vmas.nr_live; i++)
		settle_anon_vma(state, view->anon_vmas.live[i]);
	for (uint32_t i = 0; i < view->slots.nr_live; i++) {
		struct swap_slot *slot = view->slots.live[i];

		slot->count = entries(slot->at);
	}
	for (uint32_t i = 0; i < view->pages.nr_live; i++) {
		struct page *page = view->pages.live[i];

		page->mapcount = 0;
		for (int p = 0; p < NR_PROCESSES; p++)
			page->mapcount += page->at[p] >= 0 && view->mm[p].pte[page->at[p]].kind == PTE_PRESENT;
		page->refcount = page->mapcount + (page->swap != NULL) + page->isolated;
		if (entries(page->at) || (page->swap && page->swap->count))
			state->named[page->mapping_id]++;
	}
}

void state_step(struct state *state)
{
	struct view *view = &state->view;

	memset(&view->touched, 0, sizeof(view->touched));
	view->nr_events = 0;
	view->events_lost = false;
	view->step++;
}

static void touch(struct view_touched *touched, uint32_t id)
{
	for (uint32_t i = 0; i < touched->nr; i++) {
		if (touched->id[i] == id)
			return;
	}
	assert(touched->nr < MAX_TOUCHED);
	touched->id[touched->nr++] = id;
}

void state_touch_anon_vma(struct state *state, const struct anon_vma *anon_vma)
{
	touch(&state->view.touched.anon_vmas, anon_vma->id);
}

void state_touch_vma(struct state *state, const struct vm_area_struct *vma)
{
	touch(&state->view.touched.vmas, vma->id);
}

void state_touch_page(struct state *state, const struct page *page)
{
	touch(&state->view.touched.pages, page->id);
}

void state_touch_slot(struct state *state, const struct swap_slot *slot)
{
	touch(&state->view.touched.slots, slot->id);
}

void state_touch_process(struct state *state, unsigned int process)
{
	state->view.touched.processes |= (uint8_t)(1u << process);
}

struct view_event *state_event(struct state *state, enum view_event_kind kind)
{
	struct view_event *event = &state->view.events[state->view.nr_events++];

	memset(event, 0, sizeof(*event));
	event->kind = (uint8_t)kind;
	event->where = "the_test";
	return event;
}
