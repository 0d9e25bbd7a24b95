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

static bool play_one(struct player *player, const struct op *op, player_observer observer, void *data,
		     struct violation *violation)
{
	struct engine *engine = player->engine;
	bool judge = player->oracle.mask != 0;

	player->at++;
	if (judge)
		oracle_before(&player->oracle, op);
	struct op_result result = engine->class->apply(engine, op);

	if (observer)
		observer(data, engine->class->view(engine), op, &result);
	if (!judge)
		return true;
	if (!oracle_after(&player->oracle, op, &result, violation))
		return false;
	if (player->full_every && player->at % player->full_every == 0)
		return oracle_full(&player->oracle, op, violation);
	return true;
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

bool player_run(struct player *player, const struct program *program, player_observer observer, void *data,
		struct violation *violation)
{
	start(player);
	for (uint32_t i = 0; i < program->nr_ops; i++)
		if (!play_one(player, &program->ops[i], observer, data, violation))
			return false;
	if (player->oracle.mask && player->full_every && !oracle_full(&player->oracle, NULL, violation))
		return false;
	return tear_down(player, observer, data, violation);
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
