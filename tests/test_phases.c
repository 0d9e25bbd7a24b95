// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations in phases as a program sees them: who is kept out meanwhile, how
 * each operation ends, what is judged while something has paused. Each case is
 * a program whose comments say how its operations must end ("ok" is not said).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "settings_for.h"

struct script {
	struct program program;
	struct program_notes notes;
};

static void check_outcome(void *data, const struct view *view, const struct op *op,
			  const struct op_result *result)
{
	const struct script *script = data;
	char expected[32] = "ok";

	if (!op)
		return;
	const struct span *comment = &script->notes.op_comment[view->step - 1];

	assert_true(comment->length < sizeof(expected));
	if (comment->length) {
		memcpy(expected, comment->text, comment->length);
		expected[comment->length] = '\0';
	}
	if (strcmp(op_error_name(result->error), expected) != 0)
		fail_msg("operation %u ends with %s, not %s", view->step, op_error_name(result->error),
			 expected);
}

/* Invariant and step of the violation, 0 if there is none. */
static unsigned int play(const char *version, const char *bug, const char *text, uint32_t *step)
{
	static struct script script;
	struct player *player = player_for(version, "bug", bug, RECYCLE_LATE);
	struct parse_error error;
	struct violation violation;

	assert_true(program_parse(&script.program, &script.notes, text, strlen(text), &error));
	player->oracle.always_full = true;
	bool clean = player_run(player, &script.program, check_outcome, &script, &violation);

	*step = clean ? 0 : violation.step;
	player_destroy(player);
	return clean ? INV_NONE : violation.invariant;
}

static void is_clean(const char *version, const char *text)
{
	uint32_t step;

	assert_int_equal(play(version, NULL, text, &step), INV_NONE);
}

static void fails(const char *version, const char *bug, const char *text, unsigned int invariant, uint32_t at)
{
	uint32_t step;

	assert_int_equal(play(version, bug, text, &step), invariant);
	assert_int_equal(step, at);
}

static const char *const releases[] = { "2.6.34", "2.6.36",  "2.6.39",   "3.16",
					"4.4",    "6.1.192", "6.12.117", "7.3" };

enum { NR_RELEASES = sizeof(releases) / sizeof(releases[0]) };

static void is_clean_everywhere(const char *text)
{
	for (unsigned int i = 0; i < NR_RELEASES; i++)
		is_clean(releases[i], text);
}

/* A write that waits for anon_vma_prepare's lock: others read and write, nobody changes VMAs. */
static void test_write_waits(void **state)
{
	static const char text[] = "A mmap 0 2 rw\n"
				   "A write-begin 0\n"
				   "A write-begin 1 # EAGAIN\n"
				   "A swapin-begin 1 # EAGAIN\n"
				   "A fork B # EAGAIN\n"
				   "A munmap 0 1 # EAGAIN\n"
				   "A exit # EAGAIN\n"
				   "A swapoff\n"
				   "A dontneed 1 1\n"
				   "A read 0\n"
				   "A resume\n"
				   "A read 0\n"
				   "A resume # EINVAL\n"
				   "A write-begin 1\n"
				   "A resume # EINVAL\n"
				   "A write-begin 5 # SIGSEGV\n"
				   "A fork B\n"
				   "B mmap 8 1 rw\n"
				   "B mprotect 8 1 r\n"
				   "B write-begin 8 # SIGSEGV\n";

	(void)state;
	is_clean_everywhere(text);
}

/* Another thread is faster: its page stays, and is written again. */
static void test_write_loses(void **state)
{
	static const char text[] = "A mmap 0 2 rw\n"
				   "A write-begin 0\n"
				   "A write 0\n"
				   "A pageout 0\n"
				   "A resume\n"
				   "A read 0\n"
				   "A mprotect 0 2 r\n"
				   "A mmap 2 1 rw\n"
				   "A write-begin 2\n"
				   "A write 2\n"
				   "A isolate 2\n"
				   "A migrate-begin 2\n"
				   "A resume # EAGAIN\n"
				   "A resume # EINVAL\n"
				   "A migrate-end 2\n"
				   "A read 2\n";

	(void)state;
	is_clean_everywhere(text);
}

