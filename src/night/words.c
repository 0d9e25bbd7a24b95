// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command lines of the fuzz target. Its limits are those of every other run of
 * it (cmake/rmap_fuzzer.options). Never starts anything.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "night/night.h"
#include "rmap_fuzzer_options.h"

void words_add(struct words *words, const char *format, ...)
{
	size_t room = sizeof(words->text) - words->used;
	va_list arguments;

	va_start(arguments, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above
	int length = vsnprintf(words->text + words->used, room, format, arguments);

	va_end(arguments);
	if (words->nr == MAX_WORDS || length < 0 || (size_t)length >= room)
		return;
	words->argv[words->nr++] = words->text + words->used;
	words->argv[words->nr] = NULL;
	words->used += (size_t)length + 1;
}

void words_add_settings(struct words *words, const struct night *night)
{
	char options[NIGHT_OPTIONS_MAX];

	snprintf(options, sizeof(options), "%s", night->options->options);
	for (char *word = strtok(options, " "); word; word = strtok(NULL, " "))
		words_add(words, "%s", word);
}

/* The [libfuzzer] section, "name = value" a line. */
void words_add_limits(struct words *words)
{
	const char *line = strstr(rmap_fuzzer_options, "[libfuzzer]");

	while (line && (line = strchr(line, '\n')) != NULL && *++line && *line != '[') {
		char name[64], value[64];

		if (*line != '#' && sscanf(line, "%63[a-z_] = %63[^\n ]", name, value) == 2)
			words_add(words, "-%s=%s", name, value);
	}
}
