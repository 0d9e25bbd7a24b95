// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of report.md about the score: what "nothing new" is worth. Only
 * writes what report.json says.
 */
#include <string.h>

#include "report/internal.h"
#include "report/markdown.h"
#include "report/phrases.h"

static json_int_t nr_with_verdict(const json_t *bugs, const char *verdict)
{
	json_int_t nr = 0;
	const json_t *bug;
	size_t i;

	json_array_foreach(bugs, i, bug) nr += strcmp(member_text(bug, "verdict"), verdict) == 0;
	return nr;
}

static void put_bug(FILE *out, const json_t *bug)
{
	const json_t *seconds = json_object_get(bug, "median_cpu_seconds");
	const char *verdict = member_text(bug, "verdict"), *invariant, *comma = "";
	bool missed = strcmp(verdict, "missed") == 0;
	struct phrase phrase;
	json_t *count;

	fputs("| ", out);
	markdown_text(out, member_text(bug, "subject"));
	fputs(missed ? " | **! " : " | ", out);
	markdown_text(out, verdict);
	fputs(missed ? "** " : " ", out);
	markdown_text(out, member_text(bug, "why"));
	fprintf(out, " | %" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT " | %s | ",
		member_number(bug, "detected"), member_number(bug, "runs"),
		member_is_number(bug, "median_executions") ?
			in_count(&phrase, json_object_get(bug, "median_executions")) :
			"-");
	if (json_is_number(seconds))
		fprintf(out, "%.2f", json_number_value(seconds));
	fputs(" | ", out);
	json_object_foreach(json_object_get(bug, "invariants"), invariant, count)
	{
		fputs(comma, out);
		markdown_text(out, invariant);
		comma = ", ";
	}
	fputs(" |\n", out);
}

void page_score(FILE *out, const json_t *facts)
{
	static const char *const titles[] = { "bug",    "bar",       ">found", ">executions",
					      ">CPU s", "caught by", NULL };
	const json_t *score = json_object_get(facts, "score"), *bugs = json_object_get(score, "bugs"), *bug;
	struct phrase phrase;
	size_t i;

	if (!json_is_object(score))
		return;
	fputs("## Score\n\nWhat silence is worth: how surely and how soon bugs that there were are found from an empty "
	      "corpus (`rmapfuzz score`).",
	      out);
	fprintf(out,
		" Medians of %s. Bars met: %" JSON_INTEGER_FORMAT ", missed: %" JSON_INTEGER_FORMAT
		", not measured: %" JSON_INTEGER_FORMAT ".%s\n\n",
		in_plural(&phrase, member_number(score, "seeds"), "seed"), nr_with_verdict(bugs, "met"),
		nr_with_verdict(bugs, "missed"), nr_with_verdict(bugs, "not measured"),
		json_is_true(json_object_get(score, "canary")) ?
			"" :
			" **! The canary was not detected: these figures are worth nothing.**");
	markdown_table(out, titles);
	json_array_foreach(bugs, i, bug) put_bug(out, bug);
	fputs("\n", out);
}

void page_score_of(FILE *out, const json_t *score, const char *bug)
{
	const json_t *figures = score_of_bug(score, bug);
	struct phrase phrase;

	if (!figures)
		return;
	fprintf(out, " (score: found %" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
		member_number(figures, "detected"), member_number(figures, "runs"));
	if (member_is_number(figures, "median_executions"))
		fprintf(out, ", median %s executions",
			in_count(&phrase, json_object_get(figures, "median_executions")));
	fputs(")", out);
}
