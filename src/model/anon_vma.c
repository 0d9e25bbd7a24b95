// SPDX-License-Identifier: GPL-2.0-only
/*
 * The anon_vma: what mm/rmap.c does between a VMA's birth and its end.
 *
 * Since 5beb49305251 (2.6.34-rc1) a VMA has a chain of anon_vmas: its own, for
 * pages it makes itself, and those of its ancestors, whose pages it may still
 * share. fork copies the parent's chain and adds (or, from 3.19, reuses) one;
 * split and mremap copy it; a merge drops one of two equal chains.
 *
 * Who keeps an anon_vma alive: up to 2.6.38 its list of VMAs and external
 * references (KSM, migration); from 2.6.39 a reference count, in which a
 * non-empty list counts as one. From 2.6.36 a live non-root also keeps its
 * root. Pages keep nothing alive.
 */
#include "model/world.h"

bool anon_vma_counts(struct world *w)
{
	return decides(w, COUNTERS) != COUNTERS_NONE;
}

void vma_set_anon_vma(struct world *w, struct vm_area_struct *vma, struct anon_vma *anon_vma, uint32_t id)
{
	vma->anon_vma = anon_vma;
	vma->anon_vma_id = id;
	touch_vma(w, vma);
}

static void set_family(struct world *w, struct anon_vma *anon_vma, struct anon_vma *parent)
{
	anon_vma->parent = parent;
	anon_vma->parent_id = parent->id;
	if (decides(w, ROOT) != ROOT_NONE) {
		anon_vma->root = parent == anon_vma ? anon_vma : parent->root;
		anon_vma->root_id = parent == anon_vma ? anon_vma->id : parent->root_id;
	}
}

/* A new anon_vma is a root until fork makes it somebody's child. */
struct anon_vma *anon_vma_alloc(struct world *w)
{
	struct anon_vma *anon_vma = allocate(w, &w->anon_vmas);

	if (!anon_vma)
		return NULL;
	if (decides(w, LIFETIME) == LIFETIME_REFCOUNT)
		anon_vma->refcount = 1;
	set_family(w, anon_vma, anon_vma);
	touch_anon_vma(w, anon_vma);
	return anon_vma;
}

void anon_vma_free(struct world *w, struct anon_vma *anon_vma)
{
	uint32_t id = anon_vma->id;

	touch_anon_vma(w, anon_vma);
	/* a walker may still hold the root's lock: freeing waits for it (88c22088bf23) */
	if (decides(w, ROOT) != ROOT_NONE && anon_vma->root != anon_vma)
		follow_anon_vma(w, anon_vma->root, anon_vma->root_id,
				"anon_vma_free, for the lock of the root,");
	if (w->named[id])
		add_event(w, EVENT_FREED_WHILE_NAMED, "anon_vma_free")->anon_vma_id = id;
	/* from 3.19 the kernel warns about either counter; links are always wrong */
	if (anon_vma->nr_avcs || (anon_vma_counts(w) && (anon_vma->num_children || anon_vma->num_active_vmas)))
		add_event(w, EVENT_FREED_NOT_EMPTY, "anon_vma_free")->anon_vma_id = id;
	w->freed_at[id] = w->view.step + 1;
	w->freed_by[id] = w->process;
	arena_free(&w->anon_vmas, anon_vma);
}

void get_anon_vma(struct world *w, struct anon_vma *anon_vma)
{
	anon_vma->refcount++;
	touch_anon_vma(w, anon_vma);
}

/* Up to 2.6.38 a dropped reference frees only what has no VMAs left, either. */
static bool last_user_gone(struct world *w, const struct anon_vma *anon_vma)
{
	return decides(w, LIFETIME) == LIFETIME_REFCOUNT || anon_vma->nr_avcs == 0;
}

static void drop_root_reference(struct world *w, struct anon_vma *root, uint32_t meant)
{
	if (!follow_anon_vma(w, root, meant, "put_anon_vma"))
		return;
	touch_anon_vma(w, root);
	if (--root->refcount == 0 && last_user_gone(w, root))
		anon_vma_free(w, root);
}

