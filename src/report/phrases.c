// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts as people write them, see phrases.h. Times are UTC, so that a report is
 * the same wherever it is made.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "report/internal.h"
#include "report/phrases.h"

static const char *unknown(struct phrase *phrase)
{
	snprintf(phrase->text, sizeof(phrase->text), "unknown");
	return phrase->text;
}

/* Digits in groups of three. */
static void group_digits(char out[32], json_int_t number)
{
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, number), at = 0;

	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0 && digits[i - 1] != '-')
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}

const char *in_count(struct phrase *phrase, const json_t *value)
{
	if (!is_count(value))
		return unknown(phrase);
	group_digits(phrase->text, count_of(value));
	return phrase->text;
}

const char *in_time(struct phrase *phrase, const json_t *seconds)
{
	json_int_t all = count_of(seconds);
	json_int_t hours = all / 3600, minutes = all / 60 % 60;

	if (!is_count(seconds))
		return unknown(phrase);
	if (all < 60)
		snprintf(phrase->text, sizeof(phrase->text), "%" JSON_INTEGER_FORMAT " s", all);
	else if (!hours && all < 600 && all % 60)
		snprintf(phrase->text, sizeof(phrase->text),
			 "%" JSON_INTEGER_FORMAT " min %" JSON_INTEGER_FORMAT " s", minutes, all % 60);
	else if (!hours)
		snprintf(phrase->text, sizeof(phrase->text), "%" JSON_INTEGER_FORMAT " min", minutes);
	else if (!minutes)
		snprintf(phrase->text, sizeof(phrase->text), "%" JSON_INTEGER_FORMAT " h", hours);
	else
		snprintf(phrase->text, sizeof(phrase->text),
			 "%" JSON_INTEGER_FORMAT " h %" JSON_INTEGER_FORMAT " min", hours, minutes);
	return phrase->text;
}

const char *in_bytes(struct phrase *phrase, const json_t *bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double size = (double)count_of(bytes);
	unsigned int unit = 0;

	if (!is_count(bytes))
		return unknown(phrase);
	for (; size >= 1024 && unit < 4; unit++)
		size /= 1024;
	snprintf(phrase->text, sizeof(phrase->text), "%.*f %s", unit && size < 100 ? 1 : 0, size, units[unit]);
	return phrase->text;
}

const char *in_date(struct phrase *phrase, const json_t *epoch)
{
	time_t time = (time_t)count_of(epoch);
	struct tm utc;

	if (!is_count(epoch) || !gmtime_r(&time, &utc))
		return unknown(phrase);
	if (!strftime(phrase->text, sizeof(phrase->text), "%Y-%m-%d %H:%M UTC", &utc))
		return unknown(phrase);
	return phrase->text;
}

const char *in_percent(struct phrase *phrase, double part, double whole)
{
	double percent = whole > 0 ? 100 * part / whole : 0;

	if (!(whole > 0))
		snprintf(phrase->text, sizeof(phrase->text), "-");
	else if (percent > 0 && percent < 0.01)
		snprintf(phrase->text, sizeof(phrase->text), "under 0.01 %%");
	else
		snprintf(phrase->text, sizeof(phrase->text), "%.*f %%",
			 percent >= 10 || percent <= 0 ? 0 :
			 percent >= 1                  ? 1 :
							 2,
			 percent);
	return phrase->text;
}

const char *in_plural(struct phrase *phrase, json_int_t count, const char *noun)
{
	char number[32];

	group_digits(number, count);
	snprintf(phrase->text, sizeof(phrase->text), "%s %s%s", number, noun, count == 1 ? "" : "s");
	return phrase->text;
}
