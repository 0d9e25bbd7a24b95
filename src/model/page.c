// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages, swap slots and page table entries: references, counts and who names
 * whom. Beside the kernel's own counters each page and slot knows the entries
 * that really name it (at[]), which the rmap may never look at: it is the
 * truth that an oracle compares the rmap with. The rules of page->mapping are
 * in rmap.c.
 */
#include "model/world.h"

static void forget_places(int8_t at[NR_PROCESSES])
{
	for (int p = 0; p < NR_PROCESSES; p++)
		at[p] = -1;
}

/* With one reference, which belongs to whoever asked for it. */
struct page *page_alloc(struct world *w)
{
	struct page *page = allocate(w, &w->pages);

	if (!page)
		return NULL;
	page->refcount = 1;
	forget_places(page->at);
	touch_page(w, page);
	return page;
}

/*
 * Keeps view.named right: does an entry of any kind still depend on this
 * page's mapping? Such a page must never name a freed anon_vma (I1).
 */
void page_count_named(struct world *w, struct page *page)
{
	bool held = page->mapping_id && (page->nr_at || (page->swap && page->swap->count > 0));

	if (held == page->counted)
		return;
	page->counted = held;
	if (held)
		w->named[page->mapping_id]++;
	else
		w->named[page->mapping_id]--;
}

void page_set_mapping(struct world *w, struct page *page, struct anon_vma *anon_vma, uint32_t id, uint32_t index)
{
	if (page->counted) {
		w->named[page->mapping_id]--;
		page->counted = false;
	}
	page->mapping = anon_vma;
	page->mapping_id = id;
	page->index = index;
	page_count_named(w, page);
	touch_page(w, page);
}

void page_put(struct world *w, struct page *page)
{
	touch_page(w, page);
	if (--page->refcount > 0)
		return;
	if (page->nr_at) { /* an entry still names it: kept, so that only the oracle stumbles over it */
		add_event(w, EVENT_USE_AFTER_FREE, "free_page")->page_id = page->id;
		return;
	}
	page_set_mapping(w, page, NULL, 0, 0);
	arena_free(&w->pages, page);
}

/* The lowest entry of the device that is free, so that an entry comes back soon. MAX_SLOTS is what the arena has. */
static uint32_t lowest_free_entry(struct world *w)
{
	uint32_t word = 0;

	while (word + 1 < MAX_SLOTS / 64 && w->swap_map[word] == UINT64_MAX)
		word++;
	uint32_t bit = (uint32_t)__builtin_ctzll(~w->swap_map[word]);

	w->swap_map[word] |= UINT64_C(1) << bit;
	return word * 64 + bit;
}

struct swap_slot *swap_alloc(struct world *w)
{
	struct swap_slot *slot = allocate(w, &w->slots);

	if (!slot)
		return NULL;
	slot->entry = lowest_free_entry(w);
	forget_places(slot->at);
	touch_slot(w, slot);
	return slot;
}

void swap_free_if_unused(struct world *w, struct swap_slot *slot)
{
	touch_slot(w, slot);
	if (slot->count || slot->cache)
		return;
	w->swap_map[slot->entry / 64] &= ~(UINT64_C(1) << slot->entry % 64);
	arena_free(&w->slots, slot);
}

/* The swap cache takes a reference; __add_to_swap_cache. */
void page_add_to_cache(struct world *w, struct page *page, struct swap_slot *slot)
{
	page->swap = slot;
	page->refcount++;
	slot->cache = page;
	page_count_named(w, page);
	touch_page(w, page);
	touch_slot(w, slot);
}

void page_remove_from_cache(struct world *w, struct page *page)
{
	struct swap_slot *slot = page->swap;

	page->swap = NULL;
	slot->cache = NULL;
	page_count_named(w, page);
	swap_free_if_unused(w, slot);
	page_put(w, page);
}

/* The swap cache lets go of a page whose entry nobody holds any more. */
bool try_to_free_swap(struct world *w, struct page *page)
{
	if (!page->swap || page->swap->count > 0 || page->locked)
		return false;
	page_remove_from_cache(w, page);
	return true;
}

