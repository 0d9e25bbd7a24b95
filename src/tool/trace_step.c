// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps of a trace: plays one, keeps the state before it, finds what it
 * changed and what it broke. Behind the first violation an invariant that was
 * told is not judged again, for the state stays broken; only I1 comes back
 * whenever a pointer to a freed object is used once more. Prints nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/trace.h"

bool trace_begin(struct trace *trace, struct player *player, const struct program *program,
		 const struct trace_options *options)
{
	*trace = (struct trace){ .player = player, .program = program, .full = options->full };
	trace->go_on = options->go_on;
	trace->checks = player->oracle.mask;
	state_init(&trace->states[0]);
	state_init(&trace->states[1]);
	player_start(player);
	return state_take(&trace->states[0], player->engine->class->view(player->engine));
}

bool trace_end(struct trace *trace)
{
	state_destroy(&trace->states[0]);
	state_destroy(&trace->states[1]);
	free(trace->step.diff.changes);
	trace->player->oracle.mask = trace->checks;
	return !trace->failed;
}

static bool used_after_free(const struct view *view)
{
	for (uint32_t i = 0; i < view->nr_events; i++)
		if (view->events[i].kind == EVENT_USE_AFTER_FREE)
			return true;
	return false;
}

static void keep_violation(struct trace *trace, const struct violation *violation)
{
	struct trace_step *step = &trace->step;

	if (!trace->nr_violations++)
		trace->first = *violation;
	if (step->nr_violations < MAX_STEP_VIOLATIONS)
		step->violations[step->nr_violations++] = *violation;
	trace->told |= CHECK_BIT(violation->invariant);
}

/* One verdict, or when the trace goes on all of them, each invariant once. */
static void judge(struct trace *trace)
{
	struct trace_step *step = &trace->step;
	struct oracle *oracle = &trace->player->oracle;
	check_mask judged = trace->checks & ~trace->told;
	struct violation violation;

	if (used_after_free(step->view)) {
		judged |= trace->checks & CHECK_BIT(INV_LIVENESS);
		step->unjudged_use_after_free = !(judged & CHECK_BIT(INV_LIVENESS));
	}
	oracle->mask = judged;
	bool clean = player_judge(trace->player, trace->program, &step->played, &violation);

	while (!clean) {
		keep_violation(trace, &violation);
		judged &= ~CHECK_BIT(violation.invariant);
		oracle->mask = judged;
		if (!trace->go_on || !judged)
			break;
		if (step->played.over)
			clean = oracle_teardown_done(oracle, &violation);
		else
			clean = oracle_full(oracle, step->played.op, &violation);
	}
	oracle->mask = trace->checks; /* a failing allocation is saved for, whatever was told */
}

static uint8_t who(const struct trace *trace, const struct player_step *played)
{
	if (played->op)
		return played->op->process;
	uint8_t ended = trace->states[0].alive & (uint8_t)~trace->states[1].alive;

	return ended ? (uint8_t)__builtin_ctz(ended) : (uint8_t)NR_PROCESSES;
}

bool trace_next(struct trace *trace)
{
	struct trace_step *step = &trace->step;
	struct player_step played = step->played;
	struct player *player = trace->player;

	if (trace->failed || (trace->nr_violations && !trace->go_on))
		return false;
	if (step->after) { /* the state after the last step is the one before this */
		struct state after = trace->states[1];

		trace->states[1] = trace->states[0];
		trace->states[0] = after;
	}
	if (!player_next(player, trace->program, &played))
		return false;
	step->played = played;
	step->view = player->engine->class->view(player->engine);
	step->before = &trace->states[0];
	step->after = &trace->states[1];
	step->nr_violations = 0;
	step->unjudged_use_after_free = false;
	trace->failed = !state_take(&trace->states[1], step->view) ||
			!state_diff(&step->diff, step->before, step->after, trace->full);
	if (trace->failed)
		return false;
	step->process = who(trace, &played);
	judge(trace);
	return true;
}
