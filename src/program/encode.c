/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Program to bytes: the canonical form, always with resolved operands.
 *
 * Must never write a byte that decode.c would not read back as the same
 * operation: corpora and minimized inputs are kept in this form.
 */
#include "program/program.h"

#include <string.h>

size_t program_encode(const struct program *program, uint8_t *out)
{
	uint8_t *record = out + PROGRAM_HEADER_BYTES;

	memset(out, 0, PROGRAM_HEADER_BYTES);
	out[PROGRAM_BYTE_VERSION] = PROGRAM_RESOLVED | PROGRAM_FORMAT_VERSION;
	for (uint32_t i = 0; i < program->nr_ops; i++, record += PROGRAM_RECORD_BYTES) {
		const struct op *op = &program->ops[i];

		record[RECORD_OPCODE] = op->code;
		record[RECORD_PROCESS] = op->process;
		memcpy(record + RECORD_ARG0, op->arg, NR_OPERANDS);
		/* Only the third operand can be a destination: a page leaves the upper two bits free. */
		if (op->dontunmap)
			record[RECORD_ARG2] |= RECORD_DONTUNMAP;
		record[RECORD_FAIL] = op->fail_nth;
		if (op->fail_count)
			record[RECORD_PROCESS] |= (uint8_t)((op->fail_count - 1U) << RECORD_FAIL_COUNT_BIT);
	}
	return (size_t)(record - out);
}
