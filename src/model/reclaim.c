// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reclaim as operations of their own: a page leaves its mappings through the
 * rmap (pageout), leaves the swap cache (dropcache), comes back for good
 * (swapoff), or is only looked up (walk). Which pages reclaim would choose is
 * the program's business; what it does to them is the kernel's.
 */
#include "model/world.h"

/* The page that a process has mapped at an address, if it is an anonymous one. */
static struct page *mapped_page(struct world *w, uint32_t address)
{
	struct pte *pte = pte_at(w, w->process, address);

	return pte->kind == PTE_PRESENT ? pte->page : NULL;
}

/* A page of a locked VMA is on the unevictable list: reclaim never sees it. */
static bool page_mlocked(struct world *w, const struct page *page)
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		struct vm_area_struct *vma =
			page->at[p] < 0 ? NULL : view_vma_at(&w->view.mm[p], (uint32_t)page->at[p]);

		if (vma && (vma->vm_flags & VM_LOCKED))
			return true;
	}
	return false;
}

static int add_to_swap(struct world *w, struct page *page)
{
	if (!page->swap) {
		struct swap_slot *slot = swap_alloc(w);

		if (!slot)
			return OP_ENOMEM;
		page_add_to_cache(w, page, slot);
	}
	page->swap->value = page->value; /* what the write-out puts there */
	return 0;
}

/* Replaces one mapping by the swap entry; the walk ends when the page has none left. */
static bool try_to_unmap_one(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t address,
			     void *data)
{
	struct pte *pte = pte_at(w, vma->process, address);

	(void)data;
	if (pte->kind != PTE_PRESENT || pte->page != page)
		return true;
	bool exclusive = page->anon_exclusive;

	pte_clear(w, vma->process, address);
	page->swap->count++;
	pte_set_swap(w, vma->process, address, page->swap, exclusive);
	page->anon_exclusive = false;
	page_remove_rmap(w, page);
	page_count_named(w, page);
	page_put(w, page);
	return page->mapcount > 0;
}

int do_pageout(struct world *w, uint32_t address)
{
	struct page *page = mapped_page(w, address);

	if (!page || !page->mapping)
		return OP_EINVAL;
	if (page->isolated || page_mlocked(w, page))
		return OP_EBUSY;
	if (add_to_swap(w, page))
		return OP_ENOMEM;
	rmap_walk(w, page, try_to_unmap_one, NULL, "try_to_unmap");
	return page->mapcount ? OP_EBUSY : 0;
}

/* An unmapped page leaves the swap cache (its content is on the device); a mapped one only if nobody holds the entry. */
int do_dropcache(struct world *w, uint32_t address)
{
	struct pte *pte = pte_at(w, w->process, address);
	struct page *page = mapped_page(w, address);

	if (pte->kind == PTE_SWAP)
		page = pte->slot->cache;
	if (!page || !page->swap)
		return OP_EINVAL;
	if (page->isolated)
		return OP_EBUSY;
	if (page->mapcount)
		return try_to_free_swap(w, page) ? 0 : OP_EBUSY;
	if (page->holds || page->gups)
		return OP_EBUSY; /* __remove_mapping: somebody has a reference */
	page_remove_from_cache(w, page);
	return 0;
}

/*
 * unuse_vma: where in a VMA the swap entry is. Up to 5.0 the page tables were
 * searched only while the page in the swap cache had no anon_vma yet.
 */
static bool find_swap_entry(struct world *w, const struct vm_area_struct *vma, const struct swap_slot *slot,
			    uint32_t *address)
{
	const struct page *cached = slot->cache;
	int8_t at = slot->at[vma->process];

	*address = (uint32_t)at;
	if (decides(w, SWAPOFF) == SWAPOFF_BY_PAGE && cached && cached->mapping) {
		if (!page_address_in_vma(w, cached, vma, address))
			return false;
	} else if (at < (int)vma->vm_start || at >= (int)vma->vm_end) {
		return false;
	}
	const struct pte *pte = pte_at(w, vma->process, *address);

	return pte->kind == PTE_SWAP && pte->slot == slot;
}

static bool passed_over(struct world *w, const struct mm_struct *mm)
{
	return mm->unstable && decides(w, SWAPOFF_UNSTABLE) == SWAPOFF_UNSTABLE_PASSED_OVER;
}

