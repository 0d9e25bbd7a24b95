// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz migrate: byte files of a former format, written in the present one.
 * Reads only formats that it knows, and never guesses.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/convert.h"

struct migrate {
	unsigned int unknown_as; /* version; 0: unknown ones are refused */
	struct convert_options convert;
	struct file_arguments files;
};

static const struct argp_option options[] = {
	{ "unknown-as", 'u', "FORMAT", 0,
	  "Read files of an unknown format as this one: fuzzers change the byte that says it", 0 },
	{ 0 },
};

static void print_known(FILE *out)
{
	for (unsigned int version = 1; version <= PROGRAM_FORMAT_VERSION; version++)
		if (program_format_known(version))
			fprintf(out, " %u", version);
}

static unsigned int parse_version(const char *argument, const struct argp_state *state)
{
	char *end;
	unsigned long version = strtoul(argument, &end, 10);

	if (end != argument && *end == '\0' && version <= PROGRAM_FORMAT_VERSION &&
	    program_format_known((unsigned int)version))
		return (unsigned int)version;
	fprintf(stderr, "%s: unknown byte format '%.40s'; known:", state->name, argument);
	print_known(stderr);
	fputs("\n", stderr);
	exit(EXIT_USAGE);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct migrate *migrate = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		*migrate = (struct migrate){ .unknown_as = 0 };
		state->child_inputs[0] = &migrate->convert;
		return 0;
	case 'u':
		migrate->unknown_as = parse_version(argument, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Reads programs in any byte format that was ever committed and writes canonical bytes of the present one.\v"
	"Operands are always resolved: what a relative record means depends on the weights of its format, a resolved one "
	"means the same for ever. A source is never overwritten but with --in-place. Text has no versions: rmapfuzz fmt "
	"formats it.\n\n"
	"Examples:\n"
	"  rmapfuzz migrate -o new-corpus old-corpus\n"
	"  rmapfuzz migrate --in-place --unknown-as=1 build/corpus\n\n"
	"Exit codes: 0 done, 1 bad input or an unknown format, 72 interrupted.",
	convert_children,
	NULL,
	NULL
};

static bool unknown_version(const char *path, unsigned int version)
{
	fprintf(stderr, "rmapfuzz: %s: byte format %u is unknown; known:", path, version);
	print_known(stderr);
	fputs("\n", stderr);
	return false;
}

static bool migrate_file(void *data, const char *path, const struct input *input, struct converted *out)
{
	const struct migrate *migrate = data;
	const uint8_t *bytes = (const uint8_t *)input->content;
	unsigned int version = program_bytes_version(bytes, input->length);
	if (!input->length) /* the empty program, in every format */
		return convert_to_bytes(out, &input->program);
	if (input->text)
		return complain(path, "is text, which has no versions; rmapfuzz fmt formats it");
	if (!version)
		return complain(path, "is no program: a header has 4 bytes and a version");
	if (program_format_known(version))
		return convert_to_bytes(out, &input->program);
	if (!migrate->unknown_as)
		return unknown_version(path, version);
	char *copy = malloc(input->length);

	if (!copy)
		return complain(path, "out of memory");
	memcpy(copy, bytes, input->length);
	copy[PROGRAM_BYTE_VERSION] =
		(char)((bytes[PROGRAM_BYTE_VERSION] & PROGRAM_RESOLVED) | migrate->unknown_as);
	struct input *known = input_decode(path, copy, input->length);
	bool made = known && convert_to_bytes(out, &known->program);

	input_free(known);
	free(copy);
	return made;
}

static int verb_main(int argc, char **argv)
{
	struct migrate migrate;

	verb_parse(&verb_migrate, argc, argv, &migrate, &migrate.files);
	return convert_files(&verb_migrate, &migrate.convert, &migrate.files, migrate_file, &migrate);
}

const struct verb verb_migrate = { "migrate", "old byte formats to the present one", &argp, verb_main };
