// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutations of what is there: delete, duplicate, move, swap, another operand,
 * another failing allocation. Each leaves valid operations; that some of them
 * no longer find their process or page is part of the language.
 */
#include "mutator.h"
#include "program/relative.h"

#include <string.h>

uint32_t mutator_short_length(struct mutator *m, uint32_t most)
{
	uint32_t length = 1 + (uint32_t)__builtin_ctz((uint32_t)mutator_random(m) | 1u << 31);

	return length < most ? length : most;
}

uint32_t mutator_open_gap(struct mutator *m, uint32_t at, uint32_t nr)
{
	struct program *program = &m->program;
	uint32_t room = m->max_ops - at, behind = program->nr_ops - at;

	if (nr > room)
		nr = room;
	if (behind > room - nr)
		behind = room - nr;
	memmove(program->ops + at + nr, program->ops + at, behind * sizeof(program->ops[0]));
	program->nr_ops = at + nr + behind;
	return nr;
}

void mutator_insert_ops(struct mutator *m, uint32_t at, const struct op *ops, uint32_t nr)
{
	nr = mutator_open_gap(m, at, nr);
	memcpy(m->program.ops + at, ops, nr * sizeof(ops[0]));
}

static void remove_ops(struct mutator *m, uint32_t at, uint32_t nr)
{
	struct program *program = &m->program;

	memmove(program->ops + at, program->ops + at + nr,
		(program->nr_ops - at - nr) * sizeof(program->ops[0]));
	program->nr_ops -= nr;
}

/* A run inside the program, which is not empty: single operations, short runs, and any. */
static uint32_t choose_run(struct mutator *m, uint32_t *at)
{
	uint32_t nr_ops = m->program.nr_ops;

	*at = mutator_below(m, nr_ops);
	if (mutator_one_in(m, 2))
		return mutator_short_length(m, nr_ops - *at);
	return 1 + mutator_below(m, nr_ops - *at);
}

/* The last operation stays: libFuzzer has no use for an empty program. */
bool mutate_delete(struct mutator *m)
{
	uint32_t at, nr;

	if (m->program.nr_ops < 2)
		return false;
	nr = choose_run(m, &at);
	if (nr == m->program.nr_ops)
		nr--;
	remove_ops(m, at, nr);
	return true;
}

/* A run once more, right behind itself or elsewhere, up to four times in a row. */
bool mutate_duplicate(struct mutator *m)
{
	struct op run[MAX_OPS];
	uint32_t from, to, nr, times;

	if (!m->program.nr_ops || m->program.nr_ops == m->max_ops)
		return false;
	nr = choose_run(m, &from);
	memcpy(run, m->program.ops + from, nr * sizeof(run[0]));
	to = mutator_one_in(m, 2) ? from + nr : mutator_below(m, m->program.nr_ops + 1);
	times = mutator_short_length(m, 4);
	while (times--)
		mutator_insert_ops(m, to, run, nr);
	return true;
}

bool mutate_move(struct mutator *m)
{
	struct op run[MAX_OPS];
	uint32_t from, to, nr;

	if (m->program.nr_ops < 2)
		return false;
	nr = choose_run(m, &from);
	if (nr == m->program.nr_ops)
		nr--;
	memcpy(run, m->program.ops + from, nr * sizeof(run[0]));
	remove_ops(m, from, nr);
	to = mutator_below(m, m->program.nr_ops + 1);
	if (to == from)
		to = from ? from - 1 : from + 1;
	mutator_insert_ops(m, to, run, nr);
	return true;
}

/* Two operations change places, half of the time neighbours. */
bool mutate_swap(struct mutator *m)
{
	struct op *ops = m->program.ops, first;
	uint32_t nr_ops = m->program.nr_ops, a, b;

	if (nr_ops < 2)
		return false;
	a = mutator_below(m, nr_ops - 1);
	b = mutator_one_in(m, 2) ? a + 1 : a + 1 + mutator_below(m, nr_ops - 1 - a);
	first = ops[a];
	ops[a] = ops[b];
	ops[b] = first;
	return true;
}

/* ---- operands ---- */

/* Operands from one on into the ranges that those before them leave. */
static void clip_operands(struct op *op)
{
	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		struct operand_range range = op_operand_range(op, i);

		if (op->arg[i] < range.min)
			op->arg[i] = range.min;
		else if (op->arg[i] > range.max)
			op->arg[i] = range.max;
	}
}

