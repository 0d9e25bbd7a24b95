// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interleaved timing. Times are processor time of this process, so that what
 * else the machine does costs precision but takes no side. Must never compare
 * times of different rounds.
 */
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t now_ns(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now))
		die("no clock for processor time");
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void run_round(struct contender *contenders, uint32_t nr, uint32_t round)
{
	uint64_t spent[MAX_CONTENDERS] = { 0 };

	for (uint32_t slice = 0; slice < NR_SLICES; slice++)
		for (uint32_t turn = 0; turn < nr; turn++) {
			uint32_t i = (turn + slice + round) % nr;
			uint64_t began = now_ns();

			contenders[i].run(contenders[i].data, slice);
			spent[i] += now_ns() - began;
		}
	for (uint32_t i = 0; i < nr; i++)
		contenders[i].ns[round] = (double)spent[i] / (double)contenders[i].units;
}

void measure(struct contender *contenders, uint32_t nr, uint32_t repeat)
{
	run_round(contenders, nr, 0);
	for (uint32_t round = 0; round < repeat; round++)
		run_round(contenders, nr, round);
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values, uint32_t nr)
{
	qsort(values, nr, sizeof(*values), by_value);
	return nr % 2 ? values[nr / 2] : (values[nr / 2 - 1] + values[nr / 2]) / 2;
}

double median_ns(const struct contender *contender, uint32_t repeat)
{
	double values[MAX_REPEAT];

	memcpy(values, contender->ns, repeat * sizeof(*values));
	return median(values, repeat);
}

double median_ratio(const struct contender *a, const struct contender *b, uint32_t repeat)
{
	double values[MAX_REPEAT];

	for (uint32_t round = 0; round < repeat; round++)
		values[round] = a->ns[round] / b->ns[round];
	return median(values, repeat);
}
