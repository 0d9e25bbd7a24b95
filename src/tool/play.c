// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a sanitizer's report adds to itself: which operation of which program
 * was being played. Never judges by itself.
 */
#include <string.h>
#include <unistd.h>

#include "asan.h"
#include "driver/story.h"
#include "minimize/judge.h"
#include "tool/tool.h"

void __asan_on_error(void);

/* What is being played: a sanitizer's hook has no argument. settings is NULL between two programs. */
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
