// SPDX-License-Identifier: GPL-2.0-only
/*
 * Features in words, for people: all that is said of a feature comes from
 * features.def and from the tables it refers to. Collects nothing.
 */
#include "driver/features.h"

#include <stdio.h>
#include <string.h>

static const struct feature_info infos[NR_FEATURE_KINDS] = {
#define FEATURE(symbol, kind_name, kind_words, a, b, c, d, kind_what) \
	{ .name = (kind_name),                                        \
	  .words = (kind_words),                                      \
	  .what = (kind_what),                                        \
	  .first = FEATURE_FIRST_##symbol,                            \
	  .nr = FEATURE_LAST_##symbol - FEATURE_FIRST_##symbol + 1,   \
	  .axis = { AXIS_##a, AXIS_##b, AXIS_##c, AXIS_##d } },
#include "driver/features.def"
};

const struct feature_info *feature_info(enum feature_kind kind)
{
	return &infos[kind];
}

uint32_t feature_axis_size(enum feature_axis axis)
{
	static const uint16_t sizes[NR_AXES] = {
#define AXIS(symbol, size, words) (size),
#include "driver/features.def"
	};

	return sizes[axis];
}

int feature_outcome(uint32_t value)
{
	static const int16_t errors[AXIS_SIZE_OUTCOME] = { OP_OK,     OP_NOTHING, OP_EPERM,
							   OP_EIO,    OP_EAGAIN,  OP_ENOMEM,
							   OP_EFAULT, OP_EBUSY,   OP_EEXIST,
							   OP_EINVAL, OP_SIGSEGV, INT16_MAX /* any other */ };

	return errors[value < AXIS_SIZE_OUTCOME ? value : AXIS_SIZE_OUTCOME - 1];
}

/* The value-th of words that bars separate. */
static void add_word(char *out, size_t room, const char *words, uint32_t value)
{
	for (; value && strchr(words, '|'); value--)
		words = strchr(words, '|') + 1;
	snprintf(out, room, "%.*s", (int)strcspn(words, "|"), words);
}

uint32_t feature_answer(unsigned int decision, uint32_t value)
{
	static const uint16_t first_answer[NR_DECISIONS] = {
#define DECISION(symbol, what) [DECISION_##symbol] = SERIAL_START_##symbol + 1,
#include "model/decisions.def"
	};

	return first_answer[decision] + value;
}

static void add_answer(char *out, size_t room, uint32_t answer)
{
	unsigned int decision = NR_DECISIONS - 1;

	while (decision && feature_answer(decision, 0) > answer)
		decision--;
	const char *value = decision_value_name((enum decision)decision, answer - feature_answer(decision, 0));

	snprintf(out, room, "%s is %s", decision_name((enum decision)decision), value ? value : "?");
}

/* One value of an axis. */
static void add_value(char *out, size_t room, enum feature_axis axis, uint32_t value)
{
	static const char *const words[NR_AXES] = {
#define AXIS(symbol, size, text) (text),
#include "driver/features.def"
	};

	switch (axis) {
	case AXIS_OP:
		snprintf(out, room, "%s", op_info(value)->name ? op_info(value)->name : "the end");
		return;
	case AXIS_ANSWER:
		add_answer(out, room, value);
		return;
	case AXIS_INVARIANT:
		snprintf(out, room, "I%u", value);
		return;
	case AXIS_OUTCOME:
		snprintf(out, room, "%s", op_error_name(feature_outcome(value)));
		return;
	case AXIS_NTH:
		snprintf(out, room, "%u", value);
		return;
	default:
		add_word(out, room, words[axis], value);
	}
}

size_t feature_name(uint32_t number, char out[FEATURE_NAME_MAX])
{
	unsigned int kind = NR_FEATURE_KINDS - 1;
	uint32_t value[FEATURE_AXES];

	while (kind && infos[kind].first > number)
		kind--;
	const struct feature_info *info = &infos[kind];
	uint32_t left = number - info->first;

	for (unsigned int i = FEATURE_AXES; i-- > 0;) {
		uint32_t size = feature_axis_size((enum feature_axis)info->axis[i]);

		value[i] = left % size;
		left /= size;
	}
	size_t length = (size_t)snprintf(out, FEATURE_NAME_MAX, "%s: ", info->name);

	unsigned int axis = 0;

	for (const char *word = info->words; *word && length < FEATURE_NAME_MAX - 1; word++) {
		if (*word == '@') {
			add_value(out + length, FEATURE_NAME_MAX - length,
				  (enum feature_axis)info->axis[axis], value[axis]);
			length += strlen(out + length);
			axis++;
		} else {
			out[length++] = *word;
			out[length] = '\0';
		}
	}
	return length;
}
