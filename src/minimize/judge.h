/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who says what a program does: an oracle in this process, or, where a failure
 * may end the process, a child of it that is replaced when it is gone.
 */
#ifndef RMAPFUZZ_MINIMIZE_JUDGE_H
#define RMAPFUZZ_MINIMIZE_JUDGE_H

#include "driver/player.h"
#include "minimize/verdict.h"

struct judge {
	/* Plays a program. False if it could not be played at all (no child, no memory). */
	bool (*play)(struct judge *judge, const struct program *program, struct verdict *verdict);
	void (*destroy)(struct judge *judge);
};

/* In this process: fast, but a sanitizer's report ends it. NULL if memory is short. */
struct judge *judge_in_process_create(const struct settings *settings);

/*
 * In a child that plays one program after the other until one of them stops
 * it. Its standard output and error go nowhere. NULL if it cannot be made. What AddressSanitizer says of its end
 * is known in programs whose __asan_on_error() is play_on_sanitizer_error() (driver/watched.h).
 */
struct judge *judge_forked_create(const struct settings *settings);

/*
 * Both of them with a reference beside: a failure that shows without the bugs of the settings, too, is
 * another one (verdict.without_bug), so that a search for one bug does not end at a second one that the
 * release has. Without bugs in the settings there is nothing to compare with, and the judge is the plain one.
 */
struct judge *judge_create(const struct settings *settings, bool forked);

void judge_destroy(struct judge *judge);

#endif
