// SPDX-License-Identifier: GPL-2.0-only
/*
 * Releases against bugs, see matrix.h. Never takes what a row of releases.def
 * says for history: the two are compared.
 */
#include "driver/matrix.h"

#include <stdio.h>
#include <string.h>

/* Everything that is needed to judge one pair. */
struct pair {
	struct players *players;
	const struct bug *bug;
	const struct reproducers *reproducers;
	struct release own;      /* unmodified */
	struct release repaired; /* all that it has by itself, also what only the source tells of */
	struct matrix_cell *cell;
	bool ok; /* memory sufficed */
};

static bool caught_by(const struct bug *bug, unsigned int invariant)
{
	char name[8], list[64];

	snprintf(name, sizeof(name), ",I%u,", invariant);
	snprintf(list, sizeof(list), ",%s,", bug->invariants);
	return strstr(list, name) != NULL;
}

static struct exhibit play(struct pair *pair, const struct release *release)
{
	struct exhibit exhibit = { .failed = false };
	struct settings settings;
	struct violation violation;

	settings_init(&settings);
	settings.release = *release;
	settings.recycle = pair->bug->of_reuse ? RECYCLE_NOW : RECYCLE_LATE;
	for (size_t i = 0; pair->ok && i < pair->reproducers->nr; i++) {
		const struct reproducer *reproducer = &pair->reproducers->all[i];
		struct player *player;

		if (reproducer->bug != pair->bug)
			continue;
		player = players_get(pair->players, &settings);
		pair->ok = player != NULL;
		if (!player || player_run(player, reproducer->program, NULL, NULL, &violation))
			continue;
		bool by_the_bug = caught_by(pair->bug, violation.invariant);

		if (!exhibit.failed || (by_the_bug && !exhibit.by_the_bug))
			exhibit = (struct exhibit){ .failed = true,
						    .by_the_bug = by_the_bug,
						    .invariant = violation.invariant,
						    .step = violation.step,
						    .path = reproducer->path };
	}
	return exhibit;
}

static void repair_all(struct pair *pair)
{
	pair->repaired = pair->own;
	bug_repair_all(&pair->repaired);
	for (size_t i = 0; bug_at(i); i++) {
		const struct history *history = history_in(bug_at(i), pair->own.name);

		if (history && history->kind == HISTORY_DERIVED)
			bug_repair(bug_at(i), &pair->repaired);
	}
}

static bool same_exhibit(const struct exhibit *a, const struct exhibit *b)
{
	return a->failed && b->failed && a->invariant == b->invariant && a->step == b->step &&
	       a->path == b->path;
}

/* The same place alone and among the others: it is this bug that shows. */
static enum matrix_mark mark_of_had(const struct matrix_cell *cell)
{
	return same_exhibit(&cell->unmodified, &cell->alone) ? MARK_SHOWN : MARK_HIDDEN;
}

static const char *judge_released(struct pair *pair)
{
	struct matrix_cell *cell = pair->cell;

	cell->mark = mark_of_had(cell);
	if (!bug_in_release(pair->bug, &pair->own))
		return "history says that it had the bug, its row says that it did not";
	if (cell->repaired.failed)
		return "it fails with the bug repaired, too";
	if (!cell->alone.by_the_bug)
		return "it had the bug, but no reproducer shows it";
	return cell->unmodified.failed ? NULL : "it had the bug, but other bugs of it hide it";
}

static const char *judge_not_had(struct pair *pair)
{
	struct matrix_cell *cell = pair->cell;

	cell->mark = cell->unmodified.failed ? MARK_OTHER : MARK_SILENT;
	if (bug_in_release(pair->bug, &pair->own))
		return "its row says that it had the bug, history does not";
	return cell->repaired.failed ? "it did not have the bug, but a reproducer fails" : NULL;
}

