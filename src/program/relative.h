/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resolving of relative operands: "the k-th living process", "a page of its
 * k-th VMA", "a written page". docs/program.md has the tables.
 *
 * Only for decode.c and the mutator. Must never be reached by decoding a
 * program in resolved form.
 */
#ifndef RMAPFUZZ_PROGRAM_RELATIVE_H
#define RMAPFUZZ_PROGRAM_RELATIVE_H

#include "program/shadow.h"

struct relative {
	struct shadow shadow;
	uint8_t groups_off;     /* one bit an op_group */
	const uint8_t *opcodes; /* operation of each opcode byte, [256] */
};

/* opcodes is the table of a former byte format, NULL for that of ops.def. */
void relative_init(struct relative *relative, uint8_t groups_off, const uint8_t *opcodes);

/*
 * Resolves one record of PROGRAM_RECORD_BYTES and notes what it changes.
 * False: no process lives, this record and all behind it mean nothing.
 */
bool relative_decode(struct relative *relative, struct op *op, const uint8_t *record);

/* The same, but nothing is noted: shadow_apply() does that, if the operation is taken. */
bool relative_resolve(const struct relative *relative, struct op *op, const uint8_t *record);

/*
 * Resolves the operands alone, of an operation whose number and living process
 * are set. For a fork at least one process must be free, for operations on
 * pages something should be mapped.
 */
void relative_operands(const struct shadow *shadow, struct op *op, const uint8_t *record);

#endif
