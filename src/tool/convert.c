// SPDX-License-Identifier: GPL-2.0-only
/*
 * From files to files, see convert.h. Never looks into a program.
 */
#define _GNU_SOURCE /* tdestroy */
#include "tool/convert.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct converter {
	const struct verb *verb;
	const struct convert_options *options;
	convert_file convert;
	void *data;
	bool to_directory;
	const char *argument; /* the file or directory being worked on, as named */
	void *written;        /* a tree of the paths that this run wrote */
	unsigned int nr_files, nr_changed, nr_bad;
	bool stopped;
};

static const struct argp_option options[] = {
	{ "output", 'o', "PATH", 0, "Write here: a file, or a directory that gets a file for each", 0 },
	{ "in-place", 'i', NULL, 0, "Replace each file by its result", 0 },
	{ 0 },
};

// NOLINTNEXTLINE(readability-non-const-parameter): argp's type
static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct convert_options *convert = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		*convert = (struct convert_options){ .output = NULL };
		return 0;
	case 'o':
		convert->output = argument;
		return 0;
	case 'i':
		convert->in_place = true;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (convert->output && convert->in_place)
			usage_error(state, "--output and --in-place exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp convert_argp = { options, parse_option, NULL, NULL, NULL, NULL, NULL };

const struct argp_child convert_children[2] = { { &convert_argp, 0, "Where results go:", 1 }, { 0 } };

/* The directories above path, made as far as they are missing. */
static bool make_parents(const char *path)
{
	char parent[MAX_PATH_BYTES];

	snprintf(parent, sizeof(parent), "%s", path);
	for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(parent, 0777) != 0 && errno != EEXIST)
			return complain(parent, strerror(errno));
		*slash = '/';
	}
	return true;
}

/* Below the output directory a file has the name that it has below the argument. */
static bool place_below(const struct converter *converter, const char *path, bool text,
			char out[MAX_PATH_BYTES])
{
	size_t skip = is_directory(converter->argument) ? strlen(converter->argument) : 0;
	const char *name = skip ? path + skip : strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	name = strcmp(path, "-") == 0 ? "stdin" : name + strspn(name, "/");
	int n = snprintf(out, MAX_PATH_BYTES, "%s/%.*s%s", converter->options->output, (int)name_stem(name),
			 name, text ? ".prog" : "");

	return n < MAX_PATH_BYTES ? true : complain(path, "path too long");
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Two files of different form may want one name, as x and x.prog do: the second is refused. */
static bool claim(struct converter *converter, const char *path, const char *place)
{
	char *copy = strdup(place);
	char *const *found = copy ? tsearch(copy, &converter->written, compare_paths) : NULL;

	if (!found) {
		free(copy);
		return complain(path, "out of memory");
	}
	if (*found == copy)
		return true;
	free(copy);
	fprintf(stderr, "rmapfuzz: %s: another file has become %s\n", path, place);
	return false;
}

static bool same_file(const char *a, const char *b)
{
	struct stat first, second;

	return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

/* Where the result goes, NULL for standard output. Complains and returns false if it must not go there. */
static bool choose_place(struct converter *converter, const char *path, bool text, char place[MAX_PATH_BYTES],
			 const char **chosen)
{
	const struct convert_options *convert = converter->options;

	*chosen = NULL;
	if (convert->in_place) {
		*chosen = path;
		return strcmp(path, "-") != 0 || complain(path, "standard input has no place");
	}
	if (!convert->output)
		return true;
	*chosen = convert->output;
	if (converter->to_directory) {
		*chosen = place;
		if (!place_below(converter, path, text, place) || !claim(converter, path, place))
			return false;
	}
	if (same_file(path, *chosen))
		return complain(path, "would overwrite itself; --in-place does that");
	return true;
}

/* False: nothing more can be written. */
static bool write_result(struct converter *converter, const char *path, const struct input *input,
			 const struct converted *out)
{
	char place[MAX_PATH_BYTES];
	const char *chosen;
	bool changed = out->length != input->length ||
		       (out->length && memcmp(out->content, input->content, out->length) != 0);

	converter->nr_changed += changed;
	if (converter->options->dry)
		return true;
	if (!choose_place(converter, path, out->text, place, &chosen)) {
		converter->nr_bad++;
		return true;
	}
	if (converter->options->in_place && !changed)
		return true;
	if ((converter->to_directory && !make_parents(chosen)) ||
	    !output_write(chosen, out->content, out->length)) {
		converter->nr_bad++;
		return false;
	}
	return true;
}

static bool visit(void *data, const char *path)
{
	struct converter *converter = data;
	struct converted out = { .content = NULL };
	struct input *input = input_read(path);
	bool go_on = true;

	converter->nr_files++;
	if (!input) {
		converter->nr_bad++;
		return true;
	}
	if (converter->convert(converter->data, path, input, &out))
		go_on = write_result(converter, path, input, &out);
	else
		converter->nr_bad++;
	free(out.content);
	input_free(input);
	converter->stopped |= !go_on;
	return go_on;
}

static bool check_places(struct converter *converter, const struct file_arguments *files)
{
	const struct convert_options *convert = converter->options;
	bool several = files->nr > 1 || is_directory(files->paths[0]);
	size_t length = convert->output ? strlen(convert->output) : 0;

	converter->to_directory =
		length && (several || is_directory(convert->output) || convert->output[length - 1] == '/');
	if (convert->dry || convert->in_place || convert->output || !several)
		return true;
	fprintf(stderr, "rmapfuzz %s: several files need --output=DIRECTORY or --in-place\n",
		converter->verb->name);
	return false;
}

int convert_files(const struct verb *verb, const struct convert_options *convert,
		  const struct file_arguments *files, convert_file convert_one, void *data)
{
	struct converter converter = { .verb = verb, .options = convert, .convert = convert_one, .data = data };
	bool complete = true;

	if (!files->nr)
		return no_file_given(verb);
	if (!check_places(&converter, files))
		return EXIT_USAGE;
	for (int i = 0; i < files->nr && !converter.stopped && !interrupted(); i++) {
		char *paths[] = { files->paths[i], NULL };

		converter.argument = files->paths[i];
		complete &= files_visit(paths, visit, &converter);
	}
	tdestroy(converter.written, free);
	if (converter.to_directory || convert->in_place)
		printf("%u files, %u changed, %u bad\n", converter.nr_files, converter.nr_changed,
		       converter.nr_bad);
	return exit_code_of(converter.nr_bad || !complete, false);
}

bool convert_to_bytes(struct converted *out, const struct program *program)
{
	out->content = malloc(PROGRAM_MAX_BYTES);
	if (!out->content)
		return complain("memory", "out of memory");
	out->length = program_encode(program, (uint8_t *)out->content);
	return true;
}

bool convert_to_text(struct converted *out, const struct input *input)
{
	const struct program *program = &input->program;

	out->text = true;
	out->length = input->text ?
			      program_format(program, &input->notes, input->content, input->length, NULL, 0) :
			      program_print(program, NULL, 0);
	out->content = malloc(out->length + 1); /* program_print ends with a NUL */
	if (!out->content)
		return complain("memory", "out of memory");
	if (input->text)
		program_format(program, &input->notes, input->content, input->length, out->content,
			       out->length);
	else
		program_print(program, out->content, out->length + 1);
	return true;
}
