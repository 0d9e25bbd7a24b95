// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects the features of a program while it is played: what each operation
 * asked, did and met, and the facts of every object that it touched. An
 * observer; it changes nothing and allocates nothing.
 */
#include "driver/features.h"

#include <string.h>

static void have(struct features *features, uint32_t number)
{
	features->seen[number / 64] |= UINT64_C(1) << number % 64;
}

/* Value of each axis to one number; a kind with fewer axes has NONE (size 1, value 0) behind them. */
static void have_values(struct features *features, enum feature_kind kind, uint32_t a, uint32_t b, uint32_t c,
			uint32_t d)
{
	const struct feature_info *info = feature_info(kind);
	uint32_t number = a;

	number = number * feature_axis_size(info->axis[1]) + b;
	number = number * feature_axis_size(info->axis[2]) + c;
	number = number * feature_axis_size(info->axis[3]) + d;
	have(features, info->first + number);
}

static void have_decisions(struct features *features, const struct view *view, unsigned int code)
{
	for (uint64_t left = view->asked; left; left &= left - 1) {
		unsigned int decision = (unsigned int)__builtin_ctzll(left);
		uint32_t answer = feature_answer(decision, features->release->decisions.value[decision]);

		have_values(features, FEATURE_DECISION, code, answer, 0, 0);
	}
}

static uint64_t range(uint32_t start, uint32_t length)
{
	uint64_t pages = length >= NR_WINDOW ? ~UINT64_C(0) : (UINT64_C(1) << length) - 1;

	return pages << start;
}

/* The pages that an operation names; none for fork and its kin. */
static uint64_t pages_of(const struct op *op)
{
	const uint8_t *kind = op_info(op->code)->operand;
	uint32_t length = kind[1] == OPERAND_LEN ? op->arg[1] : 1;

	if (kind[0] != OPERAND_PAGE)
		return 0;
	if (kind[2] == OPERAND_NEWLEN && op->arg[2] > length)
		length = op->arg[2];
	uint64_t pages = range(op->arg[0], length);

	if (kind[2] == OPERAND_DEST_DONTUNMAP)
		pages |= range(op->arg[2], length);
	return pages;
}

static void have_pair(struct features *features, const struct op *op)
{
	const struct op *last = features->last;

	features->last = op;
	if (last)
		have_values(features, FEATURE_PAIR, last->code, op->code, last->process == op->process,
			    (pages_of(last) & pages_of(op)) != 0);
}

/* Value of AXIS_OUTCOME; the last one is for an error that is new here. */
static uint32_t outcome_value(int error)
{
	uint32_t value = 0;

	while (value < AXIS_SIZE_OUTCOME - 1 && feature_outcome(value) != error)
		value++;
	return value;
}

/* What the program asked for and how that came out. */
static void have_operation(struct features *features, const struct view *view, const struct op *op,
			   const struct op_result *result)
{
	bool partly = result->error > 0 && op_info(op->code)->operand[1] == OPERAND_LEN &&
		      result->progress > op->arg[0];

	have_values(features, FEATURE_OUTCOME, op->code, outcome_value(result->error), partly, 0);
	if (result->error == OP_NOTHING)
		return;
	have_pair(features, op);
	if (op_info(op->code)->operand[0] == OPERAND_PAGE)
		have(features, FEATURE_FIRST_TARGET + op->code * (uint32_t)(AXIS_SIZE_VMA * AXIS_SIZE_ENTRY) +
				       features->target);
	if (result->failed_allocation)
		have_values(features, FEATURE_ALLOCATION, op->code, op->fail_nth, result->error == 0, 0);
	if (op->code != OP_FORK || result->error)
		return;
	uint32_t alive = 0;

	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		alive += view->mm[p].alive;
	features->generation[op->arg[0]] = (uint8_t)(features->generation[op->process] + 1);
	have_values(features, FEATURE_LINEAGE, bucket8(features->generation[op->arg[0]]), bucket8(alive), 0, 0);
}

static void have_events(struct features *features, const struct view *view, unsigned int code)
{
	for (uint32_t i = 0; i < view->nr_events; i++) {
		const struct view_event *event = &view->events[i];

		if (event->kind == EVENT_MERGE)
			have_values(features, FEATURE_MERGE, code, event->imported, bucket4(event->a_len),
				    bucket4(event->b_len));
		else if (event->kind == EVENT_WALK)
			have_values(features, FEATURE_WALK, bucket4(event->expected), bucket8(event->found),
				    0, 0);
	}
}

