// SPDX-License-Identifier: GPL-2.0-only
/*
 * Property: whatever a program of process operations does, the reverse map of
 * the chosen release stays sound. After every operation each invariant holds,
 * every read returns what was last written, and after the last exit nothing is
 * left. ASan and UBSan watch the engine beneath.
 *
 * Input: the byte form of a program, format version 1 (docs/program.md), up to
 * 512 operations. Every input is valid. The target's own options begin with
 * two dashes, which libFuzzer ignores: --release --bug --check --recycle, and
 * --known --tally --focus --swarm --feedback for long runs; where an engine owns the command line
 * they come from RMAPFUZZ_RELEASE and so on.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver/known.h"
#include "driver/story.h"
#include "driver/tally.h"
#include "msan.h"
#include "target_options.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __asan_on_error(void);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/* The target itself is the one place with state across inputs: settings, and an engine that is reset. */
static struct settings settings;
static struct player *player;
static struct known known;
static struct tally tally;
static struct program program;
static bool wants_state;

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

static void open_files(const struct target_options *options)
{
	char error[(int)KNOWN_ERROR_MAX > (int)TALLY_ERROR_MAX ? KNOWN_ERROR_MAX : TALLY_ERROR_MAX];

	if (options->known && !known_open(&known, options->known, &settings, error))
		target_error(error);
	if (options->tally && !tally_open(&tally, options->tally, error))
		target_error(error);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct target_options options;

	target_die_with_parent();
	target_options_take(&options, *argc, *argv);
	settings = options.settings;
	player = player_create(&settings);
	if (!player)
		target_error("out of memory");
	open_files(&options);
	wants_state = target_wants_state(&options);
	return 0;
}

/* As player_run(), counted. */
static bool play(struct violation *violation)
{
	struct tally *counted = tally.counts ? &tally : NULL;
	bool clean;

	if (counted)
		tally_begin(counted);
	if (wants_state)
		clean = target_play_for_state(player, &settings.release, &program, counted, violation);
	else
		clean = player_run(player, &program, counted ? tally_observe : NULL, counted, violation);
	if (counted)
		tally_end(counted);
	return clean;
}

static bool is_known(const struct violation *violation)
{
	char class[KNOWN_CLASS_MAX];

	if (!known.nr)
		return false;
	known_class(&known, &program, violation, class);
	if (known_find(&known, class) < 0)
		return false;
	if (tally.counts)
		tally_known(&tally, class);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct violation violation;

	target_die_with_parent();
	from_engine(&data, sizeof(data));
	from_engine(&size, sizeof(size));
	from_engine(data, size);
	program_decode(&program, data, size);
	if (!play(&violation) && !is_known(&violation)) {
		story_of_violation(stderr, &settings, player, &program, &violation);
		abort(); /* libFuzzer keeps the input */
	}
	player->at = 0;
	return 0;
}
