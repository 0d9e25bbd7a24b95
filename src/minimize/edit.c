// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of a program by operand kinds, without any idea of what the program
 * does. Every operation of a result is valid. Must never name an operation but
 * fork and exit, which open and close the life of a process.
 */
#include "minimize/internal.h"

#include <string.h>

void edit_drop(struct program *out, const struct program *program, const bool drop[MAX_OPS])
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < program->nr_ops; i++)
		if (!drop[i])
			out->ops[nr++] = program->ops[i];
	out->nr_ops = nr;
}

uint32_t used_processes(const struct program *program)
{
	uint32_t used = 1; /* A exists from the start */

	for (uint32_t i = 0; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];

		used |= 1u << op->process;
		if (op_info(op->code)->operand[0] == OPERAND_PROC)
			used |= 1u << op->arg[0];
	}
	return used;
}

/* First page and number of pages of an operand, 0 pages if it names none. */
static unsigned int operand_pages(const struct op *op, unsigned int index, unsigned int *first)
{
	const struct op_info *info = op_info(op->code);

	*first = op->arg[index];
	switch (info->operand[index]) {
	case OPERAND_PAGE:
		if (info->operand[1] != OPERAND_LEN)
			return 1;
		if (info->operand[2] == OPERAND_NEWLEN && op->arg[2] > op->arg[1])
			return op->arg[2];
		return op->arg[1];
	case OPERAND_DEST_DONTUNMAP:
		return op->arg[1];
	default:
		return 0;
	}
}

uint64_t used_pages(const struct program *program)
{
	uint64_t used = 0;

	for (uint32_t i = 0; i < program->nr_ops; i++)
		for (unsigned int k = 0; k < NR_OPERANDS; k++) {
			unsigned int first, nr = operand_pages(&program->ops[i], k, &first);

			if (nr)
				used |= ~UINT64_C(0) >> (NR_WINDOW - nr) << first;
		}
	return used;
}

/* False: nothing is left of the operation. */
static bool delete_page(struct op *op, unsigned int page)
{
	const struct op_info *info = op_info(op->code);
	unsigned int from = op->arg[0], length = op->arg[1];

	if (info->operand[0] != OPERAND_PAGE)
		return true;
	if (from > page)
		op->arg[0]--;
	if (info->operand[1] != OPERAND_LEN)
		return from != page;
	bool inside = page >= from && page < from + length;

	if (info->operand[2] == OPERAND_DEST_DONTUNMAP) {
		unsigned int to = op->arg[2];

		if (to > page)
			op->arg[2]--;
		else
			inside |= page < to + length;
	} else if (info->operand[2] == OPERAND_NEWLEN && page >= from && page < from + op->arg[2] &&
		   op->arg[2] > 1) {
		op->arg[2]--;
	}
	if (inside)
		op->arg[1]--;
	return op->arg[1] > 0;
}

void edit_delete_page(struct program *out, const struct program *program, unsigned int page)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < program->nr_ops; i++) {
		struct op op = program->ops[i];

		if (delete_page(&op, page) && op_valid(&op))
			out->ops[nr++] = op;
	}
	out->nr_ops = nr;
}

static void swap_processes(struct op *op, unsigned int a, unsigned int b)
{
	uint8_t *child = op_info(op->code)->operand[0] == OPERAND_PROC ? &op->arg[0] : NULL;

	op->process = op->process == a ? (uint8_t)b : op->process == b ? (uint8_t)a : op->process;
	if (child)
		*child = *child == a ? (uint8_t)b : *child == b ? (uint8_t)a : *child;
}

void edit_swap_processes(struct program *program, uint32_t from, unsigned int a, unsigned int b)
{
	for (uint32_t i = from; i < program->nr_ops; i++)
		swap_processes(&program->ops[i], a, b);
}

bool edit_swap_pages(struct program *program, unsigned int a, unsigned int b)
{
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		struct op *op = &program->ops[i];

		for (unsigned int k = 0; k < NR_OPERANDS; k++) {
			enum operand_kind kind = op_info(op->code)->operand[k];

			if (kind == OPERAND_PAGE || kind == OPERAND_DEST_DONTUNMAP)
				op->arg[k] = op->arg[k] == a ? (uint8_t)b :
					     op->arg[k] == b ? (uint8_t)a :
							       op->arg[k];
		}
		if (!op_valid(op))
			return false;
	}
	return true;
}

void edit_collapse_fork(struct program *out, const struct program *program, uint32_t index)
{
	unsigned int parent = program->ops[index].process, child = program->ops[index].arg[0];
	bool parent_lives = true;
	uint32_t nr = index;

	memmove(out->ops, program->ops, index * sizeof(program->ops[0]));
	for (uint32_t i = index + 1; i < program->nr_ops; i++) {
		struct op op = program->ops[i];

		/* what the parent did is left out; once it is gone its letter is free for another life */
		if (parent_lives && op.process == parent) {
			parent_lives = op.code != OP_EXIT;
			continue;
		}
		swap_processes(&op, parent, child);
		out->ops[nr++] = op;
	}
	out->nr_ops = nr;
}

void edit_insert_page(struct program *out, const struct program *program, unsigned int page)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < program->nr_ops; i++) {
		struct op op = program->ops[i];
		const struct op_info *info = op_info(op.code);

		for (unsigned int k = 0; k < NR_OPERANDS; k++) {
			unsigned int first, pages = operand_pages(&op, k, &first);

			/* lengths first, for they are told from where a range begins */
			if (k == 0 && info->operand[1] == OPERAND_LEN && first <= page &&
			    page < first + op.arg[1])
				op.arg[1]++;
			if (k == 0 && info->operand[2] == OPERAND_NEWLEN && first <= page &&
			    page < first + op.arg[2])
				op.arg[2]++;
			if (pages && first > page)
				op.arg[k]++;
		}
		if (op_valid(&op))
			out->ops[nr++] = op;
	}
	out->nr_ops = nr;
}

void edit_rename(struct program *out, const struct program *program)
{
	uint8_t letter[NR_PROCESSES], next = 1;

	memset(letter, UINT8_MAX, sizeof(letter));
	letter[0] = 0; /* A is there before the first operation */
	out->nr_ops = program->nr_ops;
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		struct op op = program->ops[i];

		if (letter[op.process] == UINT8_MAX)
			letter[op.process] = next++;
		op.process = letter[op.process];
		if (op_info(op.code)->operand[0] == OPERAND_PROC) {
			if (letter[op.arg[0]] == UINT8_MAX)
				letter[op.arg[0]] = next++;
			op.arg[0] = letter[op.arg[0]];
		}
		out->ops[i] = op;
	}
}
