// SPDX-License-Identifier: GPL-2.0-only
/*
 * What AddressSanitizer stops, see watched.h. Never judges by itself, and
 * says nothing of what happens between two programs.
 */
#include "driver/watched.h"

#include <string.h>
#include <unistd.h>

#include "asan.h"
#include "driver/story.h"

enum { EXIT_STOPPED = 77 };

/* What is being played: a sanitizer's hook has no argument. program is NULL between two programs. */
static struct {
	const struct player *player;
	const struct settings *settings;
	const struct program *program;
	struct play_report *report; /* not NULL in a child */
} watched;

#ifdef WITH_ASAN
const char *__asan_get_report_description(void);
#else
static const char *__asan_get_report_description(void)
{
	return "";
}
#endif

void play_on_sanitizer_error(void)
{
	uint32_t step = watched.program ? watched.player->at : 0;

	if (watched.report) {
		watched.report->step = step;
		strncpy(watched.report->what, __asan_get_report_description(),
			sizeof(watched.report->what) - 1);
		_exit(EXIT_STOPPED);
	}
	if (watched.program)
		story_of_sanitizer(stderr, watched.settings, watched.program, step);
}

void play_report_to(struct play_report *report)
{
	watched.report = report;
}

bool play_watched(struct player *player, const struct settings *settings, const struct program *program,
		  player_observer observer, void *data, struct violation *violation)
{
	watched.player = player;
	watched.settings = settings;
	watched.program = program;
	bool clean = player_run(player, program, observer, data, violation);

	watched.program = NULL;
	return clean;
}
