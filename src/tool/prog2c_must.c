// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program must do on a real kernel. The model plays it, without the
 * operations that no system call does. The defects that the release is known
 * for take part, for they decide outcomes (where VMAs merge), unless they spoil
 * a value: what must be read is what was written. Never takes a value on
 * trust: the reference memory judges each of them.
 */
#include <stdlib.h>

#include "tool/prog2c.h"

/* A run of the model on the part of a program that is exported. */
struct rehearsal {
	struct program program;
	uint32_t number[MAX_OPS]; /* of each of its operations in the whole program, from 0 */
	uint32_t nr_played;
	uint8_t alive; /* bit p, before the operation */
	uint32_t locked[NR_PROCESSES];
	/* the outcome */
	struct must *must;
	struct must_hold *end;
	uint32_t *locked_pages;
};

bool prog2c_injects(const struct op *op)
{
	return op->fail_nth && !op->fail_count && prog2c_call(op->code) &&
	       op_info(op->code)->group != GROUP_FAULT;
}

static void select_operations(struct rehearsal *rehearsal, const struct program *program, int expectation)
{
	rehearsal->program.nr_ops = 0;
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		struct op op = program->ops[i];

		if (!prog2c_call(op.code))
			continue;
		if (expectation == WITHOUT_FAULTS || !prog2c_injects(&op))
			op.fail_nth = op.fail_count = 0;
		rehearsal->number[rehearsal->program.nr_ops] = i;
		rehearsal->program.ops[rehearsal->program.nr_ops++] = op;
	}
}

static uint32_t locked_pages(const struct mm_struct *mm)
{
	uint32_t locked = 0;

	for (uint64_t left = mm->starts; left; left &= left - 1) {
		const struct vm_area_struct *vma = mm->vma_at[__builtin_ctzll(left)];

		if (vma->vm_flags & VM_LOCKED)
			locked += vma_pages(vma);
	}
	return locked;
}

/* What the limit must allow: the pages locked before an operation, and those that it may add. */
static void follow_locked(struct rehearsal *rehearsal, const struct view *view, const struct op *op)
{
	uint32_t *locked = &rehearsal->locked[op->process], need = *locked;

	if (op->code == OP_MLOCK || (op->code == OP_MREMAP && *locked))
		need += op->arg[1];
	if (op->code == OP_MREMAP_RESIZE && *locked)
		need += op->arg[2];
	if (need > *rehearsal->locked_pages)
		*rehearsal->locked_pages = need;
	*locked = locked_pages(&view->mm[op->process]);
}

/* What a write stores is its number, counted in the whole program. */
static uint32_t original_value(const struct rehearsal *rehearsal, uint32_t value)
{
	return value ? rehearsal->number[value - 1] + 1 : 0;
}

static void note_end(struct rehearsal *rehearsal, const struct view *view)
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct mm_struct *mm = &view->mm[p];
		struct must_hold *end = &rehearsal->end[p];

		end->alive = mm->alive;
		for (unsigned int page = 0; mm->alive && page < NR_WINDOW; page++) {
			const struct vm_area_struct *vma = view_vma_at(mm, page);

			end->page[page] = PAGE_REFUSED;
			if (vma && vma->vm_flags & VM_READ)
				end->page[page] = (int)original_value(rehearsal, view_content(&mm->pte[page]));
		}
	}
}

static void note_operation(void *data, const struct view *view, const struct op *op,
			   const struct op_result *result)
{
	struct rehearsal *rehearsal = data;

	if (!op)
		return; /* the end */
	struct must *must = &rehearsal->must[rehearsal->number[rehearsal->nr_played++]];

	if (!(rehearsal->alive >> op->process & 1)) {
		must->kind = MUST_NO_PROCESS;
	} else if (op->code == OP_FORK && rehearsal->alive >> op->arg[0] & 1) {
		must->kind = MUST_TAKEN;
		must->error = OP_EEXIST;
	} else {
		must->error = result->error;
		must->value = result->has_value ? original_value(rehearsal, result->value) : 0;
	}
	follow_locked(rehearsal, view, op);
	rehearsal->alive = 0;
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		rehearsal->alive |= (uint8_t)(view->mm[p].alive << p);
	if (rehearsal->nr_played == rehearsal->program.nr_ops)
		note_end(rehearsal, view);
}

static bool rehearse(struct player *player, const struct settings *settings, struct rehearsal *rehearsal,
		     struct violation *violation)
{
	rehearsal->nr_played = 0;
	rehearsal->alive = 1; /* A */
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		rehearsal->locked[p] = 0;
	return play_watched(player, settings, &rehearsal->program, note_operation, rehearsal, violation);
}

enum outcome { RIGHT, WRONG_VALUE, NO_MEMORY };

static enum outcome expect_under(const struct settings *settings, const struct program *program,
				 struct rehearsal *rehearsal, struct expected *expected,
				 struct violation *violation)
{
	struct player *player = player_create(settings);
	bool right = true;

	if (!player)
		return NO_MEMORY;
	*expected = (struct expected){ .locked_pages = 0 };
	for (int i = 0; i < NR_EXPECTATIONS && right; i++) {
		select_operations(rehearsal, program, i);
		rehearsal->must = expected->step[i];
		rehearsal->end = expected->end[i];
		rehearsal->locked_pages = &expected->locked_pages;
		right = rehearse(player, settings, rehearsal, violation);
	}
	player_destroy(player);
	return right ? RIGHT : WRONG_VALUE;
}

bool prog2c_expect(const struct settings *settings, const struct program *program, const char *path,
		   struct expected *expected)
{
	struct settings own = *settings;
	struct rehearsal *rehearsal = calloc(1, sizeof(*rehearsal));
	struct violation violation;
	enum outcome outcome = NO_MEMORY;

	own.checks = CHECK_BIT(INV_MEMORY);
	if (rehearsal)
		outcome = expect_under(&own, program, rehearsal, expected, &violation);
	if (outcome == WRONG_VALUE) {
		bug_repair_all(&own.release);
		outcome = expect_under(&own, program, rehearsal, expected, &violation);
	}
	free(rehearsal);
	if (outcome == RIGHT)
		return true;
	return complain(path, outcome == WRONG_VALUE ? violation.text : "out of memory");
}
