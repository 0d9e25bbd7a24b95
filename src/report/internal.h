/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of the report. The way of all that is said:
 *	files of the run -> report.json (facts*.c) -> report.md (page*.c) -> index.html (html.c)
 * so that a number has one source. Nothing here judges programs or plays them.
 */
#ifndef RMAPFUZZ_REPORT_INTERNAL_H
#define RMAPFUZZ_REPORT_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "driver/settings.h"
#include "tool/json.h"
#include "tool/tool.h"

/* ---- reading (files.c) ---- */

enum { MAX_TEXT_BYTES = 256 << 10, MAX_JSON_BYTES = 64 << 20, MAX_DRAWING_BYTES = 4 << 20 };

struct run_files {
	const char *path;
	const char *score; /* directory of a score; NULL: "score" beside the run, if it is there */
	json_t *warnings;  /* array of texts: what could not be read */
};

/* "what" of a file of the run, for the report: no fault of the command. */
void run_warn(struct run_files *run, const char *name, const char *what);

/*
 * The bytes of a regular file of the run, at most most of them, with a NUL behind. *cut says whether there were
 * more (NULL: that is an error). NULL if it cannot be read: *reason says why.
 */
char *run_read(const struct run_files *run, const char *name, size_t most, size_t *length, bool *cut,
	       const char **reason);

/* The same for texts to be shown: a JSON string, or null with a warning. A long one ends at a line, and says so. */
json_t *run_text(struct run_files *run, const char *name);

/* A JSON object from a file; NULL if there is none. Missing is a warning only if it has to be there. */
json_t *run_json(struct run_files *run, const char *name, bool needed);

/* Names of a directory of the run in order, hidden ones left out: an array of strings, empty if there is none. */
json_t *run_list(const struct run_files *run, const char *name);

/* ---- report.json (facts*.c) ---- */

/* All facts of a run; a new object. */
json_t *facts_of_run(struct run_files *run);

/* The settings of "--release=... --bug=...", as settings_print() has them; false if they are none of this build. */
bool settings_of_options(struct settings *settings, const char *options);
/*
 * facts_suspects.c: bugs that break the invariant of a class of failures and that the release has by itself, or
 * (of_release false) that it has not: an array of texts; null for what was found under options that are not understood, or with a bug turned back.
 */
json_t *facts_suspects(const char *class, const char *options, bool of_release);

/* facts_findings.c: members "findings" (new ones), "known" and "unfiled". */
void facts_findings(json_t *facts, struct run_files *run, const json_t *state);
/* facts_finding.c: one finding, filed in findings/NAME, or only named by the state. */
json_t *facts_finding(struct run_files *run, const char *name, const json_t *entry);
/* The longest name of a finding's directory: triage's are shorter. */
enum { FINDING_NAME_MAX = 200, FINDING_FILE_MAX = FINDING_NAME_MAX + 40 };
/* "findings/NAME/FILE", or the directory itself if file is "". */
const char *finding_file(char out[FINDING_FILE_MAX], const char *name, const char *file);
/* facts_history.c: member "history". */
void facts_history(json_t *facts, struct run_files *run);
/* facts_reach.c: member "reach". */
void facts_reach(json_t *facts, const json_t *state);
/* facts_previous.c: member "previous", null if there is none. */
void facts_previous(json_t *facts, struct run_files *run);
/* facts_score.c: member "score", of the score.json in a directory; null if there is none. needed: that is a warning. */
void facts_score(json_t *facts, struct run_files *run, const char *directory, bool needed);
/* What it says of a bug, "S01" or "S01 NAME"; NULL. */
const json_t *score_of_bug(const json_t *score, const char *text);
/* facts_verdict.c: member "verdict", when all others are there. */
void facts_verdict(json_t *facts);

/*
 * A number that arithmetic can be done with, as all that are counted are; others are as good as missing. 0 for
 * what is none.
 */
bool is_count(const json_t *value);
json_int_t count_of(const json_t *value);
/* A copy of a member if it has this type (JSON_INTEGER: if it is a count), otherwise null. */
json_t *member_copy(const json_t *object, const char *key, json_type type);
json_int_t member_number(const json_t *object, const char *key);
bool member_is_number(const json_t *object, const char *key);
const char *member_text(const json_t *object, const char *key); /* "" if it is missing */

/* ---- report.md (page*.c) ---- */

/* report.md from report.json; charts says whether those were drawn. */
void page_print(FILE *out, const json_t *facts, bool charts);
void page_findings(FILE *out, const json_t *facts);
void page_progress(FILE *out, const json_t *facts, bool charts);
void page_reach(FILE *out, const json_t *facts);
void page_previous(FILE *out, const json_t *facts);
void page_machinery(FILE *out, const json_t *facts);
void page_score(FILE *out, const json_t *facts);
/* " (score: found 11/11, median 8 executions)", or nothing if it is not known. */
void page_score_of(FILE *out, const json_t *score, const char *bug);

/* ---- drawings ---- */

/* chart.c: "NAME.svg" in directory for each chart. False if gnuplot is missing or failed, or there is too little to draw. */
bool charts_draw(const json_t *facts, const char *directory);

/* chart.c: the file NAME in directory, drawn by gnuplot from a script. False if gnuplot is missing or failed. */
bool chart_run(const char *directory, const char *name, void (*put)(FILE *script, void *data), void *data);

/*
 * svg.c: an SVG document as an element to stand in a page: only shapes and text are copied, ids get a prefix, so
 * that no two drawings share one. malloc'ed; NULL with a reason if it is no SVG.
 */
char *svg_inline(const char *document, size_t length, const char *prefix, const char **reason);

/* ---- index.html (html.c) ---- */

/* The page from report.md; drawings are those of directory. False if memory is short. */
bool html_print(FILE *out, const char *markdown, size_t length, const char *title, const char *directory);

#endif
