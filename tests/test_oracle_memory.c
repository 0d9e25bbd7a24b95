// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reference memory (I25): what each operation does to it, and that a
 * wrong, lost or left-over content is noticed, by the read that returns it
 * and by the page tables that would.
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

#include "oracle/oracle.h"
#include "state_builder.h"

enum { A, B, C };

/* Only content is judged here, so pages need no anon_vma. */
struct fixture {
	struct state state;
	struct oracle oracle;
	struct violation violation;
	uint32_t next_page;
};

static int setup(void **data)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	state_init(&f->state);
	assert_true(oracle_init(&f->oracle, &f->state.view, STATE_MAX));
	f->oracle.mask = CHECK_BIT(INV_MEMORY);
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

/* Judges an operation whose effects on the state were made by hand; begins the next. */
static bool judge(struct fixture *f, struct op op, struct op_result result)
{
	bool clean;

	f->state.view.step++;
	clean = oracle_after(&f->oracle, &op, &result, &f->violation);
	state_step(&f->state);
	f->state.view.step--;
	return clean;
}

static bool judge_ok(struct fixture *f, struct op op)
{
	return judge(f, op, (struct op_result){ .progress = (uint8_t)(op.arg[0] + op.arg[1]) });
}

/* What the page tables of a process show at a page from now on. */
static void show(struct fixture *f, uint8_t process, unsigned int at, uint32_t value)
{
	struct page *page = state_page(&f->state, NULL, at);

	page->value = value;
	state_map(&f->state, process, at, page, true);
}

static bool write_page(struct fixture *f, uint8_t process, uint8_t at)
{
	show(f, process, at, f->state.view.step + 1);
	return judge_ok(f, (struct op){ .code = OP_WRITE, .process = process, .arg = { at } });
}

static bool read_page(struct fixture *f, uint8_t process, uint8_t at, uint32_t value)
{
	return judge(f, (struct op){ .code = OP_READ, .process = process, .arg = { at } },
		     (struct op_result){ .has_value = true, .value = value });
}

static bool map_range(struct fixture *f, uint8_t process, uint8_t start, uint8_t length)
{
	state_vma(&f->state, process, start, (unsigned int)start + length, VM_READ | VM_WRITE);
	return judge_ok(f,
			(struct op){ .code = OP_MMAP, .process = process, .arg = { start, length, PROT_RW } });
}

static bool fork_all(struct fixture *f, uint8_t parent, uint8_t child, unsigned int start, unsigned int end)
{
	state_process(&f->state, child);
	state_vma(&f->state, child, start, end, VM_READ | VM_WRITE);
	for (unsigned int at = start; at < end; at++) {
		if (f->state.view.mm[parent].pte[at].kind == PTE_PRESENT)
			state_map(&f->state, child, at, f->state.view.mm[parent].pte[at].page, false);
	}
	return judge_ok(f, (struct op){ .code = OP_FORK, .process = parent, .arg = { child } });
}

static void written_is_read(void **data)
{
	struct fixture *f = *data;

	assert_true(map_range(f, A, 0, 8));
	assert_true(read_page(f, A, 2, 0));
	assert_true(write_page(f, A, 2)); /* operation 3 */
	assert_true(read_page(f, A, 2, 3));
	assert_true(write_page(f, A, 2)); /* operation 5 */
	assert_true(read_page(f, A, 2, 5));
	assert_false(read_page(f, A, 2, 3));
	assert_int_equal(f->violation.invariant, INV_MEMORY);
	assert_string_equal(f->violation.text, "A reads 3 at page 2, but 5 must be there");
	assert_int_equal(f->violation.kind, OBJECT_MEMORY);
	assert_false(read_page(f, A, 3, 5));
	assert_string_equal(f->violation.text, "A reads 5 at page 3, but 0 must be there");
}

static void failures_change_nothing(void **data)
{
	static const int errors[] = { OP_SIGSEGV, OP_ENOMEM, OP_NOTHING };
	struct fixture *f = *data;
	struct op write = { .code = OP_WRITE, .arg = { 1 } };
	struct op fork_b = { .code = OP_FORK, .arg = { B } };

	assert_true(map_range(f, A, 0, 8));
	assert_true(write_page(f, A, 1));
	for (unsigned int i = 0; i < 3; i++)
		assert_true(judge(f, write, (struct op_result){ .error = errors[i] }));
	assert_true(judge(f, fork_b, (struct op_result){ .error = OP_ENOMEM }));
	assert_true(read_page(f, A, 1, 2));
	assert_true(judge(f, (struct op){ .code = OP_READ, .arg = { 9 } },
			  (struct op_result){ .error = OP_SIGSEGV }));
}

