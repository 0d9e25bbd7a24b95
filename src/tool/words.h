/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects in words, as traces and pictures have them: names and facts, with
 * the kernel's names for its fields. Only writes into a stream.
 */
#ifndef RMAPFUZZ_TOOL_WORDS_H
#define RMAPFUZZ_TOOL_WORDS_H

#include <stdio.h>

#include "tool/state.h"

/* The two states that a step lies between, and how much is to be said of an object. */
struct words {
	const struct state *before, *after;
	bool all; /* facts that did not change as well */
};

/* "mapcount 1 -> 2, refcount 1 -> 2": the facts of a record that changed; all of a new one, none of a freed one. */
void words_facts(FILE *out, const struct words *words, const struct change *change);

/* "A 0, B 3": places of page table entries; of nr pages in a row, "A 0..2, B 3..5"; nowhere if there are none. */
void words_places(FILE *out, const int8_t at[NR_PROCESSES], unsigned int nr, const char *nowhere);

/* "av2", or "av2(freed)" if it does not live in this state. */
void words_anon_vma(FILE *out, const struct state *state, uint32_t id);

/* "{av2 av1}": the anon_vmas of a VMA's AVCs, head first. */
void words_chain(FILE *out, const struct state *state, const struct state_vma *vma);

/* "rw locked": access and the other flags of a VMA that matter. */
void words_flags(FILE *out, uint32_t flags);

/* "page 2 (A 0), VMA 3 of A [0,1)": what names a freed anon_vma. Returns how many there are. */
unsigned int words_namers(FILE *out, const struct state *state, uint32_t anon_vma_id);

#endif
