// SPDX-License-Identifier: GPL-2.0-only
/*
 * anon_vmas, their lists and their families: I1, I2, I4, I5, I10, I11, I12,
 * I13, I17, seen from the anon_vma. The side of the VMA is in chains.c.
 *
 * What a counter must be depends on others: the number of children on all
 * anon_vmas alive. One pass over them answers that for every anon_vma that is
 * looked at; it is made only if there is one to look at.
 */
#include "oracle/internal.h"

/* What one walk over an anon_vma's list finds. */
struct list_facts {
	uint32_t length;
	uint32_t active; /* VMAs with ->anon_vma == this one */
	const struct vm_area_struct *first_active;
};

static bool is_root(const struct anon_vma *anon_vma)
{
	return anon_vma->parent_id == anon_vma->id;
}

static __attribute__((cold, noinline)) void dead_relative(struct oracle *o, const struct anon_vma *anon_vma,
							  bool root_dead)
{
	struct violation *v = oracle_found(o, INV_LIVENESS, OBJECT_ANON_VMA, anon_vma->id, 0);

	if (v) {
		v->anon_vma_id = anon_vma->id;
		say(v, "anon_vma %u has as its %s ", anon_vma->id, root_dead ? "root" : "parent");
		say_anon_vma(o, v, root_dead ? anon_vma->root_id : anon_vma->parent_id);
	}
}

/* I1: root, and parent as long as there are links. */
static inline void liveness_family(struct oracle *o, const struct anon_vma *anon_vma)
{
	bool root_dead = o->view->rules->has_root && !view_anon_vma(o->view, anon_vma->root_id);

	if (root_dead || (anon_vma->nr_avcs && !view_anon_vma(o->view, anon_vma->parent_id)))
		dead_relative(o, anon_vma, root_dead);
}

/* I4: the root of a root is itself. */
static void one_root_anon_vma(struct oracle *o, const struct anon_vma *anon_vma)
{
	const struct anon_vma *root = view_anon_vma(o->view, anon_vma->root_id);

	if (!o->view->rules->has_root || !root || root->root_id == root->id)
		return;

	struct violation *v = oracle_found(o, INV_ONE_ROOT, OBJECT_ANON_VMA, anon_vma->id, 0);

	if (v) {
		v->anon_vma_id = anon_vma->id;
		say(v, "anon_vma %u has root anon_vma %u, which has another root, anon_vma %u", anon_vma->id,
		    root->id, root->root_id);
	}
}

/* I1: the VMA of an AVC on the list is live. */
static __attribute__((cold, noinline)) void liveness_link(struct oracle *o, const struct anon_vma *anon_vma,
							  const struct anon_vma_chain *avc)
{
	struct violation *v = oracle_found(o, INV_LIVENESS, OBJECT_AVC, avc->id, 0);

	if (v) {
		v->avc_id = avc->id;
		v->vma_id = avc->vma_id;
		v->anon_vma_id = anon_vma->id;
		say(v, "AVC %u on the list of anon_vma %u leads to VMA %u, which is freed", avc->id,
		    anon_vma->id, avc->vma_id);
	}
}

static __attribute__((cold, noinline)) void broken_link(struct oracle *o, const struct anon_vma *anon_vma,
							const struct anon_vma_chain *avc,
							const struct vm_area_struct *vma)
{
	struct violation *v = oracle_found(o, INV_TWO_SIDED_AVC, OBJECT_AVC, avc->id, 1);

	if (v) {
		v->avc_id = avc->id;
		v->anon_vma_id = anon_vma->id;
		say(v, "AVC %u on the list of anon_vma %u ", avc->id, anon_vma->id);
		if (avc->anon_vma_id != anon_vma->id)
			say(v, "belongs to anon_vma %u", avc->anon_vma_id);
		else if (!avc->linked)
			say(v, "is marked as not linked");
		else
			say(v, "is not in the chain of its ");
		say_vma(v, vma);
	}
}

/* I2: an AVC on the list says that it is, and its VMA's chain has it. */
static inline void two_sided_link(struct oracle *o, const struct anon_vma *anon_vma,
				  const struct anon_vma_chain *avc, const struct vm_area_struct *vma)
{
	if (avc->anon_vma_id != anon_vma->id || !avc->linked || !avc_on_chain(avc, vma))
		broken_link(o, anon_vma, avc, vma);
}

