/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mutator: every output is canonical, within bounds and decided by data and
 * seed; every kind of mutation occurs and does what its name says.
 *
 * The entry points are called as libFuzzer does. Must never look at which
 * random numbers are drawn: shares are counted over many calls.
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

/* Most slots hold short programs: long ones take long. One in four is for programs of any length. */
static size_t room_of(uint32_t slot)
{
	return slot % 4 ? 256 : PROGRAM_MAX_BYTES + 64;
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
		 b = (a + 4 * random_below(&pool->random, NR_POOL)) % NR_POOL;
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

/* ---- what each kind does ---- */

/* A mutator on a random program, and the program as it was. */
static void begin(struct mutator *m, uint64_t *random, struct program *before)
{
	*m = (struct mutator){ .random = random_u32(random), .max_ops = 1 + random_below(random, 40) };
	random_program(random, &m->program, m->max_ops);
	*before = m->program;
}

static bool same_op(const struct op *a, const struct op *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Number of operations that two programs have in common at the beginning. */
static uint32_t common_start(const struct program *a, const struct program *b)
{
	uint32_t n = 0;

	while (n < a->nr_ops && n < b->nr_ops && same_op(&a->ops[n], &b->ops[n]))
		n++;
	return n;
}

static uint32_t common_end(const struct program *a, const struct program *b)
{
	uint32_t n = 0;

	while (n < a->nr_ops && n < b->nr_ops && same_op(&a->ops[a->nr_ops - 1 - n], &b->ops[b->nr_ops - 1 - n]))
		n++;
	return n;
}

static uint32_t count_op(const struct program *program, const struct op *op)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < program->nr_ops; i++)
		n += same_op(&program->ops[i], op);
	return n;
}

/* Some run went in and moved up what was behind it, of which the program's end may have been cut off. */
static bool is_insertion(const struct program *before, const struct program *after, uint32_t max_ops)
{
	for (uint32_t at = 0; at <= common_start(before, after); at++) {
		for (uint32_t nr = 1; at + nr <= after->nr_ops; nr++) {
			uint32_t behind = after->nr_ops - at - nr;

			if (behind > before->nr_ops - at ||
			    (behind < before->nr_ops - at && after->nr_ops < max_ops))
				continue;
			if (memcmp(after->ops + at + nr, before->ops + at, behind * sizeof(struct op)) == 0)
				return true;
		}
	}
	return false;
}

static void check_insert(const struct program *before, const struct mutator *m)
{
	assert_true(is_insertion(before, &m->program, m->max_ops));
}

static void check_delete(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;

	assert_true(after->nr_ops < before->nr_ops && after->nr_ops > 0);
	assert_true(common_start(before, after) + common_end(before, after) >= after->nr_ops);
}

/* Longer, by operations that were there before. */
static void check_duplicate(const struct program *before, const struct mutator *m)
{
	assert_true(m->program.nr_ops > before->nr_ops);
	assert_true(is_insertion(before, &m->program, m->max_ops));
	for (uint32_t i = 0; i < m->program.nr_ops; i++)
		assert_true(count_op(before, &m->program.ops[i]) > 0);
}

/* The same operations in another order: a run has changed places with what is beside it. */
static void check_move(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t start = common_start(before, after), end = common_end(before, after), nr;

	assert_int_equal(after->nr_ops, before->nr_ops);
	if (start == before->nr_ops)
		return; /* over equal operations */
	nr = before->nr_ops - start - end;
	for (uint32_t turn = 1; turn < nr; turn++) {
		bool same = true;

		for (uint32_t i = 0; i < nr && same; i++)
			same = same_op(&after->ops[start + i], &before->ops[start + (i + turn) % nr]);
		if (same)
			return;
	}
	fail_msg("%u operations are no rotation of those before", nr);
}

static void check_swap(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t first = common_start(before, after), last = before->nr_ops - 1 - common_end(before, after);

	assert_int_equal(after->nr_ops, before->nr_ops);
	if (first == before->nr_ops)
		return; /* two equal operations */
	assert_true(same_op(&before->ops[first], &after->ops[last]));
	assert_true(same_op(&before->ops[last], &after->ops[first]));
	assert_memory_equal(before->ops + first + 1, after->ops + first + 1,
			    (last - first - 1) * sizeof(struct op));
}

/* One operation has another process, another dontunmap or another operand; later operands may have had to give way. */
static void check_operand(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t at = common_start(before, after);
	const struct op *old = &before->ops[at], *new = &after->ops[at];
	unsigned int changed = 0;

	assert_int_equal(after->nr_ops, before->nr_ops);
	assert_int_equal(at + common_end(before, after) + 1, before->nr_ops);
	assert_int_equal(old->code, new->code);
	assert_int_equal(old->fail_nth, new->fail_nth);
	changed += old->process != new->process;
	changed += old->dontunmap != new->dontunmap;
	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		if (old->arg[i] == new->arg[i])
			continue;
		/* One that was clipped is at the end of its range. */
		changed +=
			!(changed && new->arg[i] == op_operand_range(new, i).max &&new->arg[i] < old->arg[i]);
	}
	assert_in_range(changed, 1, 2); /* 2: a first choice came to nothing but for an operand behind it */
}

