// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lookup of an anon_vma in two phases: which rule shows which fault, with memory that is used again at once and
 * with memory that is not; a lookup that outlives the process that named its page; who is kept out (nobody).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "settings_for.h"

/* B's anon_vma, whose root is A's, is freed, and its memory becomes a root in A. */
#define REUSED_AS_ROOT \
	"A mmap 0 1 rw\nA write 0\nA fork B\nB write 0\nB lookup-begin 0\nB exit\nA mmap 5 1 rw\nA write 5\n"
/* A root is freed, and its memory becomes the child of another root. */
#define REUSED_AS_CHILD \
	"A mmap 0 1 rw\nA write 0\nA mmap 5 1 rw\nA write 5\nA lookup-begin 0\nA munmap 0 1\nA fork B\nB write 5\n"
/* As the first, but the memory of the anon_vma is not used again. */
#define FREED "A mmap 0 1 rw\nA write 0\nA fork B\nB write 0\nB lookup-begin 0\nB exit\n"
/* The same memory is a root before and after: it is the same lock. */
#define ROOT_AGAIN "A mmap 0 1 rw\nA write 0\nA lookup-begin 0\nA munmap 0 1\nA mmap 5 1 rw\nA write 5\n"
#define ISOLATED "A mmap 0 1 rw\nA write 0\nA isolate 0\nA lookup-begin 0\nA munmap 0 1\n"

static const struct lookup_case {
	const char *text, *release, *decision;
	enum recycle recycle;
	const char *signature; /* "" if all is well */
} cases[] = {
	{ REUSED_AS_ROOT "B resume\n", "3.0", "LOOKUP=NOTHING", RECYCLE_NOW, "I19-anon_vma-resume" },
	{ REUSED_AS_ROOT "B resume\n", "3.0", "LOOKUP=REFCOUNT", RECYCLE_NOW, "I19-anon_vma-resume" },
	{ REUSED_AS_ROOT "B resume\n", "3.0", "LOOKUP=MAPPED", RECYCLE_NOW, "" },
	{ REUSED_AS_ROOT "B resume\n", "3.0", "LOOKUP=NOTHING", RECYCLE_LATE, "" },
	{ REUSED_AS_ROOT "B resume\n", "3.0", "LOOKUP=NOTHING", RECYCLE_MALLOC, "" },
	{ REUSED_AS_ROOT "B resume\n", "2.6.35", "LOOKUP=NOTHING", RECYCLE_NOW, "" },
	{ REUSED_AS_ROOT, "3.0", "LOOKUP=NOTHING", RECYCLE_NOW, "" },
	{ REUSED_AS_CHILD "A resume\n", "newest", "LOOKUP=NOTHING", RECYCLE_NOW, "I19-anon_vma-resume" },
	{ REUSED_AS_CHILD "A resume\n", "newest", "LOOKUP=REFCOUNT", RECYCLE_NOW, "I19-anon_vma-resume" },
	{ REUSED_AS_CHILD "A resume\n", "newest", "LOOKUP=MAPPED", RECYCLE_NOW, "" },
	{ FREED "B resume\n", "newest", "LOOKUP=NOTHING", RECYCLE_NOW, "" },
	{ FREED "B resume\n", "newest", "LOOKUP=REFCOUNT", RECYCLE_NOW, "" },
	{ ROOT_AGAIN "A resume\n", "newest", "LOOKUP=NOTHING", RECYCLE_NOW, "" },
	{ ROOT_AGAIN "A resume\n", "newest", "LOOKUP=REFCOUNT", RECYCLE_NOW, "" },
	{ ISOLATED "A resume\n", "newest", "MIGRATION_PIN=REFERENCE", RECYCLE_LATE, "I1-anon_vma-resume" },
	{ ISOLATED "A resume\n", "newest", "MIGRATION_PIN=REFERENCE", RECYCLE_NOW, "I1-anon_vma-resume" },
	{ ISOLATED "A mmap 5 1 rw\nA write 5\nA resume\n", "newest", "MIGRATION_PIN=REFERENCE", RECYCLE_NOW,
	  "I1-anon_vma-resume" },
	{ ISOLATED "A resume\n", "newest", "MIGRATION_PIN=REFERENCE_IF_MAPPED", RECYCLE_NOW, "" },
	{ ISOLATED "A resume\n", "newest", "MIGRATION_PIN=NOTHING", RECYCLE_NOW, "" },
	{ ISOLATED, "newest", "MIGRATION_PIN=REFERENCE", RECYCLE_LATE, "" },
};

