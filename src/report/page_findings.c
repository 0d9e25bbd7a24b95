// SPDX-License-Identifier: GPL-2.0-only
/*
 * The failures in report.md: each new one as an engineer wants to read it,
 * known ones as a table. Sections of the fourth level are long and may be
 * folded by whoever shows them.
 */
#include <string.h>

#include "report/internal.h"
#include "report/markdown.h"
#include "report/phrases.h"

enum { MAX_HEADING = 300, MAX_PROGRAMS_SHOWN = 8 };

static const char *first_text(const json_t *finding, const char *one, const char *other)
{
	const char *text = member_text(finding, one);

	return *text ? text : member_text(finding, other);
}

static void heading_of(char out[MAX_HEADING], size_t number, const json_t *finding)
{
	const char *name = member_text(finding, "name"), *signature = first_text(finding, "signature", "class");

	if (*signature && strncmp(signature, name, strlen(name)) != 0)
		snprintf(out, MAX_HEADING, "%zu. %.128s, %.128s", number, name, signature);
	else
		snprintf(out, MAX_HEADING, "%zu. %.128s", number, *signature ? signature : name);
}

/* A list and no table: sentences in narrow columns are hard to read. */
static void put_summary(FILE *out, const json_t *findings)
{
	char heading[MAX_HEADING], anchor[MARKDOWN_ANCHOR_MAX];
	const char *what, *title;
	const json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		heading_of(heading, i + 1, finding);
		markdown_anchor(anchor, heading);
		title = strchr(heading, ' ') + 1;
		what = first_text(finding, "violation", "invariant");
		fprintf(out, "%zu. [", i + 1);
		markdown_text(out, title);
		fprintf(out, "](#%s)%s", anchor, *what ? ": " : "");
		markdown_text(out, what);
		fputs("\n", out);
	}
	fputs("\n", out);
}

/* "NEW, first seen after 1 h, in 14 programs, minimized from 229 operations to 6." */
static void put_status(FILE *out, const json_t *finding, const json_t *about)
{
	const char *options = member_text(finding, "options");
	struct phrase a, b;

	fputs("**NEW**", out);
	if (member_is_number(finding, "seconds"))
		fprintf(out, ", first seen after %s", in_time(&a, json_object_get(finding, "seconds")));
	if (member_is_number(finding, "count"))
		fprintf(out, ", in %s", in_plural(&a, member_number(finding, "count"), "program"));
	if (member_number(finding, "operations_found") > member_number(finding, "operations"))
		fprintf(out, ", minimized from %s operations to %s",
			in_count(&a, json_object_get(finding, "operations_found")),
			in_count(&b, json_object_get(finding, "operations")));
	if (*options && strcmp(options, member_text(about, "options")) != 0) {
		fputs(", with ", out);
		markdown_code(out, options);
	}
	fputs(".\n\n", out);
}

/* The invariant, and where it broke: a step beyond the program is one of its end. */
static void put_breach(FILE *out, const json_t *finding)
{
	const char *invariant = member_text(finding, "invariant"),
		   *violation = member_text(finding, "violation");
	json_int_t operation = member_number(finding, "operation");

	if (*invariant) {
		fputs("> ", out);
		markdown_text(out, invariant);
		fputs("\n\n", out);
	} else if (*member_text(finding, "class")) {
		fputs("> Not the oracle but a sanitizer, or the engine itself, stops it.\n\n", out);
	}
	if (!operation)
		return;
	if (member_is_number(finding, "operations") && operation > member_number(finding, "operations"))
		fputs("Broken behind the last operation, while everything exits", out);
	else
		fprintf(out, "Broken at operation %" JSON_INTEGER_FORMAT, operation);
	fputs(*violation ? ": " : "", out);
	markdown_text(out, violation);
	fputs(".\n\n", out);
}

/* Bugs with what the score says of them, and the end of the paragraph. */
static void put_bugs(FILE *out, const json_t *bugs, const json_t *score)
{
	const json_t *bug;
	size_t i;

	json_array_foreach(bugs, i, bug)
	{
		fputs(i ? ", " : "", out);
		markdown_text(out, json_string_value(bug));
		page_score_of(out, score, json_string_value(bug));
	}
	fputs(json_array_size(bugs) ? ".\n\n" : "\n\n", out);
}

/* What explains it: the bug that was turned back, or those that the release has by itself. */
static void put_cause(FILE *out, const json_t *finding, const json_t *score)
{
	const char *title = member_text(finding, "title");
	const json_t *suspects = json_object_get(finding, "suspects"),
		     *alike = json_object_get(finding, "alike");
	char id[8] = "";

	if (*title && strcmp(title, member_text(finding, "name")) != 0) {
		fputs("The bug that was turned back: ", out);
		markdown_text(out, title);
		if (sscanf(title, "%*[^(](%7[A-Z0-9])", id) == 1) /* "NAME (S01): what it does" */
			page_score_of(out, score, id);
		fputs(*member_text(finding, "fix") ? ". Its fix: " : "", out);
		markdown_text(out, member_text(finding, "fix"));
		fputs(".\n\n", out);
	} else if (json_array_size(suspects)) {
		fputs("Bugs that this release has by itself and that break this invariant: ", out);
		put_bugs(out, suspects, score);
	} else if (json_is_array(suspects)) {
		fputs("No bug of the catalogue explains it in this release. ", out);
		if (json_array_size(alike))
			fputs("Bugs that broke this invariant in other releases: ", out);
		put_bugs(out, alike, score);
	}
}

