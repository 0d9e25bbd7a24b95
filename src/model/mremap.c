// SPDX-License-Identifier: GPL-2.0-only
/*
 * mremap: moving a range to a fixed place (MREMAP_MAYMOVE | MREMAP_FIXED, with
 * or without MREMAP_DONTUNMAP) and resizing in place.
 *
 * A faulted VMA keeps its page offset when it moves, so that page->index stays
 * right; an unfaulted one is renumbered to its new place, to merge better. The
 * copy gets the source's chain before the entries move and the source is
 * unmapped after, so a page is reachable all the time. Where a move pauses is
 * in mremap_phases.c, as is the moving of the entries.
 */
#include "model/mremap.h"

/* Neighbours of the destination that the copy may merge with. */
static void merge_candidates(struct world *w, const struct move *move, struct new_range *range)
{
	struct mm_struct *mm = world_mm(w, w->process);
	const struct vm_area_struct *source = move->vma;
	bool unfaulted = !source->anon_vma;

	range->prev = vma_before(mm, move->to);
	range->next = find_vma(mm, move->to + move->length);
	if (!unfaulted || !move->dontunmap)
		return;
	/* source and copy must stay apart, or unlocking the source unlocks the copy */
	switch (decides(w, DONTUNMAP_MERGE)) {
	case DONTUNMAP_MERGE_NOT_BESIDE_SOURCE:
		if (move->to == source->vm_end || source->vm_start == move->to + move->length)
			range->prev = range->next = NULL;
		break;
	case DONTUNMAP_MERGE_NOT_WITH_SOURCE:
		if (range->prev == source)
			range->prev = NULL;
		if (range->next == source)
			range->next = NULL;
		break;
	default:
		break;
	}
}

static struct vm_area_struct *duplicate(struct world *w, struct vm_area_struct *vma,
					const struct new_range *range)
{
	struct vm_area_struct *copy = vm_area_dup(w, vma);

	if (!copy)
		return NULL;
	copy->vm_start = (uint8_t)range->start;
	copy->vm_end = (uint8_t)range->end;
	copy->vm_pgoff = range->pgoff;
	if (anon_vma_clone(w, copy, vma, CLONE_REMAP))
		goto free_copy;
	if (decides(w, VMA_TREE) != VMA_TREE_RBTREE && !may_allocate(w)) {
		if (decides(w, COPY_FAILURE) == COPY_FAILURE_UNLINKED) /* 92b7399695a5 */
			unlink_anon_vmas(w, copy);
		goto free_copy;
	}
	vma_link(w, copy);
	return copy;

free_copy:
	vm_area_free(w, copy);
	return NULL;
}

/* anon_vma_moveto_tail: behind all others, on each of its lists, the oldest first. */
static void move_to_tail(struct world *w, const struct vm_area_struct *vma)
{
	for (struct anon_vma_chain *avc = vma->chain_last; avc; avc = avc->same_vma_prev) {
		anon_vma_tree_remove(w, avc);
		anon_vma_tree_insert(w, avc, false);
	}
}

/*
 * Entries move without the lock that a walk holds, so the walk must come to the source before it comes to the
 * copy: then it finds each entry, here or there. A copy that stays alone is behind its source; the VMA that it
 * merges with may be before it.
 */
static void order_after_merge(struct world *w, struct move *move)
{
	switch (decides(w, MREMAP_ORDER)) {
	case MREMAP_ORDER_COPY_LAST:
		if (move->copy != move->vma)
			move_to_tail(w, move->copy);
		break;
	case MREMAP_ORDER_RMAP_LOCKS:
		move->need_rmap_locks = move->copy->vm_pgoff <= move->vma->vm_pgoff;
		break;
	default:
		break;
	}
}

