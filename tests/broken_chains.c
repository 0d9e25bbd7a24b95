// SPDX-License-Identifier: GPL-2.0-only
/*
 * States with broken VMAs, chains, lists and counters, see broken_states.h.
 */
#include "broken_states.h"

/* 76545066c852: a pin holds the child, nobody its root. The child is not touched. */
static void dead_root(struct family *f)
{
	struct anon_vma *root = state_anon_vma(&f->state, NULL);

	state_anon_vma(&f->state, root)->pins = 1;
	state_settle(&f->state);
	f->state.view.touched.anon_vmas.nr = 0;
	state_free_anon_vma(&f->state, root, 1, 0);
}

static void dead_vma(struct family *f)
{
	struct state *s = &f->state;
	struct vm_area_struct *vma = state_vma(s, 2, 30, 31, VM_READ);

	state_chain(s, vma, f->a3, f->a2, f->a1, NULL);
	state_settle(s);
	for (struct anon_vma_chain *avc = vma->chain_first; avc; avc = avc->same_vma_next)
		state_touch_anon_vma(s, avc->anon_vma);
	state_free_vma(s, vma); /* F01: freed with its AVCs linked */
	f->a3->num_active_vmas--;
}

static void avc_not_on_list(struct family *f)
{
	state_take_off_list(state_avc(f->vc, f->a1));
	state_avc(f->vc, f->a1)->linked = true;
	state_touch_vma(&f->state, f->vc);
	state_touch_anon_vma(&f->state, f->a1);
}

static void avc_not_on_chain(struct family *f)
{
	/* of the second VMA, so that no ancestor is missed: a3 is not one of its own */
	struct anon_vma_chain *avc = state_link(&f->state, f->second, f->a4);

	state_take_off_chain(avc);
	state_settle(&f->state);
	f->a4->num_active_vmas = 2; /* as the list has it */
}

static void avc_twice(struct family *f)
{
	state_link(&f->state, f->vb, f->a1);
	state_settle(&f->state);
}

static void vma_not_in_map(struct family *f)
{
	f->unfaulted->in_map = false;
	state_touch_vma(&f->state, f->unfaulted);
}

/* 43873af772f8 */
static void left_by_failed_fork(struct family *f)
{
	f->state.view.mm[1].unstable = true;
	state_touch_process(&f->state, 1);
}

static void vma_map_count(struct family *f)
{
	f->state.view.mm[1].map_count++;
	state_touch_process(&f->state, 1);
}

static void active_not_in_chain(struct family *f)
{
	state_use(f->vb, f->a3);
	f->a2->num_active_vmas = 0;
	state_touch_vma(&f->state, f->vb);
	state_touch_anon_vma(&f->state, f->a2);
}

static void active_without_chain(struct family *f)
{
	state_use(f->unfaulted, f->a4);
	state_touch_vma(&f->state, f->unfaulted);
}

static void active_not_head(struct family *f)
{
	f->state.rules.active_is_head = true;
	state_use(f->second, f->a1);
	state_settle(&f->state);
	state_touch_vma(&f->state, f->second);
	state_touch_anon_vma(&f->state, f->a4);
	state_touch_anon_vma(&f->state, f->a1);
}

static void root_not_last(struct family *f)
{
	f->state.rules.chain_ordered = false; /* as 7.0+ would have it, but for the root */
	state_unlink(&f->state, state_avc(f->vb, f->a2));
	state_link(&f->state, f->vb, f->a2);
	state_settle(&f->state);
}

static void root_of_another_family(struct family *f)
{
	struct vm_area_struct *vma = state_vma(&f->state, 2, 20, 21, VM_READ);
	struct anon_vma *other = state_anon_vma(&f->state, NULL);

	state_chain(&f->state, vma, other, f->a1, NULL);
	state_settle(&f->state);
}

/* The members' roots agree, but that root has another one. */
static void root_of_a_root(struct family *f)
{
	struct anon_vma *root = state_anon_vma(&f->state, NULL), *child = state_anon_vma(&f->state, root);

	child->pins = 1;
	root->root_id = f->a1->id;
	state_settle(&f->state);
	root->refcount = 1; /* as its child has it */
}

static void wrong_key(struct family *f)
{
	state_avc(f->vb, f->a2)->key_last++;
	state_touch_vma(&f->state, f->vb);
	state_touch_anon_vma(&f->state, f->a2);
}

