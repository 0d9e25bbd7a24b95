// SPDX-License-Identifier: GPL-2.0-only
/*
 * The man page, see manual.h. Lists no verb and no option by itself.
 */
#include <ctype.h>
#include <string.h>

#include "tool/manual.h"

const char manual_notes[] =
	"A FILE is a program as text or as bytes, told apart by content; a directory, read with all below it but hidden "
	"files and files for people (" SUFFIXES_FOR_PEOPLE
	"); or - for standard input. \"#! release VERSION\" and \"#! bug ID\" "
	"lines of a program's text hold unless an option says otherwise.\n"
	"\n"
	"From a crash to an explanation:\n"
	"  rmapfuzz run crash-1234           which invariant broke, and where\n"
	"  rmapfuzz trace crash-1234         what each operation did\n"
	"  rmapfuzz fmt crash-1234           the program as text\n"
	"  rmapfuzz bugs S01                 all about a known bug\n";

const char manual_exit_codes[] = "0 clean, 1 bad input or usage, 72 interrupted, 77 a violation was found.";

// NOLINTNEXTLINE(misc-no-recursion): as deep as the tables
void manual_each_option(const struct argp *argp, void (*visit)(void *data, const struct argp_option *option),
			void *data)
{
	for (const struct argp_option *option = argp->options;
	     option && (option->name || option->key || option->doc); option++)
		if (option->name && !(option->flags & (OPTION_HIDDEN | OPTION_DOC)))
			visit(data, option);
	for (const struct argp_child *child = argp->children; child && child->argp; child++)
		manual_each_option(child->argp, visit, data);
}

/* ---- roff ---- */

/* Text as roff takes it: no character of it may be a request, an escape or a soft hyphen. */
static void put_roff(FILE *out, const char *text, size_t length)
{
	if (length && (text[0] == '.' || text[0] == '\''))
		fputs("\\&", out);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\\')
			fputs("\\e", out);
		else if (text[i] == '-')
			fputs("\\-", out);
		else if (text[i] == '\'')
			fputs("\\(aq", out);
		else
			fputc(text[i], out);
	}
}

static void put_string(FILE *out, const char *text)
{
	put_roff(out, text, strlen(text));
}

static bool is_example(const char *line)
{
	return line[0] == ' ' && line[1] == ' ';
}

/* Paragraphs between empty lines; lines that begin with two blanks stay as they are. */
static void put_text(FILE *out, const char *text, size_t text_length)
{
	const char *end = text + text_length;
	bool example = false, fresh = true;

	for (const char *line = text; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((newline ? newline : end) - line);
		bool now = length > 2 && is_example(line);

		if (now != example)
			fputs(now ? ".nf\n.RS 2\n" : ".RE\n.fi\n", out);
		if (!length)
			fputs(".PP\n", out);
		else if (!now && !fresh)
			fputs(".br\n", out);
		fresh = !length || now;
		example = now;
		if (length) {
			put_roff(out, now ? line + 2 : line, now ? length - 2 : length);
			fputs("\n", out);
		}
		line += length + 1;
	}
	if (example)
		fputs(".RE\n.fi\n", out);
}

static void put_option(void *data, const struct argp_option *option)
{
	FILE *out = data;

	fputs(".TP\n", out);
	if (isgraph(option->key) && option->key < 128) {
		fprintf(out, "\\fB\\-%c\\fR", option->key);
		if (option->arg) {
			fputs(" \\fI", out);
			put_string(out, option->arg);
			fputs("\\fR", out);
		}
		fputs(", ", out);
	}
	fputs("\\fB\\-\\-", out);
	put_string(out, option->name);
	fputs("\\fR", out);
	if (option->arg) {
		fputs(option->flags & OPTION_ARG_OPTIONAL ? "[=\\fI" : "=\\fI", out);
		put_string(out, option->arg);
		fputs(option->flags & OPTION_ARG_OPTIONAL ? "\\fR]" : "\\fR", out);
	}
	fputs("\n", out);
	put_string(out, option->doc ? option->doc : "");
	fputs("\n", out);
}

static void put_verb(FILE *out, const struct verb *verb)
{
	const struct argp *argp = verb->argp;
	const char *doc = argp->doc ? argp->doc : "", *behind = strchr(doc, '\v');
	size_t before = behind ? (size_t)(behind - doc) : strlen(doc);

	fprintf(out, ".SS \"rmapfuzz %s\"\n\\fBrmapfuzz %s\\fR [\\fIOPTION\\fR...] \\fI", verb->name,
		verb->name);
	put_string(out, argp->args_doc ? argp->args_doc : "");
	fputs("\\fR\n.PP\n", out);
	put_text(out, doc, before);
	manual_each_option(argp, put_option, out);
	if (behind) {
		fputs(".PP\n", out);
		put_text(out, behind + 1, strlen(behind + 1));
	}
}

void manual_print_page(FILE *out)
{
	fprintf(out,
		".\\\" Made by rmapfuzz --man; do not edit.\n"
		".TH RMAPFUZZ 1 \"\" \"rmapfuzz %s\" \"User Commands\"\n"
		".SH NAME\n"
		"rmapfuzz \\- programs that exercise the anonymous reverse map of the Linux kernel\n"
		".SH SYNOPSIS\n"
		"\\fBrmapfuzz\\fR \\fIVERB\\fR [\\fIOPTION\\fR...] \\fIFILE\\fR...\n"
		".br\n"
		"\\fBrmapfuzz\\fR \\fIVERB\\fR \\fB\\-\\-help\\fR\n"
		".br\n"
		"\\fBrmapfuzz\\fR \\fB\\-\\-help\\fR | \\fB\\-\\-version\\fR | \\fB\\-\\-man\\fR | \\fB\\-\\-completion\\fR\n"
		".SH DESCRIPTION\n"
		"Reads, replays, explains and keeps programs of process operations (mmap, fork, fault, reclaim,\n"
		"mremap, exit) that a fuzzer found or a person wrote, on an engine that decides as a chosen kernel\n"
		"release does, under an oracle that says what must hold after every operation.\n"
		".PP\n",
		RMAPFUZZ_VERSION);
	put_text(out, manual_notes, strlen(manual_notes));
	fputs(".SH VERBS\n", out);
	for (size_t i = 0; verb_at(i); i++) {
		fprintf(out, ".TP\n\\fB%s\\fR\n", verb_at(i)->name);
		put_string(out, verb_at(i)->help);
		fputs("\n", out);
	}
	fputs(".PP\nEach verb takes \\fB\\-\\-help\\fR and \\fB\\-\\-usage\\fR, too.\n", out);
	for (size_t i = 0; verb_at(i); i++)
		put_verb(out, verb_at(i));
	fputs(".SH EXIT STATUS\n", out);
	put_string(out, manual_exit_codes);
	fputs("\n.SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nNo colour, if set and not empty.\n"
	      ".SH FILES\nThe documentation of the project, docs/ in its source, describes programs (program.md), invariants\n"
	      "(invariants.md), releases and bugs.\n",
	      out);
}
