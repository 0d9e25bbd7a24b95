// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every part of the engine needs: the touched sets and events that an
 * oracle reads after each operation, allocations that may be made to fail,
 * and following pointers that may be stale. Knows no rule of the rmap.
 */
#include "model/world.h"

static void touch(struct world *w, struct view_touched *touched, uint32_t *stamp, uint32_t id)
{
	if (*stamp == w->view.step + 1)
		return;
	*stamp = w->view.step + 1;
	if (touched->nr == MAX_TOUCHED)
		w->view.touched.all = true;
	else
		touched->id[touched->nr++] = id;
}

void touch_anon_vma(struct world *w, struct anon_vma *anon_vma)
{
	touch(w, &w->view.touched.anon_vmas, &anon_vma->stamp, anon_vma->id);
}

void touch_vma(struct world *w, struct vm_area_struct *vma)
{
	touch(w, &w->view.touched.vmas, &vma->stamp, vma->id);
}

void touch_page(struct world *w, struct page *page)
{
	touch(w, &w->view.touched.pages, &page->stamp, page->id);
}

void touch_slot(struct world *w, struct swap_slot *slot)
{
	touch(w, &w->view.touched.slots, &slot->stamp, slot->id);
}

struct view_event *add_event(struct world *w, enum view_event_kind kind, const char *where)
{
	static const struct view_event empty;

	if (w->view.nr_events == MAX_EVENTS) {
		w->view.events_lost = true;
		w->view.nr_events--; /* the last one makes room: what is new may be worse */
	}
	struct view_event *event = &w->view.events[w->view.nr_events++];

	*event = empty;
	event->kind = (uint8_t)kind;
	event->where = where;
	return event;
}

bool may_allocate(struct world *w)
{
	if (!w->fail_left)
		return true;
	if (w->fail_countdown > 1) {
		w->fail_countdown--;
		return true;
	}
	w->fail_left--;
	w->result.failed_allocation = true;
	return false;
}

void *allocate(struct world *w, struct arena *arena)
{
	void *object = may_allocate(w) ? arena_alloc(arena) : NULL;

	if (!object) /* a limit that was reached is a failure like another */
		w->result.failed_allocation = true;
	return object;
}

/* The read is the point: on a poisoned slot ASan stops here. */
static bool is_live(const uint32_t *id)
{
	return *(const volatile uint32_t *)id != 0;
}

/*
 * The object that was meant is gone, whatever lies in its slot now. Under an
 * oracle the walk stops here and the event tells; without one the pointer is
 * followed as the kernel would, into junk or into a live stranger.
 */
static bool follow_stale(struct world *w, const uint32_t *id, uint32_t meant, const char *where)
{
	add_event(w, EVENT_USE_AFTER_FREE, where)->other_id = meant;
	return !w->engine.judged && is_live(id);
}

bool follow_anon_vma(struct world *w, const struct anon_vma *anon_vma, uint32_t meant, const char *where)
{
	return view_anon_vma(&w->view, meant) || follow_stale(w, &anon_vma->id, meant, where);
}

bool follow_vma(struct world *w, const struct vm_area_struct *vma, uint32_t meant, const char *where)
{
	return view_vma(&w->view, meant) || follow_stale(w, &vma->id, meant, where);
}
