// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes that leave operations out. Each returns whether anything went.
 */
#include "minimize/internal.h"

#include <string.h>

enum {
	ALL_PAIRS_UP_TO = 64, /* operations: 2016 pairs */
	PAIR_REACH = 12, /* in longer programs: an operation and its inverse are mostly near each other */
	TRIPLES_UP_TO = 18,
	TRIPLES_UP_TO_HOPPING = 9,
};

static bool attempt_without(struct search *search, const bool drop[MAX_OPS])
{
	edit_drop(&search->candidate, &search->best, drop);
	return search->candidate.nr_ops < search->best.nr_ops && attempt(search);
}

static bool cut_process(struct search *search, unsigned int process)
{
	bool drop[MAX_OPS];

	for (uint32_t i = 0; i < search->best.nr_ops; i++) {
		const struct op *op = &search->best.ops[i];

		drop[i] = op->process == process ||
			  (op_info(op->code)->operand[0] == OPERAND_PROC && op->arg[0] == process);
	}
	return attempt_without(search, drop);
}

static bool cut_code(struct search *search, unsigned int code)
{
	bool drop[MAX_OPS];

	for (uint32_t i = 0; i < search->best.nr_ops; i++)
		drop[i] = search->best.ops[i].code == code;
	return attempt_without(search, drop);
}

bool cut_kinds(struct search *search)
{
	bool any = false;

	for (unsigned int process = NR_PROCESSES; process-- > 0;)
		any |= cut_process(search, process);
	for (unsigned int code = NR_OP_CODES; code-- > 1;)
		any |= cut_code(search, code);
	return any;
}

/* Operations at..at+size-1. */
static bool cut_chunk(struct search *search, uint32_t at, uint32_t size)
{
	struct program *candidate = &search->candidate;
	uint32_t nr = search->best.nr_ops, behind = at + size < nr ? nr - at - size : 0;

	if (at >= nr)
		return false;
	memcpy(candidate->ops, search->best.ops, at * sizeof(struct op));
	memcpy(candidate->ops + at, search->best.ops + nr - behind, behind * sizeof(struct op));
	candidate->nr_ops = at + behind;
	return attempt(search);
}

bool cut_chunks(struct search *search)
{
	bool any = false;

	for (uint32_t size = (search->best.nr_ops + 1) / 2; size; size = size > 1 ? (size + 1) / 2 : 0) {
		uint32_t nr_chunks = (search->best.nr_ops + size - 1) / size;

		/* from the back: later operations depend on earlier ones, seldom the other way round */
		for (uint32_t i = nr_chunks; i-- > 0;)
			any |= cut_chunk(search, i * size, size);
	}
	return any;
}

static bool cut_two(struct search *search, uint32_t i, uint32_t j)
{
	bool drop[MAX_OPS] = { false };

	drop[i] = drop[j] = true;
	return attempt_without(search, drop);
}

static bool cut_triples(struct search *search)
{
	bool any = false;

	for (uint32_t i = 0; i + 2 < search->best.nr_ops; i++)
		for (uint32_t j = i + 1; j + 1 < search->best.nr_ops; j++)
			for (uint32_t k = j + 1; k < search->best.nr_ops; k++) {
				bool drop[MAX_OPS] = { false };

				drop[i] = drop[j] = drop[k] = true;
				any |= attempt_without(search, drop);
			}
	return any;
}

/* An operation and what undoes it (fork and exit, mprotect there and back): neither can go alone. */
bool cut_pairs(struct search *search)
{
	bool any = false;

	for (uint32_t j = search->best.nr_ops; j-- > 1;) {
		uint32_t reach = search->best.nr_ops <= ALL_PAIRS_UP_TO ? j : PAIR_REACH;

		for (uint32_t distance = 1; distance <= reach && distance <= j; distance++) {
			if (j >= search->best.nr_ops)
				break;
			any |= cut_two(search, j - distance, j);
		}
	}
	if (search->best.nr_ops <= (search->hopping ? TRIPLES_UP_TO_HOPPING : TRIPLES_UP_TO))
		any |= cut_triples(search);
	return any;
}

bool cut_forks(struct search *search)
{
	bool any = false;

	for (uint32_t i = search->best.nr_ops; i-- > 0;) {
		if (i >= search->best.nr_ops || search->best.ops[i].code != OP_FORK)
			continue;
		edit_collapse_fork(&search->candidate, &search->best, i);
		any |= attempt(search);
	}
	return any;
}

bool cut_pages(struct search *search)
{
	bool any = false;

	for (unsigned int page = NR_WINDOW; page-- > 0;) {
		edit_delete_page(&search->candidate, &search->best, page);
		any |= attempt(search);
	}
	return any;
}
