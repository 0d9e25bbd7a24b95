// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the byte forms of programs: gen_seeds OUT_DIR FILE.prog... writes
 * OUT_DIR/FILE for each. Text is the archive; bytes are derived from it at
 * build time and never committed. Runs nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/program.h"

enum { MAX_TEXT = 1 << 20 };

static char text[MAX_TEXT];
static struct program program;

static int fail(const char *path, const char *what)
{
	fprintf(stderr, "gen_seeds: %s: %s\n", path, what);
	return 1;
}

static int read_program(const char *path)
{
	struct parse_error error;
	FILE *file = fopen(path, "rb");

	if (!file)
		return fail(path, "cannot open");
	size_t length = fread(text, 1, sizeof(text), file);
	int bad = ferror(file) || length == sizeof(text);

	fclose(file);
	if (bad)
		return fail(path, "cannot read, or over 1 MB");
	if (!program_parse(&program, NULL, text, length, &error)) {
		fprintf(stderr, "%s:%u:%u: expected %s\n", path, error.line, error.column, error.expected);
		return 1;
	}
	return 0;
}

static int write_bytes(const char *directory, const char *path)
{
	static uint8_t bytes[PROGRAM_MAX_BYTES];
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	const char *dot = strrchr(base, '.');
	char out[4096];

	snprintf(out, sizeof(out), "%s/%.*s", directory, (int)(dot ? (size_t)(dot - base) : strlen(base)),
		 base);
	size_t length = program_encode(&program, bytes);
	FILE *file = fopen(out, "wb");

	if (!file)
		return fail(out, "cannot write");
	size_t written = fwrite(bytes, 1, length, file);

	if (fclose(file) || written != length)
		return fail(out, "cannot write");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return fail("usage", "gen_seeds OUT_DIR FILE.prog...");
	for (int i = 2; i < argc; i++)
		if (read_program(argv[i]) || write_bytes(argv[1], argv[i]))
			return 1;
	return 0;
}