/*
 * unuse_mm: a VMA without anon_vma is not looked at. The kernel looks at all VMAs, so behind the last that a fork
 * which failed has copied it comes to the marker of that fork.
 */
static int unuse_mm(struct world *w, unsigned int process, struct swap_slot *slot)
{
	struct mm_struct *mm = &w->view.mm[process];
	int error = 0;

	if (slot->at[process] < 0 || passed_over(w, mm))
		return 0; /* spares the search */
	for (uint64_t left = mm->starts; left; left &= left - 1) {
		struct vm_area_struct *vma = mm->vma_at[__builtin_ctzll(left)];
		uint32_t address;

		if (vma->anon_vma && find_swap_entry(w, vma, slot, &address)) {
			error = unuse_pte(w, vma, address);
			break;
		}
	}
	if (mm->zero_entries && !error) {
		struct view_event *event = add_event(w, EVENT_NO_VMA, "unuse_mm");

		event->process = (uint8_t)process;
		event->at = (uint8_t)__builtin_ctzll(mm->zero_entries);
	}
	return error;
}

/* All holders of one swap entry, process by process. */
static int unuse_slot(struct world *w, struct swap_slot *slot)
{
	uint32_t id = slot->id;

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (!view_slot(&w->view, id))
			return 0;
		if (unuse_mm(w, p, slot))
			return OP_ENOMEM;
	}
	slot = view_slot(&w->view, id);
	if (slot && slot->cache)
		try_to_free_swap(w, slot->cache);
	return 0;
}

/* An mm that was passed over keeps its swap entries until it exits; until then the kernel tries again. */
static bool entries_passed_over(struct world *w)
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct mm_struct *mm = &w->view.mm[p];

		if (!mm->unstable || !passed_over(w, mm))
			continue;
		for (uint64_t left = mm->populated; left; left &= left - 1)
			if (mm->pte[__builtin_ctzll(left)].kind == PTE_SWAP)
				return true;
	}
	return false;
}

int do_swapoff(struct world *w)
{
	for (uint32_t id = 1; id <= w->view.slots.nr_born; id++) {
		struct swap_slot *slot = view_slot(&w->view, id);

		if (!slot || (slot->cache && slot->cache->locked))
			continue; /* under migration: locked */
		if (unuse_slot(w, slot))
			return OP_ENOMEM;
	}
	if (entries_passed_over(w))
		return OP_EAGAIN;
	add_event(w, EVENT_SWAPOFF, "try_to_unuse");
	return 0;
}

struct walk_count {
	uint8_t found;
	uint8_t seen; /* bit p: process p matched */
	bool twice;
};

static bool page_referenced_one(struct world *w, struct page *page, struct vm_area_struct *vma,
				uint32_t address, void *data)
{
	struct walk_count *count = data;
	const struct pte *pte = pte_at(w, vma->process, address);
	uint8_t bit = (uint8_t)(1U << vma->process);

	if (pte->kind != PTE_PRESENT || pte->page != page)
		return true;
	count->found++;
	count->twice |= (count->seen & bit) != 0;
	count->seen |= bit;
	return true;
}

static void note_walk(struct world *w, const struct page *page, const struct walk_count *count,
		      uint32_t anon_vma_id)
{
	struct view_event *event = add_event(w, EVENT_WALK, "page_referenced");

	event->page_id = page->id;
	event->anon_vma_id = anon_vma_id;
	event->found = count->found;
	event->expected = (uint8_t)page->mapcount;
	event->twice = count->twice;
}

int do_walk(struct world *w, uint32_t address)
{
	struct page *page = mapped_page(w, address);
	struct walk_count count = { 0, 0, false };

	if (!page)
		return OP_EINVAL;
	rmap_walk(w, page, page_referenced_one, &count, "page_referenced");
	note_walk(w, page, &count, 0);
	return 0;
}

void page_referenced(struct world *w, struct page *page, const struct anon_vma *anon_vma, uint32_t anon_vma_id)
{
	struct walk_count count = { 0, 0, false };

	if (anon_vma)
		rmap_walk_locked(w, anon_vma, page, page_referenced_one, &count, "page_referenced");
	note_walk(w, page, &count, anon_vma_id);
}