/* The rule of the time breaks a promise of later releases, and only that. */
static const char *judge_rule(struct pair *pair)
{
	struct release promised = pair->repaired, right = pair->repaired;
	struct exhibit broken, kept;

	pair->cell->mark = MARK_RULE;
	if (bug_in_release(pair->bug, &pair->own))
		return "its row says that it had the bug, history says that it was the rule";
	if (pair->own.decisions.value[pair->bug->decision] != pair->bug->wrong)
		return "its row decides otherwise than the rule of the time";
	if (pair->cell->repaired.failed)
		return "what was the rule of the time is held against it";
	promised.decisions.value[pair->bug->decision] = pair->bug->right;
	release_derive_rules(&promised);
	promised.decisions.value[pair->bug->decision] = pair->bug->wrong;
	bug_repair(pair->bug, &right);
	release_derive_rules(&right);
	broken = play(pair, &promised);
	kept = play(pair, &right);
	if (!broken.by_the_bug)
		return "the promise of later releases is not broken by it";
	/* elsewhere it may fail: 7a3ef208e662 needs the reference counts of 2.6.39 */
	return kept.by_the_bug ? "the promise of later releases is broken even by the right decision" : NULL;
}

static const char *judge_config(struct pair *pair)
{
	pair->cell->mark = MARK_CONFIG;
	if (pair->own.decisions.value[pair->bug->decision] == pair->bug->wrong)
		return "its row decides as only a kernel that is configured otherwise does";
	if (pair->cell->repaired.failed)
		return "a reproducer fails without that configuration";
	return pair->cell->alone.by_the_bug ? NULL : "no reproducer shows it with that configuration";
}

static const char *judge_derived(struct pair *pair)
{
	pair->cell->mark = MARK_DERIVED;
	if (bug_in_release(pair->bug, &pair->own))
		return "its row says that it had the bug, history does not tell of it";
	if (pair->own.decisions.value[pair->bug->decision] != pair->bug->wrong)
		return "its row does not decide as its source does";
	if (pair->cell->repaired.failed)
		return "it fails with the bug repaired, too";
	return pair->cell->alone.by_the_bug && pair->cell->unmodified.failed ?
		       NULL :
		       "by its source it had the bug, but no reproducer shows it";
}

static const char *judge_latent(struct pair *pair)
{
	pair->cell->mark = MARK_LATENT;
	if (bug_in_release(pair->bug, &pair->own))
		return "its row says that it had the bug, nothing could come of it";
	if (pair->own.decisions.value[pair->bug->decision] != pair->bug->wrong)
		return "its row does not decide wrongly";
	return pair->cell->alone.failed ? "nothing could come of it, but a reproducer fails" : NULL;
}

static const char *disagreement_of(struct pair *pair)
{
	if (!pair->cell->history)
		return judge_not_had(pair);
	switch (pair->cell->history->kind) {
	case HISTORY_RELEASED:
		return judge_released(pair);
	case HISTORY_RULE:
		return judge_rule(pair);
	case HISTORY_CONFIG:
		return judge_config(pair);
	case HISTORY_DERIVED:
		return judge_derived(pair);
	case HISTORY_LATENT:
		return judge_latent(pair);
	case HISTORY_NEVER:
		break;
	}
	return judge_not_had(pair);
}

bool matrix_judge(struct players *players, size_t release_number, const struct bug *bug,
		  const struct reproducers *reproducers, struct matrix_cell *cell)
{
	struct pair pair = {
		.players = players, .bug = bug, .reproducers = reproducers, .cell = cell, .ok = true
	};
	struct release alone;

	if (!release_at(release_number, &pair.own))
		return false;
	repair_all(&pair);
	alone = pair.repaired;
	*cell = (struct matrix_cell){ .history = history_in(bug, pair.own.name) };
	if (cell->history)
		bug_turn_back(bug, &alone);
	cell->unmodified = play(&pair, &pair.own);
	cell->alone = play(&pair, &alone);
	cell->repaired = play(&pair, &pair.repaired);
	cell->disagreement = disagreement_of(&pair);
	if (!history_of(bug, 0))
		cell->disagreement = "src/model/history.def does not say which releases had the bug";
	if (cell->disagreement)
		cell->mark = MARK_WRONG;
	return pair.ok;
}
