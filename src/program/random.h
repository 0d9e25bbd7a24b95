/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs from a seed alone, without feedback of any kind: the baseline of
 * every claim about a fuzzer, for the bench and for the score. The same seed is
 * the same programs on every machine and in every build.
 */
#ifndef RMAPFUZZ_PROGRAM_RANDOM_H
#define RMAPFUZZ_PROGRAM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "program/program.h"

struct random {
	uint64_t state; /* the seed, at first */
};

uint64_t random_next(struct random *random);

/* Evenly from first..last, both included. */
uint32_t random_between(struct random *random, uint32_t first, uint32_t last);

/* Random bytes with relative operands; all groups are on. Room for PROGRAM_MAX_BYTES. Returns their number. */
size_t random_bytes(struct random *random, uint32_t nr_ops, uint8_t *bytes);

/* Those bytes, decoded. */
void random_weighted(struct random *random, uint32_t nr_ops, struct program *program);

/* Operation, process and operands evenly from all there are, chosen without regard to what exists. */
void random_uniform(struct random *random, uint32_t nr_ops, struct program *program);

/* The ways to make a program, by name. */
struct random_kind {
	const char *name;
	void (*make)(struct random *random, uint32_t nr_ops, struct program *program);
};

/* By number; NULL past the end. */
const struct random_kind *random_kind_at(size_t number);

#endif
