/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors of the text parser: line, column and words, and the limits of a text.
 *
 * Property: an error names the first bad byte of the first bad line, and the
 * range that holds in that place. Must never accept a near miss here: each row
 * is one byte or one number away from a good text.
 */
#include "test_program_util.h"

struct bad_text {
	const char *text;
	uint32_t line;
	uint32_t column;
	const char *expected;
};

#define OPERATIONS \
	"an operation: fork, exit, exec, mmap, munmap, mprotect, mremap, mremap-resize, dontneed, ..."
#define END "(fail_nth: N) or the end of the line"

static const struct bad_text bad_texts[] = {
	{ "mmap 0 4 rw", 1, 1, "process A..H" },
	{ "I exit", 1, 1, "process A..H" },
	{ "a exit", 1, 1, "process A..H" },
	{ "AA exit", 1, 1, "process A..H" },
	{ "A exit\n\n   : exit", 3, 4, "process A..H" },
	{ "A", 1, 2, OPERATIONS },
	{ "A   ", 1, 2, OPERATIONS },
	{ "# fine\r\nA # mmap", 2, 2, OPERATIONS },
	{ "A mmapp 0 1 r", 1, 3, OPERATIONS },
	{ "A Exit", 1, 3, OPERATIONS },
	{ "A (fail_nth: 1)", 1, 3, OPERATIONS },
	{ "A exit now", 1, 8, END },
	{ "A exit 0", 1, 8, END },
	{ "A fork", 1, 7, "process A..H" },
	{ "A fork 1", 1, 8, "process A..H" },
	{ "A fork I", 1, 8, "process A..H" },
	{ "A fork BC", 1, 8, "process A..H" },
	{ "A fork B C", 1, 10, END },
	{ "A read", 1, 7, "page number 0..63" },
	{ "A read -1", 1, 8, "page number 0..63" },
	{ "A read 64", 1, 8, "page number 0..63" },
	{ "A read 0x1", 1, 8, "page number 0..63" },
	{ "A read 1.", 1, 8, "page number 0..63" },
	{ "A read 18446744073709551616", 1, 8, "page number 0..63" },
	{ "A read +1", 1, 8, "page number 0..63" },
	{ "A read 1 2", 1, 10, END },
	{ "A mmap 4", 1, 9, "length 1..60 in pages: the window ends at page 64" },
	{ "A mmap 4 rw", 1, 10, "length 1..60 in pages: the window ends at page 64" },
	{ "A mmap 4 61 rw", 1, 10, "length 1..60 in pages: the window ends at page 64" },
	{ "A mmap 0 0 rw", 1, 10, "length 1..64 in pages: the window ends at page 64" },
	{ "A munmap 63 2", 1, 13, "length 1..1 in pages: the window ends at page 64" },
	{ "A mmap 0 4", 1, 11, "protection n, r or rw" },
	{ "A mmap 0 4 w", 1, 12, "protection n, r or rw" },
	{ "A mmap 0 4 rwx", 1, 12, "protection n, r or rw" },
	{ "A mmap 0 4 rw rw", 1, 15, END },
	{ "A mmap 0 4 rw dontunmap", 1, 15, END },
	{ "A mremap 0 4", 1, 13, "destination page 0..60: the window ends at page 64" },
	{ "A mremap 0 4 61", 1, 14, "destination page 0..60: the window ends at page 64" },
	{ "A mremap 0 4 dontunmap", 1, 14, "destination page 0..60: the window ends at page 64" },
	{ "A mremap 0 4 16 dontunmapped", 1, 17, "dontunmap, (fail_nth: N) or the end of the line" },
	{ "A mremap 0 4 16 dontunmap dontunmap", 1, 27, END },
	{ "A mremap-resize 60 1 5", 1, 22, "new length 1..4 in pages: the window ends at page 64" },
	{ "A mremap-resize 60 1 0", 1, 22, "new length 1..4 in pages: the window ends at page 64" },
	{ "A exit (fail: 1)", 1, 9, "fail_nth" },
	{ "A exit ()", 1, 9, "fail_nth" },
	{ "A exit (fail_nth 1)", 1, 18, "a colon" },
	{ "A exit (fail_nth: )", 1, 19, "number of an allocation 1..64" },
	{ "A exit (fail_nth: 0)", 1, 19, "number of an allocation 1..64" },
	{ "A exit (fail_nth: 65)", 1, 19, "number of an allocation 1..64" },
	{ "A exit (fail_nth: 1", 1, 20, "a closing parenthesis" },
	{ "A exit (fail_nth: 1,", 1, 21, "fail_count" },
	{ "A exit (fail_nth: 1, times: 2)", 1, 22, "fail_count" },
	{ "A exit (fail_nth: 1 fail_count: 2)", 1, 21, "a closing parenthesis" },
	{ "A exit (fail_count: 2)", 1, 9, "fail_nth" },
	{ "A exit (fail_nth: 1, fail_count: 1)", 1, 34, "number of allocations 2..32" },
	{ "A exit (fail_nth: 1, fail_count: 33)", 1, 34, "number of allocations 2..32" },
	{ "A exit (fail_nth: 1, fail_count: 2, fail_count: 2)", 1, 35, "a closing parenthesis" },
	{ "A exit (fail_nth: 1) (fail_nth: 1)", 1, 22, "the end of the line" },
	{ "A exit )", 1, 8, END },
	{ "A exit\rB exit", 1, 8, END },
	{ "#!", 1, 3, "a directive: #! key value" },
	{ "#!  \n", 1, 3, "a directive: #! key value" },
	{ "#=", 1, 3, "linux and the versions of kernels" },
	{ "#= freebsd 14", 1, 4, "linux and the versions of kernels" },
	{ "#= linux \n#  x", 1, 9, "versions of kernels" },
	{ "\xef\xbb\xbf"
	  "A exit",
	  1, 1, "process A..H" },
};

