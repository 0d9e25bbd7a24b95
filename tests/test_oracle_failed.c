// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failed operations (I20): fork and mmap must leave everything as it was, the
 * others everything outside of their own ranges.
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

static const struct op fork_d = { .code = OP_FORK, .arg = { 3 }, .fail_nth = 2 };
static const struct op mmap_20 = { .code = OP_MMAP, .arg = { 20, 2, PROT_RW }, .fail_nth = 1 };
static const struct op mprotect_8 = { .code = OP_MPROTECT, .arg = { 8, 1, PROT_RW }, .fail_nth = 1 };
static const struct op mremap_8 = { .code = OP_MREMAP, .arg = { 8, 2, 30 }, .fail_nth = 1 };
static const struct op grow_8 = { .code = OP_MREMAP_RESIZE, .arg = { 8, 2, 5 }, .fail_nth = 1 };
static const struct op swapoff = { .code = OP_SWAPOFF, .fail_nth = 1 };
static const struct op write_9 = { .code = OP_WRITE, .arg = { 9 }, .fail_nth = 1 };

static const struct op_result failed = { .error = OP_ENOMEM, .failed_allocation = true };

/* Saves the state, breaks it, and asks whether an operation with that outcome may leave it so. */
static bool may_leave(const struct op *op, void (*break_it)(struct family *f), struct op_result result,
		      struct violation *v)
{
	static struct family f;
	struct violation next;
	struct oracle oracle;
	bool clean;

	family_build(&f);
	assert_true(oracle_init(&oracle, &f.state.view, STATE_MAX));
	oracle.mask = CHECK_BIT(INV_FAILED_OPERATION);
	state_step(&f.state);
	oracle_before(&oracle, op);
	break_it(&f);
	clean = oracle_after(&oracle, op, &result, v);
	/* the next operation is not measured by what was before this one */
	assert_true(oracle_after(&oracle, op, &failed, &next));
	oracle_destroy(&oracle);
	return clean;
}

static void expect_allowed(const struct op *op, void (*break_it)(struct family *f))
{
	struct violation v;

	if (!may_leave(op, break_it, failed, &v))
		fail_msg("%s: %s", op_info(op->code)->name, v.text);
}

static void expect_refused(const struct op *op, void (*break_it)(struct family *f), const char *text)
{
	struct violation v;

	assert_false(may_leave(op, break_it, failed, &v));
	assert_int_equal(v.invariant, INV_FAILED_OPERATION);
	assert_string_equal(v.text, text);
}

/* ---- what is left behind ---- */

static void flags(struct family *f)
{
	f->unfaulted->vm_flags |= VM_MERGEABLE;
}

static void flags_of_another(struct family *f)
{
	f->vb->vm_flags |= VM_MERGEABLE;
}

static void account(struct family *f)
{
	f->unfaulted->vm_flags |= VM_ACCOUNT;
	f->va->vm_flags |= VM_ACCOUNT;
}

static void offset(struct family *f)
{
	f->va->vm_pgoff += 7;
}

static void unmapped(struct family *f)
{
	state_free_vma(&f->state, f->unfaulted);
}

static void split(struct family *f)
{
	f->unfaulted->vm_end = 9;
	state_vma(&f->state, 0, 9, 10, VM_READ);
}

static void child_alive(struct family *f)
{
	state_process(&f->state, 3);
}

static void counter(struct family *f)
{
	f->a1->num_children++;
}

static void refcount(struct family *f)
{
	f->a3->refcount++;
}

static void page(struct family *f)
{
	state_page(&f->state, f->a1, 0);
}

static void avc(struct family *f)
{
	struct anon_vma_chain *avc = state_link(&f->state, f->vb, f->a1);

	state_take_off_chain(avc);
	state_take_off_list(avc);
}

static void chain(struct family *f)
{
	state_link(&f->state, f->va, f->a2);
}

/* anon_vma_prepare() had done its part when the page could not be allocated. */
static void prepared(struct family *f)
{
	state_chain(&f->state, f->unfaulted, state_anon_vma(&f->state, NULL), NULL);
}

static void mapped_far_away(struct family *f)
{
	state_vma(&f->state, 0, 40, 41, VM_READ);
}

static void nothing(struct family *f)
{
	(void)f;
}

/* ---- */

