// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz bugs --matrix: reads the reproducers, has each pair judged, prints.
 * Never decides what a cell is.
 */
#include "tool/matrix.h"

#include <stdlib.h>
#include <string.h>

struct matrix {
	struct input **inputs;
	char **paths;
	struct reproducer *all;
	size_t nr_inputs, nr;
	size_t nr_releases, nr_bugs;
	struct matrix_cell *cells; /* a row a release */
	unsigned int nr_disagreements;
	bool bad; /* a program could not be read */
};

static const struct {
	enum matrix_mark mark;
	const char *meaning;
} legend[] = {
	{ MARK_SHOWN, "had the bug; its reproducer fails in the unmodified release" },
	{ MARK_HIDDEN,
	  "had the bug; in the unmodified release another of its bugs shows first, with the others repaired it fails" },
	{ MARK_SILENT, "did not have the bug; its reproducers are silent" },
	{ MARK_OTHER,
	  "did not have the bug; its reproducer meets another bug of the release, with that repaired it is silent" },
	{ MARK_RULE,
	  "the rule of the time: silent, and fails where what later releases promise is asked of it" },
	{ MARK_CONFIG,
	  "had the bug if configured otherwise than these rows: silent, and fails with the bug turned back" },
	{ MARK_DERIVED, "fails as the source of the time would, but nothing tells of it" },
	{ MARK_LATENT, "decided wrongly, but nothing could come of it: silent" },
	{ MARK_WRONG, "history and reproducers disagree" },
};

enum { NR_LEGEND = sizeof(legend) / sizeof(legend[0]) };

void matrix_history_text(const struct history *entry, char out[HISTORY_TEXT_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	if (entry->kind == HISTORY_NEVER) {
		snprintf(out, HISTORY_TEXT_MAX, "no release: %s", entry->note);
		return;
	}
	if (entry->kind != HISTORY_RELEASED)
		used += (size_t)snprintf(out, HISTORY_TEXT_MAX, "%s, ", history_kind_name(entry->kind));
	used += (size_t)snprintf(out + used, HISTORY_TEXT_MAX - used, "%s%suntil %s", entry->introduced,
				 entry->introduced[0] ? " " : "", entry->fixed);
	for (const char *point = entry->stable; *point && used < HISTORY_TEXT_MAX;) {
		size_t length = strcspn(point, ",");

		used += (size_t)snprintf(out + used, HISTORY_TEXT_MAX - used, ", %.*s", (int)length, point);
		point += length + (point[length] == ',');
	}
	if (entry->note[0] && used < HISTORY_TEXT_MAX)
		snprintf(out + used, HISTORY_TEXT_MAX - used, "; %s", entry->note);
}

/* ---- reproducers ---- */

static const struct bug *bug_of_directive(const struct directive *directive)
{
	char name[64];

	if (directive->key.length != 3 || strncmp(directive->key.text, "bug", 3) != 0)
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)directive->value.length, directive->value.text);
	return bug_find(name);
}

/* Room for one more of each; programs that name several bugs reproduce the first. */
static bool grow(struct matrix *matrix)
{
	size_t nr = matrix->nr_inputs + 1;
	struct input **inputs = reallocarray(matrix->inputs, nr, sizeof(*inputs));

	if (inputs)
		matrix->inputs = inputs;
	struct reproducer *all = reallocarray(matrix->all, nr, sizeof(*all));

	if (all)
		matrix->all = all;
	char **paths = reallocarray(matrix->paths, nr, sizeof(*paths));

	if (paths)
		matrix->paths = paths;
	return inputs && all && paths;
}

/* The bug that a program is to show; NULL: none of the catalogue, a failure of old that was fixed. */
static const struct bug *bug_of(const struct input *input)
{
	const struct bug *bug = NULL;

	for (uint32_t i = 0; !bug && i < input->notes.nr_directives; i++)
		bug = bug_of_directive(&input->notes.directives[i]);
	return bug;
}

