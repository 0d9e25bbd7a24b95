/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run is about: which release, which decision turned back, which
 * checks, how memory is recycled. Every driver (fuzz target, command, tests)
 * takes them in the same form, from options, from the environment or from the
 * directive comments of a program. Knows the names of engines, not their inside.
 */
#ifndef RMAPFUZZ_DRIVER_SETTINGS_H
#define RMAPFUZZ_DRIVER_SETTINGS_H

#include <stdbool.h>

#include "model/model.h"
#include "oracle/oracle.h"

enum { SETTINGS_ERROR_MAX = 640, MAX_BUGS = 4, MAX_DECIDED = 8, VERSION_TEXT_MAX = 40 };

struct settings {
	char version[VERSION_TEXT_MAX]; /* as asked for: "6.18.5"; default "newest" */
	struct release release;         /* the row that governs it, decisions turned back where asked */
	const struct bug *bugs[MAX_BUGS];
	unsigned int nr_bugs;
	/* decisions set to any value, historical or not: what the score makes wrong engines of */
	struct decided {
		uint8_t decision, value;
	} decided[MAX_DECIDED];
	unsigned int nr_decided;
	enum recycle recycle;
	bool recycle_set; /* by name, so that no bug decides it */
	check_mask checks;
};

/* The defaults: newest release, nothing turned back, late recycling, all checks. */
void settings_init(struct settings *settings);

/*
 * One setting by name: "release", "bug" (may be repeated), "check" or "recycle"; and "decision",
 * "SYMBOL=VALUE" of decisions.def (may be repeated), which is for wrong engines that are not in the catalogue.
 * On error returns false and says in one line what is wrong and what is known.
 */
bool settings_set(struct settings *settings, const char *name, const char *value,
		  char error[SETTINGS_ERROR_MAX]);

/* RMAPFUZZ_RELEASE, RMAPFUZZ_BUG (a list with commas), RMAPFUZZ_CHECK, RMAPFUZZ_RECYCLE, RMAPFUZZ_DECISION. */
bool settings_from_environment(struct settings *settings, char error[SETTINGS_ERROR_MAX]);

/* What somebody asked for by name, and what a program says of itself must not change. */
struct settings_given {
	bool release, check, recycle; /* a bug counts as release: the two belong together */
};
void settings_note_given(struct settings_given *given, const char *name);

/* The "#! release ..." and "#! bug ..." lines of a program's text, but for what was given. */
bool settings_from_notes(struct settings *settings, const struct program_notes *notes,
			 const struct settings_given *given, char error[SETTINGS_ERROR_MAX]);

/* Folds release and bugs together; to be called once after the last settings_set. */
bool settings_finish(struct settings *settings, char error[SETTINGS_ERROR_MAX]);

/* True if a decision is not the release's own: there is something to compare with. */
bool settings_turned_back(const struct settings *settings);

/* These settings with the bugs repaired that were asked for, also where the release has them by itself. */
void settings_without_bugs(const struct settings *settings, struct settings *repaired);

/* "--release=6.12 --bug=S01": what it takes to get these settings again; "" for the defaults. */
void settings_print(const struct settings *settings, char *out, size_t room);

/* The same as directive lines of a program's text, "#! release 6.12\n#! bug S01\n". */
void settings_print_directives(const struct settings *settings, char *out, size_t room);

#endif
