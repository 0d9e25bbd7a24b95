// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bars as data, see bars.def. Never judges.
 */
#include <string.h>

#include "score/score.h"

enum { ELEVEN = 11 };

static const struct {
	const char *pattern;
	struct bar bar;
} bars[] = {
#define BAR(pattern, executions, seconds, seeds) { pattern, { executions, seconds, seeds, ELEVEN, 0 } },
#include "score/bars.def"
#undef BAR
};

const struct bar *bar_of(const char *id)
{
	for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
		size_t length = strcspn(bars[i].pattern, "*");

		if (strncmp(bars[i].pattern, id, length) == 0 && (bars[i].pattern[length] || !id[length]))
			return &bars[i].bar;
	}
	return NULL;
}

uint32_t bar_seeds(const struct bar *bar, uint32_t seeds)
{
	return (bar->of_eleven * seeds + ELEVEN - 1) / ELEVEN;
}
