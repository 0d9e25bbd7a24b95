/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mutator as libFuzzer calls it: every output is canonical, within bounds
 * and decided by data and seed, over a million calls. What the kinds of
 * mutations do is test_mutator_kinds.c.
 *
 * Must never look at which random numbers are drawn: shares are counted over
 * many calls.
 */
#include "mutator.h"
#include "test_program_util.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
				 uint8_t *out, size_t max_out_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* What stands for libFuzzer's mutation of bytes; how often it was called, and whether it may be. */
static struct {
	uint32_t calls;
	bool forbidden;
} bytes_mutation;

/* Any bytes of any size, decided by the data alone. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
	uint64_t random = 88172645463325252ULL;
	size_t new_size;

	assert_false(bytes_mutation.forbidden);
	assert_true(size <= max_size);
	bytes_mutation.calls++;
	for (size_t i = 0; i < size; i++)
		random = (random ^ data[i]) * 0x100000001b3ULL;
	random |= 1;
	new_size = 1 + random_below(&random, (uint32_t)max_size);
	if (random_below(&random, 8) == 0) {
		random_fill(&random, data, new_size);
		return new_size;
	}
	if (random_below(&random, 8) == 0)
		return 0;
	data[random_below(&random, (uint32_t)size)] ^= (uint8_t)(1 + random_below(&random, 255));
	return size;
}

static void check_canonical(const uint8_t *data, size_t size)
{
	static struct program program;
	uint8_t again[PROGRAM_MAX_BYTES];

	program_decode(&program, data, size);
	assert_int_equal(program_encode(&program, again), size);
	again[PROGRAM_BYTE_SWARM] = data[PROGRAM_BYTE_SWARM];
	assert_memory_equal(again, data, size);
}

/* ---- the entry points ---- */

enum { NR_POOL = 64 };

/* Inputs that mutations feed on, as a corpus. */
struct pool {
	uint64_t random;
	uint8_t data[NR_POOL][PROGRAM_MAX_BYTES + 64];
	size_t size[NR_POOL];
};

/* Most slots hold short programs: long ones take long. One in sixteen is for programs of any length. */
static size_t room_of(uint32_t slot)
{
	return slot % 16 ? 256 : PROGRAM_MAX_BYTES + 64;
}

/* Bytes of any kind: relative and resolved headers, random ones, lengths off the records, too much. */
static void random_input(struct pool *pool, uint32_t slot)
{
	static const uint8_t versions[] = { PROGRAM_FORMAT_VERSION, PROGRAM_FORMAT_VERSION | PROGRAM_RESOLVED };
	size_t size = random_below(&pool->random, (uint32_t)room_of(slot) + 1);

	random_fill(&pool->random, pool->data[slot], size);
	if (size && random_below(&pool->random, 4))
		pool->data[slot][PROGRAM_BYTE_VERSION] = versions[random_below(&pool->random, 2)];
	pool->size[slot] = size;
}

/* Never less than the input, as libFuzzer has it; often just that. */
static size_t random_max_size(struct pool *pool, uint32_t slot)
{
	if (random_below(&pool->random, 8) == 0)
		return pool->size[slot];
	return pool->size[slot] + random_below(&pool->random, (uint32_t)(room_of(slot) - pool->size[slot]) + 1);
}

/* A buffer of exactly max_size, so that ASan sees one byte too many. Returns the size of the output in *out. */
static size_t mutate_once(const uint8_t *data, size_t size, size_t max_size, uint32_t seed, uint8_t **out)
{
	size_t new_size;

	*out = malloc(max_size + !max_size);
	assert_non_null(*out);
	memcpy(*out, data, size);
	new_size = LLVMFuzzerCustomMutator(*out, size, max_size, seed);
	assert_true(new_size <= max_size);
	return new_size;
}

static size_t cross_once(const struct pool *pool, uint32_t a, uint32_t b, size_t max_size, uint32_t seed,
			 uint8_t **out)
{
	size_t new_size;

	*out = malloc(max_size + !max_size);
	assert_non_null(*out);
	bytes_mutation.forbidden = true;
	new_size = LLVMFuzzerCustomCrossOver(pool->data[a], pool->size[a], pool->data[b], pool->size[b], *out,
					     max_size, seed);
	bytes_mutation.forbidden = false;
	assert_true(new_size <= max_size);
	return new_size;
}

