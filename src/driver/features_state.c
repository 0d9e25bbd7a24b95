// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts: one part of a state as a small number. They read through birth ids
 * only, since a pointer may be stale in the state after a violation, and
 * never keep anything.
 */
#include "driver/features.h"

/* One value of each axis as one number, the last axis counting fastest. */
static uint32_t two(uint32_t a, uint32_t b, uint32_t size_b)
{
	return a * size_b + b;
}

uint32_t bucket4(uint32_t count)
{
	return count < 3 ? count : 3;
}

uint32_t bucket8(uint32_t count)
{
	if (count < 4)
		return count;
	uint32_t bucket = 2 + (31 - (uint32_t)__builtin_clz(count)); /* 4..7 is 4, 8..15 is 5 */

	return bucket < AXIS_SIZE_BUCKET8 ? bucket : AXIS_SIZE_BUCKET8 - 1;
}

/* Values of AXIS_VMA. */
static uint32_t vma_value(const struct vm_area_struct *vma)
{
	if (!vma)
		return 0;
	if (!vma->anon_vma_id)
		return 1;
	return vma->nr_avcs < 3 ? 1 + (vma->nr_avcs ? vma->nr_avcs : 1) : 4;
}

/* Values of AXIS_ENTRY, in its order. */
enum {
	ENTRY_NONE,
	ENTRY_ZERO,
	ENTRY_PRESENT,
	ENTRY_SWAP = ENTRY_PRESENT + 8,
	ENTRY_SWAP_MAPPED = ENTRY_SWAP + 4,
	ENTRY_MIGRATION
};

static uint32_t entry_value(const struct pte *pte, const struct vm_area_struct *vma)
{
	const struct page *page = pte->page;
	const struct swap_slot *slot = pte->slot;

	switch (pte->kind) {
	case PTE_ZERO:
		return ENTRY_ZERO;
	case PTE_PRESENT: {
		uint32_t other = !vma || page->mapping_id != vma->anon_vma_id;

		return ENTRY_PRESENT + other * 4 + (page->nr_at > 1) * 2U + (page->swap != NULL);
	}
	case PTE_SWAP:
		if (slot->cache && slot->cache->mapcount > 0)
			return ENTRY_SWAP_MAPPED;
		return ENTRY_SWAP + (slot->count > 1) * 2U + (slot->cache != NULL);
	case PTE_MIGRATION:
		return ENTRY_MIGRATION + (page->nr_at > 1);
	default:
		return ENTRY_NONE;
	}
}

uint32_t fact_target(const struct view *view, unsigned int process, unsigned int page)
{
	const struct mm_struct *mm = &view->mm[process];

	if (!mm->alive)
		return 0;
	const struct vm_area_struct *vma = view_vma_at(mm, page);

	return two(vma_value(vma), entry_value(&mm->pte[page], vma), AXIS_SIZE_ENTRY);
}

uint32_t fact_chain(const struct vm_area_struct *vma)
{
	uint32_t special = (vma->vm_flags & VM_LOCKED ? 1U : 0) | (vma->vm_flags & VM_DONTCOPY ? 2U : 0) |
			   (vma->vm_flags & VM_MERGEABLE ? 4U : 0);
	uint32_t place = two(bucket8(vma->nr_avcs), vma->vm_pgoff != vma->vm_start, AXIS_SIZE_MOVED);

	return two(two(place, special, AXIS_SIZE_SPECIAL), (vma->vm_flags & VM_WRITE) != 0, AXIS_SIZE_ACCESS);
}

/* The one above, or NULL for a root and where it is gone. */
static const struct anon_vma *parent_of(const struct view *view, const struct anon_vma *anon_vma)
{
	return anon_vma->parent_id == anon_vma->id ? NULL : view_anon_vma(view, anon_vma->parent_id);
}

uint32_t fact_anon_vma(const struct view *view, const struct anon_vma *anon_vma)
{
	uint32_t depth = 0;

	for (const struct anon_vma *up = anon_vma; depth < 3 && (up = parent_of(view, up)) != NULL;)
		depth++;
	return two(two(bucket8(anon_vma->nr_avcs), depth, AXIS_SIZE_BUCKET4), bucket4(anon_vma->pins),
		   AXIS_SIZE_BUCKET4);
}

