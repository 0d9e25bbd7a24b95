// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMAs and their chains: I1, I2, I3, I4, I5, I8, I9, I15, I17, seen from the
 * VMA. The side of the anon_vma is in families.c, what is mapped in pages.c.
 *
 * Must never look at an object that is neither the VMA nor on its chain: a
 * touched VMA has to cost what its chain is long, not what lives.
 */
#include "oracle/internal.h"

/* I1: vma->anon_vma and each avc->anon_vma are live. */
static void liveness_vma(struct oracle *o, const struct vm_area_struct *vma)
{
	if (!vma->anon_vma_id || view_anon_vma(o->view, vma->anon_vma_id))
		return;

	struct violation *v = oracle_found(o, INV_LIVENESS, OBJECT_VMA, vma->id, 0);

	if (v) {
		say_vma(v, vma);
		say(v, " has vma->anon_vma ");
		say_anon_vma(o, v, vma->anon_vma_id);
	}
}

static __attribute__((cold, noinline)) void liveness_avc(struct oracle *o, const struct vm_area_struct *vma,
							 const struct anon_vma_chain *avc)
{
	struct violation *v = oracle_found(o, INV_LIVENESS, OBJECT_AVC, avc->id, 0);

	if (v) {
		v->avc_id = avc->id;
		say(v, "AVC %u in the chain of ", avc->id);
		say_vma(v, vma);
		say(v, " leads to ");
		say_anon_vma(o, v, avc->anon_vma_id);
	}
}

static __attribute__((cold, noinline)) void broken_avc(struct oracle *o, const struct vm_area_struct *vma,
						       const struct anon_vma_chain *avc, const char *what)
{
	struct violation *v = oracle_found(o, INV_TWO_SIDED_AVC, OBJECT_AVC, avc->id, 0);

	if (v) {
		v->avc_id = avc->id;
		say(v, "AVC %u in the chain of ", avc->id);
		say_vma(v, vma);
		say(v, " %s ", what);
		say_anon_vma(o, v, avc->anon_vma_id);
	}
}

/* I2: the chain is a proper list of nr_avcs AVCs, each with this VMA; n are, and then comes avc. */
static __attribute__((cold, noinline)) void broken_chain(struct oracle *o, const struct vm_area_struct *vma,
							 const struct anon_vma_chain *avc, uint32_t n)
{
	struct violation *v = oracle_found(o, INV_TWO_SIDED_AVC, OBJECT_VMA, vma->id, 0);

	if (v) {
		say_vma(v, vma);
		if (avc && n < vma->nr_avcs)
			say(v, " has in its chain AVC %u, which belongs to VMA %u or is linked wrongly",
			    avc->id, avc->vma_id);
		else
			say(v, " counts %u AVCs, its chain holds %s", vma->nr_avcs, avc ? "more" : "fewer");
	}
}

/* I2: the VMA is in the map of its process. */
static void two_sided_map(struct oracle *o, const struct vm_area_struct *vma)
{
	if (vma_is_mapped(o->view, vma) || vma->being_built)
		return;

	struct violation *v = oracle_found(o, INV_TWO_SIDED_AVC, OBJECT_VMA, vma->id, 1);

	if (v) {
		say_vma(v, vma);
		say(v, " is allocated, but not in the map of %c%s", process_name(vma->process),
		    o->view->mm[vma->process].alive ? "" : ", which has exited");
	}
}

/* I2: the AVC is on its anon_vma's list, too. */
static inline void two_sided_avc(struct oracle *o, const struct vm_area_struct *vma,
				 const struct anon_vma_chain *avc, const struct anon_vma *anon_vma)
{
	if (!avc_on_list(avc, anon_vma))
		broken_avc(o, vma, avc, "is not on the list of");
}

/* I5: key of an AVC. bf181b9f9d8d: the tree takes it from the VMA, so each change of the VMA re-inserts. */
static inline void key_avc(struct oracle *o, const struct vm_area_struct *vma, const struct anon_vma_chain *avc)
{
	uint32_t last = vma->vm_pgoff + vma_pages(vma) - 1;

	if (avc->key_start == vma->vm_pgoff && avc->key_last == last)
		return;

	struct violation *v = oracle_found(o, INV_KEY, OBJECT_AVC, avc->id, 0);

	if (v) {
		v->avc_id = avc->id;
		v->anon_vma_id = avc->anon_vma_id;
		say(v, "AVC %u of ", avc->id);
		say_vma(v, vma);
		say(v, " sits in the tree of anon_vma %u under [%u,%u], but the VMA has page offsets [%u,%u]",
		    avc->anon_vma_id, avc->key_start, avc->key_last, vma->vm_pgoff, last);
	}
}

