// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of a report, made under another name and put in place as a whole.
 * The order is that of the facts: report.json, report.md from it, index.html
 * from that. Writes nothing else into the run.
 */
#define _GNU_SOURCE /* open_memstream */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/internal.h"
#include "report/report.h"

/* A directory that holds none of these was not made by the runner. */
static bool is_run(const char *path)
{
	static const char *const signs[] = { "state.json", "run.json", "history.csv" };
	char name[MAX_PATH_BYTES];

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (snprintf(name, sizeof(name), "%s/%s", path, signs[i]) < (int)sizeof(name) &&
		    access(name, F_OK) == 0)
			return true;
	return false;
}

static bool write_json(const json_t *facts, const char *directory)
{
	char path[MAX_PATH_BYTES];
	struct output output;

	if (!join_path(path, directory, "report.json") || !output_open(&output, path))
		return false;
	json_print_indented(output.file, json_deep_copy(facts));
	return output_commit(&output);
}

static bool write_page(const json_t *facts, bool charts, const char *directory, char **page, size_t *length)
{
	FILE *out = open_memstream(page, length);
	char path[MAX_PATH_BYTES];

	if (!out)
		return complain(directory, "out of memory");
	page_print(out, facts, charts);
	if (fclose(out) != 0)
		return complain(directory, "out of memory");
	return join_path(path, directory, "report.md") && output_write(path, *page, *length);
}

static bool write_html(const json_t *facts, const char *directory, const char *page, size_t length)
{
	const char *title = member_text(json_object_get(facts, "verdict"), "text");
	char path[MAX_PATH_BYTES];
	struct output output;

	if (!join_path(path, directory, "index.html") || !output_open(&output, path))
		return false;
	if (html_print(output.file, page, length, title, directory))
		return output_commit(&output);
	output_discard(&output);
	return complain(path, "out of memory");
}

/* The drawings of the findings, so that the report can go elsewhere without the run. */
static bool copy_drawings(const json_t *facts, const struct run_files *run, const char *directory)
{
	char name[FINDING_FILE_MAX], path[MAX_PATH_BYTES], short_name[40];
	const json_t *finding;
	const char *reason;
	size_t i, length;

	json_array_foreach(json_object_get(facts, "findings"), i, finding)
	{
		if (!json_is_true(json_object_get(finding, "drawing")))
			continue;
		finding_file(name, member_text(finding, "name"), "forest.svg");
		snprintf(short_name, sizeof(short_name), "finding-%zu.svg", i + 1);
		char *content = run_read(run, name, MAX_DRAWING_BYTES, &length, NULL, &reason);
		bool copied = content && join_path(path, directory, short_name) &&
			      output_write(path, content, length);

		free(content);
		if (!copied)
			return content || complain(name, reason);
	}
	return true;
}

static bool write_all(json_t *facts, const struct run_files *run, const char *directory)
{
	bool charts = charts_draw(facts, directory);
	char *page = NULL;
	size_t length;
	bool written = write_json(facts, directory) && copy_drawings(facts, run, directory) &&
		       write_page(facts, charts, directory, &page, &length) &&
		       write_html(facts, directory, page, length);

	free(page);
	return written;
}

bool report_write(const char *run_path, const char *output_path, const char *score)
{
	struct run_files run = { .path = run_path, .score = score };
	struct output_directory output;
	char path[MAX_PATH_BYTES];

	if (!is_directory(run_path))
		return complain(run_path, access(run_path, F_OK) == 0 ? "no directory" : strerror(errno));
	if (!is_run(run_path))
		return complain(run_path, "no run directory of rmapfuzz overnight");
	if (!output_path) {
		if (!join_path(path, run_path, "report"))
			return false;
		output_path = path;
	}
	if (!output_directory_open(&output, output_path))
		return false;
	json_t *facts = facts_of_run(&run);
	bool written = write_all(facts, &run, output.temporary);

	json_decref(facts);
	if (written)
		return output_directory_replace(&output, "report.json");
	output_directory_discard(&output);
	return false;
}