/* free_swap_and_cache: after the last holder, an unmapped page leaves the swap cache, too. */
void swap_put(struct world *w, struct swap_slot *slot)
{
	struct page *cached = slot->cache;

	slot->count--;
	touch_slot(w, slot);
	if (!cached) {
		swap_free_if_unused(w, slot);
		return;
	}
	touch_page(w, cached);
	page_count_named(w, cached);
	if (slot->count == 0 && cached->mapcount == 0)
		try_to_free_swap(w, cached);
}

uint32_t linear_page_index(const struct vm_area_struct *vma, uint32_t address)
{
	return vma->vm_pgoff + (address - vma->vm_start);
}

static void page_enters(struct world *w, struct page *page, uint8_t process, uint32_t address)
{
	page->at[process] = (int8_t)address;
	page->nr_at++;
	page_count_named(w, page);
	touch_page(w, page);
}

static void page_leaves(struct world *w, struct page *page, uint8_t process)
{
	page->at[process] = -1;
	page->nr_at--;
	page_count_named(w, page);
	touch_page(w, page);
}

static struct pte *pte_fill(struct world *w, uint8_t process, uint32_t address, enum pte_kind kind)
{
	struct mm_struct *mm = world_mm(w, process);

	mm->populated |= UINT64_C(1) << address;
	mm->pte[address] = (struct pte){ .kind = (uint8_t)kind };
	return &mm->pte[address];
}

void pte_clear(struct world *w, uint8_t process, uint32_t address)
{
	struct mm_struct *mm = world_mm(w, process);
	struct pte *pte = &mm->pte[address];

	if (pte->kind == PTE_PRESENT || pte->kind == PTE_MIGRATION)
		page_leaves(w, pte->page, process);
	if (pte->kind == PTE_SWAP) {
		pte->slot->at[process] = -1;
		touch_slot(w, pte->slot);
	}
	pte->kind = PTE_NONE;
	pte->read = pte->write = false;
	mm->populated &= ~(UINT64_C(1) << address);
}

void pte_set_zero(struct world *w, uint8_t process, uint32_t address)
{
	pte_fill(w, process, address, PTE_ZERO);
}

void pte_set_present(struct world *w, uint8_t process, uint32_t address, struct page *page, uint32_t access)
{
	struct pte *pte = pte_fill(w, process, address, PTE_PRESENT);

	pte->page = page;
	pte->read = access & VM_READ;
	pte->write = access & VM_WRITE;
	page_enters(w, page, process, address);
}

void pte_set_swap(struct world *w, uint8_t process, uint32_t address, struct swap_slot *slot, bool exclusive)
{
	struct pte *pte = pte_fill(w, process, address, PTE_SWAP);

	pte->slot = slot;
	pte->exclusive = exclusive;
	slot->at[process] = (int8_t)address;
	touch_slot(w, slot);
}

void pte_set_migration(struct world *w, uint8_t process, uint32_t address, struct page *page, bool write,
		       bool exclusive)
{
	struct pte *pte = pte_fill(w, process, address, PTE_MIGRATION);

	pte->page = page;
	pte->write = write;
	pte->exclusive = exclusive;
	page_enters(w, page, process, address);
}

static void zap_present(struct world *w, uint8_t process, uint32_t address, struct page *page)
{
	pte_clear(w, process, address);
	page_remove_rmap(w, page);
	if (page->mapcount == 0)
		try_to_free_swap(w, page); /* free_page_and_swap_cache */
	page_put(w, page);
}

static void zap_pte(struct world *w, uint8_t process, uint32_t address)
{
	struct pte pte = *pte_at(w, process, address);

	if (pte.kind == PTE_PRESENT) {
		zap_present(w, process, address, pte.page);
		return;
	}
	pte_clear(w, process, address); /* a migration entry holds neither count nor reference */
	if (pte.kind == PTE_SWAP)
		swap_put(w, pte.slot);
}

void zap_range(struct world *w, uint8_t process, uint32_t start, uint32_t end)
{
	uint64_t left = world_mm(w, process)->populated & page_mask(start, end);

	for (; left; left &= left - 1)
		zap_pte(w, process, (uint32_t)__builtin_ctzll(left));
}

/* The window lies within one page table page. */
int page_table_alloc(struct world *w, uint8_t process)
{
	struct mm_struct *mm = world_mm(w, process);

	if (!mm->has_page_table && !may_allocate(w))
		return OP_ENOMEM;
	mm->has_page_table = true;
	return 0;
}
