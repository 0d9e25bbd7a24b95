/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The man page and the completion, both made from verbs.def and the argp
 * tables of the verbs, so that neither can drift from what the command takes.
 */
#ifndef RMAPFUZZ_TOOL_MANUAL_H
#define RMAPFUZZ_TOOL_MANUAL_H

#include "tool/tool.h"

/* Text behind the list of verbs of --help: examples, and what all verbs share. Lines of two blanks are examples. */
extern const char manual_notes[];
extern const char manual_exit_codes[];

/* Calls visit for each option of a verb that has a name, those of its children behind its own. */
void manual_each_option(const struct argp *argp, void (*visit)(void *data, const struct argp_option *option),
			void *data);

/* The page for man(1), roff with the man macros. */
void manual_print_page(FILE *out);

/* The script for bash: verbs, options, values. */
void manual_print_completion(FILE *out);

#endif
