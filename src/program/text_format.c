// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text to canonical text: operations, directives and heads of expectations in
 * their one spelling, comments and the order of lines as they are.
 *
 * Must never change what a text means, and never a word of a comment. Relies
 * on the parser for what a line is: the notes say it by line number.
 */
#include "program/text.h"

#include <string.h>

struct formatter {
	const struct program *program;
	const struct program_notes *notes;
	char *out;
	size_t room, length;
	/* what comes next in the text */
	uint32_t op, directive, expectation;
};

static void put(struct formatter *formatter, const char *text, size_t length)
{
	if (formatter->length < formatter->room) {
		size_t rest = formatter->room - formatter->length;

		memcpy(formatter->out + formatter->length, text, length < rest ? length : rest);
	}
	formatter->length += length;
}

static void put_string(struct formatter *formatter, const char *text)
{
	put(formatter, text, strlen(text));
}

static void put_span(struct formatter *formatter, const struct span *span)
{
	put(formatter, span->text, span->length);
}

static bool only_blanks_and_tabs(const char *begin, const char *end)
{
	for (; begin < end; begin++)
		if (*begin != ' ' && *begin != '\t')
			return false;
	return true;
}

/*
 * Blanks before the comment behind an operation: as they are if the operation is, so that columns
 * survive; otherwise the comment stays in its column if there is room.
 */
static void put_gap(struct formatter *formatter, const char *begin, const char *comment, size_t op_length,
		    bool unchanged)
{
	size_t column = (size_t)(comment - begin);

	if (unchanged && column > op_length && only_blanks_and_tabs(begin + op_length, comment)) {
		put(formatter, begin + op_length, column - op_length);
		return;
	}
	do
		put(formatter, " ", 1);
	while (++op_length < column);
}

static void put_op(struct formatter *formatter, const char *begin, const char *end)
{
	const char *comment = memchr(begin, '#', (size_t)(end - begin));
	char text[OP_TEXT_MAX];
	size_t length = op_print(&formatter->program->ops[formatter->op++], text);

	put(formatter, text, length);
	if (!comment)
		return;
	put_gap(formatter, begin, comment, length,
		(size_t)(comment - begin) >= length && memcmp(begin, text, length) == 0);
	put(formatter, comment, (size_t)(end - comment));
}

static void put_directive(struct formatter *formatter)
{
	const struct directive *directive = &formatter->notes->directives[formatter->directive++];

	put_string(formatter, "#! ");
	put_span(formatter, &directive->key);
	if (directive->value.length)
		put_string(formatter, " ");
	put_span(formatter, &directive->value);
}

/* A line of an expectation keeps the two blanks behind "#" even if it is empty: they make it one. */
static void put_expectation(struct formatter *formatter, uint32_t line)
{
	const struct expectation *expectation = &formatter->notes->expectations[formatter->expectation];

	if (line == expectation->line) {
		put_string(formatter, "#= linux ");
		put_span(formatter, &expectation->versions);
	} else {
		put_string(formatter, "#  ");
		put_span(formatter, &expectation->lines[line - expectation->line - 1]);
	}
	if (line == expectation->line + expectation->nr_lines)
		formatter->expectation++;
}

/* One line without its newline, whatever it is. */
static void put_line(struct formatter *formatter, uint32_t line, const char *begin, const char *end)
{
	const struct program_notes *notes = formatter->notes;

	while (end > begin && text_is_blank(end[-1]))
		end--;
	if (formatter->op < formatter->program->nr_ops && notes->op_line[formatter->op] == line)
		put_op(formatter, begin, end);
	else if (formatter->directive < notes->nr_directives &&
		 notes->directives[formatter->directive].line == line)
		put_directive(formatter);
	else if (formatter->expectation < notes->nr_expectations &&
		 line >= notes->expectations[formatter->expectation].line)
		put_expectation(formatter, line);
	else
		put(formatter, begin, (size_t)(end - begin));
	put(formatter, "\n", 1);
}

size_t program_format(const struct program *program, const struct program_notes *notes, const char *text,
		      size_t length, char *out, size_t room)
{
	struct formatter formatter = { .program = program, .notes = notes, .room = room };
	const char *at = text, *text_end = length ? text + length : text;

	formatter.out = out;

	for (uint32_t line = 1; at < text_end; line++) {
		const char *newline = memchr(at, '\n', (size_t)(text_end - at));
		const char *end = newline ? newline : text_end;

		put_line(&formatter, line, at, end);
		at = newline ? newline + 1 : text_end;
	}
	return formatter.length;
}
