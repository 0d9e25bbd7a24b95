// SPDX-License-Identifier: GPL-2.0-only
/*
 * The present run beside the one before it in the same directory, in report.md.
 */
#include "report/internal.h"
#include "report/markdown.h"
#include "report/phrases.h"

static void put_sign(FILE *out, const json_t *before, const json_t *now)
{
	json_int_t change;
	struct phrase phrase;

	if (!is_count(before) || !is_count(now)) {
		fputs("unknown", out);
		return;
	}
	change = count_of(now) - count_of(before);
	json_t *value = json_integer(change);

	fprintf(out, "%s%s", change > 0 ? "+" : "", in_count(&phrase, value));
	json_decref(value);
}

static void put_row(FILE *out, const char *what, const json_t *before, const json_t *now)
{
	struct phrase a, b;

	fprintf(out, "| %s | %s | %s | ", what, in_count(&a, before), in_count(&b, now));
	put_sign(out, before, now);
	fputs(" |\n", out);
}

static void put_names(FILE *out, const char *sentence, const json_t *names)
{
	const json_t *name;
	size_t i;

	if (!json_array_size(names))
		return;
	fprintf(out, "%s: ", sentence);
	json_array_foreach(names, i, name)
	{
		fputs(i ? ", " : "", out);
		markdown_text(out, json_string_value(name));
	}
	fputs(".\n\n", out);
}

static void put_numbers(FILE *out, const json_t *facts, const json_t *previous)
{
	static const char *const titles[] = { "", ">before", ">now", ">change", NULL };
	static const char *const keys[][2] = { { "executions", "executions" },
					       { "executions_per_second", "per second" },
					       { "coverage", "coverage" },
					       { "features", "model features" },
					       { "corpus_files", "corpus files" } };
	const json_t *before = json_object_get(previous, "totals"), *now = json_object_get(facts, "totals");
	struct phrase a, b;

	markdown_table(out, titles);
	put_row(out, "new failures", json_object_get(previous, "new"),
		json_object_get(json_object_get(facts, "verdict"), "new"));
	fprintf(out, "| time | %s | %s | |\n", in_time(&a, json_object_get(previous, "seconds")),
		in_time(&b, json_object_get(json_object_get(facts, "run"), "seconds")));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put_row(out, keys[i][1], json_object_get(before, keys[i][0]), json_object_get(now, keys[i][0]));
	fputs("\n", out);
}

void page_previous(FILE *out, const json_t *facts)
{
	const json_t *previous = json_object_get(facts, "previous");

	if (!json_is_object(previous))
		return;
	fprintf(out,
		"## Since the run before\n\nRun %" JSON_INTEGER_FORMAT
		" in this directory, kept in `runs/%" JSON_INTEGER_FORMAT "/`, said: ",
		member_number(previous, "number"), member_number(previous, "number"));
	markdown_text(out, member_text(previous, "verdict"));
	fputs("\n\n", out);
	if (!json_is_true(json_object_get(previous, "same_options")))
		fputs("**!** It had other options, another engine or another number of workers.\n\n", out);
	if (!json_is_true(json_object_get(previous, "same_build")))
		fputs("**!** It was another build.\n\n", out);
	put_numbers(out, facts, previous);
	put_names(out, "Seen then and not now", json_object_get(previous, "gone"));
	put_names(out, "Decisions asked for then and not now", json_object_get(previous, "decisions_lost"));
	put_names(out, "Decisions asked for now and not then", json_object_get(previous, "decisions_gained"));
}
