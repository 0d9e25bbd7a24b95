/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The story of a failure, for a person: the program as text with the operation
 * that broke it, the violation in words, the state before and after, what to
 * type next. Only prints; never part of the hot path.
 */
#ifndef RMAPFUZZ_DRIVER_STORY_H
#define RMAPFUZZ_DRIVER_STORY_H

#include <stdio.h>

#include "driver/player.h"

/* Plays the program again on player to show the states around the failing operation. */
void story_of_violation(FILE *out, const struct settings *settings, struct player *player,
			const struct program *program, const struct violation *violation);

/* Called from within a sanitizer's report: operation at (from 1) was being played. */
void story_of_sanitizer(FILE *out, const struct settings *settings, const struct program *program, uint32_t at);

/* The program, one operation a line with its number; mark (from 1) gets an arrow, 0 marks none. */
void story_program(FILE *out, const struct program *program, uint32_t mark);

/* "release 6.18.5 (rules of 6.18), with S14 ... turned back: undoes 61f67c230a5e" and a newline. */
void story_settings(FILE *out, const struct settings *settings);

#endif
