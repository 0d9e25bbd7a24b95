// SPDX-License-Identifier: GPL-2.0-only
/*
 * madvise: unlike mprotect it goes on behind a hole and reports ENOMEM at the
 * end; an error inside a VMA stops it at once.
 */
#include "model/world.h"

static uint32_t advised_flags(uint32_t flags, enum op_code advice)
{
	switch (advice) {
	case OP_DONTFORK:
		return flags | VM_DONTCOPY;
	case OP_DOFORK:
		return flags & ~(uint32_t)VM_DONTCOPY;
	case OP_MERGEABLE:
		return flags | VM_MERGEABLE;
	default: /* OP_UNMERGEABLE; there are no KSM pages to break up */
		return flags & ~(uint32_t)VM_MERGEABLE;
	}
}

/* Advises [start, *end) of a VMA; *end may grow to the end of what it merged into. */
static int madvise_vma(struct world *w, struct vm_area_struct *vma, enum op_code advice, uint32_t start,
		       uint32_t *end)
{
	int error = 0;

	if (advice == OP_DONTNEED) {
		if (vma->vm_flags & VM_LOCKED)
			return OP_EINVAL;
		zap_range(w, w->process, start, *end);
		return 0;
	}
	uint32_t flags = advised_flags(vma->vm_flags, advice);

	if (flags == vma->vm_flags)
		return 0;
	vma = vma_modify_flags(w, vma, start, *end, flags, &error);
	if (!vma)
		return error == OP_ENOMEM ? OP_EAGAIN : error;
	if (vma->vm_end > *end)
		*end = vma->vm_end;
	return 0;
}

int do_madvise(struct world *w, enum op_code advice, uint32_t start, uint32_t length)
{
	struct mm_struct *mm = world_mm(w, w->process);
	uint32_t end = start + length;
	int hole = 0;

	w->result.progress = (uint8_t)start;
	while (start < end) {
		struct vm_area_struct *vma = find_vma(mm, start);

		if (!vma || vma->vm_start >= end) {
			hole = OP_ENOMEM;
			break;
		}
		if (vma->vm_start > start) {
			hole = OP_ENOMEM;
			start = vma->vm_start;
		}
		uint32_t stop = vma->vm_end < end ? vma->vm_end : end;
		int error = madvise_vma(w, vma, advice, start, &stop);

		if (error) {
			w->result.progress = (uint8_t)start;
			return error;
		}
		start = stop;
	}
	w->result.progress = (uint8_t)end;
	return hole;
}
