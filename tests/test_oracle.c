// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle's invariants: for each, states made by hand that are wrong in one
 * place. On the state before all is silent; on the broken one exactly that
 * invariant fires, the touched-only check and the full one say the same, and
 * with that invariant masked out all is silent again.
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

#include "broken_states.h"

/* ---- what is asked of each case ---- */

static const struct op some_op = { .code = OP_WALK };
static const struct op_result no_result = { .error = OP_OK };

struct judged {
	struct violation touched, full;
};

static void expect_clean(const char *what, const char *when, const struct judged *judged)
{
	if (judged->touched.invariant != INV_NONE)
		fail_msg("%s: %s, touched-only: I%u %s", what, when, judged->touched.invariant,
			 judged->touched.text);
	if (judged->full.invariant != INV_NONE)
		fail_msg("%s: %s, full: I%u %s", what, when, judged->full.invariant, judged->full.text);
}

enum { NO_FLAG = sizeof(struct view_rules) };

/* The state before is seen whole, then one operation breaks it, in a release without one of the rules. */
static struct judged judge_without(const struct broken *broken, check_mask mask, size_t flag)
{
	static struct family f;
	struct oracle oracle;
	struct judged judged;

	family_build(&f);
	assert_true(oracle_init(&oracle, &f.state.view, STATE_MAX));
	oracle_reset(&oracle);
	f.state.view.step = 1;
	oracle_before(&oracle, &some_op);
	oracle_after(&oracle, &some_op, &no_result, &judged.touched);
	oracle_full(&oracle, &some_op, &judged.full);
	expect_clean(broken->what, "before", &judged);
	state_step(&f.state);
	oracle_after(&oracle, &some_op, &no_result, &judged.touched);
	oracle_full(&oracle, &some_op, &judged.full);
	expect_clean(broken->what, "nothing touched", &judged);

	state_step(&f.state);
	oracle_before(&oracle, &some_op);
	broken->break_it(&f);
	if (flag != NO_FLAG)
		((bool *)&f.state.rules)[flag] = false;
	oracle.mask = mask;
	oracle_after(&oracle, &some_op, &no_result, &judged.touched);
	oracle_full(&oracle, &some_op, &judged.full);
	oracle_destroy(&oracle);
	return judged;
}

static struct judged judge_case(const struct broken *broken, check_mask mask)
{
	return judge_without(broken, mask, NO_FLAG);
}

static void expect_verdict(const struct broken *broken, const struct violation *v, const char *mode)
{
	if (v->invariant != broken->invariant || v->kind != broken->kind)
		fail_msg("%s, %s: I%u %s instead of I%u %s (%s)", broken->what, mode, v->invariant,
			 object_kind_name(v->kind), broken->invariant, object_kind_name(broken->kind), v->text);
	assert_int_equal(v->step, 3);
	assert_int_equal(v->op_code, OP_WALK);
	assert_true(strlen(v->text) > 10);
	assert_true(strlen(v->text) < VIOLATION_TEXT_MAX - 1);
}

static void expect_same(const struct broken *broken, const struct judged *judged)
{
	if (strcmp(judged->touched.text, judged->full.text) != 0 || judged->touched.order != judged->full.order)
		fail_msg("%s: touched-only says \"%s\", full says \"%s\"", broken->what, judged->touched.text,
			 judged->full.text);
}

static const struct broken *const tables[] = { broken_chains, broken_pages, broken_events };

enum { NR_TABLES = sizeof(tables) / sizeof(tables[0]) };

static void for_each_case(void (*ask)(const struct broken *broken))
{
	for (unsigned int i = 0; i < NR_TABLES; i++)
		for (const struct broken *broken = tables[i]; broken->what; broken++)
			ask(broken);
}

static void ask_fires(const struct broken *broken)
{
	struct judged judged = judge_case(broken, check_all());

	expect_verdict(broken, &judged.touched, "touched-only");
	expect_verdict(broken, &judged.full, "full");
	expect_same(broken, &judged);
}

static void each_invariant_fires(void **unused)
{
	(void)unused;
	for_each_case(ask_fires);
}

static void ask_nothing_else(const struct broken *broken)
{
	struct judged judged = judge_case(broken, check_all() & ~CHECK_BIT(broken->invariant) & ~broken->also);

	expect_clean(broken->what, "with its invariant masked out", &judged);
}

static void nothing_else_fires(void **unused)
{
	(void)unused;
	for_each_case(ask_nothing_else);
}

static void ask_alone(const struct broken *broken)
{
	for (unsigned int n = 1; n < NR_INVARIANT_NUMBERS; n++) {
		struct judged judged;

		if (n != broken->invariant && !(broken->also & CHECK_BIT(n)))
			continue;
		judged = judge_case(broken, CHECK_BIT(n));
		if (judged.touched.invariant != n || judged.full.invariant != n)
			fail_msg("%s: I%u alone gives I%u touched-only, I%u full", broken->what, n,
				 judged.touched.invariant, judged.full.invariant);
		expect_same(broken, &judged);
	}
}

