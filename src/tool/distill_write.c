// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory of distilled programs. It is filled under another name beside
 * its place and renamed at the end, so that a full disk or Ctrl-C leaves
 * nothing behind. Never writes into a directory that has something in it.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/distill.h"

static const char suffix[] = ".prog";

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
	size_t length = strlen(base), end = strlen(suffix);
	bool has = length > end && strcmp(base + length - end, suffix) == 0;
	bool wants = distill->form == FORM_AS_IS ? has :
		     distill->form == FORM_TEXT  ? !candidate->text || has :
						   false;
	char mark[16] = "";

	if (has)
		length -= end;
	if (tag)
		snprintf(mark, sizeof(mark), "-%08x", (unsigned int)candidate->hash);
	return snprintf(out, room, "%.*s%s%s", (int)length, base, mark, wants ? suffix : "") < (int)room;
}

/* The form of what is written: as it was, text of bytes, or canonical bytes. */
static bool write_program(const struct distill *distill, const struct candidate *candidate, const char *path)
{
	static struct program program; /* scratch, large */
	static char text[PROGRAM_TEXT_MAX];
	static uint8_t bytes[PROGRAM_MAX_BYTES];
	struct parse_error error;

	if (distill->form == FORM_TEXT && !candidate->text) {
		program_decode(&program, (const uint8_t *)candidate->content, candidate->length);
		return output_write(path, text, program_print(&program, text, sizeof(text)));
	}
	if (distill->form != FORM_BYTES)
		return output_write(path, candidate->content, candidate->length);
	if (!candidate->text)
		program_decode(&program, (const uint8_t *)candidate->content, candidate->length);
	else if (!program_parse(&program, NULL, candidate->content, candidate->length, &error))
		return complain(candidate->path, "is no program any more"); /* it was one when it was read */
	return output_write(path, bytes, program_encode(&program, bytes));
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

/* What was written so far; there are only plain files in it. */
static void remove_directory(const char *path)
{
	DIR *directory = opendir(path);

	if (directory) {
		for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				unlinkat(dirfd(directory), entry->d_name, 0);
		closedir(directory);
	}
	rmdir(path);
}

/* mkdtemp makes directories for the owner alone; this one is for everybody whom the umask allows. */
static bool open_up(const char *path)
{
	mode_t mask = umask(0);

	umask(mask);
	return chmod(path, 0777 & ~mask) == 0;
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
	char temporary[MAX_PATH_BYTES + 16];
	size_t length = strlen(distill->directory);

	while (length > 1 && distill->directory[length - 1] == '/')
		length--;
	if (snprintf(temporary, sizeof(temporary), "%.*s.XXXXXX", (int)length, distill->directory) >=
		    (int)sizeof(temporary) ||
	    !mkdtemp(temporary))
		return complain(distill->directory, strerror(errno));
	if (fill(distill, temporary)) {
		/* an empty directory gives way */
		if (open_up(temporary) && rename(temporary, distill->directory) == 0)
			return true;
		complain(distill->directory, strerror(errno));
	}
	remove_directory(temporary);
	return false;
}