static void have_effects(struct features *features, const struct view *view, unsigned int code)
{
	const struct view_table *tables[AXIS_SIZE_OBJECT] = { &view->anon_vmas, &view->vmas, &view->avcs };

	for (uint32_t i = 0; i < AXIS_SIZE_OBJECT; i++) {
		struct feature_count *before = &features->before[i];
		uint32_t born = tables[i]->nr_born - before->born;
		uint32_t died = before->live + born - tables[i]->nr_live;

		*before = (struct feature_count){ tables[i]->nr_born, tables[i]->nr_live };
		if (born || died)
			have_values(features, FEATURE_EFFECT, code, i, bucket4(born), bucket4(died));
	}
}

/* Calls for each object of a table that the operation touched and that is still there. */
static void for_touched(struct features *features, const struct view *view, const struct view_table *table,
			const struct view_touched *touched,
			void (*visit)(struct features *features, const struct view *view, const void *object))
{
	if (view->touched.all) {
		for (uint32_t i = 0; i < table->nr_live; i++)
			visit(features, view, table->live[i]);
		return;
	}
	for (uint32_t i = 0; i < touched->nr; i++) {
		const void *object = touched->id[i] <= table->nr_born ? table->by_id[touched->id[i]] : NULL;

		if (object)
			visit(features, view, object);
	}
}

static void have_anon_vma(struct features *features, const struct view *view, const void *object)
{
	const struct anon_vma *anon_vma = object;

	have(features, FEATURE_FIRST_ANON_VMA + fact_anon_vma(view, anon_vma));
	if (view->rules->counts_children)
		have(features, FEATURE_FIRST_COUNTERS + fact_counters(anon_vma));
	/* a family grows when a member is born */
	if (anon_vma->id > features->before[0].born)
		have(features, FEATURE_FIRST_FAMILY + fact_family(view, anon_vma));
}

static void have_vma(struct features *features, const struct view *view, const void *object)
{
	const struct vm_area_struct *vma = object;

	(void)view;
	have(features, FEATURE_FIRST_CHAIN + fact_chain(vma));
}

static void have_page(struct features *features, const struct view *view, const void *object)
{
	const struct page *page = object;

	have(features, FEATURE_FIRST_PAGE + fact_page(view, page));
	have(features, FEATURE_FIRST_SHARING + fact_sharing(view, page));
}

static void have_slot(struct features *features, const struct view *view, const void *object)
{
	const struct swap_slot *slot = object;

	(void)view;
	have(features, FEATURE_FIRST_SLOT + fact_slot(slot));
}

static void have_state(struct features *features, const struct view *view)
{
	for_touched(features, view, &view->anon_vmas, &view->touched.anon_vmas, have_anon_vma);
	for_touched(features, view, &view->vmas, &view->touched.vmas, have_vma);
	for_touched(features, view, &view->pages, &view->touched.pages, have_page);
	for_touched(features, view, &view->slots, &view->touched.slots, have_slot);
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		if (view->touched.processes & 1U << p)
			have_values(features, FEATURE_VMAS, bucket8(view->mm[p].map_count), 0, 0, 0);
}

void features_start(struct features *features, const struct release *release, const struct program *program)
{
	memset(features, 0, sizeof(*features));
	features->release = release;
	features->program = program;
}

void features_observe(void *data, const struct view *view, const struct op *op, const struct op_result *result)
{
	struct features *features = data;
	unsigned int code = op ? op->code : OP_NONE; /* none: the end of the program, processes exit */

	have_decisions(features, view, code);
	have_events(features, view, code);
	have_state(features, view);
	have_effects(features, view, code); /* after have_state(), which asks what was there before */
	if (op)
		have_operation(features, view, op, result);
	features->at++;
	if (features->at < features->program->nr_ops) {
		const struct op *next = &features->program->ops[features->at];

		if (op_info(next->code)->operand[0] == OPERAND_PAGE)
			features->target = fact_target(view, next->process, next->arg[0]);
	}
}

void features_end(struct features *features, const struct violation *violation)
{
	if (violation)
		have_values(features, FEATURE_VIOLATION, violation->invariant, violation->op_code, 0, 0);
}

uint32_t features_count(const struct features *features)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < FEATURE_WORDS; i++)
		count += (uint32_t)__builtin_popcountll(features->seen[i]);
	return count;
}

void features_list(const struct features *features, uint32_t offset, uint32_t *numbers)
{
	for (uint32_t i = 0; i < FEATURE_WORDS; i++)
		for (uint64_t left = features->seen[i]; left; left &= left - 1)
			*numbers++ = offset + i * 64 + (uint32_t)__builtin_ctzll(left);
}
