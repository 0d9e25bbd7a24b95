// SPDX-License-Identifier: GPL-2.0-only
/*
 * States with broken pages, entries and slots, and events of broken operations,
 * see broken_states.h.
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

static void dead_mapping(struct family *f)
{
	struct anon_vma *dead = state_anon_vma(&f->state, NULL);

	state_settle(&f->state);
	state_free_anon_vma(&f->state, dead, 1, 2);
	f->p1->mapping_id = dead->id;
	state_touch_page(&f->state, f->p1);
}

static void dead_mapping_of_swap_entry(struct family *f)
{
	dead_mapping(f);
	f->p1->mapping_id = f->a1->id;
	f->p3->mapping_id = 5; /* the page is not touched: its anon_vma died, and with it the links */
	f->state.named[5] = 1;
	f->state.view.touched.pages.nr = 0;
	state_touch_vma(&f->state, f->va);
	state_touch_vma(&f->state, f->vb);
}

static void wrong_index(struct family *f)
{
	f->p2->index++;
	state_touch_page(&f->state, f->p2);
}

/* 7e7757876f25: the VMA moved its start, not its offset. The page is not touched. */
static void wrong_pgoff(struct family *f)
{
	f->vb->vm_pgoff += 2;
	for (struct anon_vma_chain *avc = f->vb->chain_first; avc; avc = avc->same_vma_next) {
		avc->key_start += 2;
		avc->key_last += 2;
		state_touch_anon_vma(&f->state, avc->anon_vma);
	}
	f->state.rules.interval_tree = false; /* the lists are not sorted anew here */
	state_touch_vma(&f->state, f->vb);
}

static void unreachable_page(struct family *f)
{
	f->p2->mapping = f->a3;
	f->p2->mapping_id = f->a3->id;
	state_touch_page(&f->state, f->p2);
}

/* ea90002b0fa7: the reader's own anon_vma, while its parent holds a swap entry. */
static void unreachable_swap_entry(struct family *f)
{
	f->p3->mapping = f->a2;
	f->p3->mapping_id = f->a2->id;
	state_touch_page(&f->state, f->p3);
}

static void unreachable_migration_entry(struct family *f)
{
	f->p2->isolated = true;
	f->p2->anon_exclusive = false;
	state_migration_entry(&f->state, 1, 1, f->p2, false);
	state_settle(&f->state);
	unreachable_page(f);
}

/* The VMA has lost the link; its pages are not touched. */
static void unreachable_after_unlink(struct family *f)
{
	struct page *page = state_page(&f->state, f->a2, 2);

	state_map(&f->state, 2, 2, page, false);
	state_free_avc(&f->state, state_avc(f->vc, f->a2));
	state_take_off_list(state_avc(f->vc, f->a2));
	state_take_off_chain(state_avc(f->vc, f->a2));
	f->a3->parent = f->a1;
	f->a3->parent_id = f->a1->id;
	state_settle(&f->state);
	f->state.view.touched.pages.nr = 0;
	state_touch_vma(&f->state, f->vc);
	state_touch_anon_vma(&f->state, f->a2);
	state_touch_anon_vma(&f->state, f->a3);
}

