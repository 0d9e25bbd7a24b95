/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The minimizer: from a program that fails to the simplest one it can find
 * that fails alike.
 *
 * Every change is a candidate that must pass one gate: it is simpler in the
 * one order of program_simpler(), and it fails with the same signature. So
 * the work ends, passes cannot undo each other, and two programs that reach
 * the same form have the same bytes. It works on operations, in place: no
 * part of a program needs repair after a removal, because an operation whose
 * process or target is missing does nothing.
 *
 * The result is 1-minimal: no single operation can be left out. If it has at
 * most 64 operations, no pair can, and none can be made simpler by itself.
 * It depends on the program and the options alone, never on time.
 */
#ifndef RMAPFUZZ_MINIMIZE_MINIMIZE_H
#define RMAPFUZZ_MINIMIZE_MINIMIZE_H

#include "minimize/judge.h"

enum { MINIMIZE_MAX_OTHERS = 32 };

struct minimize_options {
	enum match match;
	/* Most hops out of local minima (hop.c), of a short program fewer; 0: none, the first fixed point is the result. */
	unsigned int hops;
	/* Most operations that candidates may have in all; what has been reached then is the result. 0: 400,000. */
	uint64_t max_played;
	/* Asked between candidates; true ends the work with the best so far. May be NULL. */
	bool (*stop)(void *data);
	/*
	 * A candidate failed in another way, for the first time in this way (invariant and object kind); called at
	 * most MINIMIZE_MAX_OTHERS times. May be NULL.
	 */
	void (*other)(void *data, const struct program *program, const struct verdict *verdict);
	void *data;
};

struct minimize_result {
	struct verdict original; /* of the program as it was given */
	struct verdict verdict;  /* of the result */
	uint32_t nr_candidates;  /* programs played */
	uint64_t nr_played;      /* operations they had in all */
	bool fixed_point;        /* false: stopped before no pass found anything */
};

enum minimize_status {
	MINIMIZE_DONE,
	MINIMIZE_CLEAN,  /* the program does not fail */
	MINIMIZE_FAILED, /* it could not be played, or memory is short */
};

/* Minimizes program in place. It is changed only to another program that has been seen to fail alike. */
enum minimize_status minimize(struct judge *judge, const struct minimize_options *options,
			      struct program *program, struct minimize_result *result);

/*
 * The order in which programs are simpler: fewer operations; then without
 * failing allocations and dontunmap; then commoner operations, with fewer processes
 * alive, fewer and earlier ones in all, shorter lengths, lower pages; then each process's operations
 * together. Total: two different programs are never equally simple.
 */
bool program_simpler(const struct program *a, const struct program *b);

#endif
