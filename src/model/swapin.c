// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bringing a page back from swap: do_swap_page and, for swapoff, unuse_pte.
 * Whether the page counts as the faulting process's own decides what its
 * page->mapping becomes, and that rule changed more often than any other.
 */
#include "model/world.h"

/* What one swap-in works with. */
struct swapin {
	struct vm_area_struct *vma;
	uint32_t address;
	bool write;
	struct swap_slot *slot;
	struct page *page;
	bool marker;  /* the entry said: exclusive (5.19+) */
	bool outside; /* the page never was in the swap cache */
	bool copied;  /* the page is a copy of the one in the swap cache */
};

/* The page behind the entry, with a reference for the mapping to come. */
static int get_page(struct world *w, struct swapin *in, bool may_bypass)
{
	struct swap_slot *slot = in->slot;

	in->page = slot->cache;
	if (in->page) {
		in->page->refcount++;
		return 0;
	}
	in->page = page_alloc(w);
	if (!in->page)
		return OP_ENOMEM;
	in->page->value = slot->value;
	in->outside = may_bypass && slot->count == 1 && decides(w, SWAPIN_CACHE) == SWAPIN_CACHE_BYPASSED;
	if (!in->outside)
		page_add_to_cache(w, in->page, slot);
	return 0;
}

static bool ksm_might_need_to_copy(struct world *w, const struct swapin *in)
{
	const struct page *page = in->page;
	bool linear = page->index == linear_page_index(in->vma, in->address);

	if (!page->mapping || !in->vma->anon_vma)
		return false;
	switch (decides(w, SWAPIN_COPY)) {
	case SWAPIN_COPY_OTHER_ANON_VMA:
		return page->mapping_id != in->vma->anon_vma_id || !linear;
	case SWAPIN_COPY_OTHER_ROOT:
		return !linear || !same_root(w, page, in->vma, "ksm_might_need_to_copy");
	default:
		return false;
	}
}

/* ksm_does_need_to_copy: the copy is the VMA's own; the page that was found stays in the swap cache. */
static int copy_page(struct world *w, struct swapin *in)
{
	struct page *copy = page_alloc(w);

	if (copy) {
		copy->value = in->page->value;
		in->copied = true;
	}
	page_put(w, in->page);
	in->page = copy;
	return copy ? 0 : OP_ENOMEM;
}

/* The page to map: the one found in the swap cache, unless it might be KSM's. */
static int choose_page(struct world *w, struct swapin *in)
{
	uint32_t found = in->page->id;
	bool shared = in->page->mapcount + in->slot->count > 1;
	bool told = in->page->mapping && !(in->write && shared); /* such a write copies in any case */

	if (ksm_might_need_to_copy(w, in) && copy_page(w, in))
		return OP_ENOMEM;
	if (told) {
		struct view_event *event = add_event(w, EVENT_SWAPIN, "do_swap_page");

		event->page_id = in->page->id;
		event->other_id = found;
	}
	return 0;
}

/* The entry's own count goes; unlike swap_put this leaves the swap cache alone. */
static void drop_entry(struct world *w, struct swapin *in)
{
	struct swap_slot *slot = in->slot;

	slot->count--;
	page_count_named(w, in->page);
	if (slot->cache) /* not the page that is mapped, if that is a copy, but with a holder less */
		page_count_named(w, slot->cache);
	swap_free_if_unused(w, slot);
}

static void map_page(struct world *w, struct swapin *in, bool own, bool exclusive, bool writable)
{
	/* maybe_mkwrite: get_user_pages breaks COW in read-only VMAs, too (17839856fd58) */
	pte_set_present(w, in->vma->process, in->address, in->page, entry_access(in->vma, writable));
	if (writable)
		gup_tell_reuse(w, in->vma, in->page, "do_swap_page");
	page_add_anon_rmap(w, in->page, in->vma, in->address, own || in->copied, exclusive);
}

/* reuse_swap_page as a swap-in asks it: nobody but this entry holds page or slot. */
static bool reuse_swap_page(struct world *w, struct swapin *in)
{
	struct page *page = in->page;

	if (page->mapcount + (page->swap ? page->swap->count : 0) > 1)
		return false;
	if (page->swap)
		page_remove_from_cache(w, page); /* the slot stays until the entry's own count goes */
	return true;
}

/* Up to 5.17: only a write fault can find that the page is its own. Who merely has a reference is not asked. */
static int swapin_by_reuse(struct world *w, struct swapin *in)
{
	bool reuse = in->write && reuse_swap_page(w, in);

	map_page(w, in, reuse && decides(w, SWAPIN_EXCLUSIVE) == SWAPIN_EXCLUSIVE_WRITE_REUSE,
		 reuse && w->rules.tracks_exclusive, reuse);
	drop_entry(w, in);
	if (in->vma->vm_flags & VM_LOCKED)
		try_to_free_swap(w, in->page);
	return in->write && !reuse ? do_wp_page(w, in->vma, in->address) : 0;
}

/*
 * 5.18 to 6.19: the entry's count goes first, then whoever is alone with the page, references included, owns it
 * (c145e0b47c77); from 5.19 on a read as well. There are no markers in 5.18.
 */
