// SPDX-License-Identifier: GPL-2.0-only
/*
 * When two VMAs become one, and what happens to their chains.
 *
 *	existing range (mprotect, mlock, madvise)      new range (mmap, mremap, growth)
 *	  PPPP[MMMM]NNNN  all three: P survives          PPPP[    ]NNNN  P survives
 *	  PPPP[MM]MM      P grows, M shrinks             PPPP[    ]      P grows
 *	  PPPP[MMMM]      P grows, M goes                    [    ]NNNN  N grows downwards
 *	  MM[MM]NNNN      N grows, M shrinks
 *	  [MMMM]NNNN      N grows, M goes
 *
 * Equal anon_vmas mean equal chains (I10), so one chain is dropped. If the
 * survivor is unfaulted it must first import the chain of what it swallows:
 * most bugs of this file's history are a wrong or forgotten import.
 */
#include "model/world.h"

/*
 * The anon_vma of the thing that merges: an existing VMA (with its chain), or
 * a new range that mremap copied from a VMA, or one where nothing is yet.
 */
struct joiner {
	struct anon_vma *anon_vma;
	uint32_t anon_vma_id;
	const struct vm_area_struct *chain_of; /* NULL if no VMA is known to stand behind it */
};

/* From 6.16 the question is asked of the faulted side: did it get its chain by fork? */
static bool fork_child(const struct vm_area_struct *vma)
{
	return vma && vma->nr_avcs > 1;
}

static bool is_mergeable_anon_vma(struct world *w, const struct joiner *joiner,
				  const struct vm_area_struct *neighbour)
{
	bool one_is_null = !joiner->anon_vma || !neighbour->anon_vma;

	if (joiner->anon_vma == neighbour->anon_vma)
		return true;
	switch (decides(w, MERGE_ANON_VMA)) {
	case MERGE_ANON_VMA_EITHER_NULL:
		return one_is_null;
	case MERGE_ANON_VMA_NEIGHBOUR_SINGULAR:
		/* an unfaulted neighbour has an empty chain: not singular, no merge */
		return one_is_null && chain_singular(neighbour);
	default:
		return one_is_null && !fork_child(neighbour->anon_vma ? neighbour : joiner->chain_of);
	}
}

static uint8_t short_length(uint32_t nr_avcs)
{
	return (uint8_t)(nr_avcs > UINT8_MAX ? UINT8_MAX : nr_avcs);
}

/* The last question: everything else fits. A no is reported, for the oracle to judge (I29). */
static bool anon_vmas_fit(struct world *w, const struct joiner *joiner, const struct vm_area_struct *neighbour)
{
	if (is_mergeable_anon_vma(w, joiner, neighbour))
		return true;
	struct view_event *event = add_event(w, EVENT_NOT_MERGED, "is_mergeable_anon_vma");

	event->vma_id = neighbour->id;
	event->anon_vma_id = neighbour->anon_vma_id;
	event->other_id = joiner->anon_vma_id;
	event->a_len = short_length(neighbour->nr_avcs);
	event->b_len = joiner->chain_of ? short_length(joiner->chain_of->nr_avcs) : 0;
	return false;
}

static bool anon_vmas_compatible(const struct vm_area_struct *a, const struct vm_area_struct *b)
{
	return !a->anon_vma || !b->anon_vma || a->anon_vma == b->anon_vma;
}

static bool can_merge_after(struct world *w, const struct vm_area_struct *prev, uint32_t start,
			    uint32_t pgoff, uint32_t flags, const struct joiner *joiner)
{
	return prev && prev->vm_end == start && prev->vm_flags == flags &&
	       prev->vm_pgoff + vma_pages(prev) == pgoff && anon_vmas_fit(w, joiner, prev);
}

static bool can_merge_before(struct world *w, const struct vm_area_struct *next, uint32_t end,
			     uint32_t end_pgoff, uint32_t flags, const struct joiner *joiner)
{
	return next && next->vm_start == end && next->vm_flags == flags && next->vm_pgoff == end_pgoff &&
	       anon_vmas_fit(w, joiner, next);
}

