// SPDX-License-Identifier: GPL-2.0-only
/*
 * The snapshot prints states made by hand exactly as recorded kernels were
 * printed (shared form of tests/conformance), numbers by first sight, shows
 * broken states, and says when a buffer is too small.
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

#include "oracle/snapshot.h"
#include "state_builder.h"

enum { A, B, C, D, E, F, G, H };

static struct state state;
static char text[SNAPSHOT_TEXT_MAX];

static int setup(void **unused)
{
	(void)unused;
	state_init(&state);
	return 0;
}

static void expect_row(const char *row)
{
	struct snapshot snapshot = snapshot_row(&state.view, text, sizeof(text));

	assert_string_equal(text, row);
	assert_int_equal(snapshot.length, strlen(row));
	assert_false(snapshot.truncated);
}

static void expect_pages(const char *lines, uint32_t nr_lines)
{
	struct snapshot snapshot = snapshot_pages(&state.view, text, sizeof(text));

	assert_string_equal(text, lines);
	assert_int_equal(snapshot.nr_page_lines, nr_lines);
	assert_false(snapshot.truncated);
}

/* conformance/README.md */
static void parent_and_child(void **unused)
{
	struct anon_vma *a1 = state_anon_vma(&state, NULL), *a2 = state_anon_vma(&state, a1);

	(void)unused;
	state_process(&state, B);
	state_chain(&state, state_vma(&state, A, 0, 4, VM_READ | VM_WRITE), a1, NULL);
	state_vma(&state, A, 4, 8, VM_READ);
	state_chain(&state, state_vma(&state, B, 0, 4, VM_READ | VM_WRITE), a2, a1, NULL);
	state_settle(&state);
	expect_row("A: [0,4)rw=a1{a1(c2,v1)} [4,8)r{} B: [0,4)rw=a2{a2(c0,v1) a1(c2,v1)}");
}

/* random/: processes that have lost all their VMAs are there, those that have exited are not. */
static void processes_without_vmas(void **unused)
{
	struct anon_vma *a1 = state_anon_vma(&state, NULL), *a2 = state_anon_vma(&state, NULL);

	(void)unused;
	expect_row("A:");
	state_vma(&state, A, 0, 2, 0);
	state_process(&state, B);
	state_process(&state, C);
	state_chain(&state, state_vma(&state, C, 4, 11, VM_READ), a1, NULL);
	state_process(&state, G);
	state_chain(&state, state_vma(&state, G, 2, 5, 0), a2, NULL);
	state_settle(&state);
	expect_row("A: [0,2)n{} B: C: [4,11)r=a1{a1(c1,v1)} G: [2,5)n=a2{a2(c1,v1)}");
	state.view.mm[A].alive = false;
	expect_row("B: C: [4,11)r=a1{a1(c1,v1)} G: [2,5)n=a2{a2(c1,v1)}");
}

/* random/: moved VMAs keep their page offset; the active anon_vma is named before the chain. */
static void moved(void **unused)
{
	struct anon_vma *a1 = state_anon_vma(&state, NULL), *a2 = state_anon_vma(&state, NULL);
	struct vm_area_struct *vma;

	(void)unused;
	state_chain(&state, state_vma(&state, A, 9, 10, VM_READ | VM_WRITE), a2, NULL);
	state_chain(&state, state_vma(&state, A, 12, 15, VM_READ | VM_WRITE), a1, NULL);
	vma = state_vma(&state, A, 15, 17, VM_READ | VM_WRITE);
	vma->vm_pgoff = 10;
	state_chain(&state, vma, a1, NULL);
	vma = state_vma(&state, A, 20, 21, VM_READ);
	vma->vm_pgoff = 7; /* an unfaulted VMA with a foreign offset (S13) */
	state_process(&state, B);
	state_settle(&state);
	expect_row(
		"A: [9,10)rw=a1{a1(c1,v1)} [12,15)rw=a2{a2(c1,v2)} [15,17)rw@10=a2{a2(c1,v2)} [20,21)r@7{} B:");
}

