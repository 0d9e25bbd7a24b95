// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canonical text, and byte formats with weights of their own.
 *
 * Property: formatting changes spelling alone, whatever the spelling was, and
 * formatting twice changes nothing; a table of opcodes other than that of
 * ops.def chooses other operations and nothing else.
 */
#include "program/relative.h"
#include "test_program_util.h"

enum { NR_TEXTS = 20000, TEXT_ROOM = 4 * PROGRAM_TEXT_MAX };

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

static void random_bytes(uint32_t *seed, uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)next(seed);
	bytes[PROGRAM_BYTE_VERSION] = PROGRAM_FORMAT_VERSION;
	bytes[PROGRAM_BYTE_MASK] = 0;
}

/* The plain text with blanks where they are allowed, comments, and other lines between. */
static size_t spoil(uint32_t *seed, const char *plain, char *out)
{
	static const char *const blanks[] = { " ", "  ", "\t", " \t ", "     " };
	static const char *const between[] = { "", "\n", "  # note \n", "#! origin  x\n", "#\n", "\t\r\n" };
	static const char *const ends[] = { "\n", " \n", "\r\n", "# c\n", "   #= linux 6.1\n", "\t# d  \n" };
	char *at = out;

	for (; *plain; plain++) {
		const char *piece = NULL;
		char one[2] = { *plain, '\0' };

		if (*plain == ' ')
			piece = blanks[next(seed) % 5];
		else if (*plain == '\n')
			piece = ends[next(seed) % 6];
		at += sprintf(at, "%s", piece ? piece : one);
		if (*plain == '\n' && next(seed) % 8 == 0)
			at += sprintf(at, "%s", between[next(seed) % 6]);
	}
	return (size_t)(at - out);
}

static void spelling_alone(void **state)
{
	static char plain[PROGRAM_TEXT_MAX], wild[TEXT_ROOM], tame[TEXT_ROOM], twice[TEXT_ROOM];
	static struct program program, again;
	static struct program_notes notes;
	struct parse_error error;
	uint32_t seed = 1, formatted = 0;

	(void)state;
	for (int i = 0; i < NR_TEXTS; i++) {
		uint8_t bytes[PROGRAM_HEADER_BYTES + 12 * PROGRAM_RECORD_BYTES];

		random_bytes(&seed, bytes, sizeof(bytes));
		program_decode(&program, bytes, sizeof(bytes));
		program_print(&program, plain, sizeof(plain));
		size_t length = spoil(&seed, plain, wild);

		if (!program_parse(&again, &notes, wild, length, &error))
			continue; /* too many directives */
		size_t tame_length = program_format(&again, &notes, wild, length, tame, sizeof(tame));

		assert_true(tame_length < sizeof(tame));
		assert_true(program_parse(&again, &notes, tame, tame_length, &error));
		assert_int_equal(again.nr_ops, program.nr_ops);
		assert_memory_equal(again.ops, program.ops, program.nr_ops * sizeof(program.ops[0]));
		size_t twice_length = program_format(&again, &notes, tame, tame_length, twice, sizeof(twice));

		assert_int_equal(twice_length, tame_length);
		assert_memory_equal(tame, twice, tame_length);
		formatted++;
	}
	assert_true(formatted > NR_TEXTS / 2);
}

static void plain_text_is_canonical(void **state)
{
	static char plain[PROGRAM_TEXT_MAX], out[PROGRAM_TEXT_MAX];
	static struct program program, again;
	static struct program_notes notes;
	struct parse_error error;
	uint32_t seed = 2;

	(void)state;
	for (int i = 0; i < NR_TEXTS / 20; i++) {
		static uint8_t bytes[PROGRAM_MAX_BYTES];

		random_bytes(&seed, bytes, sizeof(bytes));
		program_decode(&program, bytes, sizeof(bytes));
		size_t length = program_print(&program, plain, sizeof(plain));

		assert_true(program_parse(&again, &notes, plain, length, &error));
		assert_int_equal(program_format(&again, &notes, plain, length, NULL, 0), length);
		assert_int_equal(program_format(&again, &notes, plain, length, out, sizeof(out)), length);
		assert_memory_equal(out, plain, length);
	}
}

