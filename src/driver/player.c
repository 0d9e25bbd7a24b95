// SPDX-License-Identifier: GPL-2.0-only
/*
 * One program under the oracle, see player.h. Decides nothing by itself: what
 * is wrong is the oracle's verdict.
 */
#include "driver/player.h"

#include <stdlib.h>

enum { FULL_EVERY = 64 };

struct player *player_create(const struct settings *settings)
{
	struct player *player = calloc(1, sizeof(*player));

	if (!player)
		return NULL;
	player->full_every = FULL_EVERY;
	player->engine = model_engine_create(&settings->release, settings->recycle);
	if (!player->engine ||
	    !oracle_init(&player->oracle, player->engine->class->view(player->engine), MODEL_MAX_ANON_VMAS)) {
		player_destroy(player);
		return NULL;
	}
	player->oracle.mask = settings->checks;
	return player;
}

void player_destroy(struct player *player)
{
	if (player->oracle.view)
		oracle_destroy(&player->oracle);
	if (player->engine)
		player->engine->class->destroy(player->engine);
	free(player);
}

static void start(struct player *player)
{
	player->engine->class->reset(player->engine);
	player->engine->judged = player->oracle.mask != 0;
	if (player->engine->judged)
		oracle_reset(&player->oracle);
	player->at = 0;
}

static struct op_result apply_one(struct player *player, const struct op *op)
{
	player->at++;
	if (player->oracle.mask)
		oracle_before(&player->oracle, op);
	return player->engine->class->apply(player->engine, op);
}

static bool judge_one(struct player *player, const struct op *op, const struct op_result *result,
		      struct violation *violation)
{
	if (!player->oracle.mask)
		return true;
	if (!oracle_after(&player->oracle, op, result, violation))
		return false;
	if (player->full_every && player->at % player->full_every == 0)
		return oracle_full(&player->oracle, op, violation);
	return true;
}

static bool play_one(struct player *player, const struct op *op, player_observer observer, void *data,
		     struct violation *violation)
{
	struct op_result result = apply_one(player, op);

	if (observer)
		observer(data, player->engine->class->view(player->engine), op, &result);
	return judge_one(player, op, &result, violation);
}

static bool tear_down(struct player *player, player_observer observer, void *data, struct violation *violation)
{
	struct engine *engine = player->engine;
	bool judge = player->oracle.mask != 0;

	while (player->at++, engine->class->teardown_step(engine)) {
		if (observer)
			observer(data, engine->class->view(engine), NULL, NULL);
		if (judge && !oracle_after(&player->oracle, NULL, NULL, violation))
			return false;
	}
	return !judge || oracle_teardown_done(&player->oracle, violation);
}

static bool judge_last_state(struct player *player, struct violation *violation)
{
	return !player->oracle.mask || !player->full_every || oracle_full(&player->oracle, NULL, violation);
}

bool player_run(struct player *player, const struct program *program, player_observer observer, void *data,
		struct violation *violation)
{
	start(player);
	for (uint32_t i = 0; i < program->nr_ops; i++)
		if (!play_one(player, &program->ops[i], observer, data, violation))
			return false;
	return judge_last_state(player, violation) && tear_down(player, observer, data, violation);
}

void player_start(struct player *player)
{
	start(player);
	oracle_reset(&player->oracle);
	player->engine->judged = true;
}

bool player_next(struct player *player, const struct program *program, struct player_step *step)
{
	if (player->at > program->nr_ops && step->over)
		return false;
	*step = (struct player_step){ .number = player->at + 1 };
	if (player->at < program->nr_ops) {
		step->op = &program->ops[player->at];
		step->result = apply_one(player, step->op);
		return true;
	}
	player->at++;
	step->over = !player->engine->class->teardown_step(player->engine);
	return true;
}

bool player_judge(struct player *player, const struct program *program, const struct player_step *step,
		  struct violation *violation)
{
	if (step->op)
		return judge_one(player, step->op, &step->result, violation) &&
		       (step->number < program->nr_ops || judge_last_state(player, violation));
	if (!player->oracle.mask)
		return true;
	return step->over ? oracle_teardown_done(&player->oracle, violation) :
			    oracle_after(&player->oracle, NULL, NULL, violation);
}

const struct view *player_advance(struct player *player, const struct program *program, uint32_t nr_ops,
				  player_observer observer, void *data)
{
	struct engine *engine = player->engine;

	engine->class->reset(engine);
	for (player->at = 0; player->at < nr_ops && player->at < program->nr_ops;) {
		const struct op *op = &program->ops[player->at++];
		struct op_result result = engine->class->apply(engine, op);

		if (observer)
			observer(data, engine->class->view(engine), op, &result);
	}
	return engine->class->view(engine);
}