static void each_fires_alone(void **unused)
{
	(void)unused;
	for_each_case(ask_alone);
}

static void ask_none(const struct broken *broken)
{
	struct judged judged = judge_case(broken, 0);

	expect_clean(broken->what, "with all masked out", &judged);
}

static void none_judges_nothing(void **unused)
{
	(void)unused;
	for_each_case(ask_none);
}

static const struct broken *find_case(const char *what)
{
	for (unsigned int i = 0; i < NR_TABLES; i++)
		for (const struct broken *broken = tables[i]; broken->what; broken++)
			if (strcmp(broken->what, what) == 0)
				return broken;
	fail_msg("no case \"%s\"", what);
	return NULL;
}

/* A release that never meant to keep a rule is not blamed for it. */
static void era_exceptions(void **unused)
{
	static const struct {
		const char *what;
		size_t flag;
	} exceptions[] = {
		{ "root not last", offsetof(struct view_rules, root_is_last) },
		{ "root not last", offsetof(struct view_rules, has_root) },
		{ "root of a root", offsetof(struct view_rules, has_root) },
		{ "two families in a chain", offsetof(struct view_rules, has_root) },
		{ "chain reversed", offsetof(struct view_rules, chain_ordered) },
		{ "chain reversed, by birth", offsetof(struct view_rules, chain_ordered) },
		{ "vma->anon_vma not the head", offsetof(struct view_rules, active_is_head) },
		{ "key", offsetof(struct view_rules, interval_tree) },
		{ "order of the list", offsetof(struct view_rules, interval_tree) },
		{ "num_children", offsetof(struct view_rules, counts_apart) },
		{ "num_children", offsetof(struct view_rules, counts_children) },
		{ "degree", offsetof(struct view_rules, counts_children) },
		{ "not merged", offsetof(struct view_rules, merges_unfaulted) },
		{ "chain too long", offsetof(struct view_rules, growth_bounded) },
		{ "level for nothing", offsetof(struct view_rules, growth_bounded) },
		{ "exclusive, but shared", offsetof(struct view_rules, tracks_exclusive) },
		{ "exclusive, but swapped elsewhere", offsetof(struct view_rules, tracks_exclusive) },
		{ "writable, but not exclusive", offsetof(struct view_rules, tracks_exclusive) },
		{ "exclusive swap entry, but shared", offsetof(struct view_rules, tracks_exclusive) },
		{ "merge of a forked VMA", offsetof(struct view_rules, merge_singular) },
		{ "new page of another anon_vma", offsetof(struct view_rules, precise_new_page) },
		{ "written while held, and forked before", offsetof(struct view_rules, counts_references) },
		{ "left by a fork that failed", offsetof(struct view_rules, fork_undone) },
		{ "reused page of another anon_vma", offsetof(struct view_rules, moves_on_reuse) },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
		const struct broken *broken = find_case(exceptions[i].what);
		/* what else must break then is for its own case to say */
		struct judged judged = judge_without(broken, check_all() & ~broken->also, exceptions[i].flag);

		expect_clean(broken->what, "in an era without the rule", &judged);
	}
}

/* What sound operations report must not be taken for a violation. */
static void sound_events(void **unused)
{
	(void)unused;
	for (const struct broken *sound = sound_operations; sound->what; sound++) {
		struct judged judged = judge_case(sound, check_all());

		expect_clean(sound->what, "a sound operation", &judged);
	}
}

static bool has_case(unsigned int number)
{
	for (unsigned int i = 0; i < NR_TABLES; i++)
		for (const struct broken *broken = tables[i]; broken->what; broken++)
			if (broken->invariant == number)
				return true;
	return false;
}

/* I20 and I26 need more than a state: test_oracle_verdict.c and test_oracle_failed.c. */
static void each_invariant_has_a_case(void **unused)
{
	(void)unused;
	for (unsigned int n = 1; n < NR_INVARIANT_NUMBERS; n++) {
		bool of_operations = n == INV_FAILED_OPERATION || n == INV_TEARDOWN || n == INV_FORKED ||
				     n == INV_LAYOUT || n == INV_OUTCOME;

		if (of_operations || !invariant_info(n)->symbol)
			continue;
		if (!has_case(n))
			fail_msg("I%u has no case", n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_invariant_fires),
		cmocka_unit_test(nothing_else_fires),
		cmocka_unit_test(each_fires_alone),
		cmocka_unit_test(none_judges_nothing),
		cmocka_unit_test(era_exceptions),
		cmocka_unit_test(sound_events),
		cmocka_unit_test(each_invariant_has_a_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
