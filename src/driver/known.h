/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures that are known: a run is to count them and go on. A list of failure
 * classes ("I7-pte"), read from a file once. Never decides what a failure is.
 */
#ifndef RMAPFUZZ_DRIVER_KNOWN_H
#define RMAPFUZZ_DRIVER_KNOWN_H

#include "driver/player.h"

enum { MAX_KNOWN = 64, KNOWN_CLASS_MAX = 64, KNOWN_ERROR_MAX = 320 };

struct known {
	unsigned int nr;
	char class[MAX_KNOWN][KNOWN_CLASS_MAX];
	struct player *without; /* without the bugs that were turned back; NULL if there are none */
};

/*
 * Reads a file: one class a line, blanks around it, '#' begins a comment. Any word is taken for a
 * class, since what a sanitizer finds has one, too; such a one never matches. False, and a line that
 * says what is wrong, if the file cannot be read or holds something else.
 */
bool known_open(struct known *known, const char *path, const struct settings *settings,
		char error[KNOWN_ERROR_MAX]);
void known_close(struct known *known);

/* The class of a violation of a program, as triage files it; what has the bug's name shows only with it. */
void known_class(struct known *known, const struct program *program, const struct violation *violation,
		 char class[KNOWN_CLASS_MAX]);

/* Its place in the list, or -1. */
int known_find(const struct known *known, const char *class);

#endif