/* How the two sides stood before the merge, for the oracle (I14); an event only once it happened. */
static struct view_event merge_event(const struct vm_area_struct *survivor, const struct vm_area_struct *other)
{
	return (struct view_event){
		.kind = EVENT_MERGE,
		.where = "vma_merge",
		.vma_id = survivor->id,
		.anon_vma_id = survivor->anon_vma_id,
		.other_id = other->anon_vma_id,
		.a_len = short_length(survivor->nr_avcs),
		.b_len = short_length(other->nr_avcs),
		.imported = !survivor->anon_vma && other->anon_vma,
	};
}

/*
 * dup_anon_vma: an unfaulted survivor takes over the chain of src. The pointer
 * must be set before the clone, which then counts one more active VMA
 * (b800c91a0517). 287d97ac0321: the chain must come from the VMA that has the
 * pages, not from the one that is being adjusted.
 *
 * In two halves, because between them the survivor has a pointer, but no chain.
 */
static struct vm_area_struct *import_begin(struct world *w, struct vm_area_struct *dst,
					   struct vm_area_struct *src, bool dst_is_adjusted)
{
	if (!src->anon_vma || dst->anon_vma)
		return NULL;
	if (decides(w, IMPORT_POINTER) == IMPORT_POINTER_BEFORE_CLONE)
		vma_set_anon_vma(w, dst, src->anon_vma, src->anon_vma_id);
	return decides(w, EXPORTER) == EXPORTER_ADJUSTED_VMA && dst_is_adjusted ? dst : src;
}

static int import_end(struct world *w, struct vm_area_struct *dst, struct vm_area_struct *src,
		      struct vm_area_struct *exporter)
{
	if (anon_vma_clone(w, dst, exporter, CLONE_MERGE)) {
		if (decides(w, CLONE_FAILURE) ==
		    CLONE_FAILURE_KEPT) /* what the clone forgets in 3.19, the merge does */
			vma_set_anon_vma(w, dst, NULL, 0);
		return OP_ENOMEM;
	}
	if (decides(w, IMPORT_POINTER) != IMPORT_POINTER_BEFORE_CLONE)
		vma_set_anon_vma(w, dst, src->anon_vma, src->anon_vma_id);
	return 0;
}

static int dup_anon_vma(struct world *w, struct vm_area_struct *dst, struct vm_area_struct *src,
			bool dst_is_adjusted, bool *imported)
{
	struct vm_area_struct *exporter = import_begin(w, dst, src, dst_is_adjusted);

	if (!exporter)
		return 0;
	*imported = true;
	return import_end(w, dst, src, exporter);
}

/* The tree node for the survivor's new range; without it an import is taken back (824135c46b00). */
static int merge_node(struct world *w, struct vm_area_struct *survivor, bool imported)
{
	if (decides(w, VMA_TREE) == VMA_TREE_RBTREE || may_allocate(w))
		return 0;
	if (imported && decides(w, IMPORT_FAILURE) == IMPORT_FAILURE_UNDONE)
		unlink_anon_vmas(w, survivor);
	return OP_ENOMEM;
}

/* anon_vma_merge: the chain of a VMA that was swallowed is dropped; the survivor has the same. */
static void remove_merged(struct world *w, struct vm_area_struct *vma)
{
	if (vma->anon_vma)
		unlink_anon_vmas(w, vma);
	vm_area_free(w, vma);
}

/* Who survives, who goes, who only shrinks: the table at the top of this file. */
static void plan_merge(struct world *w, struct merge_plan *plan, struct vm_area_struct *prev)
{
	struct vm_area_struct *middle = plan->middle, *next = plan->next;
	bool keeps_middle = !plan->left && plan->whole && decides(w, MERGE_SURVIVOR) == MERGE_SURVIVOR_MIDDLE;

	plan->survivor = plan->left ? prev : keeps_middle ? middle : next;
	plan->new_start = plan->left ? prev->vm_start : plan->start;
	plan->new_end = plan->right ? next->vm_end : plan->end;
	if (plan->whole && !keeps_middle)
		plan->removed[0] = middle;
	if (keeps_middle || (plan->left && plan->right))
		plan->removed[1] = next;
}

