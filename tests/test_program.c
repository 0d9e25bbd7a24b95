/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operation table and the byte form.
 *
 * Property: every byte string is a valid program, the canonical form is kept
 * by decoding and encoding, and what docs/program.md says of bytes is true.
 * Text is test_program_text.c. Must never depend on an engine.
 */
#include "program/shadow.h"
#include "test_program_util.h"

enum { NR_RANDOM_PROGRAMS = 1000000 };

static void test_table(void **state)
{
	unsigned int weights = 0;

	(void)state;
	assert_null(op_info(OP_NONE)->name);
	assert_null(op_info(NR_OP_CODES)->name);
	assert_null(op_info(255)->name);
	assert_null(op_info(1000)->name);
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		const struct op_info *info = op_info(code);

		if (!info->name)
			continue;
		weights += info->weight;
		assert_true(info->group < NR_OP_GROUPS);
		assert_true(strlen(info->help) > 0);
		assert_int_equal(strspn(info->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(info->name));
		for (unsigned int other = 1; other < code; other++)
			assert_true(!op_info(other)->name || strcmp(op_info(other)->name, info->name) != 0);
		/* A length must have its page before it, a destination its length. */
		for (unsigned int i = 0; i < NR_OPERANDS; i++) {
			if (info->operand[i] == OPERAND_LEN || info->operand[i] == OPERAND_NEWLEN)
				assert_int_equal(info->operand[0], OPERAND_PAGE);
			if (info->operand[i] == OPERAND_DEST_DONTUNMAP) {
				assert_int_equal(i, 2);
				assert_int_equal(info->operand[1], OPERAND_LEN);
			}
		}
	}
	assert_int_equal(weights, 256);
	for (int group = 0; group < NR_OP_GROUPS; group++)
		assert_true(strlen(op_group_name((enum op_group)group)) > 0);
	assert_string_equal(op_group_name(GROUP_MIGRATION), "migration");
	assert_null(op_group_name(NR_OP_GROUPS));
}

