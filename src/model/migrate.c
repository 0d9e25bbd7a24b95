// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page migration in its phases, and outside references on anon_vmas.
 *
 * isolate takes a reference on the page; begin walks the rmap and replaces
 * each mapping by a migration entry; end gives mapping and index to the new
 * page and walks again to restore the entries. In between the page has no
 * mapping, so only a reference keeps its anon_vma alive (3f6c82728f4e).
 *
 * In the kernel isolate and the walk are far apart: between the test that the
 * page is still referenced by somebody else (page_count) and rcu_read_lock()
 * its last mapping may go. That is why begin looks at the mapcount again
 * (67b9509b2c68); isolate stands for all that comes before.
 *
 * Isolated pages and pins are remembered by the process and the page of the
 * window where they were taken; when that process is gone, any other may go
 * on by naming the same page of the window, as the kernel's compaction would.
 */
#include <assert.h>

#include "model/world.h"

static bool is_anon_page_entry(const struct pte *pte)
{
	return pte->kind == PTE_PRESENT || pte->kind == PTE_MIGRATION;
}

/* The page meant by an address: the one behind the entry there, else the one isolated there. */
struct held_page *find_held(struct world *w, uint32_t address)
{
	const struct pte *pte = pte_at(w, w->process, address);

	if (is_anon_page_entry(pte))
		for (uint32_t i = 0; i < w->nr_held; i++)
			if (w->held[i].page_id == pte->page->id)
				return &w->held[i];
	for (uint32_t i = 0; i < w->nr_held; i++)
		if (w->held[i].window_page == address && w->held[i].process == w->process)
			return &w->held[i];
	for (uint32_t i = 0; i < w->nr_held; i++)
		if (w->held[i].window_page == address && !world_mm(w, w->held[i].process)->alive)
			return &w->held[i];
	return NULL;
}

struct held_page *held_by_page(struct world *w, uint32_t page_id)
{
	for (uint32_t i = 0; i < w->nr_held; i++)
		if (w->held[i].page_id == page_id)
			return &w->held[i];
	return NULL;
}

static void forget_held(struct world *w, struct held_page *held)
{
	struct held_page *last = &w->held[--w->nr_held];

	for (; held < last; held++)
		held[0] = held[1]; /* keep the order: oldest first */
}

int do_isolate(struct world *w, uint32_t address)
{
	const struct pte *pte = pte_at(w, w->process, address);

	if (pte->kind != PTE_PRESENT || !pte->page->mapping)
		return OP_EINVAL;
	if (pte->page->isolated || w->nr_held == MAX_HELD)
		return OP_EBUSY;
	pte->page->isolated = true;
	pte->page->refcount++;
	touch_page(w, pte->page);
	w->held[w->nr_held++] = (struct held_page){ .page_id = pte->page->id,
						    .process = w->process,
						    .window_page = (uint8_t)address };
	return 0;
}

static void putback(struct world *w, struct page *page)
{
	assert(page); /* isolate's reference kept it */
	page->isolated = page->locked = false;
	touch_page(w, page);
	page_put(w, page);
}

static bool try_to_migrate_one(struct world *w, struct page *page, struct vm_area_struct *vma,
			       uint32_t address, void *data)
{
	struct pte entry = *pte_at(w, vma->process, address);
	bool as_swap = page->swap && decides(w, MIGRATION_ENTRY) == MIGRATION_ENTRY_SWAP_IF_CACHED;
	bool exclusive = page->anon_exclusive;

	(void)data;
	/* its entries move without a lock that a walk holds, and to where it looks from the beginning */
	if (vma->temporary_stack && decides(w, MIGRATION_STACK) == MIGRATION_STACK_SKIPPED)
		return true;
	if (entry.kind != PTE_PRESENT || entry.page != page)
		return true;
	pte_clear(w, vma->process, address);
	if (as_swap) {
		page->swap->value = page->value;
		page->swap->count++;
		pte_set_swap(w, vma->process, address, page->swap, false);
		page_count_named(w, page);
	} else {
		pte_set_migration(w, vma->process, address, page, entry.write, exclusive);
	}
	page->anon_exclusive = false;
	page_remove_rmap(w, page);
	page_put(w, page);
	return page->mapcount > 0;
}