/* I2: the list is a proper list of nr_avcs AVCs; n are, and then it ends or goes on wrongly. */
static __attribute__((cold, noinline)) void broken_list(struct oracle *o, const struct anon_vma *anon_vma,
							uint32_t n)
{
	struct violation *v = oracle_found(o, INV_TWO_SIDED_AVC, OBJECT_ANON_VMA, anon_vma->id, 0);

	if (v) {
		v->anon_vma_id = anon_vma->id;
		say(v, "anon_vma %u counts %u AVCs, its list %s", anon_vma->id, anon_vma->nr_avcs,
		    n < anon_vma->nr_avcs ? "is broken or holds fewer" : "holds more");
	}
}

/* I5: walk order of the interval tree. Ties are in the order of insertion, which nothing shows. */
static __attribute__((cold, noinline)) void key_order(struct oracle *o, const struct anon_vma *anon_vma,
						      const struct anon_vma_chain *prev,
						      const struct anon_vma_chain *avc)
{
	struct violation *v = oracle_found(o, INV_KEY, OBJECT_ANON_VMA, anon_vma->id, 0);

	if (v) {
		v->anon_vma_id = anon_vma->id;
		v->avc_id = avc->id;
		say(v, "the list of anon_vma %u has AVC %u with page offset %u behind AVC %u with %u",
		    anon_vma->id, avc->id, avc->key_start, prev->id, prev->key_start);
	}
}

static bool same_chain_set(const struct vm_area_struct *a, const struct vm_area_struct *b)
{
	const struct anon_vma_chain *x = a->chain_first, *y = b->chain_first;
	uint32_t n = 0;

	if (a->nr_avcs != b->nr_avcs)
		return false;
	/* nearly always in the same order, too */
	for (; x && y && n < a->nr_avcs && x->anon_vma_id == y->anon_vma_id; n++) {
		x = x->same_vma_next;
		y = y->same_vma_next;
	}
	for (; x && n < a->nr_avcs; n++, x = x->same_vma_next) {
		if (!chain_has(b, x->anon_vma_id))
			return false;
	}
	return true;
}

/*
 * I10: merging two VMAs with one anon_vma drops one of the chains (d0e9fe1758f2,
 * 2555283eb40d), so they have to be equal.
 */
static void same_chain(struct oracle *o, const struct anon_vma *anon_vma, const struct vm_area_struct *first,
		       const struct vm_area_struct *other)
{
	if (first->process == other->process && same_chain_set(first, other))
		return;

	struct violation *v = oracle_found(o, INV_SAME_CHAIN, OBJECT_ANON_VMA, anon_vma->id, 0);

	if (v) {
		v->anon_vma_id = anon_vma->id;
		say(v, "anon_vma %u is in use by ", anon_vma->id);
		say_vma(v, first);
		say(v, " and by ");
		say_vma(v, other);
		say(v, first->process == other->process ? ", which have different chains" : ", two processes");
	}
}

/* What a link of the list says, whose neighbour towards the front is prev. */
static inline void walk_link(struct oracle *o, const struct anon_vma *anon_vma,
			     const struct anon_vma_chain *prev, const struct anon_vma_chain *avc,
			     struct list_facts *facts)
{
	const struct vm_area_struct *vma = view_vma(o->view, avc->vma_id);

	if (prev && prev->key_start > avc->key_start && o->view->rules->interval_tree)
		key_order(o, anon_vma, prev, avc);
	if (!vma) {
		liveness_link(o, anon_vma, avc);
		return;
	}
	two_sided_link(o, anon_vma, avc, vma);
	if (vma->anon_vma_id != anon_vma->id)
		return;
	facts->active++;
	if (!facts->first_active)
		facts->first_active = vma;
	else
		same_chain(o, anon_vma, facts->first_active, vma);
}

/* Goes on only as long as the list is one, so it ends. */
static struct list_facts walk_list(struct oracle *o, const struct anon_vma *anon_vma)
{
	const struct anon_vma_chain *prev = NULL, *avc = anon_vma->first;
	struct list_facts facts = { .length = anon_vma->nr_avcs };
	uint32_t n = 0;

	for (; avc && n < anon_vma->nr_avcs && avc->same_anon_vma_prev == prev; n++) {
		walk_link(o, anon_vma, prev, avc, &facts);
		prev = avc;
		avc = avc->same_anon_vma_next;
	}
	if (avc || n != anon_vma->nr_avcs || anon_vma->last != prev)
		broken_list(o, anon_vma, n);
	return facts;
}

/*
 * I11. 7a3ef208e662 counted children and VMAs in one degree, 2555283eb40d took
 * them apart because the sum cannot tell who may be reused.
 */
