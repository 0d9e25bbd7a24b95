// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which kernels had which bug, see history.h. Never looks at what a release
 * decides.
 */
#include "model/history.h"

#include <stdio.h>
#include <string.h>

#include "model/version.h"

static const struct history entries[] = {
#define HISTORY(bug_id, bug_kind, first, end, points, text) \
	{ .bug = (bug_id),                                  \
	  .kind = HISTORY_##bug_kind,                       \
	  .introduced = (first),                            \
	  .fixed = (end),                                   \
	  .stable = (points),                               \
	  .note = (text) },
#include "model/history.def"
#undef HISTORY
};

enum { NR_ENTRIES = sizeof(entries) / sizeof(entries[0]) };

const struct history *history_at(size_t number)
{
	return number < NR_ENTRIES ? &entries[number] : NULL;
}

const struct history *history_of(const struct bug *bug, size_t nth)
{
	for (size_t i = 0; i < NR_ENTRIES; i++)
		if (strcmp(entries[i].bug, bug->id) == 0 && nth-- == 0)
			return &entries[i];
	return NULL;
}

/* A stable series may have got the fix before its own end. */
static bool fixed_in_series(const char *points, const struct version *version)
{
	struct version point;
	char text[32];

	for (; *points; points += *points == ',') {
		size_t length = strcspn(points, ",");

		snprintf(text, sizeof(text), "%.*s", (int)length, points);
		if (version_parse(text, &point) && version_same_series(&point, version) &&
		    version_compare(version, &point) >= 0)
			return true;
		points += length;
	}
	return false;
}

static bool within(const struct history *entry, const struct version *version)
{
	struct version introduced, fixed;

	if (entry->kind == HISTORY_NEVER || !version_parse(entry->fixed, &fixed))
		return false;
	if (version_parse(entry->introduced, &introduced) && version_compare(version, &introduced) < 0)
		return false;
	return version_compare(version, &fixed) < 0 && !fixed_in_series(entry->stable, version);
}

const struct history *history_in(const struct bug *bug, const char *version)
{
	const struct history *entry;
	struct version wanted;

	if (!version_parse(version, &wanted))
		return NULL;
	for (size_t i = 0; (entry = history_of(bug, i)) != NULL; i++)
		if (within(entry, &wanted))
			return entry;
	return NULL;
}

const char *history_kind_name(enum history_kind kind)
{
	static const char *const names[] = {
		[HISTORY_RELEASED] = "released", [HISTORY_NEVER] = "never",     [HISTORY_RULE] = "rule",
		[HISTORY_CONFIG] = "config",     [HISTORY_DERIVED] = "derived", [HISTORY_LATENT] = "latent"
	};

	return names[kind];
}
