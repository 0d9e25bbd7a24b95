// SPDX-License-Identifier: GPL-2.0-only
/*
 * Splicing: a run of operations from one program into another, under names
 * that mean something there. Processes are renamed by a permutation that takes
 * living ones to living ones, pages are moved by one distance for all, so what
 * the run does to itself it does in the other program, too.
 *
 * Must never call LLVMFuzzerMutate: crossover is built on this.
 */
#include "mutator.h"

#include <string.h>

struct op renaming_apply(const struct renaming *renaming, const struct op *op)
{
	struct op renamed = *op;

	renamed.process = renaming->process[op->process];
	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		switch (op_info(op->code)->operand[i]) {
		case OPERAND_PROC:
			renamed.arg[i] = renaming->process[op->arg[i]];
			break;
		case OPERAND_PAGE:
		case OPERAND_DEST_DONTUNMAP:
			renamed.arg[i] = (uint8_t)(op->arg[i] + renaming->page);
			break;
		default:
			break;
		}
	}
	return renamed;
}

/* The processes of a set in alphabetical order, beginning somewhere. Returns their number. */
static unsigned int list_from_somewhere(struct mutator *m, uint32_t set, uint8_t list[NR_PROCESSES])
{
	unsigned int nr = 0, skip;
	uint8_t sorted[NR_PROCESSES];

	for (unsigned int i = 0; i < NR_PROCESSES; i++)
		if (set >> i & 1)
			sorted[nr++] = (uint8_t)i;
	skip = nr ? mutator_below(m, nr) : 0;
	for (unsigned int i = 0; i < nr; i++)
		list[i] = sorted[(i + skip) % nr];
	return nr;
}

/* Living ones of the source become living ones of the target, as far as there are any; the rest follows. */
static void rename_processes(struct mutator *m, uint32_t source_alive, uint32_t target_alive,
			     uint8_t process[NR_PROCESSES])
{
	const uint32_t all = (1u << NR_PROCESSES) - 1;
	uint8_t source[NR_PROCESSES], target[NR_PROCESSES];
	unsigned int nr;

	nr = list_from_somewhere(m, source_alive, source);
	list_from_somewhere(m, all & ~source_alive, source + nr);
	nr = list_from_somewhere(m, target_alive, target);
	list_from_somewhere(m, all & ~target_alive, target + nr);
	for (unsigned int i = 0; i < NR_PROCESSES; i++)
		process[source[i]] = target[i];
}

/* How far the pages of a run can move down and up. Both 0 if no operation names a page. */
static void room_to_move(const struct op *ops, uint32_t nr, int *down, int *up)
{
	unsigned int first = NR_WINDOW, end = 0;

	for (uint32_t i = 0; i < nr; i++) {
		const uint8_t *operand = op_info(ops[i].code)->operand;
		const uint8_t *arg = ops[i].arg;
		unsigned int length = operand[1] == OPERAND_LEN ? arg[1] : 1;

		for (unsigned int k = 0; k < NR_OPERANDS; k++) {
			unsigned int past = arg[k] + length;

			if (operand[k] != OPERAND_PAGE && operand[k] != OPERAND_DEST_DONTUNMAP)
				continue;
			if (operand[2] == OPERAND_NEWLEN && arg[k] + arg[2] > past)
				past = arg[k] + arg[2];
			first = arg[k] < first ? arg[k] : first;
			end = past > end ? past : end;
		}
	}
	*down = end ? (int)first : 0;
	*up = end ? (int)(NR_WINDOW - end) : 0;
}

/* A distance that takes the first page of the run to the start of a VMA of the target, if it is possible at all. */
static int choose_distance(struct mutator *m, const struct renaming *renaming, const struct shadow *target,
			   const struct op *ops, uint32_t nr)
{
	int down, up, distance = 0;
	uint64_t starts = 0;
	uint32_t i = 0;

	while (i < nr && op_info(ops[i].code)->operand[0] != OPERAND_PAGE)
		i++;
	if (i == nr || mutator_one_in(m, 2))
		return 0; /* the pages that all programs use most are the same */
	room_to_move(ops, nr, &down, &up);
	if (target->alive >> renaming->process[ops[i].process] & 1)
		starts = target->process[renaming->process[ops[i].process]].starts;
	for (unsigned int skip = mutator_below(m, 4); skip && (starts & (starts - 1)); skip--)
		starts &= starts - 1;
	if (starts)
		distance = __builtin_ctzll(starts) - ops[i].arg[0];
	else
		distance = (int)mutator_below(m, (uint32_t)(down + up + 1)) - down;
	return distance < -down || distance > up ? 0 : distance;
}

bool mutator_splice_from(struct mutator *m, const struct program *from)
{
	struct renaming renaming = { .process = { 0, 1, 2, 3, 4, 5, 6, 7 } };
	struct shadow source, target;
	struct op run[MAX_OPS];
	uint32_t first, nr, at;

	if (!from->nr_ops || !m->max_ops)
		return false;
	at = mutator_choose_place(m, &target);
	if (at == m->max_ops)
		at = shadow_replay(&target, m->program.ops, mutator_below(m, at));
	first = mutator_below(m, from->nr_ops);
	nr = 1 + mutator_below(m, from->nr_ops - first);
	if (nr > m->max_ops - at)
		nr = m->max_ops - at;
	shadow_replay(&source, from->ops, first);
	if (!mutator_one_in(m, 4))
		rename_processes(m, source.alive, target.alive, renaming.process);
	renaming.page = choose_distance(m, &renaming, &target, from->ops + first, nr);
	for (uint32_t i = 0; i < nr; i++)
		run[i] = renaming_apply(&renaming, &from->ops[first + i]);
	/* As often as not the run takes the place of what was behind. */
	if (mutator_one_in(m, 2))
		m->program.nr_ops = at;
	mutator_insert_ops(m, at, run, nr);
	return true;
}

bool mutate_splice(struct mutator *m)
{
	struct program from;

	from.nr_ops = m->program.nr_ops;
	memcpy(from.ops, m->program.ops, from.nr_ops * sizeof(from.ops[0]));
	return mutator_splice_from(m, &from);
}
