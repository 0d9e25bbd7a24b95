// SPDX-License-Identifier: GPL-2.0-only
/*
 * The minimizer: what it promises of its result (fails alike, 1-minimal,
 * canonical, the same each time, as short as is known), what it does with
 * another failure and with a request to stop, and that a failure which ends the process
 * is minimized too. ctest: timeout=300
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "asan.h"
#include "driver/watched.h"
#include "minimize/internal.h"
#include "random_program.h"

void __asan_on_error(void);
void __asan_on_error(void)
{
	play_on_sanitizer_error();
}

enum { HOPS = 1000, MIN_OPS = 150 };

static struct settings settings_of(const char *bug, const char *release, const char *check)
{
	struct settings settings;
	char error[SETTINGS_ERROR_MAX];

	settings_init(&settings);
	assert_true(settings_set(&settings, "release", release, error));
	assert_true(settings_set(&settings, "bug", bug, error));
	assert_true(settings_set(&settings, "check", check, error));
	assert_true(settings_finish(&settings, error));
	return settings;
}

/* A random program that fails late, and only with the bug. */
static void failing_program(struct judge *judge, uint64_t *seed, struct program *program)
{
	struct verdict verdict;

	for (;;) {
		random_program(program, (*seed)++, 400);
		assert_true(judge->play(judge, program, &verdict));
		if (verdict.failed && !verdict.without_bug && verdict.step >= MIN_OPS)
			return;
	}
}

static struct verdict play(struct judge *judge, const struct program *program)
{
	struct verdict verdict;

	assert_true(judge->play(judge, program, &verdict));
	return verdict;
}

static void assert_same_program(const struct program *a, const struct program *b)
{
	assert_int_equal(a->nr_ops, b->nr_ops);
	assert_memory_equal(a->ops, b->ops, a->nr_ops * sizeof(a->ops[0]));
}

/* Without any one operation it does not fail so. */
static void assert_one_minimal(struct judge *judge, const struct program *program, const struct verdict *wanted)
{
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		bool drop[MAX_OPS] = { false };
		struct program less;

		drop[i] = true;
		edit_drop(&less, program, drop);
		struct verdict verdict = play(judge, &less);

		assert_false(verdict_matches(&verdict, wanted, MATCH_CLASS));
	}
}

/* Processes in order of first use, from A. */
static void assert_canonical_names(const struct program *program)
{
	struct program renamed;

	edit_rename(&renamed, program);
	assert_same_program(program, &renamed);
}

/* The shortest form known of each bug, over all its signatures in these searches. */
static const struct {
	const char *bug, *release;
	uint32_t most_ops; /* shortest known for what it mostly shows as, and two more */
} subjects[] = {
	{ "S01", "newest", 6 + 2 }, { "S02", "6.18.44", 4 + 2 }, { "S03", "newest", 3 + 2 },
	{ "S04", "newest", 4 + 2 }, { "S08", "newest", 6 + 2 },  { "S10", "newest", 7 + 2 },
	{ "S12", "newest", 3 + 2 }, { "S14", "newest", 4 + 2 },
};

static void test_eight_bugs(void **state)
{
	static const struct minimize_options options = { .match = MATCH_CLASS, .hops = HOPS };

	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		struct settings settings = settings_of(subjects[i].bug, subjects[i].release, "all");
		struct judge *judge = judge_create(&settings, false);
		uint64_t seed = 1;

		assert_non_null(judge);
		for (int n = 0; n < 2; n++) {
			struct program program, original;
			struct minimize_result result;

			failing_program(judge, &seed, &program);
			original = program;
			assert_int_equal(minimize(judge, &options, &program, &result), MINIMIZE_DONE);
			print_message("%s: %u -> %u operations, %u candidates\n", subjects[i].bug,
				      original.nr_ops, program.nr_ops, result.nr_candidates);
			assert_true(result.fixed_point);
			assert_true(verdict_matches(&result.original, &result.verdict, MATCH_CLASS));
			struct verdict verdict = play(judge, &program);

			assert_true(verdict_matches(&verdict, &result.verdict, MATCH_EXACT));
			assert_false(verdict.without_bug);
			assert_in_range(program.nr_ops, 1, subjects[i].most_ops);
			assert_one_minimal(judge, &program, &verdict);
			assert_canonical_names(&program);
			assert_int_equal(minimize(judge, &options, &original, &result), MINIMIZE_DONE);
			assert_same_program(&program, &original); /* the same search, the same result */
		}
		judge_destroy(judge);
	}
}

