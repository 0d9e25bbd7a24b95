/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text to program: the lines of a text. Operations within a line are
 * text_op.c; the grammar is in docs/program.md.
 *
 * Must never read past the length, run any part of a bad text, or look at a
 * byte more than a fixed number of times: texts come from strangers.
 */
#include "program/text.h"

#include <stdio.h>
#include <string.h>

enum { MAX_OP_LINE = 4096 };

_Static_assert(MAX_OPS == 512 && MAX_DIRECTIVES == 16 && MAX_EXPECTATIONS == 64 && MAX_EXPECTATION_LINES == 24,
	       "the words of the errors below name these limits");

struct parser {
	struct program *program;
	struct program_notes *notes; /* may be NULL */
	struct parse_error *error;
	uint32_t line;
	/* Counted without notes too: a text is good or bad, whoever asks. */
	uint32_t nr_directives;
	uint32_t nr_expectations;
	uint32_t nr_expectation_lines;
	bool in_expectation;
};

static bool fail_at(struct parser *parser, size_t offset, const char *expected)
{
	parser->error->line = parser->line;
	parser->error->column = offset < UINT32_MAX ? (uint32_t)offset + 1 : UINT32_MAX;
	snprintf(parser->error->expected, sizeof(parser->error->expected), "%s", expected);
	return false;
}

/* A span holds a length of 32 bits: what is longer is cut, not wrapped. */
static struct span make_span(const char *begin, const char *end)
{
	size_t length = (size_t)(end - begin);

	return (struct span){ begin, length < UINT32_MAX ? (uint32_t)length : UINT32_MAX };
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && text_is_blank(*at))
		at++;
	return at;
}

static const char *skip_word(const char *at, const char *end)
{
	while (at < end && !text_is_blank(*at))
		at++;
	return at;
}

static const char *trim_end(const char *begin, const char *end)
{
	while (end > begin && text_is_blank(end[-1]))
		end--;
	return end;
}

/* "#! key value": the value may be missing. */
static bool parse_directive(struct parser *parser, const char *begin, const char *end)
{
	const char *key = skip_blanks(begin + 2, end), *key_end = skip_word(key, end);
	const char *value = skip_blanks(key_end, end);

	if (key == end)
		return fail_at(parser, (size_t)(end - begin), "a directive: #! key value");
	if (parser->nr_directives == MAX_DIRECTIVES)
		return fail_at(parser, 0, "at most 16 directives");
	if (parser->notes)
		parser->notes->directives[parser->nr_directives] = (struct directive){
			.key = make_span(key, key_end),
			.value = make_span(value, end),
			.line = parser->line,
		};
	parser->nr_directives++;
	return true;
}

/* "#= linux 6.1.192 6.12.117": the head of a block. */
static bool parse_expectation(struct parser *parser, const char *begin, const char *end)
{
	const char *word = skip_blanks(begin + 2, end), *word_end = skip_word(word, end);
	const char *versions = skip_blanks(word_end, end);

	if (word_end - word != 5 || memcmp(word, "linux", 5) != 0)
		return fail_at(parser, (size_t)(word - begin), "linux and the versions of kernels");
	if (versions == end)
		return fail_at(parser, (size_t)(end - begin), "versions of kernels");
	if (parser->nr_expectations == MAX_EXPECTATIONS)
		return fail_at(parser, 0, "at most 64 blocks of expectations");
	if (parser->notes) {
		struct expectation *expectation = &parser->notes->expectations[parser->nr_expectations];

		expectation->versions = make_span(versions, end);
		expectation->nr_lines = 0;
		expectation->line = parser->line;
	}
	parser->nr_expectations++;
	parser->nr_expectation_lines = 0;
	parser->in_expectation = true;
	return true;
}

/* "#  text" in a block. */
static bool parse_expectation_line(struct parser *parser, const char *begin, const char *end)
{
	if (parser->nr_expectation_lines == MAX_EXPECTATION_LINES)
		return fail_at(parser, 0, "at most 24 lines in a block of expectations");
	if (parser->notes) {
		struct expectation *expectation = &parser->notes->expectations[parser->nr_expectations - 1];
		const char *text = begin + 3 < end ? begin + 3 : end;

		expectation->lines[expectation->nr_lines++] = make_span(text, end);
	}
	parser->nr_expectation_lines++;
	return true;
}

