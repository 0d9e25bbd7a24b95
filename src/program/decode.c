/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes to program: header, records, resolved operands. Relative operands are
 * relative.c.
 *
 * Must never fail, never read past the end and never give an operation that
 * op_valid refuses: every byte string is a program.
 */
#include "program/relative.h"

#include <string.h>

/*
 * The byte formats. In resolved form all are alike, since numbers of operations are never used again, but for
 * fail_count, which version 1 does not have. In relative form the weights of ops.def say which operation an
 * opcode byte chooses, so a change of weights makes a new format: the table of the old one is kept here under
 * its version ("Changing weights" in docs/program.md).
 */
struct byte_format {
	uint8_t version;
	bool has_fail_count;
	const uint8_t *opcodes; /* [256], operation of each opcode byte; NULL: the weights of ops.def */
};

static const struct byte_format formats[] = {
	{ .version = 1, .has_fail_count = false, .opcodes = NULL },
	{ .version = PROGRAM_FORMAT_VERSION, .has_fail_count = true, .opcodes = NULL },
};

enum { NR_FORMATS = sizeof(formats) / sizeof(formats[0]), VERSION_BITS = 0x7f };

_Static_assert(MAX_FAIL_COUNT == 1 << (8 - RECORD_FAIL_COUNT_BIT) && NR_PROCESSES == 1 << RECORD_FAIL_COUNT_BIT,
	       "process and fail_count share a byte");

static uint8_t clip(unsigned int value, struct operand_range range)
{
	if (value < range.min)
		return range.min;
	return (uint8_t)(value > range.max ? range.max : value);
}

/* False: the number is not in use, the record is dropped. */
static bool decode_resolved(struct op *op, const uint8_t *record, bool has_fail_count)
{
	const struct op_info *info = op_info(record[RECORD_OPCODE]);

	if (!info->name)
		return false;
	*op = (struct op){
		.code = record[RECORD_OPCODE],
		.process = record[RECORD_PROCESS] % NR_PROCESSES,
		.fail_nth = clip(record[RECORD_FAIL], (struct operand_range){ 0, MAX_FAIL_NTH }),
	};
	if (has_fail_count && op->fail_nth && record[RECORD_PROCESS] >> RECORD_FAIL_COUNT_BIT)
		op->fail_count = (uint8_t)(1 + (record[RECORD_PROCESS] >> RECORD_FAIL_COUNT_BIT));
	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		unsigned int value = record[RECORD_ARG0 + i];

		switch (info->operand[i]) {
		case OPERAND_PROC:
			value %= NR_PROCESSES;
			break;
		case OPERAND_PROT:
			value %= NR_PROTS;
			break;
		case OPERAND_DEST_DONTUNMAP:
			op->dontunmap = (value & RECORD_DONTUNMAP) != 0;
			value %= NR_WINDOW;
			break;
		case OPERAND_PAGE:
			value %= NR_WINDOW;
			break;
		default: /* a length is clipped, not wrapped: "as far as it goes" */
			break;
		}
		op->arg[i] = clip(value, op_operand_range(op, i));
	}
	return true;
}

bool program_bytes_resolved(const uint8_t *data, size_t size)
{
	return size >= PROGRAM_HEADER_BYTES && (data[PROGRAM_BYTE_VERSION] & PROGRAM_RESOLVED);
}

bool program_format_known(unsigned int version)
{
	for (size_t i = 0; i < NR_FORMATS; i++)
		if (formats[i].version == version)
			return true;
	return false;
}

unsigned int program_bytes_version(const uint8_t *data, size_t size)
{
	return size >= PROGRAM_HEADER_BYTES ? data[PROGRAM_BYTE_VERSION] & VERSION_BITS : 0;
}

/* An unknown one is read as the present one, the last. */
static const struct byte_format *format_of(const uint8_t *data, size_t size)
{
	unsigned int version = program_bytes_version(data, size);

	for (size_t i = 0; i < NR_FORMATS; i++)
		if (formats[i].version == version)
			return &formats[i];
	return &formats[NR_FORMATS - 1];
}

void program_decode(struct program *program, const uint8_t *data, size_t size)
{
	bool resolved = program_bytes_resolved(data, size);
	const struct byte_format *format = format_of(data, size);
	struct relative relative;
	struct op *op = program->ops;

	program->nr_ops = 0;
	if (size < PROGRAM_HEADER_BYTES)
		return;
	if (size > PROGRAM_MAX_BYTES)
		size = PROGRAM_MAX_BYTES;
	if (!resolved)
		relative_init(&relative, data[PROGRAM_BYTE_MASK], format->opcodes);

	for (size_t at = PROGRAM_HEADER_BYTES; at < size; at += PROGRAM_RECORD_BYTES) {
		const uint8_t *record = data + at;
		uint8_t cut[PROGRAM_RECORD_BYTES] = { 0 };

		if (size - at < PROGRAM_RECORD_BYTES) {
			memcpy(cut, record, size - at);
			record = cut;
		}
		if (resolved) {
			if (decode_resolved(op, record, format->has_fail_count))
				op++;
			continue;
		}
		if (!relative_decode(&relative, op, record))
			break;
		op++;
	}
	program->nr_ops = (uint32_t)(op - program->ops);
}
