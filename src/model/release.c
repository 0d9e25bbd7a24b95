// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of releases and the catalogue of bugs, folded from releases.def
 * and bugs.def. Never holds a rule of the engine: only data.
 */
#include "model/release.h"

#include <string.h>
#include <strings.h>

#include "model/version.h"

struct change {
	uint8_t decision;
	uint8_t value;
};

enum { MAX_CHANGES = 12, MAINLINE = 0, SERIES_ONLY = 1 };

struct row {
	const char *name;
	const char *based_on;
	bool series_only;
	uint8_t nr_changes;
	struct change changes[MAX_CHANGES];
};

#define COUNT(...) (sizeof((struct change[]){ { 0, 0 }, __VA_ARGS__ }) / sizeof(struct change) - 1)

static const struct row rows[] = {
#define RELEASE(row_name, row_base, series, ...)     \
	{ .name = (row_name),                        \
	  .based_on = (row_base),                    \
	  .series_only = (series),                   \
	  .nr_changes = (uint8_t)COUNT(__VA_ARGS__), \
	  .changes = { __VA_ARGS__ } },
#include "model/releases.def"
#undef RELEASE
};

static const struct bug bugs[] = {
#define BUG_ROW(bug_id, bug_name, bug_fix, bug_title, bug_decision, bug_wrong, bug_right, bug_first, \
		bug_last, bug_caught, bug_what, bug_reuse)                                           \
	{ .id = (bug_id),                                                                            \
	  .name = (bug_name),                                                                        \
	  .fix = (bug_fix),                                                                          \
	  .title = (bug_title),                                                                      \
	  .decision = DECISION_##bug_decision,                                                       \
	  .wrong = bug_decision##_##bug_wrong,                                                       \
	  .right = bug_decision##_##bug_right,                                                       \
	  .first = (bug_first),                                                                      \
	  .last = (bug_last),                                                                        \
	  .invariants = (bug_caught),                                                                \
	  .what = (bug_what),                                                                        \
	  .of_reuse = (bug_reuse) },
#define BUG(...) BUG_ROW(__VA_ARGS__, false)
#define BUG_OF_REUSE(...) BUG_ROW(__VA_ARGS__, true)
#include "model/bugs.def"
#undef BUG
#undef BUG_ROW
};

enum { NR_ROWS = sizeof(rows) / sizeof(rows[0]), NR_BUGS = sizeof(bugs) / sizeof(bugs[0]) };

