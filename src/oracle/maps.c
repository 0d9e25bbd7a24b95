// SPDX-License-Identifier: GPL-2.0-only
/*
 * I2 for the whole: the maps of processes, and sums over all VMAs and AVCs.
 *
 * Must stay cheap: the sums are made after every operation that touched a VMA.
 * They are how a touched-only check notices what an object that is gone has
 * left behind; whose it was is for the full check to find.
 */
#include "oracle/internal.h"

/* I1, I2, I13: AVCs to which no chain leads. False if there is none. */
static __attribute__((cold, noinline)) bool stray_avcs(struct oracle *o)
{
	const struct view *view = o->view;
	bool any = false;

	for (uint32_t i = 0; i < view->avcs.nr_live; i++) {
		const struct anon_vma_chain *avc = view->avcs.live[i];
		const struct vm_area_struct *vma = view_vma(view, avc->vma_id);
		enum invariant broken = !avc->linked ? INV_NO_LEAK : vma ? INV_TWO_SIDED_AVC : INV_LIVENESS;

		if (avc->in_prepare || (vma && avc_on_chain(avc, vma)))
			continue;
		any = true;

		struct violation *v = oracle_found(o, broken, OBJECT_AVC, avc->id, 0);

		if (!v)
			continue;
		v->avc_id = avc->id;
		v->vma_id = avc->vma_id;
		v->anon_vma_id = avc->anon_vma_id;
		if (broken == INV_NO_LEAK)
			say(v, "AVC %u is allocated, but not linked to an anon_vma", avc->id);
		else
			say(v, "AVC %u of anon_vma %u %s VMA %u", avc->id, avc->anon_vma_id,
			    vma ? "is not in the chain of its" : "leads to the freed", avc->vma_id);
	}
	return any;
}

/* I2: the maps hold all VMAs, the chains all AVCs. */
static void two_sided_sums(struct oracle *o)
{
	const struct view *view = o->view;
	uint32_t links = view->nr_in_prepare, mapped = 0;
	struct violation *v;

	for (uint32_t i = 0; i < view->vmas.nr_live; i++) {
		const struct vm_area_struct *vma = view->vmas.live[i];

		links += vma->nr_avcs;
		mapped += vma->being_built;
	}
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		mapped += o->nr_vmas[p];
	o->avcs_born = view->avcs.nr_born;
	o->avcs_live = view->avcs.nr_live;

	o->suspect = links != view->avcs.nr_live || mapped != view->vmas.nr_live;
	if (links != view->avcs.nr_live && !(o->everything && stray_avcs(o))) {
		v = oracle_found(o, INV_TWO_SIDED_AVC, OBJECT_AVC, UINT32_MAX, 0);
		if (v)
			say(v, "%u AVCs are allocated, the chains of all VMAs hold %u", view->avcs.nr_live,
			    links - view->nr_in_prepare);
	}
	if (mapped != view->vmas.nr_live) {
		v = oracle_found(o, INV_TWO_SIDED_AVC, OBJECT_VMA, UINT32_MAX, 0);
		if (v)
			say(v, "%u VMAs are allocated, the maps of all processes hold %u", view->vmas.nr_live,
			    mapped);
	}
}

/* at: the first VMA that is out of order, NR_WINDOW if none is. */
static __attribute__((cold, noinline)) void broken_map(struct oracle *o, unsigned int p, unsigned int at)
{
	const struct mm_struct *mm = &o->view->mm[p];
	const char *what = "has in its map a VMA that overlaps another or belongs elsewhere,";

	if (mm->map_count != o->nr_vmas[p]) {
		what = "counts another number of VMAs than its map holds";
		at = 0;
	} else if (!mm->alive) {
		what = "has exited, but has VMAs";
		at = 0;
	}

	struct violation *v = oracle_found_at(o, INV_TWO_SIDED_AVC, OBJECT_PROCESS, p, at);

	if (v)
		say(v, "%c %s at %u", process_name(p), what, at);
}

/* I2: map_count, and VMAs of a map in order without overlap, each in its own process. */
static void two_sided_process(struct oracle *o, unsigned int p)
{
	const struct mm_struct *mm = &o->view->mm[p];
	unsigned int end = 0, nr = 0, wrong_at = NR_WINDOW;

	for (uint64_t starts = mm->starts; starts; starts &= starts - 1, nr++) {
		unsigned int at = lowest_bit(starts);
		const struct vm_area_struct *vma = mm->vma_at[at];

		if (wrong_at == NR_WINDOW &&
		    (vma->process != p || vma->vm_start != at || vma->vm_end <= at || at < end))
			wrong_at = at;
		end = vma->vm_end;
	}
	o->nr_vmas[p] = (uint8_t)nr;
	if (mm->map_count != nr || wrong_at < NR_WINDOW || (!mm->alive && nr))
		broken_map(o, p, wrong_at);
}

/* I35: 43873af772f8. What walks and swapoff find there is not whole, and nobody will ever complete it. */
static void fork_undone(struct oracle *o, unsigned int p)
{
	const struct mm_struct *mm = &o->view->mm[p];

	if (!mm->unstable || !mm->starts || !o->view->rules->fork_undone)
		return;

	struct violation *v = oracle_found_at(o, INV_FORK_UNDONE, OBJECT_PROCESS, p, lowest_bit(mm->starts));

	if (v)
		say(v, "the fork of %c has failed and dropped its locks, but %u of its VMAs are still there",
		    process_name(p), mm->map_count);
}

void check_maps(struct oracle *o)
{
	const struct view *view = o->view;
	uint64_t processes = processes_to_look_at(o);
	unsigned int p;

	for_each_bit(p, processes) {
		two_sided_process(o, p);
		fork_undone(o, p);
	}
	if (o->everything || view->touched.vmas.nr || o->avcs_born != view->avcs.nr_born ||
	    o->avcs_live != view->avcs.nr_live)
		two_sided_sums(o);
}
