/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A state as text, in the fixed form of the recorded conformance programs:
 *
 *	A: [0,4)rw=a1{a1(c2,v1)} [4,8)r{} B: [0,4)rw=a2{a2(c0,v1) a1(c2,v1)}
 *	A pages: 0:P1 mc2 ->av1 idx0 3:zero
 *
 * Objects are numbered by first sight along the text, never by birth id or
 * address, so two states are alike if and only if their texts are equal.
 * docs/invariants.md describes the form. Reads a view, writes into the
 * caller's buffer, allocates nothing.
 */
#ifndef RMAPFUZZ_ORACLE_SNAPSHOT_H
#define RMAPFUZZ_ORACLE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "view.h"

/* Enough for any state that 512 operations of ordinary programs reach; a longer text is cut and says so. */
enum { SNAPSHOT_TEXT_MAX = 1 << 16 };

struct snapshot {
	size_t length;  /* without the NUL that is always there */
	bool truncated; /* the text did not fit */
	uint32_t nr_page_lines;
};

/* The row of VMAs and chains, without newline. */
struct snapshot snapshot_row(const struct view *view, char *out, size_t size);

/*
 * The page lines, each "A pages: ..." with a newline, one a process that has
 * entries. Names of anon_vmas are those of the row. Beside the recorded form:
 * "3:S1" is a swap entry, "swapcache" a page in the swap cache, "3:migration"
 * a migration entry.
 */
struct snapshot snapshot_pages(const struct view *view, char *out, size_t size);

/* Row, newline, page lines. */
struct snapshot snapshot_print(const struct view *view, char *out, size_t size);

/*
 * Two rulers a process, for traces: page numbers, its VMAs drawn with letters
 * (a VMA that has an anon_vma in capitals) and below them what each page's
 * entry is: w writable, r mapped, z zero page, s swap, m migration.
 *
 *	      0         1
 *	      0123456789012345
 *	A     AAAAbb..C
 *	      wr.z....s
 */
struct snapshot snapshot_ruler(const struct view *view, char *out, size_t size);

/*
 * The two rulers of one process alone, for pages 0..last: one character a page. The process need not be
 * alive. Numbers are the two lines above them.
 */
void snapshot_ruler_process(const struct view *view, unsigned int process, unsigned int last,
			    char vmas[NR_WINDOW + 1], char entries[NR_WINDOW + 1]);
void snapshot_ruler_numbers(unsigned int last, char tens[NR_WINDOW + 1], char ones[NR_WINDOW + 1]);

/*
 * True if two texts say the same: runs of blanks count as one, those at the
 * ends as none. Recorded files may be edited by hand.
 */
bool snapshot_text_equal(const char *a, size_t a_length, const char *b, size_t b_length);

/* ---- for the files of the snapshot ---- */

/* A caller's buffer that is being filled. */
struct text_out {
	char *out;
	size_t size, length;
	bool truncated;
};

void text_begin(struct text_out *text, char *out, size_t size);
__attribute__((format(printf, 2, 3))) void text_add(struct text_out *text, const char *format, ...);

#endif