static const struct row *row_named(const char *name)
{
	for (size_t i = 0; i < NR_ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static void derive_rules(const struct decisions *decisions, struct view_rules *rules)
{
	const uint8_t *value = decisions->value;

	*rules = (struct view_rules){
		.has_root = value[DECISION_ROOT] != ROOT_NONE,
		.root_is_last = value[DECISION_CLONE_ORDER] != CLONE_ORDER_BY_DESIGN_REVERSED,
		.chain_ordered = value[DECISION_CLONE_ORDER] != CLONE_ORDER_BY_DESIGN_REVERSED,
		.active_is_head = value[DECISION_FORK_REUSE] == FORK_REUSE_NEVER,
		.interval_tree = value[DECISION_LIST] == LIST_INTERVAL_TREE,
		.counts_children = value[DECISION_COUNTERS] != COUNTERS_NONE,
		.counts_apart = value[DECISION_COUNTERS] == COUNTERS_APART,
		.has_refcount = value[DECISION_LIFETIME] == LIFETIME_REFCOUNT,
		.root_pinned = value[DECISION_ROOT] == ROOT_PINNED,
		.growth_bounded = value[DECISION_FORK_REUSE] != FORK_REUSE_NEVER,
		.tracks_exclusive = value[DECISION_COW_REUSE] == COW_REUSE_EXCLUSIVE,
		.merge_singular = value[DECISION_MERGE_ANON_VMA] != MERGE_ANON_VMA_EITHER_NULL,
		.merges_unfaulted = value[DECISION_MERGE_ANON_VMA] == MERGE_ANON_VMA_FAULTED_SINGULAR,
		.precise_new_page = value[DECISION_NEW_PAGE] == NEW_PAGE_OF_VMA,
		.counts_references = value[DECISION_COW_REUSE] != COW_REUSE_SWAP_COUNT &&
				     value[DECISION_COW_REUSE] != COW_REUSE_SWAP_COUNT_GUP_COPIES,
		.fork_undone = value[DECISION_FORK_FAILURE] == FORK_FAILURE_UNDONE,
		.moves_on_reuse = value[DECISION_COW_REUSE_MAPPING] == COW_REUSE_MAPPING_MOVED,
		.unlocks_moved = value[DECISION_DONTUNMAP_LOCKED] == DONTUNMAP_LOCKED_SPLIT &&
				 value[DECISION_DONTUNMAP_MERGE] != DONTUNMAP_MERGE_ALLOWED,
		.knows_dontunmap = value[DECISION_DONTUNMAP] != DONTUNMAP_UNKNOWN,
	};
}

static void fold(const struct row *row, struct decisions *decisions)
{
	if (row->based_on)
		fold(row_named(row->based_on), decisions); // NOLINT(misc-no-recursion): as deep as the table
	for (uint8_t i = 0; i < row->nr_changes; i++)
		decisions->value[row->changes[i].decision] = row->changes[i].value;
}

static void row_release(const struct row *row, struct release *release)
{
	memset(release, 0, sizeof(*release));
	release->name = row->name;
	fold(row, &release->decisions);
	derive_rules(&release->decisions, &release->rules);
}

void release_derive_rules(struct release *release)
{
	derive_rules(&release->decisions, &release->rules);
}

bool release_at(size_t number, struct release *release)
{
	if (number >= NR_ROWS)
		return false;
	row_release(&rows[number], release);
	return true;
}

const char *release_based_on(size_t number)
{
	return number < NR_ROWS ? rows[number].based_on : NULL;
}

bool release_series_only(size_t number)
{
	return number < NR_ROWS && rows[number].series_only;
}

bool release_find(const char *text, struct release *release)
{
	struct version wanted, best = { { 0, 0, 0 }, 0 };
	const struct row *found = NULL;

	if (strcmp(text, "newest") == 0) {
		row_release(&rows[NR_ROWS - 1], release);
		return true;
	}
	if (!version_parse(text, &wanted))
		return false;
	for (size_t i = 0; i < NR_ROWS; i++) {
		struct version version;

		if (!version_parse(rows[i].name, &version) || version_compare(&version, &wanted) > 0)
			continue;
		if (rows[i].series_only && !version_same_series(&version, &wanted))
			continue;
		if (!found || version_compare(&version, &best) >= 0) {
			found = &rows[i];
			best = version;
		}
	}
	if (found)
		row_release(found, release);
	return found != NULL;
}

const struct bug *bug_at(size_t number)
{
	return number < NR_BUGS ? &bugs[number] : NULL;
}

const struct bug *bug_find(const char *name)
{
	for (size_t i = 0; i < NR_BUGS; i++)
		if (strcasecmp(bugs[i].id, name) == 0 || strcasecmp(bugs[i].name, name) == 0)
			return &bugs[i];
	return NULL;
}

bool bug_applies(const struct bug *bug, const struct release *release)
{
	struct version version, first, last;

	if (!version_parse(release->name, &version) || !version_parse(bug->first, &first))
		return false;
	if (version_compare(&version, &first) < 0)
		return false;
	return bug->last[0] == '\0' ||
	       (version_parse(bug->last, &last) && version_compare(&version, &last) <= 0);
}

bool bug_in_release(const struct bug *bug, const struct release *release)
{
	return bug_applies(bug, release) && release->decisions.value[bug->decision] == bug->wrong;
}

void bug_turn_back(const struct bug *bug, struct release *release)
{
	release->decisions.value[bug->decision] = bug->wrong;
}

void bug_repair(const struct bug *bug, struct release *release)
{
	uint8_t *value = release->decisions.value;

	value[bug->decision] = bug->right;
	/* what is right names things that an older release does not have */
	if (value[DECISION_FORK_REUSE] == FORK_REUSE_COUNTERS && value[DECISION_COUNTERS] == COUNTERS_NONE)
		value[DECISION_COUNTERS] = COUNTERS_APART;
	if (value[DECISION_FIRST_MAP] == FIRST_MAP_ROOT && value[DECISION_ROOT] == ROOT_NONE)
		value[DECISION_FIRST_MAP] = FIRST_MAP_OLDEST;
}

void bug_repair_all(struct release *release)
{
	const struct release own = *release; /* what is right for one bug may be wrong for another */

	for (size_t i = 0; bug_at(i); i++)
		if (bug_in_release(bug_at(i), &own))
			bug_repair(bug_at(i), release);
}

struct decision_text {
	uint8_t decision;
	uint8_t value;
	const char *name;
	const char *meaning;
};

static const struct decision_text decision_texts[] = {
#define VALUE(symbol, value_name, value_meaning) \
	{ DECISION_##symbol, symbol##_##value_name, #value_name, value_meaning },
#include "model/decisions.def"
};

static const char *const decision_names[] = {
#define DECISION(symbol, what) #symbol,
#include "model/decisions.def"
};

static const char *const decision_whats[] = {
#define DECISION(symbol, what) what,
#include "model/decisions.def"
};

const char *decision_name(enum decision decision)
{
	return decision_names[decision];
}

const char *decision_what(enum decision decision)
{
	return decision_whats[decision];
}

static const struct decision_text *value_text(enum decision decision, unsigned int value)
{
	for (size_t i = 0; i < sizeof(decision_texts) / sizeof(decision_texts[0]); i++)
		if (decision_texts[i].decision == decision && decision_texts[i].value == value)
			return &decision_texts[i];
	return NULL;
}

const char *decision_value_name(enum decision decision, unsigned int value)
{
	const struct decision_text *text = value_text(decision, value);

	return text ? text->name : NULL;
}

const char *decision_value_meaning(enum decision decision, unsigned int value)
{
	const struct decision_text *text = value_text(decision, value);

	return text ? text->meaning : NULL;
}
