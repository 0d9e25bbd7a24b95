/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the decoder remembers of a program while it resolves relative
 * operands: which processes live, and roughly what each has mapped, written
 * and reclaimed. One bit a page of the window, so that "the k-th written page"
 * is a walk over the bits of a word.
 *
 * It guesses, and may guess wrong: an error makes a program less likely to hit
 * something, never invalid. It must never become a second engine, and nothing
 * but the decoder and the mutator (fuzz/mutator*.c) may look at it.
 */
#ifndef RMAPFUZZ_PROGRAM_SHADOW_H
#define RMAPFUZZ_PROGRAM_SHADOW_H

#include <stddef.h>

#include "program/program.h"

enum { NR_SHADOW_SETS = 10 };

struct shadow_process {
	union { /* sets of pages: what is unmapped leaves them all, and what moves is moved in all */
		struct {
			uint64_t mapped;
			uint64_t starts; /* first pages of VMAs, as far as it can be told; subset of mapped */
			uint64_t writable; /* subset of mapped */
			uint64_t written;  /* has a page of its own or of an ancestor; subset of mapped */
			uint64_t swapped;  /* reclaimed and not touched since; subset of written */
			uint64_t own;      /* written since the last fork: shared with nobody */
			uint64_t held;     /* isolated, under migration or pinned */
			uint64_t flight; /* under migration; subset of held, but for what others hold that share it */
			uint64_t dontfork; /* fork leaves them out; subset of mapped */
			uint64_t away;     /* what the last mremap moved, where it is now */
		};
		uint64_t set[NR_SHADOW_SETS];
	};
	uint64_t been;     /* mapped at some time: places to come back to */
	uint8_t home, now; /* first page of away before and after; 0 and 0: there was none */
};
_Static_assert(offsetof(struct shadow_process, been) == NR_SHADOW_SETS * sizeof(uint64_t),
	       "each set is in set[]");

/* Where a process has paused. */
struct shadow_pause {
	uint8_t left;    /* it pauses so many more times: 0 where it has not */
	uint8_t writing; /* one bit a process: mmap locks that are held for writing meanwhile, */
	uint8_t reading; /* and for reading; */
	uint8_t faults;  /* those of the former whose faults may do without: mprotect-begin */
	bool outlives;   /* the process may end meanwhile: what has begun is not its own */
	bool moving;     /* in an mremap that moves a page under migration */
	uint64_t pages;  /* what it is about: where others should meet it */
};

struct shadow {
	uint32_t alive;   /* one bit a process */
	uint32_t open;    /* the same: paused in an operation in phases; a lookup outlives its process */
	uint32_t writing; /* the same: the mmap lock is held for writing by whoever has paused, */
	uint32_t reading; /* or for reading, */
	uint32_t faults;  /* for writing, but faults may do without */
	uint32_t moving;  /* the same: paused while it moves a page under migration */
	uint64_t met;     /* the pages of all pauses */
	bool former;      /* the guess of byte formats 1 and 2: fork leaves nothing out */
	struct shadow_pause pause[NR_PROCESSES];
	uint32_t nr_living;           /* those alive as a list, */
	uint8_t living[NR_PROCESSES]; /* for the k-th is asked for by every record */
	struct shadow_process process[NR_PROCESSES];
};

/*
 * The table behind op_info(), for the decoder's hot path: index with a number
 * that is known to be in use.
 */
extern const struct op_info program_op_infos[NR_OP_CODES];

/* A alive with nothing mapped; the other processes are filled in by fork. */
void shadow_init(struct shadow *shadow);

/* The operations, one bit a number, that this process cannot do now: a lock is held, or there is nothing to resume. */
uint64_t shadow_kept_out(const struct shadow *shadow, unsigned int process);

/*
 * What a valid operation of a living process changes. One that is to fail
 * (fail_nth) is taken to change nothing, exit and exec excepted; one that is
 * kept out changes nothing either.
 */
void shadow_apply(struct shadow *shadow, const struct op *op);

/*
 * From the start through valid operations of any process; those of processes that do not live are passed over.
 * Stops before the operation that would end the last process. Returns how many operations were gone through.
 */
uint32_t shadow_replay(struct shadow *shadow, const struct op *ops, uint32_t nr_ops);

static inline uint64_t page_bit(unsigned int page)
{
	return (uint64_t)1 << page;
}

/* Bits of pages page..page+length-1; 1 <= length <= NR_WINDOW - page. */
static inline uint64_t page_range(unsigned int page, unsigned int length)
{
	return ~(uint64_t)0 >> (NR_WINDOW - length) << page;
}

/* Bits of the pages behind page; none behind the last one. */
static inline uint64_t pages_behind(unsigned int page)
{
	return ~page_range(0, page + 1);
}

/* First page behind page at which its VMA (or hole) ends, as far as it can be told; at most NR_WINDOW. */
static inline unsigned int vma_end(const struct shadow_process *p, unsigned int page)
{
	uint64_t ends = (~p->mapped | p->starts) & pages_behind(page);

	return ends ? (unsigned int)__builtin_ctzll(ends) : NR_WINDOW;
}

static inline unsigned int next_mapped(const struct shadow_process *p, unsigned int page)
{
	uint64_t mapped = p->mapped & pages_behind(page);

	return mapped ? (unsigned int)__builtin_ctzll(mapped) : NR_WINDOW;
}

/* First page of the hole that page lies in. */
static inline unsigned int hole_start(const struct shadow_process *p, unsigned int page)
{
	uint64_t below = p->mapped & ~pages_behind(page);

	return below ? NR_WINDOW - (unsigned int)__builtin_clzll(below) : 0;
}

/* Free pages right above a region, and right below one. */
static inline uint64_t above_regions(const struct shadow_process *p)
{
	return p->mapped << 1 & ~p->mapped;
}

static inline uint64_t below_regions(const struct shadow_process *p)
{
	return p->mapped >> 1 & ~p->mapped;
}

/* Free pages at which something began that has gone. */
static inline uint64_t former_starts(const struct shadow_process *p)
{
	uint64_t left = p->been & ~p->mapped;

	return left & ~(left << 1);
}

#endif