static int copy_vma(struct world *w, struct move *move)
{
	struct vm_area_struct *vma = move->vma;
	struct new_range range = {
		.start = move->to,
		.end = move->to + move->length,
		.pgoff = vma->anon_vma ? vma->vm_pgoff + (move->from - vma->vm_start) : move->to,
		.flags = vma->vm_flags,
		.anon_vma = vma->anon_vma,
		.anon_vma_id = vma->anon_vma_id,
		.copied_from = vma,
	};
	uint32_t old_start = vma->vm_start;

	merge_candidates(w, move, &range);
	move->copy = vma_merge_new_range(w, &range);
	if (move->copy) {
		/* the copy may have merged with its source, which only an unfaulted one can */
		if (old_start >= move->copy->vm_start && old_start < move->copy->vm_end)
			move->vma = move->copy;
		order_after_merge(w, move);
		return 0;
	}
	move->copy = duplicate(w, vma, &range);
	return move->copy ? 0 : OP_ENOMEM;
}

/* What MREMAP_DONTUNMAP leaves of the source. */
static void dontunmap_source(struct world *w, const struct move *move)
{
	struct vm_area_struct *vma = move->vma;
	uint32_t flags = vma->vm_flags & ~(uint32_t)VM_LOCKED;
	bool all_moved = vma->vm_start == move->from && vma->vm_end == move->from + move->length;

	if (decides(w, DONTUNMAP_ACCOUNT) == DONTUNMAP_ACCOUNT_CLEARED)
		flags &= ~(uint32_t)VM_ACCOUNT;
	vma_set_flags(w, vma, flags);
	if (!all_moved || decides(w, DONTUNMAP) != DONTUNMAP_UNLINKS)
		return;
	unlink_anon_vmas(w, vma);
	if (decides(w, DONTUNMAP_PGOFF) == DONTUNMAP_PGOFF_RESET && vma->vm_pgoff != vma->vm_start)
		vma_set_range(w, vma, vma->vm_start, vma->vm_end, vma->vm_start);
}

static void add_flags_at(struct world *w, uint32_t page, uint32_t flags)
{
	struct vm_area_struct *vma = view_vma_at(world_mm(w, w->process), page);

	if (vma)
		vma_set_flags(w, vma, vma->vm_flags | flags);
}

/*
 * VM_ACCOUNT is taken off while the source is unmapped, so that its charge
 * stays with the copy, and put back on what is left. If the unmapping fails
 * the source keeps its place, empty and without the flag.
 */
static void unmap_source(struct world *w, const struct move *move)
{
	struct vm_area_struct *vma = move->vma;
	bool account = vma->vm_flags & VM_ACCOUNT;
	bool below = vma->vm_start<move->from, above = vma->vm_end> move->from + move->length;

	vma_set_flags(w, vma, vma->vm_flags & ~(uint32_t)VM_ACCOUNT);
	if (do_munmap(w, w->process, move->from, move->length) || !account)
		return;
	if (below)
		add_flags_at(w, move->from - 1, VM_ACCOUNT);
	if (above)
		add_flags_at(w, move->from + move->length, VM_ACCOUNT);
}

static int split_locked_source(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end)
{
	int error = 0;

	if (vma->vm_start < start)
		error = split_vma(w, vma, start, true);
	if (!error && vma->vm_end > end)
		error = split_vma(w, vma, end, false);
	return error;
}

static int move_vma_begin(struct world *w, struct move *move)
{
	int error = 0;

	if (move->dontunmap && (move->vma->vm_flags & VM_LOCKED) &&
	    decides(w, DONTUNMAP_LOCKED) == DONTUNMAP_LOCKED_SPLIT)
		error = split_locked_source(w, move->vma, move->from, move->from + move->length);
	return error ? error : copy_vma(w, move);
}

void move_vma_end(struct world *w, const struct move *move)
{
	if (move->dontunmap)
		dontunmap_source(w, move);
	else
		unmap_source(w, move);
}

/* One VMA or a part of it, destination unmapped first. */
int mremap_to_begin(struct world *w, struct move *move)
{
	int error = do_munmap(w, w->process, move->to, move->length);

	if (error)
		return error;
	move->vma = view_vma_at(world_mm(w, w->process), move->from);
	if (!move->vma || move->from + move->length > move->vma->vm_end)
		return OP_EFAULT;
	move->next = move->from;
	return move_vma_begin(w, move);
}

static int mremap_to(struct world *w, struct move *move)
{
	int error = mremap_to_begin(w, move);

	if (error)
		return error;
	while (move_next_entry(w, move))
		;
	move_vma_end(w, move);
	return 0;
}

