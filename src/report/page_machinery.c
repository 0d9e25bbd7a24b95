// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the run went, in report.md: workers, sessions, and what went wrong.
 */
#include "report/internal.h"
#include "report/markdown.h"
#include "report/phrases.h"

static void put_workers(FILE *out, const json_t *workers)
{
	static const char *const titles[] = { ">worker", "focus",     ">executions", ">starts", ">crash",
					      ">oom",    ">time-out", ">killed",     ">other",  NULL };
	static const char *const reasons[] = { "crash", "oom", "timeout", "killed", "other" };
	struct phrase phrase;
	const json_t *worker;
	size_t i;

	fputs("## Workers\n\n", out);
	if (!json_array_size(workers)) {
		fputs("Nothing is known of them.\n\n", out);
		return;
	}
	fputs("How often each was started, and what ended it before its time.\n\n", out);
	markdown_table(out, titles);
	json_array_foreach(workers, i, worker)
	{
		const json_t *ends = json_object_get(worker, "ends");

		fprintf(out, "| %s | ", in_count(&phrase, json_object_get(worker, "slot")));
		markdown_text(out, member_text(worker, "focus"));
		fprintf(out, " | %s |", in_count(&phrase, json_object_get(worker, "executions")));
		fprintf(out, " %s |", in_count(&phrase, json_object_get(worker, "starts")));
		for (size_t reason = 0; reason < sizeof(reasons) / sizeof(reasons[0]); reason++)
			fprintf(out, " %s |", in_count(&phrase, json_object_get(ends, reasons[reason])));
		fputs("\n", out);
	}
	fputs("\n", out);
}

static void put_sessions(FILE *out, const json_t *sessions)
{
	static const char *const titles[] = { ">session", "began", ">for", "end", NULL };
	struct phrase phrase;
	const json_t *session;
	size_t i;

	fputs("## Sessions\n\n", out);
	if (!json_array_size(sessions)) {
		fputs("Nothing is known of them.\n\n", out);
		return;
	}
	markdown_table(out, titles);
	json_array_foreach(sessions, i, session)
	{
		fprintf(out, "| %zu | %s |", i + 1, in_date(&phrase, json_object_get(session, "began")));
		fprintf(out, " %s | ", in_time(&phrase, json_object_get(session, "seconds")));
		markdown_text(out, member_text(session, "end"));
		fputs(" |\n", out);
	}
	fputs("\n", out);
}

static void put_texts(FILE *out, const json_t *texts)
{
	const json_t *text;
	size_t i;

	json_array_foreach(texts, i, text)
	{
		fputs("- ! ", out);
		markdown_text(out, json_is_string(text) ? json_string_value(text) : "something unreadable");
		fputs("\n", out);
	}
}

static void put_disk(FILE *out, const json_t *disk)
{
	struct phrase a, b;

	if (!json_is_object(disk))
		return;
	fprintf(out, "The run directory had %s of %s at most; ", in_bytes(&a, json_object_get(disk, "bytes")),
		in_bytes(&b, json_object_get(disk, "limit")));
	if (member_number(disk, "refused"))
		fprintf(out, "**! %s refused for want of space**.\n\n",
			in_plural(&a, member_number(disk, "refused"), "write"));
	else
		fputs("no write was refused.\n\n", out);
}

static void put_aside(FILE *out, const json_t *aside)
{
	const json_t *file;
	size_t i;

	if (!json_array_size(aside))
		return;
	fputs("Set aside, in `aside/`:\n\n", out);
	json_array_foreach(aside, i, file)
	{
		fputs("- ! ", out);
		markdown_code(out, member_text(file, "file"));
		fputs(": ", out);
		markdown_text(out, member_text(file, "why"));
		fputs("\n", out);
	}
	fputs("\n", out);
}

void page_machinery(FILE *out, const json_t *facts)
{
	const json_t *problems = json_object_get(facts, "problems"),
		     *warnings = json_object_get(facts, "warnings");

	put_workers(out, json_object_get(facts, "workers"));
	put_sessions(out, json_object_get(facts, "sessions"));
	fputs("## Problems\n\n", out);
	put_texts(out, problems);
	put_texts(out, warnings);
	fputs(json_array_size(problems) + json_array_size(warnings) ? "\n" : "None.\n\n", out);
	put_aside(out, json_object_get(facts, "aside"));
	put_disk(out, json_object_get(facts, "disk"));
}
