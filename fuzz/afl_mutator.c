// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mutator as a custom mutator library of AFL++ (4.04): load it with
 * AFL_CUSTOM_MUTATOR_LIBRARY. AFL++ calls what it exports, with one handle a
 * fuzzer; the programs come from fuzz/mutator.c as under libFuzzer.
 *
 * Allocates once, in afl_custom_init. Must never keep anything of an input:
 * only the series of seeds goes on from call to call.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "program/program.h"

#define EXPORTED __attribute__((visibility("default")))

/* fuzz/mutator.c */
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

void *afl_custom_init(void *afl, unsigned int seed)
{
	struct afl_mutator *mutator = calloc(1, sizeof(*mutator));

	(void)afl;
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
