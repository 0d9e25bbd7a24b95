// SPDX-License-Identifier: GPL-2.0-only
/*
 * Expectations made anew, see expect_update() in expect.h. Never touches a
 * line that is not of a block, nor a block that its versions agree with.
 */
#include "driver/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct update {
	struct players *players;
	const struct settings *base;
	const struct program *program;
	const struct program_notes *notes;
	struct played *played;
	FILE *out;
	char *error;
};

/* A version of a block, and the lines that it asks for. */
struct wanted {
	char version[VERSION_TEXT_MAX];
	char *lines;
	bool written;
};

struct wanted_list {
	struct wanted wanted[MAX_EXPECTATIONS];
	unsigned int nr;
	bool agree;
};

static bool fail(struct update *update, const char *what)
{
	snprintf(update->error, SETTINGS_ERROR_MAX, "%s", what);
	return false;
}

/* The error of an operation, "ok" for none; NULL if its comment tells the same. */
static const char *untold_error(const struct update *update, uint32_t op)
{
	int error = update->played->errors[op];
	const char *got = error > 0 ? op_error_name(error) : "";
	struct span comment = update->notes->op_comment[op];

	if (!expect_is_error_name(&comment))
		comment.length = 0;
	if (strlen(got) == comment.length && memcmp(got, comment.text, comment.length) == 0)
		return NULL;
	return got[0] ? got : "ok";
}

static void put_errors(const struct update *update, FILE *out, const char *eol, bool had_line)
{
	/* a line without errors stays: without it the file may record none at all */
	bool has_line = had_line;

	for (uint32_t i = 0; i < update->program->nr_ops; i++)
		has_line |= untold_error(update, i) != NULL;
	if (!has_line)
		return;
	fputs("#  errors:", out);
	for (uint32_t i = 0; i < update->program->nr_ops; i++)
		if (untold_error(update, i))
			fprintf(out, " %u:%s", i + 1, untold_error(update, i));
	fputs(eol, out);
}

static void put_pages(const char *pages, FILE *out, const char *eol)
{
	while (*pages) {
		size_t length = strcspn(pages, "\n");

		fprintf(out, "#  %.*s%s", (int)length, pages, eol);
		pages += length + (pages[length] == '\n');
	}
}

/* The lines of a block under its head, of the kinds that it had. */
static char *wanted_lines(struct update *update, const struct expectation *expectation, const char *eol)
{
	bool has_errors = false, has_pages = false, errors_first = false;
	char *lines = NULL;
	size_t length;
	FILE *out = open_memstream(&lines, &length);

	if (!out)
		return NULL;
	for (uint32_t i = 0; i < expectation->nr_lines; i++) {
		bool errors = expect_is_errors_line(&expectation->lines[i]);

		has_errors |= errors;
		errors_first |= errors && i == 0;
		has_pages |= !errors && i > 0;
	}
	if (errors_first)
		put_errors(update, out, eol, true);
	else
		fprintf(out, "#  %s%s", update->played->row, eol);
	if (has_pages)
		put_pages(update->played->pages, out, eol);
	if (!errors_first && expect_records_errors(update->program, update->notes))
		put_errors(update, out, eol, has_errors);
	if (fclose(out) == 0)
		return lines;
	free(lines);
	return NULL;
}

/* Plays every version of a block. False, with an error, if that is not possible. */
static bool want(struct update *update, const struct expectation *expectation, const char *eol,
		 struct wanted_list *list)
{
	struct span versions = expectation->versions;
	char version[VERSION_TEXT_MAX], *difference = malloc(EXPECT_TEXT_MAX);
	bool good = difference != NULL;

	list->nr = 0;
	list->agree = expectation->nr_lines > 0; /* a head alone asks for its lines */
	while (good && expect_next_version(&versions, version)) {
		struct settings settings;

		if (list->nr == MAX_EXPECTATIONS)
			good = fail(update, "too many versions in one block");
		else if (!expect_settings(update->base, version, &settings, update->error))
			good = false;
		else if (!expect_play(update->players, &settings, update->program, update->played))
			good = fail(update, "out of memory");
		else if (update->played->truncated)
			good = fail(update, "the state is too large for an expectation");
		if (!good)
			break;
		struct wanted *wanted = &list->wanted[list->nr++];

		*wanted = (struct wanted){ .lines = wanted_lines(update, expectation, eol) };
		memcpy(wanted->version, version, sizeof(version));
		list->agree &= expect_block_agrees(update->program, update->notes, expectation,
						   update->played, difference);
		good = wanted->lines != NULL || fail(update, "out of memory");
	}
	free(difference);
	return good;
}

