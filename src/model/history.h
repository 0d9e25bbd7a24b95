/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which kernels had which bug, as history tells it (history.def). Independent
 * of the decisions in releases.def: that both agree is what the matrix shows
 * (driver/matrix.h).
 */
#ifndef RMAPFUZZ_MODEL_HISTORY_H
#define RMAPFUZZ_MODEL_HISTORY_H

#include "model/release.h"

enum history_kind {
	HISTORY_RELEASED,
	HISTORY_NEVER,
	HISTORY_RULE,
	HISTORY_CONFIG,
	HISTORY_DERIVED,
	HISTORY_LATENT,
};

struct history {
	const char *bug; /* id */
	enum history_kind kind;
	const char *introduced, *fixed; /* versions; introduced "" = older than the table */
	const char *stable;             /* fixed in stable series too: a list with commas */
	const char *note;
};

/* By number, in the order of history.def; NULL past the end. */
const struct history *history_at(size_t number);

/* The nth entry about a bug, from 0; NULL past the last. */
const struct history *history_of(const struct bug *bug, size_t nth);

/* The entry whose interval a kernel version is in; NULL if by history it did not have the bug. */
const struct history *history_in(const struct bug *bug, const char *version);

/* "released", "never", ... */
const char *history_kind_name(enum history_kind kind);

#endif
