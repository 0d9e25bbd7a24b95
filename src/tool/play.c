// SPDX-License-Identifier: GPL-2.0-only
/*
 * Players for verbs, and what a sanitizer's report adds to itself: which
 * operation of which program was being played.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asan.h"
#include "driver/story.h"
#include "minimize/judge.h"
#include "tool/tool.h"

void __asan_on_error(void);

/* What is being played, for a sanitizer's report alone; settings is NULL between two programs. */
static struct {
	const struct player *player;
	const struct settings *settings;
	const struct program *program;
	struct play_report *report; /* not NULL in a worker */
} watched;

#ifdef WITH_ASAN
const char *__asan_get_report_description(void);
#else
static const char *__asan_get_report_description(void)
{
	return "";
}
#endif

void __asan_on_error(void)
{
	judge_on_sanitizer_error(__asan_get_report_description());
	if (watched.report) {
		watched.report->step = watched.settings ? watched.player->at : 0;
		strncpy(watched.report->what, __asan_get_report_description(),
			sizeof(watched.report->what) - 1);
		_exit(EXIT_VIOLATION);
	}
	if (watched.settings)
		story_of_sanitizer(stderr, watched.settings, watched.program, watched.player->at);
}

void play_report_to(struct play_report *report)
{
	watched.report = report;
}

/* Field by field: structures have padding. */
static bool same_settings(const struct settings *a, const struct settings *b)
{
	if (a->recycle != b->recycle || a->checks != b->checks || a->nr_bugs != b->nr_bugs ||
	    a->release.name != b->release.name)
		return false;
	for (unsigned int i = 0; i < a->nr_bugs; i++)
		if (a->bugs[i] != b->bugs[i])
			return false;
	return true;
}

struct player *player_for(struct player_cache *cache, const struct settings *settings)
{
	if (cache->player && same_settings(&cache->settings, settings))
		return cache->player;
	player_put_away(cache);
	cache->player = player_create(settings);
	cache->settings = *settings;
	if (!cache->player)
		fputs("rmapfuzz: out of memory\n", stderr);
	return cache->player;
}

void player_put_away(struct player_cache *cache)
{
	if (cache->player)
		player_destroy(cache->player);
	cache->player = NULL;
}

bool play_watched(struct player *player, const struct settings *settings, const struct program *program,
		  player_observer observer, void *data, struct violation *violation)
{
	watched.player = player;
	watched.program = program;
	watched.settings = settings;
	bool clean = player_run(player, program, observer, data, violation);

	watched.settings = NULL;
	return clean;
}
