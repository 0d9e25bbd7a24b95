/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mutator as AFL++ loads it: the library is opened, its three functions are
 * called in the order and with the arguments of afl-fuzz 4.04.
 *
 * Must never link with the library: what it needs must come with it.
 */
#include "program/focus.h"
#include "test_program_util.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

/* As afl-fuzz declares them; its state is opaque here. */
struct afl_library {
	void *handle;
	void *(*init)(void *afl, unsigned int seed);
	size_t (*fuzz)(void *data, uint8_t *buf, size_t buf_size, uint8_t **out_buf, uint8_t *add_buf,
		       size_t add_buf_size, size_t max_size);
	void (*deinit)(void *data);
};

static void *symbol(const struct afl_library *library, const char *name)
{
	void *address = dlsym(library->handle, name);

	if (!address)
		fail_msg("%s", dlerror());
	return address;
}

static int open_library(void **state)
{
	static struct afl_library library;

	/* RTLD_NOW: a symbol that afl-fuzz does not have would show here */
	library.handle = dlopen(RMAPFUZZ_MUTATOR_LIBRARY, RTLD_NOW);
	if (!library.handle)
		fail_msg("%s", dlerror());
	*(void **)&library.init = symbol(&library, "afl_custom_init");
	*(void **)&library.fuzz = symbol(&library, "afl_custom_fuzz");
	*(void **)&library.deinit = symbol(&library, "afl_custom_deinit");
	*state = &library;
	return 0;
}

static int close_library(void **state)
{
	const struct afl_library *library = *state;

	return dlclose(library->handle);
}

static void check_output(const uint8_t *out, size_t size, size_t max_size)
{
	static struct program program;
	uint8_t again[PROGRAM_MAX_BYTES];

	assert_in_range(size, PROGRAM_HEADER_BYTES, max_size);
	program_decode(&program, out, size);
	assert_int_equal(program_encode(&program, again), size);
	again[PROGRAM_BYTE_SWARM] = out[PROGRAM_BYTE_SWARM];
	assert_memory_equal(again, out, size);
}

/* A queue that feeds on itself. Returns a hash of all that came out. */
static uint64_t fuzz_a_while(const struct afl_library *library, unsigned int seed)
{
	enum { NR_QUEUE = 16, CALLS = 20000 };
	static uint8_t queue[NR_QUEUE][PROGRAM_MAX_BYTES];
	size_t sizes[NR_QUEUE], longest = 0;
	uint64_t random = 5, hash = 0xcbf29ce484222325ULL;
	void *data = library->init(NULL, seed);

	assert_non_null(data);
	for (uint32_t i = 0; i < NR_QUEUE; i++) {
		sizes[i] = 1 + random_below(&random, 200);
		random_fill(&random, queue[i], sizes[i]);
	}
	for (uint32_t i = 0; i < CALLS; i++) {
		uint32_t a = random_below(&random, NR_QUEUE), b = random_below(&random, NR_QUEUE);
		size_t max_size = random_below(&random, 4) ? 1 << 20 : 4 + random_below(&random, 1000), size;
		uint8_t *out = NULL;

		/* afl-fuzz has nothing to add as long as its queue has one entry */
		size = library->fuzz(data, queue[a], sizes[a], &out, b ? queue[b] : NULL, b ? sizes[b] : 0,
				     max_size);
		assert_non_null(out);
		check_output(out, size, max_size);
		memcpy(queue[b], out, size);
		sizes[b] = size;
		longest = size > longest ? size : longest;
		for (size_t k = 0; k < size; k++)
			hash = (hash ^ out[k]) * 0x100000001b3ULL;
	}
	assert_int_equal(longest, PROGRAM_MAX_BYTES);
	library->deinit(data);
	return hash;
}

/* Canonical, within max_size; a seed gives the same series twice, another seed another one. */
static void test_fuzz(void **state)
{
	uint64_t first = fuzz_a_while(*state, 1);

	assert_true(fuzz_a_while(*state, 1) == first);
	assert_true(fuzz_a_while(*state, 2) != first);
}

/* Inputs larger than any program, and no room at all: AFL++ then skips the case. */
static void test_extremes(void **state)
{
	const struct afl_library *library = *state;
	static uint8_t large[2 * PROGRAM_MAX_BYTES];
	void *data = library->init(NULL, 7);
	uint8_t *out = NULL;

	large[PROGRAM_BYTE_VERSION] = PROGRAM_FORMAT_VERSION;
	for (unsigned int n = 0; n < 100; n++) {
		size_t size = library->fuzz(data, large, sizeof(large), &out, large, sizeof(large), 1 << 20);

		check_output(out, size, PROGRAM_MAX_BYTES);
	}
	assert_int_equal(library->fuzz(data, large, sizeof(large), &out, NULL, 0, 3), 0);
	library->deinit(data);
}

/* Of the operations of fresh programs, how many the focus on that kind is after, in thousandths. */
static uint32_t share_of(const struct afl_library *library, enum focus_kind kind)
{
	static struct program program;
	uint32_t all = 0, wanted = 0;
	void *data = library->init(NULL, 11);
	uint8_t *out = NULL, empty = 0;

	for (unsigned int n = 0; n < 500; n++) {
		size_t size = library->fuzz(data, &empty, 0, &out, NULL, 0, 1 << 20);

		program_decode(&program, out, size);
		all += program.nr_ops;
		for (uint32_t i = 0; i < program.nr_ops; i++)
			wanted += focus_times(kind, program.ops[i].code) > 1;
	}
	library->deinit(data);
	return wanted * 1000 / all;
}

/* RMAPFUZZ_FOCUS is obeyed; an empty one is none, a wrong one ends the process. */
static void test_focus(void **state)
{
	const struct afl_library *library = *state;
	uint32_t plain, focused;
	int status;

	setenv("RMAPFUZZ_FOCUS", "", 1);
	plain = share_of(library, FOCUS_SWAP);
	setenv("RMAPFUZZ_FOCUS", "swap", 1);
	focused = share_of(library, FOCUS_SWAP);
	assert_true(focused > plain * 3 / 2);

	setenv("RMAPFUZZ_FOCUS", "swamp", 1);
	pid_t child = fork();

	if (!child) {
		fclose(stderr);
		library->init(NULL, 1);
		_exit(0);
	}
	assert_true(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 1);
	unsetenv("RMAPFUZZ_FOCUS");
}

int main(void)
{
	/* the focus stays with the library: last */
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fuzz), cmocka_unit_test(test_extremes),
					    cmocka_unit_test(test_focus) };

	return cmocka_run_group_tests(tests, open_library, close_library);
}
