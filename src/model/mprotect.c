// SPDX-License-Identifier: GPL-2.0-only
/*
 * mprotect, mlock and munlock: they walk the VMAs of a range from its start,
 * change flags (splitting and merging) and stop at the first hole with
 * ENOMEM, leaving what they have done.
 */
#include "model/world.h"

/* The flags that a VMA shall get; asked for each VMA of the range. */
typedef uint32_t (*new_flags_of)(struct world *w, const struct vm_area_struct *vma, uint32_t wanted);
/* What follows for [start, end) of the VMA that now covers it. */
typedef void (*after_change)(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end,
			     uint32_t old_flags);

static uint32_t mprotect_flags(struct world *w, const struct vm_area_struct *vma, uint32_t prot)
{
	uint32_t flags = (vma->vm_flags & ~(uint32_t)VM_ACCESS_FLAGS) | prot;

	/* unchanged access: nothing happens, VM_ACCOUNT included */
	if (flags == vma->vm_flags)
		return flags;
	if (prot & VM_WRITE) {
		flags |= VM_ACCOUNT;
	} else if (!vma->anon_vma && decides(w, MPROTECT_ACCOUNT) == MPROTECT_ACCOUNT_DROPPED) {
		flags &= ~(uint32_t)VM_ACCOUNT;
	}
	return flags;
}

/*
 * change_protection: entries lose what the VMA no longer allows. Giving write
 * permission back is left to the next fault (MM_CP_TRY_CHANGE_WRITABLE of
 * 6.1 spares that fault for exclusive pages and changes nothing else).
 */
static void write_protect_range(struct world *w, uint8_t process, uint32_t start, uint32_t end)
{
	struct mm_struct *mm = world_mm(w, process);

	for (uint64_t left = mm->populated & page_mask(start, end); left; left &= left - 1) {
		struct pte *pte = &mm->pte[__builtin_ctzll(left)];

		if (!pte->write)
			continue;
		pte->write = false;
		touch_page(w, pte->page);
	}
}

static void after_mprotect(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end,
			   uint32_t old_flags)
{
	if (!(vma->vm_flags & VM_WRITE))
		write_protect_range(w, vma->process, start, end);
	if ((old_flags & (VM_WRITE | VM_LOCKED)) == VM_LOCKED && (vma->vm_flags & VM_WRITE) &&
	    decides(w, MPROTECT_POPULATE) == MPROTECT_POPULATE_AT_ONCE)
		populate(w, start, end); /* its failure is not reported */
}

static uint32_t mlock_flags(struct world *w, const struct vm_area_struct *vma, uint32_t wanted)
{
	(void)w;
	return (vma->vm_flags & ~(uint32_t)VM_LOCKED) | wanted;
}

static void after_mlock(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end,
			uint32_t old_flags)
{
	(void)w, (void)vma, (void)start, (void)end, (void)old_flags;
}

/*
 * The common walk. A VMA whose flags do not change is passed over without
 * trying to merge. After a merge the walk goes on behind the merged VMA.
 */
static int change_flags(struct world *w, uint32_t start, uint32_t length, uint32_t wanted,
			new_flags_of flags_of, after_change after)
{
	struct mm_struct *mm = world_mm(w, w->process);
	uint32_t end = start + length;
	struct vm_area_struct *vma;

	w->result.progress = (uint8_t)start;
	for (; start < end; start = vma->vm_end) {
		vma = view_vma_at(mm, start);
		if (!vma)
			return OP_ENOMEM;
		uint32_t flags = flags_of(w, vma, wanted), old_flags = vma->vm_flags;
		uint32_t stop = vma->vm_end < end ? vma->vm_end : end;

		if (flags != old_flags) {
			int error = 0;

			vma = vma_modify_flags(w, vma, start, stop, flags, &error);
			if (!vma)
				return error;
			after(w, vma, start, stop, old_flags);
		}
		w->result.progress = (uint8_t)stop;
	}
	return 0;
}

int do_mprotect(struct world *w, uint32_t start, uint32_t length, enum prot prot)
{
	return change_flags(w, start, length, prot_flags(prot), mprotect_flags, after_mprotect);
}

/* Faults in one page as populate_vma_page_range does. */
static int populate_page(struct world *w, const struct vm_area_struct *vma, uint32_t page)
{
	struct pte *pte = pte_at(w, w->process, page);
	bool write = (vma->vm_flags & VM_WRITE) != 0;
	bool there = pte->kind == PTE_ZERO || pte->kind == PTE_PRESENT;

	if (there && (!write || pte->write))
		return 0;
	return handle_mm_fault(w, w->process, page, write);
}

/*
 * __mm_populate: write faults where the VMA is writable (that breaks COW),
 * read faults where it is readable; PROT_NONE fails. Holes are passed over.
 */
int populate(struct world *w, uint32_t start, uint32_t end)
{
	struct mm_struct *mm = world_mm(w, w->process);

	for (uint32_t page = start; page < end; page++) {
		struct vm_area_struct *vma = view_vma_at(mm, page);

		if (!vma)
			continue;
		if (!(vma->vm_flags & VM_ACCESS_FLAGS))
			return OP_EFAULT;
		int error = populate_page(w, vma, page);

		if (error)
			return error;
	}
	return 0;
}

int do_mlock(struct world *w, uint32_t start, uint32_t length, bool lock)
{
	int error = change_flags(w, start, length, lock ? VM_LOCKED : 0, mlock_flags, after_mlock);

	if (error || !lock)
		return error;
	error = populate(w, start, start + length);
	/* __mlock_posix_error_return */
	return error == OP_EFAULT ? OP_ENOMEM : error == OP_ENOMEM ? OP_EAGAIN : error;
}
