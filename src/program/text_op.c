/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text to operation: one line without its comment.
 *
 * Every error says in words what was expected at which byte, with the range
 * that holds in this place. Must never accept an operation that op_valid
 * refuses, and never read a byte at or behind the end.
 */
#include "program/text.h"

#include <stdio.h>
#include <string.h>

/* Words and single characters of a line, left to right. */
struct scanner {
	const char *at;
	const char *end;
	struct text_error *error;
};

_Static_assert(NR_PROCESSES == 8 && MAX_FAIL_NTH == 64 && MAX_FAIL_COUNT == 32,
	       "the words of the errors below name these limits");

static const char *const prot_names[NR_PROTS] = { [PROT_N] = "n", [PROT_R] = "r", [PROT_RW] = "rw" };

static bool fail(struct scanner *scanner, const char *at, const char *expected)
{
	scanner->error->at = at;
	snprintf(scanner->error->expected, sizeof(scanner->error->expected), "%s", expected);
	return false;
}

static void skip_blanks(struct scanner *scanner)
{
	while (scanner->at < scanner->end && text_is_blank(*scanner->at))
		scanner->at++;
}

/*
 * The next word; empty at the end. An error about a missing word points right
 * behind the last one. Parentheses, colon and comma end a word.
 */
static struct span next_word(struct scanner *scanner)
{
	const char *begin;

	skip_blanks(scanner);
	begin = scanner->at;
	while (scanner->at < scanner->end && !text_is_blank(*scanner->at) && *scanner->at != '(' &&
	       *scanner->at != ')' && *scanner->at != ':' && *scanner->at != ',')
		scanner->at++;
	return (struct span){ begin, (uint32_t)(scanner->at - begin) };
}

static bool word_is(struct span word, const char *name)
{
	return word.length == strlen(name) && memcmp(word.text, name, word.length) == 0;
}

/* A decimal number; false if the word is none or is larger than max. */
static bool word_number(struct span word, unsigned int max, unsigned int *value)
{
	*value = 0;
	for (uint32_t i = 0; i < word.length; i++) {
		if (word.text[i] < '0' || word.text[i] > '9')
			return false;
		*value = *value * 10 + (unsigned int)(word.text[i] - '0');
		if (*value > max)
			return false;
	}
	return word.length > 0;
}

static bool word_process(struct span word, uint8_t *process)
{
	if (word.length != 1 || word.text[0] < 'A' || word.text[0] >= 'A' + NR_PROCESSES)
		return false;
	*process = (uint8_t)(word.text[0] - 'A');
	return true;
}

/* "an operation: fork, exit, exec, ...", as many names as fit. */
static void list_operations(char *out, size_t room)
{
	size_t length = (size_t)snprintf(out, room, "an operation:");
	const char *separator = " ";

	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		const char *name = op_info(code)->name;

		if (!name)
			continue;
		if (length + strlen(name) + sizeof(", , ...") > room)
			break;
		length += (size_t)snprintf(out + length, room - length, "%s%s", separator, name);
		separator = ", ";
	}
	snprintf(out + length, room - length, ", ...");
}

static bool parse_name(struct scanner *scanner, struct op *op)
{
	struct span word = next_word(scanner);
	char expected[sizeof(scanner->error->expected)];

	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		const char *name = op_info(code)->name;

		if (name && word_is(word, name)) {
			op->code = (uint8_t)code;
			return true;
		}
	}
	list_operations(expected, sizeof(expected));
	return fail(scanner, word.text, expected);
}

/* What the operand may be, in words. */
static void describe_operand(enum operand_kind kind, struct operand_range range, char *out, size_t room)
{
	switch (kind) {
	case OPERAND_PROC:
		snprintf(out, room, "process A..%c", 'A' + range.max);
		break;
	case OPERAND_PAGE:
		snprintf(out, room, "page number %u..%u", range.min, range.max);
		break;
	case OPERAND_LEN:
		snprintf(out, room, "length %u..%u in pages: the window ends at page %u", range.min,
			 range.max, NR_WINDOW);
		break;
	case OPERAND_PROT:
		snprintf(out, room, "protection n, r or rw");
		break;
	case OPERAND_DEST_DONTUNMAP:
		snprintf(out, room, "destination page %u..%u: the window ends at page %u", range.min,
			 range.max, NR_WINDOW);
		break;
	case OPERAND_NEWLEN:
		snprintf(out, room, "new length %u..%u in pages: the window ends at page %u", range.min,
			 range.max, NR_WINDOW);
		break;
	case OPERAND_NONE:
		break;
	}
}

