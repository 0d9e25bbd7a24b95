/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites about programs share: numbers, random valid programs, and
 * comparison. Must never use a clock or a seed from outside: a failure must
 * come back at the next run.
 */
#ifndef RMAPFUZZ_TEST_PROGRAM_UTIL_H
#define RMAPFUZZ_TEST_PROGRAM_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the headers above. */
#include <cmocka.h>

#include "program/program.h"

#ifndef RMAPFUZZ_SOURCE_DIR
#error "RMAPFUZZ_SOURCE_DIR must name the folder of the sources"
#endif

/* xorshift64*: state must not be 0. */
static inline uint32_t random_u32(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)(*state * 0x2545f4914f6cdd1dULL >> 32);
}

static inline uint32_t random_below(uint64_t *state, uint32_t bound)
{
	return (uint32_t)((uint64_t)random_u32(state) * bound >> 32);
}

static inline void random_fill(uint64_t *state, uint8_t *out, size_t size)
{
	for (size_t i = 0; i < size; i += 4) {
		uint32_t value = random_u32(state);

		memcpy(out + i, &value, size - i < 4 ? size - i : 4);
	}
}

/* Any valid operation, each value of each operand equally often. */
static inline struct op random_op(uint64_t *state)
{
	struct op op = { .code = (uint8_t)(1 + random_below(state, NR_OP_CODES - 1)) };

	while (!op_info(op.code)->name)
		op.code = (uint8_t)(1 + random_below(state, NR_OP_CODES - 1));
	op.process = (uint8_t)random_below(state, NR_PROCESSES);
	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		struct operand_range range = op_operand_range(&op, i);

		op.arg[i] = (uint8_t)(range.min + random_below(state, 1u + range.max - range.min));
		if (op_info(op.code)->operand[i] == OPERAND_DEST_DONTUNMAP)
			op.dontunmap = (uint8_t)random_below(state, 2);
	}
	if (random_below(state, 4) == 0)
		op.fail_nth = (uint8_t)random_below(state, MAX_FAIL_NTH + 1);
	if (op.fail_nth && random_below(state, 2) == 0)
		op.fail_count = (uint8_t)(2 + random_below(state, MAX_FAIL_COUNT - 1));
	return op;
}

static inline void random_program(uint64_t *state, struct program *program, uint32_t max_ops)
{
	program->nr_ops = random_below(state, max_ops + 1);
	for (uint32_t i = 0; i < program->nr_ops; i++)
		program->ops[i] = random_op(state);
}

/* struct op is bytes without padding: programs may be compared as memory. */
_Static_assert(sizeof(struct op) == 5 + NR_OPERANDS, "padding in struct op");

static inline bool same_program(const struct program *a, const struct program *b)
{
	return a->nr_ops == b->nr_ops && memcmp(a->ops, b->ops, a->nr_ops * sizeof(a->ops[0])) == 0;
}

/* The program as text, in a buffer of its own; the caller frees it. */
static inline char *program_text(const struct program *program)
{
	size_t length = program_print(program, NULL, 0);
	char *text = malloc(length + 1);

	assert_non_null(text);
	assert_int_equal(program_print(program, text, length + 1), length);
	return text;
}

/* A whole file, NUL-terminated; fails the test if it cannot be read. The caller frees it. */
static inline char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = NULL;
	size_t room = 0;

	if (!file)
		fail_msg("cannot open %s", path);
	*size = 0;
	do {
		room += 65536;
		data = realloc(data, room + 1);
		assert_non_null(data);
		*size += fread(data + *size, 1, room - *size, file);
	} while (*size == room);
	assert_false(ferror(file));
	fclose(file);
	data[*size] = '\0';
	return data;
}

#endif
