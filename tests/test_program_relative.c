/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Relative operands: shares of operations, masks, reach, and whether random
 * bytes give programs that do something.
 *
 * Property: what docs/program.md promises of the choices, as counts over many
 * random inputs. Must never pin one choice: the rules may be tuned, the worked
 * examples of the documentation say what they are now.
 */
#include "program/shadow.h"
#include "test_program_util.h"

/* Decodes records of random bytes after a header with that mask of switched-off groups. */
static void decode_random(struct program *program, uint64_t *random, uint8_t groups_off, uint32_t nr_records)
{
	uint8_t bytes[PROGRAM_MAX_BYTES];
	size_t size = PROGRAM_HEADER_BYTES + nr_records * PROGRAM_RECORD_BYTES;

	random_fill(random, bytes, size);
	bytes[PROGRAM_BYTE_VERSION] = PROGRAM_FORMAT_VERSION;
	bytes[PROGRAM_BYTE_MASK] = groups_off;
	program_decode(program, bytes, size);
}

static uint8_t first_opcode(unsigned int code)
{
	unsigned int opcode = 0;

	for (unsigned int before = 1; before < code; before++)
		opcode += op_info(before)->weight;
	return (uint8_t)opcode;
}

/* Each opcode byte chooses an operation, as often as its weight says. */
static void test_weights(void **state)
{
	unsigned int count[NR_OP_CODES] = { 0 };
	struct program program;

	(void)state;
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		/* So that each finds what it needs: a page that is held and swapped, another process that has paused. */
		static const uint8_t before[] = { OP_MMAP,    OP_WRITE, OP_GUP,
						  OP_PAGEOUT, OP_FORK,  OP_SWAPIN_BEGIN };
		enum { NR_BEFORE = sizeof(before) };
		uint8_t bytes[PROGRAM_HEADER_BYTES + (NR_BEFORE + 1) * PROGRAM_RECORD_BYTES] = {
			PROGRAM_FORMAT_VERSION
		};
		uint8_t *record = bytes + PROGRAM_HEADER_BYTES;

		for (unsigned int i = 0; i < NR_BEFORE; i++, record += PROGRAM_RECORD_BYTES) {
			record[RECORD_OPCODE] = first_opcode(before[i]);
			record[RECORD_PROCESS] = before[i] == OP_SWAPIN_BEGIN;
		}
		record[RECORD_OPCODE] = (uint8_t)opcode;
		record[RECORD_ARG0] = 0xff; /* keeps the last process from ending */
		program_decode(&program, bytes, sizeof(bytes));
		assert_int_equal(program.nr_ops, NR_BEFORE + 1);
		for (unsigned int i = 0; i < NR_BEFORE; i++)
			assert_int_equal(program.ops[i].code, before[i]);
		count[program.ops[NR_BEFORE].code]++;
	}
	for (unsigned int code = 1; code < NR_OP_CODES; code++)
		assert_int_equal(count[code], op_info(code)->weight);
}

static bool always_on(unsigned int code)
{
	return code == OP_FORK || code == OP_MMAP || code == OP_WRITE;
}

/* A group that is off does not occur, but for the three; all others still do. */
static void test_mask(void **state)
{
	struct program program;
	uint64_t random = 5;

	(void)state;
	for (unsigned int mask = 0; mask < 256; mask++) {
		unsigned int count[NR_OP_CODES] = { 0 };

		for (unsigned int n = 0; n < 16; n++) {
			decode_random(&program, &random, (uint8_t)mask, MAX_OPS);
			for (uint32_t i = 0; i < program.nr_ops; i++)
				count[program.ops[i].code]++;
		}
		for (unsigned int code = 1; code < NR_OP_CODES; code++) {
			bool off = (mask >> op_info(code)->group & 1) && !always_on(code);
			bool on = op_info(code)->name && !off;

			if (on != (count[code] > 0))
				fail_msg("mask %02x: operation %u occurs %u times", mask, code, count[code]);
		}
	}
}