static void fork_and_mmap_leave_nothing(void **unused)
{
	const struct op *const exact[] = { &fork_d, &mmap_20 };

	(void)unused;
	for (int i = 0; i < 2; i++) {
		expect_allowed(exact[i], nothing);
		expect_refused(exact[i], flags, "the operation failed, but changed the VMAs or chains of A");
		expect_refused(exact[i], split, "the operation failed, but changed the VMAs or chains of A");
		expect_refused(exact[i], flags_of_another,
			       "the operation failed, but changed the VMAs or chains of B");
		expect_refused(exact[i], child_alive, "the operation failed, but left behind process D");
		expect_refused(exact[i], counter,
			       "the operation failed, but changed the counters of some anon_vma");
		expect_refused(exact[i], refcount,
			       "the operation failed, but changed the counters of some anon_vma");
		expect_refused(exact[i], page, "the operation failed, but there are 4 pages instead of 3");
		expect_refused(exact[i], avc, "the operation failed, but there are 9 AVCs instead of 8");
	}
}

static void others_keep_to_their_range(void **unused)
{
	(void)unused;
	expect_allowed(&mprotect_8, nothing);
	expect_allowed(&mprotect_8, split);
	expect_refused(&mprotect_8, flags,
		       "the operation failed, but page 9 of A, outside of its range, has other VMA flags now");
	expect_allowed(&mremap_8, flags);
	expect_allowed(&grow_8, unmapped);
	expect_refused(&mprotect_8, unmapped,
		       "the operation failed, but page 9 of A, outside of its range, is unmapped now");
	expect_refused(
		&mremap_8, offset,
		"the operation failed, but page 0 of A, outside of its range, has another page offset now");
	expect_refused(&mremap_8, flags_of_another,
		       "the operation failed, but page 0 of B, outside of its range, has other VMA flags now");
	expect_refused(&mprotect_8, chain,
		       "the operation failed, but page 0 of A, outside of its range, has another chain now");
	expect_refused(&mremap_8, mapped_far_away,
		       "the operation failed, but page 40 of A, outside of its range, is mapped now");
	expect_refused(&swapoff, flags,
		       "the operation failed, but page 8 of A, outside of its range, has other VMA flags now");
}

static void account_may_be_lost_by_mremap(void **unused)
{
	(void)unused;
	expect_allowed(&mremap_8, account);
	expect_refused(&mprotect_8, account,
		       "the operation failed, but page 0 of A, outside of its range, has other VMA flags now");
}

/* As prepared(), by a merge that happened. */
static void merged(struct family *f)
{
	struct view_event *event = state_event(&f->state, EVENT_MERGE);

	prepared(f);
	event->vma_id = f->unfaulted->id;
	event->other_id = f->unfaulted->anon_vma_id;
	event->b_len = event->result_len = 1;
	event->imported = true;
}

static void a_vma_may_be_prepared(void **unused)
{
	(void)unused;
	expect_allowed(&write_9, prepared);
	expect_allowed(&mprotect_8, merged);
	expect_refused(&mprotect_8, prepared,
		       "a merge failed, but VMA 2 of A [8,10) has kept the chain that it imported");
	expect_refused(&swapoff, prepared,
		       "the operation failed, but page 8 of A, outside of its range, has another chain now");
}

static void only_failures_are_measured(void **unused)
{
	static const struct op_result results[] = {
		{ .error = OP_OK, .failed_allocation = true },
		{ .error = OP_ENOMEM, .failed_allocation = false },
		{ .error = OP_EFAULT, .failed_allocation = true },
	};
	struct op without = fork_d;
	struct violation v;

	(void)unused;
	for (int i = 0; i < 3; i++)
		assert_true(may_leave(&fork_d, flags, results[i], &v));
	without.fail_nth = 0; /* nothing was saved */
	assert_true(may_leave(&without, flags, failed, &v));
	assert_false(may_leave(&fork_d, flags,
			       (struct op_result){ .error = OP_EAGAIN, .failed_allocation = true }, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fork_and_mmap_leave_nothing),   cmocka_unit_test(others_keep_to_their_range),
		cmocka_unit_test(account_may_be_lost_by_mremap), cmocka_unit_test(a_vma_may_be_prepared),
		cmocka_unit_test(only_failures_are_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
