// SPDX-License-Identifier: GPL-2.0-only
/*
 * The search: the gate that every candidate passes, and the passes in turn
 * until none finds anything. See minimize.h for what it promises.
 */
#include "minimize/internal.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void copy_program(struct program *out, const struct program *program)
{
	out->nr_ops = program->nr_ops;
	memcpy(out->ops, program->ops, program->nr_ops * sizeof(program->ops[0]));
}

/* True the first time, as far as the table remembers; a program that it forgot is played once more. */
static bool first_time(struct search *search, const struct program *program)
{
	uint64_t hash = XXH3_64bits(program->ops, program->nr_ops * sizeof(program->ops[0])) | 1;
	uint64_t *seen = &search->seen[(hash >> 8) % NR_SEEN];

	if (*seen == hash)
		return false;
	*seen = hash;
	return true;
}

/* Another failure is neither dropped nor followed. */
static void note_other(struct search *search, const struct verdict *verdict)
{
	if (!search->options->other || search->nr_others == MINIMIZE_MAX_OTHERS)
		return;
	if (verdict_matches(verdict, &search->best_verdict, MATCH_CLASS))
		return; /* the same at another operation: --match=exact */
	for (uint32_t i = 0; i < search->nr_others; i++)
		if (verdict_matches(verdict, &search->others[i], MATCH_CLASS))
			return;
	search->others[search->nr_others++] = *verdict;
	search->options->other(search->options->data, &search->candidate, verdict);
}

static bool may_go_on(struct search *search)
{
	const struct minimize_options *options = search->options;

	if (search->stopped)
		return false;
	search->stopped = search->result->nr_played >= search->max_played ||
			  (options->stop && options->stop(options->data));
	return !search->stopped;
}

bool fails_alike(struct search *search, struct verdict *verdict)
{
	struct program *candidate = &search->candidate;

	if (!may_go_on(search))
		return false;
	if (!search->judge->play(search->judge, candidate, verdict)) {
		search->stopped = search->broken = true;
		return false;
	}
	search->result->nr_candidates++;
	search->result->nr_played += candidate->nr_ops;
	if (!verdict_matches(verdict, &search->best_verdict, search->options->match)) {
		if (verdict->failed)
			note_other(search, verdict);
		return false;
	}
	if (verdict->step && verdict->step < candidate->nr_ops)
		candidate->nr_ops = verdict->step;
	return true;
}

void take_candidate(struct search *search, const struct verdict *verdict)
{
	copy_program(&search->best, &search->candidate);
	/* what is looked for stays what the original showed */
	search->best_verdict.step = verdict->step;
	if (search->options->match != MATCH_EXACT)
		search->best_verdict.op_code = verdict->op_code;
}

bool attempt_longer(struct search *search)
{
	struct verdict verdict;

	if (search->stopped || !first_time(search, &search->candidate) || !fails_alike(search, &verdict) ||
	    !program_simpler(&search->candidate, &search->best))
		return false;
	take_candidate(search, &verdict);
	return true;
}

bool attempt(struct search *search)
{
	return program_simpler(&search->candidate, &search->best) && attempt_longer(search);
}

typedef bool (*pass)(struct search *search);

/* After a success everything is tried again; what failed before is remembered, and costs nothing. */
static void run_passes(struct search *search, const pass *passes, unsigned int nr)
{
	unsigned int nr_idle = 0;

	for (unsigned int i = 0; nr_idle < nr && !search->stopped; i = (i + 1) % nr)
		nr_idle = passes[i](search) ? 0 : nr_idle + 1;
}

void search_cuts(struct search *search)
{
	static const pass passes[] = { cut_chunks, cut_pairs, cut_forks };

	run_passes(search, passes, sizeof(passes) / sizeof(passes[0]));
}

/* Large cuts first, while candidates are long; the thorough passes on what is left. */
void search_to_fixed_point(struct search *search)
{
	static const pass passes[] = {
		cut_kinds,    cut_chunks,        cut_pages,    cut_forks,        cut_pairs,
		shrink_names, shrink_operations, shrink_order, trade_operations,
	};

	run_passes(search, passes, sizeof(passes) / sizeof(passes[0]));
}

static enum minimize_status run_search(struct search *search, struct program *program)
{
	struct minimize_result *result = search->result;
	struct verdict *wanted = &result->original;

	if (!search->judge->play(search->judge, program, wanted))
		return MINIMIZE_FAILED;
	if (!wanted->failed)
		return MINIMIZE_CLEAN;
	copy_program(&search->best, program);
	if (wanted->step && wanted->step < search->best.nr_ops)
		search->best.nr_ops = wanted->step; /* the tail */
	search->best_verdict = *wanted;
	search_to_fixed_point(search);
	result->fixed_point = !search->stopped;
	do
		hop(search);
	while (trade_two_operations(search));
	copy_program(program, &search->best);
	result->verdict = search->best_verdict;
	return search->broken ? MINIMIZE_FAILED : MINIMIZE_DONE;
}

enum minimize_status minimize(struct judge *judge, const struct minimize_options *options,
			      struct program *program, struct minimize_result *result)
{
	struct search *search = calloc(1, sizeof(*search));
	enum minimize_status status = MINIMIZE_FAILED;

	*result = (struct minimize_result){ .fixed_point = false };
	if (!search)
		return MINIMIZE_FAILED;
	search->judge = judge;
	search->options = options;
	search->result = result;
	search->max_played = options->max_played ? options->max_played : 400000;
	search->seen = calloc(NR_SEEN, sizeof(*search->seen));
	if (search->seen)
		status = run_search(search, program);
	free(search->seen);
	free(search);
	return status;
}