static void counters(struct oracle *o, const struct anon_vma *anon_vma, const struct list_facts *list,
		     uint32_t children)
{
	const struct view_rules *rules = o->view->rules;
	int64_t have = (int64_t)anon_vma->num_children + anon_vma->num_active_vmas;

	if (!rules->counts_children)
		return;
	if (rules->counts_apart ? anon_vma->num_children == (int64_t)children &&
					  anon_vma->num_active_vmas == (int64_t)list->active :
				  have == (int64_t)children + list->active)
		return;

	struct violation *v = oracle_found(o, INV_COUNTERS, OBJECT_ANON_VMA, anon_vma->id, 0);

	if (!v)
		return;
	v->anon_vma_id = anon_vma->id;
	if (rules->counts_apart)
		say(v, "anon_vma %u has num_children %d and num_active_vmas %d,", anon_vma->id,
		    anon_vma->num_children, anon_vma->num_active_vmas);
	else
		say(v, "anon_vma %u has degree %d,", anon_vma->id, (int)have);
	say(v, " but %u linked children%s and %u VMAs in use", children,
	    is_root(anon_vma) && list->length ? " (with itself)" : "", list->active);
}

/* I12. 01d8b20dec5f counts the links as one reference; before, external_refcount held the others only. */
static void refcount(struct oracle *o, const struct anon_vma *anon_vma, uint32_t length, uint32_t non_roots)
{
	const struct view_rules *rules = o->view->rules;
	uint32_t below = rules->root_pinned && is_root(anon_vma) ? non_roots : 0;
	uint32_t expected = anon_vma->pins + below + (rules->has_refcount && (length || anon_vma->in_prepare));

	if (anon_vma->refcount == (int64_t)expected)
		return;

	struct violation *v = oracle_found(o, INV_REFCOUNT, OBJECT_ANON_VMA, anon_vma->id, 0);

	if (v) {
		v->anon_vma_id = anon_vma->id;
		say(v, "anon_vma %u has %s %d, but %u links, %u pins and %u live descendants to count allow %u",
		    anon_vma->id, rules->has_refcount ? "refcount" : "external_refcount", anon_vma->refcount,
		    length, anon_vma->pins, below, expected);
	}
}

/* I13: nobody is left who would ever free it. */
static void leak(struct oracle *o, const struct anon_vma *anon_vma, uint32_t length, uint32_t non_roots)
{
	if (length || anon_vma->pins || anon_vma->in_prepare ||
	    (o->view->rules->root_pinned && is_root(anon_vma) && non_roots))
		return;

	struct violation *v = oracle_found(o, INV_NO_LEAK, OBJECT_ANON_VMA, anon_vma->id, 0);

	if (v) {
		v->anon_vma_id = anon_vma->id;
		say(v, "anon_vma %u is allocated, but has no links, no pins and no live descendants",
		    anon_vma->id);
	}
}

/*
 * I17: an anon_vma that a VMA may take over at a fork: no VMA uses it, and fewer than two children hang on it (a root
 * is a child of its own). Counted here, since a counter may be what is wrong. 3.19 to 5.19 asked for a degree below
 * two, the sum of both, which such an anon_vma has as well.
 */
static bool reusable(const struct oracle *o, const struct anon_vma *anon_vma)
{
	if (o->family[anon_vma->live_at].children >= 2)
		return false;
	for (const struct anon_vma_chain *avc = anon_vma->first; avc; avc = avc->same_anon_vma_next) {
		const struct vm_area_struct *vma = view_vma(o->view, avc->vma_id);

		if (vma && vma->anon_vma_id == anon_vma->id)
			return false;
	}
	return true;
}

/*
 * I17: 7a3ef208e662, "prevent endless growth": a fork adds a level only where nothing in the chain can be used again.
 * No state shows that once a process has exited, so the anon_vmas are judged that the last operation gave to a child.
 * How many anon_vmas a family has is another matter: each branch may keep as many abandoned levels as there were
 * processes when it grew, which sums up to the square of the number of VMAs.
 */
static void growth_level(struct oracle *o, const struct anon_vma *anon_vma, const struct vm_area_struct *vma)
{
	/* the end of a program makes no anon_vma: those of the last operation were judged before */
	if (!o->view->rules->growth_bounded || !o->op || !vma || is_root(anon_vma) ||
	    anon_vma->id <= o->anon_vmas_born)
		return;
	for (const struct anon_vma_chain *avc = vma->chain_first; avc; avc = avc->same_vma_next) {
		const struct anon_vma *other = view_anon_vma(o->view, avc->anon_vma_id);
		struct violation *v;

		if (!other || other == anon_vma || !reusable(o, other))
			continue;
		v = oracle_found(o, INV_GROWTH, OBJECT_ANON_VMA, anon_vma->id, 0);
		if (!v)
			return;
		v->anon_vma_id = anon_vma->id;
		say_vma(v, vma);
		say(v,
		    " got a new anon_vma %u, though anon_vma %u of its chain has no VMA and fewer than two children",
		    anon_vma->id, other->id);
		return;
	}
}

