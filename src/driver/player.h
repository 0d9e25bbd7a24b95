/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plays programs on an engine under the oracle: the loop that the fuzz
 * target, the command, the tests and the bench share. No I/O, no allocation
 * after player_create, and every input starts from the same state.
 */
#ifndef RMAPFUZZ_DRIVER_PLAYER_H
#define RMAPFUZZ_DRIVER_PLAYER_H

#include "driver/settings.h"

struct player {
	struct engine *engine;
	struct oracle oracle;
	/* The whole state is checked after every so many operations, and at the end; 0: never. */
	uint32_t full_every;
	uint32_t at; /* step now being played, from 1, teardown steps included; for reports from a sanitizer */
};

/* Called after each operation and teardown step (op and result NULL then), before it is judged. */
typedef void (*player_observer)(void *data, const struct view *view, const struct op *op,
				const struct op_result *result);

/* NULL if memory is short. */
struct player *player_create(const struct settings *settings);
void player_destroy(struct player *player);

/*
 * Plays a program, all processes exit, pins and migrations end. True if all was well; otherwise
 * violation says what was not, and the engine's state is left as it was found. observer may be NULL.
 */
bool player_run(struct player *player, const struct program *program, player_observer observer, void *data,
		struct violation *violation);

/*
 * Step by step, for those who look at each state: player_start(), then player_next() until it returns
 * false, and player_judge() after each step or, from some step on, after none. Stale pointers are noted
 * and never followed, whatever is judged, so that one may go on after a violation; what is still judged
 * then is player->oracle.mask.
 */
struct player_step {
	uint32_t number;         /* from 1, steps of the end included */
	const struct op *op;     /* NULL while everything exits */
	struct op_result result; /* of op */
	bool over;               /* the last one: nothing was left to do */
};

void player_start(struct player *player);
bool player_next(struct player *player, const struct program *program, struct player_step *step);
/* The verdict of player_run() on the step just played. */
bool player_judge(struct player *player, const struct program *program, const struct player_step *step,
		  struct violation *violation);

/* Plays the first nr_ops operations without judging and without the end: to look at a state. */
const struct view *player_advance(struct player *player, const struct program *program, uint32_t nr_ops,
				  player_observer observer, void *data);

#endif
