/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The score: how surely and how soon wrong engines are told from right ones.
 * What its files share:
 *	score.c     the course: canary, runs side by side, what is written at the end
 *	subjects.c  what is to be found: bugs of the catalogue, or subjects from a file
 *	bars.c      how soon, as bars.def has it
 *	drivers.c   what looks for it: fuzzers, and programs without feedback
 *	hunt.c      one run: a child process from an empty corpus to the first detection
 *	commands.c  its command line
 *	usage.c     the processor time of a process and those below it
 *	evaluate.c  what a run found: replayed with and without the wrong decision
 *	replay.c    the same for targets of their own, and the oracle without sanitizers
 *	results.c   results.csv, a line a run
 *	sums.c      score.json from results.csv; everything that is shown comes from it
 *	table.c     the table on a terminal
 *	compare.c   two drivers, or two sets of results, side by side
 *	page.c, curves.c  index.html and its survival curves
 * A run never sees anything of another one, and no figure comes from anywhere but results.csv.
 */
#ifndef RMAPFUZZ_SCORE_SCORE_H
#define RMAPFUZZ_SCORE_SCORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "driver/known.h"
#include "driver/settings.h"
#include "night/night.h"
#include "tool/json.h"
#include "tool/progress.h"
#include "tool/tool.h"

enum {
	SCORE_NAME_MAX = 96, /* of a subject, a driver */
	SCORE_WORD_MAX = 64, /* of a cell of results.csv */
	MAX_DRIVERS = 12,
	MAX_SCORE_SEEDS = 999,
	MAX_SCORE_SECONDS = 24 * 3600,
	DIGEST_MAX = 17,
};

/* ---- subjects.c, bars.c ---- */

struct bar {
	uint32_t executions; /* the median at most; 0: any */
	uint32_t seconds;    /* each run at most */
	uint32_t of_eleven;  /* seeds that find it, at least */
	uint32_t seeds;      /* that it is about; 0: as many as are asked for */
	uint64_t limit;      /* executions of each run at most; 0: any */
};

/* NULL: none is set. */
const struct bar *bar_of(const char *id);
/* How many of so many seeds that is, rounded up. */
uint32_t bar_seeds(const struct bar *bar, uint32_t seeds);

struct subject {
	char name[SCORE_NAME_MAX];
	struct settings settings; /* finished; what a subject of its own engine has beside it */
	char options[256];        /* the same for the command line of a target */
	char right_options[256];  /* for a right engine */
	int decision;             /* whose being asked for is "reached"; -1: nobody knows */
	/* a wrong engine that is a program of its own, not a decision; "": there is none */
	char target[MAX_PATH_BYTES], random[MAX_PATH_BYTES], plain[MAX_PATH_BYTES];
	const struct bar *bar; /* NULL: none */
	struct bar own_bar;    /* of a subject from a file */
	uint32_t seconds;      /* the budget, of processor time */
	uint64_t limit;        /* and of executions; 0: none */
};

struct subjects {
	struct subject *list;
	size_t nr, room;
};

/* What the command line says of all of them; 0 or NULL: what is usual. */
struct subject_options {
	const char *release;
	uint32_t seconds;
	uint64_t limit;
};

/* The bugs named, or all. Complains and returns false. */
bool subjects_of_catalogue(struct subjects *subjects, char *const *names, int nr,
			   const struct subject_options *options);
/* Those of a file: a JSON object a line, or name, target, options, seconds with tabs between. */
bool subjects_of_file(struct subjects *subjects, const char *path, const struct subject_options *options);
/* An engine with a decision that any run finds wrong at once. */
void subject_canary(struct subject *subject);
void subjects_free(struct subjects *subjects);

/* ---- drivers.c ---- */

enum driver_kind { DRIVER_LIBFUZZER, DRIVER_RANDOM, DRIVER_AFL };

struct driver {
	char name[SCORE_NAME_MAX]; /* as in results.csv */
	enum driver_kind kind;
	char extra[SCORE_NAME_MAX];   /* a word more on the command line; "": none */
	char program[MAX_PATH_BYTES]; /* for subjects that are decisions */
	char digest[DIGEST_MAX];      /* of that program */
};

/* Where the programs are; directory NULL: beside this command. False, with a complaint, if one is missing. */
bool driver_find(struct driver *driver, const char *name, const char *directory);
/* False: no such program; no complaint. */
bool program_find(char path[MAX_PATH_BYTES], const char *name, const char *directory);
/* Of a file's content; false, with a complaint, if it cannot be read. */
bool program_digest(const char *path, char digest[DIGEST_MAX]);
/* A list with commas, for a message. */
extern const char driver_names[];

/* ---- results.c ---- */

/* A line of results.csv. A word is empty where nobody knows. */
struct result {
	char subject[SCORE_NAME_MAX], release[VERSION_TEXT_MAX], driver[SCORE_NAME_MAX];
	uint32_t seed;
	char build[DIGEST_MAX];
	uint32_t seconds; /* the budget */
	uint64_t limit;
	char reached[8], triggered[8]; /* "yes", "no", "" */
	bool detected;
	uint64_t executions;
	double cpu_seconds;
	char invariant[SCORE_WORD_MAX], class[SCORE_WORD_MAX]; /* "I7", "I7-pte"; "asan", "asan-..." */
	uint32_t operation;                                    /* 0: none, or after the last one */
	char oracle_alone[8];                                  /* "yes", "no", "" */
	uint32_t other_failures;                               /* met on the way and passed */
};

struct results {
	char path[MAX_PATH_BYTES];
	int file; /* open for appending and locked; -1 if it was only read */
	struct result *list;
	size_t nr, room;
};

