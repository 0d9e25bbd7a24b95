// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kept players, see players.h. Never hands out one that decides otherwise than
 * asked: decisions and rules are compared, not only the names of releases.
 */
#include "driver/players.h"

#include <string.h>

static bool plays_like(const struct settings *a, const struct settings *b)
{
	/* a decision turned back leaves the rules alone, so the one does not follow from the other */
	return a->recycle == b->recycle && a->checks == b->checks && a->release.name == b->release.name &&
	       memcmp(&a->release.rules, &b->release.rules, sizeof(a->release.rules)) == 0 &&
	       memcmp(&a->release.decisions, &b->release.decisions, sizeof(a->release.decisions)) == 0;
}

struct player *players_get(struct players *players, const struct settings *settings)
{
	struct kept_player *oldest = &players->kept[0];

	players->requests++;
	for (unsigned int i = 0; i < MAX_PLAYERS; i++) {
		struct kept_player *kept = &players->kept[i];

		if (kept->player && plays_like(&kept->settings, settings)) {
			kept->used = players->requests;
			return kept->player;
		}
		if (!kept->player || (oldest->player && kept->used < oldest->used))
			oldest = kept;
	}
	if (oldest->player)
		player_destroy(oldest->player);
	oldest->settings = *settings;
	oldest->used = players->requests;
	oldest->player = player_create(settings);
	return oldest->player;
}

void players_put_away(struct players *players)
{
	for (unsigned int i = 0; i < MAX_PLAYERS; i++)
		if (players->kept[i].player)
			player_destroy(players->kept[i].player);
	memset(players, 0, sizeof(*players));
}