/* Which of the VMAs that give up pages has the chain to import. */
static struct vm_area_struct *merge_source(const struct merge_plan *plan)
{
	if (plan->survivor == plan->middle || (plan->left && plan->right && plan->next->anon_vma))
		return plan->next;
	return plan->middle;
}

static void shrink_middle(struct world *w, const struct merge_plan *plan)
{
	struct vm_area_struct *middle = plan->middle;

	if (plan->left)
		vma_set_range(w, middle, plan->end, middle->vm_end,
			      middle->vm_pgoff + (plan->end - plan->start));
	else
		vma_set_range(w, middle, middle->vm_start, plan->start, middle->vm_pgoff);
}

static void commit_existing(struct world *w, const struct merge_plan *plan)
{
	struct vm_area_struct *survivor = plan->survivor;
	uint32_t pgoff = survivor->vm_pgoff - (survivor->vm_start - plan->new_start);

	for (int i = 0; i < 2; i++)
		if (plan->removed[i])
			vma_unlink(w, plan->removed[i]);
	if (!plan->whole)
		shrink_middle(w, plan);
	vma_set_range(w, survivor, plan->new_start, plan->new_end, pgoff);
	for (int i = 0; i < 2; i++)
		if (plan->removed[i])
			remove_merged(w, plan->removed[i]);
}

bool vma_merge_import(struct world *w, struct merge_plan *plan)
{
	/* only where the neighbour above grows over a part of middle was the adjusted VMA the right exporter */
	plan->exporter = import_begin(w, plan->survivor, merge_source(plan), plan->left || plan->whole);
	return plan->exporter;
}

int vma_merge_commit(struct world *w, struct merge_plan *plan)
{
	if ((plan->exporter && import_end(w, plan->survivor, merge_source(plan), plan->exporter)) ||
	    merge_node(w, plan->survivor, plan->exporter))
		return OP_ENOMEM;
	commit_existing(w, plan);
	plan->event.result_len = short_length(plan->survivor->nr_avcs);
	*add_event(w, EVENT_MERGE, NULL) = plan->event;
	return 0;
}

/* The questions of vma_merge_existing_range. */
bool vma_merge_plan(struct world *w, struct merge_plan *plan, struct vm_area_struct *vma, uint32_t start,
		    uint32_t end, uint32_t flags)
{
	struct mm_struct *mm = vma_mm(w, vma);
	struct vm_area_struct *prev = start == vma->vm_start ? vma_prev(mm, vma) : NULL;
	struct vm_area_struct *next = end == vma->vm_end ? find_vma(mm, vma->vm_end) : NULL;
	uint32_t pgoff = vma->vm_pgoff + (start - vma->vm_start);
	struct joiner joiner = { vma->anon_vma, vma->anon_vma_id, vma };

	*plan = (struct merge_plan){ .middle = vma, .next = next, .start = start, .end = end };
	plan->left = can_merge_after(w, prev, start, pgoff, flags, &joiner);
	plan->right = can_merge_before(w, next, end, pgoff + (end - start), flags, &joiner) &&
		      (!plan->left || anon_vmas_compatible(prev, next));
	if (!plan->left && !plan->right)
		return false;
	plan->whole = start == vma->vm_start && end == vma->vm_end;
	plan_merge(w, plan, prev);
	plan->event = merge_event(plan->survivor, merge_source(plan));
	return true;
}

int vma_split_for_flags(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end,
			uint32_t flags)
{
	if (vma->vm_start < start && split_vma(w, vma, start, true))
		return OP_ENOMEM;
	if (vma->vm_end > end && split_vma(w, vma, end, false))
		return OP_ENOMEM;
	vma_set_flags(w, vma, flags);
	return 0;
}

