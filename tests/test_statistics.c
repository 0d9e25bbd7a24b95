// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics against values from the literature, and against values that can be
 * counted by hand; the comments say which.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "statistics/statistics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void close_to(double got, double wanted, double by)
{
	if (fabs(got - wanted) > by)
		fail_msg("%.9g is not %.9g", got, wanted);
}

/* R: quantile(c(1, 2, 4, 7, 11), c(0, .25, .5, .75, 1)) */
static void test_quantiles(void **state)
{
	double odd[] = { 7, 1, 11, 4, 2 }, even[] = { 40, 10, 30, 20 };

	(void)state;
	sort_values(odd, COUNT(odd));
	close_to(quantile(odd, 5, 0), 1, 0);
	close_to(quantile(odd, 5, 0.25), 2, 0);
	close_to(quantile(odd, 5, 0.5), 4, 0);
	close_to(quantile(odd, 5, 0.75), 7, 0);
	close_to(quantile(odd, 5, 1), 11, 0);
	sort_values(even, COUNT(even));
	/* R: 17.5, 25, 32.5 */
	close_to(quantile(even, 4, 0.25), 17.5, 1e-12);
	close_to(quantile(even, 4, 0.5), 25, 1e-12);
	close_to(quantile(even, 4, 0.75), 32.5, 1e-12);
	close_to(quantile(even, 1, 0.75), 10, 0);
	assert_true(isnan(quantile(even, 0, 0.5)));
}

static void test_quantiles_of_missing(void **state)
{
	double half[] = { (double)INFINITY, 3, 5, (double)INFINITY }, most[] = { 3, (double)INFINITY, 4, 5, 6 };

	(void)state;
	sort_values(half, COUNT(half));
	close_to(quantile(half, 4, 0), 3, 0);
	assert_true(isinf(quantile(half, 4, 0.5))); /* between 5 and never */
	sort_values(most, COUNT(most));
	close_to(quantile(most, 5, 0.5), 5, 0);
	close_to(quantile(most, 5, 0.75), 6, 0);
	assert_true(isinf(quantile(most, 5, 1)));
}

/* Freireich et al. 1963, 21 patients with 6-MP; the estimates as every textbook has them (Kleinbaum, Cox and Oakes). */
static void test_survival(void **state)
{
	struct duration patients[] = { { 6, true },   { 6, true },   { 6, true },   { 7, true },
				       { 10, true },  { 13, true },  { 16, true },  { 22, true },
				       { 23, true },  { 6, false },  { 9, false },  { 10, false },
				       { 11, false }, { 17, false }, { 19, false }, { 20, false },
				       { 25, false }, { 32, false }, { 32, false }, { 34, false },
				       { 35, false } };
	static const double times[] = { 6, 7, 10, 13, 16, 22, 23 };
	static const double survivals[] = { 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482 };
	static const size_t at_risk[] = { 21, 17, 15, 12, 11, 7, 6 };
	struct survival_step steps[COUNT(patients)];

	(void)state;
	assert_int_equal(survival_curve(patients, COUNT(patients), steps), COUNT(times));
	for (size_t i = 0; i < COUNT(times); i++) {
		close_to(steps[i].time, times[i], 0);
		close_to(steps[i].survival, survivals[i], 0.00006);
		assert_int_equal(steps[i].at_risk, at_risk[i]);
		assert_int_equal(steps[i].found, i ? 1 : 3);
	}
}

static void test_survival_at_the_ends(void **state)
{
	struct duration none[] = { { 5, false }, { 5, false } }, all[] = { { 2, true }, { 1, true } };
	struct survival_step steps[2];

	(void)state;
	assert_int_equal(survival_curve(none, 2, steps), 0);
	assert_int_equal(survival_curve(none, 0, steps), 0);
	assert_int_equal(survival_curve(all, 2, steps), 2);
	close_to(steps[0].survival, 0.5, 1e-12);
	close_to(steps[1].survival, 0, 1e-12);
}

static void test_effect(void **state)
{
	static const double a[] = { 1, 2, 3 }, b[] = { 2, 3, 4 }, never[] = { (double)INFINITY };

	(void)state;
	close_to(effect_smaller(a, 3, b, 3), 7.0 / 9, 1e-12); /* 6 of 9 pairs, and 2 ties */
	close_to(effect_smaller(b, 3, a, 3), 2.0 / 9, 1e-12);
	close_to(effect_smaller(a, 3, a, 3), 0.5, 1e-12);
	close_to(effect_smaller(a, 3, never, 1), 1, 0);
	close_to(effect_smaller(never, 1, never, 1), 0.5, 0);
	assert_true(isnan(effect_smaller(a, 0, b, 3)));
	assert_string_equal(effect_name(0.55), "negligible");
	assert_string_equal(effect_name(0.56), "small");
	assert_string_equal(effect_name(0.64), "medium");
	assert_string_equal(effect_name(0.71), "large");
	assert_string_equal(effect_name(0.29), "large");
	assert_string_equal(effect_name(0.37), "small");
}

