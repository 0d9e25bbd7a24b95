/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Players that are kept for the next program: making one costs more than
 * playing most programs, and a recorded program is played under many releases.
 */
#ifndef RMAPFUZZ_DRIVER_PLAYERS_H
#define RMAPFUZZ_DRIVER_PLAYERS_H

#include "driver/player.h"

enum { MAX_PLAYERS = 24 };

/* All zero is the empty set. */
struct players {
	struct kept_player {
		struct settings settings;
		struct player *player;
		uint64_t used; /* when, in requests */
	} kept[MAX_PLAYERS];
	uint64_t requests;
};

/* A player with these decisions, checks and recycling; the one that was not used for longest makes room. NULL: no memory. */
struct player *players_get(struct players *players, const struct settings *settings);
void players_put_away(struct players *players);

#endif
