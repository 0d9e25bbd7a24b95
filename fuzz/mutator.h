/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of the mutator: a program that is being changed, the
 * random choices, and the kinds of mutations.
 *
 * A mutation works on operations with resolved operands and leaves a valid
 * program of at most max_ops operations. Everything is decided by the data and
 * the seed, and by the focus that was set before the first call. Nothing here
 * allocates, and nothing else is kept from call to call.
 */
#ifndef RMAPFUZZ_MUTATOR_H
#define RMAPFUZZ_MUTATOR_H

#include "program/focus.h"
#include "program/shadow.h"

/* What is inserted more of than ops.def says (program/focus.def). */
struct mutator_focus {
	uint8_t opcodes[256]; /* by weight, for relative_init() */
	uint8_t swarm; /* bits of a swarm field that would keep out what the focus is after: they are off */
	unsigned int fail; /* how many times as often an allocation is made to fail */
};

struct mutator {
	uint64_t random;                   /* state of the generator */
	const struct mutator_focus *focus; /* NULL: none */
	uint32_t max_ops;
	uint8_t swarm; /* enum program_swarm, of this program */
	struct program program;
};

struct mutation {
	const char *name;
	unsigned int weight; /* share among the others */
	/* False: there was nothing to do, the program is as it was. */
	bool (*apply)(struct mutator *m);
};

enum mutation_kind {
	MUTATION_INSERT,
	MUTATION_DELETE,
	MUTATION_DUPLICATE,
	MUTATION_MOVE,
	MUTATION_SWAP,
	MUTATION_SPLICE,
	MUTATION_OPERAND,
	MUTATION_FAIL,
	NR_MUTATIONS,
};

extern const struct mutation mutations[NR_MUTATIONS];

/* Decodes data, relative operands included; a seed stands for one series of choices. */
void mutator_init(struct mutator *m, const uint8_t *data, size_t size, size_t max_size, uint32_t seed);
/* Fills in a focus of a kind. */
void mutator_focus_init(struct mutator_focus *focus, enum focus_kind kind);
/* The focus of all later calls of libFuzzer or AFL++: the one choice that is not made by data and seed. */
void mutator_set_focus(enum focus_kind kind);
/* No program of later calls has a swarm field: to see what it is worth. */
void mutator_set_swarm(bool on);
/* One kind, chosen by weight; another if that one has nothing to do. Says which; max_ops > 0. */
enum mutation_kind mutator_apply_one(struct mutator *m);
/* The canonical bytes and the swarm field. Room for max_ops operations. */
size_t mutator_finish(const struct mutator *m, uint8_t *out);

/* ---- choices ---- */

/* splitmix64 */
static inline uint64_t mutator_random(struct mutator *m)
{
	uint64_t z = m->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0..bound-1, each equally often; bound > 0. */
static inline uint32_t mutator_below(struct mutator *m, uint32_t bound)
{
	return (uint32_t)(((mutator_random(m) >> 32) * bound) >> 32);
}

static inline bool mutator_one_in(struct mutator *m, uint32_t n)
{
	return mutator_below(m, n) == 0;
}

/* 1..most, short ones far more often: each length is half as likely as the one before. most > 0. */
uint32_t mutator_short_length(struct mutator *m, uint32_t most);

/* ---- pieces ---- */

/*
 * Makes room for nr operations at a place, 0 <= at <= nr_ops: what is behind moves up, and what then
 * lies beyond max_ops is cut off. Returns for how many there is room; their content is the caller's business.
 */
uint32_t mutator_open_gap(struct mutator *m, uint32_t at, uint32_t nr);

/* Replaces the operations from at on by nr others, which may not be those of the program itself. */
void mutator_insert_ops(struct mutator *m, uint32_t at, const struct op *ops, uint32_t nr);

/* Where something may be inserted so that it has an effect: at most the end, half of the time there. */
uint32_t mutator_choose_place(struct mutator *m, struct shadow *shadow);

/* Draws a swarm field: often nothing is off. */
void mutator_draw_swarm(struct mutator *m);

/* ---- kinds ---- */

bool mutate_insert(struct mutator *m);
bool mutate_delete(struct mutator *m);
bool mutate_duplicate(struct mutator *m);
bool mutate_move(struct mutator *m);
bool mutate_swap(struct mutator *m);
bool mutate_operand(struct mutator *m);
bool mutate_fail(struct mutator *m);
uint8_t mutator_fail_count(struct mutator *m);
/* A run of the program itself under other names. */
bool mutate_splice(struct mutator *m);

/* What a splice calls the processes and pages of the run: a permutation, and one distance for all pages. */
struct renaming {
	uint8_t process[NR_PROCESSES];
	int page;
};

/* The operation under other names. Valid if every page of it stays inside the window. */
struct op renaming_apply(const struct renaming *renaming, const struct op *op);

/* A run of operations from another program into this one, renamed. from may not be m's own program. */
bool mutator_splice_from(struct mutator *m, const struct program *from);

#endif