/* Permeability constants of the human chorioamnion, Hollander and Wolfe 1973; R's wilcox.test: W = 35, p = 0.2544 */
static void test_ranks_without_ties(void **state)
{
	static const double at_term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
	static const double before[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
	static const double low[] = { 1, 2, 3, 4, 5 }, high[] = { 6, 7, 8, 9, 10 };
	struct rank_test test;

	(void)state;
	assert_true(rank_test(at_term, 10, before, 5, RANK_EXACT_MAX, &test));
	assert_true(test.exact);
	close_to(test.u, 35, 0);
	close_to(test.p, 0.2544, 0.00005);
	assert_true(rank_test(before, 5, at_term, 10, RANK_EXACT_MAX, &test));
	close_to(test.u, 15, 0);
	close_to(test.p, 0.2544, 0.00005);
	/* 2 of the 252 ways to choose five of ten are as extreme */
	assert_true(rank_test(low, 5, high, 5, RANK_EXACT_MAX, &test));
	close_to(test.u, 0, 0);
	close_to(test.p, 2.0 / 252, 1e-12);
}

static void test_ranks_with_ties(void **state)
{
	static const double a[] = { 1, 2 }, b[] = { 2, 3, 4 };
	static const double found[] = { 7, 9, 9 }, rarely[] = { 8, (double)INFINITY, (double)INFINITY };
	struct rank_test test;

	(void)state;
	/* ranks 1 2.5 | 2.5 4 5; of the ten sums of two, 3.5 twice and 9 are as far from 6 as 3.5 */
	assert_true(rank_test(a, 2, b, 3, RANK_EXACT_MAX, &test));
	close_to(test.u, 0.5, 0);
	close_to(test.p, 0.3, 1e-12);
	/* ranks 1 3.5 3.5 | 2 5.5 5.5: a's sum is 8, its mean 10.5; of the 20 sums of three, 6.5 twice, 8, 13 and
	 * 14.5 twice are as far, counted by hand */
	assert_true(rank_test(found, 3, rarely, 3, RANK_EXACT_MAX, &test));
	close_to(test.u, 2, 0);
	close_to(test.p, 6.0 / 20, 1e-12);
	/* all alike */
	assert_true(rank_test(rarely + 1, 2, rarely + 1, 2, RANK_EXACT_MAX, &test));
	close_to(test.p, 1, 0);
	assert_true(rank_test(rarely + 1, 2, rarely + 1, 2, 0, &test));
	close_to(test.p, 1, 0);
	assert_false(rank_test(a, 0, b, 3, RANK_EXACT_MAX, &test));
}

/* Whiting and Child's 39 societies, Siegel 1956: U = 64, z = 3.45 corrected for ties */
static void test_ranks_approximated(void **state)
{
	static const double absent[] = { 13, 12, 12, 10, 10, 10, 10, 9, 8, 8, 7, 7, 7, 7, 7, 6 };
	static const double present[] = { 17, 16, 15, 15, 15, 14, 14, 14, 13, 13, 13, 12,
					  12, 12, 12, 11, 11, 10, 10, 10, 8,  8,  6 };
	struct rank_test test, exact;

	(void)state;
	assert_true(rank_test(absent, COUNT(absent), present, COUNT(present), 0, &test));
	assert_false(test.exact);
	close_to(test.u, 64, 0);
	/* with the half that continuity takes off 120: z = 3.45 * 119.5 / 120 */
	close_to(test.p, erfc(3.45 * 119.5 / 120 / sqrt(2)), 0.00001);
	assert_true(rank_test(absent, COUNT(absent), present, COUNT(present), RANK_EXACT_MAX, &exact));
	assert_true(exact.exact);
	close_to(exact.u, 64, 0);
	close_to(exact.p, 0.000317872, 1e-9); /* counted by a program in another language, with whole numbers */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),       cmocka_unit_test(test_quantiles_of_missing),
		cmocka_unit_test(test_survival),        cmocka_unit_test(test_survival_at_the_ends),
		cmocka_unit_test(test_effect),          cmocka_unit_test(test_ranks_without_ties),
		cmocka_unit_test(test_ranks_with_ties), cmocka_unit_test(test_ranks_approximated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