uint32_t fact_counters(const struct anon_vma *anon_vma)
{
	uint32_t children = anon_vma->num_children > 0 ? (uint32_t)anon_vma->num_children : 0;
	uint32_t active = anon_vma->num_active_vmas > 0 ? (uint32_t)anon_vma->num_active_vmas : 0;

	return two(bucket8(children), bucket8(active), AXIS_SIZE_BUCKET8);
}

static uint32_t family_of(const struct view *view, const struct anon_vma *anon_vma)
{
	if (view->rules->has_root)
		return anon_vma->root_id;
	/* parents are older, so this ends */
	for (const struct anon_vma *up; (up = parent_of(view, anon_vma)) != NULL && up->id < anon_vma->id;)
		anon_vma = up;
	return anon_vma->id;
}

uint32_t fact_family(const struct view *view, const struct anon_vma *anon_vma)
{
	uint32_t family = family_of(view, anon_vma), members = 0, links = 0;

	for (uint32_t i = 0; i < view->anon_vmas.nr_live; i++) {
		const struct anon_vma *other = view->anon_vmas.live[i];

		if (family_of(view, other) == family) {
			members++;
			links += other->nr_avcs;
		}
	}
	return two(bucket8(members), bucket8(links), AXIS_SIZE_BUCKET8);
}

static bool is_linked(const struct vm_area_struct *vma, uint32_t anon_vma_id)
{
	const struct anon_vma_chain *avc = vma->chain_first;

	for (uint32_t n = 0; avc && n < vma->nr_avcs; n++, avc = avc->same_vma_next)
		if (avc->anon_vma_id == anon_vma_id)
			return true;
	return false;
}

/* Values of AXIS_ORIGIN. */
enum { ORIGIN_ALL, ORIGIN_SOME, ORIGIN_ANCESTOR, ORIGIN_ROOT, ORIGIN_STRANGER };

static uint32_t origin_value(const struct view *view, const struct page *page)
{
	const struct anon_vma *mapping = view_anon_vma(view, page->mapping_id);
	uint32_t own = 0, linked = 0;

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct vm_area_struct *vma =
			page->at[p] < 0 ? NULL : view_vma_at(&view->mm[p], (unsigned int)page->at[p]);

		own += vma && vma->anon_vma_id == page->mapping_id;
		linked += vma && is_linked(vma, page->mapping_id);
	}
	if (!mapping || linked < page->nr_at)
		return ORIGIN_STRANGER;
	if (own)
		return own == page->nr_at ? ORIGIN_ALL : ORIGIN_SOME;
	return parent_of(view, mapping) ? ORIGIN_ANCESTOR : ORIGIN_ROOT;
}

uint32_t fact_page(const struct view *view, const struct page *page)
{
	uint32_t held = page->locked ? 2 : page->isolated ? 1 : 0;
	uint32_t state = held * 4 + page->anon_exclusive * 2U + (page->swap != NULL);
	uint32_t mapped = page->mapcount > 0 ? (uint32_t)page->mapcount : 0;

	return two(two(bucket4(mapped), origin_value(view, page), AXIS_SIZE_ORIGIN), state,
		   AXIS_SIZE_PAGE_STATE);
}

uint32_t fact_sharing(const struct view *view, const struct page *page)
{
	uint32_t present = 0, migrating = 0;
	uint32_t swapped = page->swap && page->swap->count > 0 ? (uint32_t)page->swap->count : 0;
	uint64_t places = 0;

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (page->at[p] >= 0) {
			bool migration = view->mm[p].pte[page->at[p]].kind == PTE_MIGRATION;

			places |= UINT64_C(1) << page->at[p];
			migrating += migration;
			present += !migration;
		}
		if (page->swap && page->swap->at[p] >= 0)
			places |= UINT64_C(1) << page->swap->at[p];
	}
	uint32_t entries = two(bucket4(present), bucket4(migrating), AXIS_SIZE_BUCKET4);

	return two(two(entries, bucket4(swapped), AXIS_SIZE_BUCKET4), (places & (places - 1)) != 0,
		   AXIS_SIZE_SPREAD);
}

uint32_t fact_slot(const struct swap_slot *slot)
{
	uint32_t holders = slot->count > 0 ? (uint32_t)slot->count : 0;
	uint32_t mapped = slot->cache && slot->cache->mapcount > 0 ? (uint32_t)slot->cache->mapcount : 0;

	return two(two(bucket4(holders), slot->cache != NULL, AXIS_SIZE_CACHED), bucket4(mapped),
		   AXIS_SIZE_BUCKET4);
}
