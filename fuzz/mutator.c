// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutation and crossover of programs instead of bytes: decode, change
 * operations, encode. Linked with the fuzz target, libFuzzer uses it by
 * itself; fuzz/afl_mutator.c makes AFL++ use the same.
 *
 * The output is always in canonical form (docs/program.md), but for the swarm
 * field, and never larger than max_size. Must never depend on anything but data,
 * seed and the focus that was set at the start, never allocate, and never call
 * LLVMFuzzerMutate in a crossover: libFuzzer's crossover may come from within it.
 */
#include "mutator.h"

#include <string.h>

#include "msan.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
				 uint8_t *out, size_t max_out_size, unsigned int seed);
/* libFuzzer's own mutations of bytes. Absent in AFL++; AFL++'s libFuzzer driver has one that does nothing. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Measured, docs/bench.md: long insertions find bugs, the others vary what was found. */
const struct mutation mutations[NR_MUTATIONS] = {
	[MUTATION_INSERT] = { "insert", 100, mutate_insert },
	[MUTATION_DELETE] = { "delete", 8, mutate_delete },
	[MUTATION_DUPLICATE] = { "duplicate", 6, mutate_duplicate },
	[MUTATION_MOVE] = { "move", 4, mutate_move },
	[MUTATION_SWAP] = { "swap", 4, mutate_swap },
	[MUTATION_SPLICE] = { "splice", 6, mutate_splice },
	[MUTATION_OPERAND] = { "operand", 12, mutate_operand },
	[MUTATION_FAIL] = { "fail_nth", 4, mutate_fail },
};

enum {
	BYTES_ONE_IN = 32,     /* calls of the mutator that are handed to LLVMFuzzerMutate */
	CROSSOVER_ONE_IN = 4,  /* crossovers that are done: libFuzzer tries one as often as a mutation */
	ANOTHER_ONE_IN = 2,    /* a mutation is followed by another */
	MAX_MUTATIONS = 8,     /* in one call */
	NEW_SWARM_ONE_IN = 32, /* calls that draw the swarm field anew */
};

/* libFuzzer and AFL++ hand nothing through to the mutator: what was set at the start is kept here. */
static struct mutator_focus focus_of_run;
static bool has_focus, no_swarm;

void mutator_set_focus(enum focus_kind kind)
{
	mutator_focus_init(&focus_of_run, kind);
	has_focus = true;
}

void mutator_set_swarm(bool on)
{
	no_swarm = !on;
}

void mutator_init(struct mutator *m, const uint8_t *data, size_t size, size_t max_size, uint32_t seed)
{
	size_t room =
		max_size < PROGRAM_HEADER_BYTES ? 0 : (max_size - PROGRAM_HEADER_BYTES) / PROGRAM_RECORD_BYTES;

	m->random = seed;
	m->focus = has_focus ? &focus_of_run : NULL;
	m->max_ops = room < MAX_OPS ? (uint32_t)room : MAX_OPS;
	program_decode(&m->program, data, size);
	if (m->program.nr_ops > m->max_ops)
		m->program.nr_ops = m->max_ops;
	m->swarm = 0;
	if (program_bytes_resolved(data, size) && !no_swarm)
		m->swarm = data[PROGRAM_BYTE_SWARM];
}

size_t mutator_finish(const struct mutator *m, uint8_t *out)
{
	size_t size = program_encode(&m->program, out);

	out[PROGRAM_BYTE_SWARM] = m->swarm;
	return size;
}

static unsigned int weight_of(const struct mutator *m, enum mutation_kind kind)
{
	return mutations[kind].weight * (m->focus && kind == MUTATION_FAIL ? m->focus->fail : 1);
}

static enum mutation_kind choose_kind(struct mutator *m)
{
	unsigned int sum = 0, at;
	enum mutation_kind kind = 0;

	for (unsigned int i = 0; i < NR_MUTATIONS; i++)
		sum += weight_of(m, i);
	at = mutator_below(m, sum);
	while (at >= weight_of(m, kind))
		at -= weight_of(m, kind++);
	return kind;
}

enum mutation_kind mutator_apply_one(struct mutator *m)
{
	enum mutation_kind kind;

	do /* ends: an insertion can always be done */
		kind = choose_kind(m);
	while (!mutations[kind].apply(m));
	return kind;
}

/* libFuzzer's mutation of the bytes, read as a program again. False if there is none, or it did nothing. */
static bool mutate_bytes(struct mutator *m, uint8_t *data, size_t max_size)
{
	size_t size;

	if (!LLVMFuzzerMutate)
		return false;
	size = LLVMFuzzerMutate(data, mutator_finish(m, data), max_size);
	from_engine(&size, sizeof(size));
	from_engine(data, max_size);
	if (!size || size > max_size)
		return false;
	mutator_init(m, data, size, max_size, (uint32_t)mutator_random(m));
	return true;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	struct mutator m;

	if (max_size < PROGRAM_HEADER_BYTES)
		return 0;
	mutator_init(&m, data, size, max_size, seed);
	if (mutator_one_in(&m, BYTES_ONE_IN) && mutate_bytes(&m, data, max_size))
		return mutator_finish(&m, data);
	if (!no_swarm && (!m.program.nr_ops || mutator_one_in(&m, NEW_SWARM_ONE_IN)))
		mutator_draw_swarm(&m);
	/* With max_ops 0 there is no room for anything but the empty program. */
	for (unsigned int nr = 1; m.max_ops && nr <= MAX_MUTATIONS; nr++) {
		mutator_apply_one(&m);
		if (!mutator_one_in(&m, ANOTHER_ONE_IN))
			break;
	}
	return mutator_finish(&m, data);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
				 uint8_t *out, size_t max_out_size, unsigned int seed)
{
	struct program other;
	struct mutator m;

	if (max_out_size < PROGRAM_HEADER_BYTES)
		return 0;
	mutator_init(&m, data1, size1, max_out_size, seed);
	if (!mutator_one_in(&m, CROSSOVER_ONE_IN))
		return 0; /* libFuzzer then chooses again between this and the mutator */
	program_decode(&other, data2, size2);
	if (!mutator_splice_from(&m, &other))
		return 0;
	return mutator_finish(&m, out);
}