static void parse(struct program *program, const char *text)
{
	struct parse_error error;

	assert_true(program_parse(program, NULL, text, strlen(text), &error));
}

static void each_rule(void **unused)
{
	static struct program program;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct lookup_case *c = &cases[i];
		struct player *player = player_for(c->release, "decision", c->decision, c->recycle);
		char signature[VIOLATION_SIGNATURE_MAX] = "";
		struct violation violation;

		parse(&program, c->text);
		if (!player_run(player, &program, NULL, NULL, &violation))
			violation_signature(&violation, signature);
		if (strcmp(signature, c->signature) != 0)
			fail_msg("case %zu, %s: \"%s\" instead of \"%s\"", i, c->decision, signature,
				 c->signature);
		player_destroy(player);
	}
}

/* Without an oracle what a right lookup reads of a freed anon_vma is no fault, either: ASan would end the test. */
static void silent_without_judge(void **unused)
{
	static const char *const texts[] = { REUSED_AS_ROOT "B resume\n", FREED "B resume\n",
					     ISOLATED "A resume\n" };
	static struct program program;
	struct violation violation;

	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (int recycle = RECYCLE_LATE; recycle <= RECYCLE_MALLOC; recycle++) {
			struct player *player = player_for("newest", NULL, NULL, (enum recycle)recycle);

			player->oracle.mask = 0;
			parse(&program, texts[i]);
			assert_true(player_run(player, &program, NULL, NULL, &violation));
			player_destroy(player);
		}
}

/* What each operation reported. */
struct outcomes {
	int error[16];
	unsigned int nr;
};

static void note_outcome(void *data, const struct view *view, const struct op *op,
			 const struct op_result *result)
{
	struct outcomes *outcomes = data;

	(void)view;
	if (op && outcomes->nr < 16)
		outcomes->error[outcomes->nr++] = result->error;
}

static void what_it_reports(void **unused)
{
	static const char text[] =
		"A mmap 0 2 rw\nA lookup-begin 0\nA write 0\nA lookup-begin 0\nA lookup-begin 0\n"
		"A fork-begin B\nA resume\nA resume\nA resume\nA fork B\nB lookup-begin 0\n"
		"B exit\nB resume\nB resume\n";
	static const int expected[] = { OP_OK, OP_EINVAL, OP_OK,      OP_OK, OP_EBUSY, OP_OK, OP_OK,
					OP_OK, OP_EINVAL, OP_NOTHING, OP_OK, OP_OK,    OP_OK, OP_NOTHING };
	static struct program program;
	struct player *player = player_for("newest", NULL, NULL, RECYCLE_NOW);
	struct outcomes outcomes = { .nr = 0 };
	struct violation violation;

	(void)unused;
	parse(&program, text);
	assert_true(player_run(player, &program, note_outcome, &outcomes, &violation));
	assert_int_equal(outcomes.nr, sizeof(expected) / sizeof(expected[0]));
	for (unsigned int i = 0; i < outcomes.nr; i++)
		if (outcomes.error[i] != expected[i])
			fail_msg("operation %u: %s instead of %s", i + 1, op_error_name(outcomes.error[i]),
				 op_error_name(expected[i]));
	player_destroy(player);
}

/* A bug of reuse brings its recycling along, unless another is asked for. */
static void recycling_of_a_bug(void **unused)
{
	char error[SETTINGS_ERROR_MAX], text[128];
	struct settings settings;

	(void)unused;
	settings_init(&settings);
	assert_true(settings_set(&settings, "bug", "C01", error) && settings_finish(&settings, error));
	assert_int_equal(settings.recycle, RECYCLE_NOW);
	settings_print(&settings, text, sizeof(text));
	assert_string_equal(text, " --bug=unlock-through-changed-root --recycle=now");

	settings_init(&settings);
	assert_true(settings_set(&settings, "recycle", "late", error) &&
		    settings_set(&settings, "bug", "C01", error) && settings_finish(&settings, error));
	assert_int_equal(settings.recycle, RECYCLE_LATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule),
		cmocka_unit_test(silent_without_judge),
		cmocka_unit_test(what_it_reports),
		cmocka_unit_test(recycling_of_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
