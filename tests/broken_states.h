/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cases of the oracle's tests: one state, and many ways to break it in one
 * place. test_oracle.c asks of each what the oracle says.
 */
#ifndef RMAPFUZZ_TESTS_BROKEN_STATES_H
#define RMAPFUZZ_TESTS_BROKEN_STATES_H

#include "oracle/oracle.h"
#include "state_builder.h"

/*
 * The state that the cases break: a family of three generations.
 *
 *	page   0   1   2   3  ..  8   9
 *	A      P1      S1  z      ------ unfaulted, read-only
 *	B      P1  P2  S1
 *	C      P1
 *
 * A's VMA has the chain [a1], B's [a2 a1], C's [a3 a2 a1]. P1 belongs to a1,
 * P2 (exclusive) to a2. P3 of a1 lies in the swap cache behind S1. a4, child of
 * a1, is B's second VMA's, behind the first: [4,6) with [a4 a1].
 */
struct family {
	struct state state;
	struct anon_vma *a1, *a2, *a3, *a4;
	struct vm_area_struct *va, *vb, *vc, *unfaulted, *second;
	struct page *p1, *p2, *p3;
	struct swap_slot *s1;
};

void family_build(struct family *family);

struct broken {
	const char *what; /* NULL ends a table */
	enum invariant invariant;
	enum object_kind kind;
	void (*break_it)(struct family *family);
	check_mask also; /* what cannot stay whole when this breaks */
};

extern const struct broken broken_chains[];
extern const struct broken broken_pages[];
extern const struct broken broken_events[];

/* Events that break nothing (invariant and kind are not in use). */
extern const struct broken sound_operations[];

#endif
