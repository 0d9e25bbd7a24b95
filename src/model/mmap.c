// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmap, munmap and the end of an address space, for private anonymous
 * mappings at fixed places. Which neighbours merge is merge.c's business.
 */
#include "model/world.h"

uint32_t prot_flags(enum prot prot)
{
	static const uint8_t flags[NR_PROTS] = {
		[PROT_N] = 0, [PROT_R] = VM_READ, [PROT_RW] = VM_READ | VM_WRITE
	};

	return flags[prot];
}

static bool range_is_free(struct mm_struct *mm, uint32_t start, uint32_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return !vma || vma->vm_start >= end;
}

/* MAP_FIXED_NOREPLACE (4.17) is taken for granted in every release: it needs no place to be chosen. */
int do_mmap(struct world *w, uint32_t start, uint32_t length, enum prot prot)
{
	struct mm_struct *mm = world_mm(w, w->process);
	uint32_t flags = prot_flags(prot);

	if (!range_is_free(mm, start, start + length))
		return OP_EEXIST;
	if (flags & VM_WRITE)
		flags |= VM_ACCOUNT; /* accountable_mapping: private and writable */
	struct new_range range = {
		.start = start,
		.end = start + length,
		.pgoff = start,
		.flags = flags,
		.prev = vma_before(mm, start),
		.next = find_vma(mm, start + length),
		.next_first = decides(w, MMAP_MERGE) == MMAP_MERGE_NEXT_FIRST,
	};

	if (vma_merge_new_range(w, &range))
		return 0;
	struct vm_area_struct *vma = vm_area_alloc(w, w->process, start, start + length, start, flags);

	if (!vma)
		return OP_ENOMEM;
	if (decides(w, VMA_TREE) != VMA_TREE_RBTREE && !may_allocate(w)) {
		vm_area_free(w, vma);
		return OP_ENOMEM;
	}
	vma_link(w, vma);
	return 0;
}

/* Cuts the VMAs at both ends of a range that goes away. A first cut stays if the second fails. */
static int split_ends(struct world *w, struct mm_struct *mm, uint32_t start, uint32_t end)
{
	bool new_stays = decides(w, MUNMAP_SPLIT) == MUNMAP_SPLIT_NEW_STAYS;
	struct vm_area_struct *vma = view_vma_at(mm, start);

	if (vma && vma->vm_start < start && split_vma(w, vma, start, new_stays))
		return OP_ENOMEM;
	vma = view_vma_at(mm, end - 1);
	if (vma && vma->vm_end > end && split_vma(w, vma, end, !new_stays))
		return OP_ENOMEM;
	return 0;
}

/* All entries go first, then the links of one VMA after the other (unmap_vmas, free_pgtables). */
static void unmap_whole_vmas(struct world *w, uint8_t process, uint32_t start, uint32_t end)
{
	struct mm_struct *mm = world_mm(w, process);

	zap_range(w, process, start, end);
	for (uint64_t left = mm->starts & page_mask(start, end); left; left &= left - 1) {
		struct vm_area_struct *vma = mm->vma_at[__builtin_ctzll(left)];

		vma_unlink(w, vma);
		unlink_anon_vmas(w, vma);
		vm_area_free(w, vma);
	}
}

/* mas_store_gfp: a node that cannot be had without sleeping is asked for again. Preallocation asks once. */
static bool tree_node_retried(struct world *w)
{
	return may_allocate(w) || may_allocate(w);
}

int do_munmap(struct world *w, uint8_t process, uint32_t start, uint32_t length)
{
	struct mm_struct *mm = world_mm(w, process);
	uint32_t end = start + length;

	if (length == 0)
		return OP_EINVAL;
	if (range_is_free(mm, start, end))
		return 0;
	/* the maple tree needs a node: 6.1 takes it before, later releases after the cuts */
	if (decides(w, VMA_TREE) == VMA_TREE_MAPLE && !may_allocate(w))
		return OP_ENOMEM;
	if (split_ends(w, mm, start, end))
		return OP_ENOMEM;
	if (decides(w, VMA_TREE) == VMA_TREE_MAPLE_FIRST && !tree_node_retried(w))
		return OP_ENOMEM;
	unmap_whole_vmas(w, process, start, end);
	return 0;
}

void exit_mmap(struct world *w, uint8_t process)
{
	struct mm_struct *mm = world_mm(w, process);

	unmap_whole_vmas(w, process, 0, NR_WINDOW);
	mm->has_page_table = false;
	mm->unstable = false;
	mm->zero_entries = 0;
}
