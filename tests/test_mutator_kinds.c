/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of mutations: each one occurs as often as its weight says, and does
 * what its name says.
 *
 * Must never pin one choice: a check says what may differ between the program
 * before and after, not where.
 */
#include "mutator.h"
#include "test_program_util.h"

/* A mutator on a random program, and the program as it was. */
static void begin(struct mutator *m, uint64_t *random, struct program *before)
{
	*m = (struct mutator){ .random = random_u32(random), .max_ops = 1 + random_below(random, 40) };
	random_program(random, &m->program, m->max_ops);
	*before = m->program;
}

static bool same_op(const struct op *a, const struct op *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Number of operations that two programs have in common at the beginning. */
static uint32_t common_start(const struct program *a, const struct program *b)
{
	uint32_t n = 0;

	while (n < a->nr_ops && n < b->nr_ops && same_op(&a->ops[n], &b->ops[n]))
		n++;
	return n;
}

static uint32_t common_end(const struct program *a, const struct program *b)
{
	uint32_t n = 0;

	while (n < a->nr_ops && n < b->nr_ops && same_op(&a->ops[a->nr_ops - 1 - n], &b->ops[b->nr_ops - 1 - n]))
		n++;
	return n;
}

static uint32_t count_op(const struct program *program, const struct op *op)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < program->nr_ops; i++)
		n += same_op(&program->ops[i], op);
	return n;
}

/* Some run went in and moved up what was behind it, of which the program's end may have been cut off. */
static bool is_insertion(const struct program *before, const struct program *after, uint32_t max_ops)
{
	for (uint32_t at = 0; at <= common_start(before, after); at++) {
		for (uint32_t nr = 1; at + nr <= after->nr_ops; nr++) {
			uint32_t behind = after->nr_ops - at - nr;

			if (behind > before->nr_ops - at ||
			    (behind < before->nr_ops - at && after->nr_ops < max_ops))
				continue;
			if (memcmp(after->ops + at + nr, before->ops + at, behind * sizeof(struct op)) == 0)
				return true;
		}
	}
	return false;
}

static void check_insert(const struct program *before, const struct mutator *m)
{
	assert_true(is_insertion(before, &m->program, m->max_ops));
}

static void check_delete(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;

	assert_true(after->nr_ops < before->nr_ops && after->nr_ops > 0);
	assert_true(common_start(before, after) + common_end(before, after) >= after->nr_ops);
}

/* Longer, by operations that were there before. */
static void check_duplicate(const struct program *before, const struct mutator *m)
{
	assert_true(m->program.nr_ops > before->nr_ops);
	assert_true(is_insertion(before, &m->program, m->max_ops));
	for (uint32_t i = 0; i < m->program.nr_ops; i++)
		assert_true(count_op(before, &m->program.ops[i]) > 0);
}

static bool is_rotation(const struct op *before, const struct op *after, uint32_t nr)
{
	for (uint32_t turn = 1; turn < nr; turn++) {
		bool same = true;

		for (uint32_t i = 0; i < nr && same; i++)
			same = same_op(&after[i], &before[(i + turn) % nr]);
		if (same)
			return true;
	}
	return false;
}

/*
 * The same operations in another order: a run has changed places with what is beside it. Both may begin or end
 * with a few equal operations, which do not show in what differs.
 */
static void check_move(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t start = common_start(before, after), end = common_end(before, after), nr;

	assert_int_equal(after->nr_ops, before->nr_ops);
	if (start == before->nr_ops)
		return; /* over equal operations */
	nr = before->nr_ops - start - end;
	for (uint32_t more = 0; more < 4 && more <= start; more++)
		for (uint32_t behind = 0; behind < 4 && behind <= end; behind++)
			if (is_rotation(before->ops + start - more, after->ops + start - more,
					nr + more + behind))
				return;
	fail_msg("%u operations are no rotation of those before", nr);
}

static void check_swap(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t first = common_start(before, after), last = before->nr_ops - 1 - common_end(before, after);

	assert_int_equal(after->nr_ops, before->nr_ops);
	if (first == before->nr_ops)
		return; /* two equal operations */
	assert_true(same_op(&before->ops[first], &after->ops[last]));
	assert_true(same_op(&before->ops[last], &after->ops[first]));
	assert_memory_equal(before->ops + first + 1, after->ops + first + 1,
			    (last - first - 1) * sizeof(struct op));
}

