// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the programs that distill chooses from and plays each, under every
 * release asked for and under what it names itself. Keeps their contents, for
 * what is written must be what was played; never writes.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "tool/distill.h"

/* ---- under which rules ---- */

uint32_t distill_nr_rows(void)
{
	struct release release;
	uint32_t nr = 0;

	while (release_at(nr, &release))
		nr++;
	return nr;
}

static uint32_t row_of(const struct release *wanted)
{
	struct release release;
	uint32_t row = 0;

	while (release_at(row, &release) && strcmp(release.name, wanted->name) != 0)
		row++;
	return row;
}

static bool add_era(struct distill *distill, const char *version)
{
	char error[SETTINGS_ERROR_MAX];
	struct settings settings;
	bool good;

	settings_init(&settings);
	good = settings_set(&settings, "release", version, error);
	for (unsigned int i = 0; good && i < distill->nr_bugs; i++)
		good = settings_set(&settings, "bug", distill->bugs[i], error);
	if (!good || !settings_finish(&settings, error)) {
		fprintf(stderr, "rmapfuzz distill: %s\n", error);
		return false;
	}
	for (unsigned int i = 0; i < distill->nr_eras; i++)
		if (strcmp(distill->eras[i].settings.release.name, settings.release.name) == 0)
			return true;
	if (distill->nr_eras == MAX_ERAS)
		return complain(version, "too many releases");
	struct player *player = player_create(&settings);

	if (!player) {
		fputs("rmapfuzz: out of memory\n", stderr);
		return false;
	}
	distill->eras[distill->nr_eras].settings = settings;
	distill->eras[distill->nr_eras].row = row_of(&settings.release);
	distill->eras[distill->nr_eras++].player = player;
	return true;
}

bool distill_make_eras(struct distill *distill)
{
	struct release release;

	if (!distill->nr_releases)
		distill->releases[distill->nr_releases++] = "newest";
	for (unsigned int i = 0; i < distill->nr_releases; i++) {
		if (strcmp(distill->releases[i], "all") == 0) {
			for (size_t row = 0; release_at(row, &release); row++)
				if (!add_era(distill, release.name))
					return false;
		} else if (!add_era(distill, distill->releases[i])) {
			return false;
		}
	}
	return true;
}

/* ---- what each program reaches ---- */

/* Two ascending lists to one; a program under its own bug may reach again what it does without. */
static uint32_t merge(uint32_t *out, const uint32_t *a, uint32_t nr_a, const uint32_t *b, uint32_t nr_b)
{
	uint32_t nr = 0, i = 0, k = 0;

	while (i < nr_a || k < nr_b) {
		uint32_t next = k == nr_b || (i < nr_a && a[i] <= b[k]) ? a[i] : b[k];

		out[nr++] = next;
		i += i < nr_a && a[i] == next;
		k += k < nr_b && b[k] == next;
	}
	return nr;
}

/* Adds what a program reaches under these settings to what it reached already. Returns false if memory is short. */
static bool add_features(struct candidate *candidate, const struct settings *settings, uint32_t row,
			 struct player *player, const struct program *program)
{
	struct features features;
	struct violation violation;

	features_start(&features, &settings->release, program);
	bool clean = play_watched(player, settings, program, features_observe, &features, &violation);

	features_end(&features, clean ? NULL : &violation);
	candidate->nr_violations += !clean;
	uint32_t nr = features_count(&features);
	uint32_t *fresh = malloc((nr + 1) * sizeof(*fresh));
	uint32_t *both = malloc((nr + candidate->nr_features + 1) * sizeof(*both));

	if (fresh && both) {
		features_list(&features, row * NR_FEATURES, fresh);
		candidate->nr_features = merge(both, candidate->features, candidate->nr_features, fresh, nr);
		free(candidate->features);
		candidate->features = both;
	} else {
		free(both);
	}
	free(fresh);
	return fresh && both;
}

/* The release and bugs that a program names, if any. */
static bool own_settings(const struct input *input, const char *path, struct settings *settings, bool *named)
{
	static const struct settings_given none;
	char error[SETTINGS_ERROR_MAX];

	settings_init(settings);
	if (!settings_from_notes(settings, &input->notes, &none, error) || !settings_finish(settings, error))
		return complain(path, error);
	*named = settings->nr_bugs || strcmp(settings->version, "newest") != 0;
	return true;
}

bool distill_play(struct distill *distill, struct candidate *candidate, const struct input *input)
{
	struct settings own;
	bool named = false;

	if (!own_settings(input, candidate->path, &own, &named)) {
		distill->nr_bad++;
		return true;
	}
	for (unsigned int i = 0; i < distill->nr_eras; i++)
		if (!add_features(candidate, &distill->eras[i].settings, distill->eras[i].row,
				  distill->eras[i].player, &input->program))
			return false;
	if (!named)
		return true;
	struct player *player = players_get(&distill->own, &own);

	return player && add_features(candidate, &own, row_of(&own.release), player, &input->program);
}

static bool make_room(struct distill *distill)
{
	if (distill->nr < distill->room)
		return true;
	uint32_t room = distill->room ? 2 * distill->room : 256;
	struct candidate *more = realloc(distill->candidates, room * sizeof(*more));

	if (!more)
		return false;
	distill->candidates = more;
	distill->room = room;
	return true;
}

static bool out_of_memory(struct distill *distill, const char *path)
{
	distill->nr_bad++;
	return complain(path, "out of memory");
}

static bool add_file(void *data, const char *path)
{
	struct distill *distill = data;
	struct input *input = input_read(path);

	if (!input) {
		distill->nr_bad++;
		return true;
	}
	struct candidate candidate = { .path = strdup(path),
				       .content = input->content,
				       .length = input->length,
				       .hash = XXH3_64bits(input->content, input->length),
				       .text = input->text,
				       .given = distill->reading_given,
				       .nr_ops = input->program.nr_ops };

	if (!candidate.path || !make_room(distill)) {
		free(candidate.path);
		input_free(input);
		return out_of_memory(distill, path);
	}
	const char *slash = strrchr(candidate.path, '/');

	candidate.base = slash ? slash + 1 : candidate.path;
	bool played = distill_play(distill, &candidate, input);

	distill->nr_given += candidate.given;
	distill->candidates[distill->nr++] = candidate;
	input->content = NULL; /* the candidate keeps it */
	input_free(input);
	return played || out_of_memory(distill, path);
}

void distill_read_all(struct distill *distill)
{
	distill->reading_given = true;
	bool complete = files_visit(distill->beyond, add_file, distill);

	distill->reading_given = false;
	complete = files_visit(distill->files.paths, add_file, distill) && complete;
	if (!complete && !distill->nr_bad)
		distill->nr_bad++; /* a directory, say */
}