void remove_migration_pte(struct world *w, struct vm_area_struct *vma, uint32_t address,
			  const struct page *old, struct page *new)
{
	struct pte entry = *pte_at(w, vma->process, address);

	if (entry.kind != PTE_MIGRATION || entry.page != old)
		return;
	pte_clear(w, vma->process, address);
	new->refcount++;
	pte_set_present(w, vma->process, address, new, entry_access(vma, entry.write));
	page_add_anon_rmap(w, new, vma, address, false, entry.exclusive);
}

static bool restore_one(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t address,
			void *data)
{
	remove_migration_pte(w, vma, address, data, page);
	return true;
}

/* page_get_anon_vma */
static void take_reference(struct world *w, struct held_page *held, struct page *page)
{
	if (!held->walk || decides(w, MIGRATION_PIN) == MIGRATION_PIN_NOTHING ||
	    !follow_anon_vma(w, page->mapping, page->mapping_id, "page_get_anon_vma"))
		return;
	held->anon_vma = page->mapping;
	held->anon_vma_id = page->mapping_id;
	held->anon_vma->pins++;
	get_anon_vma(w, held->anon_vma);
}

static void drop_reference(struct world *w, struct anon_vma *anon_vma, uint32_t id)
{
	if (!anon_vma || !follow_anon_vma(w, anon_vma, id, "put_anon_vma"))
		return;
	if (anon_vma->pins)
		anon_vma->pins--;
	put_anon_vma(w, anon_vma, id);
}

/* The new page takes over everything but the mappings. */
void migrate_state(struct world *w, struct page *old, struct page *new)
{
	new->value = old->value;
	new->swap = old->swap;
	if (new->swap) {
		new->swap->cache = new;
		new->refcount++;
		old->refcount--;
		old->swap = NULL;
		touch_slot(w, new->swap);
	}
	page_set_mapping(w, new, old->mapping, old->mapping_id, old->index);
}

/* The walk is over: an entry that it missed would be a migration entry for good. */
static void note_missed(struct world *w, const struct page *old, uint8_t found)
{
	struct view_event *event = add_event(w, EVENT_WALK, "remove_migration_ptes");

	event->page_id = old->id;
	event->anon_vma_id = old->mapping_id;
	event->found = found;
	event->expected = (uint8_t)(found + old->nr_at);
}

/* found: how many entries have been restored. */
void end_migration(struct world *w, struct held_page *held, struct page *old, struct page *new, uint8_t found)
{
	struct anon_vma *anon_vma = held->anon_vma;
	uint32_t anon_vma_id = held->anon_vma_id;

	forget_held(w, held);
	if (old != new && !old->nr_at) {
		page_set_mapping(w, old, NULL, 0, 0);
		putback(w, old);
	} else if (old != new) { /* still named: keep it, the oracle has its finding */
		note_missed(w, old, found);
	}
	putback(w, new);
	drop_reference(w, anon_vma, anon_vma_id);
}

/* Ends a migration in the new page, or back in the old one if old == new. */
void finish_migration(struct world *w, struct held_page *held, struct page *old, struct page *new)
{
	uint8_t entries = old->nr_at;

	if (old != new)
		migrate_state(w, old, new);
	if (held->walk)
		rmap_walk(w, new, restore_one, old, "remove_migration_ptes");
	end_migration(w, held, old, new, (uint8_t)(entries - old->nr_at));
}

