// SPDX-License-Identifier: GPL-2.0-only
/*
 * What system calls asked for (I30, I31, I32): the state is changed by hand as
 * an engine would have done it, or with a slip.
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

enum { A, B, C, D };

struct judged {
	struct family f;
	struct oracle oracle;
	struct violation violation;
};

/* One operation whose effects do_it makes by hand. */
static bool judge_built(struct judged *j, enum invariant invariant, struct op op, struct op_result result,
			void (*do_it)(struct family *f))
{
	bool clean;

	assert_true(oracle_init(&j->oracle, &j->f.state.view, STATE_MAX));
	j->oracle.mask = CHECK_BIT(invariant);
	state_step(&j->f.state);
	oracle_before(&j->oracle, &op);
	if (do_it)
		do_it(&j->f);
	clean = oracle_after(&j->oracle, &op, &result, &j->violation);
	oracle_destroy(&j->oracle);
	return clean;
}

static bool judge(struct judged *j, enum invariant invariant, struct op op, struct op_result result,
		  void (*do_it)(struct family *f))
{
	family_build(&j->f);
	return judge_built(j, invariant, op, result, do_it);
}

static void expect_sound(enum invariant invariant, struct op op, int error, void (*do_it)(struct family *f))
{
	static struct judged j;

	if (!judge(&j, invariant, op, (struct op_result){ .error = error }, do_it))
		fail_msg("%s: %s", op_info(op.code)->name, j.violation.text);
}

static void expect_broken(enum invariant invariant, struct op op, int error, void (*do_it)(struct family *f),
			  const char *text)
{
	static struct judged j;

	assert_false(judge(&j, invariant, op, (struct op_result){ .error = error }, do_it));
	assert_int_equal(j.violation.invariant, invariant);
	assert_string_equal(j.violation.text, text);
}

/* ---- I31 ---- */

static void map_20(struct family *f)
{
	state_vma(&f->state, A, 20, 22, VM_READ | VM_WRITE);
}

static void map_20_short(struct family *f)
{
	state_vma(&f->state, A, 20, 21, VM_READ | VM_WRITE);
}

static void unmap_8(struct family *f)
{
	state_free_vma(&f->state, f->unfaulted);
}

static void protect_8(struct family *f)
{
	f->unfaulted->vm_flags = VM_READ | VM_WRITE;
}

static void protect_all(struct family *f)
{
	protect_8(f);
	f->va->vm_flags = 0;
}

static void dontfork_8(struct family *f)
{
	f->unfaulted->vm_flags |= VM_DONTCOPY;
}

static void move_8_to_30(struct family *f)
{
	unmap_8(f);
	state_vma(&f->state, A, 30, 32, VM_READ);
}

static void lock_8(struct family *f)
{
	f->unfaulted->vm_flags |= VM_LOCKED;
}

static void move_8_to_30_locked(struct family *f)
{
	move_8_to_30(f);
	view_vma_at(&f->state.view.mm[A], 30)->vm_flags |= VM_LOCKED;
}

static void move_8_to_30_dontunmap(struct family *f)
{
	state_vma(&f->state, A, 30, 32, VM_READ);
}

static void move_9_to_30_unlocked(struct family *f)
{
	state_vma(&f->state, A, 30, 31, VM_READ | VM_LOCKED);
	f->unfaulted->vm_flags &= ~(uint32_t)VM_LOCKED;
}

static void layout_is_what_was_asked_for(void **unused)
{
	(void)unused;
	const struct op mmap = { .code = OP_MMAP, .arg = { 20, 2, PROT_RW } };
	const struct op munmap = { .code = OP_MUNMAP, .arg = { 8, 2 } };
	const struct op mprotect = { .code = OP_MPROTECT, .arg = { 8, 2, PROT_RW } };
	const struct op dontfork = { .code = OP_DONTFORK, .arg = { 8, 2 } };
	const struct op mremap = { .code = OP_MREMAP, .arg = { 8, 2, 30 } };
	const struct op grow = { .code = OP_MREMAP_RESIZE, .arg = { 8, 2, 1 } };
	const struct op mlock = { .code = OP_MLOCK, .arg = { 8, 2 } };

	expect_sound(INV_LAYOUT, mmap, 0, map_20);
	expect_broken(INV_LAYOUT, mmap, 0, map_20_short,
		      "page 21 of A is not mapped, but by its system calls it is mapped read-write");
	expect_sound(INV_LAYOUT, munmap, 0, unmap_8);
	expect_broken(INV_LAYOUT, munmap, 0, NULL,
		      "page 8 of A is mapped read-only, but by its system calls it is not mapped");
	expect_sound(INV_LAYOUT, mprotect, 0, protect_8);
	expect_broken(INV_LAYOUT, mprotect, 0, protect_all,
		      "page 0 of A is mapped without access, but by its system calls it is mapped read-write");
	expect_sound(INV_LAYOUT, dontfork, 0, dontfork_8);
	expect_broken(
		INV_LAYOUT, mmap, 0, dontfork_8,
		"page 8 of A is mapped read-only, dontfork, but by its system calls it is mapped read-only");
	expect_sound(INV_LAYOUT, mremap, 0, move_8_to_30);
	expect_broken(INV_LAYOUT, mremap, 0, unmap_8,
		      "page 30 of A is not mapped, but by its system calls it is mapped read-only");
	expect_sound(INV_LAYOUT, mlock, 0, lock_8);
	expect_broken(INV_LAYOUT, mlock, 0, NULL,
		      "page 8 of A is mapped read-only, but by its system calls it is mapped read-only, locked");
	expect_broken(INV_LAYOUT, munmap, 0, lock_8,
		      "page 8 of A is mapped read-only, locked, but by its system calls it is not mapped");
	expect_broken(
		INV_LAYOUT, mremap, 0, move_8_to_30_locked,
		"page 30 of A is mapped read-only, locked, but by its system calls it is mapped read-only");
	expect_broken(INV_LAYOUT, grow, 0, NULL,
		      "page 9 of A is mapped read-only, but by its system calls it is not mapped");
	/* what a failed operation leaves is taken as it is */
	expect_sound(INV_LAYOUT, munmap, OP_ENOMEM, map_20);
}

