// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the oracle says: which of several violations, in which words, under
 * which signature; names and the parser of --check; I26.
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

static const struct op_result no_result = { .error = OP_OK };

struct fixture {
	struct family family;
	struct oracle oracle;
	struct violation violation;
};

static int setup(void **data)
{
	struct fixture *f = calloc(1, sizeof(*f));
	static const struct op op = { .code = OP_FORK };

	assert_non_null(f);
	family_build(&f->family);
	assert_true(oracle_init(&f->oracle, &f->family.state.view, STATE_MAX));
	f->family.state.view.step = 1;
	assert_true(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	state_step(&f->family.state);
	*data = f;
	return 0;
}

static int cleanup(void **data)
{
	struct fixture *f = *data;

	oracle_destroy(&f->oracle);
	free(f);
	return 0;
}

/* C exits: its VMA, its anon_vma and the AVCs are gone; P1 loses a mapping. */
static void exit_of_c(struct family *family)
{
	struct state *s = &family->state;

	state_clear(s, 2, 0);
	while (family->vc->chain_first)
		state_unlink(s, family->vc->chain_first);
	state_free_vma(s, family->vc);
	s->view.mm[2].alive = false;
	state_free_anon_vma(s, family->a3, s->view.step, 2);
	state_settle(s);
}

static void dangling_page_in_words(void **data)
{
	static const struct op op = { .code = OP_EXIT, .process = 2 };
	struct fixture *f = *data;
	char signature[VIOLATION_SIGNATURE_MAX];

	exit_of_c(&f->family);
	assert_true(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	assert_true(oracle_full(&f->oracle, &op, &f->violation));
	f->family.p1->mapping_id = f->family.a3->id; /* as if C's first read had taken it */
	assert_false(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	assert_string_equal(
		f->violation.text,
		"page 1, mapped by A at 0 and B at 0, has mapping anon_vma 3, freed at operation 2 by exit of C");
	assert_int_equal(violation_signature(&f->violation, signature), strlen("I1-page-exit"));
	assert_string_equal(signature, "I1-page-exit");
	assert_int_equal(f->violation.page_id, 1);
	assert_int_equal(f->violation.anon_vma_id, 3);
	assert_int_equal(f->violation.step, 2);
}

static void unreachable_page_in_words(void **data)
{
	static const struct op op = { .code = OP_READ, .process = 1 };
	struct fixture *f = *data;
	char signature[VIOLATION_SIGNATURE_MAX];

	f->family.p3->mapping_id = f->family.a2->id;
	state_touch_page(&f->family.state, f->family.p3);
	assert_false(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	assert_string_equal(f->violation.text,
			    "page 3, in the swap cache, entry held by A at 2 and B at 2, has mapping anon_vma 2; "
			    "A has a swap entry of it at 2 in VMA 1 of A [0,4), which is not linked to it");
	violation_signature(&f->violation, signature);
	assert_string_equal(signature, "I7-pte-read");
	assert_int_equal(f->violation.process, 0);
	assert_int_equal(f->violation.at, 2);
	assert_int_equal(f->violation.slot_id, 1);
}

static void end_and_teardown_have_signatures(void **data)
{
	struct fixture *f = *data;
	char signature[VIOLATION_SIGNATURE_MAX];

	f->family.a1->refcount++;
	assert_false(oracle_full(&f->oracle, NULL, &f->violation));
	violation_signature(&f->violation, signature);
	assert_string_equal(signature, "I12-anon_vma-end");
}

/* The smallest number first; within it, the smallest birth id; never the order in which objects were touched. */
static void first_of_several(void **data)
{
	static const struct op op = { .code = OP_WALK };
	struct fixture *f = *data;
	struct state *s = &f->family.state;

	f->family.a3->refcount++;
	f->family.a2->refcount++;
	f->family.p1->mapcount++;
	state_touch_page(s, f->family.p1);
	state_touch_anon_vma(s, f->family.a3);
	state_touch_anon_vma(s, f->family.a2);
	assert_false(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	assert_int_equal(f->violation.invariant, INV_REFCOUNT);
	assert_int_equal(f->violation.anon_vma_id, f->family.a2->id);

	/* an event of I11 goes before the refcount, one of I1 before everything */
	state_event(s, EVENT_FREED_NOT_EMPTY)->anon_vma_id = 3;
	assert_false(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	assert_int_equal(f->violation.invariant, INV_COUNTERS);
	state_event(s, EVENT_ALREADY_FREE)->anon_vma_id = 3;
	assert_false(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	assert_int_equal(f->violation.invariant, INV_LIVENESS);
}

/* What was not touched is not seen, until the whole state is looked at. */
static void untouched_is_for_the_full_check(void **data)
{
	static const struct op op = { .code = OP_WALK };
	struct fixture *f = *data;

	f->family.p1->mapcount++;
	assert_true(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	assert_false(oracle_full(&f->oracle, &op, &f->violation));
	f->family.state.view.touched.all = true;
	assert_false(oracle_after(&f->oracle, &op, &no_result, &f->violation));
	f->family.state.view.touched.all = false;
	f->oracle.always_full = true;
	assert_false(oracle_after(&f->oracle, &op, &no_result, &f->violation));
}

static void leftovers(void **data)
{
	struct fixture *f = *data;
	struct state *s = &f->family.state;
	char signature[VIOLATION_SIGNATURE_MAX];

	assert_false(oracle_teardown_done(&f->oracle, &f->violation));
	assert_int_equal(f->violation.invariant, INV_TEARDOWN);
	assert_string_equal(f->violation.text,
			    "all processes have exited and all pins are gone, but 4 anon_vmas are "
			    "left, the oldest is anon_vma 1");
	violation_signature(&f->violation, signature);
	assert_string_equal(signature, "I26-anon_vma-end");
	f->oracle.mask = check_all() & ~CHECK_BIT(INV_TEARDOWN);
	assert_true(oracle_teardown_done(&f->oracle, &f->violation));
	f->oracle.mask = check_all();

	state_init(s);
	assert_false(oracle_teardown_done(&f->oracle, &f->violation));
	assert_int_equal(f->violation.kind, OBJECT_PROCESS);
	s->view.mm[0].alive = false;
	assert_true(oracle_teardown_done(&f->oracle, &f->violation));
	state_slot(s, NULL);
	assert_false(oracle_teardown_done(&f->oracle, &f->violation));
	assert_int_equal(f->violation.kind, OBJECT_SLOT);
	assert_string_equal(f->violation.text,
			    "all processes have exited and all pins are gone, but 1 swap slot is "
			    "left, the oldest is swap slot 1");
}

/* ---- names and --check ---- */

static void numbers_of_the_list(void **unused)
{
	static const unsigned int missing[] = { 0, 23, NR_INVARIANT_NUMBERS, 1000 };

	(void)unused;
	assert_int_equal(NR_INVARIANT_NUMBERS, 36);
	for (unsigned int i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		assert_null(invariant_info(missing[i])->symbol);
	assert_int_equal(__builtin_popcountll(check_all()), 34);
	assert_string_equal(invariant_info(7)->symbol, "REACHABILITY");
	assert_int_equal(INV_REACHABILITY, 7);
	for (unsigned int kind = 0; kind < NR_OBJECT_KINDS; kind++)
		assert_non_null(object_kind_name(kind));
}

static void expect_mask(const char *text, check_mask expected)
{
	char error[CHECK_ERROR_MAX];
	check_mask mask = 12345;

	if (!check_parse(text, &mask, error))
		fail_msg("\"%s\": %s", text, error);
	assert_int_equal(mask, expected);
	assert_string_equal(error, "");
}

static void expect_error(const char *text, const char *word)
{
	char error[CHECK_ERROR_MAX], start[64];
	check_mask mask = 12345;

	assert_false(check_parse(text, &mask, error));
	assert_int_equal(mask, 12345);
	snprintf(start, sizeof(start), "unknown invariant \"%s\", known: all none I1 I2 I3 ", word);
	assert_memory_equal(error, start, strlen(start));
	assert_non_null(strstr(error, " I22 I24 "));
	assert_string_equal(error + strlen(error) - 4, " I35");
	assert_null(strchr(error, '\n'));
}

static void check_lists(void **unused)
{
	(void)unused;
	expect_mask("all", check_all());
	expect_mask("none", 0);
	expect_mask("None", 0);
	expect_mask("I1", CHECK_BIT(1));
	expect_mask("I1,I7,I26", CHECK_BIT(1) | CHECK_BIT(7) | CHECK_BIT(26));
	expect_mask("i25,I25", CHECK_BIT(25));
	expect_error("I23", "I23");
	expect_error("I36", "I36");
	expect_error("I0", "I0");
	expect_error("I01", "I01");
	expect_error("1", "1");
	expect_error("I", "I");
	expect_error("", "");
	expect_error("I1,", "");
	expect_error(",I1", "");
	expect_error("I1 ,I2", "I1 ");
	expect_error("I1,I2x,I3", "I2x");
	expect_error("I4294967297", "I4294967297");
	expect_error("a-very-long-word-that-goes-on-and-on", "a-very-long-word-tha");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dangling_page_in_words, setup, cleanup),
		cmocka_unit_test_setup_teardown(unreachable_page_in_words, setup, cleanup),
		cmocka_unit_test_setup_teardown(end_and_teardown_have_signatures, setup, cleanup),
		cmocka_unit_test_setup_teardown(first_of_several, setup, cleanup),
		cmocka_unit_test_setup_teardown(untouched_is_for_the_full_check, setup, cleanup),
		cmocka_unit_test_setup_teardown(leftovers, setup, cleanup),
		cmocka_unit_test(numbers_of_the_list),
		cmocka_unit_test(check_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
