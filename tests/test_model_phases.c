// SPDX-License-Identifier: GPL-2.0-only
/*
 * An operation in phases that nobody disturbs does what the whole operation
 * does: the same outcome and the same state, in each release.
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
#include "oracle/snapshot.h"
#include "random_program.h"
#include "settings_for.h"

#define SEEDS RMAPFUZZ_SOURCE_DIR "/corpus/seeds"

enum { MAX_SEEDS = 128, NR_PROGRAMS = 300, NR_OPERATIONS = 100, MOST_PAUSES = 2 * NR_WINDOW };

static struct engine *engine_for(const char *release)
{
	struct settings settings = settings_for(release, NULL, NULL, RECYCLE_LATE);
	struct engine *engine = model_engine_create(&settings.release, settings.recycle);

	assert_non_null(engine);
	engine->judged = true;
	return engine;
}

/* An unfaulted VMA of the process that has its new anon_vma, but no chain yet. */
static bool imports(const struct mm_struct *mm)
{
	for (uint64_t starts = mm->starts; starts; starts &= starts - 1) {
		const struct vm_area_struct *vma = mm->vma_at[__builtin_ctzll(starts)];

		if (vma->anon_vma && !vma->nr_avcs)
			return true;
	}
	return false;
}

struct pauses {
	unsigned int all, in_imports;
};

static int in_phases(struct engine *engine, const struct op *whole, struct pauses *pauses)
{
	struct op op = *whole;
	struct op_result result;

	op.code = OP_MPROTECT_BEGIN;
	result = engine->class->apply(engine, &op);
	for (unsigned int i = 0; result.paused; i++) {
		assert_true(i < MOST_PAUSES);
		pauses->all++;
		pauses->in_imports += imports(&engine->class->view(engine)->mm[op.process]);
		op = (struct op){ .code = OP_RESUME, .process = op.process };
		result = engine->class->apply(engine, &op);
	}
	return result.error;
}

/* Whatever has a range, for there is little else that merges. */
static struct op more_mprotect(struct op op, uint32_t i)
{
	op.fail_nth = op.fail_count = 0;
	if (op.code == OP_MPROTECT_BEGIN || op.code == OP_MREMAP_BEGIN ||
	    (op_info(op.code)->group == GROUP_FLAGS && i % 4)) {
		op.code = OP_MPROTECT;
		op.arg[2] = i % 2 ? PROT_RW : i % 3 ? PROT_R : PROT_N;
	}
	return op;
}

static void play(struct engine *whole, struct engine *phases, const struct program *program,
		 struct pauses *pauses)
{
	static char expected[SNAPSHOT_TEXT_MAX], is[SNAPSHOT_TEXT_MAX];

	whole->class->reset(whole);
	phases->class->reset(phases);
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		struct op op = more_mprotect(program->ops[i], i);
		int error;

		if (op_info(op.code)->group == GROUP_PHASE)
			continue;
		error = whole->class->apply(whole, &op).error;
		if (op.code == OP_MPROTECT)
			assert_int_equal(in_phases(phases, &op, pauses), error);
		else
			assert_int_equal(phases->class->apply(phases, &op).error, error);
		snapshot_print(whole->class->view(whole), expected, sizeof(expected));
		snapshot_print(phases->class->view(phases), is, sizeof(is));
		assert_string_equal(is, expected);
	}
}

static void test_mprotect(void **state)
{
	static const char *const releases[] = { "2.6.36", "3.16", "4.15", "6.4", "6.4.8", "6.12.117", "7.3" };
	static struct named_program seeds[MAX_SEEDS];
	unsigned int nr_seeds = read_folder(SEEDS, seeds, MAX_SEEDS);

	(void)state;
	for (size_t r = 0; r < sizeof(releases) / sizeof(releases[0]); r++) {
		struct engine *whole = engine_for(releases[r]), *phases = engine_for(releases[r]);
		struct pauses pauses = { 0 };

		for (unsigned int i = 0; i < nr_seeds; i++)
			play(whole, phases, &seeds[i].program, &pauses);
		for (uint64_t seed = 0; seed < NR_PROGRAMS; seed++) {
			static struct program program;

			random_program(&program, seed, NR_OPERATIONS);
			play(whole, phases, &program, &pauses);
		}
		printf("%s: %u pauses, %u of them in imports\n", releases[r], pauses.all, pauses.in_imports);
		assert_true(pauses.all > 100);
		/* before 3.19 the pointer comes behind the clone */
		assert_true(pauses.in_imports > 0 || r < 2);
		whole->class->destroy(whole);
		phases->class->destroy(phases);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mprotect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
