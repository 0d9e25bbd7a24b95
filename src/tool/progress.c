// SPDX-License-Identifier: GPL-2.0-only
/*
 * The progress line, see progress.h. The only place of the command that looks
 * at a clock; nothing but what a person sees on the terminal depends on it.
 */
#include "tool/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { INTERVAL_MS = 100, FIRST_ETA_MS = 500 };

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, size_t total)
{
	*progress = (struct progress){ .shown = isatty(STDERR_FILENO) != 0, .total = total };
	if (progress->shown)
		progress->began_ms = now_ms();
}

void progress_show(struct progress *progress, size_t done, const char *what)
{
	if (!progress->shown)
		return;
	long long now = now_ms(), elapsed = now - progress->began_ms;

	if (progress->drawn && now - progress->drawn_ms < INTERVAL_MS)
		return;
	progress->drawn_ms = now;
	progress->drawn = true;
	fprintf(stderr, "\r\033[K%zu/%zu  %s", done, progress->total, what);
	if (done && elapsed >= FIRST_ETA_MS) {
		long long left = elapsed * (long long)(progress->total - done) / (long long)done / 1000;

		fprintf(stderr, "  ETA %lld:%02lld", left / 60, left % 60);
	}
	fflush(stderr);
}

void progress_clear(struct progress *progress)
{
	if (!progress->drawn)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress->drawn = false;
}
