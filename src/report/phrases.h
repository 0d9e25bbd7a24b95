/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facts as people write them: counts, durations, sizes, dates. Each returns its
 * buffer, and "unknown" for a JSON value that is no number.
 */
#ifndef RMAPFUZZ_REPORT_PHRASES_H
#define RMAPFUZZ_REPORT_PHRASES_H

#include <jansson.h>

struct phrase {
	char text[64];
};

/* "1,234,567" */
const char *in_count(struct phrase *phrase, const json_t *value);
/* "8 h 2 min", "40 s" */
const char *in_time(struct phrase *phrase, const json_t *seconds);
/* "12.4 MiB" */
const char *in_bytes(struct phrase *phrase, const json_t *bytes);
/* "2026-11-26 13:08 UTC" */
const char *in_date(struct phrase *phrase, const json_t *epoch);
/* "42 %", "3.4 %", "under 0.01 %" of two numbers; "-" of none */
const char *in_percent(struct phrase *phrase, double part, double whole);
/* "1 failure", "2 failures" */
const char *in_plural(struct phrase *phrase, json_int_t count, const char *noun);

#endif
