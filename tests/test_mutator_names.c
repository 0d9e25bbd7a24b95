/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the mutator knows of a program: insertion is about what exists at that
 * point and obeys the swarm field, splicing gives names that mean something.
 *
 * Must never pin one choice: shares are counted over many calls.
 */
#include "mutator.h"
#include "test_program_util.h"

static bool same_op(const struct op *a, const struct op *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* ---- insertion knows what exists, and the swarm field ---- */

/* Operations that are inserted into an empty program, with that swarm field. */
static void count_inserted(uint8_t swarm, uint32_t count[NR_OP_CODES], uint32_t *nr_failing, uint32_t *nr_ops)
{
	static struct mutator m;

	for (uint32_t n = 0; n < 2000; n++) {
		m = (struct mutator){ .random = n * 77 + swarm, .max_ops = MAX_OPS, .swarm = swarm };
		assert_true(mutate_insert(&m));
		for (uint32_t i = 0; i < m.program.nr_ops; i++) {
			count[m.program.ops[i].code]++;
			*nr_failing += m.program.ops[i].fail_nth != 0;
		}
		*nr_ops += m.program.nr_ops;
	}
}

/* Each bit keeps out what program.h says, and nothing else. */
static void test_swarm(void **state)
{
	static const uint8_t of_op[NR_OP_CODES] = {
		[OP_EXIT] = SWARM_NO_END,
		[OP_EXEC] = SWARM_NO_END,
		[OP_MUNMAP] = SWARM_NO_UNMAP,
		[OP_DONTNEED] = SWARM_NO_UNMAP,
		[OP_MREMAP_RESIZE] = SWARM_NO_UNMAP,
		[OP_MPROTECT] = SWARM_NO_PROTECT,
		[OP_MREMAP] = SWARM_NO_MOVE,
		[OP_MLOCK] = SWARM_NO_FLAGS,
		[OP_DONTFORK] = SWARM_NO_FLAGS,
		[OP_SWAPOFF] = SWARM_NO_RECLAIM,
		[OP_PAGEOUT] = SWARM_NO_RECLAIM,
		[OP_MIGRATE] = SWARM_NO_MIGRATION,
		[OP_PIN] = SWARM_NO_MIGRATION,
	};

	(void)state;
	for (unsigned int bit = 0; bit <= 8; bit++) {
		uint8_t swarm = (uint8_t)(bit < 8 ? 1u << bit : 0);
		uint32_t count[NR_OP_CODES] = { 0 }, nr_failing = 0, nr_ops = 0;

		count_inserted(swarm, count, &nr_failing, &nr_ops);
		for (unsigned int code = 1; code < NR_OP_CODES; code++) {
			if (of_op[code] & swarm) /* but for the one that sixteen attempts in a row gave */
				assert_in_range(count[code], 0, nr_ops / 5000);
			else if (of_op[code] || code == OP_FORK || code == OP_WRITE)
				assert_in_range(count[code], nr_ops / 1000, nr_ops);
		}
		assert_in_range(nr_failing, swarm & SWARM_NO_FAILURE ? 0 : nr_ops / 40,
				swarm & SWARM_NO_FAILURE ? 0 : nr_ops / 8);
	}
}

/* What goes in is done by processes that live there, on pages that are mapped there. */
static void test_aware(void **state)
{
	uint32_t nr_ops = 0, nr_living = 0, nr_pages = 0, nr_mapped = 0;
	/* Only C lives, with pages 40..43: what is inserted must be about these. */
	static const struct op start[] = {
		{ .code = OP_FORK, .process = 0, .arg = { 2 } },
		{ .code = OP_EXIT, .process = 0 },
		{ .code = OP_MMAP, .process = 2, .arg = { 40, 4, PROT_RW } },
	};

	(void)state;
	for (uint32_t n = 0; n < 2000; n++) {
		static struct mutator m;
		const struct op *op = &m.program.ops[3];

		m = (struct mutator){ .random = n, .max_ops = 4, .program.nr_ops = 3 };
		memcpy(m.program.ops, start, sizeof(start));
		assert_true(mutate_insert(&m));
		if (m.program.nr_ops < 4 || memcmp(m.program.ops, start, sizeof(start)) != 0)
			continue; /* not at the end */
		nr_ops++;
		nr_living += op->process == 2;
		if (op_info(op->code)->operand[0] == OPERAND_PAGE && op->code != OP_MMAP) {
			nr_pages++;
			nr_mapped += op->arg[0] >= 40 && op->arg[0] < 44;
		}
	}
	assert_in_range(nr_ops, 500, 2000);
	assert_int_equal(nr_living, nr_ops);
	assert_in_range(nr_pages, 200, 2000);
	assert_in_range(nr_mapped, nr_pages * 4 / 5, nr_pages);
}

/* ---- splicing ---- */

/* A renaming and its inverse give the operation back; lengths and protections stay. */
static void test_renaming(void **state)
{
	struct renaming there = { .page = 0 }, back = { .page = 0 };
	uint64_t random = 13;
	uint32_t nr_renamed = 0;

	(void)state;
	for (unsigned int i = 0; i < NR_PROCESSES; i++) {
		there.process[i] = (uint8_t)((i * 3 + 1) % NR_PROCESSES);
		back.process[there.process[i]] = (uint8_t)i;
	}
	for (unsigned int n = 0; n < 100000; n++) {
		struct op op = random_op(&random), renamed, again;

		there.page = (int)random_below(&random, 9) - 4;
		back.page = -there.page;
		renamed = renaming_apply(&there, &op);
		assert_int_equal(renamed.process, there.process[op.process]);
		if (op.code == OP_FORK)
			assert_int_equal(renamed.arg[0], there.process[op.arg[0]]);
		if (!op_valid(&renamed))
			continue; /* moved out of the window: the mutator never chooses such a distance */
		again = renaming_apply(&back, &renamed);
		assert_true(same_op(&again, &op));
		if (op.code == OP_MREMAP) {
			assert_int_equal(renamed.arg[0], op.arg[0] + there.page);
			assert_int_equal(renamed.arg[1], op.arg[1]);
			assert_int_equal(renamed.arg[2], op.arg[2] + there.page);
			assert_int_equal(renamed.dontunmap, op.dontunmap);
			nr_renamed++;
		}
	}
	assert_in_range(nr_renamed, 1000, 100000);
}

/*
 * The names under which a run of from is found at the beginning of into, if one permutation and one distance
 * explain all of it.
 */
static bool find_names(const struct op *from, const struct op *into, uint32_t nr, struct renaming *names)
{
	bool taken[NR_PROCESSES] = { false }, known[NR_PROCESSES] = { false };

	*names = (struct renaming){ .page = 0 };
	for (uint32_t i = 0; i < nr; i++) {
		const uint8_t pairs[2][2] = { { from[i].process, into[i].process },
					      { from[i].arg[0], into[i].arg[0] } };

		if (from[i].code != into[i].code)
			return false;
		for (unsigned int k = 0; k < 1u + (op_info(from[i].code)->operand[0] == OPERAND_PROC); k++) {
			uint8_t old = pairs[k][0], new = pairs[k][1];

			if (known[old] ? names->process[old] != new : taken[new])
				return false;
			known[old] = taken[new] = true;
			names->process[old] = new;
		}
		if (op_info(from[i].code)->operand[0] == OPERAND_PAGE)
			names->page = into[i].arg[0] - from[i].arg[0];
	}
	for (uint32_t i = 0; i < nr; i++) {
		struct op renamed = renaming_apply(names, &from[i]);

		if (!same_op(&renamed, &into[i]))
			return false;
	}
	return true;
}

/* A run that is spliced into the empty program is one of the source's, under one set of names. */
static void test_splice_names(void **state)
{
	uint64_t random = 17;
	uint32_t nr_moved = 0, nr_renamed = 0;

	(void)state;
	for (uint32_t n = 0; n < 5000; n++) {
		static struct program from;
		static struct mutator m;
		struct renaming names;
		bool found = false;

		random_program(&random, &from, 40);
		m = (struct mutator){ .random = n, .max_ops = MAX_OPS };
		if (!mutator_splice_from(&m, &from)) {
			assert_int_equal(from.nr_ops, 0);
			continue;
		}
		for (uint32_t first = 0; first + m.program.nr_ops <= from.nr_ops && !found; first++)
			found = find_names(from.ops + first, m.program.ops, m.program.nr_ops, &names);
		assert_true(found);
		nr_moved += names.page != 0;
		for (uint32_t i = 0; i < NR_PROCESSES; i++)
			if (names.process[i] && names.process[i] != i) {
				nr_renamed++;
				break;
			}
	}
	assert_in_range(nr_moved, 300, 4500);
	assert_in_range(nr_renamed, 2000, 4500);
}

/* Living processes get the names of living ones: what B did alone, A does, who is the only one there. */
static void test_splice_living(void **state)
{
	uint32_t nr_runs = 0, nr_living = 0;

	(void)state;
	for (uint32_t n = 0; n < 2000; n++) {
		static struct program from;
		static struct mutator m;

		from.nr_ops = 20;
		from.ops[0] = (struct op){ .code = OP_FORK, .process = 0, .arg = { 1 } };
		from.ops[1] = (struct op){ .code = OP_EXIT, .process = 0 };
		for (uint32_t i = 2; i < from.nr_ops; i++)
			from.ops[i] = (struct op){ .code = OP_WRITE, .process = 1, .arg = { (uint8_t)i } };
		m = (struct mutator){ .random = n, .max_ops = MAX_OPS };
		assert_true(mutator_splice_from(&m, &from));
		if (m.program.ops[0].code != OP_WRITE)
			continue;
		nr_runs++;
		nr_living += m.program.ops[0].process == 0;
	}
	/* one in four keeps its names on purpose */
	assert_in_range(nr_living, nr_runs * 65 / 100, nr_runs * 85 / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_swarm),         cmocka_unit_test(test_aware),
		cmocka_unit_test(test_renaming),      cmocka_unit_test(test_splice_names),
		cmocka_unit_test(test_splice_living),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
