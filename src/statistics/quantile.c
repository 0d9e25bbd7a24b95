// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quantiles, see statistics.h. Must never let a difference of two infinite values
 * become a number.
 */
#include <math.h>
#include <stdlib.h>

#include "statistics/statistics.h"

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

void sort_values(double *values, size_t nr)
{
	if (nr)
		qsort(values, nr, sizeof(*values), by_value);
}

double quantile(const double *sorted, size_t nr, double fraction)
{
	if (!nr)
		return (double)NAN;
	double place = fraction * (double)(nr - 1), below = floor(place);
	size_t i = (size_t)below;

	if (place <= below || i + 1 >= nr)
		return sorted[i];
	if (isinf(sorted[i + 1]))
		return sorted[i + 1];
	return sorted[i] + (place - below) * (sorted[i + 1] - sorted[i]);
}
