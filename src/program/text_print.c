/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Program to text: one operation a line, as design and archives show it.
 *
 * Must never print what text_parse.c would not read back as the same
 * operation, and never overflow, not even for an operation that is not valid.
 */
#include "program/program.h"

#include <string.h>

static char *put_word(char *at, const char *word)
{
	while (*word)
		*at++ = *word++;
	return at;
}

static char *put_number(char *at, unsigned int value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

static char *put_process(char *at, unsigned int process)
{
	*at++ = (char)(process < NR_PROCESSES ? 'A' + process : '?');
	return at;
}

size_t op_print(const struct op *op, char out[OP_TEXT_MAX])
{
	/*
	 * Longest: process and name 2 + 13 (ops.c asserts that), three numbers of up to
	 * three digits 12, " dontunmap" 10, " (fail_nth: 255, fail_count: 255)" 33, NUL: 71.
	 */
	static const char *const prots[] = { [PROT_N] = "n", [PROT_R] = "r", [PROT_RW] = "rw" };
	const struct op_info *info = op_info(op->code);
	char *at = put_process(out, op->process);

	*at++ = ' ';
	at = put_word(at, info->name ? info->name : "?");
	for (unsigned int i = 0; i < NR_OPERANDS && info->operand[i] != OPERAND_NONE; i++) {
		*at++ = ' ';
		if (info->operand[i] == OPERAND_PROC)
			at = put_process(at, op->arg[i]);
		else if (info->operand[i] == OPERAND_PROT)
			at = put_word(at, op->arg[i] < NR_PROTS ? prots[op->arg[i]] : "?");
		else
			at = put_number(at, op->arg[i]);
		if (info->operand[i] == OPERAND_DEST_DONTUNMAP && op->dontunmap)
			at = put_word(at, " dontunmap");
	}
	if (op->fail_nth) {
		at = put_word(at, " (fail_nth: ");
		at = put_number(at, op->fail_nth);
		if (op->fail_count) {
			at = put_word(at, ", fail_count: ");
			at = put_number(at, op->fail_count);
		}
		*at++ = ')';
	}
	*at = '\0';
	return (size_t)(at - out);
}

size_t program_print(const struct program *program, char *out, size_t room)
{
	size_t length = 0;

	for (uint32_t i = 0; i < program->nr_ops; i++) {
		char line[OP_TEXT_MAX];
		size_t n = op_print(&program->ops[i], line);

		line[n++] = '\n';
		if (length < room)
			memcpy(out + length, line, n < room - length ? n : room - length);
		length += n;
	}
	if (room)
		out[length < room ? length : room - 1] = '\0';
	return length;
}
