/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many files by several worker processes, with results in the order of the
 * files whatever the timing. A worker that a sanitizer or a signal stops is the
 * result of the file that it was at; another takes its place.
 */
#ifndef RMAPFUZZ_TOOL_POOL_H
#define RMAPFUZZ_TOOL_POOL_H

#include "tool/tool.h"

enum { POOL_MAX_WORKERS = 64, POOL_COUNTS_MAX = 256 };

/* How a worker ended before it was done with a file. */
struct pool_death {
	bool died;
	int status;                   /* of waitpid() */
	struct play_report sanitizer; /* what == "" if it was not AddressSanitizer */
};

struct pool_result {
	size_t number; /* of the path, from 0 */
	const char *path;
	const char *out, *err; /* what the work wrote to its file and to standard error */
	size_t out_length, err_length;
	const void *counts; /* what the work left there; zero if the worker died */
	struct pool_death death;
};

struct pool {
	/* In a worker: whatever is to be said of a file goes to out, numbers to counts (POOL_COUNTS_MAX bytes, zero before). */
	void (*work)(void *data, const char *path, FILE *out, void *counts);
	/* In this process, in the order of paths. */
	void (*deliver)(void *data, const struct pool_result *result);
	void *data;
	unsigned int nr_workers;
};

/*
 * Works on all paths. When interrupted() no further file is begun, and all that were are delivered. Returns
 * the number of results that were delivered; fewer than nr only then, or with a complaint.
 */
size_t pool_run(const struct pool *pool, char *const *paths, size_t nr);

/* The number of cores. */
unsigned int pool_default_workers(void);

#endif
