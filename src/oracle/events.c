// SPDX-License-Identifier: GPL-2.0-only
/*
 * What only the engine can notice while it works: I1, I7, I11, I13, I14, I16,
 * I18, I19, I22, I27, I28, I29, I34 from the events of the last operation. The rules are here, the
 * engine reports facts.
 */
#include "oracle/internal.h"

static const char *event_where(const struct view_event *event)
{
	return event->where ? event->where : "the engine";
}

/* I1: a pointer to a freed object was followed, or an object freed that is still needed. */
static __attribute__((cold, noinline)) void liveness_event(struct oracle *o, const struct view_event *event)
{
	bool page = event->page_id != 0;
	struct violation *v = oracle_found_event(o, INV_LIVENESS, page ? OBJECT_PAGE : OBJECT_ANON_VMA,
						 page ? event->page_id : event->anon_vma_id);
	const struct page *named = view_page(o->view, event->page_id);
	uint32_t gone = event->kind == EVENT_USE_AFTER_FREE && event->other_id ? event->other_id :
										 event->anon_vma_id;

	if (!v)
		return;
	v->page_id = event->page_id;
	v->vma_id = event->vma_id;
	switch (event->kind) {
	case EVENT_USE_AFTER_FREE:
		say(v, "%s uses ", event_where(event));
		if (gone)
			say_anon_vma(o, v, gone);
		else
			say(v, "a freed object");
		if (event->anon_vma_id && event->anon_vma_id != gone)
			say(v, "; in its place is anon_vma %u now", event->anon_vma_id);
		if (page)
			say(v, "; it came from page %u", event->page_id);
		break;
	case EVENT_FREED_WHILE_NAMED:
		if (named) {
			say_page(v, named);
			say(v, " has mapping ");
		} else {
			say(v, "%s frees, while entries of pages that name it are left, ", event_where(event));
		}
		say_anon_vma(o, v, event->anon_vma_id);
		break;
	default:
		say(v, "%s drops a reference that is not there: ", event_where(event));
		say_anon_vma(o, v, event->anon_vma_id);
		break;
	}
}

/* I1: the marker of a fork that failed, taken for a VMA (1367da7eb875). There is no object that it could lead to. */
static __attribute__((cold, noinline)) void no_vma_event(struct oracle *o, const struct view_event *event)
{
	struct violation *v = oracle_found_event(o, INV_LIVENESS, OBJECT_PROCESS, event->process);

	if (!v)
		return;
	v->process = event->process;
	v->at = event->at;
	say(v, "%s follows the entry at page %u of %c as a VMA, but it is the mark where the fork of %c failed",
	    event_where(event), event->at, process_name(event->process), process_name(event->process));
}

/*
 * FREED_WHILE_NAMED says which anon_vma, not which page: look for the first
 * page that names it, so that touched-only and full checks tell the same.
 */
static __attribute__((cold, noinline)) void freed_while_named(struct oracle *o, const struct view_event *event)
{
	struct view_event whole = *event;
	const struct view_table *pages = &o->view->pages;

	for (uint32_t i = 0; i < pages->nr_live && !event->page_id; i++) {
		const struct page *page = pages->live[i];

		if (page->mapping_id == event->anon_vma_id && (!whole.page_id || page->id < whole.page_id) &&
		    (at_entries(page->at) || (page->swap && at_entries(page->swap->at))))
			whole.page_id = page->id;
	}
	liveness_event(o, &whole);
}

/*
 * I11 (I13 in releases without counters): the kernel's own warning, "when the
 * last link goes, both counters are 0", or it was freed with links left.
 */
static __attribute__((cold, noinline)) void freed_not_empty(struct oracle *o, const struct view_event *event)
{
	enum invariant broken = o->view->rules->counts_children ? INV_COUNTERS : INV_NO_LEAK;
	struct violation *v = oracle_found_event(o, broken, OBJECT_ANON_VMA, event->anon_vma_id);

	if (v) {
		say(v, "%s frees, with links, children or VMAs in use left, ", event_where(event));
		say_anon_vma(o, v, event->anon_vma_id);
	}
}

