/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the two files of the text parser: lines (text_parse.c) and the
 * operation in a line (text_op.c). Nobody else includes this.
 */
#ifndef RMAPFUZZ_PROGRAM_TEXT_H
#define RMAPFUZZ_PROGRAM_TEXT_H

#include "program/program.h"

/* Where an operation is wrong, and what was expected there. */
struct text_error {
	const char *at;
	char expected[sizeof(((struct parse_error *)0)->expected)];
};

/* Carriage return counts as a blank: lines may end in CRLF. */
static inline bool text_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Parses the operation in at..end, which has no comment and no blanks at either end. */
bool text_parse_op(struct op *op, const char *at, const char *end, struct text_error *error);

#endif
