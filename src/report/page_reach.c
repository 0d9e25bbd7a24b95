// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fuzzer does not reach, in report.md: first what is never or rarely
 * reached, then everything.
 */
#include <string.h>

#include "report/internal.h"
#include "report/markdown.h"
#include "report/phrases.h"

typedef void (*put_row_fn)(FILE *out, const json_t *row, const json_t *facts);

/* A mark that needs no colour. */
static const char *mark_of(const json_t *row)
{
	const char *reached = member_text(row, "reached");

	return strcmp(reached, "never") == 0 ? "**never**" : reached;
}

static void put_operation(FILE *out, const json_t *row, const json_t *facts)
{
	struct phrase a, b, c, d;

	(void)facts;
	fputs("| ", out);
	markdown_code(out, member_text(row, "name"));
	fprintf(out, " | %s | %s | %s | %s | %s |\n", mark_of(row),
		in_count(&a, json_object_get(row, "executed")), in_count(&b, json_object_get(row, "effective")),
		in_percent(&c, json_number_value(json_object_get(row, "effective")),
			   json_number_value(json_object_get(row, "executed"))),
		in_count(&d, json_object_get(row, "failed")));
}

static void put_decision(FILE *out, const json_t *row, const json_t *facts)
{
	double executions = json_number_value(json_object_get(json_object_get(facts, "totals"), "executions"));
	struct phrase a, b;

	fputs("| ", out);
	markdown_code(out, member_text(row, "name"));
	fputs(" ", out);
	markdown_code(out, member_text(row, "value"));
	fprintf(out, " | %s | %s | %s | ", mark_of(row), in_count(&a, json_object_get(row, "asked")),
		in_percent(&b, json_number_value(json_object_get(row, "asked")), executions));
	markdown_text(out, member_text(row, "what"));
	if (*member_text(row, "meaning")) {
		fputs(": ", out);
		markdown_text(out, member_text(row, "meaning"));
	}
	fputs(" |\n", out);
}

static size_t count_not_reached(const json_t *rows)
{
	const json_t *row;
	size_t i, nr = 0;

	json_array_foreach(rows, i, row) nr += strcmp(member_text(row, "reached"), "often") != 0;
	return nr;
}

static void put_rows(FILE *out, const json_t *rows, put_row_fn put, const char *const *titles,
		     const json_t *facts, bool all)
{
	const json_t *row;
	size_t i;

	markdown_table(out, titles);
	json_array_foreach(rows, i, row) if (all || strcmp(member_text(row, "reached"), "often") != 0)
		put(out, row, facts);
	fputs("\n", out);
}

static void put_kind(FILE *out, const json_t *facts, const char *kind, put_row_fn put, const char *const *titles)
{
	const json_t *rows = json_object_get(json_object_get(facts, "reach"), kind);
	size_t nr = count_not_reached(rows);
	struct phrase phrase;

	if (!json_array_size(rows)) {
		fprintf(out, "No %s were counted.\n\n", kind);
		return;
	}
	if (nr) {
		fprintf(out, "%zu of %s:\n\n", nr, in_plural(&phrase, (json_int_t)json_array_size(rows), kind));
		put_rows(out, rows, put, titles, facts, false);
	} else {
		fputs("None.\n\n", out);
	}
	fprintf(out, "#### All %s\n\n", kind);
	put_rows(out, rows, put, titles, facts, true);
}

void page_reach(FILE *out, const json_t *facts)
{
	static const char *const operations[] = { "operation", "effective", ">executed", ">effective",
						  ">share",    ">failed",   NULL };
	static const char *const decisions[] = { "decision", "asked",           ">programs",
						 ">share",   "what it decides", NULL };
	const json_t *reach = json_object_get(facts, "reach");

	fputs("## Not reached\n\n", out);
	fprintf(out,
		"### Decisions of the release never taken\n\nA decision is asked for where kernels of different "
		"releases differ. Never asked, or in fewer than one of %" JSON_INTEGER_FORMAT " programs: ",
		member_number(reach, "rarely_asked"));
	put_kind(out, facts, "decisions", put_decision, decisions);
	fprintf(out,
		"### Operations rarely effective\n\nAn operation is effective when it changes something. Never, or "
		"fewer than one in %" JSON_INTEGER_FORMAT ": ",
		member_number(reach, "rarely_effective"));
	put_kind(out, facts, "operations", put_operation, operations);
}
