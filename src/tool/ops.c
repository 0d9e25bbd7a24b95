// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz ops: the operations of ops.def. Names none of them: what it prints
 * follows from operand kinds.
 */
#include "tool/list.h"

#include <string.h>

static const struct argp argp = {
	NULL,
	list_parse_option,
	"[OPERATION...]",
	"Lists the operations of a program.\v"
	"P and Q are pages, N and M lengths in pages, CHILD a process, PROT one of n, r, rw. The opcodes are the bytes "
	"that choose the operation where operands are relative; docs/program.md describes both forms of a program.\n\n"
	"Example: rmapfuzz ops mremap fork",
	list_children,
	NULL,
	NULL
};

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

static json_t *row_of(unsigned int code, unsigned int opcode)
{
	const struct op_info *info = op_info(code);
	char form[64], opcodes[16];

	snprintf(form, sizeof(form), "%s%s%s%s", info->name, operand_word(info->operand[0]),
		 operand_word(info->operand[1]), operand_word(info->operand[2]));
	snprintf(opcodes, sizeof(opcodes), "%02x..%02x", opcode, opcode + info->weight - 1);
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:s}", "number", (int)code, "name", info->name,
			 "form", form, "group", op_group_name(info->group), "opcodes", opcodes, "weight",
			 (int)info->weight, "help", info->help);
}

static int verb_main(int argc, char **argv)
{
	static const struct list_column columns[] = {
		{ "number", "number", COLUMN_MARKDOWN, false },
		{ "form", "text form", COLUMN_ALWAYS, true },
		{ "group", "group", COLUMN_ALWAYS, false },
		{ "opcodes", "relative opcodes", COLUMN_MARKDOWN, false },
		{ "help", "what it does", COLUMN_ALWAYS, false },
		{ NULL, NULL, COLUMN_ALWAYS, false },
	};
	static const char *const match[] = { "name", NULL };
	struct list_options list;
	json_t *rows = json_array();
	unsigned int opcode = 0;

	verb_parse(&verb_ops, argc, argv, &list, &list.names);
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		if (!op_info(code)->name)
			continue;
		json_array_append_new(rows, row_of(code, opcode));
		opcode += op_info(code)->weight;
	}
	return list_print(&verb_ops, rows, columns, match, &list);
}

const struct verb verb_ops = { "ops", "list the operations", &argp, verb_main };