static void fork_copies(void **data)
{
	struct fixture *f = *data;

	assert_true(map_range(f, A, 0, 8));
	assert_true(write_page(f, A, 1));     /* 2 */
	assert_true(write_page(f, A, 5));     /* 3 */
	assert_true(fork_all(f, A, B, 0, 4)); /* 4; [4,8) is left out (MADV_DONTFORK) */
	assert_true(write_page(f, A, 1));     /* 5 */
	assert_true(read_page(f, B, 1, 2));
	assert_true(read_page(f, A, 1, 5));
	assert_true(write_page(f, B, 2)); /* 8 */
	assert_true(read_page(f, A, 2, 0));
	assert_false(read_page(f, B, 1, 5));
	/* what was left out was never the child's, even if it maps something there later */
	assert_true(map_range(f, B, 4, 4));
	assert_true(read_page(f, B, 5, 0));
	assert_false(read_page(f, B, 5, 3));
}

static void a_write_to_a_shared_page_shows(void **data)
{
	struct fixture *f = *data;

	assert_true(map_range(f, A, 0, 4));
	assert_true(write_page(f, A, 1));
	assert_true(fork_all(f, A, B, 0, 4));
	/* B writes without copying the page first */
	f->state.view.mm[B].pte[1].page->value = 4;
	state_touch_page(&f->state, f->state.view.mm[B].pte[1].page);
	assert_false(judge_ok(f, (struct op){ .code = OP_WRITE, .process = B, .arg = { 1 } }));
	assert_string_equal(f->violation.text,
			    "A would read 4 at page 1, but 2 must be there: page 1, mapped by A at 1 "
			    "and B at 1");
	assert_int_equal(f->violation.process, A);
}

static void dontneed_clears_up_to_its_progress(void **data)
{
	struct fixture *f = *data;

	assert_true(map_range(f, A, 0, 8));
	for (uint8_t at = 1; at < 4; at++)
		assert_true(write_page(f, A, at)); /* 2, 3, 4 */
	state_clear(&f->state, A, 1);
	state_clear(&f->state, A, 2);
	assert_true(judge(f, (struct op){ .code = OP_DONTNEED, .arg = { 1, 3 } },
			  (struct op_result){ .error = OP_EINVAL, .progress = 3 }));
	assert_true(read_page(f, A, 1, 0));
	assert_true(read_page(f, A, 2, 0));
	assert_true(read_page(f, A, 3, 4));
	/* and if it did not do what it says */
	assert_false(judge_ok(f, (struct op){ .code = OP_DONTNEED, .arg = { 1, 3 } }) && read_page(f, A, 3, 4));
}

static void munmap_then_mmap_reads_zero(void **data)
{
	struct fixture *f = *data;

	assert_true(map_range(f, A, 0, 4));
	assert_true(write_page(f, A, 1));
	state_clear(&f->state, A, 1);
	state_free_vma(&f->state, view_vma(&f->state.view, 1));
	assert_true(judge_ok(f, (struct op){ .code = OP_MUNMAP, .arg = { 0, 4 } }));
	assert_true(map_range(f, A, 0, 4));
	assert_true(read_page(f, A, 1, 0));
	show(f, A, 1, 2); /* the old page again */
	assert_false(judge_ok(f, (struct op){ .code = OP_WALK, .arg = { 1 } }));
}

/* A [0,2) and [3,4), a hole at 2; [10,14) behind it. */
static void prepare_mremap(struct fixture *f)
{
	assert_true(map_range(f, A, 0, 2));
	assert_true(map_range(f, A, 3, 1));
	assert_true(map_range(f, A, 10, 4));
	assert_true(write_page(f, A, 1));  /* 4 */
	assert_true(write_page(f, A, 3));  /* 5 */
	assert_true(write_page(f, A, 10)); /* 6 */
	assert_true(write_page(f, A, 12)); /* 7 */
}

static void mremap_moves(void **data)
{
	struct fixture *f = *data;

	prepare_mremap(f);
	state_free_vma(&f->state, view_vma(&f->state.view, 1));
	state_free_vma(&f->state, view_vma(&f->state.view, 2));
	state_clear(&f->state, A, 1);
	state_clear(&f->state, A, 3);
	state_clear(&f->state, A, 10);
	show(f, A, 11, 4);
	show(f, A, 13, 5);
	assert_true(judge_ok(f, (struct op){ .code = OP_MREMAP, .arg = { 0, 4, 10 } }));
	assert_true(read_page(f, A, 10, 0));
	assert_true(read_page(f, A, 11, 4));
	assert_true(read_page(f, A, 12, 7)); /* under the hole */
	assert_true(read_page(f, A, 13, 5));
	assert_true(map_range(f, A, 0, 4));
	assert_true(read_page(f, A, 1, 0));
}

static void mremap_that_stops(void **data)
{
	struct fixture *f = *data;

	prepare_mremap(f);
	state_free_vma(&f->state, view_vma(&f->state.view, 1));
	state_clear(&f->state, A, 1);
	state_clear(&f->state, A, 10);
	show(f, A, 11, 4);
	assert_true(judge(f, (struct op){ .code = OP_MREMAP, .arg = { 0, 4, 10 } },
			  (struct op_result){ .error = OP_ENOMEM, .progress = 3 }));
	assert_true(read_page(f, A, 11, 4));
	assert_true(read_page(f, A, 3, 5));
	assert_true(read_page(f, A, 12, 7));
}

