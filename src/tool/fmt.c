// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz fmt: bytes to text, text to bytes, text to canonical text. Never
 * runs a program, and never changes what it means.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/convert.h"

enum form { FORM_DEFAULT, FORM_TEXT, FORM_BYTES };

struct fmt {
	enum form form;
	bool strict;
	struct convert_options convert;
	struct file_arguments files;
};

static const struct argp_option options[] = {
	{ "text", 't', NULL, 0, "To text, whatever it is (the default, but for --in-place)", 0 },
	{ "bytes", 'b', NULL, 0, "To bytes, whatever it is", 0 },
	{ "strict", 's', NULL, 0, "Refuse what is not canonical; with no other option only look", 0 },
	{ 0 },
};

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct fmt *fmt = state->input;

	(void)argument;
	switch (key) {
	case ARGP_KEY_INIT:
		*fmt = (struct fmt){ .form = FORM_DEFAULT };
		state->child_inputs[0] = &fmt->convert;
		return 0;
	case 't':
		fmt->form = FORM_TEXT;
		return 0;
	case 'b':
		fmt->form = FORM_BYTES;
		return 0;
	case 's':
		fmt->strict = true;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (fmt->convert.in_place && fmt->form != FORM_DEFAULT)
			usage_error(state,
				    "--in-place keeps each file's form, so --text and --bytes make no sense");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Formats programs: bytes become text, text becomes canonical text.\v"
	"Canonical text has one blank between the words of an operation, a directive or the head of an expectation, no "
	"blanks at the ends of lines and a newline behind each; comments, empty lines and what expectations say stay. "
	"Canonical bytes have resolved operands and 0 in every byte and bit without a use; they hold the operations "
	"alone, so comments, directives and expectations of a text are left behind. Text, bytes and text again are the "
	"same operations.\n\n"
	"With --in-place text becomes canonical text and bytes become canonical bytes.\n\n"
	"Examples:\n"
	"  rmapfuzz fmt crash-1234               what does this input do?\n"
	"  rmapfuzz fmt --bytes -o x story.prog  an input for the fuzzer\n"
	"  rmapfuzz fmt -o texts build/corpus    a whole corpus as text\n"
	"  rmapfuzz fmt --strict corpus          are all in canonical form?\n\n"
	"Exit codes: 0 done, 1 bad input, or not canonical with --strict, 72 interrupted.",
	convert_children,
	NULL,
	NULL
};

/* The first difference, in words. */
static bool not_canonical(const char *path, const struct input *input, const struct converted *canonical)
{
	size_t at = 0, line = 1;

	while (at < input->length && at < canonical->length && input->content[at] == canonical->content[at])
		line += input->content[at++] == '\n';
	if (input->text)
		fprintf(stderr, "rmapfuzz: %s: line %zu is not canonical\n", path, line);
	else if (!program_bytes_resolved((const uint8_t *)input->content, input->length))
		return complain(path, "not canonical: operands are relative, or there is no header");
	else
		fprintf(stderr, "rmapfuzz: %s: byte %zu is not canonical\n", path, at);
	return false;
}

static bool is_canonical(const char *path, const struct input *input)
{
	struct converted canonical = { .content = NULL };
	bool made = input->text ? convert_to_text(&canonical, input) :
				  convert_to_bytes(&canonical, &input->program);
	bool same = made && canonical.length == input->length &&
		    (!input->length || memcmp(canonical.content, input->content, input->length) == 0);

	if (made && !same)
		not_canonical(path, input, &canonical);
	free(canonical.content);
	return same;
}

static bool format(void *data, const char *path, const struct input *input, struct converted *out)
{
	const struct fmt *fmt = data;
	bool bytes = fmt->form == FORM_BYTES || (fmt->convert.in_place && !input->text);

	if (fmt->strict && !is_canonical(path, input))
		return false;
	return bytes ? convert_to_bytes(out, &input->program) : convert_to_text(out, input);
}

static int verb_main(int argc, char **argv)
{
	struct fmt fmt;

	verb_parse(&verb_fmt, argc, argv, &fmt, &fmt.files);
	fmt.convert.dry = fmt.strict && fmt.form == FORM_DEFAULT && !fmt.convert.output &&
			  !fmt.convert.in_place;
	return convert_files(&verb_fmt, &fmt.convert, &fmt.files, format, &fmt);
}

const struct verb verb_fmt = { "fmt", "bytes to text, text to bytes or to canonical text", &argp, verb_main };