/* What MREMAP_DONTUNMAP leaves is unlocked, the rest of its VMA is not; once the whole VMA was. */
static void dontunmap_unlocks_what_it_moves(void **unused)
{
	(void)unused;
	const struct op whole = { .code = OP_MREMAP, .arg = { 8, 2, 30 }, .dontunmap = true };
	const struct op half = { .code = OP_MREMAP, .arg = { 9, 1, 30 }, .dontunmap = true };
	static struct judged j;

	expect_sound(INV_LAYOUT, whole, 0, move_8_to_30_dontunmap);
	for (int old = 0; old < 2; old++) {
		family_build(&j.f);
		j.f.state.rules.unlocks_moved = !old;
		lock_8(&j.f);
		assert_int_equal(
			judge_built(&j, INV_LAYOUT, half, (struct op_result){ 0 }, move_9_to_30_unlocked), old);
	}
}

/* ---- I30 ---- */

static struct vm_area_struct *fork_a(struct family *f, struct anon_vma *parent)
{
	state_process(&f->state, D);
	state_vma(&f->state, D, 8, 10, VM_READ);

	struct vm_area_struct *vma = state_vma(&f->state, D, 0, 4, VM_READ | VM_WRITE);
	struct anon_vma *own = state_anon_vma(&f->state, parent);

	state_chain(&f->state, vma, own, f->a1, NULL);
	return vma;
}

static void fork_well(struct family *f)
{
	fork_a(f, f->a1);
}

static void fork_below_another(struct family *f)
{
	fork_a(f, f->a4);
}

static void fork_locked(struct family *f)
{
	fork_a(f, f->a1)->vm_flags |= VM_LOCKED;
}

static void fork_longer(struct family *f)
{
	fork_a(f, f->a1)->vm_end = 5;
}

static void fork_half(struct family *f)
{
	state_process(&f->state, D);
	state_vma(&f->state, D, 8, 10, VM_READ);
}

static void fork_unfaulted(struct family *f)
{
	fork_half(f);
	state_vma(&f->state, D, 0, 4, VM_READ | VM_WRITE);
}

static void a_child_has_what_its_parent_has(void **unused)
{
	(void)unused;
	const struct op fork = { .code = OP_FORK, .arg = { D } };

	expect_sound(INV_FORKED, fork, 0, fork_well);
	expect_broken(INV_FORKED, fork, 0, fork_below_another,
		      "the copy of VMA 1 of A [0,4) in the child D has an anon_vma below another one");
	expect_broken(INV_FORKED, fork, 0, fork_locked,
		      "the copy of VMA 1 of A [0,4) in the child D has other flags");
	expect_broken(INV_FORKED, fork, 0, fork_longer,
		      "the copy of VMA 1 of A [0,4) in the child D has another range or page offset");
	expect_broken(INV_FORKED, fork, 0, fork_half, "the copy of VMA 1 of A [0,4) in the child D is missing");
	expect_broken(INV_FORKED, fork, 0, fork_unfaulted,
		      "the copy of VMA 1 of A [0,4) in the child D has no anon_vma");
	expect_sound(INV_FORKED, fork, OP_ENOMEM, fork_half);
	expect_broken(INV_LAYOUT, fork, 0, fork_half,
		      "page 0 of D is not mapped, but by its system calls it is mapped read-write");
}

/* ---- I32 ---- */

static void under_migration(struct family *f)
{
	state_clear(&f->state, A, 0);
	state_migration_entry(&f->state, A, 0, f->p1, false);
}

static void stack_stays_temporary(struct family *f)
{
	f->state.view.mm[A].vma_at[0]->temporary_stack = true;
}

