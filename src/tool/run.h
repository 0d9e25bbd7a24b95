/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rmapfuzz run: between the verb (run.c) and the replay of one file
 * (run_one.c, run_json.c). Nobody else includes this.
 */
#ifndef RMAPFUZZ_TOOL_RUN_H
#define RMAPFUZZ_TOOL_RUN_H

#include "driver/expect.h"
#include "tool/json.h"
#include "tool/tool.h"

/* Numbers of one file, or of all: sums are made field by field. */
struct run_counts {
	unsigned int programs, bad, violations, versions, differences, known_defects, updated;
};

struct run {
	struct target_options target;
	bool quiet, json, update;
	bool alone; /* one file, so a violation gets its story */
	unsigned int jobs;
	struct file_arguments files;
	struct players players;
	struct run_counts sum;
};

/* Replays one file: a line or more on out, or an object if run->json; faults of the file on standard error. */
void run_one(struct run *run, const char *path, FILE *out, struct run_counts *counts);

/* ---- run_json.c ---- */

json_t *run_json_violation(const struct violation *violation);
json_t *run_json_version(const struct expect_result *result);
/* verdict, and for a bad file what is wrong with it; error may be NULL. */
void run_json_print(FILE *out, json_t *object, const struct run_counts *counts, const char *error);
void run_json_print_sum(const struct run_counts *sum, bool interrupted);

#endif