static void check_error(const char *text, size_t length, uint32_t line, uint32_t column, const char *expected)
{
	struct parse_error error = { .line = 0 };
	struct program program = { .nr_ops = 1 };

	if (program_parse(&program, NULL, text, length, &error))
		fail_msg("accepted: %.40s", text);
	if (error.line != line || error.column != column || strcmp(error.expected, expected) != 0)
		fail_msg("%.40s\n gives %u:%u: %s\n not   %u:%u: %s", text, error.line, error.column,
			 error.expected, line, column, expected);
	assert_int_equal(program.nr_ops, 0);
}

static void test_bad_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_texts) / sizeof(bad_texts[0]); i++) {
		const struct bad_text *bad = &bad_texts[i];

		check_error(bad->text, strlen(bad->text), bad->line, bad->column, bad->expected);
	}
}

static void test_nul(void **state)
{
	static const char in_op[] = "A exit\nA re\0ad 0\n", in_comment[] = "# a\0b\nA exit\n";
	static const char in_block[] = "#= linux 7\n#  \0";

	(void)state;
	check_error(in_op, sizeof(in_op) - 1, 2, 5, "text: a NUL byte is not allowed");
	check_error(in_comment, sizeof(in_comment) - 1, 1, 4, "text: a NUL byte is not allowed");
	check_error(in_block, sizeof(in_block) - 1, 2, 4, "text: a NUL byte is not allowed");
}

/* Prefix, then count times filler, then suffix; the caller frees it. */
static char *long_text(const char *prefix, size_t count, const char *filler, const char *suffix)
{
	size_t n = strlen(filler), length = strlen(prefix) + count * n + strlen(suffix);
	char *text = malloc(length + 1), *at = text;

	assert_non_null(text);
	at += sprintf(at, "%s", prefix);
	for (; count; count--, at += n)
		memcpy(at, filler, n);
	sprintf(at, "%s", suffix);
	return text;
}

static void check_long(const char *prefix, size_t count, const char *filler, const char *suffix,
		       uint32_t line, uint32_t column, const char *expected)
{
	static struct program_notes notes;
	char *text = long_text(prefix, count, filler, suffix);
	struct program program;
	struct parse_error error;

	if (expected)
		check_error(text, strlen(text), line, column, expected);
	else if (!program_parse(&program, &notes, text, strlen(text), &error))
		fail_msg("%u:%u: expected %s", error.line, error.column, error.expected);
	free(text);
}

static void test_long_lines(void **state)
{
	static const char too_long[] = "at most 4096 bytes in the line of an operation";

	(void)state;
	/* 4096 bytes up to the last word are allowed, whatever stands behind. */
	check_long("A read", 4089, " ", "1\n", 0, 0, NULL);
	check_long("A read", 4089, " ", "1   # comment\n", 0, 0, NULL);
	check_long("A read", 4090, " ", "1\n", 1, 4097, too_long);
	check_long("A exit\nA read ", 1 << 20, "1", "\n", 2, 4097, too_long);
	check_long("A read 1", 1 << 20, " ", "", 0, 0, NULL);
	check_long("A read 1 #", 1 << 20, "#", "\n", 0, 0, NULL);
	check_long("#", 1 << 20, "x", "\nA exit\n", 0, 0, NULL);
	check_long("#= linux 7\n#  ", 1 << 20, "x", "\n", 0, 0, NULL);
	check_long("#! key ", 1 << 20, "x", "\n", 0, 0, NULL);
	check_long("", 1 << 20, " ", "# comment\n", 0, 0, NULL);
	check_long("", 4 << 20, "\n", "A", (4 << 20) + 1, 2, OPERATIONS);
	check_long("", 1 << 20, "#\r\n", "A", (1 << 20) + 1, 2, OPERATIONS);
}

static void test_limits(void **state)
{
	(void)state;
	check_long("", MAX_OPS, "A exit\n", "# done", 0, 0, NULL);
	check_long("", MAX_OPS, "A exit\n", "# done\n  A exit", MAX_OPS + 2, 3, "at most 512 operations");
	check_long("", MAX_DIRECTIVES, "#! a b\n", "", 0, 0, NULL);
	check_long("", MAX_DIRECTIVES, "#! a b\n", "#! c d", 17, 1, "at most 16 directives");
	check_long("", MAX_EXPECTATIONS, "#= linux 7\n", "", 0, 0, NULL);
	check_long("", MAX_EXPECTATIONS, "#= linux 7\n", "#= linux 7", 65, 1,
		   "at most 64 blocks of expectations");
	check_long("#= linux 7\n", MAX_EXPECTATION_LINES, "#  x\n", "#= linux 7\n#  x", 0, 0, NULL);
	check_long("#= linux 7\n", MAX_EXPECTATION_LINES, "#  x\n", "#  x", 26, 1,
		   "at most 24 lines in a block of expectations");
	/* One space: not a line of the block. */
	check_long("#= linux 7\n", MAX_EXPECTATION_LINES + 1, "# x\n", "", 0, 0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_texts),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("program: errors of texts", tests, NULL, NULL);
}