static void wrong_list_order(struct family *f)
{
	struct anon_vma_chain *last = state_avc(f->second, f->a1), *first = f->a1->first;

	/* key 4 goes to the front */
	last->same_anon_vma_prev->same_anon_vma_next = NULL;
	f->a1->last = last->same_anon_vma_prev;
	last->same_anon_vma_prev = NULL;
	last->same_anon_vma_next = first;
	first->same_anon_vma_prev = last;
	f->a1->first = last;
	state_touch_anon_vma(&f->state, f->a1);
}

/* 646d87b481da */
static void chain_reversed(struct family *f)
{
	struct state *s = &f->state;

	state_unlink(s, state_avc(f->vc, f->a1));
	state_unlink(s, state_avc(f->vc, f->a3));
	state_link(s, f->vc, f->a3);
	state_link(s, f->vc, f->a1);
	state_settle(s);
}

static void chain_reversed_before_3_19(struct family *f)
{
	f->state.rules.counts_children = false;
	f->state.rules.counts_apart = false;
	chain_reversed(f);
}

static void ancestor_missing(struct family *f)
{
	state_unlink(&f->state, state_avc(f->vc, f->a2));
	state_settle(&f->state);
}

/* 2555283eb40d */
static void different_chains(struct family *f)
{
	state_unlink(&f->state, state_avc(f->second, f->a1));
	state_unlink(&f->state, state_avc(f->second, f->a4));
	state_chain(&f->state, f->second, f->a2, f->a4, f->a1, NULL);
	state_settle(&f->state);
}

static void two_processes(struct family *f)
{
	state_use(f->vc, f->a2);
	state_settle(&f->state);
	state_touch_vma(&f->state, f->vc);
	state_touch_anon_vma(&f->state, f->a2);
	state_touch_anon_vma(&f->state, f->a3);
}

static void wrong_num_children(struct family *f)
{
	f->a1->num_children++;
	f->a1->num_active_vmas--; /* the sum is right */
	state_touch_anon_vma(&f->state, f->a1);
}

static void wrong_degree(struct family *f)
{
	f->state.rules.counts_apart = false;
	f->a2->num_children--;
	state_touch_anon_vma(&f->state, f->a2);
}

/* The parent was not touched, but its child has a link now. */
static void child_not_counted(struct family *f)
{
	struct anon_vma *child = state_anon_vma(&f->state, f->a2);

	state_unlink(&f->state, state_avc(f->second, f->a1));
	state_unlink(&f->state, state_avc(f->second, f->a4));
	state_chain(&f->state, f->second, child, f->a2, f->a1, NULL);
	f->a4->pins = 1;
	state_settle(&f->state);
	f->a2->num_children--;
}

static void wrong_refcount(struct family *f)
{
	f->a2->refcount++;
	state_touch_anon_vma(&f->state, f->a2);
}

/* 76545066c852: a descendant does not hold its root. */
static void root_not_held(struct family *f)
{
	state_anon_vma(&f->state, f->a1)->pins = 1;
	state_settle(&f->state);
	f->a1->refcount--;
}

static void wrong_external_refcount(struct family *f)
{
	f->state.rules.has_refcount = false;
	f->state.rules.counts_children = false;
	f->state.rules.counts_apart = false;
	f->a3->pins = 1;
	state_settle(&f->state);
	for (uint32_t i = 1; i <= 4; i++)
		state_touch_anon_vma(&f->state, view_anon_vma(&f->state.view, i));
	f->a3->refcount++;
}

static void leaked_anon_vma(struct family *f)
{
	state_anon_vma(&f->state, NULL);
	state_settle(&f->state);
}

static void leaked_avc(struct family *f)
{
	struct anon_vma_chain *avc = state_link(&f->state, f->vb, f->a1);

	state_take_off_chain(avc);
	state_take_off_list(avc);
	state_settle(&f->state);
}

static void unfaulted_offset(struct family *f)
{
	f->unfaulted->vm_pgoff = 3;
	state_touch_vma(&f->state, f->unfaulted);
}

static void long_chain(struct family *f)
{
	f->state.family_peak[f->a1->id] = 0;
	state_touch_vma(&f->state, f->va);
}