/* __put_anon_vma: the child first, because freeing it looks at its root's lock (624483f3ea82). */
static void free_with_root_reference(struct world *w, struct anon_vma *anon_vma)
{
	struct anon_vma *root = anon_vma->root;
	uint32_t root_id = anon_vma->root_id;
	bool pins_root = decides(w, ROOT) == ROOT_PINNED && root != anon_vma;
	bool root_first = pins_root && decides(w, PUT_ORDER) == PUT_ORDER_ROOT_FIRST;

	if (root_first)
		drop_root_reference(w, root, root_id);
	anon_vma_free(w, anon_vma);
	if (pins_root && !root_first)
		drop_root_reference(w, root, root_id);
}

void put_anon_vma(struct world *w, struct anon_vma *anon_vma, uint32_t meant)
{
	if (!follow_anon_vma(w, anon_vma, meant, "put_anon_vma"))
		return;
	touch_anon_vma(w, anon_vma);
	if (anon_vma->refcount <= 0) {
		add_event(w, EVENT_ALREADY_FREE, "put_anon_vma")->anon_vma_id = anon_vma->id;
		return;
	}
	if (--anon_vma->refcount == 0 && last_user_gone(w, anon_vma))
		free_with_root_reference(w, anon_vma);
}

void anon_vma_chain_link(struct world *w, struct vm_area_struct *vma, struct anon_vma_chain *avc,
			 struct anon_vma *anon_vma, uint32_t id, bool at_head)
{
	avc_set_anon_vma(avc, anon_vma, id);
	chain_add_head(w, vma, avc);
	anon_vma_tree_insert(w, avc, at_head);
}

/*
 * May fork give this ancestor to the child as its own? 7a3ef208e662 (3.19)
 * asked for children plus VMAs below two, which mistakes one VMA for one
 * child; 2555283eb40d (6.0) counts them apart.
 */
static bool reusable_for_fork(struct world *w, const struct anon_vma *anon_vma, const struct vm_area_struct *src)
{
	switch (decides(w, FORK_REUSE)) {
	case FORK_REUSE_DEGREE:
		return anon_vma != src->anon_vma && anon_vma->num_children + anon_vma->num_active_vmas < 2;
	case FORK_REUSE_COUNTERS:
		return anon_vma->num_children < 2 && anon_vma->num_active_vmas == 0;
	default:
		return false;
	}
}

/* cleanup_partial_anon_vmas (7.0): AVCs that are on dst's chain alone. 3a206a8649f8: the pointer goes, too. */
static void drop_unlinked(struct world *w, struct vm_area_struct *dst)
{
	while (dst->chain_first) {
		struct anon_vma_chain *avc = dst->chain_first;

		chain_del(w, dst, avc);
		avc_free(w, avc);
	}
}

/*
 * A clone failed halfway. Since 3fe89b3e2a7b the pointer goes first:
 * unlinking would otherwise drop a counter that was never raised.
 */
static int clone_failed(struct world *w, struct vm_area_struct *dst)
{
	bool resets = decides(w, CLONE_FAILURE) == CLONE_FAILURE_RESET;

	if (decides(w, CLONE_ALLOCATION) == CLONE_ALLOCATION_BEFORE_LINKING) {
		drop_unlinked(w, dst);
		if (resets)
			vma_set_anon_vma(w, dst, NULL, 0);
		return OP_ENOMEM;
	}
	if (resets)
		vma_set_anon_vma(w, dst, NULL, 0);
	unlink_anon_vmas(w, dst);
	return OP_ENOMEM;
}

/* An AVC of a clone: without sleeping first, then with the lock dropped, as one that may (dd34739c03f2). */
static struct anon_vma_chain *clone_avc(struct world *w)
{
	struct anon_vma_chain *avc = avc_alloc(w);

	return avc || decides(w, CLONE_ALLOCATION) != CLONE_ALLOCATION_RETRIED ? avc : avc_alloc(w);
}

/* fork alone asks whether dst may have this ancestor as its own. */
static void clone_link(struct world *w, struct vm_area_struct *dst, struct vm_area_struct *src,
		       struct anon_vma_chain *avc, enum clone_purpose purpose)
{
	anon_vma_tree_insert(w, avc, false);
	if (purpose == CLONE_FORK && !dst->anon_vma &&
	    follow_anon_vma(w, avc->anon_vma, avc->anon_vma_id, "anon_vma_clone") &&
	    reusable_for_fork(w, avc->anon_vma, src))
		vma_set_anon_vma(w, dst, avc->anon_vma, avc->anon_vma_id);
}