/* A room that is too small is filled and not left. */
static void small_room(void **state)
{
	static struct program program;
	static struct program_notes notes;
	static const char text[] = "A  mmap 0 4 rw # x\n";
	struct parse_error error;
	char out[12] = "...........";

	(void)state;
	assert_true(program_parse(&program, &notes, text, sizeof(text) - 1, &error));
	assert_int_equal(program_format(&program, &notes, text, sizeof(text) - 1, out, 6), sizeof(text) - 1);
	assert_string_equal(out, "A mmap.....");
}

static void weights_of_another_format(void **state)
{
	static const uint8_t record[PROGRAM_RECORD_BYTES] = { 7 };
	uint8_t opcodes[256];
	struct relative relative;
	struct op op;

	(void)state;
	memset(opcodes, OP_MMAP, sizeof(opcodes));
	opcodes[7] = OP_FORK;
	relative_init(&relative, 0, opcodes);
	assert_true(relative_decode(&relative, &op, (const uint8_t[PROGRAM_RECORD_BYTES]){ 200 }));
	assert_int_equal(op.code, OP_MMAP);
	assert_true(relative_decode(&relative, &op, record));
	assert_int_equal(op.code, OP_FORK);
	/* a group that is off jumps within the same table */
	opcodes[8] = OP_WALK;
	relative_init(&relative, 1u << GROUP_RECLAIM, opcodes);
	assert_true(relative_decode(&relative, &op, (const uint8_t[PROGRAM_RECORD_BYTES]){ 200 }));
	assert_true(relative_decode(&relative, &op, (const uint8_t[PROGRAM_RECORD_BYTES]){ 8 }));
	assert_int_equal(op.code, OP_MMAP);
}

/* In version 1 the bits of fail_count meant nothing, and still do. */
static void fail_count_of_another_format(void **state)
{
	uint8_t bytes[] = { PROGRAM_RESOLVED | 1, 0, 0, 0, OP_FORK, 7 << RECORD_FAIL_COUNT_BIT | 2, 1, 0, 0, 3 };
	struct program program;

	(void)state;
	program_decode(&program, bytes, sizeof(bytes));
	assert_int_equal(program.nr_ops, 1);
	assert_int_equal(program.ops[0].process, 2);
	assert_int_equal(program.ops[0].fail_nth, 3);
	assert_int_equal(program.ops[0].fail_count, 0);
	bytes[PROGRAM_BYTE_VERSION] = PROGRAM_RESOLVED | 2;
	program_decode(&program, bytes, sizeof(bytes));
	assert_int_equal(program.ops[0].process, 2);
	assert_int_equal(program.ops[0].fail_count, 8);
	bytes[PROGRAM_HEADER_BYTES + RECORD_FAIL] = 0; /* none to begin with */
	program_decode(&program, bytes, sizeof(bytes));
	assert_int_equal(program.ops[0].fail_count, 0);
}

static void versions(void **state)
{
	static const uint8_t bytes[PROGRAM_HEADER_BYTES] = { PROGRAM_RESOLVED | 5 };

	(void)state;
	assert_int_equal(program_bytes_version(bytes, sizeof(bytes)), 5);
	assert_int_equal(program_bytes_version(bytes, 3), 0);
	assert_false(program_format_known(0));
	assert_true(program_format_known(1));
	assert_true(program_format_known(PROGRAM_FORMAT_VERSION));
	assert_false(program_format_known(PROGRAM_FORMAT_VERSION + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spelling_alone), cmocka_unit_test(plain_text_is_canonical),
		cmocka_unit_test(small_room),     cmocka_unit_test(weights_of_another_format),
		cmocka_unit_test(versions),       cmocka_unit_test(fail_count_of_another_format),
	};

	return cmocka_run_group_tests_name("program: format", tests, NULL, NULL);
}