static bool parse_operand(struct scanner *scanner, struct op *op, unsigned int index)
{
	enum operand_kind kind = op_info(op->code)->operand[index];
	struct operand_range range = op_operand_range(op, index);
	struct span word = next_word(scanner);
	char expected[sizeof(scanner->error->expected)];
	unsigned int value = 0;
	bool good = false;

	if (kind == OPERAND_PROC) {
		good = word_process(word, &op->arg[index]);
	} else if (kind == OPERAND_PROT) {
		for (; value < NR_PROTS && !good; value++) {
			good = word_is(word, prot_names[value]);
			op->arg[index] = (uint8_t)value;
		}
	} else {
		good = word_number(word, range.max, &value) && value >= range.min;
		op->arg[index] = (uint8_t)value;
	}
	if (good)
		return true;
	describe_operand(kind, range, expected, sizeof(expected));
	return fail(scanner, word.text, expected);
}

static bool expect_char(struct scanner *scanner, char c, const char *expected)
{
	skip_blanks(scanner);
	if (scanner->at == scanner->end || *scanner->at != c)
		return fail(scanner, scanner->at, expected);
	scanner->at++;
	return true;
}

/* "fail_nth: 3" */
static bool parse_property(struct scanner *scanner, const char *name, unsigned int min, unsigned int max,
			   const char *expected, uint8_t *property)
{
	struct span word = next_word(scanner);
	unsigned int value;

	if (!word_is(word, name))
		return fail(scanner, word.text, name);
	if (!expect_char(scanner, ':', "a colon"))
		return false;
	word = next_word(scanner);
	if (!word_number(word, max, &value) || value < min)
		return fail(scanner, word.text, expected);
	*property = (uint8_t)value;
	return true;
}

/* "(fail_nth: 3)" or "(fail_nth: 3, fail_count: 2)", and the end of the line. */
static bool parse_properties(struct scanner *scanner, struct op *op)
{
	if (!expect_char(scanner, '(', "(fail_nth: N) or the end of the line"))
		return false;
	if (!parse_property(scanner, "fail_nth", 1, MAX_FAIL_NTH, "number of an allocation 1..64",
			    &op->fail_nth))
		return false;
	skip_blanks(scanner);
	if (scanner->at < scanner->end && *scanner->at == ',') {
		scanner->at++;
		if (!parse_property(scanner, "fail_count", 2, MAX_FAIL_COUNT, "number of allocations 2..32",
				    &op->fail_count))
			return false;
	}
	if (!expect_char(scanner, ')', "a closing parenthesis"))
		return false;
	skip_blanks(scanner);
	return scanner->at == scanner->end || fail(scanner, scanner->at, "the end of the line");
}

bool text_parse_op(struct op *op, const char *at, const char *end, struct text_error *error)
{
	struct scanner scanner = { .at = at, .end = end, .error = error };
	const struct op_info *info;
	struct span word;

	*op = (struct op){ 0 };
	word = next_word(&scanner);
	if (!word_process(word, &op->process))
		return fail(&scanner, word.text, "process A..H");
	if (!parse_name(&scanner, op))
		return false;
	info = op_info(op->code);
	for (unsigned int i = 0; i < NR_OPERANDS && info->operand[i] != OPERAND_NONE; i++) {
		const char *behind;

		if (!parse_operand(&scanner, op, i))
			return false;
		if (info->operand[i] != OPERAND_DEST_DONTUNMAP)
			continue;
		behind = scanner.at;
		word = next_word(&scanner);
		if (word_is(word, "dontunmap"))
			op->dontunmap = 1;
		else if (word.length)
			return fail(&scanner, word.text, "dontunmap, (fail_nth: N) or the end of the line");
		else
			scanner.at = behind;
	}
	skip_blanks(&scanner);
	return scanner.at == scanner.end || parse_properties(&scanner, op);
}
