// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz VERB ...: the command for people. Each verb is a file of its own;
 * this one only finds it.
 */
#include <stdio.h>
#include <string.h>

#include "tool/tool.h"

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct verb verbs[] = {
	{ "run", verb_run, "replay programs and compare with what they expect" },
};

enum { NR_VERBS = sizeof(verbs) / sizeof(verbs[0]) };

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/* A sanitizer's finding ends a replay as a violation does. */
const char *__asan_default_options(void)
{
	return "exitcode=77:allow_user_poisoning=1:detect_leaks=0:dedup_token_length=3";
}

const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:halt_on_error=1:report_error_type=1:exitcode=77";
}

static void usage(FILE *out)
{
	fputs("usage: rmapfuzz VERB [OPTION...] FILE...\n\n", out);
	for (int i = 0; i < NR_VERBS; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].help);
	fputs("\nrmapfuzz VERB --help says more. Exit codes: 0 clean, 1 bad input, 77 a violation was found.\n",
	      out);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		usage(stdout);
		return EXIT_CLEAN;
	}
	for (int i = 0; i < NR_VERBS; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "rmapfuzz: unknown verb '%.40s'; known:", argv[1]);
	for (int i = 0; i < NR_VERBS; i++)
		fprintf(stderr, " %s", verbs[i].name);
	fputs("\n", stderr);
	return EXIT_USAGE;
}
