// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults on private anonymous memory: the zero page, new pages,
 * copy-on-write and reuse. Swap-in is in swapin.c.
 */
#include "model/world.h"

/* get_user_pages breaks COW in VMAs that may not be written, too (17839856fd58). */
static bool maybe_mkwrite(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_WRITE;
}

static int do_anonymous_write(struct world *w, struct vm_area_struct *vma, uint32_t address)
{
	if (anon_vma_prepare(w, vma))
		return OP_ENOMEM;
	struct page *page = page_alloc(w);

	if (!page)
		return OP_ENOMEM;
	page_add_new_anon_rmap(w, page, vma, address);
	pte_set_present(w, vma->process, address, page, entry_access(vma, true));
	return 0;
}

/* A read of a place that was never written maps the zero page and needs no anon_vma. */
static int do_anonymous_page(struct world *w, struct vm_area_struct *vma, uint32_t address, bool write)
{
	if (page_table_alloc(w, vma->process))
		return OP_ENOMEM;
	if (write)
		return do_anonymous_write(w, vma, address);
	pte_set_zero(w, vma->process, address);
	return 0;
}

/* From 5.9 on a locked page is not waited for: the reference of who has locked it makes the fault copy. */
static bool counts_references(struct world *w)
{
	uint8_t rule = decides(w, COW_REUSE);

	return rule != COW_REUSE_SWAP_COUNT && rule != COW_REUSE_SWAP_COUNT_GUP_COPIES;
}

/*
 * Is this process the only user of the page? Until 5.8 mapcount and swap
 * count decide (reuse_swap_page); 09854ba94c6a (5.9) asks for a single
 * reference, so that nobody who merely holds the page sees it change.
 */
static bool sole_user(struct world *w, struct page *page)
{
	switch (decides(w, COW_REUSE)) {
	case COW_REUSE_SWAP_COUNT:
	case COW_REUSE_SWAP_COUNT_GUP_COPIES:
		if (page->mapcount + (page->swap ? page->swap->count : 0) > 1)
			return false;
		if (page->swap)
			try_to_free_swap(w, page);
		return true;
	case COW_REUSE_PAGE_COUNT:
		return page->refcount == 1;
	default:
		if (page->refcount > 1 + (page->swap ? 1 : 0))
			return false;
		try_to_free_swap(w, page);
		return page->refcount == 1;
	}
}

static bool try_reuse(struct world *w, struct vm_area_struct *vma, struct page *page)
{
	if (decides(w, COW_REUSE) == COW_REUSE_EXCLUSIVE && page->anon_exclusive)
		return true; /* was private already: page->mapping may be an ancestor and stays */
	if (!sole_user(w, page))
		return false;
	page_move_anon_rmap(w, page, vma);
	note_new_page(w, page, vma, true);
	page->anon_exclusive = w->rules.tracks_exclusive;
	return true;
}

static int wp_page_copy(struct world *w, struct vm_area_struct *vma, uint32_t address, struct page *old)
{
	if (anon_vma_prepare(w, vma))
		return OP_ENOMEM;
	struct page *new = page_alloc(w);

	if (!new)
		return OP_ENOMEM;
	new->value = old ? old->value : 0;
	page_add_new_anon_rmap(w, new, vma, address);
	pte_clear(w, vma->process, address);
	pte_set_present(w, vma->process, address, new, entry_access(vma, true));
	if (!old)
		return 0;
	page_remove_rmap(w, old);
	if (old->mapcount == 0 && decides(w, OLD_PAGE) == OLD_PAGE_FREED)
		try_to_free_swap(w, old);
	page_put(w, old);
	return 0;
}

int do_wp_page(struct world *w, struct vm_area_struct *vma, uint32_t address)
{
	struct pte *pte = pte_at(w, vma->process, address);

	if (pte->kind == PTE_ZERO)
		return wp_page_copy(w, vma, address, NULL);
	if (pte->page->locked && !counts_references(w))
		return OP_EAGAIN; /* lock_page(): the walk that restores its other entries has not come to its end */
	if (!try_reuse(w, vma, pte->page))
		return wp_page_copy(w, vma, address, pte->page);
	gup_tell_reuse(w, vma, pte->page, "do_wp_page");
	pte->write = maybe_mkwrite(vma);
	touch_page(w, pte->page);
	return 0;
}

int handle_pte_fault(struct world *w, struct vm_area_struct *vma, uint32_t address, bool write)
{
	struct pte *pte = pte_at(w, vma->process, address);

	switch (pte->kind) {
	case PTE_NONE:
		return do_anonymous_page(w, vma, address, write);
	case PTE_SWAP:
		return do_swap_page(w, vma, address, write);
	case PTE_MIGRATION:
		return OP_EAGAIN; /* would wait until the migration ends */
	default:
		return write && !pte->write ? do_wp_page(w, vma, address) : 0;
	}
}

int handle_mm_fault(struct world *w, uint8_t process, uint32_t address, bool write)
{
	struct vm_area_struct *vma = view_vma_at(world_mm(w, process), address);

	if (!vma || !(vma->vm_flags & (write ? VM_WRITE : VM_READ)))
		return OP_SIGSEGV;
	return handle_pte_fault(w, vma, address, write);
}
