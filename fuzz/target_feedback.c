// SPDX-License-Identifier: GPL-2.0-only
/*
 * --feedback=state: what a program reached in the model (driver/features.h) counts as coverage, beside the edges of
 * the code. libFuzzer reads the section below after each input, and clears it before the next one. Off unless it is
 * asked for: it finds nothing sooner (docs/bench.md), and is there so that anybody can see that again.
 */
#include "driver/features.h"
#include "driver/tally.h"
#include "target_options.h"

/* One byte a feature, each 0 or 1; libFuzzer goes over them by words. */
static uint8_t counters[(NR_FEATURES + 63) / 64 * 64]
	__attribute__((section("__libfuzzer_extra_counters"), aligned(64), used));

/* State across inputs is the target's own, and large. */
static struct features features;

struct observed {
	struct tally *tally; /* NULL: nobody counts */
};

static void observe(void *data, const struct view *view, const struct op *op, const struct op_result *result)
{
	const struct observed *observed = data;

	features_observe(&features, view, op, result);
	if (observed->tally)
		tally_observe(observed->tally, view, op, result);
}

bool target_play_for_state(struct player *player, const struct release *release,
			   const struct program *program, struct tally *tally, struct violation *violation)
{
	struct observed observed = { tally };

	features_start(&features, release, program);
	bool clean = player_run(player, program, observe, &observed, violation);

	features_end(&features, clean ? NULL : violation);
	for (uint32_t word = 0; word < FEATURE_WORDS; word++)
		for (uint64_t left = features.seen[word]; left; left &= left - 1)
			counters[word * 64 + (uint32_t)__builtin_ctzll(left)] = 1;
	return clean;
}
