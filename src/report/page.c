// SPDX-License-Identifier: GPL-2.0-only
/*
 * report.md from report.json: the verdict, the way to the parts, the run in
 * figures. Only writes what report.json says; decides no number.
 */
#include <string.h>

#include "report/internal.h"
#include "report/markdown.h"
#include "report/phrases.h"

static const json_t *part(const json_t *facts, const char *key)
{
	return json_object_get(facts, key);
}

static void put_link(FILE *out, const char *heading, json_int_t count)
{
	char anchor[MARKDOWN_ANCHOR_MAX];

	markdown_anchor(anchor, heading);
	fprintf(out, "- [%s](#%s)", heading, anchor);
	if (count >= 0)
		fprintf(out, " (%" JSON_INTEGER_FORMAT ")", count);
	fputs("\n", out);
}

/* How much a person should look into, beside failures. */
static json_int_t nr_problems(const json_t *facts)
{
	return (json_int_t)(json_array_size(part(facts, "problems")) + json_array_size(part(facts, "aside")) +
			    json_array_size(part(facts, "warnings"))) +
	       (member_number(part(facts, "disk"), "refused") > 0);
}

static void put_contents(FILE *out, const json_t *facts)
{
	if (json_array_size(part(facts, "findings")))
		put_link(out, "New failures", (json_int_t)json_array_size(part(facts, "findings")));
	if (member_number(part(facts, "unfiled"), "files"))
		put_link(out, "Not looked at yet", member_number(part(facts, "unfiled"), "files"));
	if (json_array_size(part(facts, "known")))
		put_link(out, "Known failures", (json_int_t)json_array_size(part(facts, "known")));
	put_link(out, "Progress", -1);
	if (!json_is_null(part(facts, "previous")))
		put_link(out, "Since the run before", -1);
	if (!json_is_null(part(facts, "score")))
		put_link(out, "Score", -1);
	put_link(out, "Not reached", -1);
	put_link(out, "Workers", (json_int_t)json_array_size(part(facts, "workers")));
	put_link(out, "Sessions", (json_int_t)json_array_size(part(facts, "sessions")));
	put_link(out, "Problems", nr_problems(facts));
	fputs("\n", out);
}

static void put_row(FILE *out, const char *name, const char *value)
{
	fprintf(out, "| %s | ", name);
	markdown_text(out, value);
	fputs(" |\n", out);
}

static void put_code_row(FILE *out, const char *name, const char *value)
{
	if (!*value)
		return;
	fprintf(out, "| %s | ", name);
	markdown_code(out, value);
	fputs(" |\n", out);
}

static void put_run(FILE *out, const json_t *about)
{
	struct phrase a, b, c;
	char text[256];

	snprintf(text, sizeof(text), "%s, began %s", in_count(&a, part(about, "run")),
		 in_date(&b, part(about, "began")));
	put_row(out, "run", text);
	snprintf(text, sizeof(text), "%s of %s%s", in_time(&a, part(about, "seconds")),
		 in_time(&b, part(about, "wanted")),
		 json_is_true(part(about, "finished")) ? "" : ", not finished");
	put_row(out, "time", text);
	if (!json_is_null(part(about, "target")))
		put_row(out, "fuzzed", member_text(about, "target"));
	put_code_row(out, "options", member_text(about, "options"));
	snprintf(text, sizeof(text), "%s, %s at once", member_text(about, "engine"),
		 json_is_number(part(about, "jobs")) ? in_plural(&c, member_number(about, "jobs"), "worker") :
						       "unknown workers");
	put_row(out, "engine", text);
	put_code_row(out, "build", member_text(about, "build"));
}

static void put_totals(FILE *out, const json_t *totals, const json_t *about)
{
	struct phrase a, b;
	char text[256];

	snprintf(text, sizeof(text), "%s, %s per second", in_count(&a, part(totals, "executions")),
		 in_count(&b, part(totals, "executions_per_second")));
	put_row(out, "executions", text);
	put_row(out, "operations", in_count(&a, part(totals, "operations")));
	put_row(out, "coverage", in_count(&a, part(totals, "coverage")));
	snprintf(text, sizeof(text), "%s of %s", in_count(&a, part(totals, "features")),
		 in_count(&b, part(totals, "features_total")));
	put_row(out, "model features", text);
	snprintf(text, sizeof(text), "%s files, %s", in_count(&a, part(totals, "corpus_files")),
		 in_bytes(&b, part(totals, "corpus_bytes")));
	put_row(out, "corpus", text);
	if (!member_is_number(totals, "last_new") || !member_is_number(about, "seconds"))
		return;
	json_int_t idle = member_number(about, "seconds") - member_number(totals, "last_new");
	json_t *since = json_integer(idle < 0 ? 0 : idle);

	snprintf(text, sizeof(text), "after %s; nothing new in the last %s",
		 in_time(&a, part(totals, "last_new")), in_time(&b, since));
	put_row(out, "last new coverage or feature", text);
	json_decref(since);
}

void page_print(FILE *out, const json_t *facts, bool charts)
{
	static const char *const titles[] = { "the run", "", NULL };
	struct phrase phrase;

	fputs("# ", out);
	markdown_text(out, member_text(part(facts, "verdict"), "text"));
	fputs("\n\n", out);
	if (nr_problems(facts))
		fprintf(out, "**! %s**, see [Problems](#problems).\n\n",
			in_plural(&phrase, nr_problems(facts), "problem"));
	put_contents(out, facts);
	markdown_table(out, titles);
	put_run(out, part(facts, "run"));
	put_totals(out, part(facts, "totals"), part(facts, "run"));
	fputs("\n", out);
	page_findings(out, facts);
	page_progress(out, facts, charts);
	page_previous(out, facts);
	page_score(out, facts);
	page_reach(out, facts);
	page_machinery(out, facts);
}
