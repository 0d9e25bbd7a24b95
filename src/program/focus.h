/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a fuzzer is after (focus.def): a name, a setting, and other weights for
 * the operations of ops.def. Facts only: who inserts by them is the mutator.
 */
#ifndef RMAPFUZZ_PROGRAM_FOCUS_H
#define RMAPFUZZ_PROGRAM_FOCUS_H

#include "program/program.h"

enum focus_kind {
#define FOCUS(symbol, name, setting, fail, what) FOCUS_##symbol,
#include "program/focus.def"
	NR_FOCUS_KINDS,
};

struct focus {
	const char *name;
	const char *setting; /* of the fuzz target, "recycle=now"; "" for none */
	unsigned int fail;   /* how many times as often an allocation is made to fail */
	const char *what;
};

/* NULL past the last kind. */
const struct focus *focus_at(unsigned int kind);

/* The kind of that name, NR_FOCUS_KINDS if there is none. */
enum focus_kind focus_find(const char *name);

/* What the weight of an operation is multiplied by. */
unsigned int focus_times(enum focus_kind kind, unsigned int code);

/* The operation of each opcode byte, for relative_init(). That of FOCUS_ALL is the table of ops.def. */
void focus_opcodes(enum focus_kind kind, uint8_t opcodes[256]);

enum { FOCUS_ERROR_MAX = 160 };
/* "unknown focus 'x'; known: all, fork, ..." Returns the length. */
size_t focus_unknown(const char *name, char out[FOCUS_ERROR_MAX]);

#endif
