/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Playing where AddressSanitizer may stop the process: its report says, too,
 * which operation of which program was being played, to a person or, from a
 * child process, to the parent. A program that uses it defines
 * __asan_on_error(), which the sanitizer calls, as play_on_sanitizer_error().
 */
#ifndef RMAPFUZZ_DRIVER_WATCHED_H
#define RMAPFUZZ_DRIVER_WATCHED_H

#include "driver/player.h"

/* player_run() with a story on standard error, should a sanitizer stop the process. */
bool play_watched(struct player *player, const struct settings *settings, const struct program *program,
		  player_observer observer, void *data, struct violation *violation);

/* What AddressSanitizer stopped, for a parent that reads it from shared memory. */
struct play_report {
	uint32_t step; /* operation that was being played, from 1; 0: none */
	char what[64]; /* "use-after-poison"; "" if there was no report */
};

/*
 * In a child process: from here on a report of AddressSanitizer goes to report, in a few words, and ends the
 * process with exit code 77; without symbols, which take half a second. report is zero before.
 */
void play_report_to(struct play_report *report);

void play_on_sanitizer_error(void);

#endif
