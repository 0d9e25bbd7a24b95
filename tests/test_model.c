// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a user of the model relies on: versions resolve to the rows that govern
 * them, clean releases stay silent over many random programs, every allocation
 * of every seed may fail, and how memory is recycled changes nothing.
 *
 * ctest: timeout=600
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "settings_for.h"
#include "oracle/snapshot.h"
#include "random_program.h"

#define SEEDS RMAPFUZZ_SOURCE_DIR "/corpus/seeds"

enum { MAX_SEEDS = 128 };

/* Releases without a known defect that these operations can show, once X05 of the oldest is repaired. */
static const char *const clean_releases[] = { "3.16", "6.1.192", "6.12.117", "7.3" };

enum { NR_CLEAN = sizeof(clean_releases) / sizeof(clean_releases[0]) };

/* Up to 2.6.39 a merge forgets what mremap copied; no history tells of it, so it is no bug of those rows (docs/bugs.md). */
#define DERIVED_BUG "S14"

static struct player *create_repaired(const char *version)
{
	struct settings settings = settings_for(version, NULL, NULL, RECYCLE_LATE);

	bug_repair_all(&settings.release);
	bug_repair(bug_find(DERIVED_BUG), &settings.release);
	struct player *player = player_create(&settings);

	assert_non_null(player);
	return player;
}