/* Every value of every operand occurs, with every operation that has it. */
static void test_reach(void **state)
{
	static bool seen[NR_OP_CODES][NR_OPERANDS][256], dontunmap[2], fail_nth[256], process[NR_PROCESSES];
	struct program program;
	uint64_t random = 6;

	(void)state;
	for (unsigned int n = 0; n < 20000; n++) {
		decode_random(&program, &random, n & 1 ? 0 : (uint8_t)random_u32(&random), 1 + n % MAX_OPS);
		for (uint32_t i = 0; i < program.nr_ops; i++) {
			const struct op *op = &program.ops[i];

			for (unsigned int k = 0; k < NR_OPERANDS; k++)
				seen[op->code][k][op->arg[k]] = true;
			dontunmap[op->dontunmap] = true;
			fail_nth[op->fail_nth] = true;
			process[op->process] = true;
		}
	}
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		for (unsigned int k = 0; k < NR_OPERANDS && op_info(code)->name; k++) {
			/* The widest range: that at page 0 with length 1. */
			struct op op = { .code = (uint8_t)code, .arg = { 0, k > 1 } };
			struct operand_range range = op_operand_range(&op, k);

			for (unsigned int value = range.min; value <= range.max; value++) {
				if (!seen[code][k][value])
					fail_msg("%s: operand %u is never %u", op_info(code)->name, k + 1,
						 value);
			}
		}
	}
	assert_true(dontunmap[0] && dontunmap[1]);
	for (unsigned int n = 0; n <= 16; n++)
		assert_true(fail_nth[n]);
	for (unsigned int n = 0; n < NR_PROCESSES; n++)
		assert_true(process[n]);
}

/* One record is enough for any page and any length, right behind the first mapping of four pages. */
static void check_one_record(unsigned int code, uint8_t opcode, uint64_t *random)
{
	uint8_t bytes[] = { PROGRAM_FORMAT_VERSION,
			    0,
			    0,
			    0,
			    0xa0,
			    0,
			    0,
			    3,
			    0,
			    0,
			    0xa0,
			    0,
			    0,
			    0,
			    0,
			    0,
			    opcode,
			    0,
			    0,
			    0,
			    0,
			    0 };
	bool seen[NR_OPERANDS][NR_WINDOW + 1] = { { false } };
	const uint8_t *operand = op_info(code)->operand;
	unsigned int any = 0, low = 0;
	struct program program;

	for (unsigned int n = 0; n < 20000; n++) {
		random_fill(random, bytes + sizeof(bytes) - 5, 4);
		program_decode(&program, bytes, sizeof(bytes));
		assert_int_equal(program.nr_ops, 3);
		if (program.ops[2].code != code)
			continue;
		for (unsigned int k = 0; k < NR_OPERANDS; k++)
			seen[k][program.ops[2].arg[k]] = true;
		if (bytes[sizeof(bytes) - 4] >= 0xe0) {
			any++;
			low += program.ops[2].arg[0] < 8;
		}
	}
	for (unsigned int value = 0; value < NR_WINDOW; value++) {
		if (operand[0] == OPERAND_PAGE && !seen[0][value])
			fail_msg("%s: page %u is out of reach", op_info(code)->name, value);
		/* mmap mostly ends where the hole does: its long lengths are too rare to wait for. */
		if (operand[1] == OPERAND_LEN && code != OP_MMAP && !seen[1][value + 1])
			fail_msg("%s: length %u is out of reach", op_info(code)->name, value + 1);
		if (operand[2] == OPERAND_DEST_DONTUNMAP && !seen[2][value])
			fail_msg("%s: destination %u is out of reach", op_info(code)->name, value);
	}
	if (operand[0] == OPERAND_PAGE)
		assert_in_range(low * 100 / any, 50, 65);
}

static void test_one_record(void **state)
{
	unsigned int opcode = 0;
	uint64_t random = 9;

	(void)state;
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		if (op_info(code)->name)
			check_one_record(code, (uint8_t)opcode, &random);
		opcode += op_info(code)->weight;
	}
}

struct shares {
	unsigned int ops, low_pages, pages, short_lengths, lengths, touched, touches;
	unsigned int failing, dontunmap, mremaps, rw, mmaps;
};

/* Counts, with the decoder's own shadow as witness of what was mapped and written. */
static void count_shares(struct shares *shares, const struct program *program)
{
	struct shadow shadow;

	shadow_init(&shadow);
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];
		const uint8_t *operand = op_info(op->code)->operand;
		const struct shadow_process *p = &shadow.process[op->process];

		/* a lookup goes on without the process that named its page */
		assert_true((shadow.alive | (op->code == OP_RESUME ? shadow.open : 0)) >> op->process & 1);
		shares->ops++;
		shares->failing += op->fail_nth > 0;
		shares->mremaps += operand[2] == OPERAND_DEST_DONTUNMAP;
		shares->dontunmap += op->dontunmap;
		shares->mmaps += op->code == OP_MMAP;
		shares->rw += op->code == OP_MMAP && op->arg[2] == PROT_RW;
		if (operand[0] == OPERAND_PAGE) {
			shares->pages++;
			shares->low_pages += op->arg[0] < 8;
		}
		if (operand[1] == OPERAND_LEN) {
			shares->lengths++;
			shares->short_lengths += op->arg[1] <= 4;
		} else if (operand[0] == OPERAND_PAGE && op->code != OP_WRITE && op->code != OP_READ) {
			shares->touches++;
			shares->touched += (unsigned int)(p->written >> op->arg[0] & 1);
		}
		shadow_apply(&shadow, op);
	}
}