/*
 * From 6.17 a range may span VMAs and holes. Each VMA moves for itself and
 * unmaps only its own destination; an error leaves the earlier ones moved.
 */
static int move_many(struct world *w, const struct move *whole)
{
	struct mm_struct *mm = world_mm(w, w->process);
	uint32_t end = whole->from + whole->length;

	for (uint32_t page = whole->from; page < end;) {
		struct vm_area_struct *vma = find_vma(mm, page);

		if (!vma || vma->vm_start >= end)
			break;
		uint32_t first = vma->vm_start > page ? vma->vm_start : page;
		uint32_t stop = vma->vm_end < end ? vma->vm_end : end;
		struct move piece = { .from = first,
				      .to = whole->to + (first - whole->from),
				      .length = stop - first,
				      .dontunmap = whole->dontunmap };
		int error = mremap_to(w, &piece);

		if (error)
			return error;
		page = stop;
		w->result.progress = (uint8_t)stop;
	}
	return 0;
}

int check_mremap(struct world *w, const struct move *move)
{
	bool mapped = view_vma_at(world_mm(w, w->process), move->from) != NULL;

	if (move->dontunmap && decides(w, DONTUNMAP) == DONTUNMAP_UNKNOWN)
		return OP_EINVAL;
	if (decides(w, MREMAP_CHECK) == MREMAP_CHECK_MAPPED_FIRST && !mapped)
		return OP_EFAULT;
	if (move->from + move->length > move->to && move->to + move->length > move->from)
		return OP_EINVAL; /* overlap */
	return decides(w, MREMAP_CHECK) == MREMAP_CHECK_MANY_VMAS && !mapped ? OP_EFAULT : 0;
}

int do_mremap(struct world *w, uint32_t from, uint32_t length, uint32_t to, bool dontunmap)
{
	struct move move = { .from = from, .to = to, .length = length, .dontunmap = dontunmap };
	int error = check_mremap(w, &move);

	w->result.progress = (uint8_t)from;
	if (error)
		return error;
	if (decides(w, MREMAP_CHECK) == MREMAP_CHECK_MANY_VMAS)
		error = move_many(w, &move);
	else
		error = mremap_to(w, &move);
	if (!error)
		w->result.progress = (uint8_t)(from + length);
	return error;
}

/* Growth in place: from 6.0 the new part may also merge with the VMA it reaches. */
static int grow(struct world *w, struct vm_area_struct *vma, uint32_t new_end)
{
	struct new_range range = {
		.start = vma->vm_end,
		.end = new_end,
		.pgoff = vma->vm_pgoff + vma_pages(vma),
		.flags = vma->vm_flags,
		.prev = vma,
		.next = find_vma(world_mm(w, w->process), vma->vm_end),
		.anon_vma = vma->anon_vma,
		.anon_vma_id = vma->anon_vma_id,
	};

	if (decides(w, MREMAP_GROW) == MREMAP_GROW_MERGES)
		return vma_merge_new_range(w, &range) ? 0 : OP_ENOMEM;
	vma_set_range(w, vma, vma->vm_start, new_end, vma->vm_pgoff);
	return 0;
}

int do_mremap_resize(struct world *w, uint32_t start, uint32_t old_length, uint32_t new_length)
{
	struct mm_struct *mm = world_mm(w, w->process);
	struct vm_area_struct *vma = view_vma_at(mm, start);
	uint32_t old_end = start + old_length, new_end = start + new_length;

	if (!vma && decides(w, MREMAP_CHECK) != MREMAP_CHECK_AFTER_UNMAP)
		return OP_EFAULT;
	if (new_length <= old_length)
		return new_length == old_length ? 0 :
						  do_munmap(w, w->process, new_end, old_length - new_length);
	if (!vma || old_end > vma->vm_end)
		return OP_EFAULT;
	struct vm_area_struct *above = find_vma(mm, vma->vm_end);

	if (old_end < vma->vm_end || (above && above->vm_start < new_end))
		return OP_ENOMEM; /* would have to move */
	int error = grow(w, vma, new_end);

	if (!error && (view_vma_at(mm, start)->vm_flags & VM_LOCKED))
		populate(w, old_end, new_end); /* its failure is not reported */
	return error;
}
