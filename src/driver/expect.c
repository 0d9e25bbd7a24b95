// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comparison with recorded kernels, see expect.h. The recorded text is the
 * measure: nothing here bends it to the model.
 */
#include "driver/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void collect_error(void *data, const struct view *view, const struct op *op,
			  const struct op_result *result)
{
	struct played *played = data;

	(void)view, (void)op;
	played->errors[played->nr_ops++] = result->error;
}

static bool starts_with(const struct span *span, const char *prefix)
{
	size_t length = strlen(prefix);

	return span->length >= length && memcmp(span->text, prefix, length) == 0;
}

bool expect_is_error_name(const struct span *span)
{
	if (span->length == 7 && starts_with(span, "SIGSEGV"))
		return true;
	if (span->length < 4 || span->length > 10 || span->text[0] != 'E')
		return false;
	for (uint32_t i = 0; i < span->length; i++)
		if (span->text[i] < 'A' || span->text[i] > 'Z')
			return false;
	return true;
}

bool expect_is_errors_line(const struct span *line)
{
	return starts_with(line, "errors:");
}

/* Files that never mention an error (the first 50 cases) were recorded without errors. */
bool expect_records_errors(const struct program *program, const struct program_notes *notes)
{
	for (uint32_t i = 0; i < program->nr_ops; i++)
		if (expect_is_error_name(&notes->op_comment[i]))
			return true;
	for (uint32_t i = 0; i < notes->nr_expectations; i++)
		for (uint32_t j = 0; j < notes->expectations[i].nr_lines; j++)
			if (expect_is_errors_line(&notes->expectations[i].lines[j]))
				return true;
	return false;
}

/* The name recorded for operation number in an "errors: 3:EFAULT 7:SIGSEGV" line, empty if none. */
static struct span listed_error(const struct span *line, uint32_t number)
{
	const char *p = line->text + strlen("errors:"), *end = line->text + line->length;

	while (p < end) {
		uint32_t n = 0;

		while (p < end && *p == ' ')
			p++;
		while (p < end && *p >= '0' && *p <= '9')
			n = n * 10 + (uint32_t)(*p++ - '0');
		const char *name = p < end && *p == ':' ? ++p : p;

		while (p < end && *p != ' ')
			p++;
		if (n == number)
			return (struct span){ name, (uint32_t)(p - name) };
	}
	return (struct span){ "", 0 };
}

static struct span expected_error(const struct program_notes *notes, const struct expectation *expectation,
				  uint32_t op)
{
	for (uint32_t j = 0; j < expectation->nr_lines; j++) {
		struct span found = { "", 0 };

		if (expect_is_errors_line(&expectation->lines[j]))
			found = listed_error(&expectation->lines[j], op + 1);
		if (found.length)
			return found.length == 2 && starts_with(&found, "ok") ? (struct span){ "", 0 } : found;
	}
	if (expect_is_error_name(&notes->op_comment[op]))
		return notes->op_comment[op];
	return (struct span){ "", 0 };
}

static bool compare_errors(const struct program *program, const struct program_notes *notes,
			   const struct expectation *expectation, const struct played *played, char *difference)
{
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		struct span expected = expected_error(notes, expectation, i);
		const char *got = played->errors[i] > 0 ? op_error_name(played->errors[i]) : "";

		if (strlen(got) == expected.length && memcmp(got, expected.text, expected.length) == 0)
			continue;
		snprintf(difference, EXPECT_TEXT_MAX, "operation %u (line %u): %s where the kernel says %.*s",
			 i + 1, notes->op_line[i], got[0] ? got : "ok",
			 expected.length ? (int)expected.length : 2, expected.length ? expected.text : "ok");
		return false;
	}
	return true;
}

static bool compare_line(const char *what, const struct span *expected, const char *got, size_t got_length,
			 char *difference)
{
	if (snapshot_text_equal(expected->text, expected->length, got, got_length))
		return true;
	snprintf(difference, EXPECT_TEXT_MAX, "%s\n    kernel: %.*s\n    model:  %.*s", what,
		 (int)expected->length, expected->text, (int)got_length, got);
	return false;
}

/* The next line of a text that ends each line with a newline. */
static size_t next_line(const char *text)
{
	return strcspn(text, "\n");
}

static bool compare_pages(const struct expectation *expectation, const struct played *played, char *difference)
{
	const char *got = played->pages;
	bool recorded = false;

	for (uint32_t j = 1; j < expectation->nr_lines; j++) {
		const struct span *line = &expectation->lines[j];
		size_t length = next_line(got);

		if (expect_is_errors_line(line))
			continue;
		recorded = true;
		if (!compare_line("pages", line, got, length, difference))
			return false;
		got += length + (got[length] == '\n');
	}
	if (recorded && *got) {
		snprintf(difference, EXPECT_TEXT_MAX, "pages that the kernel does not have: %.*s",
			 (int)next_line(got), got);
		return false;
	}
	return true;
}

bool expect_block_agrees(const struct program *program, const struct program_notes *notes,
			 const struct expectation *expectation, const struct played *played,
			 char difference[EXPECT_TEXT_MAX])
{
	difference[0] = '\0';
	if (expect_records_errors(program, notes) &&
	    !compare_errors(program, notes, expectation, played, difference))
		return false;
	if (expectation->nr_lines && !expect_is_errors_line(&expectation->lines[0]) &&
	    !compare_line("VMAs", &expectation->lines[0], played->row, strlen(played->row), difference))
		return false;
	return compare_pages(expectation, played, difference);
}