static void test_op_valid(void **state)
{
	static const struct op good[] = {
		{ OP_FORK, 7, { 7, 0, 0 }, 0, 64, 0 },    { OP_MMAP, 0, { 0, 64, PROT_RW }, 0, 0, 0 },
		{ OP_MREMAP, 0, { 60, 4, 60 }, 1, 0, 0 }, { OP_MREMAP_RESIZE, 0, { 63, 1, 1 }, 0, 0, 0 },
		{ OP_UNPIN, 1, { 63, 0, 0 }, 0, 1, 0 },   { OP_EXIT, 0, { 0, 0, 0 }, 0, 1, 2 },
		{ OP_EXIT, 0, { 0, 0, 0 }, 0, 64, 32 },
	};
	static const struct op bad[] = {
		{ OP_NONE, 0, { 0, 0, 0 }, 0, 0, 0 },          { NR_OP_CODES, 0, { 0, 0, 0 }, 0, 0, 0 },
		{ OP_EXIT, 8, { 0, 0, 0 }, 0, 0, 0 },          { OP_EXIT, 0, { 1, 0, 0 }, 0, 0, 0 },
		{ OP_EXIT, 0, { 0, 0, 0 }, 1, 0, 0 },          { OP_EXIT, 0, { 0, 0, 0 }, 0, 65, 0 },
		{ OP_FORK, 0, { 8, 0, 0 }, 0, 0, 0 },          { OP_READ, 0, { 64, 0, 0 }, 0, 0, 0 },
		{ OP_READ, 0, { 0, 1, 0 }, 0, 0, 0 },          { OP_MMAP, 0, { 0, 0, 0 }, 0, 0, 0 },
		{ OP_MMAP, 0, { 60, 5, 0 }, 0, 0, 0 },         { OP_MMAP, 0, { 0, 1, 3 }, 0, 0, 0 },
		{ OP_MMAP, 0, { 255, 1, 0 }, 0, 0, 0 },        { OP_MMAP, 0, { 0, 1, 0 }, 1, 0, 0 },
		{ OP_MREMAP, 0, { 0, 4, 61 }, 0, 0, 0 },       { OP_MREMAP, 0, { 0, 4, 8 }, 2, 0, 0 },
		{ OP_EXIT, 0, { 0, 0, 0 }, 0, 0, 2 },          { OP_EXIT, 0, { 0, 0, 0 }, 0, 1, 1 },
		{ OP_EXIT, 0, { 0, 0, 0 }, 0, 1, 33 },         { OP_MREMAP_RESIZE, 0, { 1, 1, 64 }, 0, 0, 0 },
		{ OP_MREMAP_RESIZE, 0, { 1, 1, 0 }, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(op_valid(&good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (op_valid(&bad[i]))
			fail_msg("operation %zu of the bad ones is valid", i);
	}
}

/* bytes -> program -> bytes and program -> bytes -> program. */
static void test_bytes_round_trip(void **state)
{
	struct program program, back;
	uint8_t bytes[PROGRAM_MAX_BYTES], again[PROGRAM_MAX_BYTES];
	uint64_t random = 1;

	(void)state;
	for (unsigned int n = 0; n < NR_RANDOM_PROGRAMS; n++) {
		static const uint8_t header[PROGRAM_HEADER_BYTES] = { PROGRAM_RESOLVED | PROGRAM_FORMAT_VERSION,
								      0, 0, 0 };
		size_t size;

		random_program(&random, &program, n % 1000 ? 16 : MAX_OPS);
		memset(bytes, 0xa5, PROGRAM_HEADER_BYTES);
		size = program_encode(&program, bytes);
		assert_int_equal(size, PROGRAM_HEADER_BYTES + program.nr_ops * PROGRAM_RECORD_BYTES);
		assert_memory_equal(bytes, header, sizeof(header));
		program_decode(&back, bytes, size);
		if (!same_program(&program, &back))
			fail_msg("program %u changes when encoded and decoded", n);
		assert_int_equal(program_encode(&back, again), size);
		assert_memory_equal(bytes, again, size);
	}
}

/* In a buffer of exactly that size, so that ASan sees a byte read too many. */
static void decode_exactly(struct program *program, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, data, size);
	program_decode(program, size ? copy : NULL, size);
	free(copy);
}

static void test_any_bytes_are_valid(void **state)
{
	struct program program, back;
	uint8_t bytes[PROGRAM_MAX_BYTES + 64], canonical[PROGRAM_MAX_BYTES];
	uint64_t random = 2;

	(void)state;
	for (unsigned int n = 0; n < NR_RANDOM_PROGRAMS; n++) {
		size_t size = random_below(&random, n % 100 ? 100 : sizeof(bytes) + 1), records = 0;

		random_fill(&random, bytes, size);
		decode_exactly(&program, bytes, size);
		if (size > PROGRAM_HEADER_BYTES)
			records = (size - PROGRAM_HEADER_BYTES + 5) / PROGRAM_RECORD_BYTES;
		assert_true(program.nr_ops <= records && program.nr_ops <= MAX_OPS);
		for (uint32_t i = 0; i < program.nr_ops; i++) {
			if (!op_valid(&program.ops[i]))
				fail_msg("operation %u of byte string %u is not valid", i, n);
		}
		size = program_encode(&program, canonical);
		program_decode(&back, canonical, size);
		assert_true(same_program(&program, &back));
	}
}

static void test_header(void **state)
{
	const uint8_t record[] = { 0, 0, 0, 0, OP_MMAP, 1, 3, 2, 2, 9 };
	uint8_t bytes[sizeof(record)];
	struct program program, expected;

	(void)state;
	memcpy(bytes, record, sizeof(bytes));
	bytes[0] = PROGRAM_RESOLVED | PROGRAM_FORMAT_VERSION;
	assert_true(program_bytes_resolved(bytes, sizeof(bytes)));
	assert_true(program_bytes_resolved(bytes, PROGRAM_HEADER_BYTES));
	program_decode(&expected, bytes, sizeof(bytes));
	assert_int_equal(expected.nr_ops, 1);
	for (size_t size = 0; size < PROGRAM_HEADER_BYTES; size++) {
		assert_false(program_bytes_resolved(bytes, size));
		decode_exactly(&program, bytes, size);
		assert_int_equal(program.nr_ops, 0);
	}
	/* Mask and reserved bytes mean nothing here; an unknown version is read as the present one. */
	bytes[0] = 0xff;
	bytes[1] = bytes[2] = bytes[3] = 0xff;
	program_decode(&program, bytes, sizeof(bytes));
	assert_true(same_program(&program, &expected));

	bytes[0] = 0x7f;
	bytes[1] = 0;
	assert_false(program_bytes_resolved(bytes, sizeof(bytes)));
	program_decode(&expected, bytes, sizeof(bytes));
	memset(bytes, 0, PROGRAM_HEADER_BYTES);
	program_decode(&program, bytes, sizeof(bytes));
	assert_true(same_program(&program, &expected));
}

/* A record that is cut short is filled up with zeros. */
static void test_cut_record(void **state)
{
	uint64_t random = 3;

	(void)state;
	for (unsigned int n = 0; n < 20000; n++) {
		uint8_t bytes[PROGRAM_HEADER_BYTES + 4 * PROGRAM_RECORD_BYTES] = { 0 };
		size_t size = PROGRAM_HEADER_BYTES + random_below(&random, 4 * PROGRAM_RECORD_BYTES) + 1;
		size_t rest = (size - PROGRAM_HEADER_BYTES) % PROGRAM_RECORD_BYTES;
		size_t whole = rest ? size - rest + PROGRAM_RECORD_BYTES : size;
		struct program cut, filled;

		random_fill(&random, bytes, size);
		decode_exactly(&cut, bytes, size);
		decode_exactly(&filled, bytes, whole);
		assert_true(same_program(&cut, &filled));
	}
}

static void test_too_many_records(void **state)
{
	enum { SIZE = PROGRAM_MAX_BYTES + 3 * PROGRAM_RECORD_BYTES };
	uint8_t *bytes = calloc(1, SIZE);
	struct program program;

	(void)state;
	assert_non_null(bytes);
	bytes[0] = PROGRAM_RESOLVED;
	for (size_t at = PROGRAM_HEADER_BYTES; at < SIZE; at += PROGRAM_RECORD_BYTES)
		bytes[at] = OP_EXEC;
	program_decode(&program, bytes, SIZE);
	assert_int_equal(program.nr_ops, MAX_OPS);
	/* A dropped record counts: what is behind record 512 is never looked at. */
	bytes[PROGRAM_HEADER_BYTES] = NR_OP_CODES;
	program_decode(&program, bytes, SIZE);
	assert_int_equal(program.nr_ops, MAX_OPS - 1);
	free(bytes);
}

static void test_unknown_numbers(void **state)
{
	struct program program;

	(void)state;
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		uint8_t bytes[] = { PROGRAM_RESOLVED, 0, 0, 0, (uint8_t)opcode, 0, 0, 0, 0, 0, OP_EXIT };

		program_decode(&program, bytes, sizeof(bytes));
		assert_int_equal(program.nr_ops, op_info(opcode)->name ? 2 : 1);
		assert_int_equal(program.ops[program.nr_ops - 1].code, OP_EXIT);
	}
}

/* Nothing of an earlier program, and no address, has a part in the result. */
static void test_determinism(void **state)
{
	uint8_t bytes[3 + PROGRAM_MAX_BYTES];
	struct program *first = malloc(sizeof(*first)), second;
	uint64_t random = 4;

	(void)state;
	assert_non_null(first);
	for (unsigned int n = 0; n < 2000; n++) {
		size_t size = random_below(&random, PROGRAM_MAX_BYTES + 1), shift = 1 + n % 3;

		memset(first, 0xa5, sizeof(*first));
		random_fill(&random, bytes, size);
		program_decode(first, bytes, size);
		memmove(bytes + shift, bytes, size);
		program_decode(&second, bytes + shift, size);
		assert_true(same_program(first, &second));
		/* Nothing behind the operations is written. */
		if (first->nr_ops < MAX_OPS)
			assert_int_equal(first->ops[first->nr_ops].code, 0xa5);
	}
	free(first);
}

/*
 * A worked example of the documentation: lines "hex bytes | meaning", the
 * header first. A meaning in parentheses says that the record is dropped.
 */
static void check_example(const char *at, const char *end)
{
	uint8_t bytes[PROGRAM_MAX_BYTES];
	char expected[4096] = "", *text;
	struct program program;
	size_t size = 0, length = 0;

	for (unsigned int line = 0; at < end; line++) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		assert_true(bar && newline && bar < newline);
		for (char *next; at < bar; at = next + strspn(next, " ")) {
			bytes[size++] = (uint8_t)strtoul(at, &next, 16);
			assert_true(next > at && next < bar);
		}
		if (line > 0 && bar[2] != '(')
			length += (size_t)snprintf(expected + length, sizeof(expected) - length, "%.*s",
						   (int)(newline - bar - 1), bar + 2);
		at = newline + 1;
	}
	decode_exactly(&program, bytes, size);
	text = program_text(&program);
	assert_string_equal(text, expected);
	free(text);
}

static void test_worked_examples(void **state)
{
	static const char mark[] = "<!-- worked example -->\n```\n";
	size_t size, examples = 0;
	char *docs = read_file(RMAPFUZZ_SOURCE_DIR "/docs/program.md", &size), *at = docs;

	(void)state;
	while ((at = strstr(at, mark))) {
		char *end = strstr(at + strlen(mark), "```");

		assert_non_null(end);
		check_example(at + strlen(mark), end);
		examples++;
		at = end;
	}
	assert_int_equal(examples, 3);
	free(docs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_op_valid),
		cmocka_unit_test(test_bytes_round_trip),
		cmocka_unit_test(test_any_bytes_are_valid),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_cut_record),
		cmocka_unit_test(test_too_many_records),
		cmocka_unit_test(test_unknown_numbers),
		cmocka_unit_test(test_determinism),
		cmocka_unit_test(test_worked_examples),
	};

	return cmocka_run_group_tests_name("program: bytes", tests, NULL, NULL);
}
