/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that say what real kernels did with them ("#=" blocks, see
 * docs/program.md): the model must agree under every kernel version named.
 */
#ifndef RMAPFUZZ_DRIVER_EXPECT_H
#define RMAPFUZZ_DRIVER_EXPECT_H

#include "driver/players.h"
#include "oracle/snapshot.h"

enum { EXPECT_TEXT_MAX = 1024 };

/* How one kernel version of a program came out. */
struct expect_result {
	char version[VERSION_TEXT_MAX];
	bool agrees;
	/* First difference in words, "" if it agrees. */
	char difference[EXPECT_TEXT_MAX];
	/* Verdict of the oracle on the way there. */
	bool violated;
	struct violation violation;
	/* A known defect of that release explains the violation: with it repaired the program is clean. */
	const struct bug *defect;
};

typedef void (*expect_report)(void *data, const struct expect_result *result);

/*
 * Compares under each version of each block; base gives checks and recycling. Reports every
 * version. Returns the number of versions compared, or -1 with error set (unknown version, memory).
 */
int expect_compare(struct players *players, const struct settings *base, const struct program *program,
		   const struct program_notes *notes, expect_report report, void *data,
		   char error[SETTINGS_ERROR_MAX]);

/*
 * The text of a program with each block that a version does not agree with made anew from what the model
 * does: under one head the versions that are alike, in the order in which they were named. A block records
 * what it recorded before (VMAs, pages, errors); a head without lines gets the row of VMAs. All else stays
 * byte for byte. *out is allocated, NULL if nothing changes. Returns the number of blocks that were made
 * anew, or -1 with error set.
 */
int expect_update(struct players *players, const struct settings *base, const struct program *program,
		  const struct program_notes *notes, const char *text, size_t length, char **out,
		  size_t *out_length, char error[SETTINGS_ERROR_MAX]);

/* ---- for the files of expectations ---- */

/* What the model did: filled by playing, compared or written afterwards. */
struct played {
	int errors[MAX_OPS];
	uint32_t nr_ops;
	char row[SNAPSHOT_TEXT_MAX];
	char pages[SNAPSHOT_TEXT_MAX];
	bool truncated;
};

/* Plays without judging, and says what came out. False: no memory. */
bool expect_play(struct players *players, const struct settings *settings, const struct program *program,
		 struct played *played);

/* True if what was played is what a block says; difference says what is not, in words. */
bool expect_block_agrees(const struct program *program, const struct program_notes *notes,
			 const struct expectation *expectation, const struct played *played,
			 char difference[EXPECT_TEXT_MAX]);

/* True if errors of operations are recorded in this program at all. */
bool expect_records_errors(const struct program *program, const struct program_notes *notes);
bool expect_is_error_name(const struct span *span);
bool expect_is_errors_line(const struct span *line);

/* Takes the next word of a list of versions; false at its end. */
bool expect_next_version(struct span *versions, char version[VERSION_TEXT_MAX]);

/* Settings of one version of a block. */
bool expect_settings(const struct settings *base, const char *version, struct settings *settings,
		     char error[SETTINGS_ERROR_MAX]);

#endif
