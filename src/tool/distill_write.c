// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory of distilled programs. Never writes into one that has
 * something in it.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/convert.h"
#include "tool/distill.h"

bool distill_may_write(const struct distill *distill)
{
	DIR *directory = opendir(distill->directory);
	bool empty = true;

	if (!directory)
		return errno == ENOENT ? true : complain(distill->directory, strerror(errno));
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			empty = false;
	closedir(directory);
	return empty ? true : complain(distill->directory, "is not empty; a new directory is wanted");
}

/* The name of a kept program: its own, with a suffix as its form has it. tag tells two of one name apart. */
static bool name_of(const struct distill *distill, const struct candidate *candidate, bool tag, char *out,
		    size_t room)
{
	const char *base = strcmp(candidate->base, "-") == 0 ? "standard-input" : candidate->base;
	size_t length = name_stem(base);
	bool has = base[length] != '\0';
	bool wants = distill->form == FORM_AS_IS ? has :
		     distill->form == FORM_TEXT  ? !candidate->text || has :
						   false;
	char mark[16] = "";

	if (tag)
		snprintf(mark, sizeof(mark), "-%08x", (unsigned int)candidate->hash);
	return snprintf(out, room, "%.*s%s%s", (int)length, base, mark, wants ? ".prog" : "") < (int)room;
}

/* The form of what is written: as it was, text of bytes, or canonical bytes. */
static bool write_program(const struct distill *distill, const struct candidate *candidate, const char *path)
{
	struct converted out = { .content = NULL };

	if (distill->form == FORM_AS_IS || (distill->form == FORM_TEXT && candidate->text))
		return output_write(path, candidate->content, candidate->length);
	struct input *input = input_decode(candidate->path, candidate->content, candidate->length);

	if (!input)
		return false;
	bool written = (distill->form == FORM_TEXT ? convert_to_text(&out, input) :
						     convert_to_bytes(&out, &input->program)) &&
		       output_write(path, out.content, out.length);

	free(out.content);
	input_free(input);
	return written;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Under its own name, or with a tag if an earlier one has that. */
static bool write_candidate(const struct distill *distill, const struct candidate *candidate,
			    const char *directory)
{
	char name[NAME_MAX + 1], path[MAX_PATH_BYTES];

	for (int tag = 0; tag < 2; tag++) {
		if (!name_of(distill, candidate, tag, name, sizeof(name)) ||
		    snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
			return complain(candidate->path, strerror(ENAMETOOLONG));
		if (!exists(path))
			return write_program(distill, candidate, path);
	}
	return complain(candidate->path, "two files with this name are to be kept");
}

static bool fill(const struct distill *distill, const char *directory)
{
	for (uint32_t i = 0; i < distill->cover.nr_chosen; i++)
		if (interrupted() ||
		    !write_candidate(distill, &distill->candidates[distill->cover.chosen[i]], directory))
			return false;
	return !interrupted();
}

bool distill_write(const struct distill *distill)
{
	struct output_directory output;

	if (!output_directory_open(&output, distill->directory))
		return false;
	if (fill(distill, output.temporary))
		return output_directory_commit(&output);
	output_directory_discard(&output);
	return false;
}