/* I16: the kernel's BUG_ON(!anon_vma). */
static __attribute__((cold, noinline)) void prepared_event(struct oracle *o, const struct view_event *event)
{
	const struct vm_area_struct *vma = view_vma(o->view, event->vma_id);
	struct violation *v = oracle_found_event(o, INV_PREPARED, OBJECT_VMA, event->vma_id);

	if (!v)
		return;
	v->vma_id = event->vma_id;
	v->page_id = event->page_id;
	say(v, "%s installs an anonymous page in ", event_where(event));
	if (vma)
		say_vma(v, vma);
	else
		say(v, "VMA %u", event->vma_id);
	say(v, ", which has no anon_vma");
}

/* I14, before the merge: who may merge with whom (965f55dea0e3, 879bca0a2c4f, 3b617fd3d317). */
static const char *merge_forbidden(const struct oracle *o, const struct view_event *event)
{
	uint8_t faulted = event->anon_vma_id ? event->a_len : event->b_len;

	if (event->anon_vma_id == event->other_id)
		return NULL;
	if (event->anon_vma_id && event->other_id)
		return "although their anon_vmas differ";
	if (o->view->rules->merge_singular && faulted != 1)
		return "although the faulted side's chain is not singular";
	return NULL;
}

/*
 * I14, after it: the survivor has the chain of the faulted input. If both were
 * unfaulted there was nothing to lose.
 */
static bool merge_lost_links(const struct view_event *event)
{
	uint8_t length = event->anon_vma_id ? event->a_len : event->b_len;

	return length && event->result_len != length;
}

static void say_faulted(struct violation *v, uint32_t anon_vma_id, uint8_t length)
{
	if (anon_vma_id)
		say(v, "(anon_vma %u, chain of %u)", anon_vma_id, length);
	else
		say(v, "(%s)", length ? "no anon_vma, but a chain" : "unfaulted");
}

/* Who does what with the VMA of the event, and with which other. */
static void say_sides(const struct oracle *o, struct violation *v, const struct view_event *event,
		      const char *does, const char *with)
{
	const struct vm_area_struct *vma = view_vma(o->view, event->vma_id);

	v->vma_id = event->vma_id;
	v->anon_vma_id = event->anon_vma_id;
	say(v, "%s %s ", event_where(event), does);
	if (vma)
		say_vma(v, vma);
	else
		say(v, "VMA %u", event->vma_id);
	say(v, " ");
	say_faulted(v, event->anon_vma_id, event->a_len);
	say(v, " %s ", with);
	say_faulted(v, event->other_id, event->b_len);
}

static void merge_event(struct oracle *o, const struct view_event *event)
{
	const char *forbidden = merge_forbidden(o, event);
	bool lost = merge_lost_links(event);

	if (!forbidden && !lost)
		return;

	struct violation *v = oracle_found_event(o, INV_MERGE, OBJECT_VMA, event->vma_id);

	if (!v)
		return;
	say_sides(o, v, event, "merges", "with another");
	if (forbidden)
		say(v, ", %s", forbidden);
	else
		say(v, "; the result has a chain of %u", event->result_len);
}

/* I29: 965f55dea0e3 asked the wrong side for its chain, 879bca0a2c4f the faulted one. */
static void not_merged_event(struct oracle *o, const struct view_event *event)
{
	bool one_unfaulted = !event->anon_vma_id != !event->other_id;
	uint8_t faulted = event->anon_vma_id ? event->a_len : event->b_len;

	if (!o->view->rules->merges_unfaulted || !one_unfaulted || faulted != 1)
		return;

	struct violation *v = oracle_found_event(o, INV_MERGED, OBJECT_VMA, event->vma_id);

	if (!v)
		return;
	say_sides(o, v, event, "keeps", "apart from what fits beside it");
	say(v, ", although the faulted side's chain is singular");
}

