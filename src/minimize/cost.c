// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of two programs is simpler. The only place that says so: passes
 * propose, this order disposes.
 */
#include "minimize/internal.h"

#include <string.h>

/* Compared from the first to the last. */
enum cost {
	COST_OPS,
	COST_FAILURES, /* allocations that are to fail, then their numbers */
	COST_FAIL_NTH,
	COST_DONTUNMAP,
	COST_RARITY, /* weights say what is common, and what everybody reads without looking it up */
	COST_LIVES,  /* processes alive, summed over the operations: what exits does so at once */
	COST_PROCESSES,
	COST_PROCESS_NUMBERS,
	COST_PROTS, /* rw before r before n */
	COST_LENGTHS,
	COST_PAGES,
	NR_COSTS,
};

static void add_operand(uint32_t cost[NR_COSTS], enum operand_kind kind, unsigned int value)
{
	switch (kind) {
	case OPERAND_NONE:
		break;
	case OPERAND_PROC:
		cost[COST_PROCESS_NUMBERS] += value;
		break;
	case OPERAND_PAGE:
	case OPERAND_DEST_DONTUNMAP:
		cost[COST_PAGES] += value;
		break;
	case OPERAND_LEN:
	case OPERAND_NEWLEN:
		cost[COST_LENGTHS] += value;
		break;
	case OPERAND_PROT:
		cost[COST_PROTS] += PROT_RW - value;
		break;
	}
}

static void add_op(uint32_t cost[NR_COSTS], const struct op *op)
{
	const struct op_info *info = op_info(op->code);

	cost[COST_FAILURES] += op->fail_count ? op->fail_count : op->fail_nth != 0;
	cost[COST_FAIL_NTH] += op->fail_nth;
	cost[COST_DONTUNMAP] += op->dontunmap;
	cost[COST_RARITY] += UINT8_MAX - info->weight;
	cost[COST_PROCESS_NUMBERS] += op->process;
	for (unsigned int i = 0; i < NR_OPERANDS; i++)
		add_operand(cost, info->operand[i], op->arg[i]);
}

/* As far as a program says: a fork may fail. */
static uint32_t alive_after(uint32_t alive, const struct op *op)
{
	if (!(alive >> op->process & 1))
		return alive;
	if (op->code == OP_EXIT)
		return alive & ~(1u << op->process);
	return op->code == OP_FORK ? alive | 1u << op->arg[0] : alive;
}

static void add_up(uint32_t cost[NR_COSTS], const struct program *program)
{
	uint32_t alive = 1;

	memset(cost, 0, NR_COSTS * sizeof(cost[0]));
	cost[COST_OPS] = program->nr_ops;
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		add_op(cost, &program->ops[i]);
		alive = alive_after(alive, &program->ops[i]);
		cost[COST_LIVES] += (uint32_t)__builtin_popcount(alive);
	}
	cost[COST_PROCESSES] = (uint32_t)__builtin_popcount(used_processes(program));
}

/* Text order, so that what belongs together stands together: process, then operation and operands. */
static int compare_ops(const struct op *a, const struct op *b)
{
	if (a->process != b->process)
		return a->process < b->process ? -1 : 1;
	return memcmp(a, b, sizeof(*a));
}

bool program_simpler(const struct program *a, const struct program *b)
{
	uint32_t cost_a[NR_COSTS], cost_b[NR_COSTS];

	if (a->nr_ops != b->nr_ops)
		return a->nr_ops < b->nr_ops; /* most candidates: nothing to add up */
	add_up(cost_a, a);
	add_up(cost_b, b);
	for (unsigned int i = 0; i < NR_COSTS; i++)
		if (cost_a[i] != cost_b[i])
			return cost_a[i] < cost_b[i];
	for (uint32_t i = 0; i < a->nr_ops; i++) {
		int order = compare_ops(&a->ops[i], &b->ops[i]);

		if (order)
			return order < 0;
	}
	return false;
}