/* What relative operands would choose there; false where they have nothing to choose from. */
static bool existing_operands(struct mutator *m, const struct shadow *shadow, struct op *op)
{
	const struct op_info *info = op_info(op->code);
	uint64_t word = mutator_random(m);
	uint8_t record[PROGRAM_RECORD_BYTES];

	if (!(shadow->alive >> op->process & 1))
		return false;
	if (info->operand[0] == OPERAND_PROC && shadow->nr_living == NR_PROCESSES)
		return false;
	if (info->operand[0] == OPERAND_PAGE && !shadow->process[op->process].mapped)
		return false;
	memcpy(record, &word, sizeof(record));
	relative_operands(shadow, op, record);
	return true;
}

static void change_process(struct mutator *m, const struct shadow *shadow, struct op *op)
{
	if (mutator_one_in(m, 4) || !shadow->nr_living)
		op->process = (uint8_t)mutator_below(m, NR_PROCESSES);
	else
		op->process = shadow->living[mutator_below(m, shadow->nr_living)];
}

/* Mostly something that exists there, else anything in range. index may be one behind the operands: dontunmap. */
static void change_operand(struct mutator *m, const struct shadow *shadow, struct op *op, unsigned int index)
{
	struct op existing = *op;

	if (index == NR_OPERANDS) {
		op->dontunmap ^= 1;
		return;
	}
	if (!mutator_one_in(m, 4) && existing_operands(m, shadow, &existing)) {
		op->arg[index] = existing.arg[index];
	} else {
		struct operand_range range = op_operand_range(op, index);

		op->arg[index] = (uint8_t)(range.min + mutator_below(m, 1u + range.max - range.min));
	}
	clip_operands(op);
}

bool mutate_operand(struct mutator *m)
{
	enum { ATTEMPTS = 8 };
	struct shadow shadow;
	struct op *op, before;
	uint32_t at;

	if (!m->program.nr_ops)
		return false;
	at = mutator_below(m, m->program.nr_ops);
	op = &m->program.ops[at];
	before = *op;
	shadow_replay(&shadow, m->program.ops, at);
	for (unsigned int attempt = 0; attempt < ATTEMPTS; attempt++) {
		const uint8_t *operand = op_info(op->code)->operand;
		unsigned int nr = 0, choice;

		while (nr < NR_OPERANDS && operand[nr] != OPERAND_NONE)
			nr++;
		/* One more for the process, and one for dontunmap. */
		choice = mutator_below(m, nr + 1 + (nr && operand[nr - 1] == OPERAND_DEST_DONTUNMAP));
		if (choice == 0)
			change_process(m, &shadow, op);
		else
			change_operand(m, &shadow, op, choice <= nr ? choice - 1 : NR_OPERANDS);
		if (memcmp(op, &before, sizeof(before)) != 0)
			return true;
	}
	return false;
}

/*
 * How many allocations in a row fail: mostly one. Where the kernel tries again (anon_vma_clone with GFP_NOWAIT
 * first), only two or more reach the error path; none behind it is got at all if all fail.
 */
uint8_t mutator_fail_count(struct mutator *m)
{
	if (mutator_one_in(m, 2))
		return 0;
	return mutator_one_in(m, 4) ? MAX_FAIL_COUNT : (uint8_t)(1 + mutator_short_length(m, 7));
}

/*
 * Another allocation fails, or none; sometimes in several operations in a row.
 */
bool mutate_fail(struct mutator *m)
{
	struct op *ops = m->program.ops;
	uint32_t nr_ops = m->program.nr_ops, at, nr = 1;
	uint8_t fail_nth = 0, fail_count;

	if (!nr_ops)
		return false;
	at = mutator_below(m, nr_ops);
	if (mutator_one_in(m, 4))
		nr += mutator_below(m, 4);
	if (!ops[at].fail_nth || mutator_one_in(m, 2))
		fail_nth = (uint8_t)mutator_short_length(m, 32);
	if (fail_nth == ops[at].fail_nth)
		fail_nth = (uint8_t)(fail_nth % MAX_FAIL_NTH + 1);
	fail_count = fail_nth ? mutator_fail_count(m) : 0;
	for (uint32_t i = at; i < nr_ops && i < at + nr; i++) {
		ops[i].fail_nth = fail_nth;
		ops[i].fail_count = fail_count;
	}
	return true;
}