/* I28: ba6f0ff3981e. */
static void swapin_event(struct oracle *o, const struct view_event *event)
{
	const struct page *page = view_page(o->view, event->page_id);

	if (event->page_id == event->other_id)
		return;

	struct violation *v = oracle_found_event(o, INV_SHARED_SWAPIN, OBJECT_PAGE, event->page_id);

	if (!v)
		return;
	say(v, "%s maps a copy, ", event_where(event));
	if (page)
		say_page(v, page);
	say(v, " instead of page %u, which is in the swap cache", event->other_id);
}

/* I22: which anon_vma the page has got. */
static void precision_event(struct oracle *o, const struct view_event *event)
{
	const struct page *page = view_page(o->view, event->page_id);
	const struct vm_area_struct *vma = view_vma(o->view, event->vma_id);
	const struct view_rules *rules = o->view->rules;

	if (!page || !vma || !(event->reused ? rules->moves_on_reuse : rules->precise_new_page) ||
	    page->mapping_id == vma->anon_vma_id)
		return;

	struct violation *v = oracle_found_event(o, INV_PRECISION, OBJECT_PAGE, page->id);

	if (v) {
		say_page(v, page);
		say(v, " was %s for ", event->reused ? "reused" : "allocated");
		say_vma(v, vma);
		say(v, " with anon_vma %u, but has mapping ", vma->anon_vma_id);
		say_anon_vma(o, v, page->mapping_id);
	}
}

/* While exec moves its stack, a walk looks where entries are to go: it may miss those that are not there yet. */
static bool stack_moves(const struct view *view, const struct page *page)
{
	uint64_t entries;
	unsigned int p;

	for_each_at(p, entries, page->at) {
		const struct vm_area_struct *vma = view_vma_at(&view->mm[p], (unsigned int)page->at[p]);

		if (vma && vma->temporary_stack)
			return true;
	}
	return false;
}

/* I7 and I18: what a walk matched. */
static void walk_event(struct oracle *o, const struct view_event *event)
{
	enum invariant broken = event->twice || event->found > event->expected ? INV_WALK : INV_REACHABILITY;

	if (!event->twice && event->found == event->expected)
		return;

	const struct page *page = view_page(o->view, event->page_id);
	bool restores = event->anon_vma_id != 0; /* the others are op walk, which is no function of the kernel */

	if (!restores && page && stack_moves(o->view, page))
		return;

	struct violation *v = oracle_found_event(o, broken, OBJECT_PAGE, event->page_id);

	if (!v)
		return;
	say(v, "%s for ", restores && event->where ? event->where : "a walk");
	if (page)
		say_page(v, page);
	else
		say(v, "page %u", event->page_id);
	v->page_id = event->page_id;
	say(v, " from ");
	say_anon_vma(o, v, event->anon_vma_id ? event->anon_vma_id : page ? page->mapping_id : 0);
	say(v, " found %u of %u mappings%s", event->found, event->expected,
	    event->twice ? ", one of them twice" : "");
}

/* I18: a walk goes through VMAs that their processes still have (F09: a half built child is visible). */
static void walk_owners(struct oracle *o, const struct view_event *event)
{
	const struct page *page = view_page(o->view, event->page_id);
	const struct anon_vma *anon_vma = view_anon_vma(o->view, event->anon_vma_id ? event->anon_vma_id :
								 page               ? page->mapping_id :
										      0);
	const struct anon_vma_chain *avc = anon_vma ? anon_vma->first : NULL;

	for (uint32_t n = 0; avc && n < anon_vma->nr_avcs; n++, avc = avc->same_anon_vma_next) {
		const struct vm_area_struct *vma = view_vma(o->view, avc->vma_id);

		if (!vma || vma_is_mapped(o->view, vma) || vma->being_built)
			continue;

		struct violation *v = oracle_found_event(o, INV_WALK, OBJECT_VMA, vma->id);

		if (v) {
			v->page_id = event->page_id;
			v->anon_vma_id = anon_vma->id;
			say(v, "a walk for page %u goes through ", event->page_id);
			say_vma(v, vma);
			say(v, ", which is not in the map of its process");
		}
	}
}