/* Mutation or crossover of some input; the same again must give the same. Returns its size, 0: nothing was made. */
static size_t one_call(struct pool *pool, bool crossover, bool twice)
{
	uint32_t a = random_below(&pool->random, NR_POOL),
		 b = (a + 16 * random_below(&pool->random, NR_POOL)) % NR_POOL;
	uint32_t seed = random_u32(&pool->random);
	size_t max_size = random_max_size(pool, a), size = 0;
	uint8_t *out[2];

	for (int i = 0; i <= twice; i++) {
		size_t before = size;

		if (crossover)
			size = cross_once(pool, a, b, max_size, seed, &out[i]);
		else
			size = mutate_once(pool->data[a], pool->size[a], max_size, seed, &out[i]);
		if (i) {
			assert_int_equal(size, before);
			assert_memory_equal(out[0], out[1], size);
			free(out[1]);
		}
	}
	if (size) {
		check_canonical(out[0], size);
		memcpy(pool->data[b], out[0], size);
		pool->size[b] = size;
	} else if (!crossover) {
		assert_true(max_size < PROGRAM_HEADER_BYTES);
	}
	free(out[0]);
	return size;
}

/* A million calls: canonical, no byte too many, the same twice. */
static void test_million(void **state)
{
	static struct pool pool = { .random = 3 };
	uint32_t nr_crossovers = 0, nr_crossed = 0;

	(void)state;
	for (uint32_t i = 0; i < NR_POOL; i++)
		random_input(&pool, i);
	for (uint32_t i = 0; i < 1000000; i++) {
		bool crossover = random_below(&pool.random, 3) == 0;
		bool made = one_call(&pool, crossover, i % 8 == 0) != 0;

		nr_crossovers += crossover;
		nr_crossed += crossover && made;
		if (i % 64 == 0)
			random_input(&pool, random_below(&pool.random, NR_POOL));
	}
	/* A crossover is done only as often as mutator.c says, but is done. */
	assert_in_range(nr_crossed, nr_crossovers / 40, nr_crossovers);
	assert_in_range(bytes_mutation.calls, 1000, 1000000);
}

/* From nothing, and from the byte that libFuzzer begins with, comes a program. */
static void test_from_nothing(void **state)
{
	uint8_t data[PROGRAM_MAX_BYTES] = { '\n' };
	uint32_t long_ones = 0;

	(void)state;
	for (uint32_t seed = 0; seed < 1000; seed++) {
		size_t size;

		data[0] = '\n';
		size = LLVMFuzzerCustomMutator(data, seed & 1, sizeof(data), seed);
		check_canonical(data, size);
		long_ones += size >= PROGRAM_HEADER_BYTES + 8 * PROGRAM_RECORD_BYTES;
	}
	assert_in_range(long_ones, 600, 1000);
}

/* The field is kept from call to call, and often all is on. */
static void test_swarm_kept(void **state)
{
	static uint8_t data[PROGRAM_MAX_BYTES];
	uint32_t nr_off = 0, nr_kept = 0;

	(void)state;
	for (uint32_t seed = 0; seed < 2000; seed++) {
		uint8_t swarm;
		size_t size = LLVMFuzzerCustomMutator(data, 0, sizeof(data), seed);

		swarm = data[PROGRAM_BYTE_SWARM];
		nr_off += swarm != 0;
		assert_in_range(LLVMFuzzerCustomMutator(data, size, sizeof(data), seed + 1), 1, sizeof(data));
		nr_kept += data[PROGRAM_BYTE_SWARM] == swarm;
	}
	assert_in_range(nr_off, 400, 1600);
	assert_in_range(nr_kept, 1500, 2000);
}

/* Crossover gives the names and operations of both programs. */
static void test_crossover(void **state)
{
	static struct program a, b, out;
	uint8_t bytes_a[PROGRAM_MAX_BYTES], bytes_b[PROGRAM_MAX_BYTES], bytes[PROGRAM_MAX_BYTES];
	uint32_t nr_both = 0, nr_made = 0;

	(void)state;
	a.nr_ops = b.nr_ops = 50;
	for (uint32_t i = 0; i < 50; i++) {
		a.ops[i] = (struct op){ .code = OP_READ, .arg = { (uint8_t)i } };
		b.ops[i] = (struct op){ .code = OP_WALK, .arg = { (uint8_t)i } };
	}
	for (uint32_t seed = 0; seed < 4000; seed++) {
		size_t size = LLVMFuzzerCustomCrossOver(bytes_a, program_encode(&a, bytes_a), bytes_b,
							program_encode(&b, bytes_b), bytes, sizeof(bytes),
							seed);
		bool from_a = false, from_b = false;

		if (!size)
			continue;
		nr_made++;
		program_decode(&out, bytes, size);
		for (uint32_t i = 0; i < out.nr_ops; i++) {
			from_a |= out.ops[i].code == OP_READ;
			from_b |= out.ops[i].code == OP_WALK;
		}
		assert_true(from_b);
		nr_both += from_a;
	}
	assert_in_range(nr_made, 100, 4000);
	assert_in_range(nr_both, nr_made * 3 / 4, nr_made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_million),
		cmocka_unit_test(test_from_nothing),
		cmocka_unit_test(test_swarm_kept),
		cmocka_unit_test(test_crossover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