static void an_operation_fails_for_a_reason(void **unused)
{
	(void)unused;
	const struct op read = { .code = OP_READ, .arg = { 8 } }, write = { .code = OP_WRITE, .arg = { 8 } };
	const struct op mmap = { .code = OP_MMAP, .arg = { 9, 2, PROT_RW } };
	const struct op fork = { .code = OP_FORK, .arg = { D } }, resume = { .code = OP_RESUME };
	const struct op dontunmap = { .code = OP_MREMAP, .arg = { 8, 2, 30 }, .dontunmap = true };
	static struct judged j;

	expect_sound(INV_OUTCOME, read, 0, NULL);
	expect_sound(INV_OUTCOME, read, OP_EAGAIN, NULL);
	expect_sound(INV_OUTCOME, write, OP_SIGSEGV, NULL);
	expect_broken(INV_OUTCOME, read, OP_SIGSEGV, NULL,
		      "read of A is refused, although the page is mapped for it");
	expect_broken(INV_OUTCOME, write, 0, NULL,
		      "write of A is not refused, although the page is not mapped for it");
	expect_broken(INV_OUTCOME, read, OP_ENOMEM, NULL,
		      "read of A reports that memory is short, but no allocation has failed");
	assert_true(judge(&j, INV_OUTCOME, read,
			  (struct op_result){ .error = OP_ENOMEM, .failed_allocation = true }, NULL));
	expect_sound(INV_OUTCOME, mmap, OP_EEXIST, NULL);
	expect_broken(INV_OUTCOME, mmap, 0, NULL, "mmap of A finds its place free, which is taken");
	expect_broken(INV_OUTCOME, (struct op){ .code = OP_MMAP, .arg = { 20, 2, PROT_RW } }, OP_EEXIST, NULL,
		      "mmap of A finds its place taken, which is free");
	expect_broken(INV_OUTCOME, (struct op){ .code = OP_MREMAP_RESIZE, .arg = { 8, 2, 1 } }, OP_EFAULT,
		      NULL, "mremap-resize of A cannot shrink what is mapped");
	expect_broken(INV_OUTCOME, (struct op){ .code = OP_MREMAP_RESIZE, .arg = { 8, 2, 3 } }, OP_ENOMEM,
		      NULL, "mremap-resize of A cannot grow over free pages");
	expect_sound(INV_OUTCOME, (struct op){ .code = OP_MREMAP_RESIZE, .arg = { 0, 4, 9 } }, OP_ENOMEM, NULL);
	expect_broken(INV_OUTCOME, (struct op){ .code = OP_MREMAP, .arg = { 8, 2, 30 } }, OP_EFAULT, NULL,
		      "mremap of A does not move a range that is mapped as a whole");
	expect_sound(INV_OUTCOME, (struct op){ .code = OP_MREMAP, .arg = { 8, 3, 30 } }, OP_EFAULT, NULL);
	expect_sound(INV_OUTCOME, (struct op){ .code = OP_MREMAP, .arg = { 8, 2, 9 } }, OP_EINVAL, NULL);
	expect_broken(INV_OUTCOME, (struct op){ .code = OP_MREMAP, .arg = { 8, 2, 9 } }, 0, NULL,
		      "mremap of A moves a range onto itself");
	expect_broken(INV_OUTCOME, dontunmap, OP_EINVAL, NULL, "mremap of A takes for invalid what is not");
	family_build(&j.f);
	j.f.state.rules.knows_dontunmap = false;
	assert_true(judge_built(&j, INV_OUTCOME, dontunmap, (struct op_result){ .error = OP_EINVAL }, NULL));
	expect_broken(INV_OUTCOME, (struct op){ .code = OP_MIGRATE_END, .arg = { 0 } }, 0, under_migration,
		      "migrate-end of A is done, but its page is still under migration");
	expect_sound(INV_OUTCOME, (struct op){ .code = OP_EXEC_BEGIN, .arg = { 8, 2 } }, 0, NULL);
	expect_broken(INV_OUTCOME, (struct op){ .code = OP_EXEC_BEGIN, .arg = { 8, 3 } }, 0, NULL,
		      "exec-begin of A is not refused, but has no stack");
	expect_sound(INV_OUTCOME, resume, 0, NULL);
	expect_broken(INV_OUTCOME, resume, 0, stack_stays_temporary,
		      "resume of A is done, but the stack of exec still counts as temporary");
	assert_true(judge(&j, INV_OUTCOME, resume, (struct op_result){ .paused = true }, stack_stays_temporary));
	expect_broken(INV_OUTCOME, fork, OP_ENOMEM, NULL,
		      "fork of A reports that memory is short, but no allocation has failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_is_what_was_asked_for),
		cmocka_unit_test(dontunmap_unlocks_what_it_moves),
		cmocka_unit_test(a_child_has_what_its_parent_has),
		cmocka_unit_test(an_operation_fails_for_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
