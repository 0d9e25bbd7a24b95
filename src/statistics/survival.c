// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Kaplan-Meier estimate, see statistics.h. Must never take a run that ended
 * by its budget for one that found something.
 */
#include <stdlib.h>

#include "statistics/statistics.h"

static int by_time(const void *left, const void *right)
{
	const struct duration *a = left, *b = right;

	return (a->time > b->time) - (a->time < b->time);
}

size_t survival_curve(struct duration *durations, size_t nr, struct survival_step *steps)
{
	size_t nr_steps = 0;
	double survival = 1;

	if (nr)
		qsort(durations, nr, sizeof(*durations), by_time);
	for (size_t i = 0, next; i < nr; i = next) {
		size_t found = 0;

		for (next = i; next < nr && durations[next].time <= durations[i].time; next++)
			found += durations[next].found;
		if (!found)
			continue;
		survival *= 1 - (double)found / (double)(nr - i);
		steps[nr_steps++] = (struct survival_step){ durations[i].time, survival, nr - i, found };
	}
	return nr_steps;
}