static void entry_outside_of_vmas(struct family *f)
{
	state_clear(&f->state, 2, 0);
	state_settle(&f->state);
	state_map(&f->state, 2, 50, f->p1, false);
	state_settle(&f->state);
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

static void leaked_page(struct family *f)
{
	state_page(&f->state, f->a1, 3);
	state_settle(&f->state);
}

static void leaked_slot(struct family *f)
{
	state_slot(&f->state, NULL);
	state_settle(&f->state);
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

static void unfaulted_with_entry(struct family *f)
{
	state_swap_entry(&f->state, 0, 9, state_slot(&f->state, NULL));
	state_settle(&f->state);
}

static void page_without_anon_vma(struct family *f)
{
	state_event(&f->state, EVENT_NO_ANON_VMA)->vma_id = f->unfaulted->id;
}

static void page_in_unfaulted(struct family *f)
{
	state_map(&f->state, 0, 9, state_page(&f->state, f->a1, 9), false);
	state_settle(&f->state);
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

static void exclusive_shared(struct family *f)
{
	f->p1->anon_exclusive = true;
	state_touch_page(&f->state, f->p1);
}

/* One mapping, but its swap entry has other holders. */
static void exclusive_swapped(struct family *f)
{
	struct swap_slot *slot = state_slot(&f->state, f->p2);

	state_swap_entry(&f->state, 2, 1, slot);
	state_settle(&f->state);
	f->state.view.touched.pages.nr = 0;
}

static void writable_not_exclusive(struct family *f)
{
	f->p2->anon_exclusive = false;
	state_touch_page(&f->state, f->p2);
}

static void exclusive_entry_shared(struct family *f)
{
	f->state.view.mm[1].pte[2].exclusive = true;
	state_touch_slot(&f->state, f->s1);
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

static void wrong_mapcount(struct family *f)
{
	f->p1->mapcount--;
	state_touch_page(&f->state, f->p1);
}

static void wrong_page_refcount(struct family *f)
{
	f->p3->refcount++;
	state_touch_page(&f->state, f->p3);
}

static void wrong_swap_count(struct family *f)
{
	f->s1->count--;
	state_touch_slot(&f->state, f->s1);
}

static void swap_cache_disagrees(struct family *f)
{
	f->s1->cache = NULL;
	state_touch_slot(&f->state, f->s1);
	state_touch_page(&f->state, f->p3);
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

static void wrong_gups(struct family *f)
{
	f->p2->gups = 1;
	state_touch_page(&f->state, f->p2);
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

static void writable_in_read_only(struct family *f)
{
	f->vb->vm_flags = VM_READ; /* P2 is writable */
	state_touch_vma(&f->state, f->vb);
}

static void readable_without_access(struct family *f)
{
	f->state.view.mm[1].pte[2].write = false;
	f->vb->vm_flags = 0; /* P2 is still readable */
	state_touch_vma(&f->state, f->vb);
}

static void wrong_content(struct family *f)
{
	f->p3->value = 7;
	state_touch_page(&f->state, f->p3);
}

const struct broken broken_pages[] = {
	{ "marker taken for a VMA", INV_LIVENESS, OBJECT_PROCESS, marker_followed, 0 },
	{ "use after free", INV_LIVENESS, OBJECT_PAGE, use_after_free, 0 },
	{ "freed while named", INV_LIVENESS, OBJECT_PAGE, freed_while_named, 0 },
	{ "reference dropped twice", INV_LIVENESS, OBJECT_ANON_VMA, already_free, 0 },
	{ "page names a dead anon_vma", INV_LIVENESS, OBJECT_PAGE, dead_mapping, CHECK_BIT(INV_REACHABILITY) },
	{ "page behind a swap entry does", INV_LIVENESS, OBJECT_PAGE, dead_mapping_of_swap_entry,
	  CHECK_BIT(INV_REACHABILITY) },
	{ "index", INV_LINEARITY, OBJECT_PTE, wrong_index, 0 },
	{ "vm_pgoff", INV_LINEARITY, OBJECT_PTE, wrong_pgoff, 0 },
	{ "page not reachable", INV_REACHABILITY, OBJECT_PTE, unreachable_page, 0 },
	{ "swap entry not reachable", INV_REACHABILITY, OBJECT_PTE, unreachable_swap_entry, 0 },
	{ "migration entry not reachable", INV_REACHABILITY, OBJECT_PTE, unreachable_migration_entry, 0 },
	{ "link lost", INV_REACHABILITY, OBJECT_PTE, unreachable_after_unlink, 0 },
	{ "entry without VMA", INV_REACHABILITY, OBJECT_PTE, entry_outside_of_vmas, 0 },
	{ "walk misses a mapping", INV_REACHABILITY, OBJECT_PAGE, walk_misses, 0 },
	{ "freed with children", INV_COUNTERS, OBJECT_ANON_VMA, freed_not_empty, 0 },
	{ "page leaked", INV_NO_LEAK, OBJECT_PAGE, leaked_page, 0 },
	{ "swap slot leaked", INV_NO_LEAK, OBJECT_SLOT, leaked_slot, 0 },
	{ "merge of two anon_vmas", INV_MERGE, OBJECT_VMA, merge_of_different, 0 },
	{ "merge of a forked VMA", INV_MERGE, OBJECT_VMA, merge_of_forked, 0 },
	{ "merge without import", INV_MERGE, OBJECT_VMA, merge_without_import, 0 },
	{ "swap entry in an unfaulted VMA", INV_UNFAULTED, OBJECT_PTE, unfaulted_with_entry, 0 },
	{ "page for a VMA without anon_vma", INV_PREPARED, OBJECT_VMA, page_without_anon_vma, 0 },
	{ "page in a VMA without anon_vma", INV_REACHABILITY, OBJECT_PTE, page_in_unfaulted,
	  CHECK_BIT(INV_UNFAULTED) | CHECK_BIT(INV_PREPARED) },
	{ "walk matches twice", INV_WALK, OBJECT_PAGE, walk_twice, 0 },
	{ "walk finds more", INV_WALK, OBJECT_PAGE, walk_finds_more, 0 },
	{ "walk goes through a VMA out of its map", INV_TWO_SIDED_AVC, OBJECT_VMA, walk_through_unmapped,
	  CHECK_BIT(INV_WALK) },
	{ "lock kept", INV_LOCKS, OBJECT_ANON_VMA, lock_kept, 0 },
	{ "exclusive, but shared", INV_EXCLUSIVITY, OBJECT_PAGE, exclusive_shared, 0 },
	{ "exclusive, but swapped elsewhere", INV_EXCLUSIVITY, OBJECT_PAGE, exclusive_swapped, 0 },
	{ "writable, but not exclusive", INV_EXCLUSIVITY, OBJECT_PTE, writable_not_exclusive, 0 },
	{ "exclusive swap entry, but shared", INV_EXCLUSIVITY, OBJECT_PTE, exclusive_entry_shared, 0 },
	{ "new page of another anon_vma", INV_PRECISION, OBJECT_PAGE, imprecise_new_page, 0 },
	{ "reused page of another anon_vma", INV_PRECISION, OBJECT_PAGE, imprecise_reuse, 0 },
	{ "mapcount", INV_COUNTS, OBJECT_PAGE, wrong_mapcount, 0 },
	{ "refcount of a page", INV_COUNTS, OBJECT_PAGE, wrong_page_refcount, 0 },
	{ "swap count", INV_COUNTS, OBJECT_SLOT, wrong_swap_count, 0 },
	{ "swap cache and page", INV_COUNTS, OBJECT_PAGE, swap_cache_disagrees, 0 },
	{ "swapoff leaves an entry", INV_SWAPPED_OFF, OBJECT_SLOT, left_by_swapoff, 0 },
	{ "written while held", INV_HELD, OBJECT_PAGE, reused_while_held, 0 },
	{ "written while held, and forked before", INV_HELD, OBJECT_PAGE, reused_while_held_by_its_parent, 0 },
	{ "reference of get_user_pages", INV_COUNTS, OBJECT_PAGE, wrong_gups, 0 },
	{ "swap-in of a copy", INV_SHARED_SWAPIN, OBJECT_PAGE, swapin_of_a_copy, 0 },
	{ "not merged", INV_MERGED, OBJECT_VMA, not_merged, 0 },
	{ "writable entry in a read-only VMA", INV_PERMISSION, OBJECT_PTE, writable_in_read_only, 0 },
	{ "readable entry in a VMA without access", INV_PERMISSION, OBJECT_PTE, readable_without_access, 0 },
	{ "content", INV_MEMORY, OBJECT_MEMORY, wrong_content, 0 },
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
