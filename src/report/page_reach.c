// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fuzzer does not reach, in report.md: first what is never or rarely
 * reached, then everything.
 */
#include <string.h>

#include "report/internal.h"
#include "report/markdown.h"
#include "report/phrases.h"

static bool is_reached(const json_t *row)
{
	return strcmp(member_text(row, "reached"), "often") == 0;
}

/* "never", or how seldom: "12 of 600,000, 0.002 %". */
static void put_share(FILE *out, const json_t *part, const json_t *whole)
{
	struct phrase a, b, c;

	if (json_number_value(part) > 0)
		fprintf(out, "%s of %s, %s", in_count(&a, part), in_count(&b, whole),
			in_percent(&c, json_number_value(part), json_number_value(whole)));
	else
		fprintf(out, "**never**, of %s", in_count(&b, whole));
}

static void put_seldom_decision(FILE *out, const json_t *row, const json_t *executions)
{
	fputs("- ", out);
	markdown_code(out, member_text(row, "name"));
	fputs(" ", out);
	markdown_code(out, member_text(row, "value"));
	fputs(", ", out);
	put_share(out, json_object_get(row, "asked"), executions);
	if (*member_text(row, "what")) {
		fputs(": ", out);
		markdown_text(out, member_text(row, "what"));
	}
	if (*member_text(row, "meaning")) {
		fputs("; here ", out);
		markdown_text(out, member_text(row, "meaning"));
	}
	fputs("\n", out);
}

static void put_seldom_operation(FILE *out, const json_t *row)
{
	struct phrase failed;

	fputs("- ", out);
	markdown_code(out, member_text(row, "name"));
	fputs(", ", out);
	put_share(out, json_object_get(row, "effective"), json_object_get(row, "executed"));
	if (member_number(row, "failed"))
		fprintf(out, "; %s failed", in_count(&failed, json_object_get(row, "failed")));
	fputs("\n", out);
}

static void put_all_decisions(FILE *out, const json_t *rows, const json_t *executions)
{
	static const char *const titles[] = { "decision", "value", ">programs", ">share", NULL };
	struct phrase a, b;
	const json_t *row;
	size_t i;

	fputs("#### All decisions\n\n", out);
	markdown_table(out, titles);
	json_array_foreach(rows, i, row)
	{
		fputs("| ", out);
		markdown_code(out, member_text(row, "name"));
		fputs(" | ", out);
		markdown_code(out, member_text(row, "value"));
		fprintf(out, " | %s | %s |\n", in_count(&a, json_object_get(row, "asked")),
			in_percent(&b, json_number_value(json_object_get(row, "asked")),
				   json_number_value(executions)));
	}
	fputs("\n", out);
}

static void put_all_operations(FILE *out, const json_t *rows)
{
	static const char *const titles[] = { "operation", ">executed", ">effective",
					      ">share",    ">failed",   NULL };
	struct phrase a, b, c, d;
	const json_t *row;
	size_t i;

	fputs("#### All operations\n\n", out);
	markdown_table(out, titles);
	json_array_foreach(rows, i, row)
	{
		fputs("| ", out);
		markdown_code(out, member_text(row, "name"));
		fprintf(out, " | %s | %s | %s | %s |\n", in_count(&a, json_object_get(row, "executed")),
			in_count(&b, json_object_get(row, "effective")),
			in_percent(&c, json_number_value(json_object_get(row, "effective")),
				   json_number_value(json_object_get(row, "executed"))),
			in_count(&d, json_object_get(row, "failed")));
	}
	fputs("\n", out);
}

/* "8 of 42:" before those that are not reached, or that there are none; false if nothing was counted. */
static bool put_number(FILE *out, const json_t *rows)
{
	size_t nr = json_array_size(rows), nr_not = 0, i;
	const json_t *row;

	json_array_foreach(rows, i, row) nr_not += !is_reached(row);
	if (!nr)
		fputs("nothing was counted.\n\n", out);
	else if (!nr_not)
		fprintf(out, "none of %zu.\n\n", nr);
	else
		fprintf(out, "%zu of %zu.\n\n", nr_not, nr);
	return nr > 0;
}

static void put_decisions(FILE *out, const json_t *reach, const json_t *executions)
{
	const json_t *rows = json_object_get(reach, "decisions"), *row;
	struct phrase rarely;
	size_t i;

	fprintf(out,
		"### Decisions of the release never taken\n\nA decision is asked for where kernels of different "
		"releases differ. Never asked for, or by fewer than one of %s programs: ",
		in_count(&rarely, json_object_get(reach, "rarely_asked")));
	if (!put_number(out, rows))
		return;
	json_array_foreach(rows, i, row) if (!is_reached(row)) put_seldom_decision(out, row, executions);
	fputs("\n", out);
	put_all_decisions(out, rows, executions);
}

static void put_operations(FILE *out, const json_t *reach)
{
	const json_t *rows = json_object_get(reach, "operations"), *row;
	struct phrase rarely;
	size_t i;

	fprintf(out,
		"### Operations rarely effective\n\nAn operation is effective when it changes something. Never, or "
		"fewer than one time in %s: ",
		in_count(&rarely, json_object_get(reach, "rarely_effective")));
	if (!put_number(out, rows))
		return;
	json_array_foreach(rows, i, row) if (!is_reached(row)) put_seldom_operation(out, row);
	fputs("\n", out);
	put_all_operations(out, rows);
}

void page_reach(FILE *out, const json_t *facts)
{
	const json_t *reach = json_object_get(facts, "reach");

	fputs("## Not reached\n\n", out);
	put_decisions(out, reach, json_object_get(json_object_get(facts, "totals"), "executions"));
	put_operations(out, reach);
}
