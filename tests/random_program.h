/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random programs for tests: the decoder's relative form fed with a fixed
 * generator, so a test's programs are the same on every machine.
 */
#ifndef RMAPFUZZ_TESTS_RANDOM_PROGRAM_H
#define RMAPFUZZ_TESTS_RANDOM_PROGRAM_H

#include "program/program.h"

/* Fills program with up to nr_ops operations; the same seed gives the same program. */
void random_program(struct program *program, uint64_t seed, uint32_t nr_ops);

/* Reads and parses corpus/ or tests/ files of a folder in order of name; returns how many (at most max). */
struct named_program {
	char name[128];
	struct program program;
	struct program_notes notes;
	char text[8192];
};
unsigned int read_folder(const char *folder, struct named_program *programs, unsigned int max);

#endif
