// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operation tells that it did: events that break a rule, and
 * operations that look like it and break nothing, see broken_states.h.
 */
#include "broken_states.h"

static void use_after_free(struct family *f)
{
	struct view_event *event = state_event(&f->state, EVENT_USE_AFTER_FREE);

	event->other_id = f->a2->id;
	event->page_id = f->p2->id;
}

static void freed_while_named(struct family *f)
{
	state_event(&f->state, EVENT_FREED_WHILE_NAMED)->anon_vma_id = f->a2->id;
}

static void already_free(struct family *f)
{
	state_event(&f->state, EVENT_ALREADY_FREE)->anon_vma_id = f->a2->id;
}

/* 1367da7eb875 */
static void marker_followed(struct family *f)
{
	struct view_event *event = state_event(&f->state, EVENT_NO_VMA);

	event->process = 1;
	event->at = 20;
}

static void walk_misses(struct family *f)
{
	struct view_event *event = state_event(&f->state, EVENT_WALK);

	event->page_id = f->p1->id;
	event->anon_vma_id = f->a1->id;
	event->found = 2;
	event->expected = 3;
}

static void freed_not_empty(struct family *f)
{
	state_event(&f->state, EVENT_FREED_NOT_EMPTY)->anon_vma_id = f->a2->id;
}

static struct view_event *merge(struct family *f, struct vm_area_struct *survivor, uint32_t other,
				uint8_t other_length)
{
	struct view_event *event = state_event(&f->state, EVENT_MERGE);

	event->vma_id = survivor->id;
	event->anon_vma_id = survivor->anon_vma_id;
	event->a_len = (uint8_t)survivor->nr_avcs;
	event->other_id = other;
	event->b_len = other_length;
	event->result_len = event->a_len;
	event->result_len = (uint8_t)survivor->nr_avcs;
	return event;
}

static void merge_of_different(struct family *f)
{
	merge(f, f->vb, f->a4->id, 2);
}

/* 965f55dea0e3 */
static void merge_of_forked(struct family *f)
{
	merge(f, f->vb, 0, 0);
}

/* 61f67c230a5e: the survivor did not get the chain of the range that was moved there. */
static void merge_without_import(struct family *f)
{
	merge(f, f->unfaulted, f->a1->id, 1);
}

static void page_without_anon_vma(struct family *f)
{
	state_event(&f->state, EVENT_NO_ANON_VMA)->vma_id = f->unfaulted->id;
}

static void walk_twice(struct family *f)
{
	walk_misses(f);
	f->state.view.events[0].found = 3;
	f->state.view.events[0].twice = true;
}

static void walk_finds_more(struct family *f)
{
	walk_misses(f);
	f->state.view.events[0].found = 4;
}

static void walk_through_unmapped(struct family *f)
{
	walk_misses(f);
	f->state.view.events[0].found = 3;
	f->vc->in_map = false;
	state_touch_vma(&f->state, f->vc);
}

static void imprecise_new_page(struct family *f)
{
	struct view_event *event = state_event(&f->state, EVENT_NEW_PAGE);

	event->page_id = f->p1->id;
	event->vma_id = f->vb->id;
}

static void imprecise_reuse(struct family *f)
{
	imprecise_new_page(f);
	f->state.view.events[0].reused = true;
	f->state.rules.precise_new_page = false;
}

static void lock_kept(struct family *f)
{
	struct view_event *event = state_event(&f->state, EVENT_LOCK_KEPT);

	event->page_id = f->p1->id;
	event->anon_vma_id = f->a1->id;
	event->other_id = f->a2->id;
}

static void left_by_swapoff(struct family *f)
{
	state_event(&f->state, EVENT_SWAPOFF);
}

/* 09854ba94c6a: B writes what A looks at. */
static struct view_event *reused(struct family *f)
{
	struct view_event *event = state_event(&f->state, EVENT_REUSED_HELD);

	event->page_id = f->p2->id;
	event->vma_id = f->vb->id;
	event->holder = 0;
	return event;
}

static void reused_while_held(struct family *f)
{
	reused(f);
}

static void reused_while_held_by_its_parent(struct family *f)
{
	reused(f)->forked = true;
}

static void swapin_of_a_copy(struct family *f)
{
	struct view_event *event = state_event(&f->state, EVENT_SWAPIN);

	event->page_id = f->p2->id;
	event->other_id = f->p3->id;
}

static struct view_event *kept_apart(struct family *f, uint32_t other_id, uint8_t length)
{
	struct view_event *event = state_event(&f->state, EVENT_NOT_MERGED);

	event->vma_id = f->unfaulted->id;
	event->other_id = other_id;
	event->b_len = length;
	return event;
}

static void not_merged(struct family *f)
{
	kept_apart(f, f->a1->id, 1);
}

