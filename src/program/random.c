// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs from a seed, in two ways: as the decoder makes them from random
 * bytes (weighted operations, operands relative to what exists), and blindly.
 * Must never depend on anything but the seed: figures of two builds or two
 * machines are about the same programs.
 */
#include "program/random.h"

#include <string.h>

/* splitmix64 */
uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t random_between(struct random *random, uint32_t first, uint32_t last)
{
	uint64_t choices = (uint64_t)last - first + 1;

	return first + (uint32_t)(((random_next(random) >> 32) * choices) >> 32);
}

size_t random_bytes(struct random *random, uint32_t nr_ops, uint8_t *bytes)
{
	size_t size = PROGRAM_HEADER_BYTES + (size_t)nr_ops * PROGRAM_RECORD_BYTES;

	memset(bytes, 0, PROGRAM_HEADER_BYTES);
	bytes[PROGRAM_BYTE_VERSION] = PROGRAM_FORMAT_VERSION;
	for (size_t at = PROGRAM_HEADER_BYTES; at < size; at += sizeof(uint64_t)) {
		uint64_t word = random_next(random);

		memcpy(bytes + at, &word, size - at < sizeof(word) ? size - at : sizeof(word));
	}
	return size;
}

/* How many allocations in a row fail where one does, about as the mutator has it: one, a few, or as many as can. */
static void choose_fail_count(struct random *random, struct op *op)
{
	if (op->fail_nth && random_between(random, 0, 1) == 0)
		op->fail_count = (uint8_t)(random_between(random, 0, 3) ? random_between(random, 2, 8) :
									  MAX_FAIL_COUNT);
}

void random_weighted(struct random *random, uint32_t nr_ops, struct program *program)
{
	uint8_t bytes[PROGRAM_MAX_BYTES];

	program_decode(program, bytes, random_bytes(random, nr_ops, bytes));
	for (uint32_t i = 0; i < program->nr_ops; i++) /* relative operands have no place for it */
		choose_fail_count(random, &program->ops[i]);
}

static struct op uniform_op(struct random *random)
{
	struct op op = { .process = (uint8_t)random_between(random, 0, NR_PROCESSES - 1) };
	const struct op_info *info;

	do {
		op.code = (uint8_t)random_between(random, 1, NR_OP_CODES - 1);
		info = op_info(op.code);
	} while (!info->name);
	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		struct operand_range range = op_operand_range(&op, i);

		op.arg[i] = (uint8_t)random_between(random, range.min, range.max);
		if (info->operand[i] == OPERAND_DEST_DONTUNMAP)
			op.dontunmap = (uint8_t)random_between(random, 0, 1);
	}
	/* one in sixteen, as where operands are relative */
	if (random_between(random, 0, 15) == 0)
		op.fail_nth = (uint8_t)random_between(random, 1, 16);
	choose_fail_count(random, &op);
	return op;
}

void random_uniform(struct random *random, uint32_t nr_ops, struct program *program)
{
	program->nr_ops = nr_ops;
	for (uint32_t i = 0; i < nr_ops; i++)
		program->ops[i] = uniform_op(random);
}

const struct random_kind *random_kind_at(size_t number)
{
	static const struct random_kind kinds[] = { { "weighted", random_weighted },
						    { "uniform", random_uniform } };

	return number < sizeof(kinds) / sizeof(kinds[0]) ? &kinds[number] : NULL;
}
