// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMAs of a process: find, link, resize, split. The window has 64 pages,
 * so the sorted set of VMAs is a bit mask of the pages where one starts, and
 * every search is a bit operation. What may merge is decided in merge.c.
 */
#include "model/world.h"

struct mm_struct *vma_mm(struct world *w, const struct vm_area_struct *vma)
{
	return world_mm(w, vma->process);
}

struct vm_area_struct *vm_area_alloc(struct world *w, uint8_t process, uint32_t start, uint32_t end,
				     uint32_t pgoff, uint32_t flags)
{
	struct vm_area_struct *vma = allocate(w, &w->vmas);

	if (!vma)
		return NULL;
	vma->process = process;
	vma->vm_start = (uint8_t)start;
	vma->vm_end = (uint8_t)end;
	vma->vm_pgoff = pgoff;
	vma->vm_flags = flags;
	touch_vma(w, vma);
	return vma;
}

/* A copy of everything but the chain: vma->anon_vma is copied, as the kernel's struct copy does. */
struct vm_area_struct *vm_area_dup(struct world *w, const struct vm_area_struct *vma)
{
	struct vm_area_struct *copy =
		vm_area_alloc(w, vma->process, vma->vm_start, vma->vm_end, vma->vm_pgoff, vma->vm_flags);

	if (copy)
		vma_set_anon_vma(w, copy, vma->anon_vma, vma->anon_vma_id);
	return copy;
}

void vm_area_free(struct world *w, struct vm_area_struct *vma)
{
	touch_vma(w, vma);
	arena_free(&w->vmas, vma);
}

static void note_map_change(struct world *w, const struct vm_area_struct *vma)
{
	w->view.touched.processes |= (uint8_t)(1U << vma->process);
}

void vma_link(struct world *w, struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma_mm(w, vma);

	mm->starts |= UINT64_C(1) << vma->vm_start;
	mm->vma_at[vma->vm_start] = vma;
	mm->map_count++;
	vma->in_map = true;
	touch_vma(w, vma);
	note_map_change(w, vma);
}

void vma_unlink(struct world *w, struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma_mm(w, vma);

	mm->starts &= ~(UINT64_C(1) << vma->vm_start);
	mm->vma_at[vma->vm_start] = NULL;
	mm->map_count--;
	vma->in_map = false;
	touch_vma(w, vma);
	note_map_change(w, vma);
}

static void move_start(struct world *w, struct vm_area_struct *vma, uint32_t start)
{
	struct mm_struct *mm = vma_mm(w, vma);

	if (vma->in_map) {
		/* another VMA may already have taken over the old place */
		if (mm->vma_at[vma->vm_start] == vma) {
			mm->starts &= ~(UINT64_C(1) << vma->vm_start);
			mm->vma_at[vma->vm_start] = NULL;
		}
		mm->starts |= UINT64_C(1) << start;
		mm->vma_at[start] = vma;
	}
	vma->vm_start = (uint8_t)start;
}

/*
 * In the tree era the AVCs must leave the trees while the key changes
 * (anon_vma_interval_tree_pre_update_vma and its counterpart); putting them
 * back moves ties to the end. In the list era their places never change.
 */
void vma_set_range(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end, uint32_t pgoff)
{
	bool rekey = decides(w, LIST) == LIST_INTERVAL_TREE && vma->anon_vma;

	for (struct anon_vma_chain *avc = rekey ? vma->chain_first : NULL; avc; avc = avc->same_vma_next)
		anon_vma_tree_remove(w, avc);
	if (start != vma->vm_start)
		move_start(w, vma, start);
	vma->vm_end = (uint8_t)end;
	vma->vm_pgoff = pgoff;
	for (struct anon_vma_chain *avc = rekey ? vma->chain_first : NULL; avc; avc = avc->same_vma_next)
		anon_vma_tree_insert(w, avc, false);
	touch_vma(w, vma);
	note_map_change(w, vma);
}

void vma_set_flags(struct world *w, struct vm_area_struct *vma, uint32_t flags)
{
	if (vma->vm_flags == flags)
		return;
	vma->vm_flags = flags;
	touch_vma(w, vma);
}

