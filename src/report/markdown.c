// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing CommonMark, see markdown.h. Escapes as little as is safe, because
 * people read report.md as text, too.
 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "report/markdown.h"

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Markup wherever it stands, or here: an underscore within a word and a '>' within a line are none. */
static bool needs_escape(const char *text, const char *at)
{
	if (*at == '_')
		return at == text || !is_word(at[-1]) || !is_word(at[1]);
	if (*at == '&')
		return is_word(at[1]) || at[1] == '#';
	if (strchr(">+-=#", *at))
		return at == text;
	return strchr("\\`*[]<|~", *at) != NULL;
}

void markdown_text(FILE *out, const char *text)
{
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ') {
			fputc(' ', out);
			continue;
		}
		if (needs_escape(text, at))
			fputc('\\', out);
		fputc(*at, out);
	}
}

/* The longest run of backticks in a text. */
static unsigned int longest_ticks(const char *text)
{
	unsigned int longest = 0, run = 0;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void put_ticks(FILE *out, unsigned int nr)
{
	while (nr--)
		fputc('`', out);
}

void markdown_code(FILE *out, const char *text)
{
	unsigned int ticks = longest_ticks(text) + 1;
	size_t length = strlen(text);
	bool padded = ticks > 1 && (text[0] == '`' || text[length - 1] == '`');

	if (!length)
		return;
	put_ticks(out, ticks);
	if (padded)
		fputc(' ', out);
	for (; *text; text++) {
		if (*text == '|')
			fputc('\\', out); /* a cell ends even within code */
		fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
	if (padded)
		fputc(' ', out);
	put_ticks(out, ticks);
}

void markdown_block(FILE *out, const char *text)
{
	unsigned int ticks = longest_ticks(text) + 1;
	size_t length = strlen(text);

	ticks = ticks < 3 ? 3 : ticks;
	put_ticks(out, ticks);
	fprintf(out, "\n%s%s", text, length && text[length - 1] == '\n' ? "" : "\n");
	put_ticks(out, ticks);
	fputs("\n\n", out);
}

void markdown_table(FILE *out, const char *const *titles)
{
	for (const char *const *title = titles; *title; title++)
		fprintf(out, "| %s ", *title + (**title == '>'));
	fputs("|\n", out);
	for (const char *const *title = titles; *title; title++)
		fputs(**title == '>' ? "|---:" : "|---", out);
	fputs("|\n", out);
}

void markdown_anchor(char out[MARKDOWN_ANCHOR_MAX], const char *heading)
{
	size_t length = 0;

	for (; *heading && length + 1 < MARKDOWN_ANCHOR_MAX; heading++)
		if (isalnum((unsigned char)*heading) || *heading == '-' || *heading == '_')
			out[length++] = (char)tolower((unsigned char)*heading);
		else if (*heading == ' ')
			out[length++] = '-';
	out[length] = '\0';
}
