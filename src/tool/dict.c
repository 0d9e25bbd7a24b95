// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz dict: the byte form as a dictionary for libFuzzer and AFL++. A test
 * compares it with the kept dictionaries/rmap.dict. Must never name an
 * operation: what it prints follows from operand kinds, so that a new line in
 * ops.def is enough.
 */
#include "tool/tool.h"

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	(void)argument, (void)state;
	return key == ARGP_KEY_INIT ? 0 : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	NULL,
	parse_option,
	"",
	"Prints the fuzzing dictionary: headers and records of the byte form, for libFuzzer's -dict= and AFL++'s -x.\v"
	"Example: rmapfuzz dict > dictionaries/rmap.dict",
	NULL,
	NULL,
	NULL
};

static void print_entry(FILE *out, const char *kind, const char *name, const char *suffix,
			const uint8_t *bytes, size_t size)
{
	fprintf(out, "%s_", kind);
	for (; *name; name++)
		fputc(*name == '-' ? '_' : *name, out);
	fprintf(out, "%s=\"", suffix);
	for (size_t i = 0; i < size; i++)
		fprintf(out, "\\x%02x", bytes[i]);
	fputs("\"\n", out);
}

static void print_headers(FILE *out)
{
	uint8_t header[PROGRAM_HEADER_BYTES] = { PROGRAM_FORMAT_VERSION };

	fputs("\n# Headers: relative operands, with each group switched off, resolved operands\n", out);
	print_entry(out, "header", "relative", "", header, sizeof(header));
	for (unsigned int group = 0; group < NR_OP_GROUPS; group++) {
		header[PROGRAM_BYTE_MASK] = (uint8_t)(1u << group);
		print_entry(out, "header_without", op_group_name((enum op_group)group), "", header,
			    sizeof(header));
	}
	header[PROGRAM_BYTE_MASK] = 0;
	header[PROGRAM_BYTE_VERSION] |= PROGRAM_RESOLVED;
	print_entry(out, "header", "resolved", "", header, sizeof(header));
}

/* Small operands: pages 0 and up, length 2, another process, read and write, a free place a little higher. */
static struct op small_op(unsigned int code, uint8_t process, uint8_t page)
{
	struct op op = { .code = (uint8_t)code, .process = process };

	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		static const uint8_t values[] = {
			[OPERAND_NONE] = 0,   [OPERAND_PROC] = 1,       [OPERAND_PAGE] = 0,
			[OPERAND_LEN] = 2,    [OPERAND_PROT] = PROT_RW, [OPERAND_DEST_DONTUNMAP] = 4,
			[OPERAND_NEWLEN] = 1,
		};
		enum operand_kind kind = op_info(code)->operand[i];

		op.arg[i] = values[kind];
		if (kind == OPERAND_PAGE || kind == OPERAND_DEST_DONTUNMAP || kind == OPERAND_PROC)
			op.arg[i] = (uint8_t)(op.arg[i] + page);
	}
	return op;
}

static void print_resolved(FILE *out)
{
	fputs("\n# Records with resolved operands: process A at page 0, process B at page 1\n", out);
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		for (uint8_t variant = 0; variant < 2 && op_info(code)->name; variant++) {
			struct program program = { .nr_ops = 1, .ops = { small_op(code, variant, variant) } };
			uint8_t bytes[PROGRAM_HEADER_BYTES + PROGRAM_RECORD_BYTES];

			program_encode(&program, bytes);
			print_entry(out, "resolved", op_info(code)->name, variant ? "_b" : "_a",
				    bytes + PROGRAM_HEADER_BYTES, PROGRAM_RECORD_BYTES);
		}
	}
}

static void print_relative(FILE *out)
{
	unsigned int opcode = 0;

	fputs("\n# Records with relative operands: first rules; the second process and short lengths\n", out);
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		uint8_t first[PROGRAM_RECORD_BYTES] = { (uint8_t)opcode };
		uint8_t second[PROGRAM_RECORD_BYTES] = { (uint8_t)opcode, 1, 1, 0x50, 0x41 };

		if (!op_info(code)->name)
			continue;
		print_entry(out, "relative", op_info(code)->name, "_a", first, sizeof(first));
		print_entry(out, "relative", op_info(code)->name, "_b", second, sizeof(second));
		opcode += op_info(code)->weight;
	}
}

static void print_dict(FILE *out)
{
	fputs("# SPDX-License-Identifier: GPL-2.0-only\n", out);
	fputs("# The byte form (docs/program.md) as a dictionary, made by rmapfuzz dict.\n", out);
	print_headers(out);
	print_resolved(out);
	print_relative(out);
}

static int verb_main(int argc, char **argv)
{
	verb_parse(&verb_dict, argc, argv, NULL, NULL);
	print_dict(stdout);
	return EXIT_CLEAN;
}

const struct verb verb_dict = { "dict", "print the fuzzing dictionary", &argp, verb_main };
