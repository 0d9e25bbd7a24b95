/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * k, and the k-th of something: how a byte of a record chooses among what
 * there is. Only for relative.c and relative_operands.c.
 */
#ifndef RMAPFUZZ_PROGRAM_RELATIVE_PICK_H
#define RMAPFUZZ_PROGRAM_RELATIVE_PICK_H

#include "program/shadow.h"

/* Lower five bits of a byte to k: 0 in a third of the cases, at most 3 in four fifths. */
static inline unsigned int favoured(unsigned int byte)
{
	static const uint8_t index[32] = { 0, 1, 2, 3, 0, 1, 4, 5, 0, 1, 0, 2, 0, 1, 6, 3,
					   0, 1, 2, 0, 1, 0, 7, 4, 0, 1, 3, 0, 2, 0, 5, 6 };

	return index[byte & 31];
}

static inline uint64_t drop_lowest(uint64_t set)
{
	return set & (set - 1);
}

/* rest if that bit of k is set and rest is not empty, else set. No branch: it would be mispredicted. */
static inline uint64_t step(uint64_t set, uint64_t rest, unsigned int bit_of_k)
{
	uint64_t take = (uint64_t)0 - (uint64_t)(bit_of_k & (rest != 0));

	return (rest & take) | (set & ~take);
}

/*
 * Number of the k-th set bit of a set that is not empty, 0 <= k < 8: skips 4, 2
 * and 1 bits as k in binary says, but never the last ones. So a k that is too
 * large chooses some bit, too.
 */
static inline unsigned int kth_bit(uint64_t set, unsigned int k)
{
	uint64_t two = drop_lowest(drop_lowest(set)), four = drop_lowest(drop_lowest(two));

	set = step(set, four, k >> 2 & 1);
	set = step(set, drop_lowest(drop_lowest(set)), k >> 1 & 1);
	set = step(set, drop_lowest(set), k & 1);
	return (unsigned int)__builtin_ctzll(set);
}

/* The pages that the operation works on best, as far as the shadow knows. rule is that of its place. */
uint64_t relative_wish(const struct shadow *shadow, const struct shadow_process *p, unsigned int code,
		       unsigned int rule);

#endif
