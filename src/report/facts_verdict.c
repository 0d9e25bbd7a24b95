// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict: one sentence, from what report.json says already. It never
 * says "nothing" where something could not be read or was not looked at.
 */
#define _GNU_SOURCE /* open_memstream */
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"
#include "report/phrases.h"

/* "newest (rules of 7.3)" of "release newest (rules of 7.3), with S01 ... turned back: undoes ...". */
static void put_target(FILE *out, const json_t *facts)
{
	const char *target = member_text(json_object_get(facts, "run"), "target");
	const char *undoes = strstr(target, ": undoes ");
	size_t length = undoes ? (size_t)(undoes - target) : strlen(target);

	if (length)
		fprintf(out, " on %.*s", (int)length, target);
}

static void put_time(FILE *out, const json_t *facts)
{
	const json_t *about = json_object_get(facts, "run"), *seconds = json_object_get(about, "seconds");
	struct phrase time, wanted;

	if (!json_is_number(seconds))
		return;
	if (json_is_true(json_object_get(about, "finished")))
		fprintf(out, " in %s", in_time(&time, seconds));
	else
		fprintf(out, " so far, in %s of %s", in_time(&time, seconds),
			in_time(&wanted, json_object_get(about, "wanted")));
}

/* What else a person must know before believing the first half. */
static void put_reserve(FILE *out, const json_t *facts, json_int_t known, json_int_t unfiled)
{
	struct phrase phrase;

	if (known)
		fprintf(out, "; %s seen again", in_plural(&phrase, known, "known failure"));
	if (unfiled)
		fprintf(out, "; %s not looked at yet", in_plural(&phrase, unfiled, "crash file"));
	if (!json_is_true(json_object_get(facts, "state")))
		fputs("; how the run went is not known, for state.json cannot be read", out);
	fputs(".", out);
}

static json_int_t seen_again(const json_t *known)
{
	const json_t *row;
	json_int_t nr = 0;
	size_t i;

	json_array_foreach(known, i, row) nr += member_number(row, "count") > 0;
	return nr;
}

void facts_verdict(json_t *facts)
{
	json_int_t nr_new = (json_int_t)json_array_size(json_object_get(facts, "findings"));
	json_int_t known = seen_again(json_object_get(facts, "known"));
	json_int_t unfiled = member_number(json_object_get(facts, "unfiled"), "files");
	bool sure = json_is_true(json_object_get(facts, "state")) && !unfiled;
	struct phrase phrase;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return;
	fputs(nr_new ? in_plural(&phrase, nr_new, "new failure") :
	      sure   ? "Nothing new" :
		       "No new failure filed",
	      out);
	put_time(out, facts);
	put_target(out, facts);
	put_reserve(out, facts, known, unfiled);
	fclose(out);
	json_object_set_new(facts, "verdict",
			    json_pack("{s:s, s:I, s:I, s:o}", "outcome",
				      nr_new ? "new failures" :
				      sure   ? "nothing new" :
					       "unknown",
				      "new", nr_new, "known", known, "text", json_text(text ? text : "")));
	free(text);
}
