/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of focus: each shifts what the mutator inserts as focus.def says,
 * under libFuzzer's interface and in the library for AFL++; "all" changes
 * nothing.
 *
 * Must never name a kind where the table can be asked.
 */
#include "mutator.h"
#include "test_program_util.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

enum { ROUNDS = 400 };

struct inserted {
	uint32_t of[NR_OP_CODES], all, failing;
};

/* What fresh programs consist of. */
static void insert(const struct mutator_focus *focus, struct inserted *inserted)
{
	static struct mutator m;

	*inserted = (struct inserted){ .all = 0 };
	for (uint32_t seed = 1; seed <= ROUNDS; seed++) {
		m = (struct mutator){ .random = seed, .focus = focus, .max_ops = MAX_OPS };
		mutator_draw_swarm(&m);
		assert_true(mutate_insert(&m));
		inserted->all += m.program.nr_ops;
		for (uint32_t i = 0; i < m.program.nr_ops; i++) {
			assert_true(op_valid(&m.program.ops[i]));
			inserted->of[m.program.ops[i].code]++;
			inserted->failing += m.program.ops[i].fail_nth != 0;
		}
	}
}

static double share(uint32_t part, const struct inserted *of)
{
	return (double)part / of->all;
}

/* What is weighed more is inserted more often, in all and each operation by itself; what is not, is not. */
static void shifts_what_is_inserted(void **state)
{
	struct inserted plain, focused;
	struct mutator_focus focus;

	(void)state;
	insert(NULL, &plain);
	for (enum focus_kind kind = 0; kind < NR_FOCUS_KINDS; kind++) {
		uint32_t wanted = 0, wanted_plain = 0;

		mutator_focus_init(&focus, kind);
		insert(&focus, &focused);
		for (unsigned int code = 1; code < NR_OP_CODES; code++) {
			if (!op_info(code)->name || focus_times(kind, code) == 1)
				continue;
			wanted += focused.of[code];
			wanted_plain += plain.of[code];
			if (share(focused.of[code], &focused) < 1.2 * share(plain.of[code], &plain))
				fail_msg("%s: %s is not inserted more often", focus_at(kind)->name,
					 op_info(code)->name);
		}
		if (wanted && share(wanted, &focused) < 1.6 * share(wanted_plain, &plain))
			fail_msg("%s: %.3f of what is inserted, %.3f without", focus_at(kind)->name,
				 share(wanted, &focused), share(wanted_plain, &plain));
		assert_true(focus_at(kind)->fail > 1 ?
				    share(focused.failing, &focused) > 4 * share(plain.failing, &plain) :
				    share(focused.failing, &focused) < 1.2 * share(plain.failing, &plain));
	}
}

/* Each byte stands for an operation, each operation has a byte. */
static void weights_are_scaled(void **state)
{
	(void)state;
	for (enum focus_kind kind = 0; kind < NR_FOCUS_KINDS; kind++) {
		uint32_t bytes[NR_OP_CODES] = { 0 };
		uint8_t opcodes[256];

		focus_opcodes(kind, opcodes);
		for (unsigned int i = 0; i < 256; i++)
			bytes[opcodes[i]]++;
		assert_int_equal(bytes[OP_NONE], 0);
		for (unsigned int code = 1; code < NR_OP_CODES; code++)
			assert_true(!op_info(code)->name == !bytes[code]);
		if (kind == FOCUS_ALL)
			for (unsigned int code = 1; code < NR_OP_CODES; code++)
				assert_int_equal(bytes[code], op_info(code)->weight);
	}
}

/* Through the interface of libFuzzer. Run last: the focus stays. */
static void is_taken_by_later_calls(void **state)
{
	static uint8_t plain[PROGRAM_MAX_BYTES], all[PROGRAM_MAX_BYTES], focused[PROGRAM_MAX_BYTES];
	uint32_t different = 0;

	(void)state;
	for (unsigned int seed = 0; seed < 50; seed++) {
		size_t size = LLVMFuzzerCustomMutator(plain, 0, sizeof(plain), seed);

		mutator_set_focus(FOCUS_ALL);
		assert_int_equal(LLVMFuzzerCustomMutator(all, 0, sizeof(all), seed), size);
		assert_memory_equal(all, plain, size);
	}
	mutator_set_focus(FOCUS_SWAP);
	for (unsigned int seed = 0; seed < 50; seed++) {
		size_t size = LLVMFuzzerCustomMutator(focused, 0, sizeof(focused), seed);

		mutator_set_focus(FOCUS_ALL);
		different += LLVMFuzzerCustomMutator(all, 0, sizeof(all), seed) != size ||
			     memcmp(all, focused, size) != 0;
		mutator_set_focus(FOCUS_SWAP);
	}
	assert_true(different > 40);
}

static void names(void **state)
{
	char text[FOCUS_ERROR_MAX];

	(void)state;
	focus_unknown("swamp", text);
	assert_true(strlen(text) < sizeof(text) - 1); /* nothing is cut off */
	for (unsigned int kind = 0; kind < NR_FOCUS_KINDS; kind++) {
		assert_int_equal(focus_find(focus_at(kind)->name), kind);
		assert_non_null(strstr(text, focus_at(kind)->name));
	}
	assert_int_equal(focus_find("swamp"), NR_FOCUS_KINDS);
	assert_int_equal(focus_find(""), NR_FOCUS_KINDS);
	assert_null(focus_at(NR_FOCUS_KINDS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shifts_what_is_inserted),
		cmocka_unit_test(weights_are_scaled),
		cmocka_unit_test(names),
		cmocka_unit_test(is_taken_by_later_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
