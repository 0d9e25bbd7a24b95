/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes to program: header, records, resolved operands. Relative operands are
 * relative.c and relative_operands.c.
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
	uint8_t last_code;      /* the last number that was in use: records with later ones are dropped */
};

/* Formats 1 and 2: before operations in phases (fork-begin and the like) took their share. */
static const uint8_t opcodes_1[256] = {
	[0x00 ... 0x15] = OP_FORK,          [0x16 ... 0x21] = OP_EXIT,
	[0x22 ... 0x23] = OP_EXEC,          [0x24 ... 0x35] = OP_MMAP,
	[0x36 ... 0x3d] = OP_MUNMAP,        [0x3e ... 0x51] = OP_MPROTECT,
	[0x52 ... 0x63] = OP_MREMAP,        [0x64 ... 0x69] = OP_MREMAP_RESIZE,
	[0x6a ... 0x6e] = OP_DONTNEED,      [0x6f ... 0x70] = OP_DONTFORK,
	[0x71 ... 0x72] = OP_DOFORK,        [0x73 ... 0x74] = OP_MERGEABLE,
	[0x75 ... 0x76] = OP_UNMERGEABLE,   [0x77 ... 0x79] = OP_MLOCK,
	[0x7a ... 0x7b] = OP_MUNLOCK,       [0x7c ... 0x9d] = OP_READ,
	[0x9e ... 0xc1] = OP_WRITE,         [0xc2 ... 0xd9] = OP_PAGEOUT,
	[0xda ... 0xe1] = OP_DROPCACHE,     [0xe2 ... 0xe3] = OP_SWAPOFF,
	[0xe4 ... 0xeb] = OP_WALK,          [0xec ... 0xee] = OP_ISOLATE,
	[0xef ... 0xf2] = OP_MIGRATE_BEGIN, [0xf3 ... 0xf6] = OP_MIGRATE_END,
	[0xf7 ... 0xf9] = OP_MIGRATE,       [0xfa ... 0xfc] = OP_PIN,
	[0xfd ... 0xff] = OP_UNPIN,
};

static const struct byte_format formats[] = {
	{ .version = 1, .has_fail_count = false, .opcodes = opcodes_1, .last_code = OP_UNPIN },
	{ .version = 2, .has_fail_count = true, .opcodes = opcodes_1, .last_code = OP_UNPIN },
	{ .version = PROGRAM_FORMAT_VERSION, .has_fail_count = true, .opcodes = NULL, .last_code = NR_OP_CODES - 1 },
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
	if (!resolved) {
		relative_init(&relative, data[PROGRAM_BYTE_MASK], format->opcodes);
		relative.shadow.former = format->version < 3;
	}

	for (size_t at = PROGRAM_HEADER_BYTES; at < size; at += PROGRAM_RECORD_BYTES) {
		const uint8_t *record = data + at;
		uint8_t cut[PROGRAM_RECORD_BYTES] = { 0 };

		if (size - at < PROGRAM_RECORD_BYTES) {
			memcpy(cut, record, size - at);
			record = cut;
		}
		if (resolved) {
			if (record[RECORD_OPCODE] <= format->last_code &&
			    decode_resolved(op, record, format->has_fail_count))
				op++;
			continue;
		}
		if (!relative_decode(&relative, op, record))
			break;
		op++;
	}
	program->nr_ops = (uint32_t)(op - program->ops);
}
