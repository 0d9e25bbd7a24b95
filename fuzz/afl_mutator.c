// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mutator as a custom mutator library of AFL++ (4.04): load it with
 * AFL_CUSTOM_MUTATOR_LIBRARY. AFL++ calls what it exports, with one handle a
 * fuzzer; the programs come from fuzz/mutator.c as under libFuzzer.
 *
 * RMAPFUZZ_FOCUS is the focus, as --focus of the target, RMAPFUZZ_SWARM is as
 * --swarm. Allocates once, in afl_custom_init. Must never keep anything of an
 * input: only the series of seeds goes on from call to call.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/focus.h"

#define EXPORTED __attribute__((visibility("default")))

/* fuzz/mutator.c */
void mutator_set_focus(enum focus_kind kind);
void mutator_set_swarm(bool on);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
				 uint8_t *out, size_t max_out_size, unsigned int seed);

/* AFL++'s names and types; its state is not looked at. */
EXPORTED void *afl_custom_init(void *afl, unsigned int seed);
EXPORTED size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t buf_size, uint8_t **out_buf,
				uint8_t *add_buf, size_t add_buf_size, size_t max_size);
EXPORTED void afl_custom_deinit(void *data);

struct afl_mutator {
	uint32_t seed; /* of the next call */
	uint8_t out[PROGRAM_MAX_BYTES];
};

/* A wrong name ends afl-fuzz, which has nothing of its own to say about it. */
static void take_focus(void)
{
	const char *name = getenv("RMAPFUZZ_FOCUS");
	char error[FOCUS_ERROR_MAX];

	if (!name || !*name)
		return;
	enum focus_kind kind = focus_find(name);

	if (kind == NR_FOCUS_KINDS) {
		focus_unknown(name, error);
		fprintf(stderr, "rmapfuzz: RMAPFUZZ_FOCUS: %s\n", error);
		exit(1);
	}
	mutator_set_focus(kind);
}

void *afl_custom_init(void *afl, unsigned int seed)
{
	struct afl_mutator *mutator = calloc(1, sizeof(*mutator));
	const char *swarm = getenv("RMAPFUZZ_SWARM");

	(void)afl;
	take_focus();
	if (swarm && strcmp(swarm, "off") == 0)
		mutator_set_swarm(false);
	if (mutator)
		mutator->seed = seed;
	return mutator;
}

size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t buf_size, uint8_t **out_buf, uint8_t *add_buf,
		       size_t add_buf_size, size_t max_size)
{
	struct afl_mutator *mutator = data;
	size_t size = 0;

	if (max_size > sizeof(mutator->out))
		max_size = sizeof(mutator->out);
	if (buf_size > max_size)
		buf_size = max_size;
	*out_buf = mutator->out;
	mutator->seed++;
	if (add_buf && add_buf_size)
		size = LLVMFuzzerCustomCrossOver(buf, buf_size, add_buf, add_buf_size, mutator->out, max_size,
						 mutator->seed);
	if (size)
		return size;
	memcpy(mutator->out, buf, buf_size);
	return LLVMFuzzerCustomMutator(mutator->out, buf_size, max_size, mutator->seed);
}

void afl_custom_deinit(void *data)
{
	free(data);
}