/*
 * I34: 09854ba94c6a. What follows is a write that the holder sees. Before page_count decided, a holder that forked its
 * page had nothing to expect, whether get_user_pages had broken COW or not.
 */
static void reused_held_event(struct oracle *o, const struct view_event *event)
{
	const struct page *page = view_page(o->view, event->page_id);
	const struct vm_area_struct *vma = view_vma(o->view, event->vma_id);

	if (!page || !vma || (event->forked && !o->view->rules->counts_references))
		return;

	struct violation *v = oracle_found_event(o, INV_HELD, OBJECT_PAGE, page->id);

	if (!v)
		return;
	v->vma_id = vma->id;
	v->anon_vma_id = page->mapping_id;
	say(v, "%s lets %c write to what %c looks at through a reference of get_user_pages: ",
	    event_where(event), process_name(vma->process), process_name(event->holder));
	say_page(v, page);
	say_no_more(v);
}

/* I19: f18194275c39, eee0f252c653. */
static void lock_event(struct oracle *o, const struct view_event *event)
{
	struct violation *v = oracle_found_event(o, INV_LOCKS, OBJECT_ANON_VMA, event->anon_vma_id);

	if (!v)
		return;
	v->page_id = event->page_id;
	say(v, "%s keeps the lock of ", event_where(event));
	say_anon_vma(o, v, event->anon_vma_id);
	say(v, ", taken for page %u", event->page_id);
	if (event->other_id)
		say(v, "; what it unlocks is anon_vma %u, which it has not locked", event->other_id);
}

/* I27: ab941e0fff39; the kernel would try for ever. */
static void swapoff_event(struct oracle *o)
{
	const struct view_table *slots = &o->view->slots;

	for (uint32_t i = 0; i < slots->nr_live; i++) {
		const struct swap_slot *slot = slots->live[i];

		if (!at_entries(slot->at) || (slot->cache && slot->cache->locked))
			continue;

		struct violation *v = oracle_found_event(o, INV_SWAPPED_OFF, OBJECT_SLOT, slot->id);

		if (v) {
			say(v, "swapoff is done, but has left ");
			say_slot(v, slot);
			say_no_more(v);
		}
	}
}

void check_events(struct oracle *o)
{
	for (uint32_t i = 0; i < o->view->nr_events; i++) {
		const struct view_event *event = &o->view->events[i];

		switch (event->kind) {
		case EVENT_USE_AFTER_FREE:
		case EVENT_ALREADY_FREE:
			liveness_event(o, event);
			break;
		case EVENT_NO_VMA:
			no_vma_event(o, event);
			break;
		case EVENT_FREED_WHILE_NAMED:
			freed_while_named(o, event);
			break;
		case EVENT_FREED_NOT_EMPTY:
			freed_not_empty(o, event);
			break;
		case EVENT_NO_ANON_VMA:
			prepared_event(o, event);
			break;
		case EVENT_MERGE:
			merge_event(o, event);
			break;
		case EVENT_NOT_MERGED:
			not_merged_event(o, event);
			break;
		case EVENT_SWAPIN:
			swapin_event(o, event);
			break;
		case EVENT_NEW_PAGE:
			precision_event(o, event);
			break;
		case EVENT_WALK:
			walk_event(o, event);
			walk_owners(o, event);
			break;
		case EVENT_REUSED_HELD:
			reused_held_event(o, event);
			break;
		case EVENT_SWAPOFF:
			swapoff_event(o);
			break;
		case EVENT_LOCK_KEPT:
			lock_event(o, event);
			break;
		default:
			break;
		}
	}
}
