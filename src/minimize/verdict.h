/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What came of playing a program, reduced to what tells one failure from
 * another. Knows nothing of how programs are played or made smaller.
 */
#ifndef RMAPFUZZ_MINIMIZE_VERDICT_H
#define RMAPFUZZ_MINIMIZE_VERDICT_H

#include "oracle/oracle.h"

enum { CRASH_NAME_MAX = 32, VERDICT_SIGNATURE_MAX = 64 };

struct verdict {
	bool failed;
	uint8_t invariant; /* enum invariant; INV_NONE if the process was stopped, see crash */
	uint8_t kind;      /* enum object_kind, with an invariant */
	uint8_t op_code;   /* operation at which it showed; OP_NONE: end or teardown */
	uint32_t step;     /* its number; behind the last operation in the teardown */
	bool without_bug;  /* it fails alike (class) without the bug that was turned back: another one */
	/* A process that was stopped: "use-after-poison" as ASan says, "signal-11"; "" for a violation. */
	char crash[CRASH_NAME_MAX];
};

/* Which failures are the same. */
enum match {
	MATCH_EXACT, /* the whole signature: invariant, object kind, operation kind */
	MATCH_CLASS, /* invariant and object kind: one bug shows at several operations */
	MATCH_ANY,   /* any failure */
};

bool verdict_matches(const struct verdict *a, const struct verdict *b, enum match match);

void verdict_of_violation(struct verdict *verdict, const struct violation *violation);

/* "I7-pte-read", as violation_signature(); "asan-use-after-poison-walk" for a stopped process. Returns the length. */
size_t verdict_signature(const struct verdict *verdict, char out[VERDICT_SIGNATURE_MAX]);

/* "exact", "class", "any"; false for anything else. */
bool match_parse(const char *text, enum match *match);

#endif
