// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random and recorded programs for tests, see random_program.h.
 */
#include "random_program.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void random_program(struct program *program, uint64_t seed, uint32_t nr_ops)
{
	uint8_t bytes[PROGRAM_MAX_BYTES];
	size_t size = PROGRAM_HEADER_BYTES + (size_t)nr_ops * PROGRAM_RECORD_BYTES;
	uint64_t state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);

	memset(bytes, 0, PROGRAM_HEADER_BYTES);
	bytes[0] = PROGRAM_FORMAT_VERSION;
	for (size_t i = PROGRAM_HEADER_BYTES; i < size; i++)
		bytes[i] = (uint8_t)(next_random(&state) >> 32);
	program_decode(program, bytes, size);
}

static int is_program(const struct dirent *entry)
{
	return strstr(entry->d_name, ".prog") != NULL;
}

static void read_one(const char *folder, const char *name, struct named_program *into)
{
	struct parse_error error;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(into->name, sizeof(into->name), "%.*s", (int)(sizeof(into->name) - 1), name);
	FILE *file = fopen(path, "rb");
	size_t length = file ? fread(into->text, 1, sizeof(into->text), file) : 0;

	if (file)
		fclose(file);
	if (!length || length == sizeof(into->text) ||
	    !program_parse(&into->program, &into->notes, into->text, length, &error)) {
		fprintf(stderr, "%s: cannot be read as a program\n", path);
		abort();
	}
}

unsigned int read_folder(const char *folder, struct named_program *programs, unsigned int max)
{
	struct dirent **entries;
	int nr = scandir(folder, &entries, is_program, alphasort);
	unsigned int count = 0;

	for (int i = 0; i < nr; i++) {
		if (count < max)
			read_one(folder, entries[i]->d_name, &programs[count++]);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
	return count;
}