/* In another program order and with other names around it, one bug comes to one file. */
static void test_one_form(void **state)
{
	static const char *const texts[] = {
		"A mmap 8 4 rw\nA write 9\nA fork F\nF fork C\nF write 10\nA pageout 9\nA dropcache 9\nC read 9\nC read 10\n",
		"A fork C\nA exit\nC mmap 0 2 r\nC mprotect 0 1 rw\nC write 0\nC fork D\nC pageout 0\nD dropcache 0\nD read 0\n",
	};
	static const struct minimize_options options = { .match = MATCH_CLASS, .hops = HOPS };
	struct settings settings = settings_of("S01", "newest", "all");
	struct judge *judge = judge_create(&settings, false);
	struct program forms[2];
	struct minimize_result result;
	struct parse_error error;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_true(program_parse(&forms[i], NULL, texts[i], strlen(texts[i]), &error));
		assert_int_equal(minimize(judge, &options, &forms[i], &result), MINIMIZE_DONE);
	}
	assert_same_program(&forms[0], &forms[1]);
	judge_destroy(judge);
}

static void test_clean_program(void **state)
{
	static const struct minimize_options options = { .match = MATCH_CLASS };
	struct settings settings = settings_of("S01", "newest", "all");
	struct judge *judge = judge_create(&settings, false);
	struct program program = { .nr_ops = 1, .ops = { { .code = OP_SWAPOFF } } };
	struct minimize_result result;

	(void)state;
	assert_int_equal(minimize(judge, &options, &program, &result), MINIMIZE_CLEAN);
	assert_int_equal(program.nr_ops, 1);
	judge_destroy(judge);
}

/* ---- a judge that fails by what is in a program, to see what becomes of another failure ---- */

struct fake {
	struct judge judge;
	uint32_t nr_played;
};

static unsigned int count_of(const struct program *program, unsigned int code)
{
	unsigned int nr = 0;

	for (uint32_t i = 0; i < program->nr_ops; i++)
		nr += program->ops[i].code == code;
	return nr;
}

/* Two writes: I1 of a page, at a write. No write but a read: I7 of an entry. */
static bool fake_play(struct judge *judge, const struct program *program, struct verdict *verdict)
{
	((struct fake *)judge)->nr_played++;
	*verdict = (struct verdict){ .failed = true, .step = program->nr_ops, .op_code = OP_WRITE };
	if (count_of(program, OP_WRITE) >= 2) {
		verdict->invariant = INV_LIVENESS;
		verdict->kind = OBJECT_PAGE;
	} else if (count_of(program, OP_READ)) {
		verdict->invariant = INV_REACHABILITY;
		verdict->kind = OBJECT_PTE;
	} else {
		verdict->failed = false;
	}
	return true;
}

struct seen {
	unsigned int nr_others;
	struct program other;
	struct verdict verdict;
	unsigned int asked, stop_at;
};

static void see_other(void *data, const struct program *program, const struct verdict *verdict)
{
	struct seen *seen = data;

	seen->nr_others++;
	seen->other = *program;
	seen->verdict = *verdict;
}

static bool stop_now_and_then(void *data)
{
	struct seen *seen = data;

	return seen->stop_at && ++seen->asked >= seen->stop_at;
}

static void fake_program(struct program *program)
{
	program->nr_ops = 0;
	for (int i = 0; i < 40; i++) {
		program->ops[program->nr_ops++] = (struct op){ .code = OP_READ, .arg = { 5 } };
		program->ops[program->nr_ops++] =
			(struct op){ .code = i % 9 == 3 ? OP_WRITE : OP_WALK, .arg = { 7 } };
	}
}

static void test_another_failure(void **state)
{
	struct fake fake = { .judge = { fake_play, NULL } };
	struct seen seen = { .nr_others = 0 };
	struct minimize_options options = {
		.match = MATCH_CLASS, .other = see_other, .stop = stop_now_and_then, .data = &seen
	};
	struct minimize_result result;
	struct program program;

	(void)state;
	fake_program(&program);
	assert_int_equal(minimize(&fake.judge, &options, &program, &result), MINIMIZE_DONE);
	assert_int_equal(program.nr_ops, 2);
	assert_int_equal(count_of(&program, OP_WRITE), 2);
	assert_int_equal(result.verdict.invariant, INV_LIVENESS);
	assert_int_equal(seen.nr_others, 1); /* once, though met often */
	assert_int_equal(seen.verdict.invariant, INV_REACHABILITY);
	struct verdict verdict = play(&fake.judge, &seen.other);

	assert_true(verdict_matches(&verdict, &seen.verdict, MATCH_EXACT));

	fake_program(&program);
	options.match = MATCH_ANY;
	assert_int_equal(minimize(&fake.judge, &options, &program, &result), MINIMIZE_DONE);
	assert_int_equal(program.nr_ops, 1); /* the other failure will do, and needs one read */
}