/*
 * Copies src's chain to dst. Each AVC goes to the head of dst's chain, so
 * walking the source from its tail keeps the order (646d87b481da) and walking
 * it from its head reverses it. Where fork may reuse an ancestor, the first
 * one met wins: the oldest up to 6.x. From 7.0 all AVCs are there before the
 * first is linked, which happens in the order in which they were made.
 */
int anon_vma_clone(struct world *w, struct vm_area_struct *dst, struct vm_area_struct *src,
		   enum clone_purpose purpose)
{
	bool from_tail = decides(w, CLONE_ORDER) == CLONE_ORDER_KEPT;
	bool links_later = decides(w, CLONE_ALLOCATION) == CLONE_ALLOCATION_BEFORE_LINKING;
	struct anon_vma_chain *pavc = from_tail ? src->chain_last : src->chain_first;
	uint32_t left = src->nr_avcs; /* a wrong exporter may be dst itself */

	for (; pavc && left; left--, pavc = from_tail ? pavc->same_vma_prev : pavc->same_vma_next) {
		struct anon_vma_chain *avc = clone_avc(w);

		if (!avc)
			return clone_failed(w, dst);
		avc_set_anon_vma(avc, pavc->anon_vma, pavc->anon_vma_id);
		chain_add_head(w, dst, avc);
		if (!links_later)
			clone_link(w, dst, src, avc, purpose);
	}
	for (struct anon_vma_chain *avc = links_later ? dst->chain_last : NULL; avc; avc = avc->same_vma_prev)
		if (!avc->linked)
			clone_link(w, dst, src, avc, purpose);
	if (dst->anon_vma && anon_vma_counts(w) &&
	    follow_anon_vma(w, dst->anon_vma, dst->anon_vma_id, "anon_vma_clone")) {
		dst->anon_vma->num_active_vmas++;
		touch_anon_vma(w, dst->anon_vma);
	}
	return 0;
}

/* The child's own anon_vma and its AVC. False if one of them could not be had. */
static bool fork_allocate(struct world *w, struct anon_vma **anon_vma, struct anon_vma_chain **avc)
{
	*anon_vma = anon_vma_alloc(w);
	*avc = *anon_vma ? avc_alloc(w) : NULL;
	if (*avc)
		return true;
	if (*anon_vma)
		anon_vma_free(w, *anon_vma);
	return false;
}

static void fork_link(struct world *w, struct vm_area_struct *vma, struct vm_area_struct *pvma,
		      struct anon_vma *anon_vma, struct anon_vma_chain *avc)
{
	struct anon_vma *parent = pvma->anon_vma;

	if (!follow_anon_vma(w, parent, pvma->anon_vma_id, "anon_vma_fork"))
		parent = anon_vma;
	set_family(w, anon_vma, parent);
	if (decides(w, ROOT) == ROOT_PINNED && anon_vma->root != anon_vma &&
	    follow_anon_vma(w, anon_vma->root, anon_vma->root_id, "anon_vma_fork"))
		get_anon_vma(w, anon_vma->root); /* 76545066c852 */
	vma_set_anon_vma(w, vma, anon_vma, anon_vma->id);
	anon_vma_chain_link(w, vma, avc, anon_vma, anon_vma->id, false);
	if (anon_vma_counts(w)) {
		anon_vma->num_active_vmas++;
		parent->num_children++;
		touch_anon_vma(w, parent);
	}
}

/* 7.0 (91901a441fa1): nothing is linked before everything is there. */
static int fork_allocating_first(struct world *w, struct vm_area_struct *vma, struct vm_area_struct *pvma)
{
	struct anon_vma *anon_vma;
	struct anon_vma_chain *avc;

	if (!fork_allocate(w, &anon_vma, &avc))
		return OP_ENOMEM;
	int error = anon_vma_clone(w, vma, pvma, CLONE_FORK);

	if (error || vma->anon_vma) { /* failed, or an ancestor is reused */
		avc_free(w, avc);
		anon_vma_free(w, anon_vma);
		return error;
	}
	fork_link(w, vma, pvma, anon_vma, avc);
	return 0;
}

