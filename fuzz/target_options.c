// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of the fuzz target, see target_options.h. Must never look at
 * libFuzzer's own, which have one dash.
 */
#include "target_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void target_error(const char *what)
{
	fprintf(stderr, "rmap_fuzzer: %s\n", what);
	exit(1);
}

/* Where an option that only the target has is kept, or NULL. */
static const char **own_option(struct target_options *options, const char *name, size_t length)
{
	const struct {
		const char *name;
		const char **value;
	} known[] = { { "known", &options->known },
		      { "tally", &options->tally },
		      { "focus", &options->focus },
		      { "swarm", &options->swarm },
		      { "feedback", &options->feedback } };

	for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0)
			return known[i].value;
	return NULL;
}

/* What a focus brings along comes before all else, so that a setting by hand wins. */
static void apply_focus(struct target_options *options)
{
	char text[FOCUS_ERROR_MAX], error[SETTINGS_ERROR_MAX];
	enum focus_kind kind = options->focus ? focus_find(options->focus) : FOCUS_ALL;

	if (kind == NR_FOCUS_KINDS) {
		focus_unknown(options->focus, text);
		target_error(text);
	}
	snprintf(text, sizeof(text), "%s", focus_at(kind)->setting);
	char *value = strchr(text, '=');

	if (value) {
		*value = '\0';
		if (!settings_set(&options->settings, text, value + 1, error))
			target_error(error);
	}
	if (!options->focus)
		return;
	if (!mutator_set_focus)
		target_error("--focus is for the mutator, and this program has none");
	mutator_set_focus(kind);
}

/* Is it the second of two words? NULL is the first. */
static bool second_of(const char *value, const char *first, const char *second, const char *wrong)
{
	bool is_second = value && strcmp(value, second) == 0;

	if (value && !is_second && strcmp(value, first) != 0)
		target_error(wrong);
	return is_second;
}

static void apply_swarm(const struct target_options *options)
{
	bool off = second_of(options->swarm, "on", "off", "--swarm: expected on or off");

	if (off && !mutator_set_swarm)
		target_error("--swarm is for the mutator, and this program has none");
	if (off)
		mutator_set_swarm(false);
}

bool target_wants_state(const struct target_options *options)
{
	return second_of(options->feedback, "code", "state", "--feedback: expected code or state");
}

/* An empty one is as good as none. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static void take_own(struct target_options *options, int argc, char **argv)
{
	options->known = variable("RMAPFUZZ_KNOWN");
	options->tally = variable("RMAPFUZZ_TALLY");
	options->focus = variable("RMAPFUZZ_FOCUS");
	options->swarm = variable("RMAPFUZZ_SWARM");
	options->feedback = variable("RMAPFUZZ_FEEDBACK");
	for (int i = 1; i < argc; i++) {
		size_t length = strcspn(argv[i], "=");
		const char **own;

		if (strncmp(argv[i], "--", 2) != 0 || !argv[i][length])
			continue;
		own = own_option(options, argv[i] + 2, length - 2);
		if (own)
			*own = argv[i] + length + 1;
	}
}

static void take_setting(struct target_options *options, const char *option)
{
	char text[SETTINGS_ERROR_MAX + 40], error[SETTINGS_ERROR_MAX];
	size_t length = strcspn(option, "=");

	if (!option[length]) {
		snprintf(text, sizeof(text), "option --%.40s needs a value: --%.40s=...", option, option);
		target_error(text);
	}
	if (own_option(options, option, length))
		return;
	snprintf(text, sizeof(text), "%.*s", (int)length, option);
	if (settings_set(&options->settings, text, option + length + 1, error))
		return;
	/* the list of names ends with what only the target has */
	snprintf(text, sizeof(text), "%s%s", error,
		 strncmp(error, "unknown setting", 15) == 0 ? ", known, tally, focus, swarm, feedback" : "");
	target_error(text);
}

void target_options_take(struct target_options *options, int argc, char **argv)
{
	char error[SETTINGS_ERROR_MAX];

	settings_init(&options->settings);
	take_own(options, argc, argv);
	apply_focus(options);
	apply_swarm(options);
	target_wants_state(options);
	if (!settings_from_environment(&options->settings, error))
		target_error(error);
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--", 2) == 0 && argv[i][2])
			take_setting(options, argv[i] + 2);
	if (!settings_finish(&options->settings, error))
		target_error(error);
}
