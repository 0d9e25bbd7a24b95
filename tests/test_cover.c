// SPDX-License-Identifier: GPL-2.0-only
/*
 * The set cover against a slow one that is written from its description, on
 * many random sets; and what must hold of any result.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the headers above. */
#include <cmocka.h>

#include "driver/cover.h"

enum { MAX_ITEMS = 40, MAX_NUMBERS = 60, ROUNDS = 3000 };

struct set {
	struct cover_item items[MAX_ITEMS];
	uint32_t numbers[MAX_ITEMS][MAX_NUMBERS];
	uint32_t nr;
};

static uint32_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

static void random_set(struct set *set, uint64_t seed)
{
	uint64_t state = seed;

	set->nr = next_random(&state) % (MAX_ITEMS + 1);
	for (uint32_t i = 0; i < set->nr; i++) {
		struct cover_item *item = &set->items[i];
		uint32_t one_in = 1 + next_random(&state) % 30;

		*item = (struct cover_item){ .features = set->numbers[i],
					     .cost = next_random(&state) % 5,
					     .given = seed % 3 == 0 && next_random(&state) % 6 == 0 };
		for (uint32_t n = 0; n < MAX_NUMBERS; n++)
			if (next_random(&state) % one_in == 0)
				set->numbers[i][item->nr_features++] = n;
	}
}

static uint32_t lacking(const struct cover_item *item, const uint32_t *count)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < item->nr_features; i++)
		nr += !count[item->features[i]];
	return nr;
}

static void add(const struct cover_item *item, uint32_t *count, uint32_t by)
{
	for (uint32_t i = 0; i < item->nr_features; i++)
		count[item->features[i]] += by;
}

/* The best by the words of cover.h, or nr if nothing is new. */
static uint32_t slow_best(const struct set *set, const uint32_t *count, const bool *taken)
{
	uint32_t best = set->nr;

	for (uint32_t i = 0; i < set->nr; i++) {
		uint64_t mine = lacking(&set->items[i], count), cost = set->items[i].cost + UINT64_C(1);

		if (set->items[i].given || taken[i] || !mine)
			continue;
		if (best == set->nr) {
			best = i;
			continue;
		}
		uint64_t its = lacking(&set->items[best], count),
			 its_cost = set->items[best].cost + UINT64_C(1);

		if (mine * its_cost > its * cost || (mine * its_cost == its * cost && cost < its_cost))
			best = i;
	}
	return best;
}

static uint32_t slow_choice(const struct set *set, uint32_t *chosen)
{
	uint32_t count[MAX_NUMBERS] = { 0 }, nr = 0, kept = 0;
	bool taken[MAX_ITEMS] = { false };

	for (uint32_t i = 0; i < set->nr; i++)
		if (set->items[i].given)
			add(&set->items[i], count, 1);
	for (uint32_t best; (best = slow_best(set, count, taken)) != set->nr;) {
		taken[best] = true;
		chosen[nr++] = best;
		add(&set->items[best], count, 1);
	}
	for (uint32_t i = 0; i < nr; i++) {
		add(&set->items[chosen[i]], count, UINT32_MAX); /* less one */
		if (lacking(&set->items[chosen[i]], count)) {
			add(&set->items[chosen[i]], count, 1);
			chosen[kept++] = chosen[i];
		}
	}
	return kept;
}

static void same_as_slow(void **unused)
{
	static struct set set;
	uint32_t wanted[MAX_ITEMS];
	struct cover cover;

	(void)unused;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		random_set(&set, seed);
		uint32_t nr = slow_choice(&set, wanted);

		assert_true(cover_choose(&cover, set.items, set.nr, MAX_NUMBERS, 0));
		assert_int_equal(cover.nr_chosen, nr);
		if (nr)
			assert_memory_equal(cover.chosen, wanted, nr * sizeof(wanted[0]));
		assert_int_equal(cover.nr_covered, cover.nr_features);
		cover_destroy(&cover);
	}
}

/* Each kept item has something alone, and its share is told right; a second choice among them changes nothing. */
static void nothing_to_spare(void **unused)
{
	static struct set set, kept;
	struct cover cover, again;

	(void)unused;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		uint32_t count[MAX_NUMBERS] = { 0 }, nr_new = 0;

		random_set(&set, seed);
		assert_true(cover_choose(&cover, set.items, set.nr, MAX_NUMBERS, 0));
		kept.nr = 0;
		for (uint32_t i = 0; i < set.nr; i++)
			if (set.items[i].kept || set.items[i].given) {
				kept.items[kept.nr++] = set.items[i];
				add(&set.items[i], count, 1);
			}
		for (uint32_t i = 0; i < kept.nr; i++) {
			uint32_t own = 0;

			nr_new += kept.items[i].nr_new;
			for (uint32_t k = 0; k < kept.items[i].nr_features; k++)
				own += count[kept.items[i].features[k]] == 1;
			if (kept.items[i].given)
				continue;
			assert_int_equal(kept.items[i].nr_own, own);
			assert_true(own > 0);
		}
		assert_int_equal(nr_new, cover.nr_features);
		assert_true(cover_choose(&again, kept.items, kept.nr, MAX_NUMBERS, 0));
		assert_int_equal(again.nr_chosen, cover.nr_chosen);
		cover_destroy(&again);
		assert_true(cover_all(&again, kept.items, kept.nr, MAX_NUMBERS));
		for (uint32_t i = 0; i < kept.nr; i++)
			assert_true(kept.items[i].given || kept.items[i].nr_own > 0);
		cover_destroy(&again);
		cover_destroy(&cover);
	}
}

static void at_most_max(void **unused)
{
	static struct set set;
	struct cover cover, all;

	(void)unused;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		random_set(&set, seed);
		assert_true(cover_choose(&all, set.items, set.nr, MAX_NUMBERS, 0));
		assert_true(cover_choose(&cover, set.items, set.nr, MAX_NUMBERS, 3));
		assert_int_equal(cover.nr_chosen, all.nr_chosen < 3 ? all.nr_chosen : 3);
		if (cover.nr_chosen)
			assert_memory_equal(cover.chosen, all.chosen, cover.nr_chosen * sizeof(*all.chosen));
		assert_int_equal(cover.nr_covered < cover.nr_features, cover.nr_chosen < all.nr_chosen);
		cover_destroy(&cover);
		cover_destroy(&all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_slow),
		cmocka_unit_test(nothing_to_spare),
		cmocka_unit_test(at_most_max),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
