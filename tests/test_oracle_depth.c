// SPDX-License-Identifier: GPL-2.0-only
/*
 * Touched-only checks lose nothing: over random programs, every release, each
 * of its bugs, with and without failing allocations, they give the same first
 * violation at the same operation as a check of the whole state. Runs both
 * oracles on one engine.
 *
 * ctest: timeout=300
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the headers above. */
#include <cmocka.h>

#include "model/model.h"
#include "oracle/oracle.h"
#include "test_program_util.h"

enum {
	NR_PROGRAMS = 60, /* for each release and bug */
	NR_RECORDS = 80,
	MAX_LIVE_ANON_VMAS = 4096, /* the model has no more */
};

/* ASan must not stop at the stale pointers of bugs: the oracles are to see what comes of them. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allow_user_poisoning=0";
}

struct pair {
	struct engine *engine;
	struct oracle touched, full;
	struct violation v_touched, v_full;
	unsigned long nr_ops, nr_violations;
};

static void pair_create(struct pair *pair, const struct release *release, enum recycle recycle, check_mask mask)
{
	const struct view *view;

	memset(pair, 0, sizeof(*pair));
	pair->engine = model_engine_create(release, recycle);
	assert_non_null(pair->engine);
	view = pair->engine->class->view(pair->engine);
	assert_true(oracle_init(&pair->touched, view, MAX_LIVE_ANON_VMAS));
	assert_true(oracle_init(&pair->full, view, MAX_LIVE_ANON_VMAS));
	pair->full.always_full = true;
	pair->touched.mask = mask;
	pair->full.mask = mask;
}

static void pair_destroy(struct pair *pair)
{
	oracle_destroy(&pair->touched);
	oracle_destroy(&pair->full);
	pair->engine->class->destroy(pair->engine);
}

/* True if both find the state clean; fails if they differ. */
static bool both_clean(struct pair *pair, const struct op *op, const struct op_result *result)
{
	bool touched = oracle_after(&pair->touched, op, result, &pair->v_touched);
	bool full = oracle_after(&pair->full, op, result, &pair->v_full);

	if (touched != full || (!full && (pair->v_touched.order != pair->v_full.order ||
					  strcmp(pair->v_touched.text, pair->v_full.text) != 0)))
		fail_msg("operation %u: touched-only says \"%s\", full says \"%s\"", pair->v_full.step,
			 touched ? "clean" : pair->v_touched.text, full ? "clean" : pair->v_full.text);
	return full;
}

/* Up to the first violation: what an engine does afterwards is anybody's guess. */
static bool play(struct pair *pair, const struct program *program)
{
	const struct engine_class *class = pair->engine->class;

	class->reset(pair->engine);
	oracle_reset(&pair->touched);
	oracle_reset(&pair->full);
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];
		struct op_result result;

		oracle_before(&pair->touched, op);
		oracle_before(&pair->full, op);
		result = class->apply(pair->engine, op);
		pair->nr_ops++;
		if (!both_clean(pair, op, &result))
			return false;
	}
	while (class->teardown_step(pair->engine)) {
		if (!both_clean(pair, NULL, NULL))
			return false;
	}
	return true;
}

/* Bytes with relative operands: most operations have something to do. */
static void relative_program(struct program *program, uint64_t *seed, bool failures)
{
	uint8_t bytes[PROGRAM_HEADER_BYTES + NR_RECORDS * PROGRAM_RECORD_BYTES];

	random_fill(seed, bytes, sizeof(bytes));
	memset(bytes, 0, PROGRAM_HEADER_BYTES);
	bytes[0] = PROGRAM_FORMAT_VERSION;
	program_decode(program, bytes, sizeof(bytes));
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		bool fails = failures && random_below(seed, 4) == 0;

		program->ops[i].fail_nth = fails ? (uint8_t)(1 + random_below(seed, 8)) : 0;
	}
}

static void compare(const struct release *release, enum recycle recycle, check_mask mask,
		    uint32_t nr_programs, unsigned long *nr_ops, unsigned long *nr_violations)
{
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	static struct program program;
	static struct pair pair;

	pair_create(&pair, release, recycle, mask);
	for (uint32_t i = 0; i < nr_programs; i++) {
		relative_program(&program, &seed, i & 1);
		pair.nr_violations += !play(&pair, &program);
	}
	*nr_ops += pair.nr_ops;
	*nr_violations += pair.nr_violations;
	pair_destroy(&pair);
}

/* Every release as it is, and with each of its bugs. */
static void same_first_violation(void **unused)
{
	unsigned long nr_ops = 0, nr_violations = 0, nr_engines = 0;
	struct release release;
	const struct bug *bug;

	(void)unused;
	for (size_t i = 0; release_at(i, &release); i++) {
		compare(&release, RECYCLE_NOW, check_all(), NR_PROGRAMS, &nr_ops, &nr_violations);
		nr_engines++;
		for (size_t n = 0; (bug = bug_at(n)); n++) {
			struct release broken = release;

			if (!bug_applies(bug, &release))
				continue;
			bug_turn_back(bug, &broken);
			compare(&broken, RECYCLE_NOW, check_all(), NR_PROGRAMS, &nr_ops, &nr_violations);
			nr_engines++;
		}
	}
	print_message("%lu engines, %lu operations, %lu violations, no difference\n", nr_engines, nr_ops,
		      nr_violations);
	assert_true(nr_violations > 100);
}

/* With one invariant judged alone, engines go on in states that others would have stopped. */
static void same_for_each_invariant_alone(void **unused)
{
	static const char *const bugs[] = { "S01", "S02", "S03", "S04", "S10", "S12", "S14" };
	unsigned long nr_ops = 0, nr_violations = 0;

	(void)unused;
	for (unsigned int b = 0; b < sizeof(bugs) / sizeof(bugs[0]); b++) {
		for (unsigned int n = 1; n < NR_INVARIANT_NUMBERS; n++) {
			struct release release;

			assert_true(release_find("6.18.8", &release));
			bug_turn_back(bug_find(bugs[b]), &release);
			if (invariant_info(n)->symbol)
				compare(&release, RECYCLE_LATE, CHECK_BIT(n) | CHECK_BIT(INV_LIVENESS), 30,
					&nr_ops, &nr_violations);
		}
	}
	print_message("%lu operations, %lu violations, no difference\n", nr_ops, nr_violations);
	assert_true(nr_violations > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_first_violation),
		cmocka_unit_test(same_for_each_invariant_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