/* Fork reused an ancestor in the middle of the chain: =a1, but not the first of it. */
static void active_in_the_middle(void **unused)
{
	struct anon_vma *root = state_anon_vma(&state, NULL), *middle = state_anon_vma(&state, root);
	struct anon_vma *leaf = state_anon_vma(&state, middle);
	struct vm_area_struct *vma = state_vma(&state, A, 2, 6, VM_READ);

	(void)unused;
	state_chain(&state, vma, leaf, middle, root, NULL);
	state_use(vma, middle);
	state_settle(&state);
	expect_row("A: [2,6)r=a1{a2(c0,v0) a1(c1,v1) a3(c2,v0)}");
}

/* A state like that of pages/p0002 under 6.1.192, without its third process. */
static void pages_of_two_processes(void **unused)
{
	struct anon_vma *root = state_anon_vma(&state, NULL);
	struct anon_vma *b = state_anon_vma(&state, root), *c = state_anon_vma(&state, root);
	struct vm_area_struct *vb, *vc;
	struct page *page;

	(void)unused;
	state.view.mm[A].alive = false;
	state_process(&state, B);
	state_process(&state, C);
	vb = state_vma(&state, B, 17, 23, VM_READ | VM_WRITE);
	vc = state_vma(&state, C, 11, 13, VM_READ | VM_WRITE);
	vb->vm_pgoff = 5;
	vc->vm_pgoff = 4;
	state_chain(&state, vb, b, root, NULL);
	state_chain(&state, vc, c, root, NULL);
	for (unsigned int i = 0; i < 2; i++) {
		page = state_page(&state, b, 5 + i);
		page->anon_exclusive = true;
		state_map(&state, B, 17 + i, page, true);
	}
	state_map(&state, B, 20, state_page(&state, root, 8), false);
	state_map(&state, B, 21, state_page(&state, root, 9), false);
	state_map_zero(&state, C, 11);
	page = state_page(&state, c, 5);
	page->anon_exclusive = true;
	state_map(&state, C, 12, page, true);
	state_settle(&state);
	expect_row("B: [17,23)rw@5=a1{a1(c0,v1) a2(c3,v0)} C: [11,13)rw@4=a3{a3(c0,v1) a2(c3,v0)}");
	expect_pages("B pages: 17:P1 mc1 excl ->av1 idx5 18:P2 mc1 excl ->av1 idx6 20:P3 mc1 ->av2 idx8 "
		     "21:P4 mc1 ->av2 idx9\n"
		     "C pages: 11:zero 12:P5 mc1 excl ->av3 idx5\n",
		     2);
}

static void shared_swapped_and_migrating(void **unused)
{
	struct anon_vma *a1 = state_anon_vma(&state, NULL), *a2 = state_anon_vma(&state, a1);
	struct page *cached = state_page(&state, a1, 0), *flying = state_page(&state, a2, 2);
	struct swap_slot *slot = state_slot(&state, cached), *other = state_slot(&state, NULL);

	(void)unused;
	state_process(&state, B);
	state_chain(&state, state_vma(&state, A, 0, 4, VM_READ | VM_WRITE), a1, NULL);
	state_chain(&state, state_vma(&state, B, 0, 4, VM_READ | VM_WRITE), a2, a1, NULL);
	state_swap_entry(&state, A, 0, slot);
	state_swap_entry(&state, A, 1, other);
	state_map(&state, B, 0, cached, false);
	state_migration_entry(&state, B, 2, flying, false);
	state_settle(&state);
	snapshot_print(&state.view, text, sizeof(text));
	assert_string_equal(text, "A: [0,4)rw=a1{a1(c2,v1)} B: [0,4)rw=a2{a2(c0,v1) a1(c2,v1)}\n"
				  "A pages: 0:S1 1:S2\n"
				  "B pages: 0:P1 mc1 swapcache ->av1 idx0 2:migration P2 mc0 ->av2 idx2\n");
}

static void counters_as_the_release_has_them(void **unused)
{
	struct anon_vma *a1 = state_anon_vma(&state, NULL);

	(void)unused;
	state_chain(&state, state_vma(&state, A, 0, 4, VM_READ), a1, NULL);
	state_settle(&state);
	state.rules.counts_apart = false;
	expect_row("A: [0,4)r=a1{a1(d2)}");
	state.rules.counts_children = false;
	expect_row("A: [0,4)r=a1{a1}");
}

