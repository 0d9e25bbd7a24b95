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
	page->gup_forked = true; /* of interest while somebody holds it */
	page->mapcount++;
	page->refcount++;
	pte_set_present(w, child, address, page, source->read ? VM_READ : 0);
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
		if (source->slot->cache)
			source->slot->cache->gup_forked = true;
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

/*
 * The copy of one VMA, linked to its anon_vmas but not in the child's map yet. A walk may find it from now on,
 * so it must say whose it is: vm_mm before any link (a247c3a97a02).
 */
static int dup_vma_linked(struct world *w, struct vm_area_struct *source, uint8_t child,
			  struct vm_area_struct **linked)
{
	struct vm_area_struct *copy = vm_area_dup(w, source);

	if (!copy)
		return OP_ENOMEM;
	if (decides(w, FORK_MM) == FORK_MM_BEFORE_LINK)
		copy->process = child;
	copy->vm_flags &= ~(uint32_t)VM_LOCKED;
	if (anon_vma_fork(w, copy, source)) {
		vm_area_free(w, copy);
		return OP_ENOMEM;
	}
	*linked = copy;
	return 0;
}

static int dup_vma_mapped(struct world *w, struct vm_area_struct *copy, const struct vm_area_struct *source,
			  uint8_t child)
{
	copy->process = child;
	copy->being_built = false;
	vma_link(w, copy);
	return copy_page_range(w, copy, source);
}

/*
 * dup_mmap up to the next pause, if it pauses: behind the links of a VMA, before its entries. Sets copy to
 * NULL at the end.
 */
static int dup_vmas(struct world *w, struct paused_fork *fork, bool pauses)
{
	struct mm_struct *mm = world_mm(w, w->process);

	for (; fork->left; fork->left &= fork->left - 1) {
		if (!fork->copy) {
			fork->source = mm->vma_at[__builtin_ctzll(fork->left)];
			if (fork->source->vm_flags & VM_DONTCOPY)
				continue;
			if (dup_vma_linked(w, fork->source, fork->child, &fork->copy))
				return OP_ENOMEM;
			if (pauses && fork->copy->chain_first) {
				fork->copy->being_built = true;
				return 0;
			}
		}
		struct vm_area_struct *copy = fork->copy;

		fork->copy = NULL;
		if (dup_vma_mapped(w, copy, fork->source, fork->child)) {
			fork->left &= fork->left - 1; /* this one is there */
			return OP_ENOMEM;
		}
	}
	return 0;
}

/* dup_mmap holds the mmap locks of both. */
static int dup_mmap(struct world *w, struct paused_fork *fork, bool pauses)
{
	/* the maple tree's nodes are set aside at once */
	if (decides(w, VMA_TREE) != VMA_TREE_RBTREE && !may_allocate(w))
		return OP_ENOMEM;
	fork->left = world_mm(w, w->process)->starts;
	return dup_vmas(w, fork, pauses);
}

/* mmput: exit_mmap, and the letter is free again. */
static void drop_child(struct world *w, uint8_t child)
{
	exit_mmap(w, child);
	world_mm(w, child)->alive = false;
	w->view.touched.processes |= (uint8_t)(1U << child);
}

/*
 * What the child has got goes again: at once if that happens under the mmap locks (43873af772f8), or if nobody
 * could see it. Otherwise the locks are dropped first, and others meet an mm that no process will ever run in.
 */
static int fork_failed(struct world *w, const struct paused_fork *fork, bool pauses)
{
	struct mm_struct *mm = world_mm(w, fork->child);
	struct paused failed = { .kind = PAUSED_FORK_FAILED, .fork = { .child = fork->child } };

	if (!pauses || !mm->starts || decides(w, FORK_FAILURE) == FORK_FAILURE_UNDONE) {
		drop_child(w, fork->child);
		return OP_ENOMEM;
	}
	mm->unstable = true;
	if (decides(w, FORK_FAILURE) == FORK_FAILURE_MARKED) /* if a VMA is left that would have been next */
		mm->zero_entries = fork->left & (~fork->left + 1);
	w->paused[w->process] = failed;
	return OP_ENOMEM;
}

int fork_failed_resume(struct world *w, struct paused *paused)
{
	paused->kind = PAUSED_NOTHING;
	drop_child(w, paused->fork.child);
	return 0;
}

static int fork_child(struct world *w, struct paused_fork *fork, bool pauses)
{
	struct mm_struct *mm = world_mm(w, fork->child);

	if (mm->alive)
		return OP_NOTHING;
	mm->alive = true;
	w->view.touched.processes |= (uint8_t)(1U << fork->child);
	return dup_mmap(w, fork, pauses) ? fork_failed(w, fork, pauses) : 0;
}

int do_fork(struct world *w, uint8_t child)
{
	struct paused_fork fork = { .child = child };

	return fork_child(w, &fork, false);
}

int do_fork_begin(struct world *w, uint8_t child)
{
	struct paused_fork fork = { .child = child };
	int error = fork_child(w, &fork, true);

	if (!error && fork.copy)
		w->paused[w->process] = (struct paused){ .kind = PAUSED_FORK, .fork = fork };
	return error;
}

int fork_resume(struct world *w, struct paused *paused)
{
	struct paused_fork fork = paused->fork;
	bool failed = dup_vmas(w, &fork, true);

	paused->kind = fork.copy ? PAUSED_FORK : PAUSED_NOTHING;
	paused->fork = fork;
	if (!failed)
		return 0;
	paused->kind = PAUSED_NOTHING;
	return fork_failed(w, &fork, true);
}
