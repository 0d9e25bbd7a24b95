/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing CommonMark with GitHub's tables. Whatever is written through these
 * functions stays the text that it is: no part of it becomes markup.
 */
#ifndef RMAPFUZZ_REPORT_MARKDOWN_H
#define RMAPFUZZ_REPORT_MARKDOWN_H

#include <stdarg.h>
#include <stdio.h>

enum { MARKDOWN_ANCHOR_MAX = 160 };

/* Text within a line, a newline becomes a blank. */
void markdown_text(FILE *out, const char *text);
/* `code` within a line, also in a table. */
void markdown_code(FILE *out, const char *text);
/* Lines of code, as they are. */
void markdown_block(FILE *out, const char *text);

/* Head of a table: titles, NULL at the end; one that begins with '>' has numbers below it. */
void markdown_table(FILE *out, const char *const *titles);

/* What a heading is called in links, as GitHub has it: "new-failures" of "New failures". */
void markdown_anchor(char out[MARKDOWN_ANCHOR_MAX], const char *heading);

#endif
