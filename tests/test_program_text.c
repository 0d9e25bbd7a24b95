/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text form: printing, parsing, errors, notes.
 *
 * Property: text and program are the same thing in two forms, every recorded
 * program parses, and a bad text is refused as a whole, with the place and
 * what was expected there. Must never depend on an engine.
 */
#define _POSIX_C_SOURCE 200809L /* opendir */

#include "test_program_util.h"

#include <dirent.h>

#ifndef RMAPFUZZ_CONFORMANCE_DIR
#define RMAPFUZZ_CONFORMANCE_DIR RMAPFUZZ_SOURCE_DIR "/tests/conformance"
#endif

enum { NR_RANDOM_PROGRAMS = 1000000 };

/* In a buffer of exactly that size, so that ASan sees a byte read too many. */
static bool parse_exactly(struct program *program, struct program_notes *notes, const char *text,
			  size_t length, struct parse_error *error)
{
	char *copy = malloc(length ? length : 1);
	bool good;

	assert_non_null(copy);
	memcpy(copy, text, length);
	good = program_parse(program, notes, length ? copy : NULL, length, error);
	free(copy);
	return good;
}

static void parse_good(struct program *program, struct program_notes *notes, const char *text, size_t length)
{
	struct parse_error error;

	if (!program_parse(program, notes, text, length, &error))
		fail_msg("%u:%u: expected %s", error.line, error.column, error.expected);
}

static void test_round_trip(void **state)
{
	struct program program, back;
	uint64_t random = 1;

	(void)state;
	for (unsigned int n = 0; n < NR_RANDOM_PROGRAMS; n++) {
		char text[PROGRAM_TEXT_MAX];
		struct parse_error error;
		size_t length;

		random_program(&random, &program, n % 10000 ? 12 : MAX_OPS);
		length = program_print(&program, text, sizeof(text));
		assert_true(length < sizeof(text));
		if (!program_parse(&back, NULL, text, length, &error) || !same_program(&program, &back))
			fail_msg("program %u is read back otherwise:\n%s", n, text);
	}
}

static void test_print(void **state)
{
	static const struct program program = {
		.nr_ops = 4,
		.ops = {
			{ OP_MMAP, 0, { 0, 4, PROT_RW }, 0, 0, 0 },   { OP_MREMAP, 1, { 0, 4, 16 }, 1, 0, 0 },
			{ OP_FORK, 0, { 1, 0, 0 }, 0, 3, 2 },         { OP_MREMAP, 7, { 54, 10, 54 }, 1, 64, 0 },
		},
	};
	static const char expected[] =
		"A mmap 0 4 rw\nB mremap 0 4 16 dontunmap\nA fork B (fail_nth: 3, fail_count: 2)\n"
		"H mremap 54 10 54 dontunmap (fail_nth: 64)\n";
	const struct op nonsense = { 255, 255, { 255, 255, 255 }, 255, 255, 255 };
	const struct op longest = { OP_MREMAP_RESIZE, 255, { 255, 255, 255 }, 255, 255, 255 };
	char out[sizeof(expected) + 1], line[OP_TEXT_MAX];
	size_t length;

	(void)state;
	/* Every room: what fits is the beginning of the text, and the NUL is never forgotten. */
	for (size_t room = 0; room <= sizeof(out); room++) {
		size_t written = room > sizeof(expected) ? sizeof(expected) : room;

		memset(out, '~', sizeof(out));
		assert_int_equal(program_print(&program, out, room), sizeof(expected) - 1);
		if (written) {
			assert_memory_equal(out, expected, written - 1);
			assert_int_equal(out[written - 1], '\0');
		}
		for (size_t i = written; i < sizeof(out); i++)
			assert_int_equal(out[i], '~');
	}
	op_print(&nonsense, line);
	assert_string_equal(line, "? ? (fail_nth: 255, fail_count: 255)");
	length = op_print(&longest, line);
	assert_int_equal(length, strlen(line));
	assert_string_equal(line, "? mremap-resize 255 255 255 (fail_nth: 255, fail_count: 255)");
}

/* ---- committed programs ---- */

/* Text, bytes and text again are the same program. */
static void check_committed(const char *path, bool recorded)
{
	static struct program_notes notes;
	struct program program, back;
	uint8_t bytes[PROGRAM_MAX_BYTES];
	struct parse_error error;
	size_t length;
	char *text = read_file(path, &length), *printed;

	if (!program_parse(&program, &notes, text, length, &error))
		fail_msg("%s:%u:%u: expected %s", path, error.line, error.column, error.expected);
	assert_true(program.nr_ops > 0);
	assert_true(notes.nr_expectations > 0 || !recorded);
	for (uint32_t i = 0; i < notes.nr_expectations; i++)
		assert_true(notes.expectations[i].nr_lines > 0);
	printed = program_text(&program);
	parse_good(&back, NULL, printed, strlen(printed));
	assert_true(same_program(&program, &back));
	program_decode(&back, bytes, program_encode(&program, bytes));
	assert_true(same_program(&program, &back));
	free(printed);
	free(text);
}

