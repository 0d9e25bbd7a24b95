// SPDX-License-Identifier: GPL-2.0-only
/*
 * What distill kept and why, for people and for scripts. Only prints.
 */
#include <string.h>

#include "tool/distill.h"
#include "tool/json.h"

/* "6.12: pair: fork then exit, ...": with its release, unless it is the only one that was asked for. */
static void feature_text(const struct distill *distill, uint32_t number, char *out, size_t room)
{
	char name[FEATURE_NAME_MAX];
	struct release release;

	feature_name(number % NR_FEATURES, name);
	if (!release_at(number / NR_FEATURES, &release) ||
	    (distill->nr_eras == 1 && strcmp(release.name, distill->eras[0].settings.release.name) == 0))
		snprintf(out, room, "%s", name);
	else
		snprintf(out, room, "%s: %s", release.name, name);
}

/* Calls for each feature that a kept program has alone. */
static void for_own(const struct distill *distill, const struct cover_item *item,
		    void (*visit)(void *data, const char *text), void *data)
{
	char text[FEATURE_NAME_MAX + VERSION_TEXT_MAX];

	for (uint32_t i = 0; i < item->nr_features; i++)
		if (distill->cover.count[item->features[i]] == 1) {
			feature_text(distill, item->features[i], text, sizeof(text));
			visit(data, text);
		}
}

static void print_feature(void *data, const char *text)
{
	(void)data;
	printf("    %s\n", text);
}

static uint64_t operations_kept(const struct distill *distill)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < distill->cover.nr_chosen; i++)
		sum += distill->candidates[distill->cover.chosen[i]].nr_ops;
	return sum;
}

static void print_kept(const struct distill *distill)
{
	for (uint32_t i = 0; i < distill->cover.nr_chosen; i++) {
		uint32_t place = distill->cover.chosen[i];
		const struct cover_item *item = &distill->items[place];

		if (!distill->list) {
			printf("%s\n", distill->candidates[place].path);
			continue;
		}
		printf("%s: %u operations, %u features, %u of them new, %u that no other has\n",
		       distill->candidates[place].path, item->cost, item->nr_features, item->nr_new,
		       item->nr_own);
		for_own(distill, item, print_feature, NULL);
	}
}

/* To standard error if standard output is a list for another program. */
static void print_sum(const struct distill *distill, FILE *out)
{
	const struct cover *cover = &distill->cover;

	fprintf(out, "%u programs, %llu operations, %u features%s in", distill->all.nr_programs,
		(unsigned long long)distill->all.nr_ops, distill->all.nr_features,
		distill->nr_given ? " beyond the others" : "");
	for (unsigned int i = 0; i < distill->nr_eras && i < 6; i++)
		fprintf(out, " %s", distill->eras[i].settings.release.name);
	if (distill->nr_eras > 6)
		fprintf(out, " and %u more", distill->nr_eras - 6);
	if (distill->all.nr_violations)
		fprintf(out, ", %u violations", distill->all.nr_violations);
	fprintf(out, "\nkept %u programs, %llu operations, %u features%s\n", cover->nr_chosen,
		(unsigned long long)operations_kept(distill), cover->nr_covered,
		cover->nr_covered < distill->all.nr_features ? " (--max cuts the rest off)" : "");
}

static void print_check(const struct distill *distill)
{
	uint32_t spare = 0;

	for (uint32_t i = 0; i < distill->nr; i++)
		if (!distill->items[i].given && !distill->items[i].nr_own) {
			printf("%s: reaches nothing that no other one does\n", distill->candidates[i].path);
			spare++;
		}
	if (spare)
		printf("%u programs, %u features; each of %u could go\n", distill->all.nr_programs,
		       distill->cover.nr_features, spare);
	else
		printf("%u programs, %u features; none could go\n", distill->all.nr_programs,
		       distill->cover.nr_features);
}

static void append_feature(void *data, const char *text)
{
	json_array_append_new(data, json_string(text));
}

static json_t *json_of(const struct distill *distill, uint32_t place)
{
	const struct cover_item *item = &distill->items[place];
	json_t *own = json_array();

	for_own(distill, item, append_feature, own);
	return json_pack("{s:o, s:I, s:I, s:I, s:o}", "file", json_text(distill->candidates[place].path),
			 "operations", (json_int_t)item->cost, "features", (json_int_t)item->nr_features,
			 "new", (json_int_t)item->nr_new, "own", own);
}

static void print_json(const struct distill *distill)
{
	json_t *releases = json_array(), *kept = json_array(), *spare = json_array();

	for (unsigned int i = 0; i < distill->nr_eras; i++)
		json_array_append_new(releases, json_string(distill->eras[i].settings.release.name));
	for (uint32_t i = 0; i < distill->cover.nr_chosen; i++)
		json_array_append_new(kept, json_of(distill, distill->cover.chosen[i]));
	for (uint32_t i = 0; i < distill->nr; i++)
		if (distill->check && !distill->items[i].given && !distill->items[i].nr_own)
			json_array_append_new(spare, json_text(distill->candidates[i].path));
	json_t *root = json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "releases", releases, "programs",
				 (json_int_t)distill->all.nr_programs, "operations",
				 (json_int_t)distill->all.nr_ops, "features",
				 (json_int_t)distill->all.nr_features, "features_kept",
				 (json_int_t)distill->cover.nr_covered, "violations",
				 (json_int_t)distill->all.nr_violations, "kept", kept, "not_needed", spare);

	json_print_indented(stdout, root);
}

void distill_report(const struct distill *distill)
{
	if (distill->json) {
		print_json(distill);
	} else if (distill->check) {
		print_check(distill);
	} else {
		bool names_only = !distill->directory && !distill->list;

		if (names_only || distill->list)
			print_kept(distill);
		print_sum(distill, names_only ? stderr : stdout);
	}
}

void distill_print_features(void)
{
	puts("| feature | a program has it if |\n|---|---|");
	for (unsigned int kind = 0; kind < NR_FEATURE_KINDS; kind++) {
		const struct feature_info *info = feature_info((enum feature_kind)kind);

		printf("| %s | %s |\n", info->name, info->what);
	}
}
