/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the bench share: options, programs made from a seed,
 * interleaved timing. docs/bench.md says what each figure means.
 *
 * The bench measures the project as it is. It must never reach into an engine
 * or the oracle beyond their headers, and must never decide by a wall clock
 * what is compared: both sides of a ratio always do the same work.
 */
#ifndef RMAPFUZZ_BENCH_H
#define RMAPFUZZ_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "driver/player.h"
#include "program/random.h"

enum { BENCH_OPS = 64, MAX_REPEAT = 99, MAX_CONTENDERS = 8 };

struct options {
	struct settings settings; /* release and, for --find, the bug */
	uint32_t nr_programs;
	uint32_t repeat;
	bool find;
	const char *only;  /* run this side alone and print nothing: for a profiler; NULL for the tables */
	const char *kind;  /* --find: programs of which kind, NULL for both */
	const char *write; /* directory for the byte forms of the programs, or NULL */
	uint32_t first_seed, seeds; /* --find: seeds from the first */
	uint32_t limit;             /* --find: programs a seed */
	uint32_t seconds;           /* --find: for one seed */
	uint32_t max_ops;           /* --find: most operations of a program */
	bool minimize;              /* the minimizer instead; seeds: programs a bug */
	bool verbose;               /* --minimize: print what became of each program */
	uint32_t hops;              /* --minimize */
};

/* ---- bench.c ---- */

/* True in a build with AddressSanitizer. */
bool with_asan(void);

/* Says what went wrong and ends the program. */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

/* As player_create(), for settings on their own or with another way to recycle; never NULL. */
struct player *player_for(const struct settings *settings, enum recycle recycle);

/* The fixed set: weighted, BENCH_OPS operations each. The caller frees it. */
struct program *fixed_programs(uint32_t nr_programs);

/* ---- timing.c ---- */

/*
 * One side of a comparison. Its work comes in NR_SLICES slices: all sides do the first one, then all do the
 * second, so that each has its share of whatever else the machine does.
 */
enum { NR_SLICES = 25 };

struct contender {
	const char *name;
	void (*run)(void *data, uint32_t slice);
	void *data;
	uint64_t units; /* operations, pairs, records in all slices: what the time is divided by */
	double ns[MAX_REPEAT];
};

/* One round to warm up, then repeat rounds; who comes first changes from slice to slice. */
void measure(struct contender *contenders, uint32_t nr, uint32_t repeat);

/* Nanoseconds of processor time a unit, the median. */
double median_ns(const struct contender *contender, uint32_t repeat);

/* Median over the rounds of a's time through b's time in the same round. */
double median_ratio(const struct contender *a, const struct contender *b, uint32_t repeat);

/* Processor time of this process in nanoseconds. */
uint64_t now_ns(void);

/* ---- speed.c, same.c, find.c, minimize.c ---- */

/* Tables of times. Returns the number of bars missed. */
unsigned int bench_speed(const struct options *options, const struct program *programs);

/* Arena and malloc see the same violations. Returns the number of bars missed. */
unsigned int bench_same(const struct options *options);

/* Programs without feedback until the first violation, as lines of CSV. */
void bench_find(const struct options *options);

/* The minimizer on long failing programs; with options->write only those, as bytes. Returns the number of bars missed. */
unsigned int bench_minimize(const struct options *options);

#endif