/* The verdict on a program with some decisions of its release repaired. */
static bool clean_when_repaired(struct players *players, const struct settings *settings,
				const struct program *program, const struct bug *only,
				struct violation *violation)
{
	struct settings repaired = *settings;

	if (only)
		bug_repair(only, &repaired.release);
	else
		bug_repair_all(&repaired.release);
	struct player *player = players_get(players, &repaired);

	return player && player_run(player, program, NULL, NULL, violation);
}

/* The verdict with all defects of the release repaired but one. */
static bool clean_with_only(struct players *players, const struct settings *settings,
			    const struct program *program, const struct bug *only, struct violation *violation)
{
	struct settings repaired = *settings;

	bug_repair_all(&repaired.release);
	bug_turn_back(only, &repaired.release);
	struct player *player = players_get(players, &repaired);

	return player && player_run(player, program, NULL, NULL, violation);
}

/*
 * Is a violation what the release is known for? It is if the program is clean once all known defects
 * are repaired; the one whose repair alone makes this violation go away gets the credit, or, where two
 * defects do the same (S14 and S15), the first that is enough for it.
 */
static const struct bug *explaining_defect(struct players *players, const struct settings *settings,
					   const struct program *program, const struct violation *violation)
{
	struct violation other;

	if (!clean_when_repaired(players, settings, program, NULL, &other))
		return NULL;
	for (size_t i = 0; bug_at(i); i++)
		if (bug_in_release(bug_at(i), &settings->release) &&
		    (clean_when_repaired(players, settings, program, bug_at(i), &other) ||
		     other.step != violation->step || other.invariant != violation->invariant))
			return bug_at(i);
	for (size_t i = 0; bug_at(i); i++)
		if (bug_in_release(bug_at(i), &settings->release) &&
		    !clean_with_only(players, settings, program, bug_at(i), &other) &&
		    other.step == violation->step)
			return bug_at(i);
	return NULL;
}

bool expect_play(struct players *players, const struct settings *settings, const struct program *program,
		 struct played *played)
{
	struct player *player = players_get(players, settings);

	if (!player)
		return false;
	played->nr_ops = 0;
	const struct view *view = player_advance(player, program, program->nr_ops, collect_error, played);

	played->truncated = snapshot_row(view, played->row, sizeof(played->row)).truncated;
	played->truncated |= snapshot_pages(view, played->pages, sizeof(played->pages)).truncated;
	return true;
}

static bool play_version(struct players *players, const struct settings *settings,
			 const struct program *program, struct played *played, struct expect_result *result)
{
	if (!expect_play(players, settings, program, played))
		return false;
	struct player *player = players_get(players, settings); /* the one that just played: it is kept */

	result->violated = !player_run(player, program, NULL, NULL, &result->violation);
	result->defect =
		result->violated ? explaining_defect(players, settings, program, &result->violation) : NULL;
	return true;
}

bool expect_next_version(struct span *versions, char version[VERSION_TEXT_MAX])
{
	const char *p = versions->text, *end = p + versions->length;

	while (p < end && *p == ' ')
		p++;
	const char *word = p;

	while (p < end && *p != ' ')
		p++;
	versions->text = p;
	versions->length = (uint32_t)(end - p);
	snprintf(version, VERSION_TEXT_MAX, "%.*s", (int)(p - word), word);
	return p > word;
}

bool expect_settings(const struct settings *base, const char *version, struct settings *settings,
		     char error[SETTINGS_ERROR_MAX])
{
	*settings = *base;
	return settings_set(settings, "release", version, error) && settings_finish(settings, error);
}

static int compare_versions_of(struct players *players, const struct settings *base,
			       const struct program *program, const struct program_notes *notes,
			       const struct expectation *expectation, struct played *played,
			       expect_report report, void *data, char *error)
{
	struct span versions = expectation->versions;
	char version[VERSION_TEXT_MAX];
	int compared = 0;

	for (; expect_next_version(&versions, version); compared++) {
		struct settings settings;
		struct expect_result result = { .agrees = false };

		if (!expect_settings(base, version, &settings, error))
			return -1;
		if (!play_version(players, &settings, program, played, &result)) {
			snprintf(error, SETTINGS_ERROR_MAX, "out of memory");
			return -1;
		}
		snprintf(result.version, sizeof(result.version), "%s", version);
		result.agrees = expect_block_agrees(program, notes, expectation, played, result.difference);
		report(data, &result);
	}
	return compared;
}

int expect_compare(struct players *players, const struct settings *base, const struct program *program,
		   const struct program_notes *notes, expect_report report, void *data,
		   char error[SETTINGS_ERROR_MAX])
{
	struct played *played = malloc(sizeof(*played));
	int compared = 0;

	if (!played) {
		snprintf(error, SETTINGS_ERROR_MAX, "out of memory");
		return -1;
	}
	for (uint32_t i = 0; i < notes->nr_expectations && compared >= 0; i++) {
		int more = compare_versions_of(players, base, program, notes, &notes->expectations[i], played,
					       report, data, error);

		compared = more < 0 ? -1 : compared + more;
	}
	free(played);
	return compared;
}
