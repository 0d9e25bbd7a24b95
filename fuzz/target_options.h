/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzz target is told: the settings that all drivers share, and what
 * only a fuzzer has. From the environment, then from the command line.
 */
#ifndef RMAPFUZZ_TARGET_OPTIONS_H
#define RMAPFUZZ_TARGET_OPTIONS_H

#include "driver/player.h"
#include "driver/settings.h"
#include "driver/tally.h"
#include "program/focus.h"

struct target_options {
	struct settings settings;
	const char *known;    /* file of failure classes to go on from; NULL */
	const char *tally;    /* file of counters; NULL */
	const char *focus;    /* of the mutator; NULL */
	const char *swarm;    /* of the mutator: "on", "off"; NULL */
	const char *feedback; /* "code", "state"; NULL */
};

/* Ends the process with a line on standard error if something is wrong. The texts stay those of argv. */
void target_options_take(struct target_options *options, int argc, char **argv);

/* Ends the process: "rmap_fuzzer: what is wrong". */
_Noreturn void target_error(const char *what);

/* Under AFL++: the process that calls it, once a process or more often, is killed with its parent (target_parent.c). */
void target_die_with_parent(void);

/* What --feedback is, as a question. */
bool target_wants_state(const struct target_options *options);

/* As player_run(), and what the program reached in the model is coverage (target_feedback.c). tally may be NULL. */
bool target_play_for_state(struct player *player, const struct release *release,
			   const struct program *program, struct tally *tally, struct violation *violation);

/* The mutator's, where it is linked. */
__attribute__((weak)) void mutator_set_focus(enum focus_kind kind);
__attribute__((weak)) void mutator_set_swarm(bool on);

#endif
