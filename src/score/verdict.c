// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a bar is met, missed, or not measured. Runs that are not there yet, and those that were given up before
 * the time that the bar allows, could have gone either way: a verdict is one only if it holds whatever they would
 * have been. Must never call a bar met for what nobody tried.
 */
#include "score/score.h"

enum verdict_of_bar { BAR_MET, BAR_MISSED, BAR_NOT_MEASURED };

/* Runs by what they say of a bar. */
struct tries {
	uint32_t nr, of;       /* runs that there are, and that there should be */
	uint32_t found, early; /* in time; given up, having found nothing, while there was time left */
	uint32_t below, above; /* the median that the bar wants */
};

static bool within(const struct result *run, const struct bar *bar)
{
	return run->cpu_seconds <= bar->seconds && (!bar->limit || run->executions <= bar->limit);
}

static bool used_up(const struct result *run, const struct bar *bar)
{
	return run->cpu_seconds >= bar->seconds || (bar->limit && run->executions >= bar->limit);
}

static struct tries count_tries(const struct result *const *run, size_t nr, const struct bar *bar,
				uint32_t asked)
{
	uint32_t of = bar->seeds ? bar->seeds : asked;
	struct tries tries = { .nr = (uint32_t)nr, .of = nr > of ? (uint32_t)nr : of };

	for (size_t i = 0; i < nr; i++) {
		bool detected = run[i]->detected;

		tries.found += detected && within(run[i], bar);
		tries.early += !detected && !used_up(run[i], bar);
		tries.below += detected && run[i]->executions <= bar->executions;
		tries.above += detected ? run[i]->executions > bar->executions :
					  run[i]->executions >= bar->executions;
	}
	return tries;
}

static enum verdict_of_bar judge_tries(const struct tries *tries, const struct bar *bar, uint32_t wanted,
				       char why[VERDICT_WHY_MAX])
{
	uint32_t open = tries->of - tries->nr + tries->early, half = tries->of / 2 + 1;
	int length;

	why[0] = '\0';
	if (tries->found + open < wanted) {
		snprintf(why, VERDICT_WHY_MAX, "%u of %u found within %u CPU s, wanted %u of %u",
			 tries->found, tries->nr, bar->seconds, wanted, tries->of);
		return BAR_MISSED;
	}
	if (bar->executions && tries->of - tries->above < half) {
		snprintf(why, VERDICT_WHY_MAX, "median of executions above %u", bar->executions);
		return BAR_MISSED;
	}
	if (tries->found >= wanted && (!bar->executions || tries->below >= half))
		return BAR_MET;
	length = snprintf(why, VERDICT_WHY_MAX, "%u of %u seeds, %u within it", tries->nr, tries->of,
			  tries->found);
	if (tries->early)
		snprintf(why + length, VERDICT_WHY_MAX - (size_t)length, ", %u given up early", tries->early);
	return BAR_NOT_MEASURED;
}

json_t *verdict_on_bar(const struct result *const *run, size_t nr, const struct bar *bar, uint32_t asked)
{
	static const char *const names[] = {
		[BAR_MET] = "met", [BAR_MISSED] = "missed", [BAR_NOT_MEASURED] = "not measured"
	};
	struct tries tries = count_tries(run, nr, bar, asked);
	uint32_t wanted = bar_seeds(bar, tries.of);
	char why[VERDICT_WHY_MAX];
	enum verdict_of_bar verdict = judge_tries(&tries, bar, wanted, why);

	return json_pack("{s:I, s:i, s:i, s:i, s:s, s:s}", "median_executions", (json_int_t)bar->executions,
			 "seconds", (int)bar->seconds, "seeds", (int)wanted, "of", (int)tries.of, "verdict",
			 names[verdict], "why", why);
}
