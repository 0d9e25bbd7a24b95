// SPDX-License-Identifier: GPL-2.0-only
/*
 * Property: whatever a program of process operations does, the reverse map of
 * the chosen release stays sound. After every operation each invariant holds,
 * every read returns what was last written, and after the last exit nothing is
 * left. ASan and UBSan watch the engine beneath.
 *
 * Input: the byte form of a program, format version 1 (docs/program.md), up to
 * 512 operations. Every input is valid. The target's own options begin with
 * two dashes, which libFuzzer ignores: --release --bug --check --recycle; where
 * an engine owns the command line they come from RMAPFUZZ_RELEASE and so on.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/player.h"
#include "driver/story.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __asan_on_error(void);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/* The target itself is the one place with state across inputs: settings, and an engine that is reset. */
static struct settings settings;
static struct player *player;
static struct program program;

/* Users need no environment variables. Quarantine and leak checks cost time and see nothing of an arena. */
const char *__asan_default_options(void)
{
	return "abort_on_error=0:allow_user_poisoning=1:detect_leaks=0:quarantine_size_mb=8:malloc_context_size=4:"
	       "detect_stack_use_after_return=0:dedup_token_length=3:symbolize=1";
}

const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:halt_on_error=1:report_error_type=1";
}

/* ASan is about to report: say which program and operation it is about. */
void __asan_on_error(void)
{
	if (player && player->at)
		story_of_sanitizer(stderr, &settings, &program, player->at);
}

static void usage_error(const char *error)
{
	fprintf(stderr, "rmap_fuzzer: %s\n", error);
	exit(1);
}

static void take_option(const char *option)
{
	char name[32], error[SETTINGS_ERROR_MAX];
	const char *value = strchr(option, '=');

	if (!value) {
		snprintf(error, sizeof(error), "option --%.40s needs a value: --%.40s=...", option, option);
		usage_error(error);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(value - option), option);
	if (!settings_set(&settings, name, value + 1, error))
		usage_error(error);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char error[SETTINGS_ERROR_MAX];

	settings_init(&settings);
	if (!settings_from_environment(&settings, error))
		usage_error(error);
	for (int i = 1; i < *argc; i++)
		if (strncmp((*argv)[i], "--", 2) == 0 && (*argv)[i][2])
			take_option((*argv)[i] + 2);
	if (!settings_finish(&settings, error))
		usage_error(error);
	player = player_create(&settings);
	if (!player)
		usage_error("out of memory");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct violation violation;

	program_decode(&program, data, size);
	if (!player_run(player, &program, NULL, NULL, &violation)) {
		story_of_violation(stderr, &settings, player, &program, &violation);
		abort(); /* libFuzzer keeps the input */
	}
	player->at = 0;
	return 0;
}
