// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two groups compared by rank, see statistics.h. Ranks are kept doubled, so that
 * the middle rank of a tie is a whole number and sums can be counted exactly.
 */
#include <math.h>
#include <stdlib.h>

#include "statistics/statistics.h"

enum { MAX_VALUES = 4096 };

double effect_smaller(const double *a, size_t nr_a, const double *b, size_t nr_b)
{
	double smaller = 0;

	if (!nr_a || !nr_b)
		return (double)NAN;
	for (size_t i = 0; i < nr_a; i++)
		for (size_t k = 0; k < nr_b; k++)
			smaller += a[i] < b[k] ? 1 : a[i] > b[k] ? 0 : 0.5;
	return smaller / (double)nr_a / (double)nr_b;
}

const char *effect_name(double effect)
{
	double distance = fabs(effect - 0.5);

	/* of Vargha and Delaney; a hair less, for 0.71 - 0.5 is no exact number */
	return distance >= 0.21 - 1e-9 ? "large" :
	       distance >= 0.14 - 1e-9 ? "medium" :
	       distance >= 0.06 - 1e-9 ? "small" :
					 "negligible";
}

struct ranked {
	double value;
	bool of_a;
	unsigned int doubled; /* twice its rank */
};

static int by_value(const void *left, const void *right)
{
	double a = ((const struct ranked *)left)->value, b = ((const struct ranked *)right)->value;

	return (a > b) - (a < b);
}

/* Returns the sum over ties of t^3 - t. */
static double give_ranks(struct ranked *all, size_t nr)
{
	double ties = 0;

	qsort(all, nr, sizeof(*all), by_value);
	for (size_t i = 0, next; i < nr; i = next) {
		for (next = i; next < nr && all[next].value <= all[i].value; next++)
			;
		double tied = (double)(next - i);

		ties += tied * tied * tied - tied;
		for (size_t k = i; k < next; k++)
			all[k].doubled = (unsigned int)(i + 1 + next); /* first and last rank of the tie */
	}
	return ties;
}

/*
 * Of all ways to choose nr_a of the ranks, the share whose doubled sum is at least as far from its mean as sum is. ways[k][s]:
 * so many ways to choose k of the ranks seen so far with sum s.
 */
static bool count_ways(const struct ranked *all, size_t nr, size_t nr_a, unsigned int sum, double *p)
{
	unsigned int most = (unsigned int)(nr * (nr + 1)), mean = (unsigned int)(nr_a * (nr + 1));
	size_t row = most + 1;
	double *ways = calloc((nr_a + 1) * row, sizeof(*ways)), far = 0, total = 0;

	if (!ways)
		return false;
	ways[0] = 1;
	for (size_t i = 0; i < nr; i++)
		for (size_t k = i + 1 < nr_a ? i + 1 : nr_a; k > 0; k--)
			for (unsigned int s = all[i].doubled; s <= most; s++)
				ways[k * row + s] += ways[(k - 1) * row + s - all[i].doubled];
	unsigned int distance = sum > mean ? sum - mean : mean - sum;

	for (unsigned int s = 0; s <= most; s++) {
		double here = ways[nr_a * row + s];

		total += here;
		far += (s > mean ? s - mean : mean - s) >= distance ? here : 0;
	}
	free(ways);
	*p = far / total;
	return true;
}

static double approximate(double u, double nr_a, double nr_b, double ties)
{
	double nr = nr_a + nr_b, distance = fabs(u - nr_a * nr_b / 2);
	double variance = nr_a * nr_b / 12 * (nr + 1 - ties / (nr * (nr - 1)));

	if (variance <= 0 || distance <= 0.5)
		return 1;
	return erfc((distance - 0.5) / sqrt(variance) / sqrt(2));
}

bool rank_test(const double *a, size_t nr_a, const double *b, size_t nr_b, size_t exact_max,
	       struct rank_test *test)
{
	size_t nr = nr_a + nr_b;
	struct ranked *all = nr_a && nr_b && nr <= MAX_VALUES ? calloc(nr, sizeof(*all)) : NULL;
	unsigned int sum = 0;
	bool done = true;

	if (!all)
		return false;
	for (size_t i = 0; i < nr; i++)
		all[i] = (struct ranked){ .value = i < nr_a ? a[i] : b[i - nr_a], .of_a = i < nr_a };
	double ties = give_ranks(all, nr);

	for (size_t i = 0; i < nr; i++)
		sum += all[i].of_a ? all[i].doubled : 0;
	test->u = (double)sum / 2 - (double)nr_a * (double)(nr_a + 1) / 2;
	test->exact = nr <= exact_max && nr <= RANK_EXACT_MAX;
	if (test->exact)
		done = count_ways(all, nr, nr_a, sum, &test->p);
	else
		test->p = approximate(test->u, (double)nr_a, (double)nr_b, ties);
	free(all);
	return done;
}
