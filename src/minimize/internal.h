/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of the minimizer: the state of one search and the passes.
 * Nobody else includes this.
 */
#ifndef RMAPFUZZ_MINIMIZE_INTERNAL_H
#define RMAPFUZZ_MINIMIZE_INTERNAL_H

#include "minimize/minimize.h"

enum {
	NR_SEEN = 1 << 16, /* candidates remembered as useless; direct mapped */
	MAX_VARIANTS = 192,
};

struct search {
	struct judge *judge;
	const struct minimize_options *options;
	struct minimize_result *result;
	struct program best;
	struct program candidate;
	struct verdict best_verdict;
	uint64_t max_played;
	bool stopped, broken;
	bool hopping; /* not on the first way down any more: passes that cost much are left out */
	struct verdict others[MINIMIZE_MAX_OTHERS];
	uint32_t nr_others;
	uint64_t *seen;
	uint64_t random; /* state of the generator of hop.c: the same for every search */
};

/*
 * The gate: takes search->candidate for the best one if it fails alike and is simpler, without what stands
 * behind the failing operation. True if it was taken. A candidate that is not simpler as it stands is not
 * played, but by attempt_longer(): that one may fail sooner than the best one does.
 */
bool attempt(struct search *search);
bool attempt_longer(struct search *search);

/*
 * The two halves of the gate. Plays the candidate and cuts its tail off; another failure is noted. Then,
 * whatever else is to be asked of it, makes it the best one.
 */
bool fails_alike(struct search *search, struct verdict *verdict);
void take_candidate(struct search *search, const struct verdict *verdict);

void copy_program(struct program *out, const struct program *program);

/* Passes in turn until none finds anything. */
void search_to_fixed_point(struct search *search);
/* Only those that leave operations out. */
void search_cuts(struct search *search);

/* ---- hop.c: out of a local minimum ---- */

void hop(struct search *search);

/* ---- cut.c: fewer operations ---- */

bool cut_kinds(struct search *search);  /* all operations of a process, of one kind */
bool cut_chunks(struct search *search); /* halves, quarters, .. singles */
bool cut_pairs(struct search *search);  /* two at once, three of a short program */
bool cut_forks(struct search *search);  /* a generation: the child goes on as its parent */
bool cut_pages(struct search *search);  /* a page out of the window */

/* ---- shrink.c: simpler operations ---- */

bool shrink_operations(struct search *search); /* each one replaced by a simpler one */
bool shrink_names(struct search *search);      /* processes in order of first use, pages from 0 */
bool shrink_order(struct search *search);      /* operations that do not depend on each other, sorted */
bool trade_operations(struct search *search);  /* one left out while another changes */

/* One left out while two others change: the last resort for programs of a few operations. */
bool trade_two_operations(struct search *search);

/* ---- edit.c: changes of a program, without looking at what it does ---- */

/* out is program without the operations that are marked. out and program may be one. */
void edit_drop(struct program *out, const struct program *program, const bool drop[MAX_OPS]);
/* Without one page of the window: what lies behind it moves down, ranges over it get shorter. */
void edit_delete_page(struct program *out, const struct program *program, unsigned int page);
/* With one page more, a copy of page: what lies behind it moves up, ranges over it get longer. */
void edit_insert_page(struct program *out, const struct program *program, unsigned int page);
/* Two letters change places from operation number from (counted from 0) on. */
void edit_swap_processes(struct program *program, uint32_t from, unsigned int a, unsigned int b);
/* What begins at one of two pages begins at the other. False: some range has no room there. */
bool edit_swap_pages(struct program *program, unsigned int a, unsigned int b);
/* The fork at index disappears: the child goes on in the place of its parent, whose own operations are left out. */
void edit_collapse_fork(struct program *out, const struct program *program, uint32_t index);
/* Processes get letters in order of first use. */
void edit_rename(struct program *out, const struct program *program);
/* Other operations that could stand at index; returns how many. */
unsigned int edit_variants(const struct program *program, uint32_t index, struct op out[MAX_VARIANTS]);

/* Processes that appear, one bit each, and pages that operations name. */
uint32_t used_processes(const struct program *program);
uint64_t used_pages(const struct program *program);

#endif
