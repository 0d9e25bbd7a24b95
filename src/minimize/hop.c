// SPDX-License-Identifier: GPL-2.0-only
/*
 * Out of a local minimum: the best program is made worse in a few places at
 * random, so that it still fails alike, and minimized again (basin hopping).
 * What comes of it is kept only if it is simpler than the best one.
 *
 * A wider range, an operation that does two things at once, or a split that
 * makes every later fork count double cannot be reached by leaving out and
 * shrinking alone. The generator starts from the same number in every search:
 * the same program has the same result.
 */
#include "minimize/internal.h"

#include <string.h>

enum {
	MAX_HOP_OPS = 48,
	ALL_HOPS_FROM = 16,
	MAX_INSERTED = 3,
	MAX_CHANGED = 2,
	MAX_PAGES = 3,
	MAX_IDLE = 40
};

/* splitmix64 */
static uint32_t below(struct search *search, uint32_t limit)
{
	uint64_t z = search->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (uint32_t)(((z >> 32) * limit) >> 32);
}

/* Half by weight, as the decoder chooses, half evenly: a rare operation may be what does two things at once. */
static unsigned int some_code(struct search *search)
{
	uint32_t at = below(search, 256);
	unsigned int code = 1;

	if (below(search, 2)) {
		do
			code = 1 + below(search, NR_OP_CODES - 1);
		while (!op_info(code)->name);
		return code;
	}
	while (at >= op_info(code)->weight)
		at -= op_info(code++)->weight;
	return code;
}

/* An operation near what the program already works on. */
static struct op some_op(struct search *search)
{
	unsigned int processes = (unsigned int)__builtin_popcount(used_processes(&search->best));
	uint64_t pages = used_pages(&search->best);
	unsigned int nr_pages = (pages ? 64 - (unsigned int)__builtin_clzll(pages) : 0) + 1;
	struct op op = { .code = (uint8_t)some_code(search), .process = (uint8_t)below(search, processes) };

	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		struct operand_range range = op_operand_range(&op, i);
		unsigned int limit = 0;

		switch ((enum operand_kind)op_info(op.code)->operand[i]) {
		case OPERAND_NONE:
			break;
		case OPERAND_PROC:
			limit = processes + 1;
			break;
		case OPERAND_PAGE:
		case OPERAND_DEST_DONTUNMAP:
			limit = nr_pages;
			break;
		case OPERAND_LEN:
		case OPERAND_NEWLEN:
			limit = 3;
			break;
		case OPERAND_PROT:
			limit = NR_PROTS;
			break;
		}
		if (limit > (uint32_t)(range.max - range.min + 1))
			limit = (uint32_t)(range.max - range.min + 1);
		op.arg[i] = (uint8_t)(range.min + (limit ? below(search, limit) : 0));
	}
	return op;
}

static void insert_op(struct search *search)
{
	struct program *program = &search->candidate;
	uint32_t at = below(search, program->nr_ops + 1);

	if (program->nr_ops == MAX_OPS)
		return;
	memmove(program->ops + at + 1, program->ops + at, (program->nr_ops - at) * sizeof(struct op));
	program->ops[at] = some_op(search);
	program->nr_ops++;
}

static void change_op(struct search *search)
{
	struct op variants[MAX_VARIANTS];
	uint32_t at = below(search, search->candidate.nr_ops);
	unsigned int nr = edit_variants(&search->candidate, at, variants);

	if (nr)
		search->candidate.ops[at] = variants[below(search, nr)];
}

static void make_worse(struct search *search)
{
	uint64_t pages = used_pages(&search->best);
	uint32_t nr;

	copy_program(&search->candidate, &search->best);
	for (nr = pages && below(search, 2) ? 1 + below(search, MAX_PAGES) : 0; nr; nr--)
		edit_insert_page(&search->candidate, &search->candidate,
				 below(search, 64 - (unsigned int)__builtin_clzll(pages)));
	for (nr = below(search, MAX_INSERTED + 1); nr; nr--)
		insert_op(search);
	for (nr = below(search, MAX_CHANGED + 1); nr && search->candidate.nr_ops; nr--)
		change_op(search);
}

/* The candidate becomes the best one though it is not simpler, if it fails alike. */
static bool accept_worse(struct search *search)
{
	struct verdict verdict;

	if (!fails_alike(search, &verdict))
		return false;
	take_candidate(search, &verdict);
	return true;
}

/* A program and what it fails with. */
struct place {
	struct program program;
	struct verdict verdict;
};

static void remember(struct place *place, const struct search *search)
{
	copy_program(&place->program, &search->best);
	place->verdict = search->best_verdict;
}

static void go_back(struct search *search, const struct place *place)
{
	copy_program(&search->best, &place->program);
	search->best_verdict = place->verdict;
}

static bool same_program(const struct program *a, const struct program *b)
{
	return a->nr_ops == b->nr_ops && memcmp(a->ops, b->ops, a->nr_ops * sizeof(a->ops[0])) == 0;
}

/* Down from a worse program. False: it led back, or to a longer one, and the thorough passes were spared. */
static bool go_down(struct search *search, const struct place *here)
{
	search_cuts(search);
	if (search->best.nr_ops > here->program.nr_ops || same_program(&search->best, &here->program))
		return false;
	search_to_fixed_point(search);
	return true;
}

/* A short program has fewer ways out, and from a long one each hop costs too much. */
static unsigned int nr_hops(const struct minimize_options *options, const struct program *simplest)
{
	if (simplest->nr_ops > MAX_HOP_OPS)
		return 0;
	return simplest->nr_ops < ALL_HOPS_FROM ? options->hops * simplest->nr_ops / ALL_HOPS_FROM :
						  options->hops;
}

void hop(struct search *search)
{
	struct place simplest, here;
	unsigned int idle = 0;

	remember(&simplest, search);
	remember(&here, search);
	search->hopping = true;
	for (unsigned int i = 0; i < nr_hops(search->options, &simplest.program) && !search->stopped; i++) {
		make_worse(search);
		if (!accept_worse(search))
			continue;
		idle++;
		/* Another program of the same length may be nearer to a shorter one: it is a place to hop on from. */
		if (go_down(search, &here))
			remember(&here, search);
		if (program_simpler(&search->best, &simplest.program)) {
			remember(&simplest, search);
			idle = 0;
		}
		if (idle == MAX_IDLE) {
			here = simplest;
			idle = 0;
		}
		go_back(search, &here);
	}
	go_back(search, &simplest);
}
