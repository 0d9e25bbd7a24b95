/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A failing program on its way to a file that is kept: minimized, verified,
 * and written as text with what a replay needs. What min and triage share.
 */
#ifndef RMAPFUZZ_TOOL_FINDING_H
#define RMAPFUZZ_TOOL_FINDING_H

#include "minimize/minimize.h"
#include "tool/tool.h"

enum { DEFAULT_HOPS = 1000 };

/* How to minimize; zero it, then finding_options_init(). */
struct finding_options {
	enum match match;
	unsigned int hops;
	bool forked; /* in a child from the start, also where no sanitizer is at work */
	unsigned int nr_verifications;
};

void finding_options_init(struct finding_options *options);
/* The argument of --match. */
void finding_parse_match(struct finding_options *options, const char *argument, const struct argp_state *state);

/* Another failure that was met while minimizing. */
struct other_finding {
	struct program program;
	struct verdict verdict;
};

struct finding {
	struct program program; /* as given, then minimized */
	uint32_t nr_ops;        /* as given */
	struct minimize_result result;
	struct violation violation; /* of the minimized program; INV_NONE where a sanitizer stopped it */
	char signature[VERDICT_SIGNATURE_MAX];
	struct other_finding *others; /* MINIMIZE_MAX_OTHERS */
	uint32_t nr_others;
};

enum finding_status {
	FINDING_MINIMIZED,
	FINDING_CLEAN,  /* it does not fail */
	FINDING_SHAKY,  /* it does not fail in the same way each time, or its minimized form does not */
	FINDING_BROKEN, /* memory, or no child: complained about already */
};

/*
 * Minimizes finding->program under settings and plays the result again, nr_verifications times, on a fresh
 * engine. Ctrl-C ends the search with the best so far. path is for complaints alone.
 */
enum finding_status finding_minimize(struct finding *finding, const struct settings *settings,
				     const struct finding_options *options, const char *path);

/* Plays a program in a child. False, with a complaint, if that cannot be done. */
bool finding_play(const struct settings *settings, const struct program *program, const char *path,
		  struct verdict *verdict);

void finding_free(struct finding *finding);

/* The class part of a signature, "I7-pte" of "I7-pte-read"; "-without-bug" behind it if the bug is not the reason. */
void signature_class(const struct verdict *verdict, char out[VERDICT_SIGNATURE_MAX]);

/*
 * A program as a text to be kept: comment, a line each with "# " in front, directives for the settings, operations.
 * comment may be NULL.
 */
void print_program(FILE *out, const char *comment, const struct settings *settings,
		   const struct program *program);

/*
 * Writes each other finding to "DIRECTORY/other-SIGNATURE.prog", and says so on standard error, with the name
 * shown_as for the directory. False if one could not be written.
 */
bool others_write(const struct finding *finding, const struct settings *settings, const char *directory,
		  const char *shown_as, const char *path);

#endif