static void dontunmap_leaves_zeroes(void **data)
{
	struct fixture *f = *data;

	prepare_mremap(f);
	state_clear(&f->state, A, 1);
	state_clear(&f->state, A, 10);
	show(f, A, 11, 4);
	assert_true(judge_ok(f, (struct op){ .code = OP_MREMAP, .arg = { 0, 2, 10 }, .dontunmap = 1 }));
	assert_true(read_page(f, A, 1, 0));
	assert_true(read_page(f, A, 11, 4));
	assert_false(read_page(f, A, 1, 4));
}

static void exit_and_exec_forget(void **data)
{
	struct fixture *f = *data;
	struct mm_struct *mm = &f->state.view.mm[B];

	assert_true(map_range(f, A, 0, 2));
	assert_true(write_page(f, A, 1));
	assert_true(fork_all(f, A, B, 0, 2));
	state_clear(&f->state, B, 1);
	state_free_vma(&f->state, view_vma(&f->state.view, 2));
	mm->alive = false;
	assert_true(judge_ok(f, (struct op){ .code = OP_EXIT, .process = B }));
	mm->alive = true;
	assert_true(map_range(f, B, 0, 2));
	assert_true(read_page(f, B, 1, 0));
	assert_true(write_page(f, B, 1));
	state_clear(&f->state, B, 1);
	state_free_vma(&f->state, view_vma(&f->state.view, 3));
	assert_true(judge_ok(f, (struct op){ .code = OP_EXEC, .process = B }));
	assert_true(map_range(f, B, 0, 2));
	assert_true(read_page(f, B, 1, 0));
}

/* A teardown step: nobody says which operation it is. */
static void teardown_forgets(void **data)
{
	struct fixture *f = *data;

	assert_true(map_range(f, A, 0, 2));
	assert_true(write_page(f, A, 1));
	state_clear(&f->state, A, 1);
	state_free_vma(&f->state, view_vma(&f->state.view, 1));
	f->state.view.mm[A].alive = false;
	assert_true(oracle_after(&f->oracle, NULL, NULL, &f->violation));
	assert_true(oracle_full(&f->oracle, NULL, &f->violation));
}

static void lost_entry(void **data)
{
	struct fixture *f = *data;

	assert_true(map_range(f, A, 0, 2));
	assert_true(write_page(f, A, 1));
	state_clear(&f->state, A, 1);
	assert_false(judge_ok(f, (struct op){ .code = OP_PAGEOUT, .arg = { 1 } }));
	assert_string_equal(f->violation.text,
			    "A would read 0 at page 1, but 2 must be there: the entry is gone");
	assert_false(oracle_full(&f->oracle, NULL, &f->violation));
}

static void entries_of_every_kind(void **data)
{
	struct fixture *f = *data;
	struct op pageout = { .code = OP_PAGEOUT, .arg = { 1 } };
	struct swap_slot *slot;
	struct page *page;

	assert_true(map_range(f, A, 0, 2));
	assert_true(write_page(f, A, 1));
	page = f->state.view.mm[A].pte[1].page;

	state_migration_entry(&f->state, A, 1, page, false);
	assert_true(judge_ok(f, pageout));
	slot = state_slot(&f->state, page);
	slot->value = 99; /* the device may hold anything while the page is in the swap cache */
	state_swap_entry(&f->state, A, 1, slot);
	assert_true(judge_ok(f, pageout));
	slot->cache = NULL;
	state_touch_slot(&f->state, slot);
	assert_false(judge_ok(f, pageout));
	slot->value = 2;
	assert_true(judge_ok(f, pageout));
	assert_true(oracle_full(&f->oracle, NULL, &f->violation));
	state_map_zero(&f->state, A, 1);
	assert_false(oracle_full(&f->oracle, NULL, &f->violation));
	assert_string_equal(f->violation.text, "A would read 0 at page 1, but 2 must be there: the zero page");
}

static void reset_forgets(void **data)
{
	struct fixture *f = *data;

	assert_true(map_range(f, A, 0, 2));
	assert_true(write_page(f, A, 1));
	state_init(&f->state);
	oracle_reset(&f->oracle);
	assert_true(map_range(f, A, 0, 2));
	assert_true(read_page(f, A, 1, 0));
	assert_true(oracle_full(&f->oracle, NULL, &f->violation));
}

#define MEMORY_TEST(test) cmocka_unit_test_setup_teardown(test, setup, cleanup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEMORY_TEST(written_is_read),
		MEMORY_TEST(failures_change_nothing),
		MEMORY_TEST(fork_copies),
		MEMORY_TEST(a_write_to_a_shared_page_shows),
		MEMORY_TEST(dontneed_clears_up_to_its_progress),
		MEMORY_TEST(munmap_then_mmap_reads_zero),
		MEMORY_TEST(mremap_moves),
		MEMORY_TEST(mremap_that_stops),
		MEMORY_TEST(dontunmap_leaves_zeroes),
		MEMORY_TEST(exit_and_exec_forget),
		MEMORY_TEST(teardown_forgets),
		MEMORY_TEST(lost_entry),
		MEMORY_TEST(entries_of_every_kind),
		MEMORY_TEST(reset_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
