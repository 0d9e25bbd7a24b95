// SPDX-License-Identifier: GPL-2.0-only
/*
 * anon_vma_chain: one object on two lists, the VMA's chain (same_vma) and the
 * anon_vma's list of VMAs.
 *
 * Up to 3.6 the latter is a list in insertion order. From 3.7 (bf181b9f9d8d)
 * it is an interval tree keyed by the page offsets of the VMA; a walk visits
 * it by increasing start, ties in insertion order. With the few VMAs of a
 * program a sorted list visits in the same order as the tree.
 */
#include "model/world.h"

struct anon_vma_chain *avc_alloc(struct world *w)
{
	return allocate(w, &w->avcs);
}

void avc_free(struct world *w, struct anon_vma_chain *avc)
{
	arena_free(&w->avcs, avc);
}

void avc_set_anon_vma(struct anon_vma_chain *avc, struct anon_vma *anon_vma, uint32_t id)
{
	avc->anon_vma = anon_vma;
	avc->anon_vma_id = id;
}

/* A family is what hangs below one root; its VMAs are all linked to the root. */
static void note_family_size(struct world *w, const struct anon_vma *anon_vma)
{
	if (anon_vma->root == anon_vma && anon_vma->nr_avcs > w->family_peak[anon_vma->id])
		w->family_peak[anon_vma->id] = anon_vma->nr_avcs;
}

/* Puts avc behind after, or first if after is NULL. */
static void list_insert_after(struct anon_vma *anon_vma, struct anon_vma_chain *avc,
			      struct anon_vma_chain *after)
{
	struct anon_vma_chain *next = after ? after->same_anon_vma_next : anon_vma->first;

	avc->same_anon_vma_prev = after;
	avc->same_anon_vma_next = next;
	if (after)
		after->same_anon_vma_next = avc;
	else
		anon_vma->first = avc;
	if (next)
		next->same_anon_vma_prev = avc;
	else
		anon_vma->last = avc;
}

void anon_vma_tree_insert(struct world *w, struct anon_vma_chain *avc, bool at_head)
{
	if (!follow_anon_vma(w, avc->anon_vma, avc->anon_vma_id, "anon_vma_interval_tree_insert"))
		return;
	struct anon_vma *anon_vma = avc->anon_vma;
	struct anon_vma_chain *after = at_head ? NULL : anon_vma->last;

	avc->key_start = avc->vma->vm_pgoff;
	avc->key_last = avc->vma->vm_pgoff + vma_pages(avc->vma) - 1;
	if (decides(w, LIST) == LIST_INTERVAL_TREE)
		for (after = anon_vma->last; after && after->key_start > avc->key_start;)
			after = after->same_anon_vma_prev;
	list_insert_after(anon_vma, avc, after);
	avc->linked = true;
	anon_vma->nr_avcs++;
	note_family_size(w, anon_vma);
	touch_anon_vma(w, anon_vma);
	touch_vma(w, avc->vma);
}

void anon_vma_tree_remove(struct world *w, struct anon_vma_chain *avc)
{
	if (!avc->linked ||
	    !follow_anon_vma(w, avc->anon_vma, avc->anon_vma_id, "anon_vma_interval_tree_remove"))
		return;
	struct anon_vma *anon_vma = avc->anon_vma;

	if (avc->same_anon_vma_prev)
		avc->same_anon_vma_prev->same_anon_vma_next = avc->same_anon_vma_next;
	else
		anon_vma->first = avc->same_anon_vma_next;
	if (avc->same_anon_vma_next)
		avc->same_anon_vma_next->same_anon_vma_prev = avc->same_anon_vma_prev;
	else
		anon_vma->last = avc->same_anon_vma_prev;
	avc->linked = false;
	anon_vma->nr_avcs--;
	touch_anon_vma(w, anon_vma);
	touch_vma(w, avc->vma);
}

void chain_add_head(struct world *w, struct vm_area_struct *vma, struct anon_vma_chain *avc)
{
	avc->vma = vma;
	avc->vma_id = vma->id;
	avc->same_vma_prev = NULL;
	avc->same_vma_next = vma->chain_first;
	if (vma->chain_first)
		vma->chain_first->same_vma_prev = avc;
	else
		vma->chain_last = avc;
	vma->chain_first = avc;
	vma->nr_avcs++;
	touch_vma(w, vma);
}

void chain_del(struct world *w, struct vm_area_struct *vma, struct anon_vma_chain *avc)
{
	if (avc->same_vma_prev)
		avc->same_vma_prev->same_vma_next = avc->same_vma_next;
	else
		vma->chain_first = avc->same_vma_next;
	if (avc->same_vma_next)
		avc->same_vma_next->same_vma_prev = avc->same_vma_prev;
	else
		vma->chain_last = avc->same_vma_prev;
	vma->nr_avcs--;
	touch_vma(w, vma);
}