/* Each of its allocations fails, before the pause and behind it; at the end it is given up. */
static void test_write_fails(void **state)
{
	static const char text[] = "A mmap 0 2 rw\n"
				   "A write-begin 0 (fail_nth: 1) # ENOMEM\n"
				   "A write-begin 0 (fail_nth: 2) # ENOMEM\n"
				   "A read 0\n"
				   "A write-begin 0 (fail_nth: 1) # ENOMEM\n"
				   "A write-begin 0 (fail_nth: 2) # ENOMEM\n"
				   "A write-begin 0 (fail_nth: 3)\n"
				   "A resume (fail_nth: 1) # ENOMEM\n"
				   "A read 0\n"
				   "A mmap 4 1 rw\n"
				   "A write-begin 4\n"
				   "A write 4\n"
				   "A fork B # EAGAIN\n";

	(void)state;
	is_clean_everywhere(text);
}

/* 31f2b0ebc01f: the AVC of the slower one, where the anon_vma was to be a neighbour's. */
static void test_write_leaks_avc(void **state)
{
	static const char shared[] = "A mmap 0 1 rw\nA write 0\nA mprotect 0 1 r\nA mmap 1 1 rw\n"
				     "A write-begin 1\nA read 0\nA write 1\nA read 1\nA resume\n";
	static const char own[] = "A mmap 0 1 rw\nA write-begin 0\nA write 0\nA resume\n";

	(void)state;
	fails("2.6.34-rc5", NULL, shared, INV_NO_LEAK, 9);
	fails("7.3", "F08", shared, INV_NO_LEAK, 9);
	is_clean("2.6.34-rc6", shared);
	is_clean("2.6.34-rc5", own);
}

/* Two VMAs, of which fork copies one. */
#define FORK_FAILS                                             \
	"A mmap 0 1 rw\nA write 0\nA mmap 2 1 rw\nA write 2\n" \
	"A fork-begin B\n"                                     \
	"A resume (fail_nth: 2) # ENOMEM\n"

/* What it leaves until resume: visible to walks and swapoff, and nobody's address space. */
static void test_failed_fork_stays(void **state)
{
	static const char text[] = FORK_FAILS "B read 0 # EAGAIN\n"
					      "B munmap 0 1 # EAGAIN\n"
					      "B walk 0\n"
					      "A exit # EAGAIN\n"
					      "A exec # EAGAIN\n"
					      "A swapin-begin 0 # EAGAIN\n"
					      "A pageout 0\n"
					      "A swapoff\n"
					      "A write 0\n"
					      "B walk 0\n"
					      "A mmap 4 1 rw\n"
					      "A fork B # nothing\n"
					      "A fork C\n"
					      "A resume\n"
					      "A resume # EINVAL\n"
					      "A fork B\n";

	(void)state;
	for (unsigned int i = 0; i < NR_RELEASES; i++)
		if (strcmp(releases[i], "6.12.117") != 0 && strcmp(releases[i], "7.3") != 0)
			is_clean(releases[i], text);
}

/* 1367da7eb875: from 6.8 on there is a mark in the tree, which swapoff must not come to. */
static void test_swapoff_meets_failed_fork(void **state)
{
	static const char waits[] = FORK_FAILS "A pageout 0\nA swapoff # EAGAIN\nA resume\nA swapoff\n";
	static const char meets[] = FORK_FAILS "A pageout 0\nA swapoff\n";
	static const char last[] = "A mmap 0 1 rw\nA write 0\nA mmap 2 1 rw\nA write 2\n"
				   "A fork-begin B\nA resume\nA resume (fail_nth: 1)\nA pageout 0\nA swapoff\n";

	(void)state;
	is_clean("6.7", meets);
	fails("6.8", NULL, meets, INV_LIVENESS, 8);
	fails("6.17", NULL, meets, INV_LIVENESS, 8);
	fails("6.19", "F07", meets, INV_LIVENESS, 8);
	is_clean("6.12.83", waits);
	is_clean("6.17.1", waits);
	is_clean("6.19", waits);
	is_clean("6.17", last);
}

/* 43873af772f8: it leaves nothing, and there is nothing to resume. */
static void test_failed_fork_undone(void **state)
{
	static const char text[] = FORK_FAILS "A resume # EINVAL\nB walk 0 # nothing\nA pageout 0\nA swapoff\n";
	static const char unfaulted[] = "A mmap 0 1 rw\nA mmap 2 1 r\nA fork-begin B (fail_nth: 3) # ENOMEM\n";

	(void)state;
	is_clean("7.3", text);
	is_clean("7.3", unfaulted);
	fails("7.3", "F09", text, INV_FORK_UNDONE, 6);
	fails("7.3", "F09", unfaulted, INV_FAILED_OPERATION, 3);
}

