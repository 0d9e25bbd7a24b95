// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page table entries: I6, I7, I15, I16, I21, I24, I33, and their content (I25,
 * memory.c). The heart of the oracle is reachability_entry().
 *
 * Must never follow page->mapping: it asks by birth id whether that anon_vma
 * is in the VMA's chain.
 */
#include "oracle/internal.h"

/* I6: 7e7757876f25 and the like: a page offset that does not follow vm_start sends a walk elsewhere. */
static inline void linearity_entry(struct oracle *o, unsigned int p, unsigned int n,
				   const struct vm_area_struct *vma, const struct page *page)
{
	uint32_t offset = vma->vm_pgoff + n - vma->vm_start;

	if (page->index == offset || vma->temporary_stack)
		return;

	struct violation *v = oracle_found_at(o, INV_LINEARITY, OBJECT_PTE, p, n);

	if (v) {
		say_page(v, page);
		say(v, " has index %d, but at %u of %c ", (int32_t)page->index, n, process_name(p));
		say_vma(v, vma);
		say(v, " has page offset %d", (int32_t)offset);
	}
}

static __attribute__((cold, noinline)) void unreachable(struct oracle *o, unsigned int p, unsigned int n,
							const struct vm_area_struct *vma,
							const struct page *page, const char *entry)
{
	struct violation *v = oracle_found_at(o, INV_REACHABILITY, OBJECT_PTE, p, n);

	if (!v)
		return;
	say_page(v, page);
	if (page->mapping_id) {
		say(v, " has mapping ");
		say_anon_vma(o, v, page->mapping_id);
		say(v, ";");
	} else {
		say(v, " has no mapping;");
	}
	say(v, " %c has %s at %u in ", process_name(p), entry, n);
	if (vma) {
		say_vma(v, vma);
		say(v, ", which is not linked to it");
	} else {
		say(v, "no VMA");
	}
}

/*
 * I7: the heart. A walk for the page starts at page->mapping and sees only
 * VMAs on that anon_vma's list. A swap entry whose page is still in the swap
 * cache counts: the next read maps that page there as it is (ea90002b0fa7).
 */
static inline void reachability_entry(struct oracle *o, unsigned int p, unsigned int n,
				      const struct vm_area_struct *vma, const struct pte *pte)
{
	const struct page *page = pte->kind == PTE_SWAP ? pte->slot->cache : pte->page;

	if (!page || (pte->kind == PTE_SWAP && !page->mapping_id))
		return;
	if (!page->mapping_id || !chain_has(vma, page->mapping_id))
		unreachable(o, p, n, vma, page,
			    pte->kind == PTE_PRESENT ? "mapped it" :
			    pte->kind == PTE_SWAP    ? "a swap entry of it" :
						       "a migration entry of it");
}

/* I15 and I16: an entry of an anonymous page in a VMA without anon_vma. */
static __attribute__((cold, noinline)) void unfaulted_entry(struct oracle *o, unsigned int p, unsigned int n,
							    const struct vm_area_struct *vma,
							    const struct pte *pte)
{
	static const enum invariant broken[] = { INV_UNFAULTED, INV_PREPARED };

	/* I16 is about pages that a fault installed, I15 about whatever makes the VMA look unused and is not. */
	for (unsigned int i = 0; i < (pte->kind == PTE_PRESENT ? 2 : 1); i++) {
		struct violation *v = oracle_found_at(o, broken[i], OBJECT_PTE, p, n);

		if (!v)
			continue;
		say_vma(v, vma);
		say(v, " has no anon_vma, but holds ");
		say_target(v, pte);
	}
}

