// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operation costs: without oracle, with touched-only and with full
 * checks; in the arena and with malloc/free; beside a malloc+free pair of the
 * same build; and what the decoder adds. Reset and teardown of each program
 * are part of the figures. Must never time a program that ends early.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 100000, PAIR_BYTES = 64, DECODE_RECORDS = MAX_OPS, DECODE_PROGRAMS = 100 };

/* The fixed set, played by one player. */
struct play {
	struct player *player;
	const struct program *programs;
	const uint32_t *chosen;
	uint32_t nr_chosen;
};

/* Slices of nr things: where one begins. */
static uint32_t slice_start(uint32_t nr, uint32_t slice)
{
	return (uint32_t)((uint64_t)nr * slice / NR_SLICES);
}

static void run_play(void *data, uint32_t slice)
{
	const struct play *play = data;
	struct violation violation;

	for (uint32_t i = slice_start(play->nr_chosen, slice); i < slice_start(play->nr_chosen, slice + 1); i++)
		if (!player_run(play->player, &play->programs[play->chosen[i]], NULL, NULL, &violation))
			die("a clean program is no longer clean: %s", violation.text);
}

static void run_pairs(void *data, uint32_t slice)
{
	void *volatile *slot = data;

	for (uint32_t i = slice_start(PAIRS, slice); i < slice_start(PAIRS, slice + 1); i++) {
		*slot = malloc(PAIR_BYTES);
		free(*slot);
	}
}

struct encoded {
	size_t size;
	uint8_t bytes[PROGRAM_MAX_BYTES];
};

static void run_decode(void *data, uint32_t slice)
{
	static struct program program; /* scratch */
	const struct encoded *encoded = data;

	for (uint32_t i = slice_start(DECODE_PROGRAMS, slice); i < slice_start(DECODE_PROGRAMS, slice + 1); i++)
		program_decode(&program, encoded[i].bytes, encoded[i].size);
}

static unsigned int bar(double figure, bool met, const char *sign, double limit)
{
	printf("%8.2f   bar: %s %.1f, %s\n", figure, sign, limit, met ? "met" : "MISSED");
	return !met;
}

static unsigned int at_most(double figure, double limit)
{
	return bar(figure, figure <= limit, "at most", limit);
}

static unsigned int at_least(double figure, double limit)
{
	return bar(figure, figure >= limit, "at least", limit);
}

/* Rows of the oracle and of the allocator. */
enum { OFF, TOUCHED, DEFAULT, FULL, MALLOC_OFF, MALLOC_TOUCHED, PAIR, NR_SIDES };

static const struct side {
	const char *name, *word;
	enum recycle recycle;
	bool judge;
	bool always_full;
	uint32_t full_every;
} sides[] = {
	[OFF] = { "oracle off", "off", RECYCLE_LATE, false, false, 0 },
	[TOUCHED] = { "touched-only", "touched", RECYCLE_LATE, true, false, 0 },
	[DEFAULT] = { "touched-only, full every 64th and at the end", "default", RECYCLE_LATE, true, false, 64 },
	[FULL] = { "full after every operation", "full", RECYCLE_LATE, true, true, 1U << 30 },
	[MALLOC_OFF] = { "malloc/free, oracle off", "malloc", RECYCLE_MALLOC, false, false, 0 },
	[MALLOC_TOUCHED] = { "malloc/free, touched-only", "malloc-touched", RECYCLE_MALLOC, true, false, 0 },
};

static struct player *player_of(const struct options *options, const struct side *side)
{
	struct player *player = player_for(&options->settings, side->recycle);

	if (!side->judge)
		player->oracle.mask = 0;
	player->oracle.always_full = side->always_full;
	player->full_every = side->full_every;
	return player;
}

/* Programs that are clean to the end: all sides do all of their operations. */
static uint32_t choose(const struct options *options, const struct program *programs, uint32_t *chosen)
{
	struct player *player = player_of(options, &sides[FULL]);
	struct violation violation;
	uint32_t nr = 0;

	for (uint32_t i = 0; i < options->nr_programs; i++)
		if (player_run(player, &programs[i], NULL, NULL, &violation))
			chosen[nr++] = i;
	player_destroy(player);
	return nr;
}

static void row(const struct contender *contender, uint32_t repeat)
{
	printf("  %-46s %8.1f", contender->name, median_ns(contender, repeat));
}

static unsigned int print_oracle(const struct contender *c, uint32_t repeat)
{
	unsigned int missed = 0;

	printf("oracle%43s %8s\n", "ns/op", "x off");
	row(&c[OFF], repeat);
	printf("%8.2f\n", 1.0);
	row(&c[TOUCHED], repeat);
	missed += at_most(median_ratio(&c[TOUCHED], &c[OFF], repeat), 3);
	row(&c[DEFAULT], repeat);
	printf("%8.2f\n", median_ratio(&c[DEFAULT], &c[OFF], repeat));
	row(&c[FULL], repeat);
	missed += at_most(median_ratio(&c[FULL], &c[OFF], repeat), 10);
	return missed;
}

