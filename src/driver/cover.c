// SPDX-License-Identifier: GPL-2.0-only
/*
 * Greedy set cover, see cover.h. An item's number of new features only ever
 * falls, so a heap with old numbers shows a bound: who is still first after
 * being counted again is first of all.
 */
#include "driver/cover.h"

#include <stdlib.h>
#include <string.h>

struct heap {
	const struct cover_item *items;
	uint32_t *at; /* places of items, the best on top */
	uint32_t nr;
};

/* The order of choice; no two items are equal. Counts and costs are below 2^32: products fit. */
static bool better(const struct cover_item *items, uint32_t a, uint32_t b)
{
	uint64_t gain_a = (uint64_t)items[a].nr_new * (items[b].cost + UINT64_C(1));
	uint64_t gain_b = (uint64_t)items[b].nr_new * (items[a].cost + UINT64_C(1));

	if (gain_a != gain_b)
		return gain_a > gain_b;
	if (items[a].cost != items[b].cost)
		return items[a].cost < items[b].cost;
	return a < b;
}

static void sink(struct heap *heap, uint32_t hole)
{
	uint32_t moved = heap->at[hole];

	for (uint32_t child; (child = 2 * hole + 1) < heap->nr; hole = child) {
		if (child + 1 < heap->nr && better(heap->items, heap->at[child + 1], heap->at[child]))
			child++;
		if (!better(heap->items, heap->at[child], moved))
			break;
		heap->at[hole] = heap->at[child];
	}
	heap->at[hole] = moved;
}

static uint32_t count_new(const struct cover *cover, const struct cover_item *item)
{
	uint32_t fresh = 0;

	for (uint32_t i = 0; i < item->nr_features; i++)
		fresh += cover->count[item->features[i]] == 0;
	return fresh;
}

static void add_item(struct cover *cover, const struct cover_item *item)
{
	for (uint32_t i = 0; i < item->nr_features; i++)
		cover->count[item->features[i]]++;
}

static void choose_greedily(struct cover *cover, struct cover_item *items, struct heap *heap)
{
	for (uint32_t i = heap->nr / 2; i-- > 0;)
		sink(heap, i);
	while (heap->nr) {
		uint32_t top = heap->at[0], fresh = count_new(cover, &items[top]);
		bool still_first = fresh == items[top].nr_new;

		items[top].nr_new = fresh;
		if (fresh && !still_first) {
			sink(heap, 0);
			continue;
		}
		if (fresh) {
			cover->chosen[cover->nr_chosen++] = top;
			add_item(cover, &items[top]);
		}
		heap->at[0] = heap->at[--heap->nr];
		if (heap->nr)
			sink(heap, 0);
	}
}

static bool is_redundant(const struct cover *cover, const struct cover_item *item)
{
	for (uint32_t i = 0; i < item->nr_features; i++)
		if (cover->count[item->features[i]] == 1)
			return false;
	return true;
}

/* Who is needed stays needed when others go, so one pass is enough. */
static void drop_redundant(struct cover *cover, const struct cover_item *items)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < cover->nr_chosen; i++) {
		const struct cover_item *item = &items[cover->chosen[i]];

		if (is_redundant(cover, item)) {
			for (uint32_t k = 0; k < item->nr_features; k++)
				cover->count[item->features[k]]--;
			continue;
		}
		cover->chosen[nr++] = cover->chosen[i];
	}
	cover->nr_chosen = nr;
}

static void begin_with_given(struct cover *cover, const struct cover_item *items, uint32_t nr_items,
			     uint32_t nr_numbers)
{
	memset(cover->count, 0, nr_numbers * sizeof(*cover->count));
	for (uint32_t i = 0; i < nr_items; i++)
		if (items[i].given)
			add_item(cover, &items[i]);
}

/* What each kept item adds to those before it, and has alone. */
static void tell(struct cover *cover, struct cover_item *items, uint32_t nr_items, uint32_t nr_numbers)
{
	begin_with_given(cover, items, nr_items, nr_numbers);
	for (uint32_t i = 0; i < cover->nr_chosen; i++) {
		struct cover_item *item = &items[cover->chosen[i]];

		item->kept = true;
		item->nr_new = count_new(cover, item);
		cover->nr_covered += item->nr_new;
		add_item(cover, item);
	}
	for (uint32_t i = 0; i < cover->nr_chosen; i++) {
		struct cover_item *item = &items[cover->chosen[i]];

		for (uint32_t k = 0; k < item->nr_features; k++)
			item->nr_own += cover->count[item->features[k]] == 1;
	}
}

static bool start(struct cover *cover, struct cover_item *items, uint32_t nr_items, uint32_t nr_numbers)
{
	*cover = (struct cover){ .chosen = calloc(nr_items + UINT32_C(1), sizeof(*cover->chosen)),
				 .count = calloc(nr_numbers + UINT32_C(1), sizeof(*cover->count)) };
	if (!cover->chosen || !cover->count) {
		cover_destroy(cover);
		return false;
	}
	begin_with_given(cover, items, nr_items, nr_numbers);
	for (uint32_t i = 0; i < nr_items; i++) {
		struct cover_item *item = &items[i];

		item->kept = false;
		item->nr_new = item->given ? 0 : item->nr_features; /* at most */
		item->nr_own = 0;
		if (item->given)
			continue;
		cover->nr_features += count_new(cover, item);
		add_item(cover, item);
	}
	begin_with_given(cover, items, nr_items, nr_numbers);
	return true;
}

bool cover_choose(struct cover *cover, struct cover_item *items, uint32_t nr_items, uint32_t nr_numbers,
		  uint32_t max)
{
	struct heap heap = { .items = items, .at = calloc(nr_items + UINT32_C(1), sizeof(*heap.at)) };

	if (!heap.at)
		return false;
	if (!start(cover, items, nr_items, nr_numbers)) {
		free(heap.at);
		return false;
	}
	for (uint32_t i = 0; i < nr_items; i++)
		if (!items[i].given)
			heap.at[heap.nr++] = i;
	choose_greedily(cover, items, &heap);
	free(heap.at);
	drop_redundant(cover, items);
	if (max && cover->nr_chosen > max)
		cover->nr_chosen = max;
	tell(cover, items, nr_items, nr_numbers);
	return true;
}

bool cover_all(struct cover *cover, struct cover_item *items, uint32_t nr_items, uint32_t nr_numbers)
{
	if (!start(cover, items, nr_items, nr_numbers))
		return false;
	for (uint32_t i = 0; i < nr_items; i++)
		if (!items[i].given)
			cover->chosen[cover->nr_chosen++] = i;
	tell(cover, items, nr_items, nr_numbers);
	return true;
}

void cover_destroy(struct cover *cover)
{
	free(cover->chosen);
	free(cover->count);
	*cover = (struct cover){ .chosen = NULL };
}
