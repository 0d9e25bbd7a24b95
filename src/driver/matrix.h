/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Releases against bugs: by history, and by what the reproducers of a bug do
 * under the rules of a release. Says of each pair whether the two agree.
 * Reads no files: the reproducers are handed in.
 *
 * A release with several bugs may fail by another one first. So each pair is
 * also judged alone: all that the release has by itself is repaired, but for
 * this one decision. It has the bug if its reproducers are silent with the
 * decision right, and fail by one of the bug's invariants with it wrong.
 */
#ifndef RMAPFUZZ_DRIVER_MATRIX_H
#define RMAPFUZZ_DRIVER_MATRIX_H

#include "driver/players.h"
#include "model/history.h"

/* A program that shows a bug somewhere. */
struct reproducer {
	const struct bug *bug;
	const struct program *program;
	const char *path;
};

struct reproducers {
	const struct reproducer *all;
	size_t nr;
};

/* How a release plays the reproducers of one bug. */
struct exhibit {
	bool failed;     /* one of them at least */
	bool by_the_bug; /* by one of the bug's invariants */
	uint8_t invariant;
	uint32_t step;
	const char *path; /* of the one that failed; by the bug, if one did */
};

/* What a cell of the matrix is, for print. */
enum matrix_mark {
	MARK_SHOWN = 'X',   /* had, and the unmodified release fails by it */
	MARK_HIDDEN = 'x',  /* had, but the unmodified release fails by another of its bugs first */
	MARK_SILENT = '.',  /* not had, silent */
	MARK_OTHER = 'o',   /* not had; the reproducer meets another bug of the release */
	MARK_RULE = 'r',    /* the rule of the time */
	MARK_CONFIG = 'k',  /* had by kernels that are configured otherwise than the rows */
	MARK_DERIVED = 'd', /* shown, but history does not tell of it */
	MARK_LATENT = 'l',  /* decided wrongly, nothing could come of it */
	MARK_WRONG = '!',   /* history and reproducers do not agree */
};

struct matrix_cell {
	const struct history *history; /* NULL: by history it did not have the bug */
	enum matrix_mark mark;
	struct exhibit unmodified, alone, repaired;
	const char *disagreement; /* in words; NULL where history, row and reproducers agree */
};

/* False if memory is short, or there is no such release. */
bool matrix_judge(struct players *players, size_t release_number, const struct bug *bug,
		  const struct reproducers *reproducers, struct matrix_cell *cell);

#endif