static void check_fail(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t start = common_start(before, after), end = before->nr_ops - common_end(before, after);

	assert_int_equal(after->nr_ops, before->nr_ops);
	assert_in_range(end - start, 1, 4);
	for (uint32_t i = start; i < end; i++) {
		struct op op = after->ops[i];

		assert_int_equal(op.fail_nth, after->ops[start].fail_nth);
		op.fail_nth = before->ops[i].fail_nth;
		assert_true(same_op(&op, &before->ops[i]));
	}
}

/* The run comes from the program: the numbers of its operations do, in that order. */
static void check_splice(const struct program *before, const struct mutator *m)
{
	const struct program *after = &m->program;
	uint32_t most = common_start(before, after);

	for (uint32_t at = 0; at <= most; at++) {
		for (uint32_t from = 0; from < before->nr_ops; from++) {
			uint32_t nr = 0, rest;

			while (at + nr < after->nr_ops && from + nr < before->nr_ops &&
			       after->ops[at + nr].code == before->ops[from + nr].code)
				nr++;
			for (; nr; nr--) {
				rest = after->nr_ops - at - nr;
				if (rest <= before->nr_ops - at && memcmp(after->ops + at + nr, before->ops + at,
									  rest * sizeof(struct op)) == 0)
					return;
			}
		}
	}
	fail_msg("the program has no run that was in it before");
}

static void test_kinds(void **state)
{
	static void (*const checks[NR_MUTATIONS])(const struct program *before, const struct mutator *m) = {
		[MUTATION_INSERT] = check_insert,       [MUTATION_DELETE] = check_delete,
		[MUTATION_DUPLICATE] = check_duplicate, [MUTATION_MOVE] = check_move,
		[MUTATION_SWAP] = check_swap,           [MUTATION_SPLICE] = check_splice,
		[MUTATION_OPERAND] = check_operand,     [MUTATION_FAIL] = check_fail,
	};
	uint64_t random = 7;

	(void)state;
	for (unsigned int kind = 0; kind < NR_MUTATIONS; kind++) {
		uint32_t nr_done = 0, nr_changed = 0;

		for (unsigned int n = 0; n < 5000; n++) {
			static struct program before;
			static struct mutator m;

			begin(&m, &random, &before);
			if (!mutations[kind].apply(&m)) {
				assert_true(same_program(&m.program, &before));
				continue;
			}
			nr_done++;
			nr_changed += !same_program(&m.program, &before);
			assert_true(m.program.nr_ops <= m.max_ops);
			for (uint32_t i = 0; i < m.program.nr_ops; i++)
				assert_true(op_valid(&m.program.ops[i]));
			checks[kind](&before, &m);
		}
		if (nr_done < 3000 || nr_changed < nr_done * 9 / 10)
			fail_msg("%s: done %u times, with an effect %u times", mutations[kind].name, nr_done,
				 nr_changed);
	}
}

/* Each kind as often as its weight says, where all can be done. */
static void test_shares(void **state)
{
	enum { CALLS = 20000 };
	uint32_t count[NR_MUTATIONS] = { 0 }, sum = 0;
	static struct mutator m;
	uint64_t random = 11;

	(void)state;
	for (unsigned int n = 0; n < CALLS; n++) {
		struct program before;

		begin(&m, &random, &before);
		m.max_ops = MAX_OPS;
		while (m.program.nr_ops < 8)
			m.program.ops[m.program.nr_ops++] = random_op(&random);
		count[mutator_apply_one(&m)]++;
	}
	for (unsigned int kind = 0; kind < NR_MUTATIONS; kind++)
		sum += mutations[kind].weight;
	for (unsigned int kind = 0; kind < NR_MUTATIONS; kind++)
		assert_in_range(count[kind], CALLS / 5 * 4 * mutations[kind].weight / sum,
				CALLS / 5 * 6 * mutations[kind].weight / sum);
}

/* ---- insertion knows what exists, and the swarm field ---- */

/* Operations that are inserted into an empty program, with that swarm field. */
static void count_inserted(uint8_t swarm, uint32_t count[NR_OP_CODES], uint32_t *nr_failing, uint32_t *nr_ops)
{
	static struct mutator m;

	for (uint32_t n = 0; n < 2000; n++) {
		m = (struct mutator){ .random = n * 77 + swarm, .max_ops = MAX_OPS, .swarm = swarm };
		assert_true(mutate_insert(&m));
		for (uint32_t i = 0; i < m.program.nr_ops; i++) {
			count[m.program.ops[i].code]++;
			*nr_failing += m.program.ops[i].fail_nth != 0;
		}
		*nr_ops += m.program.nr_ops;
	}
}