static unsigned int check_folder(const char *folder, bool recorded)
{
	unsigned int files = 0;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir)
		fail_msg("cannot open %s", folder);
	while ((entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (dot && strcmp(dot, ".prog") == 0) {
			check_committed(path, recorded);
			files++;
		} else if (!recorded && !dot) {                /* a directory of crashes/ */
			files += check_folder(path, recorded); // NOLINT(misc-no-recursion): crashes/, one level
		}
	}
	closedir(dir);
	return files;
}

static void test_committed_programs(void **state)
{
	(void)state;
	assert_true(check_folder(RMAPFUZZ_CONFORMANCE_DIR "/vma", true) > 0);
	assert_true(check_folder(RMAPFUZZ_CONFORMANCE_DIR "/random", true) > 0);
	assert_true(check_folder(RMAPFUZZ_CONFORMANCE_DIR "/pages", true) > 0);
	assert_true(check_folder(RMAPFUZZ_SOURCE_DIR "/corpus/seeds", false) >= 30);
	assert_true(check_folder(RMAPFUZZ_SOURCE_DIR "/corpus/regress", false) > 0);
	assert_true(check_folder(RMAPFUZZ_SOURCE_DIR "/crashes", false) > 0);
}

/* ---- what is accepted ---- */

/* Texts that are the same program as a plain one. */
static void test_accepted(void **state)
{
	static const char plain[] = "A mmap 0 4 rw\nA mremap 0 4 16 dontunmap\nA fork B (fail_nth: 3)\n";
	static const char *const same[] = {
		"A mmap 0 4 rw\nA mremap 0 4 16 dontunmap\nA fork B (fail_nth: 3)",
		"A mmap 0 4 rw\r\nA mremap 0 4 16 dontunmap\r\nA fork B (fail_nth: 3)\r\n",
		"\n\n  \t\nA mmap 0 4 rw   \nA mremap 0 4 16 dontunmap\t\nA fork B (fail_nth: 3) \n\n",
		"\tA\tmmap\t0  4 rw\n  A mremap 00 4 016 dontunmap\nA fork B(fail_nth:3)\n",
		"#\n# a\n#b\n  # c\nA mmap 0 4 rw# d\nA mremap 0 4 16 dontunmap #e # f\n"
		"A fork B ( fail_nth : 3 ) #\n#",
		"#!/usr/bin/env rmapfuzz\nA mmap 0 4 rw\nA mremap 0 4 16 dontunmap\n#! bug x\n"
		"A fork B (fail_nth: 3)\n",
		"#  not in a block\nA mmap 0 4 rw\nA mremap 0 4 16 dontunmap\nA fork B (fail_nth: 3)\n"
		"#= linux 7.0\n",
	};
	struct program expected, program;
	struct parse_error error;

	(void)state;
	parse_good(&expected, NULL, plain, strlen(plain));
	assert_int_equal(expected.nr_ops, 3);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		if (!parse_exactly(&program, NULL, same[i], strlen(same[i]), &error))
			fail_msg("text %zu: %u:%u: expected %s", i, error.line, error.column, error.expected);
		if (!same_program(&program, &expected))
			fail_msg("text %zu is another program", i);
	}
	assert_true(parse_exactly(&program, NULL, "", 0, &error));
	assert_int_equal(program.nr_ops, 0);
}

static void assert_span(struct span span, const char *expected)
{
	assert_int_equal(span.length, strlen(expected));
	assert_memory_equal(span.text, expected, span.length);
}

