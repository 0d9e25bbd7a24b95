// SPDX-License-Identifier: GPL-2.0-only
/*
 * fork: dup_mmap copies VMA by VMA, each with its chain before its page table
 * entries, so that no entry of the child is ever out of the rmap's reach.
 */
#include "model/world.h"

/* Both sides lose write permission and exclusivity: from now on the page is shared. */
static void copy_present_pte(struct world *w, uint8_t child, uint32_t address, struct pte *source)
{
	struct page *page = source->page;

	source->write = false;
	page->anon_exclusive = false;
	page->mapcount++;
	page->refcount++;
	pte_set_present(w, child, address, page, false);
}

static void copy_one_pte(struct world *w, uint8_t child, uint32_t address, struct pte *source)
{
	switch (source->kind) {
	case PTE_PRESENT:
		copy_present_pte(w, child, address, source);
		break;
	case PTE_ZERO:
		pte_set_zero(w, child, address);
		break;
	case PTE_SWAP:
		source->exclusive = false;
		source->slot->count++;
		pte_set_swap(w, child, address, source->slot, false);
		break;
	case PTE_MIGRATION: /* a writable entry becomes a readable one in both */
		source->write = source->exclusive = false;
		pte_set_migration(w, child, address, source->page, false, false);
		break;
	default:
		break;
	}
}

/* Without an anon_vma there is nothing that the child could not fault in by itself. */
static int copy_page_range(struct world *w, struct vm_area_struct *dst, const struct vm_area_struct *src)
{
	struct mm_struct *mm = vma_mm(w, src);
	uint64_t left = mm->populated & page_mask(src->vm_start, src->vm_end);

	if (!src->anon_vma || !left)
		return 0;
	if (page_table_alloc(w, dst->process))
		return OP_ENOMEM;
	for (; left; left &= left - 1) {
		uint32_t address = (uint32_t)__builtin_ctzll(left);

		copy_one_pte(w, dst->process, address, &mm->pte[address]);
	}
	return 0;
}

static int dup_vma(struct world *w, struct vm_area_struct *source, uint8_t child)
{
	struct vm_area_struct *copy = vm_area_dup(w, source);

	if (!copy)
		return OP_ENOMEM;
	copy->process = child; /* vm_mm before any link: a247c3a97a02 */
	copy->vm_flags &= ~(uint32_t)VM_LOCKED;
	if (anon_vma_fork(w, copy, source)) {
		vm_area_free(w, copy);
		return OP_ENOMEM;
	}
	vma_link(w, copy);
	return copy_page_range(w, copy, source);
}

static int dup_mmap(struct world *w, uint8_t child)
{
	struct mm_struct *mm = world_mm(w, w->process);

	/* the maple tree's nodes are set aside at once */
	if (decides(w, VMA_TREE) != VMA_TREE_RBTREE && !may_allocate(w))
		return OP_ENOMEM;
	for (uint64_t left = mm->starts; left; left &= left - 1) {
		struct vm_area_struct *vma = mm->vma_at[__builtin_ctzll(left)];

		if (vma->vm_flags & VM_DONTCOPY)
			continue;
		int error = dup_vma(w, vma, child);

		if (error)
			return error;
	}
	return 0;
}

int do_fork(struct world *w, uint8_t child)
{
	struct mm_struct *mm = world_mm(w, child);

	if (mm->alive)
		return OP_NOTHING;
	mm->alive = true;
	w->view.touched.processes |= (uint8_t)(1U << child);
	int error = dup_mmap(w, child);

	if (error) {
		exit_mmap(w, child);
		mm->alive = false;
	}
	return error;
}
