/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said about runs that may not have found what they looked for. Numbers
 * in, numbers out: nothing here knows what they count. A run that found nothing
 * is censored: all that is known is that it would have taken longer.
 */
#ifndef RMAPFUZZ_STATISTICS_STATISTICS_H
#define RMAPFUZZ_STATISTICS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* ---- quantile.c ---- */

/* Ascending, in place; infinite values last. */
void sort_values(double *values, size_t nr);

/*
 * Of sorted values, between two of them if need be (type 7 of Hyndman and Fan 1996, what R and numpy do): fraction
 * 0.5 is the median. Infinite where it hangs on an infinite value; NAN of none.
 */
double quantile(const double *sorted, size_t nr, double fraction);

/* ---- survival.c ---- */

/* A run: how far it went, and whether it ended by finding or by its budget. */
struct duration {
	double time;
	bool found;
};

/* From this time on, so much of all is estimated not to have been found yet. */
struct survival_step {
	double time, survival;
	size_t at_risk, found; /* just before that time, and at it */
};

/*
 * The product-limit estimate of Kaplan and Meier 1958, a step for each time at which something was found; runs
 * censored at that very time count as being at risk. Sorts durations. steps has room for nr. Returns how many.
 */
size_t survival_curve(struct duration *durations, size_t nr, struct survival_step *steps);

/* ---- ranks.c ---- */

/*
 * Vargha and Delaney 2000: the probability that a value of a is smaller than one of b, ties by half. 0.5: no
 * difference; 0.56, 0.64, 0.71 and their mirror images are what they call small, medium and large. NAN if one is empty.
 */
double effect_smaller(const double *a, size_t nr_a, const double *b, size_t nr_b);

/* "large", "medium", "small" or "negligible", in either direction. */
const char *effect_name(double effect);

struct rank_test {
	double u; /* Mann-Whitney: pairs in which a's value is greater, ties by half */
	double p; /* two-sided: of a sum of ranks at least as far from its mean, if both are alike */
	bool exact; /* counted over all ways to divide the ranks, ties included; else the normal approximation */
};

enum { RANK_EXACT_MAX = 60 }; /* counting takes milliseconds up to there */

/*
 * Mann and Whitney 1947. Infinite values are ties with one another. Counted if both have at most exact_max values
 * together, at most RANK_EXACT_MAX; the approximation is corrected for ties and for continuity. False if one side is empty,
 * there are more than 4096 values, or memory is short.
 */
bool rank_test(const double *a, size_t nr_a, const double *b, size_t nr_b, size_t exact_max,
	       struct rank_test *test);

#endif
