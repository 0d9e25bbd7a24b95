// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reverse map proper: what page->mapping is set to when a page gets
 * mapped, and the walk that starts there.
 *
 * A walk reads page->mapping without any reference: it may do so only because
 * a mapped page's anon_vma cannot go away, as every VMA that maps the page is
 * linked to it. Which anon_vma is right for a page that several processes may
 * hold is what 2010 was about: one that all of them are linked to, hence an
 * old one; the root always is.
 */
#include "model/world.h"

void note_new_page(struct world *w, const struct page *page, const struct vm_area_struct *vma, bool reused)
{
	struct view_event *event =
		add_event(w, EVENT_NEW_PAGE, reused ? "do_wp_page" : "page_add_new_anon_rmap");

	event->page_id = page->id;
	event->vma_id = vma->id;
	event->anon_vma_id = page->mapping_id;
	event->reused = reused;
}

static bool has_anon_vma(struct world *w, const struct vm_area_struct *vma, const struct page *page,
			 const char *where)
{
	if (vma->anon_vma)
		return true;
	struct view_event *event = add_event(w, EVENT_NO_ANON_VMA, where);

	event->vma_id = vma->id;
	event->page_id = page->id;
	return false;
}

static void map_by_own(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t index)
{
	page_set_mapping(w, page, vma->anon_vma, vma->anon_vma_id, index);
}

/* The last entry of the chain: up to 6.x the oldest ancestor. */
static void map_by_oldest(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t index)
{
	if (vma->chain_last)
		page_set_mapping(w, page, vma->chain_last->anon_vma, vma->chain_last->anon_vma_id, index);
	else
		map_by_own(w, page, vma, index);
}

static void map_by_root(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t index)
{
	if (follow_anon_vma(w, vma->anon_vma, vma->anon_vma_id, "page_add_anon_rmap") && vma->anon_vma->root)
		page_set_mapping(w, page, vma->anon_vma->root, vma->anon_vma->root_id, index);
	else
		map_by_own(w, page, vma, index);
}

void page_add_new_anon_rmap(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t address)
{
	uint32_t index = linear_page_index(vma, address);

	page->mapcount = 1;
	page->anon_exclusive = w->rules.tracks_exclusive;
	if (!has_anon_vma(w, vma, page, "page_add_new_anon_rmap"))
		return;
	if (decides(w, NEW_PAGE) == NEW_PAGE_OLDEST)
		map_by_oldest(w, page, vma, index);
	else
		map_by_own(w, page, vma, index);
	note_new_page(w, page, vma, false);
}

static void set_first_mapping(struct world *w, struct page *page, struct vm_area_struct *vma,
			      uint32_t address, bool own)
{
	uint32_t index = linear_page_index(vma, address);

	if (own) {
		map_by_own(w, page, vma, index);
		return;
	}
	switch (decides(w, FIRST_MAP)) {
	case FIRST_MAP_NEWEST:
		map_by_own(w, page, vma, index);
		break;
	case FIRST_MAP_OLDEST:
		map_by_oldest(w, page, vma, index);
		break;
	default:
		map_by_root(w, page, vma, index);
		break;
	}
}

void page_add_anon_rmap(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t address,
			bool own, bool exclusive)
{
	bool first = page->mapcount++ == 0;

	touch_page(w, page);
	if (exclusive)
		page->anon_exclusive = w->rules.tracks_exclusive;
	if (!first || (page->mapping && decides(w, CACHED_MAPPING) == CACHED_MAPPING_KEPT))
		return;
	if (has_anon_vma(w, vma, page, "page_add_anon_rmap"))
		set_first_mapping(w, page, vma, address, own);
}

/* c44b674323f4: a page that only this process has is its own from now on, unless 09854ba94c6a. The index is right already. */
void page_move_anon_rmap(struct world *w, struct page *page, struct vm_area_struct *vma)
{
	if (decides(w, COW_REUSE_MAPPING) == COW_REUSE_MAPPING_MOVED &&
	    has_anon_vma(w, vma, page, "page_move_anon_rmap"))
		map_by_own(w, page, vma, page->index);
}

void page_remove_rmap(struct world *w, struct page *page)
{
	if (--page->mapcount == 0)
		page->anon_exclusive = false;
	touch_page(w, page);
}

bool vma_address(const struct vm_area_struct *vma, uint32_t index, uint32_t *address)
{
	uint32_t offset = index - vma->vm_pgoff;

	if (index < vma->vm_pgoff || offset >= vma_pages(vma))
		return false;
	*address = vma->vm_start + offset;
	return true;
}

bool same_root(struct world *w, const struct page *page, const struct vm_area_struct *vma, const char *where)
{
	return vma->anon_vma && page->mapping && follow_anon_vma(w, vma->anon_vma, vma->anon_vma_id, where) &&
	       follow_anon_vma(w, page->mapping, page->mapping_id, where) &&
	       vma->anon_vma->root_id == page->mapping->root_id;
}

bool page_address_in_vma(struct world *w, const struct page *page, const struct vm_area_struct *vma,
			 uint32_t *address)
{
	switch (decides(w, PAGE_ADDRESS)) {
	case PAGE_ADDRESS_SAME_ANON_VMA:
		if (vma->anon_vma_id != page->mapping_id)
			return false;
		break;
	case PAGE_ADDRESS_SAME_ROOT:
		if (!same_root(w, page, vma, "page_address_in_vma"))
			return false;
		break;
	default:
		break;
	}
	return vma_address(vma, page->index, address);
}

void rmap_walk_locked(struct world *w, const struct anon_vma *anon_vma, struct page *page, rmap_visit visit,
		      void *data, const char *where)
{
	struct anon_vma_chain *avc, *next;

	for (avc = anon_vma->first; avc; avc = next) {
		uint32_t address;

		next = avc->same_anon_vma_next;
		if (!follow_vma(w, avc->vma, avc->vma_id, where))
			continue;
		if (vma_address(avc->vma, page->index, &address) && !visit(w, page, avc->vma, address, data))
			break;
	}
}

void rmap_walk(struct world *w, struct page *page, rmap_visit visit, void *data, const char *where)
{
	if (page->mapping && follow_anon_vma(w, page->mapping, page->mapping_id, where))
		rmap_walk_locked(w, page->mapping, page, visit, data, where);
}
