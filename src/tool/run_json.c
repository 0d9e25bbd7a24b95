// SPDX-License-Identifier: GPL-2.0-only
/*
 * What run says to scripts: one object a line, the sum last. Only prints.
 */
#include "tool/run.h"

json_t *run_json_violation(const struct violation *violation)
{
	char signature[VIOLATION_SIGNATURE_MAX];

	violation_signature(violation, signature);
	return json_pack("{s:o, s:i, s:s, s:o}", "invariant", json_sprintf("I%u", violation->invariant),
			 "operation", (int)violation->step, "signature", signature, "text",
			 json_text(violation->text));
}

json_t *run_json_version(const struct expect_result *result)
{
	json_t *version = json_pack("{s:s, s:b}", "version", result->version, "agrees", (int)result->agrees);

	if (!result->agrees)
		json_object_set_new(version, "difference", json_text(result->difference));
	if (result->violated)
		json_object_set_new(version, "violation", run_json_violation(&result->violation));
	if (result->defect)
		json_object_set_new(version, "known_defect", json_string(result->defect->id));
	return version;
}

static const char *verdict(const struct run_counts *counts)
{
	if (counts->bad)
		return "bad";
	if (counts->violations)
		return "violation";
	return counts->differences ? "differs" : "clean";
}

void run_json_print(FILE *out, json_t *object, const struct run_counts *counts, const char *error)
{
	json_object_set_new(object, "verdict", json_string(verdict(counts)));
	if (error)
		json_object_set_new(object, "error", json_text(error));
	json_print_line(out, object);
}

void run_json_print_sum(const struct run_counts *sum, bool was_interrupted)
{
	json_print_line(stdout, json_pack("{s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:b}}", "sum", "programs",
					  (int)sum->programs, "bad", (int)sum->bad, "violations",
					  (int)sum->violations, "versions", (int)sum->versions, "differences",
					  (int)sum->differences, "known_defects", (int)sum->known_defects,
					  "updated", (int)sum->updated, "interrupted", (int)was_interrupted));
}
