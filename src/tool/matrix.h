/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The matrix of releases and bugs for people, for the docs and for scripts.
 * What a cell says is judged in driver/matrix.h.
 */
#ifndef RMAPFUZZ_TOOL_MATRIX_H
#define RMAPFUZZ_TOOL_MATRIX_H

#include "driver/matrix.h"
#include "tool/list.h"

enum { HISTORY_TEXT_MAX = 512 };

/* "2.6.34-rc1 until 2.6.34-rc4; ..." */
void matrix_history_text(const struct history *entry, char out[HISTORY_TEXT_MAX]);

/* Plays the programs of a directory that name a bug. Returns an exit code: EXIT_VIOLATION if any pair disagrees. */
int matrix_print(const char *directory, const struct list_options *list);

#endif