/* Low pages and short lengths prevail, and operations mostly meet something to work on. */
static void test_shares(void **state)
{
	struct shares shares = { 0 };
	struct program program;
	uint64_t random = 7;

	(void)state;
	for (unsigned int n = 0; n < 4000; n++) {
		decode_random(&program, &random, 0, 64);
		count_shares(&shares, &program);
	}
	assert_in_range(shares.ops * 100ull / (4000 * 64), 90, 100);
	assert_in_range(shares.low_pages * 100ull / shares.pages, 55, 90);
	assert_in_range(shares.short_lengths * 100ull / shares.lengths, 80, 95);
	assert_in_range(shares.touched * 100ull / shares.touches, 55, 95);
	assert_in_range(shares.failing * 1000ull / shares.ops, 50, 75);
	assert_in_range(shares.rw * 100ull / shares.mmaps, 80, 95);
	assert_in_range(shares.dontunmap * 100ull / shares.mremaps, 20, 30);
}

/* A program ends when the last process does. */
static void test_nobody_left(void **state)
{
	struct program program;
	uint8_t bytes[PROGRAM_MAX_BYTES] = { PROGRAM_FORMAT_VERSION, 0, 0, 0, 0x18, 0, 0xff, 0, 0, 0, 0xa0 };

	(void)state;
	program_decode(&program, bytes, sizeof(bytes));
	assert_int_equal(program.nr_ops, 1);
	assert_int_equal(program.ops[0].code, OP_EXIT);
	/* Without the insistence of 0xff the last process goes on. */
	bytes[6] = 0;
	program_decode(&program, bytes, sizeof(bytes));
	assert_int_equal(program.nr_ops, MAX_OPS);
	assert_int_equal(program.ops[0].code, OP_MMAP);
}

/* All zeros, all ones and all letters of the alphabet: something happens, whatever a mutator begins with. */
static void test_monotonous_bytes(void **state)
{
	struct program program;
	uint8_t bytes[PROGRAM_MAX_BYTES];

	(void)state;
	for (unsigned int value = 0; value < 256; value++) {
		memset(bytes, (int)value, sizeof(bytes));
		memset(bytes, 0, PROGRAM_HEADER_BYTES);
		program_decode(&program, bytes, sizeof(bytes));
		assert_true(program.nr_ops >= 1);
		for (uint32_t i = 0; i < program.nr_ops; i++)
			assert_true(op_valid(&program.ops[i]));
	}
}

/*
 * Dropping a record of the resolved form drops one operation and changes
 * nothing else; this is what the minimizer needs and relative bytes lack.
 */
static void test_removal(void **state)
{
	struct program program, shorter;
	uint8_t bytes[PROGRAM_MAX_BYTES];
	uint64_t random = 8;

	(void)state;
	for (unsigned int n = 0; n < 2000; n++) {
		size_t size;
		uint32_t drop;

		decode_random(&program, &random, 0, 2 + n % 60);
		if (program.nr_ops == 0)
			continue;
		size = program_encode(&program, bytes);
		drop = random_below(&random, program.nr_ops);
		memmove(bytes + PROGRAM_HEADER_BYTES + drop * PROGRAM_RECORD_BYTES,
			bytes + PROGRAM_HEADER_BYTES + (drop + 1) * PROGRAM_RECORD_BYTES,
			(program.nr_ops - drop - 1) * PROGRAM_RECORD_BYTES);
		program_decode(&shorter, bytes, size - PROGRAM_RECORD_BYTES);
		memmove(&program.ops[drop], &program.ops[drop + 1],
			(program.nr_ops - drop - 1) * sizeof(program.ops[0]));
		program.nr_ops--;
		assert_true(same_program(&program, &shorter));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_one_record),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_nobody_left),
		cmocka_unit_test(test_monotonous_bytes),
		cmocka_unit_test(test_removal),
	};

	return cmocka_run_group_tests_name("program: relative operands", tests, NULL, NULL);
}