struct vm_area_struct *vma_modify_flags(struct world *w, struct vm_area_struct *vma, uint32_t start,
					uint32_t end, uint32_t flags, int *error)
{
	struct merge_plan plan;

	*error = 0;
	if (vma_merge_plan(w, &plan, vma, start, end, flags)) {
		vma_merge_import(w, &plan);
		if (!vma_merge_commit(w, &plan)) {
			vma_set_flags(w, plan.survivor, flags);
			return plan.survivor;
		}
		if (decides(w, MERGE_FAILURE) == MERGE_FAILURE_REPORTED)
			*error = OP_ENOMEM;
	}
	if (!*error)
		*error = vma_split_for_flags(w, vma, start, end, flags);
	return *error ? NULL : vma;
}

/* vma_expand: target grows over the range and, if both, over the next VMA, which goes. */
static int expand(struct world *w, const struct new_range *range, struct vm_area_struct *target, bool over_next)
{
	struct vm_area_struct *next = range->next, *copied = range->copied_from;
	bool import_copied = copied && decides(w, MERGE_COPIED) == MERGE_COPIED_IMPORTED;
	bool imported = false;
	uint32_t start = target->vm_start, end = target->vm_end, pgoff = target->vm_pgoff;
	struct vm_area_struct *source = over_next && next->anon_vma ? next : copied;
	struct view_event event = merge_event(target, source ? source : target);

	if ((over_next && dup_anon_vma(w, target, next, true, &imported)) ||
	    (import_copied && dup_anon_vma(w, target, copied, false, &imported)) ||
	    merge_node(w, target, imported))
		return OP_ENOMEM;
	if (target == range->next) {
		/* vma_merge case 3, which only mremap reaches, forgot it in 6.3 (7e7757876f25) */
		if (!copied || decides(w, MERGE_COPIED_PGOFF) == MERGE_COPIED_PGOFF_LOWERED)
			pgoff -= start - range->start;
		start = range->start;
	} else {
		end = over_next ? next->vm_end : range->end;
	}
	if (over_next)
		vma_unlink(w, next);
	vma_set_range(w, target, start, end, pgoff);
	if (over_next)
		remove_merged(w, next);
	event.result_len = short_length(target->nr_avcs);
	if (source)
		*add_event(w, EVENT_MERGE, NULL) = event;
	return 0;
}

struct vm_area_struct *vma_merge_new_range(struct world *w, struct new_range *range)
{
	/* the source of a copy is looked at only since 3b617fd3d317 */
	bool sees_source = range->copied_from && decides(w, MERGE_COPIED) == MERGE_COPIED_IMPORTED &&
			   decides(w, MERGE_COPIED_FORKED) == MERGE_COPIED_FORKED_REFUSED;
	struct joiner joiner = { range->anon_vma, range->anon_vma_id, sees_source ? range->copied_from : NULL };
	struct joiner with_next = joiner;
	uint32_t end_pgoff = range->pgoff + (range->end - range->start);
	bool left, right;

	if (range->next_first) {
		right = can_merge_before(w, range->next, range->end, end_pgoff, range->flags, &joiner);
		if (right)
			with_next = (struct joiner){ range->next->anon_vma, range->next->anon_vma_id,
						     range->next };
		left = can_merge_after(w, range->prev, range->start, range->pgoff, range->flags, &with_next);
	} else {
		left = can_merge_after(w, range->prev, range->start, range->pgoff, range->flags, &joiner);
		right = can_merge_before(w, range->next, range->end, end_pgoff, range->flags, &joiner) &&
			(!left || anon_vmas_compatible(range->prev, range->next));
	}
	if (!left && !right)
		return NULL;
	struct vm_area_struct *target = left ? range->prev : range->next;

	return expand(w, range, target, left && right) ? NULL : target;
}