static unsigned int print_allocator(const struct contender *c, uint32_t repeat)
{
	double off = median_ratio(&c[MALLOC_OFF], &c[OFF], repeat);
	double touched = median_ratio(&c[MALLOC_TOUCHED], &c[TOUCHED], repeat);
	double pairs = median_ratio(&c[TOUCHED], &c[PAIR], repeat);
	unsigned int missed = 0;

	printf("allocator%40s %8s\n", "ns/op", "x arena");
	row(&c[MALLOC_OFF], repeat);
	if (with_asan())
		missed += at_least(off, 1.7);
	else
		printf("%8.2f\n", off);
	row(&c[MALLOC_TOUCHED], repeat);
	printf("%8.2f\n", touched);
	row(&c[PAIR], repeat);
	printf("\n  %-46s %8s", "one operation, touched-only, in such pairs", "");
	if (with_asan())
		missed += at_most(pairs, 4);
	else
		printf("%8.2f\n", pairs);
	return missed;
}

/* One side and nothing else. */
static void play_alone(const struct options *options, struct play *play)
{
	for (unsigned int i = 0; i < PAIR; i++)
		if (strcmp(sides[i].word, options->only) == 0)
			play->player = player_of(options, &sides[i]);
	if (!play->player)
		die("unknown side '%.40s'", options->only);
	for (uint32_t round = 0; round < options->repeat; round++)
		for (uint32_t slice = 0; slice < NR_SLICES; slice++)
			run_play(play, slice);
	player_destroy(play->player);
}

static unsigned int bench_play(const struct options *options, const struct program *programs)
{
	static struct contender contenders[NR_SIDES];
	struct play play[NR_SIDES];
	void *volatile slot;
	uint32_t *chosen = calloc(options->nr_programs, sizeof(*chosen));
	unsigned int missed;

	if (!chosen)
		die("out of memory");
	uint32_t nr_chosen = choose(options, programs, chosen);

	if (options->only) {
		play_alone(options, &(struct play){ NULL, programs, chosen, nr_chosen });
		free(chosen);
		return 0;
	}
	printf("%u of %u programs of %d operations are clean in release %s; median of %u rounds, interleaved%s\n",
	       nr_chosen, options->nr_programs, BENCH_OPS, options->settings.version, options->repeat,
	       with_asan() ? "; ASan and UBSan" : "");
	if (!nr_chosen)
		die("nothing to measure");
	for (unsigned int i = 0; i < PAIR; i++) {
		play[i] = (struct play){ player_of(options, &sides[i]), programs, chosen, nr_chosen };
		contenders[i] = (struct contender){ .name = sides[i].name,
						    .run = run_play,
						    .data = &play[i],
						    .units = (uint64_t)nr_chosen * BENCH_OPS };
	}
	contenders[PAIR] = (struct contender){
		.name = "malloc+free of 64 bytes", .run = run_pairs, .data = (void *)&slot, .units = PAIRS
	};
	measure(contenders, NR_SIDES, options->repeat);
	missed = print_oracle(contenders, options->repeat) + print_allocator(contenders, options->repeat);
	for (unsigned int i = 0; i < PAIR; i++)
		player_destroy(play[i].player);
	free(chosen);
	return missed;
}

static void bench_decode(const struct options *options)
{
	static struct contender contenders[2];
	static struct program program;
	struct encoded *encoded = calloc((size_t)2 * DECODE_PROGRAMS, sizeof(*encoded));
	struct random random = { .state = 2 };
	uint64_t nr_resolved = 0;

	if (!encoded)
		die("out of memory");
	for (unsigned int i = 0; i < DECODE_PROGRAMS; i++) {
		struct encoded *relative = &encoded[i], *resolved = &encoded[DECODE_PROGRAMS + i];

		do {
			relative->size = random_bytes(&random, DECODE_RECORDS, relative->bytes);
			program_decode(&program, relative->bytes, relative->size);
		} while (program.nr_ops < DECODE_RECORDS);
		resolved->size = program_encode(&program, resolved->bytes);
		nr_resolved += program.nr_ops;
	}
	contenders[0] = (struct contender){
		.name = "relative operands", .run = run_decode, .data = encoded, .units = nr_resolved
	};
	contenders[1] = (struct contender){ .name = "resolved operands",
					    .run = run_decode,
					    .data = encoded + DECODE_PROGRAMS,
					    .units = nr_resolved };
	measure(contenders, 2, options->repeat);
	printf("decoder%42s\n", "ns/rec");
	for (unsigned int i = 0; i < 2; i++) {
		row(&contenders[i], options->repeat);
		printf("\n");
	}
	free(encoded);
}

unsigned int bench_speed(const struct options *options, const struct program *programs)
{
	unsigned int missed = bench_play(options, programs);

	if (!options->only)
		bench_decode(options);
	return missed;
}
