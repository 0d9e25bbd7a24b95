// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz VERB ...: the command for people. Each verb is a file of its own;
 * this one only finds it, and sees to it that what was printed has arrived.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "asan.h"
#include "tool/manual.h"

#define VERB(name) &verb_##name,
static const struct verb *const verbs[] = {
#include "tool/verbs.def"
};
#undef VERB

enum { NR_VERBS = sizeof(verbs) / sizeof(verbs[0]) };

const struct verb *verb_at(size_t number)
{
	return number < NR_VERBS ? verbs[number] : NULL;
}

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
void __asan_on_error(void);

/* A sanitizer's finding ends a replay as a violation does. */
const char *__asan_default_options(void)
{
	return "exitcode=77:allow_user_poisoning=1:detect_leaks=0:dedup_token_length=3";
}

const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:halt_on_error=1:report_error_type=1:exitcode=77";
}

void __asan_on_error(void)
{
	play_on_sanitizer_error();
}

/* A text whose paragraphs are one line each, for a terminal. */
static void print_wrapped(FILE *out, const char *text)
{
	enum { WIDTH = 80 };

	while (*text) {
		size_t length = strcspn(text, "\n");

		while (length > WIDTH && text[0] != ' ') {
			size_t cut = WIDTH;

			while (cut && text[cut] != ' ')
				cut--;
			if (!cut)
				break;
			fprintf(out, "%.*s\n", (int)cut, text);
			text += cut + 1;
			length -= cut + 1;
		}
		fprintf(out, "%.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void print_version(void)
{
	struct release release;

	release_find("newest", &release);
#ifdef WITH_ASAN
	const char *net = ", AddressSanitizer beneath";
#else
	const char *net = "";
#endif
	printf("rmapfuzz %s\nbyte format %d, rules up to release %s%s\n", RMAPFUZZ_VERSION,
	       PROGRAM_FORMAT_VERSION, release.name, net);
}

static void usage(FILE *out)
{
	fputs("usage: rmapfuzz VERB [OPTION...] FILE...\n\n", out);
	for (size_t i = 0; verb_at(i); i++)
		fprintf(out, "  %-10s %s\n", verb_at(i)->name, verb_at(i)->help);
	fputs("\nrmapfuzz VERB --help says more; --version, --man and --completion print what their names say.\n\n",
	      out);
	print_wrapped(out, manual_notes);
	fprintf(out, "\nExit codes: %s\n", manual_exit_codes);
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; verb_at(i); i++)
		if (strcmp(name, verb_at(i)->name) == 0)
			return verb_at(i);
	fprintf(stderr, "rmapfuzz: unknown verb '%.40s'; known:", name);
	for (size_t i = 0; verb_at(i); i++)
		fprintf(stderr, " %s", verb_at(i)->name);
	fputs("\n", stderr);
	return NULL;
}

/* A full disk behind standard output is not a success. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	if (errno != EPIPE) /* a reader that has seen enough, as head has */
		complain("standard output", strerror(errno));
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	char name[64], option[] = "--help";

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    (strcmp(argv[1], "help") == 0 && argc == 2)) {
		usage(stdout);
		return finish(EXIT_CLEAN);
	}
	if (strcmp(argv[1], "--version") == 0) {
		print_version();
		return finish(EXIT_CLEAN);
	}
	if (strcmp(argv[1], "--man") == 0 || strcmp(argv[1], "--completion") == 0) {
		(argv[1][2] == 'm' ? manual_print_page : manual_print_completion)(stdout);
		return finish(EXIT_CLEAN);
	}
	bool help = strcmp(argv[1], "help") == 0; /* help VERB is VERB --help */
	const struct verb *verb = find_verb(argv[1 + help]);

	if (!verb)
		return EXIT_USAGE;
	snprintf(name, sizeof(name), "rmapfuzz %s", verb->name);
	argv[1] = name; /* argp's usage and errors begin with it */
	if (help) {
		argv[2] = option;
		argc = 3;
	}
	interrupt_catch();
	int code = verb->run(argc - 1, argv + 1);

	/* what could not be read because of Ctrl-C is no fault of the file */
	return finish(code == EXIT_USAGE && interrupted() ? EXIT_INTERRUPTED : code);
}
