/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rmapfuzz distill: what its files share. distill_collect.c reads and plays
 * the programs, distill.c chooses among them, distill_shorten.c drops operations,
 * distill_report.c says what was kept and why, distill_write.c makes the
 * directory.
 */
#ifndef RMAPFUZZ_TOOL_DISTILL_H
#define RMAPFUZZ_TOOL_DISTILL_H

#include "driver/cover.h"
#include "driver/features.h"
#include "tool/tool.h"

enum { MAX_ERAS = 64, MAX_BEYOND = 16 };

/* A file that was read. */
struct candidate {
	char *path;
	const char *base; /* its last part, within path */
	char *content;
	size_t length;
	uint64_t hash; /* of the content */
	bool text;
	bool given; /* of --beyond: what it reaches is there already */
	uint32_t nr_ops;
	uint32_t *features; /* row of the release * NR_FEATURES + number, ascending */
	uint32_t nr_features;
	uint32_t nr_violations;
};

enum output_form { FORM_AS_IS, FORM_TEXT, FORM_BYTES };

struct distill {
	/* options */
	const char *releases[MAX_ERAS];
	unsigned int nr_releases;
	const char *bugs[MAX_BUGS];
	unsigned int nr_bugs;
	const char *directory; /* NULL: only say what would be kept */
	enum output_form form;
	char *beyond[MAX_BEYOND + 1]; /* NULL at the end */
	unsigned int nr_beyond;
	uint32_t max;
	bool list, json, check, shorten, features;
	struct file_arguments files;

	/* releases under which every program is played */
	struct {
		struct settings settings;
		uint32_t row;
		struct player *player;
	} eras[MAX_ERAS];
	unsigned int nr_eras;
	struct players own; /* for releases and bugs that a program names itself */

	struct candidate *candidates; /* by name, then by content, then by path */
	struct cover_item *items;     /* of each candidate */
	uint32_t nr, room;
	uint32_t nr_bad, nr_given;
	bool reading_given;
	struct cover cover;
	struct {
		uint32_t nr_programs, nr_features, nr_violations;
		uint64_t nr_ops;
	} all; /* of what was read, but for --beyond */
};

/* One player a release; complains and returns false if one is unknown. */
bool distill_make_eras(struct distill *distill);
/* Rows of releases.def. */
uint32_t distill_nr_rows(void);
/* Plays input, the candidate's program, and adds what it reaches. Returns false if memory is short. */
bool distill_play(struct distill *distill, struct candidate *candidate, const struct input *input);
/* Counts in nr_bad what could not be read or played. */
void distill_read_all(struct distill *distill);

/* Shortens the kept programs; what they reach together stays. False if interrupted or short of memory. */
bool distill_shorten(struct distill *distill);

void distill_print_features(void);
void distill_report(const struct distill *distill);
/* The directory appears whole or not at all. */
bool distill_write(const struct distill *distill);
/* Complains and returns false if the directory cannot become the result: it has files in it. */
bool distill_may_write(const struct distill *distill);

#endif