static bool take(void *data, const char *path)
{
	struct matrix *matrix = data;
	struct input *input = input_read(path);
	char *copy = strdup(path);
	bool room = grow(matrix);

	if (!input || !copy || !room) {
		if (input)
			complain(path, "no memory");
		input_free(input);
		free(copy);
		matrix->bad = true;
		return false;
	}
	matrix->inputs[matrix->nr_inputs] = input;
	matrix->paths[matrix->nr_inputs++] = copy;
	if (bug_of(input))
		matrix->all[matrix->nr++] = (struct reproducer){ bug_of(input), &input->program, copy };
	return true;
}

static void put_away(struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->nr_inputs; i++) {
		input_free(matrix->inputs[i]);
		free(matrix->paths[i]);
	}
	free(matrix->inputs);
	free(matrix->paths);
	free(matrix->all);
	free(matrix->cells);
}

/* ---- judging ---- */

static struct matrix_cell *cell_at(const struct matrix *matrix, size_t release, size_t bug)
{
	return &matrix->cells[release * matrix->nr_bugs + bug];
}

static bool judge_all(struct matrix *matrix)
{
	struct players players = { .requests = 0 };
	struct reproducers reproducers = { matrix->all, matrix->nr };
	struct release release;
	bool ok;

	while (release_at(matrix->nr_releases, &release))
		matrix->nr_releases++;
	while (bug_at(matrix->nr_bugs))
		matrix->nr_bugs++;
	matrix->cells = calloc(matrix->nr_releases * matrix->nr_bugs, sizeof(*matrix->cells));
	ok = matrix->cells != NULL;
	for (size_t i = 0; ok && i < matrix->nr_releases * matrix->nr_bugs; i++) {
		ok = matrix_judge(&players, i / matrix->nr_bugs, bug_at(i % matrix->nr_bugs), &reproducers,
				  &matrix->cells[i]);
		matrix->nr_disagreements += matrix->cells[i].disagreement != NULL;
	}
	players_put_away(&players);
	return ok || complain("bugs --matrix", "no memory");
}

/* ---- printing ---- */

static const char *release_name(size_t number)
{
	struct release release;

	return release_at(number, &release) ? release.name : "";
}

static void print_disagreements(const struct matrix *matrix)
{
	for (size_t r = 0; r < matrix->nr_releases; r++) {
		for (size_t b = 0; b < matrix->nr_bugs; b++) {
			const struct matrix_cell *cell = cell_at(matrix, r, b);

			if (cell->disagreement)
				fprintf(stderr, "rmapfuzz bugs: %s and %s: %s\n", release_name(r),
					bug_at(b)->id, cell->disagreement);
		}
	}
}

static void print_histories(const struct matrix *matrix, bool markdown)
{
	for (size_t b = 0; b < matrix->nr_bugs; b++) {
		const struct history *entry;
		char text[HISTORY_TEXT_MAX];

		for (size_t i = 0; (entry = history_of(bug_at(b), i)) != NULL; i++) {
			matrix_history_text(entry, text);
			printf(markdown ? "| %s | %s |\n" : "%-5s%s\n", i ? "" : bug_at(b)->id, text);
		}
	}
}

static void print_text(const struct matrix *matrix)
{
	/* ids from top to bottom: a column is two characters wide */
	for (size_t line = 0; line < 3; line++) {
		printf("%-10s", "");
		for (size_t b = 0; b < matrix->nr_bugs; b++)
			printf(" %c", bug_at(b)->id[line]);
		putchar('\n');
	}
	for (size_t r = 0; r < matrix->nr_releases; r++) {
		printf("%-10s", release_name(r));
		for (size_t b = 0; b < matrix->nr_bugs; b++)
			printf(" %c", (char)cell_at(matrix, r, b)->mark);
		putchar('\n');
	}
	putchar('\n');
	for (size_t i = 0; i < NR_LEGEND; i++)
		printf("%c  %s\n", (char)legend[i].mark, legend[i].meaning);
	putchar('\n');
	print_histories(matrix, false);
}