/* The child's VMA gets a level of its own below one that nobody uses any more. */
static void level_for_nothing(struct family *f)
{
	struct anon_vma *root = state_anon_vma(&f->state, NULL);
	struct anon_vma *abandoned = state_anon_vma(&f->state, root);
	struct vm_area_struct *vma = state_vma(&f->state, 2, 20, 21, VM_READ);

	state_chain(&f->state, vma, state_anon_vma(&f->state, abandoned), abandoned, root, NULL);
	state_settle(&f->state);
}

const struct broken broken_chains[] = {
	{ "dead root", INV_LIVENESS, OBJECT_ANON_VMA, dead_root, 0 },
	{ "AVCs of a dead VMA", INV_LIVENESS, OBJECT_AVC, dead_vma, 0 },
	{ "AVC not on its list", INV_TWO_SIDED_AVC, OBJECT_AVC, avc_not_on_list, 0 },
	{ "AVC not on its chain", INV_TWO_SIDED_AVC, OBJECT_AVC, avc_not_on_chain, 0 },
	{ "two AVCs for one anon_vma", INV_TWO_SIDED_AVC, OBJECT_AVC, avc_twice, 0 },
	{ "VMA not in its map", INV_TWO_SIDED_AVC, OBJECT_VMA, vma_not_in_map, 0 },
	{ "left by a fork that failed", INV_FORK_UNDONE, OBJECT_PROCESS, left_by_failed_fork, 0 },
	{ "map_count", INV_TWO_SIDED_AVC, OBJECT_PROCESS, vma_map_count, 0 },
	{ "vma->anon_vma not in the chain", INV_ACTIVE, OBJECT_VMA, active_not_in_chain, 0 },
	{ "vma->anon_vma without chain", INV_ACTIVE, OBJECT_VMA, active_without_chain, 0 },
	{ "vma->anon_vma not the head", INV_ACTIVE, OBJECT_VMA, active_not_head, CHECK_BIT(INV_SAME_CHAIN) },
	{ "root not last", INV_ONE_ROOT, OBJECT_VMA, root_not_last, 0 },
	{ "two families in a chain", INV_ONE_ROOT, OBJECT_VMA, root_of_another_family, 0 },
	{ "root of a root", INV_ONE_ROOT, OBJECT_ANON_VMA, root_of_a_root, 0 },
	{ "key", INV_KEY, OBJECT_AVC, wrong_key, 0 },
	{ "order of the list", INV_KEY, OBJECT_ANON_VMA, wrong_list_order, 0 },
	{ "chain reversed", INV_ORDER, OBJECT_VMA, chain_reversed, 0 },
	{ "chain reversed, by birth", INV_ORDER, OBJECT_VMA, chain_reversed_before_3_19, 0 },
	{ "ancestor missing", INV_ANCESTORS, OBJECT_VMA, ancestor_missing, 0 },
	{ "one anon_vma, two chains", INV_SAME_CHAIN, OBJECT_ANON_VMA, different_chains, 0 },
	{ "one anon_vma, two processes", INV_SAME_CHAIN, OBJECT_ANON_VMA, two_processes, 0 },
	{ "num_children", INV_COUNTERS, OBJECT_ANON_VMA, wrong_num_children, 0 },
	{ "degree", INV_COUNTERS, OBJECT_ANON_VMA, wrong_degree, 0 },
	{ "child not counted", INV_COUNTERS, OBJECT_ANON_VMA, child_not_counted, 0 },
	{ "refcount", INV_REFCOUNT, OBJECT_ANON_VMA, wrong_refcount, 0 },
	{ "root not held", INV_REFCOUNT, OBJECT_ANON_VMA, root_not_held, 0 },
	{ "external_refcount", INV_REFCOUNT, OBJECT_ANON_VMA, wrong_external_refcount, 0 },
	{ "anon_vma leaked", INV_NO_LEAK, OBJECT_ANON_VMA, leaked_anon_vma, 0 },
	{ "AVC leaked", INV_NO_LEAK, OBJECT_AVC, leaked_avc, 0 },
	{ "offset of an unfaulted VMA", INV_UNFAULTED, OBJECT_VMA, unfaulted_offset, 0 },
	{ "chain too long", INV_GROWTH, OBJECT_VMA, long_chain, 0 },
	{ "level for nothing", INV_GROWTH, OBJECT_ANON_VMA, level_for_nothing, 0 },
	{ .what = NULL },
};