static bool all_alike(const struct wanted_list *list)
{
	for (unsigned int i = 1; i < list->nr; i++)
		if (strcmp(list->wanted[i].lines, list->wanted[0].lines) != 0)
			return false;
	return true;
}

/* head is the head of the block as it is, without the end of its line. */
static void write_block(struct update *update, struct wanted_list *list, const struct span *head,
			const char *eol)
{
	if (all_alike(list)) {
		fprintf(update->out, "%.*s%s%s", (int)head->length, head->text, eol, list->wanted[0].lines);
		return;
	}
	for (unsigned int i = 0; i < list->nr; i++) {
		if (list->wanted[i].written)
			continue;
		fputs("#= linux", update->out);
		for (unsigned int j = i; j < list->nr; j++)
			if (strcmp(list->wanted[j].lines, list->wanted[i].lines) == 0) {
				fprintf(update->out, " %s", list->wanted[j].version);
				list->wanted[j].written = true;
			}
		fprintf(update->out, "%s%s", eol, list->wanted[i].lines);
	}
}

/* Where the line behind the next nr lines begins. */
static const char *skip_lines(const char *at, const char *end, uint32_t nr)
{
	for (; nr && at < end; nr--) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline ? newline + 1 : end;
	}
	return at;
}

/* One block, from its head to behind its last line. Returns 1 if it was made anew, 0 if not, -1 with an error. */
static int update_block(struct update *update, const struct expectation *expectation, const char *head,
			const char *end)
{
	const char *body = skip_lines(head, end, 1), *rest = skip_lines(head, end, 1 + expectation->nr_lines);
	struct span line = { head, (uint32_t)(body - head) };
	bool carriage_return = body - head >= 2 && body[-1] == '\n' && body[-2] == '\r';
	const char *eol = carriage_return ? "\r\n" : "\n";
	struct wanted_list *list = calloc(1, sizeof(*list));
	bool good = list ? want(update, expectation, eol, list) : fail(update, "out of memory");
	bool agrees = good && list->agree;

	while (line.length && (head[line.length - 1] == '\n' || head[line.length - 1] == '\r'))
		line.length--;
	if (agrees)
		fwrite(head, 1, (size_t)(rest - head), update->out);
	else if (good)
		write_block(update, list, &line, eol);
	for (unsigned int i = 0; list && i < list->nr; i++)
		free(list->wanted[i].lines);
	free(list);
	if (!good)
		return -1;
	return agrees ? 0 : 1;
}

/* All lines of the text, blocks that do not agree made anew. Returns their number, or -1 with an error. */
static int update_text(struct update *update, const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	uint32_t line = 1;
	int anew = 0;

	for (uint32_t i = 0; i < update->notes->nr_expectations; i++) {
		const struct expectation *expectation = &update->notes->expectations[i];
		const char *head = skip_lines(at, end, expectation->line - line);

		fwrite(at, 1, (size_t)(head - at), update->out);
		int outcome = update_block(update, expectation, head, end);

		if (outcome < 0)
			return -1;
		anew += outcome;
		at = skip_lines(head, end, 1 + expectation->nr_lines);
		line = expectation->line + 1 + expectation->nr_lines;
	}
	fwrite(at, 1, (size_t)(end - at), update->out);
	return anew;
}

/* What was made must be read back as the same operations: limits of a text hold for it, too. */
static bool reads_back(struct update *update, const char *text, size_t length)
{
	struct program *again = malloc(sizeof(*again));
	struct parse_error parse_error;
	bool good = again != NULL;

	if (!good)
		fail(update, "out of memory");
	else if (!program_parse(again, NULL, text, length, &parse_error))
		good = fail(update, parse_error.expected);
	else if (again->nr_ops != update->program->nr_ops)
		good = fail(update, "the operations would change");
	free(again);
	return good;
}

int expect_update(struct players *players, const struct settings *base, const struct program *program,
		  const struct program_notes *notes, const char *text, size_t length, char **out,
		  size_t *out_length, char error[SETTINGS_ERROR_MAX])
{
	struct update update = { .players = players,
				 .base = base,
				 .program = program,
				 .notes = notes,
				 .played = malloc(sizeof(struct played)),
				 .error = error };
	int anew = -1;

	*out = NULL;
	error[0] = '\0';
	update.out = update.played ? open_memstream(out, out_length) : NULL;
	if (!update.out) {
		fail(&update, "out of memory");
	} else {
		anew = update_text(&update, text, length);
		if (fclose(update.out) != 0 || (anew > 0 && !reads_back(&update, *out, *out_length)))
			anew = -1;
	}
	free(update.played);
	if (anew <= 0) {
		free(*out);
		*out = NULL;
	}
	return anew;
}
