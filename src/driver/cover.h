/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small set of programs that has every feature: greedy set cover on sorted
 * numbers. Knows neither programs nor what the numbers mean. The result
 * depends on the items and their order alone.
 */
#ifndef RMAPFUZZ_DRIVER_COVER_H
#define RMAPFUZZ_DRIVER_COVER_H

#include <stdbool.h>
#include <stdint.h>

struct cover_item {
	const uint32_t *features; /* ascending, none twice */
	uint32_t nr_features;
	uint32_t cost; /* operations */
	bool given;    /* there already: neither kept nor dropped, but what it has is not new */
	/* the result; for a given one all is 0 */
	bool kept;
	uint32_t nr_new; /* features that no item chosen before it has */
	uint32_t nr_own; /* features that no other kept or given item has: why it is kept */
};

struct cover {
	uint32_t *chosen; /* places of the kept items, in the order of choice */
	uint32_t nr_chosen;
	uint32_t nr_features; /* that no given item has, of all others together */
	uint32_t nr_covered;  /* of the kept ones: fewer only because of max */
	uint32_t *count;      /* by number: how many kept and given items have it */
};

/*
 * Chooses the item with most new features an operation, then the smaller one, then the one that
 * comes first, until nothing new is left; then drops those that later ones made redundant; then
 * all but the first max (0: no limit). Numbers are below nr_numbers. False if memory is short.
 */
bool cover_choose(struct cover *cover, struct cover_item *items, uint32_t nr_items, uint32_t nr_numbers,
		  uint32_t max);

/* Keeps all items that are not given, in their order: to see which of them have nothing of their own. */
bool cover_all(struct cover *cover, struct cover_item *items, uint32_t nr_items, uint32_t nr_numbers);

void cover_destroy(struct cover *cover);

#endif