struct vm_area_struct *find_vma(struct mm_struct *mm, uint32_t page)
{
	struct vm_area_struct *vma = page < NR_WINDOW ? view_vma_at(mm, page) : NULL;

	if (vma)
		return vma;
	uint64_t above = mm->starts & page_mask(page, NR_WINDOW);

	return above ? mm->vma_at[__builtin_ctzll(above)] : NULL;
}

struct vm_area_struct *vma_before(struct mm_struct *mm, uint32_t page)
{
	uint64_t below = mm->starts & page_mask(0, page);

	return below ? mm->vma_at[63 - __builtin_clzll(below)] : NULL;
}

struct vm_area_struct *vma_prev(struct mm_struct *mm, const struct vm_area_struct *vma)
{
	return vma_before(mm, vma->vm_start);
}

/*
 * __split_vma. The new object is the lower part if new_below, otherwise the
 * upper one; the caller's vma becomes the other part. 6.1 takes the node for
 * the maple tree after the clone, so a failure there has a chain to unlink
 * (2aeadc30de45); later releases take it before, earlier ones need none.
 */
int split_vma(struct world *w, struct vm_area_struct *vma, uint32_t at, bool new_below)
{
	uint32_t cut = at - vma->vm_start;
	struct vm_area_struct *new = vm_area_dup(w, vma);

	if (!new)
		return OP_ENOMEM;
	if (new_below) {
		new->vm_end = (uint8_t)at;
	} else {
		new->vm_start = (uint8_t)at;
		new->vm_pgoff += cut;
	}
	if (decides(w, VMA_TREE) == VMA_TREE_MAPLE_FIRST && !may_allocate(w))
		goto free_new;
	if (anon_vma_clone(w, new, vma, CLONE_SPLIT))
		goto free_new;
	if (decides(w, VMA_TREE) == VMA_TREE_MAPLE && !may_allocate(w)) {
		if (decides(w, SPLIT_FAILURE) == SPLIT_FAILURE_UNLINKED)
			unlink_anon_vmas(w, new);
		goto free_new;
	}
	if (new_below)
		vma_set_range(w, vma, at, vma->vm_end, vma->vm_pgoff + cut);
	else
		vma_set_range(w, vma, vma->vm_start, at, vma->vm_pgoff);
	vma_link(w, new);
	return 0;

free_new:
	vm_area_free(w, new);
	return OP_ENOMEM;
}

/* Could a and b, which touch, share an anon_vma? Flags may differ in what mprotect changes. */
static bool anon_vma_compatible(const struct vm_area_struct *a, const struct vm_area_struct *b)
{
	return a->vm_end == b->vm_start && !((a->vm_flags ^ b->vm_flags) & ~(uint32_t)VM_ACCESS_FLAGS) &&
	       b->vm_pgoff == a->vm_pgoff + vma_pages(a);
}

/*
 * d0e9fe1758f2 (2.6.34-rc4): only a neighbour with a singular chain will do,
 * because the VMA gets one link and a later merge trusts that equal anon_vmas
 * mean equal chains.
 */
static bool reusable_anon_vma(struct world *w, const struct vm_area_struct *old,
			      const struct vm_area_struct *a, const struct vm_area_struct *b)
{
	if (!anon_vma_compatible(a, b) || !old->anon_vma)
		return false;
	return decides(w, NEIGHBOUR_REUSE) == NEIGHBOUR_REUSE_ANY_CHAIN || chain_singular(old);
}

/* The next VMA is asked first, then the previous one, in every release. */
struct anon_vma *find_mergeable_anon_vma(struct world *w, struct vm_area_struct *vma, uint32_t *id)
{
	struct mm_struct *mm = vma_mm(w, vma);
	struct vm_area_struct *near = find_vma(mm, vma->vm_end);

	if (!near || !reusable_anon_vma(w, near, vma, near)) {
		near = vma_prev(mm, vma);
		if (!near || !reusable_anon_vma(w, near, near, vma))
			return NULL;
	}
	*id = near->anon_vma_id;
	return near->anon_vma;
}