int do_migrate_begin(struct world *w, uint32_t address)
{
	struct held_page *held = find_held(w, address);
	int error = held ? 0 : do_isolate(w, address);

	if (error)
		return error;
	held = held ? held : &w->held[w->nr_held - 1];
	if (held->in_flight)
		return OP_EBUSY;
	struct page *page = view_page(&w->view, held->page_id);

	held->walk = page->mapcount > 0 || decides(w, MIGRATION_UNMAPPED) == MIGRATION_UNMAPPED_WALKED;
	if (!held->walk && !page->swap) { /* 67b9509b2c68: nothing left to migrate */
		forget_held(w, held);
		putback(w, page);
		return OP_EAGAIN;
	}
	struct page *new = page_alloc(w);

	if (!new)
		return OP_ENOMEM;
	new->isolated = new->locked = true;
	page->locked = true;
	held->new_page_id = new->id;
	held->in_flight = true;
	take_reference(w, held, page);
	if (held->walk)
		rmap_walk(w, page, try_to_migrate_one, NULL, "try_to_migrate");
	if (!page->mapcount && !page->holds && !page->gups)
		return 0;
	/* some mapping could not be found, or somebody else has a reference: everything back */
	finish_migration(w, held, page, page);
	putback(w, new);
	return OP_EAGAIN;
}

int do_migrate_end(struct world *w, uint32_t address)
{
	struct held_page *held = find_held(w, address);

	if (!held || !held->in_flight)
		return OP_EINVAL;
	finish_migration(w, held, view_page(&w->view, held->page_id), view_page(&w->view, held->new_page_id));
	return 0;
}

int do_migrate(struct world *w, uint32_t address)
{
	int error = do_migrate_begin(w, address);

	return error ? error : do_migrate_end(w, address);
}

int do_pin(struct world *w, uint32_t address)
{
	const struct pte *pte = pte_at(w, w->process, address);

	if (pte->kind != PTE_PRESENT || !pte->page->mapping)
		return OP_EINVAL;
	if (w->nr_pins == MAX_HELD)
		return OP_EBUSY;
	struct anon_vma *anon_vma = pte->page->mapping;

	if (!follow_anon_vma(w, anon_vma, pte->page->mapping_id, "page_get_anon_vma"))
		return OP_EINVAL;
	anon_vma->pins++;
	get_anon_vma(w, anon_vma);
	w->pins[w->nr_pins++] = (struct held_pin){ .anon_vma = anon_vma,
						   .anon_vma_id = anon_vma->id,
						   .process = w->process,
						   .window_page = (uint8_t)address };
	return 0;
}

static void drop_pin(struct world *w, uint32_t number)
{
	struct held_pin pin = w->pins[number];

	w->nr_pins--;
	for (uint32_t i = number; i < w->nr_pins; i++)
		w->pins[i] = w->pins[i + 1];
	drop_reference(w, pin.anon_vma, pin.anon_vma_id);
}

int do_unpin(struct world *w, uint32_t address)
{
	for (uint32_t i = 0; i < w->nr_pins; i++) {
		bool mine = w->pins[i].process == w->process;

		if (w->pins[i].window_page == address && (mine || !world_mm(w, w->pins[i].process)->alive)) {
			drop_pin(w, i);
			return 0;
		}
	}
	return OP_EINVAL;
}

/* What lingers in the swap cache with no holder is left to reclaim; at the end reclaim comes by. */
static bool reclaim_lingering_page(struct world *w)
{
	for (uint32_t i = 0; i < w->view.slots.nr_live; i++) {
		struct swap_slot *slot = w->view.slots.live[i];

		if (slot->count == 0 && slot->cache && try_to_free_swap(w, slot->cache))
			return true;
	}
	return false;
}

bool migration_teardown(struct world *w)
{
	if (w->nr_held) {
		struct held_page *held = &w->held[0];
		struct page *page = view_page(&w->view, held->page_id);

		if (held->in_flight) {
			finish_migration(w, held, page, view_page(&w->view, held->new_page_id));
		} else {
			forget_held(w, held);
			putback(w, page);
		}
		return true;
	}
	if (w->nr_pins) {
		drop_pin(w, 0);
		return true;
	}
	return reclaim_lingering_page(w);
}
