/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Releases and bugs as data. A release is one value for each decision; a bug
 * is a release with one decision turned back. The engine sees nothing else.
 */
#ifndef RMAPFUZZ_MODEL_RELEASE_H
#define RMAPFUZZ_MODEL_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view.h"

enum decision {
#define DECISION(symbol, what) DECISION_##symbol,
#include "model/decisions.def"
	NR_DECISIONS,
};

/*
 * Values of each decision, counted from 0. DECISION_SYMBOL opens a numbering of its own: the
 * offset of the group within one enumeration is taken off again by the name below.
 */
enum decision_value_serial {
#define DECISION(symbol, what) SERIAL_START_##symbol,
#define VALUE(symbol, value, meaning) SERIAL_##symbol##_##value,
#include "model/decisions.def"
	NR_DECISION_SERIALS,
};

enum decision_value {
#define VALUE(symbol, value, meaning) \
	symbol##_##value = SERIAL_##symbol##_##value - SERIAL_START_##symbol - 1,
#include "model/decisions.def"
};

/* One value for each decision. */
struct decisions {
	uint8_t value[NR_DECISIONS];
};

struct release {
	const char *name;
	struct decisions decisions;
	struct view_rules rules; /* what an oracle may expect of this release */
};

struct bug {
	const char *id;    /* "S01" */
	const char *name;  /* "swapin-newest-anon-vma" */
	const char *fix;   /* commit id, "" where it is not established */
	const char *title; /* of the fix */
	uint8_t decision;  /* enum decision */
	uint8_t wrong, right;
	const char *first, *last; /* releases over which it makes sense; last "" = the newest */
	const char *invariants;
	const char *what;
	bool of_reuse; /* shows only where freed memory is used again at once */
};

/*
 * The row that governs a kernel version ("6.18.5", "2.6.34-rc3", "v6.12", "newest").
 * Returns false if the text is no version or older than the first row.
 */
bool release_find(const char *version, struct release *release);

/* Rows by number, oldest first; false past the end. */
bool release_at(size_t number, struct release *release);

/* For listings: the row that a row's changes refer to, NULL for the first; whether it is a back-port. */
const char *release_based_on(size_t number);
bool release_series_only(size_t number);

/* A bug by id or name, any case; NULL if unknown. */
const struct bug *bug_find(const char *name);
const struct bug *bug_at(size_t number); /* NULL past the end */

/* True if the wrong decision makes sense on a release. */
bool bug_applies(const struct bug *bug, const struct release *release);

/* True if the release, unmodified, takes the wrong decision. */
bool bug_in_release(const struct bug *bug, const struct release *release);

/* Turns the decision back (wrong) or forward (right). The rules stay those of the release. */
void bug_turn_back(const struct bug *bug, struct release *release);
void bug_repair(const struct bug *bug, struct release *release);
/* Repairs all that the release has by itself. */
void bug_repair_all(struct release *release);

/* Makes the rules those of the decisions as they are now: a promise that goes with a decision that was changed. */
void release_derive_rules(struct release *release);

/* Texts for listings. */
const char *decision_name(enum decision decision);
const char *decision_what(enum decision decision);
const char *decision_value_name(enum decision decision, unsigned int value); /* NULL past the last value */
const char *decision_value_meaning(enum decision decision, unsigned int value);

#endif
