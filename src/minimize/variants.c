// SPDX-License-Identifier: GPL-2.0-only
/*
 * What else could stand at a place of a program: the same operation with one
 * other field, and other operations with as much of the operands as they take.
 * Derived from operand kinds; must never name an operation.
 */
#include "minimize/internal.h"

enum {
	MAX_LENGTH_TRIED =
		6, /* longer ones than this seldom matter, and the length at hand less one is tried too */
	MAX_FAIL_NTH_TRIED = 12,
	MAX_FAIL_COUNT_TRIED = 4,
	MAX_RANGE_END = 6, /* all ranges within so many pages: start and length change together */
};

struct variants {
	const struct op *original;
	struct op *out;
	unsigned int nr;
};

static void add(struct variants *variants, struct op op)
{
	if (variants->nr < MAX_VARIANTS && op_valid(&op))
		variants->out[variants->nr++] = op;
}

static void add_arg(struct variants *variants, unsigned int index, unsigned int value)
{
	struct op op = *variants->original;

	if (op.arg[index] == value)
		return;
	op.arg[index] = (uint8_t)value;
	add(variants, op);
}

static void add_pages(struct variants *variants, unsigned int index, uint64_t pages)
{
	add_arg(variants, index, 0);
	for (pages &= ~UINT64_C(1); pages; pages &= pages - 1)
		add_arg(variants, index, (unsigned int)__builtin_ctzll(pages));
}

static void add_lengths(struct variants *variants, unsigned int index)
{
	unsigned int length = variants->original->arg[index];

	for (unsigned int n = 1; n <= MAX_LENGTH_TRIED; n++)
		add_arg(variants, index, n);
	if (length > MAX_LENGTH_TRIED + 1)
		add_arg(variants, index, length - 1);
}

/* A range that begins elsewhere and is as long as it likes. */
static void add_ranges(struct variants *variants)
{
	struct op op = *variants->original;

	for (unsigned int start = 0; start < MAX_RANGE_END; start++)
		for (unsigned int end = start + 1; end <= MAX_RANGE_END; end++) {
			op.arg[0] = (uint8_t)start;
			op.arg[1] = (uint8_t)(end - start);
			if (start != variants->original->arg[0] && op.arg[1] != variants->original->arg[1])
				add(variants, op);
		}
}

static void add_operands(struct variants *variants, const struct program *program)
{
	const struct op_info *info = op_info(variants->original->code);

	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		switch ((enum operand_kind)info->operand[i]) {
		case OPERAND_NONE:
			break;
		case OPERAND_PROC:
			for (unsigned int p = 0; p < NR_PROCESSES; p++)
				add_arg(variants, i, p);
			break;
		case OPERAND_PAGE:
		case OPERAND_DEST_DONTUNMAP:
			add_pages(variants, i, used_pages(program));
			break;
		case OPERAND_LEN:
		case OPERAND_NEWLEN:
			add_lengths(variants, i);
			break;
		case OPERAND_PROT:
			for (unsigned int prot = 0; prot < NR_PROTS; prot++)
				add_arg(variants, i, prot);
			break;
		}
	}
}

/* An operation of another kind at the same place. */
static void add_code(struct variants *variants, unsigned int code)
{
	const struct op_info *to = op_info(code), *from = op_info(variants->original->code);
	struct op op = { .code = (uint8_t)code, .process = variants->original->process };

	for (unsigned int i = 0; i < NR_OPERANDS && to->operand[i] != OPERAND_NONE; i++) {
		if (to->operand[i] == from->operand[i])
			op.arg[i] = variants->original->arg[i];
		else if (to->operand[i] == OPERAND_LEN)
			op.arg[i] = 1;
		else if (to->operand[i] == OPERAND_PROT)
			op.arg[i] = PROT_RW;
		else
			return; /* a process or a destination out of nothing */
	}
	add(variants, op);
}

/* No failure or an earlier one, fewer in a row, a single one of the row. */
static void add_failures(struct variants *variants)
{
	const struct op *original = variants->original;
	struct op op = *original;

	if (!original->fail_nth)
		return;
	op.fail_nth = op.fail_count = 0;
	add(variants, op);
	op.fail_count = original->fail_count;
	for (unsigned int n = 1; n < original->fail_nth && n <= MAX_FAIL_NTH_TRIED; n++) {
		op.fail_nth = (uint8_t)n;
		add(variants, op);
	}
	for (unsigned int n = 0; n < original->fail_count && n <= MAX_FAIL_COUNT_TRIED; n++) {
		op = *original;
		op.fail_count = 0;
		op.fail_nth = (uint8_t)(original->fail_nth + n);
		add(variants, op);
		op.fail_nth = original->fail_nth;
		op.fail_count = (uint8_t)n;
		add(variants, op);
	}
}

unsigned int edit_variants(const struct program *program, uint32_t index, struct op out[MAX_VARIANTS])
{
	const struct op *original = &program->ops[index];
	struct variants variants = { .original = original, .out = out };
	struct op op = *original;

	add_failures(&variants);
	op.dontunmap = !op.dontunmap;
	add(&variants, op);
	op = *original;
	for (uint32_t used = used_processes(program); used; used &= used - 1) {
		op.process = (uint8_t)__builtin_ctz(used);
		if (op.process != original->process)
			add(&variants, op);
	}
	add_operands(&variants, program);
	if (op_info(original->code)->operand[1] == OPERAND_LEN)
		add_ranges(&variants);
	for (unsigned int code = 1; code < NR_OP_CODES; code++)
		if (code != original->code && op_info(code)->name)
			add_code(&variants, code);
	return variants.nr;
}
