/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model features: what a program reached in the model, as small numbers
 * (features.def), read from the view after each operation. Independent of
 * compilers and fuzzers, so that a set of programs can be compared and
 * distilled anywhere. Never changes a state and never judges one.
 *
 * The facts below are pure functions from a state to a number below the size
 * of a feature: who wants them as feedback can feed them to counters.
 */
#ifndef RMAPFUZZ_DRIVER_FEATURES_H
#define RMAPFUZZ_DRIVER_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/player.h"
#include "model/release.h"

enum feature_axis {
#define AXIS(symbol, size, words) AXIS_##symbol,
#include "driver/features.def"
	NR_AXES,
};

enum feature_axis_size {
#define AXIS(symbol, size, words) AXIS_SIZE_##symbol = (size),
#include "driver/features.def"
};

enum feature_kind {
#define FEATURE(symbol, name, words, a, b, c, d, what) FEATURE_##symbol,
#include "driver/features.def"
	NR_FEATURE_KINDS,
};

/* Each kind has the numbers FIRST_kind .. LAST_kind of one numbering. */
enum feature_number {
#define FEATURE(symbol, name, words, a, b, c, d, what)           \
	FEATURE_FIRST_##symbol,                                  \
		FEATURE_LAST_##symbol = FEATURE_FIRST_##symbol + \
					AXIS_SIZE_##a * AXIS_SIZE_##b * AXIS_SIZE_##c * AXIS_SIZE_##d - 1,
#include "driver/features.def"
	NR_FEATURES,
};

enum { FEATURE_AXES = 4, FEATURE_WORDS = (NR_FEATURES + 63) / 64, FEATURE_NAME_MAX = 200 };

struct feature_info {
	const char *name;
	const char *words; /* with an @ for each axis */
	const char *what;
	uint32_t first, nr;
	uint8_t axis[FEATURE_AXES]; /* enum feature_axis */
};

/* Facts of a kind, below NR_FEATURE_KINDS. */
const struct feature_info *feature_info(enum feature_kind kind);
/* How many values an axis has. */
uint32_t feature_axis_size(enum feature_axis axis);
/* The error (enum op_error) that a value of AXIS_OUTCOME stands for. */
int feature_outcome(uint32_t value);
/* The value of AXIS_ANSWER for a decision (enum decision) and what it came out as. */
uint32_t feature_answer(unsigned int decision, uint32_t value);
/* "pair: fork then exit, another process, elsewhere". Returns the length. */
size_t feature_name(uint32_t number, char out[FEATURE_NAME_MAX]);

/* ---- facts (features_state.c) ---- */

/* 0, 1, 2, 3 or more; the same and 4 to 7, 8 to 15, 16 to 31, 32 or more. */
uint32_t bucket4(uint32_t count);
uint32_t bucket8(uint32_t count);

/* State of the page that a process's operation is about to work on: below AXIS_SIZE_VMA * AXIS_SIZE_ENTRY. */
uint32_t fact_target(const struct view *view, unsigned int process, unsigned int page);
/* Chain and flags of a VMA: a number within FEATURE_CHAIN; the others in the same way. */
uint32_t fact_chain(const struct vm_area_struct *vma);
uint32_t fact_anon_vma(const struct view *view, const struct anon_vma *anon_vma);
uint32_t fact_counters(const struct anon_vma *anon_vma);
/* The family of an anon_vma. Looks at all anon_vmas. */
uint32_t fact_family(const struct view *view, const struct anon_vma *anon_vma);
uint32_t fact_page(const struct view *view, const struct page *page);
uint32_t fact_sharing(const struct view *view, const struct page *page);
uint32_t fact_slot(const struct swap_slot *slot);

/* ---- collecting (features.c) ---- */

struct features {
	uint64_t seen[FEATURE_WORDS]; /* bit n: feature n */
	const struct release *release;
	const struct program *program;
	uint32_t at;                      /* operations seen */
	const struct op *last;            /* the last operation that was not for nothing */
	uint8_t generation[NR_PROCESSES]; /* forks between A and each process */
	uint32_t target;                  /* fact_target() of the next operation */
	struct feature_count {
		uint32_t born, live;
	} before[AXIS_SIZE_OBJECT]; /* objects before the next operation */
};

/* Before a program is played, by player_run(); release and program must stay until it has been. */
void features_start(struct features *features, const struct release *release, const struct program *program);
/* A player_observer; data is the struct features. */
void features_observe(void *data, const struct view *view, const struct op *op, const struct op_result *result);
/* After it has been played: a violation is a feature as well; NULL if there was none. */
void features_end(struct features *features, const struct violation *violation);

/* How many, and their numbers in ascending order, each plus offset. numbers must have room for all. */
uint32_t features_count(const struct features *features);
void features_list(const struct features *features, uint32_t offset, uint32_t *numbers);

#endif
