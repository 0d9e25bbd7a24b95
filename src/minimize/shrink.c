// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes that make operations simpler, or trade one for less. Each returns
 * whether anything changed. They are thorough and therefore wait until the
 * program is short.
 */
#include "minimize/internal.h"

#include <string.h>

enum {
	SHRINK_UP_TO = 64, /* operations */
	ORDER_UP_TO = 48,
	SWAP_PAGES_UP_TO = 8,
	TRADE_UP_TO = 20,
	TRADE_TWO_UP_TO = 5,
	TRADE_UP_TO_HOPPING = 7, /* n * n * 60 candidates: too many for each of hundreds of hops */
};

static void candidate_from_best(struct search *search)
{
	search->candidate.nr_ops = search->best.nr_ops;
	memcpy(search->candidate.ops, search->best.ops, search->best.nr_ops * sizeof(struct op));
}

/* The operation at index, as long as a simpler one can stand there. */
static bool shrink_operation(struct search *search, uint32_t index)
{
	struct op variants[MAX_VARIANTS];
	unsigned int nr = edit_variants(&search->best, index, variants);

	for (unsigned int i = 0; i < nr; i++) {
		candidate_from_best(search);
		search->candidate.ops[index] = variants[i];
		if (attempt(search))
			return true;
	}
	return false;
}

bool shrink_operations(struct search *search)
{
	bool any = false;

	if (search->best.nr_ops > SHRINK_UP_TO)
		return false;
	for (uint32_t i = search->best.nr_ops; i-- > 0;)
		while (i < search->best.nr_ops && shrink_operation(search, i))
			any = true;
	return any;
}

/* Two letters change places from some operation on: each life of a process gets the lowest letter that is free. */
static bool swap_letters(struct search *search, uint32_t from, unsigned int a, unsigned int b)
{
	candidate_from_best(search);
	edit_swap_processes(&search->candidate, from, a, b);
	return attempt(search);
}

/* Two pages change places in the whole program. */
static bool swap_pages(struct search *search)
{
	bool any = false;

	for (unsigned int a = 0; a < SWAP_PAGES_UP_TO; a++)
		for (unsigned int b = a + 1; b < SWAP_PAGES_UP_TO; b++) {
			candidate_from_best(search);
			any |= edit_swap_pages(&search->candidate, a, b) && attempt(search);
		}
	return any;
}

bool shrink_names(struct search *search)
{
	bool any;

	edit_rename(&search->candidate, &search->best);
	any = attempt(search);
	for (uint32_t i = 0; i < search->best.nr_ops; i++) {
		const struct op op = search->best.ops[i];

		for (unsigned int lower = 1; op.code == OP_FORK && lower < op.arg[0]; lower++)
			any |= swap_letters(search, i, lower, op.arg[0]);
	}
	return any | swap_pages(search);
}

/* The operation at from stands at to instead, and those between move up by one. */
static bool move_operation(struct search *search, uint32_t from, uint32_t to)
{
	struct op *ops = search->candidate.ops;

	candidate_from_best(search);
	memmove(ops + to + 1, ops + to, (from - to) * sizeof(*ops));
	ops[to] = search->best.ops[from];
	return attempt_longer(search);
}

/* Only simpler orders pass the gate, so this sorts what may be sorted; an exit that comes earlier may also end it sooner. */
bool shrink_order(struct search *search)
{
	bool any = false;

	if (search->best.nr_ops > ORDER_UP_TO)
		return false;
	for (uint32_t from = 1; from < search->best.nr_ops; from++)
		for (uint32_t to = 0; to < from && from < search->best.nr_ops; to++)
			any |= move_operation(search, from, to);
	return any;
}

/* Without operation gone, and operation index any of its variants. */
static bool trade(struct search *search, uint32_t gone, uint32_t index)
{
	struct op variants[MAX_VARIANTS];
	unsigned int nr = edit_variants(&search->best, index, variants);
	bool drop[MAX_OPS] = { false };

	drop[gone] = true;
	for (unsigned int i = 0; i < nr; i++) {
		edit_drop(&search->candidate, &search->best, drop);
		search->candidate.ops[index - (gone < index)] = variants[i];
		if (attempt(search))
			return true;
	}
	return false;
}

bool trade_operations(struct search *search)
{
	bool any = false;

	if (search->best.nr_ops > (search->hopping ? TRADE_UP_TO_HOPPING : TRADE_UP_TO))
		return false;
	for (uint32_t gone = search->best.nr_ops; gone-- > 0;)
		for (uint32_t i = 0; i < search->best.nr_ops && gone < search->best.nr_ops; i++)
			if (i != gone)
				any |= trade(search, gone, i);
	return any;
}

/* Without operation gone, and two others any of their variants. */
static bool trade_two(struct search *search, uint32_t gone, uint32_t i, uint32_t j)
{
	struct op first[MAX_VARIANTS], second[MAX_VARIANTS];
	unsigned int nr_first = edit_variants(&search->best, i, first),
		     nr_second = edit_variants(&search->best, j, second);
	bool drop[MAX_OPS] = { false };

	drop[gone] = true;
	for (unsigned int a = 0; a < nr_first; a++)
		for (unsigned int b = 0; b < nr_second; b++) {
			edit_drop(&search->candidate, &search->best, drop);
			search->candidate.ops[i - (gone < i)] = first[a];
			search->candidate.ops[j - (gone < j)] = second[b];
			if (attempt(search))
				return true;
		}
	return false;
}

bool trade_two_operations(struct search *search)
{
	uint32_t nr = search->best.nr_ops;

	if (nr > TRADE_TWO_UP_TO)
		return false;
	for (uint32_t gone = nr; gone-- > 0;)
		for (uint32_t i = 0; i < nr; i++)
			for (uint32_t j = i + 1; j < nr; j++)
				if (i != gone && j != gone && trade_two(search, gone, i, j))
					return true;
	return false;
}
