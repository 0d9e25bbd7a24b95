// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processor time of a running process and its descendants, from /proc: AFL++
 * has the target below it, where the clock of one process does not look.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/score.h"

enum { MAX_DEPTH = 4 };

/* utime, stime, cutime, cstime: the 12th to 15th word behind the name, which may hold anything. */
static double own_seconds(pid_t pid)
{
	char path[64], line[1024];
	unsigned long times[4] = { 0 };

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	const char *behind = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;

	fclose(file);
	for (unsigned int word = 0; behind && (behind = strchr(behind, ' ')) != NULL && word < 16; word++) {
		behind++;
		if (word >= 11 && word < 15)
			times[word - 11] = strtoul(behind, NULL, 10);
	}
	return (double)(times[0] + times[1] + times[2] + times[3]) / (double)sysconf(_SC_CLK_TCK);
}

static double tree_seconds(pid_t pid, unsigned int depth) // NOLINT(misc-no-recursion): MAX_DEPTH
{
	double seconds = own_seconds(pid);
	char path[64];
	long child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	FILE *file = depth < MAX_DEPTH ? fopen(path, "r") : NULL;

	while (file && fscanf(file, "%ld", &child) == 1)
		seconds += tree_seconds((pid_t)child, depth + 1);
	if (file)
		fclose(file);
	return seconds;
}

double processor_seconds(pid_t pid)
{
	return tree_seconds(pid, 0);
}
