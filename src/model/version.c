// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of kernel versions, see version.h. Never knows which versions there are.
 */
#include "model/version.h"

#include <string.h>

static bool parse_number(const char **text, uint32_t *number)
{
	const char *p = *text;
	uint32_t value = 0;

	if (*p < '0' || *p > '9')
		return false;
	while (*p >= '0' && *p <= '9') {
		if (value > 100000)
			return false;
		value = value * 10 + (uint32_t)(*p++ - '0');
	}
	*text = p;
	*number = value;
	return true;
}

bool version_parse(const char *text, struct version *version)
{
	const char *p = text;

	memset(version, 0, sizeof(*version));
	version->rc = 255;
	if (*p == 'v')
		p++;
	if (!parse_number(&p, &version->part[0]) || *p != '.')
		return false;
	for (int i = 1; i < 3 && *p == '.'; i++) {
		p++;
		if (!parse_number(&p, &version->part[i]))
			return false;
	}
	if (strncmp(p, "-rc", 3) == 0) {
		p += 3;
		if (!parse_number(&p, &version->rc))
			return false;
	}
	/* the part behind is a distribution's, or the fourth number of a 2.6.x stable release */
	return *p == '\0' || *p == '-' || *p == '+' || *p == '.' || *p == '~';
}

int version_compare(const struct version *a, const struct version *b)
{
	for (int i = 0; i < 3; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return a->rc == b->rc ? 0 : a->rc < b->rc ? -1 : 1;
}

bool version_same_series(const struct version *a, const struct version *b)
{
	return a->part[0] == b->part[0] && a->part[1] == b->part[1];
}
