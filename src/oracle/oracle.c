// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle's frame: when which checks are made. What they check is in
 * chains.c, families.c, pages.c, events.c, failed.c and memory.c.
 */
#include <assert.h>
#include <stdlib.h>

#include "oracle/internal.h"

bool oracle_init(struct oracle *o, const struct view *view, uint32_t max_anon_vmas)
{
	memset(o, 0, sizeof(*o));
	o->view = view;
	o->mask = check_all();
	o->max_anon_vmas = max_anon_vmas;
	o->family = calloc(max_anon_vmas, sizeof(*o->family));
	o->looked_at = calloc(max_anon_vmas, sizeof(*o->looked_at));
	o->look = calloc(max_anon_vmas, sizeof(*o->look));
	if (o->family && o->looked_at && o->look)
		return true;
	oracle_destroy(o);
	return false;
}

void oracle_destroy(struct oracle *o)
{
	free(o->family);
	free(o->looked_at);
	free(o->look);
	o->family = NULL;
	o->looked_at = NULL;
	o->look = NULL;
}

void oracle_reset(struct oracle *o)
{
	memory_reset(o);
	memset(o->op_at, OP_NONE, o->nr_steps + 1);
	o->nr_steps = 0;
	o->saved.taken = false;
	o->avcs_born = 0;
	o->avcs_live = 0;
}

void oracle_before(struct oracle *o, const struct op *op)
{
	if (op->fail_nth && oracle_checks(o, INV_FAILED_OPERATION))
		failed_save(o);
}

static bool some_anon_vma_died(const struct view *view)
{
	for (uint32_t i = 0; i < view->touched.anon_vmas.nr; i++) {
		if (!view_anon_vma(view, view->touched.anon_vmas.id[i]))
			return true;
	}
	return false;
}

static void judge(struct oracle *o, bool everything)
{
	assert(o->view->anon_vmas.nr_live <= o->max_anon_vmas);
	o->everything = everything;
	o->anon_vma_died = !everything && some_anon_vma_died(o->view);
	check_events(o);
	/* after a use of freed memory nothing can be trusted, and no other verdict would go before it */
	if (o->violation->invariant == INV_LIVENESS)
		return;
	check_vmas(o);
	check_anon_vmas(o);
	check_pages(o);
	if (oracle_checks(o, INV_MEMORY))
		memory_check_lost(o);
}

static void begin(struct oracle *o, const struct op *op, struct violation *violation)
{
	violation->invariant = INV_NONE;
	violation->text[0] = '\0';
	o->violation = violation;
	o->op = op;
}

static void remember_step(struct oracle *o, const struct op *op)
{
	uint32_t step = o->view->step;

	if (!op || step > MAX_OPS)
		return;
	o->op_at[step] = op->code;
	if (step > o->nr_steps)
		o->nr_steps = step;
}

bool oracle_after(struct oracle *o, const struct op *op, const struct op_result *result, struct violation *violation)
{
	bool everything = o->always_full || o->view->touched.all;

	begin(o, op, violation);
	if (!o->mask)
		return true;
	remember_step(o, op);
	if (oracle_checks(o, INV_MEMORY))
		memory_follow(o, op, result);
	if (o->saved.taken)
		failed_check(o, op, result);
	judge(o, everything);
	/* the touched objects show that something is wrong; the whole state says what comes first */
	if (violation->invariant != INV_NONE && !everything)
		judge(o, true);
	return violation->invariant == INV_NONE;
}

/* I1, I2, I13: AVCs that neither a chain nor a list leads to. */
static void check_avcs(struct oracle *o)
{
	const struct view *view = o->view;

	for (uint32_t i = 0; i < view->avcs.nr_live; i++) {
		const struct anon_vma_chain *avc = view->avcs.live[i];
		const struct vm_area_struct *vma = view_vma(view, avc->vma_id);
		struct violation *v;

		if (!avc->linked) {
			v = oracle_found(o, INV_NO_LEAK, OBJECT_AVC, avc->id, 0);
			if (v) {
				v->avc_id = avc->id;
				say(v, "AVC %u is allocated, but not linked to an anon_vma", avc->id);
			}
			continue;
		}
		if (vma && avc_on_chain(avc, vma))
			continue;
		v = oracle_found(o, vma ? INV_TWO_SIDED_AVC : INV_LIVENESS, OBJECT_AVC, avc->id, 0);
		if (v) {
			v->avc_id = avc->id;
			v->vma_id = avc->vma_id;
			say(v, "AVC %u of anon_vma %u %s VMA %u", avc->id, avc->anon_vma_id,
			    vma ? "is not in the chain of its" : "leads to the freed", avc->vma_id);
		}
	}
}