static bool parse_op_line(struct parser *parser, const char *begin, const char *end, const char *comment)
{
	struct program *program = parser->program;
	const char *op_end = trim_end(begin, comment), *at = skip_blanks(begin, op_end);
	struct text_error where;

	if (op_end - begin > MAX_OP_LINE)
		return fail_at(parser, MAX_OP_LINE, "at most 4096 bytes in the line of an operation");
	if (program->nr_ops == MAX_OPS)
		return fail_at(parser, (size_t)(at - begin), "at most 512 operations");
	if (!text_parse_op(&program->ops[program->nr_ops], at, op_end, &where))
		return fail_at(parser, (size_t)(where.at - begin), where.expected);
	if (parser->notes) {
		const char *text = comment < end ? skip_blanks(comment + 1, end) : end;

		parser->notes->op_comment[program->nr_ops] = make_span(text, end);
		parser->notes->op_line[program->nr_ops] = parser->line;
	}
	program->nr_ops++;
	return true;
}

/* One line, without its newline. */
static bool parse_line(struct parser *parser, const char *begin, const char *line_end)
{
	const char *nul = memchr(begin, '\0', (size_t)(line_end - begin));
	const char *end = trim_end(begin, line_end), *comment;
	size_t length = (size_t)(end - begin);

	if (nul)
		return fail_at(parser, (size_t)(nul - begin), "text: a NUL byte is not allowed");
	/* Blanks behind "#" are looked for in the whole line: an empty line of a block is "#  ". */
	if (parser->in_expectation && line_end - begin >= 3 && memcmp(begin, "#  ", 3) == 0)
		return parse_expectation_line(parser, begin, end);
	parser->in_expectation = false;
	if (length == 0)
		return true;
	if (length >= 2 && memcmp(begin, "#=", 2) == 0)
		return parse_expectation(parser, begin, end);
	/* "#!/usr/bin/env ..." is a comment: programs may be made executable. */
	if (length >= 2 && memcmp(begin, "#!", 2) == 0 && !(length > 2 && begin[2] == '/'))
		return parse_directive(parser, begin, end);

	comment = memchr(begin, '#', length);
	if (!comment)
		comment = end;
	else if (skip_blanks(begin, comment) == comment)
		return true;
	return parse_op_line(parser, begin, end, comment);
}

bool program_parse(struct program *program, struct program_notes *notes, const char *text, size_t length,
		   struct parse_error *error)
{
	struct parser parser = { .program = program, .notes = notes, .error = error };
	const char *at = text, *text_end = length ? text + length : text; /* text may be NULL */
	bool good = true;

	program->nr_ops = 0;
	while (good && at < text_end) {
		const char *newline = memchr(at, '\n', (size_t)(text_end - at));
		const char *end = newline ? newline : text_end;

		parser.line++;
		good = parse_line(&parser, at, end);
		at = newline ? newline + 1 : text_end;
	}
	if (!good)
		program->nr_ops = 0;
	if (notes) {
		notes->nr_directives = good ? parser.nr_directives : 0;
		notes->nr_expectations = good ? parser.nr_expectations : 0;
	}
	return good;
}

static bool begins_like_a_program(const uint8_t *data, size_t size)
{
	size_t i = 0;

	while (i < size && (text_is_blank((char)data[i]) || data[i] == '\n'))
		i++;
	if (i == size || data[i] == '#')
		return true;
	return data[i] >= 'A' && data[i] < 'A' + NR_PROCESSES && i + 1 < size &&
	       text_is_blank((char)data[i + 1]);
}

bool program_is_text(const uint8_t *data, size_t size)
{
	bool ascii = true, words = false;

	for (size_t i = 0; i < size; i++) {
		bool blank = text_is_blank((char)data[i]) || data[i] == '\n';

		if ((data[i] < ' ' && !blank) || data[i] == 0x7f)
			return false;
		ascii &= data[i] < 0x80;
		words |= blank;
	}
	return (ascii && words) || begins_like_a_program(data, size);
}