static void print_markdown(const struct matrix *matrix)
{
	printf("|  |");
	for (size_t b = 0; b < matrix->nr_bugs; b++)
		printf(" %s |", bug_at(b)->id);
	printf("\n|---|");
	for (size_t b = 0; b < matrix->nr_bugs; b++)
		printf(":-:|");
	putchar('\n');
	for (size_t r = 0; r < matrix->nr_releases; r++) {
		printf("| %s |", release_name(r));
		for (size_t b = 0; b < matrix->nr_bugs; b++) {
			enum matrix_mark mark = cell_at(matrix, r, b)->mark;

			if (mark == MARK_SILENT)
				printf("  |");
			else
				printf(mark == MARK_SHOWN || mark == MARK_HIDDEN ? " **%c** |" : " %c |",
				       (char)mark);
		}
		putchar('\n');
	}
	printf("\n| mark | |\n|---|---|\n");
	for (size_t i = 0; i < NR_LEGEND; i++)
		if (legend[i].mark == MARK_SILENT)
			printf("|  | %s |\n", legend[i].meaning);
		else if (legend[i].mark != MARK_WRONG)
			printf("| %c | %s |\n", (char)legend[i].mark, legend[i].meaning);
	printf("\n| bug | which kernels had it |\n|---|---|\n");
	print_histories(matrix, true);
}

static json_t *exhibit_json(const struct exhibit *exhibit)
{
	char invariant[8];

	if (!exhibit->failed)
		return json_null();
	snprintf(invariant, sizeof(invariant), "I%u", exhibit->invariant);
	return json_pack("{s:s, s:i, s:o, s:b}", "invariant", invariant, "operation", (int)exhibit->step,
			 "program", json_text(exhibit->path), "by_the_bug", exhibit->by_the_bug);
}

static json_t *cell_json(const struct matrix *matrix, size_t release, size_t bug)
{
	const struct matrix_cell *cell = cell_at(matrix, release, bug);
	const char *mark = "unknown";

	for (size_t i = 0; i < NR_LEGEND; i++)
		if (legend[i].mark == cell->mark)
			mark = legend[i].meaning;
	return json_pack("{s:s, s:s, s:s#, s:s, s:o, s:o, s:o, s:s?}", "release", release_name(release),
			 "bug", bug_at(bug)->id, "mark", (char[]){ (char)cell->mark }, 1, "meaning", mark,
			 "unmodified", exhibit_json(&cell->unmodified), "alone", exhibit_json(&cell->alone),
			 "repaired", exhibit_json(&cell->repaired), "disagreement", cell->disagreement);
}

static void print_json(const struct matrix *matrix)
{
	json_t *cells = json_array();

	for (size_t r = 0; r < matrix->nr_releases; r++)
		for (size_t b = 0; b < matrix->nr_bugs; b++) {
			json_t *cell = cell_json(matrix, r, b);
			const struct history *history = cell_at(matrix, r, b)->history;

			json_object_set_new(cell, "history",
					    json_string(history ? history_kind_name(history->kind) : "not had"));
			json_array_append_new(cells, cell);
		}
	json_print_indented(stdout, cells);
}

int matrix_print(const char *directory, const struct list_options *list)
{
	struct matrix matrix = { .nr = 0 };
	char *const paths[] = { (char *)(uintptr_t)directory, NULL };
	bool ok = is_directory(directory) ||
		  complain(directory, "no directory of reproducers; --programs names one");

	ok = ok && files_visit(paths, take, &matrix) && !matrix.bad && !interrupted() && judge_all(&matrix);
	if (ok) {
		if (list->json)
			print_json(&matrix);
		else
			(list->markdown ? print_markdown : print_text)(&matrix);
		print_disagreements(&matrix);
	}
	put_away(&matrix);
	return exit_code_of(!ok, matrix.nr_disagreements);
}