static void test_versions_resolve(void **state)
{
	static const char *const cases[][2] = {
		{ "2.6.34-rc3", "2.6.34-rc3" },
		{ "2.6.34-rc4", "2.6.34-rc4" },
		{ "2.6.34-rc7", "2.6.34-rc6" },
		{ "2.6.34", "2.6.34" },
		{ "2.6.35.9", "2.6.35" },
		{ "2.6.37", "2.6.36" },
		{ "2.6.38", "2.6.38" },
		{ "3.2", "3.0" },
		{ "3.14", "3.7" },
		{ "3.18", "3.16" },
		{ "3.19", "3.19" },
		{ "5.19.6", "5.19" },
		{ "5.19.17", "5.19.7" },
		{ "6.1", "6.1" },
		{ "6.1.61", "6.1" },
		{ "6.1.190", "6.1.62" },
		{ "6.1.192", "6.1.191" },
		{ "6.5.11", "6.5.11" },
		{ "7.0-rc4", "7.0-rc1" },
		{ "7.0-rc5", "7.0-rc5" },
		{ "6.2", "6.1" },
		{ "6.3", "6.3" },
		{ "6.3.9", "6.3.1" },
		{ "6.4.7", "6.4" },
		{ "6.4.16", "6.4.8" },
		{ "6.6", "6.5" },
		{ "6.11", "6.8" },
		{ "6.12.51", "6.12" },
		{ "6.12.111", "6.12.83" },
		{ "6.12.113", "6.12.112" },
		{ "6.12.117-amd64", "6.12.114" },
		{ "v6.12", "6.12" },
		{ "6.14", "6.12" },
		{ "6.16", "6.16" },
		{ "6.17.13", "6.17.13" },
		{ "6.18.5", "6.18" },
		{ "6.18.8", "6.18.8" },
		{ "6.18.44", "6.18.8" },
		{ "6.19.2", "6.19" },
		{ "7.0", "7.0" },
		{ "7.3.4", "7.3" },
		{ "newest", "7.3" },
	};
	static const char *const bad[] = { "", "six", "2.6.33", "6", "6.x", "6.1.", "9999999999.1", "7.0foo" };
	struct release release;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(release_find(cases[i][0], &release));
		assert_string_equal(release.name, cases[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(release_find(bad[i], &release));
}

static void expect_clean(struct player *player, const struct program *program, const char *what,
			 unsigned int number)
{
	struct violation violation;

	if (player_run(player, program, NULL, NULL, &violation))
		return;
	print_error("%s %u: I%u at operation %u: %s\n", what, number, violation.invariant, violation.step,
		    violation.text);
	fail();
}

static void test_clean_releases_stay_silent(void **state)
{
	static struct program program;

	(void)state;
	for (int r = 0; r < NR_CLEAN; r++) {
		struct player *player = create_repaired(clean_releases[r]);

		for (unsigned int seed = 0; seed < 3000; seed++) {
			random_program(&program, seed, seed % 8 ? 64 : 400);
			expect_clean(player, &program, clean_releases[r], seed);
		}
		player_destroy(player);
	}
}

/* What a release reports is one of its known defects: with those repaired it has nothing to report. */
static void test_repaired_releases_stay_silent(void **state)
{
	static struct program program;
	struct release release;

	(void)state;
	for (size_t r = 0; release_at(r, &release); r++) {
		struct player *player = create_repaired(release.name);

		for (unsigned int seed = 0; seed < 600; seed++) {
			random_program(&program, seed, seed % 8 ? 64 : 400);
			expect_clean(player, &program, release.name, seed);
		}
		player_destroy(player);
	}
}

/* Fails the first allocation of an operation, then the second, ... until it has no more. */
static unsigned int sweep(struct player *player, struct program *program, uint32_t number, const char *what)
{
	unsigned int failures = 0;
	uint8_t before = program->ops[number].fail_nth;

	for (uint8_t nth = 1; nth <= MAX_FAIL_NTH; nth++) {
		struct op_result result;

		program->ops[number].fail_nth = nth;
		expect_clean(player, program, what, number + 1);
		player_advance(player, program, number, NULL, NULL);
		result = player->engine->class->apply(player->engine, &program->ops[number]);
		if (!result.failed_allocation)
			break;
		failures++;
	}
	program->ops[number].fail_nth = before;
	return failures;
}

static void test_every_allocation_of_the_seeds_may_fail(void **state)
{
	static struct named_program seeds[MAX_SEEDS];
	unsigned int nr = read_folder(SEEDS, seeds, MAX_SEEDS), failures = 0;

	(void)state;
	assert_true(nr >= 30);
	for (int r = 0; r < NR_CLEAN; r++) {
		struct player *player = create_repaired(clean_releases[r]);

		for (unsigned int i = 0; i < nr; i++)
			for (uint32_t op = 0; op < seeds[i].program.nr_ops; op++)
				failures += sweep(player, &seeds[i].program, op, seeds[i].name);
		player_destroy(player);
	}
	print_message("%u failed allocations in %u seeds under %d releases\n", failures, nr, NR_CLEAN);
	assert_true(failures > 1000);
}

static void hash_state(void *data, const struct view *view, const struct op *op, const struct op_result *result)
{
	static char text[SNAPSHOT_TEXT_MAX];
	uint64_t *hash = data;
	struct snapshot snapshot = snapshot_print(view, text, sizeof(text));

	(void)op;
	*hash = XXH3_64bits_withSeed(text, snapshot.length, *hash);
	if (result)
		*hash = XXH3_64bits_withSeed(&result->error, sizeof(result->error), *hash + result->value);
}

static uint64_t trace_hash(struct player *player, const struct program *program)
{
	struct violation violation;
	uint64_t hash = 0;

	player_run(player, program, hash_state, &hash, &violation);
	return hash;
}

static void test_recycling_changes_nothing(void **state)
{
	static struct program program;
	struct player *late = player_for("newest", NULL, NULL, RECYCLE_LATE);
	struct player *now = player_for("newest", NULL, NULL, RECYCLE_NOW);
	struct player *heap = player_for("newest", NULL, NULL, RECYCLE_MALLOC);

	(void)state;
	for (unsigned int seed = 0; seed < 200; seed++) {
		random_program(&program, seed, 100);
		uint64_t hash = trace_hash(late, &program);

		assert_int_equal(trace_hash(now, &program), hash);
		assert_int_equal(trace_hash(heap, &program), hash);
	}
	player_destroy(late);
	player_destroy(now);
	player_destroy(heap);
}

/* Each seed and some random programs: twice, in reversed order, and alone in a fresh engine. */
static void test_the_same_bytes_give_the_same_run(void **state)
{
	static struct named_program programs[MAX_SEEDS];
	static uint64_t hashes[MAX_SEEDS];
	unsigned int nr = read_folder(SEEDS, programs, MAX_SEEDS - 20);
	struct player *player = player_for("newest", NULL, NULL, RECYCLE_LATE);

	(void)state;
	for (unsigned int seed = 0; seed < 20; seed++)
		random_program(&programs[nr++].program, seed, 300);
	for (unsigned int i = 0; i < nr; i++)
		hashes[i] = trace_hash(player, &programs[i].program);
	for (unsigned int i = 0; i < nr; i++)
		assert_int_equal(trace_hash(player, &programs[i].program), hashes[i]);
	for (unsigned int i = nr; i-- > 0;)
		assert_int_equal(trace_hash(player, &programs[i].program), hashes[i]);
	for (unsigned int i = 0; i < nr; i++) {
		struct player *alone = player_for("newest", NULL, NULL, RECYCLE_LATE);

		assert_int_equal(trace_hash(alone, &programs[i].program), hashes[i]);
		player_destroy(alone);
	}
	for (unsigned int i = 1; i < nr; i++) /* and the hash sees something at all */
		assert_int_not_equal(hashes[i], hashes[i - 1]);
	player_destroy(player);
}

/* A known defect of a release is exactly a decision that still stands wrong in it. */
static void test_defects_of_releases(void **state)
{
	static const char *const cases[][2] = {
		{ "2.6.34-rc3", "S01 S02 S03 S04 S05 S20 S21 F01 F08 C04 C06 C09 C10 C14 X05" },
		{ "2.6.34-rc5", "S05 S20 S21 F08 C04 C06 C09 C10 C14 X05" },
		{ "2.6.34-rc6", "S05 S20 S21 C04 C06 C09 C10 C14 X05" },
		{ "2.6.34", "S20 S21 C04 C06 C09 C10 C14 X05" },
		{ "2.6.35", "C04 C06 C10 C14 X05" },
		{ "2.6.36", "C03 C06 C14 X05" },
		{ "2.6.38", "C06 C14 X05" },
		{ "3.0", "S07 C06 C14 X05" },
		{ "3.3", "S07 C14 X05" },
		{ "3.7", "S07 C14 X05" },
		{ "3.18", "C14 X05" },
		{ "3.19", "S10 F04 C14 X05" },
		{ "5.7.2", "S10 X05" },
		{ "5.7.3", "S10" },
		{ "5.8", "S10" },
		{ "5.9", "S10 X07" },
		{ "5.17", "S10 S13 X07" },
		{ "5.18", "S10 S13" },
		{ "5.19", "S10 S13" },
		{ "5.19.7", "S13" },
		{ "6.1", "S13 F06" },
		{ "6.1.62", "S13" },
		{ "6.5", "S13 F06" },
		{ "6.6", "S13 F06" },
		{ "6.7", "S13" },
		{ "6.8", "S13 F07" },
		{ "6.12.82", "S13 F07" },
		{ "6.12.83", "S13" },
		{ "6.1.192", "" },
		{ "6.12.117", "" },
		{ "6.3", "S13 S16 F06" },
		{ "6.3.1", "S13 F06" },
		{ "6.4", "S13 F06 C13" },
		{ "6.4.8", "S13 F06" },
		{ "6.16", "S13 S14 S15 F07" },
		{ "6.16.11", "S13 S14 S15" },
		{ "6.17", "S13 S14 S15 F07" },
		{ "6.17.1", "S13 S14 S15" },
		{ "6.18.5", "S13 S14 S15" },
		{ "6.18.8", "S13" },
		{ "7.0-rc1", "S13 F05" },
		{ "7.0", "S13" },
		{ "7.3", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char found[128] = "";
		struct release release;

		assert_true(release_find(cases[i][0], &release));
		for (size_t b = 0; bug_at(b); b++)
			if (bug_in_release(bug_at(b), &release))
				snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
					 found[0] ? " " : "", bug_at(b)->id);
		assert_string_equal(found, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions_resolve),
		cmocka_unit_test(test_defects_of_releases),
		cmocka_unit_test(test_clean_releases_stay_silent),
		cmocka_unit_test(test_repaired_releases_stay_silent),
		cmocka_unit_test(test_every_allocation_of_the_seeds_may_fail),
		cmocka_unit_test(test_recycling_changes_nothing),
		cmocka_unit_test(test_the_same_bytes_give_the_same_run),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
