// SPDX-License-Identifier: GPL-2.0-only
/*
 * Touched-only checks against full checks after every operation: over many
 * random programs, on sound and on broken releases, both must give the same
 * first violation at the same operation.
 *
 * ctest: timeout=600
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "driver/player.h"
#include "random_program.h"

enum { PROGRAMS = 2500, OPS = 160 };

static const struct {
	const char *version, *bug;
} subjects[] = {
	{ "newest", NULL },  { "6.1.192", NULL }, { "3.0", NULL },      { "2.6.34-rc3", NULL },
	{ "2.6.35", NULL },  { "newest", "S01" }, { "6.18.44", "S02" }, { "newest", "S03" },
	{ "newest", "S04" }, { "newest", "S08" }, { "newest", "S10" },  { "newest", "S12" },
	{ "newest", "S13" }, { "newest", "S14" }, { "3.19", NULL },     { "5.19", NULL },
};

struct outcome {
	bool clean;
	struct violation violation;
};

static struct outcome play(struct player *player, const struct program *program, bool full)
{
	struct outcome outcome;

	player->oracle.always_full = full;
	player->full_every = 0;
	outcome.clean = player_run(player, program, NULL, NULL, &outcome.violation);
	return outcome;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	if (a->clean || b->clean)
		return a->clean == b->clean;
	return a->violation.step == b->violation.step && a->violation.invariant == b->violation.invariant &&
	       strcmp(a->violation.text, b->violation.text) == 0;
}

static void print_difference(const char *subject, unsigned int seed, const char *which,
			     const struct outcome *outcome)
{
	if (outcome->clean)
		print_error("%s, program %u: %s is silent\n", subject, seed, which);
	else
		print_error("%s, program %u: %s: I%u at operation %u: %s\n", subject, seed, which,
			    outcome->violation.invariant, outcome->violation.step, outcome->violation.text);
}

static unsigned int compare(const char *version, const char *bug, unsigned int *violations)
{
	static struct program program;
	char error[SETTINGS_ERROR_MAX], subject[64];
	struct settings settings;
	unsigned int differences = 0;

	settings_init(&settings);
	assert_true(settings_set(&settings, "release", version, error));
	if (bug)
		assert_true(settings_set(&settings, "bug", bug, error));
	assert_true(settings_finish(&settings, error));
	snprintf(subject, sizeof(subject), "%s %s", version, bug ? bug : "");
	struct player *player = player_create(&settings);

	for (unsigned int seed = 0; seed < PROGRAMS; seed++) {
		random_program(&program, seed + 77, OPS);
		struct outcome touched = play(player, &program, false), full = play(player, &program, true);

		*violations += !full.clean;
		if (same(&touched, &full))
			continue;
		differences++;
		print_difference(subject, seed, "touched-only", &touched);
		print_difference(subject, seed, "full", &full);
	}
	player_destroy(player);
	return differences;
}

static void test_touched_only_equals_full(void **state)
{
	unsigned int differences = 0, violations = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		differences += compare(subjects[i].version, subjects[i].bug, &violations);
	print_message("%zu subjects, %d programs each: %u violations, %u differences\n",
		      sizeof(subjects) / sizeof(subjects[0]), PROGRAMS, violations, differences);
	assert_true(violations > 1000);
	assert_int_equal(differences, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_touched_only_equals_full) };

	return cmocka_run_group_tests_name("touched", tests, NULL, NULL);
}