/* I3: the active pointer. */
static void active_vma(struct oracle *o, const struct vm_area_struct *vma, bool member)
{
	const struct anon_vma_chain *head = vma->chain_first;
	const char *what = NULL;

	if (!vma->anon_vma_id)
		what = head ? "has no vma->anon_vma, but a chain" : NULL;
	else if (!head && vma->being_merged)
		return; /* between the two halves of an import */
	else if (!head)
		what = "has an empty chain, but vma->anon_vma is";
	else if (!member)
		what = "does not have in its chain its vma->anon_vma,";
	else if (o->view->rules->active_is_head && head->anon_vma_id != vma->anon_vma_id)
		what = "does not have at the head of its chain its vma->anon_vma,";
	if (!what)
		return;

	struct violation *v = oracle_found(o, INV_ACTIVE, OBJECT_VMA, vma->id, 0);

	if (v) {
		say_vma(v, vma);
		say(v, " %s", what);
		if (vma->anon_vma_id) {
			say(v, " ");
			say_anon_vma(o, v, vma->anon_vma_id);
		}
	}
}

/* I4: one root, a member, the last one. What a member's root is itself, families.c asks. */
static void one_root_chain(struct oracle *o, const struct vm_area_struct *vma, uint32_t root_id,
			   uint32_t other_root, bool has_root)
{
	bool last = vma->chain_last->anon_vma_id == root_id;

	if (!other_root && has_root && (last || !o->view->rules->root_is_last))
		return;

	struct violation *v = oracle_found(o, INV_ONE_ROOT, OBJECT_VMA, vma->id, 0);

	if (v) {
		say_vma(v, vma);
		v->anon_vma_id = root_id;
		if (other_root)
			say(v, " has in its chain members of two families, with the roots anon_vma %u and %u",
			    root_id, other_root);
		else
			say(v, " %s in its chain the root of its family, anon_vma %u",
			    has_root ? "does not have last" : "does not have", root_id);
	}
}

/*
 * I8 and I9: is the parent of a non-root behind it? If it is before, the order
 * is wrong (646d87b481da), if it is nowhere, an ancestor was lost. Before 3.19
 * each fork made a new anon_vma, so birth ids tell the order; from then on
 * (7a3ef208e662) a reused ancestor keeps its old place, and the parent does.
 */
static inline bool parent_is_behind(const struct anon_vma_chain *avc, uint32_t left, uint32_t parent_id)
{
	for (avc = avc->same_vma_next; avc && left; avc = avc->same_vma_next, left--) {
		if (avc->anon_vma_id == parent_id)
			return true;
	}
	return false;
}

static __attribute__((cold, noinline)) void order_broken(struct oracle *o, const struct vm_area_struct *vma,
							 uint32_t first, uint32_t then, const char *why)
{
	struct violation *v = oracle_found(o, INV_ORDER, OBJECT_VMA, vma->id, 0);

	if (v) {
		v->anon_vma_id = first;
		say_vma(v, vma);
		say(v, " has in its chain anon_vma %u before anon_vma %u, %s", first, then, why);
	}
}

static __attribute__((cold, noinline)) void ancestor_lost(struct oracle *o, const struct vm_area_struct *vma,
							  const struct anon_vma *anon_vma)
{
	struct violation *v = oracle_found(o, INV_ANCESTORS, OBJECT_VMA, vma->id, 0);

	if (v) {
		say_vma(v, vma);
		say(v, " has in its chain anon_vma %u, but not its parent ", anon_vma->id);
		say_anon_vma(o, v, anon_vma->parent_id);
	}
}

/* left: links behind this one. */
static inline void order_and_ancestors(struct oracle *o, const struct vm_area_struct *vma,
				       const struct anon_vma_chain *avc, uint32_t left,
				       const struct anon_vma *anon_vma)
{
	const struct view_rules *rules = o->view->rules;

	if (rules->chain_ordered && !rules->counts_children && avc->same_vma_next &&
	    avc->same_vma_next->anon_vma_id > avc->anon_vma_id)
		order_broken(o, vma, avc->anon_vma_id, avc->same_vma_next->anon_vma_id, "which is newer");

	if (anon_vma->parent_id == anon_vma->id || parent_is_behind(avc, left, anon_vma->parent_id))
		return;
	if (!chain_has(vma, anon_vma->parent_id))
		ancestor_lost(o, vma, anon_vma);
	else if (rules->chain_ordered && rules->counts_children)
		order_broken(o, vma, anon_vma->parent_id, anon_vma->id, "its child");
}

/* I2: at most one AVC for a VMA and an anon_vma. */
static inline void once_in_chain(struct oracle *o, const struct vm_area_struct *vma,
				 const struct anon_vma_chain *avc, uint64_t *seen)
{
	uint64_t bit = UINT64_C(1) << (avc->anon_vma_id & 63);

	if (*seen & bit) {
		for (const struct anon_vma_chain *other = avc->same_vma_prev; other;
		     other = other->same_vma_prev) {
			if (other->anon_vma_id == avc->anon_vma_id)
				broken_avc(o, vma, avc, "is the second there for");
		}
	}
	*seen |= bit;
}

