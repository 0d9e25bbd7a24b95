// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge within this process, and the one that has a reference beside it;
 * see judge.h.
 */
#include "minimize/judge.h"

#include <stdlib.h>

struct judge_in_process {
	struct judge judge;
	struct player *player;
};

static bool play(struct judge *judge, const struct program *program, struct verdict *verdict)
{
	struct judge_in_process *in_process = (struct judge_in_process *)judge;
	struct violation violation;

	*verdict = (struct verdict){ .failed = false };
	if (!player_run(in_process->player, program, NULL, NULL, &violation))
		verdict_of_violation(verdict, &violation);
	return true;
}

static void destroy(struct judge *judge)
{
	player_destroy(((struct judge_in_process *)judge)->player);
	free(judge);
}

struct judge *judge_in_process_create(const struct settings *settings)
{
	struct judge_in_process *in_process = calloc(1, sizeof(*in_process));

	if (!in_process)
		return NULL;
	in_process->judge = (struct judge){ play, destroy };
	in_process->player = player_create(settings);
	if (in_process->player)
		return &in_process->judge;
	free(in_process);
	return NULL;
}

void judge_destroy(struct judge *judge)
{
	if (judge)
		judge->destroy(judge);
}

struct judge_with_reference {
	struct judge judge;
	struct judge *with_bug, *without;
};

static bool play_both(struct judge *judge, const struct program *program, struct verdict *verdict)
{
	struct judge_with_reference *both = (struct judge_with_reference *)judge;
	struct verdict reference;

	if (!both->with_bug->play(both->with_bug, program, verdict))
		return false;
	if (!verdict->failed)
		return true;
	if (!both->without->play(both->without, program, &reference))
		return false;
	verdict->without_bug = verdict_matches(verdict, &reference, MATCH_CLASS);
	return true;
}

static void destroy_both(struct judge *judge)
{
	struct judge_with_reference *both = (struct judge_with_reference *)judge;

	judge_destroy(both->with_bug);
	judge_destroy(both->without);
	free(both);
}

static struct judge *judge_plain_create(const struct settings *settings, bool forked)
{
	return forked ? judge_forked_create(settings) : judge_in_process_create(settings);
}

struct judge *judge_create(const struct settings *settings, bool forked)
{
	struct settings repaired;

	if (!settings_turned_back(settings))
		return judge_plain_create(settings, forked);
	struct judge_with_reference *both = calloc(1, sizeof(*both));

	if (!both)
		return NULL;
	settings_without_bugs(settings, &repaired);
	both->judge = (struct judge){ play_both, destroy_both };
	both->with_bug = judge_plain_create(settings, forked);
	both->without = judge_plain_create(&repaired, forked);
	if (both->with_bug && both->without)
		return &both->judge;
	destroy_both(&both->judge);
	return NULL;
}