/* I21: what the entry promises. */
static inline void exclusivity_entry(struct oracle *o, unsigned int p, unsigned int n, const struct pte *pte)
{
	const char *what = NULL;

	if (pte->kind == PTE_PRESENT && pte->write && !pte->page->anon_exclusive)
		what = "writable, but the page is not marked exclusive";
	else if (pte->kind == PTE_SWAP && pte->exclusive && pte->slot->count != 1)
		what = "marked exclusive, but other entries refer to the slot";
	else if (pte->kind == PTE_MIGRATION && pte->write && !pte->exclusive)
		what = "writable, but not marked exclusive";
	else if (pte->kind == PTE_MIGRATION && pte->exclusive &&
		 (at_entries(pte->page->at) & (at_entries(pte->page->at) - 1)))
		what = "marked exclusive, but the page has other entries";
	if (!what)
		return;

	struct violation *v = oracle_found_at(o, INV_EXCLUSIVITY, OBJECT_PTE, p, n);

	if (!v)
		return;
	say(v, "the entry of %c at %u is %s: ", process_name(p), n, what);
	say_target(v, pte);
}

/* I33: what the VMA allows, entries do, too, but for writes, which copy or reuse first. */
static inline void permitted_entry(struct oracle *o, unsigned int p, unsigned int n,
				   const struct vm_area_struct *vma, const struct pte *pte)
{
	bool writable = vma->vm_flags & VM_WRITE, readable = vma->vm_flags & VM_READ;
	bool too_much = pte->write && !writable && pte->kind != PTE_SWAP;

	if ((!too_much && (pte->kind != PTE_PRESENT || pte->read == readable)) || vma->being_merged)
		return;

	struct violation *v = oracle_found_at(o, INV_PERMISSION, OBJECT_PTE, p, n);

	if (!v)
		return;
	say_vma(v, vma);
	if (too_much)
		say(v, " may not be written, but the entry at %u is writable: ", n);
	else
		say(v, " may%s be read, but the entry at %u is%s readable: ", readable ? "" : " not", n,
		    pte->read ? "" : " not");
	say_target(v, pte);
}

/* I24: the other direction of at[]. */
static inline void counts_entry(struct oracle *o, unsigned int p, unsigned int n, const struct pte *pte)
{
	const int8_t *at = pte->kind == PTE_SWAP ? pte->slot->at : pte->page->at;

	if (at[p] == (int)n)
		return;

	struct violation *v = oracle_found_at(o, INV_COUNTS, OBJECT_PTE, p, n);

	if (v) {
		say(v, "the entry of %c at %u leads to ", process_name(p), n);
		say_target(v, pte);
		say(v, ", which does not know it");
	}
}

static inline void check_entry(struct oracle *o, unsigned int p, unsigned int n,
			       const struct vm_area_struct *vma)
{
	const struct pte *pte = &o->view->mm[p].pte[n];

	if (view_content(pte) != memory_expected(&o->memory, p, n) && oracle_checks(o, INV_MEMORY))
		memory_differs(o, p, n, pte);
	if (pte->kind == PTE_NONE || pte->kind == PTE_ZERO)
		return;
	counts_entry(o, p, n, pte);
	if (o->view->rules->tracks_exclusive)
		exclusivity_entry(o, p, n, pte);
	if (!vma) {
		const struct page *page = pte->kind == PTE_SWAP ? pte->slot->cache : pte->page;

		if (page)
			unreachable(o, p, n, NULL, page, "an entry of it");
		return;
	}
	reachability_entry(o, p, n, vma, pte);
	permitted_entry(o, p, n, vma, pte);
	if (pte->kind != PTE_SWAP && pte->page->mapping_id)
		linearity_entry(o, p, n, vma, pte->page);
	if (!vma->anon_vma_id)
		unfaulted_entry(o, p, n, vma, pte);
}

void check_entries(struct oracle *o, const struct places *places)
{
	uint64_t processes = places->processes;
	unsigned int p, n;

	for_each_bit(p, processes) {
		const struct mm_struct *mm = &o->view->mm[p];
		const struct vm_area_struct *vma = NULL;
		uint64_t look = places->look[p] & mm->populated;

		for_each_bit(n, look) {
			if (!vma || n >= vma->vm_end)
				vma = view_vma_at(mm, n);
			check_entry(o, p, n, vma);
		}
	}
}