/* The pass over all anon_vmas: children and descendants of each. */
static void count_families(struct oracle *o)
{
	const struct view_table *all = &o->view->anon_vmas;

	memset(o->family, 0, all->nr_live * sizeof(*o->family));
	for (uint32_t i = 0; i < all->nr_live; i++) {
		const struct anon_vma *anon_vma = all->live[i];
		const struct anon_vma *parent = view_anon_vma(o->view, anon_vma->parent_id);
		const struct anon_vma *root = view_anon_vma(o->view, anon_vma->root_id);

		if (o->anon_vma_died)
			liveness_family(o, anon_vma);
		if (parent && anon_vma->nr_avcs)
			o->family[parent->live_at].children++;
		if (root && root != anon_vma)
			o->family[root->live_at].non_roots++;
	}
}

/*
 * relative: looked at only because a child or a descendant was touched. Then
 * its list is as it was, and so are the VMAs on it.
 */
static void check_anon_vma(struct oracle *o, const struct anon_vma *anon_vma, bool relative)
{
	const struct family_count *count = &o->family[anon_vma->live_at];
	struct list_facts list = { .length = anon_vma->nr_avcs, .active = (uint32_t)anon_vma->num_active_vmas };

	liveness_family(o, anon_vma);
	one_root_anon_vma(o, anon_vma);
	if (!relative || !o->view->rules->counts_apart)
		list = walk_list(o, anon_vma);
	counters(o, anon_vma, &list, count->children);
	refcount(o, anon_vma, list.length, count->non_roots);
	leak(o, anon_vma, list.length, count->non_roots);
	growth_level(o, anon_vma, list.first_active);
}

static uint32_t look_at(struct oracle *o, uint32_t nr, struct anon_vma *anon_vma)
{
	if (!anon_vma || o->looked_at[anon_vma->live_at] == o->round)
		return nr;
	o->looked_at[anon_vma->live_at] = o->round;
	o->look[nr] = anon_vma;
	return nr + 1;
}

/*
 * Which anon_vmas a touched-only check has to look at. Beside the touched
 * ones: parents and roots, whose counts speak of them; the anon_vmas in use by
 * touched VMAs (I10, I11). Of one that died nobody knows any more whose
 * descendant it was, so all roots are asked.
 */
static uint32_t collect_touched(struct oracle *o)
{
	const struct view *view = o->view;
	uint32_t nr = 0;

	for (uint32_t i = 0; i < view->touched.anon_vmas.nr; i++)
		nr = look_at(o, nr, view_anon_vma(view, view->touched.anon_vmas.id[i]));
	for (uint32_t i = 0; i < view->touched.vmas.nr; i++) {
		const struct vm_area_struct *vma = view_vma(view, view->touched.vmas.id[i]);

		if (vma && vma->anon_vma_id)
			nr = look_at(o, nr, view_anon_vma(view, vma->anon_vma_id));
	}
	return nr;
}

static uint32_t collect_relatives(struct oracle *o, uint32_t nr_touched)
{
	const struct view *view = o->view;
	uint32_t nr = nr_touched;

	for (uint32_t i = 0; i < nr_touched; i++) {
		nr = look_at(o, nr, view_anon_vma(view, o->look[i]->parent_id));
		nr = look_at(o, nr, view_anon_vma(view, o->look[i]->root_id));
	}
	for (uint32_t i = 0; o->anon_vma_died && i < view->anon_vmas.nr_live; i++) {
		if (is_root(view->anon_vmas.live[i]))
			nr = look_at(o, nr, view->anon_vmas.live[i]);
	}
	return nr;
}

void check_anon_vmas(struct oracle *o)
{
	const struct view_table *all = &o->view->anon_vmas;
	uint32_t nr_touched, nr;

	if (o->everything) {
		count_families(o);
		for (uint32_t i = 0; i < all->nr_live; i++)
			check_anon_vma(o, all->live[i], false);
		return;
	}
	o->round++;
	nr_touched = collect_touched(o);
	nr = collect_relatives(o, nr_touched);
	if (!nr)
		return;
	count_families(o);
	for (uint32_t i = 0; i < nr; i++)
		check_anon_vma(o, o->look[i], i >= nr_touched);
}
