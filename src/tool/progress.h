/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A progress line on standard error, if that is a terminal: never in a pipe,
 * so that what scripts read is the same whatever the time.
 */
#ifndef RMAPFUZZ_TOOL_PROGRESS_H
#define RMAPFUZZ_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	bool shown; /* there is a terminal */
	bool drawn;
	size_t total;
	long long began_ms, drawn_ms;
};

void progress_begin(struct progress *progress, size_t total);
/* Draws the line, at most ten times a second; what is one or two words, as "3 violations". */
void progress_show(struct progress *progress, size_t done, const char *what);
/* Takes it away, before anything else is printed and at the end. */
void progress_clear(struct progress *progress);

#endif
