/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Another program as a filter from one file to another: Graphviz, gnuplot. It
 * reads and writes temporary files without names: there is no pipe to wait for
 * on both sides.
 */
#ifndef RMAPFUZZ_TOOL_FILTER_H
#define RMAPFUZZ_TOOL_FILTER_H

#include <stdbool.h>
#include <stdio.h>

enum filter_result {
	FILTER_DONE,
	FILTER_MISSING, /* there is no such program */
	FILTER_FAILED,  /* it says so */
	FILTER_ERROR,   /* errno says why */
};

/* Runs argv[0], found by PATH, with in from its beginning as standard input and out as standard output; its complaints are dropped. */
enum filter_result filter_run(char *const argv[], FILE *in, FILE *out);

/* How much a filter wrote. */
long filter_size(FILE *out);

/* What it wrote, as a file that appears whole; path NULL is standard output. On error complains and returns false. */
bool filter_copy(FILE *out, const char *path);

#endif