/* I15: an unfaulted VMA is merged and moved as if nothing was in it: its offset must be its address's. */
static void unfaulted_vma(struct oracle *o, const struct vm_area_struct *vma)
{
	if (vma->anon_vma_id || vma->vm_pgoff == vma->vm_start)
		return;

	struct violation *v = oracle_found(o, INV_UNFAULTED, OBJECT_VMA, vma->id, 0);

	if (v) {
		say_vma(v, vma);
		say(v, " has no anon_vma, but page offset %d instead of %u", (int32_t)vma->vm_pgoff,
		    vma->vm_start);
	}
}

/*
 * I17: length of one chain; when a level may be added is in families.c. Then each other anon_vma of the chain has a VMA
 * that uses it, or a child off the chain that some VMA is linked to. A VMA stands for at most one of either kind.
 */
static void growth_chain(struct oracle *o, const struct vm_area_struct *vma, uint32_t root_id)
{
	if (!o->view->rules->growth_bounded)
		return;

	uint32_t bound = 2 * o->view->family_peak[root_id];

	if (vma->nr_avcs <= bound)
		return;

	struct violation *v = oracle_found(o, INV_GROWTH, OBJECT_VMA, vma->id, 0);

	if (v) {
		v->anon_vma_id = root_id;
		say_vma(v, vma);
		say(v,
		    " has a chain of %u; the family of root anon_vma %u never had more than %u VMAs, which allows %u",
		    vma->nr_avcs, root_id, o->view->family_peak[root_id], bound);
	}
}

/* What the walk over a chain has found. */
struct chain_facts {
	uint32_t root_id, other_root; /* of the first member, and one that differs */
	bool active, has_root;
	uint64_t seen;
};

static inline void check_link(struct oracle *o, const struct vm_area_struct *vma,
			      const struct anon_vma_chain *avc, uint32_t left, struct chain_facts *facts)
{
	const struct anon_vma *anon_vma = view_anon_vma(o->view, avc->anon_vma_id);

	facts->active |= avc->anon_vma_id == vma->anon_vma_id;
	once_in_chain(o, vma, avc, &facts->seen);
	if (o->view->rules->interval_tree)
		key_avc(o, vma, avc);
	if (!anon_vma) {
		liveness_avc(o, vma, avc);
		return;
	}
	two_sided_avc(o, vma, avc, anon_vma);
	order_and_ancestors(o, vma, avc, left, anon_vma);
	if (!facts->root_id)
		facts->root_id = anon_vma->root_id;
	else if (facts->root_id != anon_vma->root_id)
		facts->other_root = anon_vma->root_id;
	facts->has_root |= anon_vma->id == facts->root_id;
}

/* Goes on only as long as the chain is one, so it ends. */
static void check_chain(struct oracle *o, const struct vm_area_struct *vma)
{
	const struct anon_vma_chain *prev = NULL, *avc = vma->chain_first;
	struct chain_facts facts = { 0 };
	uint32_t n = 0;

	for (; avc && n < vma->nr_avcs && avc->same_vma_prev == prev && avc->vma_id == vma->id; n++) {
		check_link(o, vma, avc, vma->nr_avcs - n - 1, &facts);
		prev = avc;
		avc = avc->same_vma_next;
	}
	if (avc || n != vma->nr_avcs || vma->chain_last != prev) {
		broken_chain(o, vma, avc, n);
		return;
	}
	active_vma(o, vma, facts.active);
	if (!facts.root_id)
		return;
	if (o->view->rules->has_root)
		one_root_chain(o, vma, facts.root_id, facts.other_root, facts.has_root);
	growth_chain(o, vma, facts.root_id);
}

static void check_vma(struct oracle *o, const struct vm_area_struct *vma)
{
	two_sided_map(o, vma);
	liveness_vma(o, vma);
	check_chain(o, vma);
	unfaulted_vma(o, vma);
}

void check_vmas(struct oracle *o)
{
	const struct view *view = o->view;

	if (o->everything) {
		for (uint32_t i = 0; i < view->vmas.nr_live; i++)
			check_vma(o, view->vmas.live[i]);
		return;
	}
	for (uint32_t i = 0; i < view->touched.vmas.nr; i++) {
		const struct vm_area_struct *vma = view_vma(view, view->touched.vmas.id[i]);

		if (vma)
			check_vma(o, vma);
	}
	/* whoever named an anon_vma that is gone now need not have been touched */
	for (uint32_t i = 0; o->anon_vma_died && i < view->vmas.nr_live; i++)
		liveness_vma(o, view->vmas.live[i]);
}
