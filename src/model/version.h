/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of kernel versions and their order. Knows nothing of what a version
 * decides: that is release.h.
 */
#ifndef RMAPFUZZ_MODEL_VERSION_H
#define RMAPFUZZ_MODEL_VERSION_H

#include <stdbool.h>
#include <stdint.h>

/* 2.6.34-rc3 -> { 2, 6, 34, 3 }; a final release counts as rc 255. */
struct version {
	uint32_t part[3];
	uint32_t rc;
};

/* Accepts what uname -r prints too: "6.12.117-amd64" is 6.12.117. False if it is no version. */
bool version_parse(const char *text, struct version *version);

/* Less than, equal to or greater than zero, as strcmp(). */
int version_compare(const struct version *a, const struct version *b);

/* 6.12 and 6.12.117: of one stable series. */
bool version_same_series(const struct version *a, const struct version *b);

#endif
