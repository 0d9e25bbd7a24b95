// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle's frame: when which checks are made. What they check is in the
 * other files of this folder.
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
	o->look = calloc(max_anon_vmas, sizeof(void *));
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
	o->layout.begun = false;
	o->saved.taken = false;
	o->anon_vmas_born = 0;
	o->avcs_born = 0;
	o->avcs_live = 0;
	memset(o->nr_vmas, 0, sizeof(o->nr_vmas));
}

void oracle_before(struct oracle *o, const struct op *op)
{
	o->anon_vmas_born = o->view->anon_vmas.nr_born;
	if (!o->layout.begun)
		layout_begin(o);
	/* a process that is not there does nothing, and cannot fail */
	if (op->fail_nth && o->view->mm[op->process].alive && oracle_checks(o, INV_FAILED_OPERATION))
		failed_save(o, op);
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
	o->suspect = false;
	o->anon_vma_died = !everything && some_anon_vma_died(o->view);
	if (o->view->nr_events)
		check_events(o);
	/* after a use of freed memory nothing can be trusted, and no other verdict would go before it */
	if (o->violation->invariant == INV_LIVENESS)
		return;
	check_maps(o);
	check_vmas(o);
	check_anon_vmas(o);
	check_pages(o);
	if (oracle_checks(o, INV_MEMORY))
		memory_check_lost(o);
}

/* Nothing that a state shows. */
static bool nothing_happened(const struct view *view)
{
	return !view->touched.pages.nr && !view->touched.vmas.nr && !view->touched.anon_vmas.nr &&
	       !view->touched.slots.nr && !view->touched.processes && !view->nr_events;
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

/*
 * More than half of the operations of a random program name a process that is not there, or one that is, and do
 * nothing by definition. Then there is nothing to follow either.
 */
static bool does_nothing(const struct oracle *o, const struct op_result *result)
{
	return result && result->error == OP_NOTHING && nothing_happened(o->view) && !o->view->touched.all &&
	       !o->saved.taken && !o->always_full;
}

/* True if what the operation touched shows that all is well. */
static bool clean_where_touched(struct oracle *o)
{
	if (o->always_full || o->view->touched.all || o->violation->invariant != INV_NONE)
		return false;
	if (nothing_happened(o->view))
		return true;
	judge(o, false);
	if (o->violation->invariant == INV_NONE && !o->suspect)
		return true;
	/* the touched objects show that something is wrong, the whole state says what comes first */
	o->violation->invariant = INV_NONE;
	return false;
}

bool oracle_after(struct oracle *o, const struct op *op, const struct op_result *result,
		  struct violation *violation)
{
	begin(o, op, violation);
	if (!o->mask)
		return true;
	remember_step(o, op);
	if (does_nothing(o, result))
		return true;
	memory_follow(o, op, result);
	if (o->layout.begun)
		layout_follow(o, op, result);
	if (o->saved.taken)
		failed_check(o, op, result);
	if (!clean_where_touched(o))
		judge(o, true);
	return violation->invariant == INV_NONE;
}

bool oracle_full(struct oracle *o, const struct op *op, struct violation *violation)
{
	begin(o, op, violation);
	if (o->mask)
		judge(o, true);
	return violation->invariant == INV_NONE;
}

/* Birth id of the oldest object alive, 0 if there is none. */
static uint32_t first_live(const struct view_table *table)
{
	for (uint32_t id = 1; table->nr_live && id <= table->nr_born; id++) {
		if (table->by_id[id])
			return id;
	}
	return 0;
}

bool oracle_teardown_done(struct oracle *o, struct violation *violation)
{
	static const char *const names[] = { "anon_vma", "AVC", "VMA", "page", "swap slot" };
	static const enum object_kind kinds[] = { OBJECT_ANON_VMA, OBJECT_AVC, OBJECT_VMA, OBJECT_PAGE,
						  OBJECT_SLOT };
	const struct view *view = o->view;
	const struct view_table *tables[] = { &view->anon_vmas, &view->avcs, &view->vmas, &view->pages,
					      &view->slots };

	begin(o, NULL, violation);
	for (unsigned int i = 0; i < 5; i++) {
		uint32_t id = first_live(tables[i]);
		struct violation *v = id ? oracle_found(o, INV_TEARDOWN, kinds[i], id, 0) : NULL;

		if (v)
			say(v,
			    "all processes have exited and all pins are gone, but %u %s%s left, the oldest is %s %u",
			    tables[i]->nr_live, names[i], tables[i]->nr_live == 1 ? " is" : "s are", names[i],
			    id);
	}
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		struct violation *v =
			view->mm[p].alive ? oracle_found_at(o, INV_TEARDOWN, OBJECT_PROCESS, p, 0) : NULL;

		if (v)
			say(v, "process %c is still there", process_name(p));
	}
	return violation->invariant == INV_NONE;
}
