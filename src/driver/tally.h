/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of a run that outlive it: a file mapped into memory. Counting is a
 * store to memory; whatever ends the process, the kernel has what was counted,
 * and the next run goes on from there. Nothing is written or synced in between,
 * so a machine that loses power may lose the counts of the last seconds.
 *
 * One writer a file, any number of readers. The input that was being played
 * when a process was killed may be counted in part.
 */
#ifndef RMAPFUZZ_DRIVER_TALLY_H
#define RMAPFUZZ_DRIVER_TALLY_H

#include "driver/known.h"

enum { TALLY_FORMAT = 1, TALLY_ERROR_MAX = 320 };

/*
 * What became of the operations of one kind. executed is the sum of effective (it succeeded), failed (an
 * error) and those that were for nothing by definition (OP_NOTHING: process absent, target taken).
 */
struct tally_op {
	uint64_t executed, effective, failed;
};

struct tally_known {
	char class[KNOWN_CLASS_MAX];
	uint64_t count;
};

/* The file. Counters are those of this machine's byte order: the magic number says so. */
struct tally_counts {
	uint64_t magic;
	uint32_t format;
	uint32_t size;   /* of the file */
	uint64_t tables; /* hash of the names that the counters below belong to, in their order */
	uint64_t executions, operations;
	uint64_t unlisted; /* known failures for which there was no place left in the table below */
	uint64_t reserved[10];
	struct tally_op op[NR_OP_CODES];
	uint64_t asked[NR_DECISIONS]; /* executions in which the release was asked for this decision */
	struct tally_known known[MAX_KNOWN];
};

struct tally {
	int file;
	uint64_t asked; /* in this execution: as view.asked */
	struct tally_counts *counts;
};

/*
 * For counting: goes on with a file, or makes one, complete or not at all. False, and a line that says
 * why, if it is no tally, or one of other tables or another format, or another process counts in it.
 */
bool tally_open(struct tally *tally, const char *path, char error[TALLY_ERROR_MAX]);
void tally_close(struct tally *tally);

/* Before a program is played, by player_run() with tally_observe and the tally as data, and after it. */
void tally_begin(struct tally *tally);
void tally_observe(void *data, const struct view *view, const struct op *op, const struct op_result *result);
void tally_end(struct tally *tally);

/* A known failure was met. */
void tally_known(struct tally *tally, const char *class);

/* Hash of the names that the counters belong to: builds with the same one understand each other's tallies. */
uint64_t tally_tables(void);

/* A copy of a file, while it is being written, too. False, and a line that says why, as tally_open(). */
bool tally_read(const char *path, struct tally_counts *counts, char error[TALLY_ERROR_MAX]);

#endif