const struct broken broken_events[] = {
	{ "marker taken for a VMA", INV_LIVENESS, OBJECT_PROCESS, marker_followed, 0 },
	{ "use after free", INV_LIVENESS, OBJECT_PAGE, use_after_free, 0 },
	{ "freed while named", INV_LIVENESS, OBJECT_PAGE, freed_while_named, 0 },
	{ "reference dropped twice", INV_LIVENESS, OBJECT_ANON_VMA, already_free, 0 },
	{ "walk misses a mapping", INV_REACHABILITY, OBJECT_PAGE, walk_misses, 0 },
	{ "freed with children", INV_COUNTERS, OBJECT_ANON_VMA, freed_not_empty, 0 },
	{ "merge of two anon_vmas", INV_MERGE, OBJECT_VMA, merge_of_different, 0 },
	{ "merge of a forked VMA", INV_MERGE, OBJECT_VMA, merge_of_forked, 0 },
	{ "merge without import", INV_MERGE, OBJECT_VMA, merge_without_import, 0 },
	{ "page for a VMA without anon_vma", INV_PREPARED, OBJECT_VMA, page_without_anon_vma, 0 },
	{ "walk matches twice", INV_WALK, OBJECT_PAGE, walk_twice, 0 },
	{ "walk finds more", INV_WALK, OBJECT_PAGE, walk_finds_more, 0 },
	{ "walk goes through a VMA out of its map", INV_TWO_SIDED_AVC, OBJECT_VMA, walk_through_unmapped,
	  CHECK_BIT(INV_WALK) },
	{ "lock kept", INV_LOCKS, OBJECT_ANON_VMA, lock_kept, 0 },
	{ "new page of another anon_vma", INV_PRECISION, OBJECT_PAGE, imprecise_new_page, 0 },
	{ "reused page of another anon_vma", INV_PRECISION, OBJECT_PAGE, imprecise_reuse, 0 },
	{ "swapoff leaves an entry", INV_SWAPPED_OFF, OBJECT_SLOT, left_by_swapoff, 0 },
	{ "written while held", INV_HELD, OBJECT_PAGE, reused_while_held, 0 },
	{ "written while held, and forked before", INV_HELD, OBJECT_PAGE, reused_while_held_by_its_parent, 0 },
	{ "swap-in of a copy", INV_SHARED_SWAPIN, OBJECT_PAGE, swapin_of_a_copy, 0 },
	{ "not merged", INV_MERGED, OBJECT_VMA, not_merged, 0 },
	{ .what = NULL },
};

/* ---- operations that break nothing ---- */

static void merge_of_the_same(struct family *f)
{
	merge(f, f->vb, f->a2->id, 2);
}

static void merge_of_singular(struct family *f)
{
	merge(f, f->va, 0, 0);
}

static void merge_with_import(struct family *f)
{
	struct view_event *event = merge(f, f->unfaulted, f->a1->id, 1);

	event->imported = true;
	event->result_len = 1;
}

static void merge_of_unfaulted(struct family *f)
{
	merge(f, f->unfaulted, 0, 0);
}

static void fork_child_not_merged(struct family *f)
{
	kept_apart(f, f->a2->id, 2);
}

static void two_families_not_merged(struct family *f)
{
	kept_apart(f, f->a2->id, 1)->anon_vma_id = f->a1->id;
}

static void swapin_of_the_cached_page(struct family *f)
{
	swapin_of_a_copy(f);
	f->state.view.events[0].page_id = f->p3->id;
}

static void walk_complete(struct family *f)
{
	walk_misses(f);
	f->state.view.events[0].found = 3;
}

/* Its page is locked: swapoff goes on without it. */
static void left_to_migration(struct family *f)
{
	f->p3->locked = true;
	state_event(&f->state, EVENT_SWAPOFF);
}

static void precise_new_page(struct family *f)
{
	imprecise_new_page(f);
	f->state.view.events[0].page_id = f->p2->id;
	f->state.view.events[0].reused = true;
}

/* 2.6.34 to today: page->mapping of a page that nothing leads to may dangle. */
static void unmapped_cache_page_names_the_dead(struct family *f)
{
	struct anon_vma *dead = state_anon_vma(&f->state, NULL);

	state_clear(&f->state, 0, 2);
	state_clear(&f->state, 1, 2);
	f->p3->mapping_id = dead->id;
	state_settle(&f->state);
	state_free_anon_vma(&f->state, dead, 1, 2);
}

/* Before 2.6.36 nobody held a root, and external_refcount did not count links. */
static void counts_of_2_6_34(struct family *f)
{
	f->state.rules.has_root = false;
	f->state.rules.root_pinned = false;
	f->state.rules.has_refcount = false;
	f->state.rules.counts_children = false;
	f->a3->pins = 2;
	state_settle(&f->state);
	for (uint32_t id = 1; id <= f->state.view.anon_vmas.nr_born; id++)
		state_touch_anon_vma(&f->state, view_anon_vma(&f->state.view, id));
}

const struct broken sound_operations[] = {
	{ .what = "merge of one anon_vma", .break_it = merge_of_the_same },
	{ .what = "merge with a singular chain", .break_it = merge_of_singular },
	{ .what = "merge with import", .break_it = merge_with_import },
	{ .what = "merge of unfaulted VMAs", .break_it = merge_of_unfaulted },
	{ .what = "fork child kept apart", .break_it = fork_child_not_merged },
	{ .what = "two anon_vmas kept apart", .break_it = two_families_not_merged },
	{ .what = "swap-in of the cached page", .break_it = swapin_of_the_cached_page },
	{ .what = "complete walk", .break_it = walk_complete },
	{ .what = "swapoff passes over a migration", .break_it = left_to_migration },
	{ .what = "reused page", .break_it = precise_new_page },
	{ .what = "counts of 2.6.34", .break_it = counts_of_2_6_34 },
	{ .what = "unmapped page in the swap cache", .break_it = unmapped_cache_page_names_the_dead },
	{ .what = NULL },
};
