/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The facts of ops.def as tables, and the range of every operand.
 *
 * Must never list an operation by itself: what is true of an operation is
 * said in ops.def, and here only in terms of operand kinds.
 */
#include "program/shadow.h"

/* Numbers are contiguous from 1, retired ones included: an enumeration counts along. */
#undef OP_RETIRED
#define OP_RETIRED(number) ORDER_RETIRED_##number,
#define OP(number, symbol, text, group, weight, a1, a2, a3, help) ORDER_##symbol,
enum {
	ORDER_NONE,
#include "program/ops.def"
};
#undef OP
#undef OP_RETIRED

#define OP_RETIRED(number) \
	_Static_assert(ORDER_RETIRED_##number == (number), "a number of ops.def is out of order");
#define OP(number, symbol, text, group, weight, a1, a2, a3, help)                          \
	_Static_assert(ORDER_##symbol == (number), "a number of ops.def is out of order"); \
	_Static_assert((weight) > 0, "an operation that no opcode byte chooses");          \
	_Static_assert(sizeof(text) <= sizeof("mprotect-begin"), "OP_TEXT_MAX is too short for this name");
#include "program/ops.def"
#undef OP
#undef OP_RETIRED
#define OP_RETIRED(number)

/* Not in parentheses: the terms of a sum. */
#define OP(number, symbol, text, group, weight, a1, a2, a3, help) +(weight)
_Static_assert(0
#include "program/ops.def"
		       == 256,
	       "the weights of ops.def must sum to 256: one opcode byte each");
#undef OP

/* A resolved opcode is one byte, and a group is one bit of the mask. */
_Static_assert(NR_OP_CODES <= 256, "operation numbers are one byte");
_Static_assert(NR_OP_GROUPS <= 8, "the mask of groups is one byte");

const struct op_info program_op_infos[NR_OP_CODES] = {
#define OP(number, symbol, text, op_group, op_weight, a1, a2, a3, op_help) \
	[number] = {                                                       \
		.name = (text),                                            \
		.help = (op_help),                                         \
		.group = GROUP_##op_group,                                 \
		.weight = (op_weight),                                     \
		.operand = { OPERAND_##a1, OPERAND_##a2, OPERAND_##a3 },   \
	},
#include "program/ops.def"
#undef OP
};

const struct op_info *op_info(unsigned int code)
{
	return &program_op_infos[code < NR_OP_CODES ? code : OP_NONE];
}

const char *op_group_name(enum op_group group)
{
	static const char *const names[NR_OP_GROUPS] = {
		[GROUP_PROCESS] = "process",   [GROUP_VMA] = "vma",         [GROUP_FLAGS] = "flags",
		[GROUP_FAULT] = "fault",       [GROUP_RECLAIM] = "reclaim", [GROUP_MIGRATION] = "migration",
		[GROUP_LIFETIME] = "lifetime", [GROUP_PHASE] = "phase",
	};

	return (unsigned int)group < NR_OP_GROUPS ? names[group] : NULL;
}

struct operand_range op_operand_range(const struct op *op, unsigned int index)
{
	/* ops.def: a LEN and a NEWLEN belong to the PAGE that comes first, a DEST to the LEN before it. */
	unsigned int room = NR_WINDOW - op->arg[0];

	switch (op_info(op->code)->operand[index]) {
	case OPERAND_PROC:
		return (struct operand_range){ 0, NR_PROCESSES - 1 };
	case OPERAND_PAGE:
		return (struct operand_range){ 0, NR_WINDOW - 1 };
	case OPERAND_LEN:
	case OPERAND_NEWLEN:
		return (struct operand_range){ 1, (uint8_t)room };
	case OPERAND_PROT:
		return (struct operand_range){ 0, NR_PROTS - 1 };
	case OPERAND_DEST_DONTUNMAP:
		return (struct operand_range){ 0, (uint8_t)(NR_WINDOW - op->arg[1]) };
	default:
		return (struct operand_range){ 0, 0 };
	}
}

bool op_valid(const struct op *op)
{
	const struct op_info *info = op_info(op->code);
	bool may_dontunmap = false;

	if (!info->name || op->process >= NR_PROCESSES || op->fail_nth > MAX_FAIL_NTH)
		return false;
	if (op->fail_count && (op->fail_count == 1 || op->fail_count > MAX_FAIL_COUNT || !op->fail_nth))
		return false;
	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		struct operand_range range = op_operand_range(op, i);

		/* Stop at the first bad one: the ranges of later operands rely on it. */
		if (op->arg[i] < range.min || op->arg[i] > range.max)
			return false;
		if (info->operand[i] == OPERAND_DEST_DONTUNMAP)
			may_dontunmap = true;
	}
	return op->dontunmap <= (may_dontunmap ? 1 : 0);
}