/* To look at alone. */
bool results_read(struct results *results, const char *directory);
/* To go on with, made if need be; with fresh what is there is set aside first. */
bool results_open(struct results *results, const char *directory, bool fresh);
bool results_add(struct results *results, const struct result *result);
/* NULL: not there yet. */
const struct result *results_find(const struct results *results, const char *subject, const char *driver,
				  uint32_t seed);
void results_close(struct results *results);

/* ---- the course ---- */

struct score_options {
	struct subject_options subject;
	const char *directory; /* for the results */
	const char *drivers;   /* a list with commas */
	const char *compare;   /* two of them, or two directories; NULL */
	const char *subjects;  /* a file; NULL: the catalogue */
	const char *programs;  /* where they are; NULL: beside this command */
	char *const *bugs;
	int nr_bugs;
	uint32_t seeds, jobs;
	bool fresh;
};

struct score {
	struct score_options options;
	struct subjects subjects;
	struct driver drivers[MAX_DRIVERS];
	unsigned int nr_drivers;
	char work[MAX_PATH_BYTES];
	char reference[MAX_PATH_BYTES]; /* a right engine for targets of their own */
	char plain[MAX_PATH_BYTES];     /* a target without sanitizers; "": there is none */
	char mutator[MAX_PATH_BYTES];   /* the library for AFL++; "": there is none */
	struct results results;
	struct progress progress;
	struct result canary;
	size_t done;
	int width;   /* of the table's first column */
	bool broken; /* a run could not be made or kept: complained about */
};

/* Returns the exit code. */
int score_run(const struct score_options *options);

/* ---- hunt.c, usage.c, commands.c ---- */

struct hunt {
	const struct score *score;
	const struct subject *subject;
	const struct driver *driver;
	char program[MAX_PATH_BYTES], directory[MAX_PATH_BYTES];
	pid_t pid;    /* 0: none */
	bool stopped; /* it was asked to end, for its budget is used up */
	unsigned int attempts;
	double seen; /* processor time of this attempt, those below it included, when it was last looked at */
	struct known known; /* other failures that this run has met */
	struct result result;
};

enum hunt_state { HUNT_GOES_ON, HUNT_OVER, HUNT_FAILED };

/* False, with a complaint. */
bool hunt_begin(struct hunt *hunt);
/* To be called often. */
enum hunt_state hunt_look(struct hunt *hunt);
/* Whatever it is doing: no process and no file of it stays. */
void hunt_end(struct hunt *hunt);

/* Has this driver a program for this subject? */
bool hunt_possible(const struct subject *subject, const struct driver *driver);

/* "HUNT/NAME"; what is too long is cut off, and then is not there. */
void hunt_path(const struct hunt *hunt, char path[MAX_PATH_BYTES], const char *name);

/* The command line of the next attempt, and its environment where an engine owns the command line. */
void hunt_command(const struct hunt *hunt, struct words *words);
void hunt_environment(const struct hunt *hunt);

/* Seconds of a process, of those below it and of those of them that have ended. */
double processor_seconds(pid_t pid);

/* ---- evaluate.c, replay.c ---- */

struct evaluation {
	bool failed, without_bug; /* without_bug: it fails alike when the decision is right */
	char invariant[SCORE_WORD_MAX], class[SCORE_WORD_MAX];
	uint32_t operation;
};

/* What an artifact shows. False, with a complaint, if that could not be found out. */
bool evaluate(const struct hunt *hunt, const char *artifact, struct evaluation *evaluation);

/* "yes", "no", "": does a program drive the wrong engine to another state? Of the files in a directory any may. */
const char *evaluate_triggered(const struct hunt *hunt, const char *path);

/* By a target as a child process. */
bool replay(const char *program, const char *options, const char *artifact, struct evaluation *evaluation);
/* "yes", "no" or "". */
const char *replay_without_sanitizers(const struct hunt *hunt, const char *artifact,
				      const struct evaluation *evaluation);

/* ---- verdict.c ---- */

enum { VERDICT_WHY_MAX = 160 };

/* "met", "missed" or "not measured", and why; of the runs that there are, when so many were asked for. A new object. */
json_t *verdict_on_bar(const struct result *const *run, size_t nr, const struct bar *bar, uint32_t asked);

/* ---- sums.c, table.c, compare.c, page.c, curves.c ---- */

/* score.json: rows of subjects x drivers that have results. A new object. */
json_t *sums_of(const struct score *score);
/* One row; NULL if there is no result of it. */
json_t *sum_of(const struct score *score, const struct subject *subject, const struct driver *driver);

/* width: of the column of the subjects. */
void table_head(FILE *out, int width);
void table_row(FILE *out, const json_t *row, int width);
void table_end(FILE *out, const json_t *sums);

/* Values of a driver for a subject: executions, or processor time; infinite where nothing was found. */
size_t values_of(const struct results *results, const char *subject, const char *driver, bool cpu,
		 double *values);

/* One of two sides: all runs of a driver in a set of results. */
struct side {
	const struct results *results;
	char name[SCORE_NAME_MAX], driver[SCORE_NAME_MAX];
};

/* Rows for each subject that both have; a new array. */
json_t *compare_sides(const struct side *a, const struct side *b);
void compare_print(FILE *out, const json_t *comparison);
/* --compare of two sets of results: no runs. */
int compare_sets(const struct score_options *options, const char *a, const char *b);

/* index.html and score.json in the directory of the results. */
bool page_write(const json_t *sums, const struct score *score);
/* "NAME.svg" in directory for each subject of sums; false if gnuplot is missing. */
bool curves_draw(const json_t *sums, const struct score *score, const char *directory);
/* A file's name for a subject. */
void curve_name(char out[SCORE_NAME_MAX + 8], const char *subject);

#endif