/* One operation has another process, another dontunmap or another operand; later operands may have had to give way. */
static void check_operand(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t at = common_start(before, after);
	const struct op *old = &before->ops[at], *new = &after->ops[at];
	unsigned int changed = 0;

	assert_int_equal(after->nr_ops, before->nr_ops);
	assert_int_equal(at + common_end(before, after) + 1, before->nr_ops);
	assert_int_equal(old->code, new->code);
	assert_int_equal(old->fail_nth, new->fail_nth);
	assert_int_equal(old->fail_count, new->fail_count);
	changed += old->process != new->process;
	changed += old->dontunmap != new->dontunmap;
	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		if (old->arg[i] == new->arg[i])
			continue;
		/* One that was clipped is at the end of its range. */
		changed +=
			!(changed && new->arg[i] == op_operand_range(new, i).max &&new->arg[i] < old->arg[i]);
	}
	assert_in_range(changed, 1, 2); /* 2: a first choice came to nothing but for an operand behind it */
}

static void check_fail(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t start = common_start(before, after), end = before->nr_ops - common_end(before, after);

	assert_int_equal(after->nr_ops, before->nr_ops);
	assert_in_range(end - start, 1, 4);
	for (uint32_t i = start; i < end; i++) {
		struct op op = after->ops[i];

		assert_int_equal(op.fail_nth, after->ops[start].fail_nth);
		assert_int_equal(op.fail_count, after->ops[start].fail_count);
		op.fail_nth = before->ops[i].fail_nth;
		op.fail_count = before->ops[i].fail_count;
		assert_true(same_op(&op, &before->ops[i]));
	}
}

/* The run comes from the program: the numbers of its operations do, in that order. */
static void check_splice(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t most = common_start(before, after);

	for (uint32_t at = 0; at <= most; at++) {
		for (uint32_t from = 0; from < before->nr_ops; from++) {
			uint32_t nr = 0, rest;

			while (at + nr < after->nr_ops && from + nr < before->nr_ops &&
			       after->ops[at + nr].code == before->ops[from + nr].code)
				nr++;
			for (; nr; nr--) {
				rest = after->nr_ops - at - nr;
				if (rest <= before->nr_ops - at && memcmp(after->ops + at + nr, before->ops + at,
									  rest * sizeof(struct op)) == 0)
					return;
			}
		}
	}
	fail_msg("the program has no run that was in it before");
}

static void test_kinds(void **state)
{
	static void (*const checks[NR_MUTATIONS])(const struct program *before, const struct mutator *m) = {
		[MUTATION_INSERT] = check_insert,       [MUTATION_DELETE] = check_delete,
		[MUTATION_DUPLICATE] = check_duplicate, [MUTATION_MOVE] = check_move,
		[MUTATION_SWAP] = check_swap,           [MUTATION_SPLICE] = check_splice,
		[MUTATION_OPERAND] = check_operand,     [MUTATION_FAIL] = check_fail,
	};
	uint64_t random = 7;

	(void)state;
	for (unsigned int kind = 0; kind < NR_MUTATIONS; kind++) {
		uint32_t nr_done = 0, nr_changed = 0;

		for (unsigned int n = 0; n < 5000; n++) {
			static struct program before;
			static struct mutator m;

			begin(&m, &random, &before);
			if (!mutations[kind].apply(&m)) {
				assert_true(same_program(&m.program, &before));
				continue;
			}
			nr_done++;
			nr_changed += !same_program(&m.program, &before);
			assert_true(m.program.nr_ops <= m.max_ops);
			for (uint32_t i = 0; i < m.program.nr_ops; i++)
				assert_true(op_valid(&m.program.ops[i]));
			checks[kind](&before, &m);
		}
		if (nr_done < 3000 || nr_changed < nr_done * 9 / 10)
			fail_msg("%s: done %u times, with an effect %u times", mutations[kind].name, nr_done,
				 nr_changed);
	}
}

/* Each kind as often as its weight says, where all can be done. */
static void test_shares(void **state)
{
	enum { CALLS = 20000 };
	uint32_t count[NR_MUTATIONS] = { 0 }, sum = 0;
	static struct mutator m;
	uint64_t random = 11;

	(void)state;
	for (unsigned int n = 0; n < CALLS; n++) {
		struct program before;

		begin(&m, &random, &before);
		m.max_ops = MAX_OPS;
		while (m.program.nr_ops < 8)
			m.program.ops[m.program.nr_ops++] = random_op(&random);
		count[mutator_apply_one(&m)]++;
	}
	for (unsigned int kind = 0; kind < NR_MUTATIONS; kind++)
		sum += mutations[kind].weight;
	for (unsigned int kind = 0; kind < NR_MUTATIONS; kind++)
		assert_in_range(count[kind], CALLS / 5 * 4 * mutations[kind].weight / sum,
				CALLS / 5 * 6 * mutations[kind].weight / sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