/* Each bit keeps out what program.h says, and nothing else. */
static void test_swarm(void **state)
{
	static const uint8_t of_op[NR_OP_CODES] = {
		[OP_EXIT] = SWARM_NO_END,
		[OP_EXEC] = SWARM_NO_END,
		[OP_MUNMAP] = SWARM_NO_UNMAP,
		[OP_DONTNEED] = SWARM_NO_UNMAP,
		[OP_MREMAP_RESIZE] = SWARM_NO_UNMAP,
		[OP_MPROTECT] = SWARM_NO_PROTECT,
		[OP_MREMAP] = SWARM_NO_MOVE,
		[OP_MLOCK] = SWARM_NO_FLAGS,
		[OP_DONTFORK] = SWARM_NO_FLAGS,
		[OP_SWAPOFF] = SWARM_NO_RECLAIM,
		[OP_PAGEOUT] = SWARM_NO_RECLAIM,
		[OP_MIGRATE] = SWARM_NO_MIGRATION,
		[OP_PIN] = SWARM_NO_MIGRATION,
	};

	(void)state;
	for (unsigned int bit = 0; bit <= 8; bit++) {
		uint8_t swarm = (uint8_t)(bit < 8 ? 1u << bit : 0);
		uint32_t count[NR_OP_CODES] = { 0 }, nr_failing = 0, nr_ops = 0;

		count_inserted(swarm, count, &nr_failing, &nr_ops);
		for (unsigned int code = 1; code < NR_OP_CODES; code++) {
			if (of_op[code] & swarm) /* but for the one that sixteen attempts in a row gave */
				assert_in_range(count[code], 0, nr_ops / 5000);
			else if (of_op[code] || code == OP_FORK || code == OP_WRITE)
				assert_in_range(count[code], nr_ops / 1000, nr_ops);
		}
		assert_in_range(nr_failing, swarm & SWARM_NO_FAILURE ? 0 : nr_ops / 40,
				swarm & SWARM_NO_FAILURE ? 0 : nr_ops / 8);
	}
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

/* What goes in is done by processes that live there, on pages that are mapped there. */
static void test_aware(void **state)
{
	uint32_t nr_ops = 0, nr_living = 0, nr_pages = 0, nr_mapped = 0;
	/* Only C lives, with pages 40..43: what is inserted must be about these. */
	static const struct op start[] = {
		{ .code = OP_FORK, .process = 0, .arg = { 2 } },
		{ .code = OP_EXIT, .process = 0 },
		{ .code = OP_MMAP, .process = 2, .arg = { 40, 4, PROT_RW } },
	};

	(void)state;
	for (uint32_t n = 0; n < 2000; n++) {
		static struct mutator m;
		const struct op *op = &m.program.ops[3];

		m = (struct mutator){ .random = n, .max_ops = 4, .program.nr_ops = 3 };
		memcpy(m.program.ops, start, sizeof(start));
		assert_true(mutate_insert(&m));
		if (m.program.nr_ops < 4 || memcmp(m.program.ops, start, sizeof(start)) != 0)
			continue; /* not at the end */
		nr_ops++;
		nr_living += op->process == 2;
		if (op_info(op->code)->operand[0] == OPERAND_PAGE && op->code != OP_MMAP) {
			nr_pages++;
			nr_mapped += op->arg[0] >= 40 && op->arg[0] < 44;
		}
	}
	assert_in_range(nr_ops, 500, 2000);
	assert_int_equal(nr_living, nr_ops);
	assert_in_range(nr_pages, 200, 2000);
	assert_in_range(nr_mapped, nr_pages * 4 / 5, nr_pages);
}

/* ---- splicing ---- */

/* A renaming and its inverse give the operation back; lengths and protections stay. */
static void test_renaming(void **state)
{
	struct renaming there = { .page = 0 }, back = { .page = 0 };
	uint64_t random = 13;
	uint32_t nr_renamed = 0;

	(void)state;
	for (unsigned int i = 0; i < NR_PROCESSES; i++) {
		there.process[i] = (uint8_t)((i * 3 + 1) % NR_PROCESSES);
		back.process[there.process[i]] = (uint8_t)i;
	}
	for (unsigned int n = 0; n < 100000; n++) {
		struct op op = random_op(&random), renamed, again;

		there.page = (int)random_below(&random, 9) - 4;
		back.page = -there.page;
		renamed = renaming_apply(&there, &op);
		assert_int_equal(renamed.process, there.process[op.process]);
		if (op.code == OP_FORK)
			assert_int_equal(renamed.arg[0], there.process[op.arg[0]]);
		if (!op_valid(&renamed))
			continue; /* moved out of the window: the mutator never chooses such a distance */
		again = renaming_apply(&back, &renamed);
		assert_true(same_op(&again, &op));
		if (op.code == OP_MREMAP) {
			assert_int_equal(renamed.arg[0], op.arg[0] + there.page);
			assert_int_equal(renamed.arg[1], op.arg[1]);
			assert_int_equal(renamed.arg[2], op.arg[2] + there.page);
			assert_int_equal(renamed.dontunmap, op.dontunmap);
			nr_renamed++;
		}
	}
	assert_in_range(nr_renamed, 1000, 100000);
}

/*
 * The names under which a run of from is found at the beginning of into, if one permutation and one distance
 * explain all of it.
 */
static bool find_names(const struct op *from, const struct op *into, uint32_t nr, struct renaming *names)
{
	bool taken[NR_PROCESSES] = { false }, known[NR_PROCESSES] = { false };

	*names = (struct renaming){ .page = 0 };
	for (uint32_t i = 0; i < nr; i++) {
		const uint8_t pairs[2][2] = { { from[i].process, into[i].process },
					      { from[i].arg[0], into[i].arg[0] } };

		if (from[i].code != into[i].code)
			return false;
		for (unsigned int k = 0; k < 1u + (from[i].code == OP_FORK); k++) {
			uint8_t old = pairs[k][0], new = pairs[k][1];

			if (known[old] ? names->process[old] != new : taken[new])
				return false;
			known[old] = taken[new] = true;
			names->process[old] = new;
		}
		if (op_info(from[i].code)->operand[0] == OPERAND_PAGE)
			names->page = into[i].arg[0] - from[i].arg[0];
	}
	for (uint32_t i = 0; i < nr; i++) {
		struct op renamed = renaming_apply(names, &from[i]);

		if (!same_op(&renamed, &into[i]))
			return false;
	}
	return true;
}

/* A run that is spliced into the empty program is one of the source's, under one set of names. */
static void test_splice_names(void **state)
{
	uint64_t random = 17;
	uint32_t nr_moved = 0, nr_renamed = 0;

	(void)state;
	for (uint32_t n = 0; n < 5000; n++) {
		static struct program from;
		static struct mutator m;
		struct renaming names;
		bool found = false;

		random_program(&random, &from, 40);
		m = (struct mutator){ .random = n, .max_ops = MAX_OPS };
		if (!mutator_splice_from(&m, &from)) {
			assert_int_equal(from.nr_ops, 0);
			continue;
		}
		for (uint32_t first = 0; first + m.program.nr_ops <= from.nr_ops && !found; first++)
			found = find_names(from.ops + first, m.program.ops, m.program.nr_ops, &names);
		assert_true(found);
		nr_moved += names.page != 0;
		for (uint32_t i = 0; i < NR_PROCESSES; i++)
			if (names.process[i] && names.process[i] != i) {
				nr_renamed++;
				break;
			}
	}
	assert_in_range(nr_moved, 300, 4500);
	assert_in_range(nr_renamed, 2000, 4500);
}

/* Living processes get the names of living ones: what B did alone, A does, who is the only one there. */
static void test_splice_living(void **state)
{
	uint32_t nr_runs = 0, nr_living = 0;

	(void)state;
	for (uint32_t n = 0; n < 2000; n++) {
		static struct program from;
		static struct mutator m;

		from.nr_ops = 20;
		from.ops[0] = (struct op){ .code = OP_FORK, .process = 0, .arg = { 1 } };
		from.ops[1] = (struct op){ .code = OP_EXIT, .process = 0 };
		for (uint32_t i = 2; i < from.nr_ops; i++)
			from.ops[i] = (struct op){ .code = OP_WRITE, .process = 1, .arg = { (uint8_t)i } };
		m = (struct mutator){ .random = n, .max_ops = MAX_OPS };
		assert_true(mutator_splice_from(&m, &from));
		if (m.program.ops[0].code != OP_WRITE)
			continue;
		nr_runs++;
		nr_living += m.program.ops[0].process == 0;
	}
	/* one in four keeps its names on purpose */
	assert_in_range(nr_living, nr_runs * 65 / 100, nr_runs * 85 / 100);
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
		cmocka_unit_test(test_million),      cmocka_unit_test(test_from_nothing),
		cmocka_unit_test(test_kinds),        cmocka_unit_test(test_shares),
		cmocka_unit_test(test_swarm),        cmocka_unit_test(test_swarm_kept),
		cmocka_unit_test(test_aware),        cmocka_unit_test(test_renaming),
		cmocka_unit_test(test_splice_names), cmocka_unit_test(test_splice_living),
		cmocka_unit_test(test_crossover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
