/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that say what real kernels did with them ("#=" blocks, see
 * docs/program.md): the model must agree under every kernel version named.
 */
#ifndef RMAPFUZZ_DRIVER_EXPECT_H
#define RMAPFUZZ_DRIVER_EXPECT_H

#include "driver/settings.h"

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
int expect_compare(const struct settings *base, const struct program *program,
		   const struct program_notes *notes, expect_report report, void *data,
		   char error[SETTINGS_ERROR_MAX]);

#endif