static void test_notes(void **state)
{
	static const char text[] = "#! release 6.12.117 \r\n"
				   "#!  sealed\n"
				   "A mmap 0 4 rw\n"
				   "# comment\n"
				   "A read 70 # SIGSEGV  \n" /* 70 is made 7 below */
				   "#! title two  words\n"
				   "#= linux 6.1.192 6.12.117\n"
				   "#  A: [0,4)rw{}  \n"
				   "#  \n"
				   "#  errors: 2:SIGSEGV\r\n"
				   "# ends the block\n"
				   "#  a comment\n"
				   "#=linux 7.3.4\n"
				   "#   indented\n"
				   "B exit #\n";
	static struct program_notes notes;
	struct program program;
	char copy[sizeof(text)];

	(void)state;
	memcpy(copy, text, sizeof(text));
	*strstr(copy, "0 # SIG") = ' ';
	parse_good(&program, &notes, copy, strlen(copy));
	assert_int_equal(notes.nr_directives, 3);
	assert_span(notes.directives[0].key, "release");
	assert_span(notes.directives[0].value, "6.12.117");
	assert_int_equal(notes.directives[0].line, 1);
	assert_span(notes.directives[1].key, "sealed");
	assert_span(notes.directives[1].value, "");
	assert_span(notes.directives[2].value, "two  words");
	assert_int_equal(notes.directives[2].line, 6);

	assert_int_equal(program.nr_ops, 3);
	assert_span(notes.op_comment[0], "");
	assert_span(notes.op_comment[1], "SIGSEGV");
	assert_span(notes.op_comment[2], "");
	assert_int_equal(notes.op_line[0], 3);
	assert_int_equal(notes.op_line[1], 5);
	assert_int_equal(notes.op_line[2], 15);

	assert_int_equal(notes.nr_expectations, 2);
	assert_span(notes.expectations[0].versions, "6.1.192 6.12.117");
	assert_int_equal(notes.expectations[0].line, 7);
	assert_int_equal(notes.expectations[0].nr_lines, 3);
	assert_span(notes.expectations[0].lines[0], "A: [0,4)rw{}");
	assert_span(notes.expectations[0].lines[1], "");
	assert_span(notes.expectations[0].lines[2], "errors: 2:SIGSEGV");
	assert_span(notes.expectations[1].versions, "7.3.4");
	assert_int_equal(notes.expectations[1].nr_lines, 1);
	assert_span(notes.expectations[1].lines[0], " indented");

	/* How a shell finds the tool is no directive. */
	parse_good(&program, &notes, "#!/usr/bin/rmapfuzz run\n#!a", 27);
	assert_int_equal(notes.nr_directives, 1);
	assert_span(notes.directives[0].key, "a");
}

/* ---- texts nobody wrote ---- */

/* Cut at every byte and with random bytes put in: never reads too far, never gives an invalid operation. */
static void test_any_text(void **state)
{
	static const char text[] = "#! release 6.12.117\r\nA mmap 0 4 rw\n"
				   "  A mremap 0 4 16 dontunmap (fail_nth: 3) # x\n"
				   "A mprotect 1 2 n\nB mremap-resize 3 4 5\n"
				   "#= linux 7.3.4\n#  A: [0,4)rw{}\n# end\n";
	static const char odd[] = " \t\r\n#!=()x0123456789ABHIrwn:_\x80\x01";
	static struct program_notes notes;
	struct parse_error error = { .line = 0 };
	struct program program;
	uint64_t random = 2;
	unsigned int good = 0, bad = 0;

	(void)state;
	for (size_t length = 0; length < sizeof(text); length++) {
		for (unsigned int n = 0; n < 200; n++) {
			char copy[sizeof(text)];

			memcpy(copy, text, sizeof(text));
			for (unsigned int k = n ? random_below(&random, 4) : 0; k && length; k--)
				copy[random_below(&random, (uint32_t)length)] =
					odd[random_below(&random, sizeof(odd))];
			if (parse_exactly(&program, &notes, copy, length, &error)) {
				good++;
				for (uint32_t i = 0; i < program.nr_ops; i++)
					assert_true(op_valid(&program.ops[i]));
				continue;
			}
			bad++;
			assert_int_equal(program.nr_ops, 0);
			assert_int_equal(notes.nr_directives, 0);
			assert_int_equal(notes.nr_expectations, 0);
			assert_in_range(error.line, 1, 10);
			assert_in_range(error.column, 1, length + 1);
			assert_true(strlen(error.expected) > 0);
		}
	}
	assert_true(good > 1000 && bad > 1000);
}

static void test_is_text(void **state)
{
	static const char text[] = "# \xc3\xa9t\xc3\xa9\r\n\tA exit\n";
	static const uint8_t header[] = { PROGRAM_RESOLVED | PROGRAM_FORMAT_VERSION, 0, 0, 0 };

	(void)state;
	assert_true(program_is_text((const uint8_t *)text, strlen(text)));
	assert_true(program_is_text((const uint8_t *)text, 0));
	assert_false(program_is_text((const uint8_t *)text, sizeof(text)));
	assert_false(program_is_text(header, sizeof(header)));
	/* a comment may hold anything but control bytes */
	for (unsigned int c = 0; c < 256; c++) {
		uint8_t comment[] = { '#', (uint8_t)c };

		assert_int_equal(program_is_text(comment, sizeof(comment)),
				 (c >= ' ' && c != 0x7f) || c == '\t' || c == '\n' || c == '\r');
	}
	/* misspelt texts are texts, what a fuzzer made of high bytes or of one long word is not */
	assert_true(program_is_text((const uint8_t *)"I mmap 0 4 rw\n", 14));
	assert_true(program_is_text((const uint8_t *)"mmap 0 4", 8));
	assert_false(program_is_text((const uint8_t *)"Y\xc2\xc2\xe1\xe1 \xa4", 7));
	assert_false(program_is_text((const uint8_t *)"AAAAAAAA", 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_committed_programs),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_any_text),
		cmocka_unit_test(test_is_text),
	};

	return cmocka_run_group_tests_name("program: text", tests, NULL, NULL);
}
