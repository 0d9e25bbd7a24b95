// SPDX-License-Identifier: GPL-2.0-only
/*
 * What report.json says of one finding: from its directory, which triage made
 * (tool/bucket.h), and from the runner's entry. Each file may be missing.
 */
#define _GNU_SOURCE /* open_memstream */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/story.h"
#include "report/internal.h"

const char *finding_file(char out[FINDING_FILE_MAX], const char *name, const char *file)
{
	snprintf(out, FINDING_FILE_MAX, "findings/%.200s%s%.24s", name, *file ? "/" : "", file);
	return out;
}

/* What the head of min.prog says (put_head() in tool/bucket_files.c). */
struct head {
	uint32_t operation; /* that fails, from 1; 0: not known */
	json_t *title, *violation, *fix;
};

static json_t *rest_of_line(const char *text)
{
	return json_stringn_nocheck(text, strcspn(text, "\n"));
}

static void read_failing_run(struct head *head, const char *line)
{
	static const char at[] = " at operation ";
	size_t length = strcspn(line, "\n");
	const char *place = memmem(line, length, at, strlen(at));
	char *end;

	if (!place)
		return;
	head->operation = (uint32_t)strtoul(place + strlen(at), &end, 10);
	if (strncmp(end, ": ", 2) == 0)
		head->violation = rest_of_line(end + 2);
}

