// SPDX-License-Identifier: GPL-2.0-only
/*
 * A lookup of an anon_vma from outside, in two phases: page_lock_anon_vma as reclaim has it, and for a page that is
 * isolated, page_get_anon_vma as the beginning of a migration has it.
 *
 * It begins with a page of which it knows no VMA, and so reads page->mapping (and the root there) under RCU alone.
 * Until it has the lock (or a reference), the page may be unmapped, and the anon_vma freed and its memory used again: as another
 * anon_vma, never as something else, for its slab is SLAB_DESTROY_BY_RCU. What tells the two apart is the page: as
 * long as it is mapped, its anon_vma is alive. This is the only place that may read an anon_vma that could be freed.
 */
#include "model/world.h"

/* One lock of an anon_vma. It lies in the memory of the root, whoever has that meanwhile. */
struct held_lock {
	const struct anon_vma *root; /* NULL once it is unlocked */
	uint32_t root_id;
	uint32_t unlocked_id; /* what was unlocked instead */
};

int do_lookup_begin(struct world *w, uint32_t address)
{
	const struct pte *pte = pte_at(w, w->process, address);
	struct page *page = pte->kind == PTE_PRESENT ? pte->page : NULL;

	if (!page || !page->mapping)
		return OP_EINVAL;
	if (lookup_open(w, w->process))
		return OP_EBUSY;
	if (!follow_anon_vma(w, page->mapping, page->mapping_id, "page_lock_anon_vma"))
		return OP_EINVAL;
	bool has_root = page->mapping->root != NULL;

	hold_page(w, page);
	w->lookups[w->process] = (struct paused_lookup){
		.page_id = page->id,
		.migration = page->isolated,
		.anon_vma = page->mapping,
		.anon_vma_id = page->mapping_id,
		.root = has_root ? page->mapping->root : page->mapping,
		.root_id = has_root ? page->mapping->root_id : page->mapping_id,
	};
	return 0;
}

/* page_unlock_anon_vma: through the root pointer as it is now. Memory that is free has kept what it had. */
static void page_unlock_anon_vma(struct held_lock *lock, const struct anon_vma *anon_vma)
{
	const struct anon_vma *root = anon_vma && anon_vma->root ? anon_vma->root : anon_vma;

	if (!root || root == lock->root)
		lock->root = NULL;
	else
		lock->unlocked_id = anon_vma->root ? anon_vma->root_id : anon_vma->id;
}

static void lock_and_walk(struct world *w, const struct paused_lookup *lookup, struct page *page)
{
	struct held_lock lock = { .root = lookup->root, .root_id = lookup->root_id };
	const struct anon_vma *anon_vma =
		arena_read_under_rcu(&w->anon_vmas, lookup->anon_vma, lookup->anon_vma_id);
	uint8_t asked = decides(w, LOOKUP);

	if (asked == LOOKUP_MAPPED && !page->mapcount)
		return; /* unlocks what it has locked */
	if (asked != LOOKUP_REFCOUNT || (anon_vma && anon_vma->refcount))
		page_referenced(w, page, anon_vma, lookup->anon_vma_id);
	page_unlock_anon_vma(&lock, anon_vma);
	if (!lock.root)
		return;
	struct view_event *event = add_event(w, EVENT_LOCK_KEPT, "page_unlock_anon_vma");

	event->page_id = page->id;
	event->anon_vma_id = lock.root_id;
	event->other_id = lock.unlocked_id;
}

/*
 * A reference, one walk, and back with it: a migration that gives up. It must look at the page again, as only
 * page_lock_anon_vma did (1ce82b69e96c). From 2.6.39 the reference comes before that look, and may be a stranger's
 * for that moment (page_get_anon_vma): nobody is in between here, so nothing shows it.
 */
static void get_and_walk(struct world *w, const struct paused_lookup *lookup, struct page *page)
{
	struct anon_vma *anon_vma = arena_read_under_rcu(&w->anon_vmas, lookup->anon_vma, lookup->anon_vma_id);
	uint8_t asked = decides(w, MIGRATION_PIN);

	if (asked == MIGRATION_PIN_NOTHING || (asked == MIGRATION_PIN_REFERENCE_IF_MAPPED && !page->mapcount))
		return;
	if (!follow_anon_vma(w, lookup->anon_vma, lookup->anon_vma_id, "unmap_and_move") || !anon_vma)
		return;
	get_anon_vma(w, anon_vma);
	page_referenced(w, page, anon_vma, anon_vma->id);
	put_anon_vma(w, anon_vma, anon_vma->id);
}

int lookup_resume(struct world *w, struct paused_lookup *lookup)
{
	struct paused_lookup begun = *lookup;
	struct page *page = view_page(&w->view, begun.page_id);

	lookup->page_id = 0;
	unhold_page(w, page);
	if (begun.migration)
		get_and_walk(w, &begun, page);
	else
		lock_and_walk(w, &begun, page);
	page_put(w, page);
	return 0;
}
