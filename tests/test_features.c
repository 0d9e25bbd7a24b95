// SPDX-License-Identifier: GPL-2.0-only
/*
 * Model features: each has a name of its own, a program has the same ones
 * whatever was played before, and small programs have just those that their
 * stories say.
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

#include "driver/features.h"
#include "random_program.h"
#include "settings_for.h"

static struct program program;

/* ---- names ---- */

static int by_text(const void *left, const void *right)
{
	return strcmp(left, right);
}

/* Answers that no decision gives have no name: the numbering has a gap before each decision. */
static void names_differ(void **unused)
{
	char(*names)[FEATURE_NAME_MAX] = calloc(NR_FEATURES, sizeof(*names));
	uint32_t nr = 0;

	(void)unused;
	assert_non_null(names);
	for (uint32_t i = 0; i < NR_FEATURES; i++) {
		size_t length = feature_name(i, names[nr]);

		assert_int_equal(length, strlen(names[nr]));
		assert_true(length < FEATURE_NAME_MAX - 1);
		assert_null(strchr(names[nr], '@'));
		nr += strchr(names[nr], '?') == NULL;
	}
	assert_int_equal(NR_FEATURES - nr, NR_DECISIONS * NR_OP_CODES);
	qsort(names, nr, sizeof(*names), by_text);
	for (uint32_t i = 0; i + 1 < nr; i++)
		if (strcmp(names[i], names[i + 1]) == 0)
			fail_msg("two features are called '%s'", names[i]);
	free(names);
}

/* ---- collecting ---- */

static void collect(struct features *features, struct player *player, const struct settings *settings)
{
	struct violation violation;

	features_start(features, &settings->release, &program);
	bool clean = player_run(player, &program, features_observe, features, &violation);

	features_end(features, clean ? NULL : &violation);
}

static void same_each_time(void **unused)
{
	static struct features first[40], second;
	struct settings settings;

	(void)unused;
	settings = settings_for("newest", NULL, NULL, RECYCLE_LATE);
	struct player *player = player_create(&settings);

	assert_non_null(player);
	for (unsigned int i = 0; i < 40; i++) {
		random_program(&program, i + 1, 300);
		collect(&first[i], player, &settings);
		assert_true(features_count(&first[i]) > 20);
	}
	for (unsigned int i = 40; i-- > 0;) {
		random_program(&program, i + 1, 300);
		collect(&second, player, &settings);
		assert_memory_equal(first[i].seen, second.seen, sizeof(second.seen));
	}
	player_destroy(player);
}

static bool has(const struct features *features, const char *wanted)
{
	char name[FEATURE_NAME_MAX];

	for (uint32_t i = 0; i < NR_FEATURES; i++) {
		feature_name(i, name);
		if (strcmp(name, wanted) == 0)
			return features->seen[i / 64] >> i % 64 & 1;
	}
	fail_msg("no feature is called '%s'", wanted);
	return false;
}

/* Plays a text under a release; each line of yes must be a feature of it, each line of no must not. */
static void story(const char *release, const char *text, const char *const *yes, const char *const *no)
{
	static struct features features;
	struct parse_error error;
	struct settings settings;

	settings = settings_for(release, NULL, NULL, RECYCLE_LATE);
	assert_true(program_parse(&program, NULL, text, strlen(text), &error));
	struct player *player = player_create(&settings);

	assert_non_null(player);
	collect(&features, player, &settings);
	player_destroy(player);
	for (; *yes; yes++)
		if (!has(&features, *yes))
			fail_msg("%s: lacks '%s'", release, *yes);
	for (; *no; no++)
		if (has(&features, *no))
			fail_msg("%s: has '%s'", release, *no);
}

static const char swap_story[] = "A mmap 0 4 rw\nA write 0\nA fork B\nA pageout 0\nA dropcache 0\nB read 0\n"
				 "A read 0\nB exit\nA walk 0\n";

static void of_the_newest_release(void **unused)
{
	static const char *const yes[] = {
		"decision: fork: FORK_REUSE is COUNTERS",
		"decision: read: FIRST_MAP is ROOT",
		"pair: mmap then write, the same process, overlapping pages",
		"pair: dropcache then read, another process, overlapping pages",
		"outcome: walk: ok",
		"target: write on unfaulted VMA, no entry",
		"target: read on VMA with a chain of 2, swap entry, shared",
		"target: read on VMA with a chain of 1, swap entry, page is mapped",
		"effect: fork, anon_vmas: 1 new, 0 gone",
		"lineage: process of generation 1, 2 alive",
		"family: 2 anon_vmas, 3 links",
		"sharing: 1 present, 0 migration and 1 swap entries, at one address",
		"walk: page mapped once, 1 found",
		NULL,
	};
	static const char *const no[] = {
		"decision: fork: FORK_REUSE is NEVER",
		"decision: walk: FIRST_MAP is ROOT",
		"pair: write then mmap, the same process, overlapping pages",
		"outcome: walk: EINVAL",
		"target: write on VMA with a chain of 1, no entry",
		"effect: fork, anon_vmas: 0 new, 1 gone",
		"family: 3 anon_vmas, 3 links",
		"violation: I7 after read",
		NULL,
	};

	(void)unused;
	story("newest", swap_story, yes, no);
}

static void of_an_old_release(void **unused)
{
	static const char *const yes[] = {
		"decision: fork: FORK_REUSE is NEVER",
		"decision: read: FIRST_MAP is NEWEST",
		"violation: I7 after read",
		NULL,
	};
	static const char *const no[] = {
		"outcome: walk: ok", /* it ends with the violation */
		"decision: read: FIRST_MAP is ROOT",
		"counters: 0 children, 1 active VMAs",
		NULL,
	};

	(void)unused;
	story("2.6.34-rc3", swap_story, yes, no);
}

static void of_failures(void **unused)
{
	static const char *const yes[] = {
		"allocation: fork, the failure of allocation 2 makes it fail",
		"outcome: fork: ENOMEM",
		"outcome: mprotect: ENOMEM, after a part was done",
		"outcome: mmap: EEXIST",
		NULL,
	};
	static const char *const no[] = {
		"allocation: fork, the failure of allocation 1 makes it fail",
		"outcome: mprotect: ENOMEM",
		"lineage: process of generation 1, 2 alive",
		NULL,
	};

	(void)unused;
	story("newest",
	      "A mmap 0 2 rw\nA mmap 1 2 rw\nA write 0\nA fork B (fail_nth: 2)\nA mprotect 0 8 r\nB write 0\n",
	      yes, no);
}

static void buckets(void **unused)
{
	(void)unused;
	assert_int_equal(bucket4(2), 2);
	assert_int_equal(bucket4(100), 3);
	assert_int_equal(bucket8(3), 3);
	assert_int_equal(bucket8(4), 4);
	assert_int_equal(bucket8(7), 4);
	assert_int_equal(bucket8(8), 5);
	assert_int_equal(bucket8(31), 6);
	assert_int_equal(bucket8(32), 7);
	assert_int_equal(bucket8(UINT32_MAX), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_differ),          cmocka_unit_test(same_each_time),
		cmocka_unit_test(of_the_newest_release), cmocka_unit_test(of_an_old_release),
		cmocka_unit_test(of_failures),           cmocka_unit_test(buckets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
