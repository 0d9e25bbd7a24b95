// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second walk of a migration in phases: a pause between two VMAs that may
 * have the page. The walk holds the lock of the root (before 2.6.36 that of
 * its anon_vma) from its beginning to its end, so the list of VMAs stays;
 * what moves from one VMA to another meanwhile does so without that lock.
 */
#include "model/world.h"

/* From avc on, the first VMA whose range covers the index of the page. */
static struct anon_vma_chain *next_candidate(struct world *w, struct anon_vma_chain *avc, uint32_t index)
{
	uint32_t address;

	while (avc && !(follow_vma(w, avc->vma, avc->vma_id, "remove_migration_ptes") &&
			vma_address(avc->vma, index, &address)))
		avc = avc->same_anon_vma_next;
	return avc;
}

static void visit(struct world *w, const struct anon_vma_chain *avc, const struct page *old, struct page *new)
{
	uint32_t address;

	if (vma_address(avc->vma, new->index, &address))
		remove_migration_pte(w, avc->vma, address, old, new);
}

int do_restore_begin(struct world *w, uint32_t address)
{
	struct held_page *held = find_held(w, address);
	struct paused *paused = &w->paused[w->process];

	if (!held || !held->in_flight)
		return OP_EINVAL;
	struct page *old = view_page(&w->view, held->page_id), *new = view_page(&w->view, held->new_page_id);

	/* nothing to walk through, or only into what is gone */
	if (!held->walk || !view_anon_vma(&w->view, old->mapping_id)) {
		finish_migration(w, held, old, new);
		return 0;
	}
	migrate_state(w, old, new);
	*paused = (struct paused){
		.kind = PAUSED_RESTORE,
		.restore = { .page_id = old->id, .next = next_candidate(w, old->mapping->first, new->index) },
	};
	return restore_resume(w, paused);
}

int restore_resume(struct world *w, struct paused *paused)
{
	struct paused_restore *walk = &paused->restore;
	struct held_page *held = held_by_page(w, walk->page_id);
	struct page *old = view_page(&w->view, walk->page_id), *new = view_page(&w->view, held->new_page_id);
	uint8_t entries = old->nr_at;

	if (walk->next) {
		visit(w, walk->next, old, new);
		walk->found = (uint8_t)(walk->found + entries - old->nr_at);
		walk->next = next_candidate(w, walk->next->same_anon_vma_next, new->index);
	}
	if (walk->next)
		return 0;
	paused->kind = PAUSED_NOTHING;
	end_migration(w, held, old, new, walk->found);
	return 0;
}
