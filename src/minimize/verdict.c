// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verdicts, see verdict.h. The signature of a violation is the oracle's, so
 * that dedup, DEDUP_TOKEN and minimizer can never disagree.
 */
#include "minimize/verdict.h"

#include <stdio.h>
#include <string.h>

bool verdict_matches(const struct verdict *a, const struct verdict *b, enum match match)
{
	if (!a->failed || !b->failed)
		return false;
	if (match == MATCH_ANY)
		return true;
	if (a->invariant != b->invariant || a->kind != b->kind || a->without_bug != b->without_bug ||
	    strcmp(a->crash, b->crash) != 0)
		return false;
	return match == MATCH_CLASS || a->op_code == b->op_code;
}

void verdict_of_violation(struct verdict *verdict, const struct violation *violation)
{
	*verdict = (struct verdict){
		.failed = true,
		.invariant = violation->invariant,
		.kind = violation->kind,
		.op_code = violation->op_code,
		.step = violation->step,
	};
}

size_t verdict_signature(const struct verdict *verdict, char out[VERDICT_SIGNATURE_MAX])
{
	const char *name = op_info(verdict->op_code)->name;

	_Static_assert((int)VIOLATION_SIGNATURE_MAX <= (int)VERDICT_SIGNATURE_MAX,
		       "room for an oracle's signature");
	if (verdict->invariant != INV_NONE) {
		struct violation violation = {
			.invariant = verdict->invariant,
			.kind = verdict->kind,
			.op_code = verdict->op_code,
		};

		return violation_signature(&violation, out);
	}
	return (size_t)snprintf(out, VERDICT_SIGNATURE_MAX, "%s-%s", verdict->crash, name ? name : "end");
}

bool match_parse(const char *text, enum match *match)
{
	static const char *const names[] = {
		[MATCH_EXACT] = "exact", [MATCH_CLASS] = "class", [MATCH_ANY] = "any"
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			*match = (enum match)i;
			return true;
		}
	return false;
}
