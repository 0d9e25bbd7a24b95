/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints what is derived from ops.def and kept under version control:
 *
 *   gen_dict --dict           dictionaries/rmap.dict
 *   gen_dict --ops-markdown   the table of operations in docs/program.md
 *
 * A test compares both with the kept files. Must never name an operation: what
 * it prints follows from operand kinds, so that a new line in ops.def is
 * enough.
 */
#include "program/program.h"

#include <stdio.h>
#include <string.h>

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
	fputs("# The byte form (docs/program.md) as a dictionary, made by gen_dict --dict.\n", out);
	print_headers(out);
	print_resolved(out);
	print_relative(out);
}

static const char *operand_word(enum operand_kind kind)
{
	static const char *const words[] = {
		[OPERAND_NONE] = "",      [OPERAND_PROC] = " CHILD",
		[OPERAND_PAGE] = " P",    [OPERAND_LEN] = " N",
		[OPERAND_PROT] = " PROT", [OPERAND_DEST_DONTUNMAP] = " Q [dontunmap]",
		[OPERAND_NEWLEN] = " M",
	};

	return words[kind];
}

/* Markdown takes a bar for the end of a cell. */
static void print_cell(FILE *out, const char *text)
{
	for (; *text; text++)
		fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

static void print_ops_markdown(FILE *out)
{
	unsigned int opcode = 0;

	fputs("| number | text form | group | relative opcodes | what it does |\n", out);
	fputs("|---|---|---|---|---|\n", out);
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		const struct op_info *info = op_info(code);

		if (!info->name)
			continue;
		fprintf(out, "| %u | `%s", code, info->name);
		for (unsigned int i = 0; i < NR_OPERANDS; i++)
			fputs(operand_word(info->operand[i]), out);
		fprintf(out, "` | %s | %02x..%02x | ", op_group_name(info->group), opcode,
			opcode + info->weight - 1);
		print_cell(out, info->help);
		fputs(" |\n", out);
		opcode += info->weight;
	}
}

#ifndef GEN_DICT_NO_MAIN
int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--dict") == 0) {
		print_dict(stdout);
	} else if (argc == 2 && strcmp(argv[1], "--ops-markdown") == 0) {
		print_ops_markdown(stdout);
	} else {
		fprintf(stderr, "usage: gen_dict --dict | --ops-markdown\n");
		return 1;
	}
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
#endif