/* mremap entry by entry against the walk that ends a migration: what waits for the lock of the anon_vma, and what goes on. */
static void test_walk_meets_mremap(void **state)
{
	static const char copy_of_its_own[] = "A mmap 0 3 rw\n"
					      "A write 0\n"
					      "A write 1\n"
					      "A fork B\n"
					      "B migrate-begin 0\n"
					      "A mremap-begin 0 2 8\n"
					      "A read 0 # EAGAIN\n"
					      "B restore-begin 0\n"
					      "B restore-begin 0 # EAGAIN\n"
					      "B walk 1 # EAGAIN\n"
					      "B pageout 1 # EAGAIN\n"
					      "B exit # EAGAIN\n"
					      "B fork C # EAGAIN\n"
					      "B mmap 20 1 rw # EAGAIN\n"
					      "B write 1\n"
					      "B read 2\n"
					      "B dontneed 2 1\n"
					      "A resume\n"
					      "A resume\n"
					      "A resume # EAGAIN\n";
	static const char merges[] = "A mmap 0 4 rw\n"
				     "A write 2\n"
				     "A write 3\n"
				     "A mremap 2 2 10\n"
				     "A fork B\n"
				     "B migrate-begin 10\n"
				     "A mremap-begin 10 2 2\n"
				     "B restore-begin 10\n"
				     "A resume # EAGAIN\n"
				     "B resume\n"
				     "B resume\n"
				     "A resume\n"
				     "B walk 11 # EAGAIN\n"
				     "B write 10\n"
				     "A resume\n"
				     "B walk 11\n"
				     "A write 2\n";

	(void)state;
	for (unsigned int i = 0; i < NR_RELEASES; i++)
		is_clean(releases[i], copy_of_its_own);
	for (unsigned int i = 3; i < NR_RELEASES;
	     i++) /* 3.7 on: the copy is not behind its source, so under the lock */
		is_clean(releases[i], merges);
}

/* C06 and C07: the entry leaves the source before the walk comes to it, and arrives behind its back. */
static void test_walk_misses_entry(void **state)
{
	static const char text[] = "A mmap 0 4 rw\n"
				   "A write 2\n"
				   "A mremap 2 2 10\n"
				   "A fork B\n"
				   "B migrate-begin 10\n"
				   "A mremap-begin 10 2 2\n"
				   "B restore-begin 10\n"
				   "A resume\n"
				   "B resume\n"
				   "B resume\n";

	(void)state;
	is_clean("3.3", text);
	fails("3.3", "C06", text, INV_REACHABILITY, 10);
	fails("3.2", NULL, text, INV_REACHABILITY, 10);
	fails("7.3", "C07", text, INV_REACHABILITY, 10);
}

/* exec fills its stack, grows it downwards, moves its entries. Walks and reclaim may miss them meanwhile, migration may not. */
static void test_exec_moves_stack(void **state)
{
	static const char text[] = "A exec-begin 0 2 # EINVAL\n"
				   "A exec-begin 6 3\n"
				   "A read 6 # EAGAIN\n"
				   "A migrate-begin 6 # EAGAIN\n"
				   "A walk 6\n"
				   "A resume\n"
				   "A walk 6\n"
				   "A pageout 8 # EBUSY\n"
				   "A resume\n"
				   "A pageout 5\n"
				   "A resume\n"
				   "A exit # EAGAIN\n"
				   "A resume\n"
				   "A resume # EINVAL\n"
				   "A read 5\n"
				   "A read 7\n"
				   "A write 8 # SIGSEGV\n"
				   "A migrate 6\n"
				   "A fork B\n"
				   "B write 6\n";
	static const char migrates[] = "A exec-begin 4 2\n"
				       "A migrate-begin 4\n"
				       "A resume\n"
				       "A migrate-end 4\n";

	(void)state;
	for (unsigned int i = 1; i < NR_RELEASES; i++)
		is_clean(releases[i], text);
	fails("2.6.34", NULL, migrates, INV_REACHABILITY, 4);
	fails("7.3", "C09", migrates, INV_REACHABILITY, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_waits),        cmocka_unit_test(test_write_loses),
		cmocka_unit_test(test_write_fails),        cmocka_unit_test(test_write_leaks_avc),
		cmocka_unit_test(test_failed_fork_stays),  cmocka_unit_test(test_swapoff_meets_failed_fork),
		cmocka_unit_test(test_failed_fork_undone), cmocka_unit_test(test_walk_meets_mremap),
		cmocka_unit_test(test_walk_misses_entry),  cmocka_unit_test(test_exec_moves_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