int anon_vma_fork(struct world *w, struct vm_area_struct *vma, struct vm_area_struct *pvma)
{
	struct anon_vma *anon_vma;
	struct anon_vma_chain *avc;

	if (!pvma->anon_vma)
		return 0;
	vma_set_anon_vma(w, vma, NULL, 0); /* what vm_area_dup copied is the parent's */
	if (decides(w, FORK_ALLOCATION) == FORK_ALLOCATION_BEFORE_CLONE)
		return fork_allocating_first(w, vma, pvma);

	int error = anon_vma_clone(w, vma, pvma, CLONE_FORK);

	if (error || vma->anon_vma)
		return error;
	if (!fork_allocate(w, &anon_vma, &avc)) {
		if (decides(w, FORK_ALLOCATION) != FORK_ALLOCATION_AFTER_CLONE_LEAKING) /* 4946d54cb55e */
			unlink_anon_vmas(w, vma);
		return OP_ENOMEM;
	}
	fork_link(w, vma, pvma, anon_vma, avc);
	return 0;
}

static void drop_child_count(struct world *w, struct anon_vma *anon_vma)
{
	if (!anon_vma_counts(w) ||
	    !follow_anon_vma(w, anon_vma->parent, anon_vma->parent_id, "unlink_anon_vmas"))
		return;
	anon_vma->parent->num_children--;
	touch_anon_vma(w, anon_vma->parent);
}

/* Up to 2.6.38: an anon_vma goes as soon as its list is empty and nothing external holds it. */
static void unlink_and_free_empty(struct world *w, struct vm_area_struct *vma)
{
	while (vma->chain_first) {
		struct anon_vma_chain *avc = vma->chain_first;
		struct anon_vma *anon_vma = avc->anon_vma;

		if (follow_anon_vma(w, anon_vma, avc->anon_vma_id, "unlink_anon_vmas")) {
			anon_vma_tree_remove(w, avc);
			if (anon_vma->nr_avcs == 0 && anon_vma->refcount == 0)
				free_with_root_reference(w, anon_vma);
		}
		chain_del(w, vma, avc);
		avc_free(w, avc);
	}
}

/*
 * From 2.6.39: first unlink everything under the root's lock, keeping the AVCs of anon_vmas that
 * became empty; then, without the lock, put those, in the same order: the root comes last.
 */
static void unlink_then_put(struct world *w, struct vm_area_struct *vma)
{
	struct anon_vma_chain *next;

	for (struct anon_vma_chain *avc = vma->chain_first; avc; avc = next) {
		struct anon_vma *anon_vma = avc->anon_vma;
		bool live = follow_anon_vma(w, anon_vma, avc->anon_vma_id, "unlink_anon_vmas");

		next = avc->same_vma_next;
		if (live)
			anon_vma_tree_remove(w, avc);
		if (live && anon_vma->nr_avcs == 0) {
			drop_child_count(w, anon_vma);
			continue;
		}
		chain_del(w, vma, avc);
		avc_free(w, avc);
	}
	if (vma->anon_vma && anon_vma_counts(w) &&
	    follow_anon_vma(w, vma->anon_vma, vma->anon_vma_id, "unlink_anon_vmas")) {
		vma->anon_vma->num_active_vmas--;
		touch_anon_vma(w, vma->anon_vma);
	}
	while (vma->chain_first) {
		struct anon_vma_chain *avc = vma->chain_first;

		put_anon_vma(w, avc->anon_vma, avc->anon_vma_id);
		chain_del(w, vma, avc);
		avc_free(w, avc);
	}
}

void unlink_anon_vmas(struct world *w, struct vm_area_struct *vma)
{
	if (decides(w, LIFETIME) == LIFETIME_REFCOUNT)
		unlink_then_put(w, vma);
	else
		unlink_and_free_empty(w, vma);
	if (decides(w, UNLINK_POINTER) == UNLINK_POINTER_RESET)
		vma_set_anon_vma(w, vma, NULL, 0);
}

bool chain_singular(const struct vm_area_struct *vma)
{
	return vma->nr_avcs == 1;
}