/* A broken state must be shown, not followed. */
static void dead_objects_are_shown(void **unused)
{
	struct anon_vma *a1 = state_anon_vma(&state, NULL), *a2 = state_anon_vma(&state, NULL);
	struct page *page = state_page(&state, a2, 0);

	(void)unused;
	state_chain(&state, state_vma(&state, A, 0, 4, VM_READ), a1, NULL);
	state_map(&state, A, 0, page, false);
	state_settle(&state);
	state_free_anon_vma(&state, a1, 1, A);
	state_free_anon_vma(&state, a2, 1, A);
	memset(a1, 0x5a, sizeof(*a1));
	expect_row("A: [0,4)r=a1{a1(freed)}");
	expect_pages("A pages: 0:P1 mc1 ->av2 idx0\n", 1);
}

static void short_buffers(void **unused)
{
	char small[24];
	struct snapshot snapshot;

	(void)unused;
	state_vma(&state, A, 0, 4, VM_READ);
	state_vma(&state, A, 10, 14, VM_READ);
	memset(small, 'x', sizeof(small));
	snapshot = snapshot_row(&state.view, small, 12);
	assert_true(snapshot.truncated);
	assert_int_equal(snapshot.length, strlen(small));
	assert_string_equal(small, "A: [0,4)r{}");
	assert_int_equal(small[12], 'x');
	snapshot = snapshot_row(&state.view, small, 23);
	assert_false(snapshot.truncated);
	assert_string_equal(small, "A: [0,4)r{} [10,14)r{}");
	snapshot = snapshot_row(&state.view, NULL, 0);
	assert_true(snapshot.truncated);
	assert_int_equal(snapshot.length, 0);
}

static void expect_equal(const char *a, const char *b, bool equal)
{
	assert_true(snapshot_text_equal(a, strlen(a), b, strlen(b)) == equal);
	assert_true(snapshot_text_equal(b, strlen(b), a, strlen(a)) == equal);
}

static void texts_are_compared_without_blanks(void **unused)
{
	(void)unused;
	expect_equal("", "  \n", true);
	expect_equal("A: [0,4)r{}", "A: [0,4)r{}", true);
	expect_equal(" A:  [0,4)r{}\r\n", "A: [0,4)r{}", true);
	expect_equal("A: B:", "A: B: ", true);
	expect_equal("A: B:", "A:B:", false);
	expect_equal("A: B:", "A:", false);
	expect_equal("A:", "", false);
	expect_equal("A: [0,4)r{}", "A: [0,4)rw{}", false);
}

static void rulers(void **unused)
{
	struct anon_vma *a1 = state_anon_vma(&state, NULL);
	struct page *page = state_page(&state, a1, 0);

	(void)unused;
	state_process(&state, C);
	state_chain(&state, state_vma(&state, A, 0, 4, VM_READ | VM_WRITE), a1, NULL);
	state_vma(&state, A, 4, 6, VM_READ);
	state_chain(&state, state_vma(&state, A, 9, 12, VM_READ | VM_WRITE), a1, NULL);
	state_map(&state, A, 0, page, true);
	state_map(&state, A, 1, state_page(&state, a1, 1), false);
	state_map_zero(&state, A, 4);
	state_swap_entry(&state, A, 10, state_slot(&state, NULL));
	state_migration_entry(&state, A, 11, state_page(&state, a1, 11), false);
	assert_false(snapshot_ruler(&state.view, text, sizeof(text)).truncated);
	assert_string_equal(text, "    0         1\n"
				  "    012345678901\n"
				  "A   AAAAbb...CCC\n"
				  "    wr..z.....sm\n"
				  "C   ............\n"
				  "    ............\n");
	assert_true(snapshot_ruler(&state.view, text, 40).truncated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(parent_and_child, setup),
		cmocka_unit_test_setup(processes_without_vmas, setup),
		cmocka_unit_test_setup(moved, setup),
		cmocka_unit_test_setup(active_in_the_middle, setup),
		cmocka_unit_test_setup(pages_of_two_processes, setup),
		cmocka_unit_test_setup(shared_swapped_and_migrating, setup),
		cmocka_unit_test_setup(counters_as_the_release_has_them, setup),
		cmocka_unit_test_setup(dead_objects_are_shown, setup),
		cmocka_unit_test_setup(short_buffers, setup),
		cmocka_unit_test(texts_are_compared_without_blanks),
		cmocka_unit_test_setup(rulers, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