/* A name as a word of a shell command. */
static void put_word(FILE *out, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (strspn(name, plain) == strlen(name)) {
		fputs(name, out);
		return;
	}
	fputc('\'', out);
	for (; *name; name++)
		if (*name == '\'')
			fputs("'\\''", out);
		else
			fputc(*name, out);
	fputc('\'', out);
}

static void put_command(FILE *out, const char *command, const char *name, const char *file, const char *remark)
{
	fprintf(out, "rmapfuzz %s findings/", command);
	put_word(out, name);
	if (*file) {
		fputc('/', out);
		put_word(out, file);
	}
	fprintf(out, "%s%s\n", *remark ? "   # " : "", remark);
}

static void put_commands(FILE *out, const json_t *finding)
{
	const char *name = member_text(finding, "name");
	const json_t *inputs = json_object_get(finding, "inputs");
	const char *input = json_string_value(json_array_get(inputs, 0));

	fputs("#### Commands\n\nIn the run directory:\n\n```\n", out);
	put_command(out, "run", name, "min.prog", "replay");
	put_command(out, "run --release newest", name, "min.prog", "is it there in the newest release?");
	put_command(out, "trace --continue", name, "min.prog", "and what happens after it");
	put_command(out, "dot --every --svg -o steps", name, "min.prog", "a drawing a step");
	if (input)
		put_command(out, "min -o again.prog", name, input, "minimize again");
	put_command(out, "prog2c -o repro.c", name, "min.prog", "as C, for a real kernel");
	put_command(out, "regress", name, "", "once it is fixed: keep it");
	fputs("```\n\n", out);
}

static void put_file(FILE *out, const json_t *finding, const char *key, const char *heading)
{
	if (!*member_text(finding, key))
		return;
	fprintf(out, "#### %s\n\n", heading);
	markdown_block(out, member_text(finding, key));
}

static void put_others(FILE *out, const json_t *finding)
{
	const json_t *others = json_object_get(finding, "others"), *name;
	size_t i;

	if (!json_array_size(others))
		return;
	fputs("Other failures were met while it was minimized:", out);
	json_array_foreach(others, i, name)
	{
		if (i == MAX_PROGRAMS_SHOWN)
			break;
		fputs(i ? ", " : " ", out);
		markdown_code(out, json_string_value(name));
	}
	fprintf(out, "%s. They were not followed.\n\n",
		json_array_size(others) > MAX_PROGRAMS_SHOWN ? ", ..." : "");
}

static void put_finding(FILE *out, size_t number, const json_t *finding, const json_t *facts)
{
	const json_t *about = json_object_get(facts, "run");
	char heading[MAX_HEADING];

	heading_of(heading, number, finding);
	fputs("### ", out);
	fprintf(out, "%zu\\. ", number); /* not the number of a list */
	markdown_text(out, strchr(heading, ' ') + 1);
	fputs("\n\n", out);
	put_status(out, finding, about);
	put_breach(out, finding);
	put_cause(out, finding, json_object_get(facts, "score"));
	if (*member_text(finding, "listing"))
		markdown_block(out, member_text(finding, "listing"));
	else
		fputs("**!** The minimized program is missing or cannot be read.\n\n", out);
	if (json_is_true(json_object_get(finding, "drawing")))
		fprintf(out, "![The anon_vma forest after the failing operation](finding-%zu.svg)\n\n", number);
	put_others(out, finding);
	put_file(out, finding, "trace", "Trace");
	if (!*member_text(finding, "trace"))
		fputs("**!** The trace is missing or cannot be read.\n\n", out);
	if (json_is_true(json_object_get(finding, "filed")))
		put_commands(out, finding);
	put_file(out, finding, "program", "min.prog");
}

static void put_known(FILE *out, const json_t *known)
{
	struct phrase phrase;
	const json_t *row;
	size_t i;

	fputs("## Known failures\n\nThey were counted and not minimized again.\n\n", out);
	json_array_foreach(known, i, row)
	{
		fputs("- **", out);
		markdown_text(out, member_text(row, "class"));
		fprintf(out, "**, %s", in_plural(&phrase, member_number(row, "count"), "time"));
		if (*member_text(row, "violation")) {
			fputs(": ", out);
			markdown_text(out, member_text(row, "violation"));
		}
		if (*member_text(row, "name")) {
			char path[MAX_HEADING];

			snprintf(path, sizeof(path), "findings/%.200s", member_text(row, "name"));
			fputs(" (", out);
			markdown_code(out, path);
			fputs(")", out);
		}
		fputs("\n", out);
	}
	fputs("\n", out);
}

static void put_unfiled(FILE *out, const json_t *unfiled)
{
	struct phrase phrase;
	const json_t *name;
	size_t i;

	if (!member_number(unfiled, "files"))
		return;
	fprintf(out,
		"## Not looked at yet\n\n%s in `inbox/`, which nobody has minimized or filed; the next "
		"`rmapfuzz overnight` does that first:\n\n",
		in_plural(&phrase, member_number(unfiled, "files"), "crash file"));
	json_array_foreach(json_object_get(unfiled, "names"), i, name)
	{
		fputs("- ", out);
		markdown_code(out, json_string_value(name));
		fputs("\n", out);
	}
	fputs("\n", out);
}

void page_findings(FILE *out, const json_t *facts)
{
	const json_t *findings = json_object_get(facts, "findings"), *finding;
	const json_t *known = json_object_get(facts, "known");
	size_t i;

	if (json_array_size(findings)) {
		fputs("## New failures\n\n", out);
		if (json_array_size(findings) > 1)
			put_summary(out, findings);
	}
	json_array_foreach(findings, i, finding) put_finding(out, i + 1, finding, facts);
	put_unfiled(out, json_object_get(facts, "unfiled"));
	if (json_array_size(known))
		put_known(out, known);
}
