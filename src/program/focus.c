// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of focus.def, and the weights that come of it. Must never list an
 * operation or a kind by itself.
 */
#include "program/focus.h"

#include <stdio.h>
#include <string.h>

static const struct focus kinds[NR_FOCUS_KINDS] = {
#define FOCUS(symbol, name, setting, fail, what) [FOCUS_##symbol] = { name, setting, fail, what },
#include "program/focus.def"
};

/* 0 where focus.def says nothing. */
static const uint8_t group_times[NR_FOCUS_KINDS][NR_OP_GROUPS] = {
#define GROUP_TIMES(focus, group, factor) [FOCUS_##focus][GROUP_##group] = (factor),
#include "program/focus.def"
};

static const uint8_t op_times[NR_FOCUS_KINDS][NR_OP_CODES] = {
#define OP_TIMES(focus, op, factor) [FOCUS_##focus][OP_##op] = (factor),
#include "program/focus.def"
};

const struct focus *focus_at(unsigned int kind)
{
	return kind < NR_FOCUS_KINDS ? &kinds[kind] : NULL;
}

enum focus_kind focus_find(const char *name)
{
	enum focus_kind kind = 0;

	while (kind < NR_FOCUS_KINDS && strcmp(kinds[kind].name, name) != 0)
		kind++;
	return kind;
}

unsigned int focus_times(enum focus_kind kind, unsigned int code)
{
	unsigned int of_group = group_times[kind][op_info(code)->group], of_op = op_times[kind][code];

	return (of_group ? of_group : 1) * (of_op ? of_op : 1);
}

static unsigned int largest(const uint32_t of[NR_OP_CODES])
{
	unsigned int best = 0;

	for (unsigned int code = 1; code < NR_OP_CODES; code++)
		if (of[code] > of[best])
			best = code;
	return best;
}

/* Shares of 256 by weight: rounded down, at least 1; what is left goes to those that lost most, one each. */
static void scale(const uint32_t weight[NR_OP_CODES], uint32_t share[NR_OP_CODES])
{
	uint32_t sum = 0, given = 0, lost[NR_OP_CODES];

	for (unsigned int code = 0; code < NR_OP_CODES; code++)
		sum += weight[code];
	for (unsigned int code = 0; code < NR_OP_CODES; code++) {
		share[code] = weight[code] * 256 / sum;
		lost[code] = weight[code] * 256 % sum;
		if (weight[code] && !share[code]) {
			share[code] = 1;
			lost[code] = 0;
		}
		given += share[code];
	}
	for (; given < 256; given++) {
		unsigned int best = largest(lost);

		share[best]++;
		lost[best] = 0;
	}
	for (; given > 256; given--)
		share[largest(share)]--;
}

void focus_opcodes(enum focus_kind kind, uint8_t opcodes[256])
{
	uint32_t weight[NR_OP_CODES], share[NR_OP_CODES], at = 0;

	for (unsigned int code = 0; code < NR_OP_CODES; code++)
		weight[code] = op_info(code)->weight * focus_times(kind, code);
	scale(weight, share);
	for (unsigned int code = 0; code < NR_OP_CODES; code++)
		for (uint32_t i = 0; i < share[code]; i++)
			opcodes[at++] = (uint8_t)code;
}

size_t focus_unknown(const char *name, char out[FOCUS_ERROR_MAX])
{
	size_t length = (size_t)snprintf(out, FOCUS_ERROR_MAX, "unknown focus '%.40s'; known:", name);

	for (unsigned int kind = 0; kind < NR_FOCUS_KINDS && length < FOCUS_ERROR_MAX; kind++)
		length += (size_t)snprintf(out + length, FOCUS_ERROR_MAX - length, "%s %s", kind ? "," : "",
					   kinds[kind].name);
	return length;
}