static int swapin_by_marker_or_sole(struct world *w, struct swapin *in)
{
	struct page *page = in->page;

	drop_entry(w, in);
	if (page->swap && ((in->vma->vm_flags & VM_LOCKED) || (in->write && page->refcount == 2)))
		try_to_free_swap(w, page);
	bool marks = decides(w, SWAPIN_EXCLUSIVE) == SWAPIN_EXCLUSIVE_MARKER_OR_SOLE;
	bool own = (marks || in->write) && (in->marker || in->outside || page->refcount == 1);

	map_page(w, in, own, own && marks, own && in->write);
	return in->write && !own ? do_wp_page(w, in->vma, in->address) : 0;
}

/* 7.x: only the marker makes it the process's own; the swap cache lets go after the mapping. */
static int swapin_by_marker(struct world *w, struct swapin *in)
{
	bool exclusive = in->marker || in->copied;

	map_page(w, in, exclusive, exclusive, exclusive && in->write);
	drop_entry(w, in);
	if (decides(w, SWAPIN_CACHE) == SWAPIN_CACHE_DROPPED || (in->vma->vm_flags & VM_LOCKED))
		try_to_free_swap(w, in->page);
	return in->write && !exclusive ? do_wp_page(w, in->vma, in->address) : 0;
}

static int map_swapped_page(struct world *w, struct swapin *in)
{
	pte_clear(w, in->vma->process, in->address);
	switch (decides(w, SWAPIN_EXCLUSIVE)) {
	case SWAPIN_EXCLUSIVE_WRITE_SOLE:
	case SWAPIN_EXCLUSIVE_MARKER_OR_SOLE:
		return swapin_by_marker_or_sole(w, in);
	case SWAPIN_EXCLUSIVE_MARKER:
		return swapin_by_marker(w, in);
	default:
		return swapin_by_reuse(w, in);
	}
}

int do_swap_page(struct world *w, struct vm_area_struct *vma, uint32_t address, bool write)
{
	struct pte *pte = pte_at(w, vma->process, address);
	struct swapin in = {
		.vma = vma, .address = address, .write = write, .slot = pte->slot, .marker = pte->exclusive
	};

	if (in.slot->cache && in.slot->cache->locked)
		return OP_EAGAIN; /* would wait until the migration ends */
	if (get_page(w, &in, true) || choose_page(w, &in))
		return OP_ENOMEM;
	return map_swapped_page(w, &in);
}

/*
 * The lookup in the swap cache takes a reference, but not the page lock. What comes in between may take the
 * page out of the swap cache and give its entry to another.
 */
int do_swapin_begin(struct world *w, uint32_t address)
{
	struct vm_area_struct *vma = view_vma_at(world_mm(w, w->process), address);
	const struct pte *pte = pte_at(w, w->process, address);

	if (!vma || !(vma->vm_flags & VM_READ))
		return OP_SIGSEGV;
	if (pte->kind != PTE_SWAP || !pte->slot->cache)
		return OP_EINVAL; /* a page that is read in is locked all the time */
	if (pte->slot->cache->locked)
		return OP_EAGAIN;
	hold_page(w, pte->slot->cache);
	w->paused[w->process] = (struct paused){
		.kind = PAUSED_SWAPIN,
		.swapin = { .page_id = pte->slot->cache->id,
			    .entry = pte->slot->entry,
			    .exclusive = pte->exclusive,
			    .address = (uint8_t)address },
	};
	return 0;
}

/* With the page locked: is it still what the entry leads to (4969c1192d15)? */
static bool still_the_page(struct world *w, const struct page *page, uint32_t entry)
{
	switch (decides(w, SWAPIN_RECHECK)) {
	case SWAPIN_RECHECK_NOTHING:
		return true;
	case SWAPIN_RECHECK_CACHED:
		return page->swap != NULL;
	default:
		return page->swap && page->swap->entry == entry;
	}
}

/* Lock and map. A page table entry that has changed, or a page that has, make the fault happen again. */
int swapin_resume(struct world *w, struct paused *paused)
{
	struct paused_swapin begun = paused->swapin;
	struct page *page = view_page(&w->view, begun.page_id);
	struct pte *pte = pte_at(w, w->process, begun.address);

	if (page->locked)
		return OP_EAGAIN;
	paused->kind = PAUSED_NOTHING;
	unhold_page(w, page);
	if (!still_the_page(w, page, begun.entry) || pte->kind != PTE_SWAP ||
	    pte->slot->entry != begun.entry || pte->exclusive != begun.exclusive) {
		page_put(w, page);
		return 0;
	}
	struct swapin in = { .vma = view_vma_at(world_mm(w, w->process), begun.address),
			     .address = begun.address,
			     .slot = pte->slot,
			     .page = page,
			     .marker = pte->exclusive };

	return choose_page(w, &in) ? OP_ENOMEM : map_swapped_page(w, &in);
}

/* swapoff maps the page read-only; from 5.19 an exclusive entry makes it the holder's own. */
int unuse_pte(struct world *w, struct vm_area_struct *vma, uint32_t address)
{
	struct pte *pte = pte_at(w, vma->process, address);
	struct swapin in = { .vma = vma, .address = address, .slot = pte->slot, .marker = pte->exclusive };

	if (get_page(w, &in, false))
		return OP_ENOMEM;
	pte_clear(w, vma->process, address);
	map_page(w, &in, in.marker, in.marker, false);
	drop_entry(w, &in);
	return 0;
}