static void read_head(struct head *head, const char *text)
{
	static const char failing[] = "# Failing run: ", fix[] = "# Fix: ";
	const char *line = text;

	if (strncmp(line, "# ", 2) == 0)
		head->title = rest_of_line(line + 2);
	while (line && line[0] == '#') {
		if (strncmp(line, failing, strlen(failing)) == 0 && !head->operation)
			read_failing_run(head, line + strlen(failing));
		if (strncmp(line, fix, strlen(fix)) == 0 && !head->fix)
			head->fix = rest_of_line(line + strlen(fix));
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
}

/* The program with numbers, the failing operation marked. */
static json_t *listing(struct run_files *run, const char *name, const char *text, uint32_t mark)
{
	struct program *program = malloc(sizeof(*program));
	char *shown = NULL, what[256];
	struct parse_error error;
	json_t *value = NULL;
	size_t length;

	if (!program)
		return json_null();
	if (!program_parse(program, NULL, text, strlen(text), &error)) {
		snprintf(what, sizeof(what), "%u:%u: expected %s", error.line, error.column, error.expected);
		run_warn(run, name, what);
	} else {
		FILE *out = open_memstream(&shown, &length);

		if (out) {
			story_program(out, program, mark);
			fclose(out);
			value = json_text(shown);
			free(shown);
		}
	}
	free(program);
	return value ? value : json_null();
}

static void add_program(json_t *finding, struct run_files *run, const char *name)
{
	struct head head = { 0 };
	char file[FINDING_FILE_MAX];
	json_t *text = run_text(run, finding_file(file, name, "min.prog"));

	if (json_is_string(text))
		read_head(&head, json_string_value(text));
	json_object_set_new(finding, "title", head.title ? head.title : json_null());
	json_object_set_new(finding, "violation", head.violation ? head.violation : json_null());
	json_object_set_new(finding, "fix", head.fix ? head.fix : json_null());
	json_object_set_new(finding, "operation", head.operation ? json_integer(head.operation) : json_null());
	json_object_set_new(finding, "listing",
			    json_is_string(text) ? listing(run, file, json_string_value(text), head.operation) :
						   json_null());
	json_object_set_new(finding, "program", text);
}

/* "I7: ..." by the number in the class; null for what a sanitizer found. */
static json_t *invariant_in_words(const char *class)
{
	const struct invariant_info *info;
	char *end = NULL, text[512];
	unsigned long number = class[0] == 'I' ? strtoul(class + 1, &end, 10) : 0;

	if (!number || number > 999 || *end != '-')
		return json_null();
	info = invariant_info((unsigned int)number);
	if (!info || !info->symbol)
		return json_null();
	snprintf(text, sizeof(text), "I%lu: %s", number, info->sentence);
	return json_string(text);
}

static bool begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Whether it can be shown; the page does not have to ask again. */
static bool drawing_is_good(struct run_files *run, const char *name)
{
	const char *reason;
	char file[FINDING_FILE_MAX];
	size_t length;
	char *document = run_read(run, finding_file(file, name, "forest.svg"), MAX_DRAWING_BYTES, &length,
				  NULL, &reason);
	char *element = document ? svg_inline(document, length, "", &reason) : NULL;
	bool good = element != NULL;

	if (!good)
		run_warn(run, file, reason);
	free(document);
	free(element);
	return good;
}

/* Programs that were kept and other failures: names in the directory. */
static void add_files(json_t *finding, struct run_files *run, const char *name)
{
	char directory[FINDING_FILE_MAX];
	json_t *files = run_list(run, finding_file(directory, name, "")), *file;
	json_t *inputs = json_array(), *others = json_array();
	size_t i;

	json_array_foreach(files, i, file)
	{
		const char *text = json_string_value(file);

		if (begins_with(text, "input-"))
			json_array_append(inputs, file);
		else if (begins_with(text, "other-"))
			json_array_append(others, file);
	}
	json_object_set_new(finding, "inputs", inputs);
	json_object_set_new(finding, "others", others);
	json_object_set_new(finding, "drawing", json_boolean(drawing_is_good(run, name)));
	json_decref(files);
}

/* Numbers and names: those of finding.json, or those of the runner where that is missing. */
static void add_identity(json_t *finding, const json_t *filed, const json_t *entry)
{
	static const char *const texts[] = { "class", "signature", "options", "first_seen", "last_seen" };
	static const char *const numbers[] = { "operations", "operations_found" };
	json_t *value;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		value = member_copy(filed, texts[i], JSON_STRING);
		if (json_is_null(value))
			value = member_copy(entry, texts[i], JSON_STRING);
		json_object_set_new(finding, texts[i], value);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_object_set_new(finding, numbers[i], member_copy(filed, numbers[i], JSON_INTEGER));
	value = member_copy(entry, "count", JSON_INTEGER);
	if (json_is_null(value))
		value = member_copy(filed, "count", JSON_INTEGER);
	json_object_set_new(finding, "count", value);
	json_object_set_new(finding, "seconds", member_copy(entry, "seconds", JSON_INTEGER));
}

/* Names come from a file: one that leads out of findings/ is none. */
static bool is_there(struct run_files *run, const char *name)
{
	char file[FINDING_FILE_MAX], path[MAX_PATH_BYTES];

	if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > FINDING_NAME_MAX) {
		run_warn(run, "findings", "one has a name that is no directory's");
		return false;
	}
	if (snprintf(path, sizeof(path), "%s/%s", run->path, finding_file(file, name, "")) < (int)sizeof(path) &&
	    is_directory(path))
		return true;
	run_warn(run, file, strerror(ENOENT));
	return false;
}

json_t *facts_finding(struct run_files *run, const char *name, const json_t *entry)
{
	json_t *finding = json_object(), *filed = NULL;
	char file[FINDING_FILE_MAX];
	bool there = is_there(run, name);

	json_object_set_new(finding, "name", json_text(name));
	if (there)
		filed = run_json(run, finding_file(file, name, "finding.json"), true);
	json_object_set_new(finding, "filed", json_boolean(there));
	add_identity(finding, filed, entry);
	json_object_set_new(finding, "invariant", invariant_in_words(member_text(finding, "class")));
	bool has_options = json_is_string(json_object_get(finding, "options"));

	json_object_set_new(finding, "suspects",
			    has_options ? facts_suspects(member_text(finding, "class"),
							 member_text(finding, "options"), true) :
					  json_null());
	json_object_set_new(finding, "alike",
			    has_options ? facts_suspects(member_text(finding, "class"),
							 member_text(finding, "options"), false) :
					  json_null());
	if (there) {
		add_program(finding, run, name);
		add_files(finding, run, name);
		json_object_set_new(finding, "trace", run_text(run, finding_file(file, name, "trace.txt")));
	}
	json_decref(filed);
	return finding;
}