static void test_stop(void **state)
{
	struct fake fake = { .judge = { fake_play, NULL } };
	struct minimize_result result;
	uint32_t last = 1000;

	(void)state;
	for (unsigned int stop_at = 1; stop_at < 60; stop_at++) {
		struct seen seen = { .stop_at = stop_at };
		struct minimize_options options = { .stop = stop_now_and_then,
						    .match = MATCH_CLASS,
						    .data = &seen };
		struct program program;

		fake_program(&program);
		assert_int_equal(minimize(&fake.judge, &options, &program, &result), MINIMIZE_DONE);
		struct verdict verdict = play(&fake.judge, &program);

		assert_true(verdict_matches(&verdict, &result.original, MATCH_CLASS));
		assert_true(program.nr_ops <= last); /* the more time, the shorter */
		last = program.nr_ops;
		if (stop_at == 1)
			assert_false(result.fixed_point);
	}
	assert_int_equal(last, 2);
}

/* ---- in a child ---- */

static void test_child_agrees(void **state)
{
	static const struct minimize_options options = { .match = MATCH_CLASS, .hops = 20 };
	struct settings settings = settings_of("S10", "newest", "all");
	struct judge *here = judge_create(&settings, false), *child = judge_create(&settings, true);
	struct program program, same;
	struct minimize_result result;
	uint64_t seed = 1;

	(void)state;
	failing_program(here, &seed, &program);
	same = program;
	assert_int_equal(minimize(here, &options, &program, &result), MINIMIZE_DONE);
	assert_int_equal(minimize(child, &options, &same, &result), MINIMIZE_DONE);
	assert_same_program(&program, &same);
	judge_destroy(here);
	judge_destroy(child);
}

/* Nothing is judged: the stale pointer is followed, and ASan ends the process that does so. */
static void test_sanitizer_report(void **state)
{
#ifdef WITH_ASAN
	static const char text[] =
		"A mmap 0 9 rw\nA write 3\nA write 4\nA fork C\nC fork D\nA pageout 3\nA dropcache 3\n"
		"C read 4\nC read 3\nA read 3\nC exit\nD exit\nA read 4\nA walk 3\nA walk 4\n";
	static const struct minimize_options options = { .match = MATCH_EXACT, .hops = 20 };
	struct settings settings = settings_of("S01", "newest", "none");
	struct judge *judge = judge_create(&settings, true);
	struct minimize_result result;
	struct program program;
	struct parse_error error;
	char signature[VERDICT_SIGNATURE_MAX];

	(void)state;
	assert_true(program_parse(&program, NULL, text, strlen(text), &error));
	struct verdict verdict = play(judge, &program);

	assert_true(verdict.failed);
	assert_int_equal(verdict.step, 14);
	assert_int_equal(minimize(judge, &options, &program, &result), MINIMIZE_DONE);
	verdict_signature(&result.verdict, signature);
	assert_string_equal(signature, "asan-use-after-poison-walk");
	assert_in_range(program.nr_ops, 1, 9);
	assert_one_minimal(judge, &program, &result.verdict);
	judge_destroy(judge);
#else
	(void)state;
	skip();
#endif
}

/* ---- the order, and changes of a program ---- */

static void test_order_is_total(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct program a, b;
		uint32_t nr_ops = 1 + (uint32_t)(seed % 6);

		random_program(&a, seed, nr_ops);
		random_program(&b, seed + 3000, nr_ops);
		bool same = a.nr_ops == b.nr_ops && memcmp(a.ops, b.ops, a.nr_ops * sizeof(a.ops[0])) == 0;

		assert_false(program_simpler(&a, &a));
		assert_int_equal(program_simpler(&a, &b) + program_simpler(&b, &a), !same);
	}
}

static void assert_valid(const struct program *program)
{
	for (uint32_t i = 0; i < program->nr_ops; i++)
		assert_true(op_valid(&program->ops[i]));
}

static void test_edits_are_valid(void **state)
{
	struct op variants[MAX_VARIANTS];

	(void)state;
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct program program, edited;

		random_program(&program, seed, 40);
		if (!program.nr_ops)
			continue;
		uint32_t index = (uint32_t)(seed % program.nr_ops);

		edit_rename(&edited, &program);
		assert_valid(&edited);
		edit_delete_page(&edited, &program, (unsigned int)(seed % NR_WINDOW));
		assert_valid(&edited);
		edit_insert_page(&edited, &program, (unsigned int)(seed % NR_WINDOW));
		assert_valid(&edited);
		if (program.ops[index].code == OP_FORK) {
			edit_collapse_fork(&edited, &program, index);
			assert_valid(&edited);
			assert_true(edited.nr_ops < program.nr_ops);
		}
		for (unsigned int n = edit_variants(&program, index, variants); n; n--) {
			assert_true(op_valid(&variants[n - 1]));
			assert_memory_not_equal(&variants[n - 1], &program.ops[index], sizeof(struct op));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eight_bugs),
		cmocka_unit_test(test_one_form),
		cmocka_unit_test(test_clean_program),
		cmocka_unit_test(test_another_failure),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_child_agrees),
		cmocka_unit_test(test_sanitizer_report),
		cmocka_unit_test(test_order_is_total),
		cmocka_unit_test(test_edits_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
