// SPDX-License-Identifier: GPL-2.0-only
/*
 * A state as a picture: page numbers, VMAs as letters, entries as letters
 * below. For traces that people read; nothing compares it.
 */
#include <string.h>

#include "oracle/snapshot.h"

static unsigned int last_page(const struct view *view)
{
	uint64_t used = 0;

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct mm_struct *mm = &view->mm[p];

		if (!mm->alive)
			continue;
		used |= mm->populated;
		for (uint64_t starts = mm->starts; starts; starts &= starts - 1)
			used |= UINT64_C(1) << (mm->vma_at[__builtin_ctzll(starts)]->vm_end - 1);
	}
	return used ? 63 - (unsigned int)__builtin_clzll(used) : 0;
}

void snapshot_ruler_numbers(unsigned int last, char tens[NR_WINDOW + 1], char ones[NR_WINDOW + 1])
{
	static const char digits[] = "0123456789";

	memset(tens, ' ', last + 1);
	for (unsigned int n = 0; n <= last; n++) {
		if (n % 10 == 0)
			tens[n] = digits[n / 10];
		ones[n] = digits[n % 10];
	}
	tens[last / 10 * 10 + 1] = '\0';
	ones[last + 1] = '\0';
}

/* Letters by address: a, b, c ...; in capitals once the VMA has an anon_vma. */
static void draw_vmas(const struct mm_struct *mm, unsigned int last, char vmas[NR_WINDOW + 1])
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", lower[] = "abcdefghijklmnopqrstuvwxyz";
	const struct vm_area_struct *before = NULL;
	unsigned int nr = 0;

	memset(vmas, '.', last + 1);
	for (unsigned int n = 0; n <= last; n++) {
		const struct vm_area_struct *vma = view_vma_at(mm, n);

		if (vma && vma != before)
			nr++;
		before = vma ? vma : before;
		if (vma)
			vmas[n] = (vma->anon_vma_id ? upper : lower)[(nr - 1) % 26];
	}
	vmas[last + 1] = '\0';
}

static char entry_letter(const struct pte *pte)
{
	switch (pte->kind) {
	case PTE_PRESENT:
		return pte->write ? 'w' : 'r';
	case PTE_ZERO:
		return 'z';
	case PTE_SWAP:
		return 's';
	case PTE_MIGRATION:
		return 'm';
	default:
		return '.';
	}
}

void snapshot_ruler_process(const struct view *view, unsigned int process, unsigned int last,
			    char vmas[NR_WINDOW + 1], char entries[NR_WINDOW + 1])
{
	const struct mm_struct *mm = &view->mm[process];

	draw_vmas(mm, last, vmas);
	memset(entries, '.', last + 1);
	for (unsigned int n = 0; n <= last; n++)
		if (mm->populated >> n & 1)
			entries[n] = entry_letter(&mm->pte[n]);
	entries[last + 1] = '\0';
}

struct snapshot snapshot_ruler(const struct view *view, char *out, size_t size)
{
	unsigned int last = last_page(view);
	char upper[NR_WINDOW + 1], lower[NR_WINDOW + 1];
	struct text_out text;

	text_begin(&text, out, size);
	snapshot_ruler_numbers(last, upper, lower);
	text_add(&text, "    %s\n    %s\n", upper, lower);
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (!view->mm[p].alive)
			continue;
		snapshot_ruler_process(view, p, last, upper, lower);
		text_add(&text, "%c   %s\n    %s\n", 'A' + p, upper, lower);
	}
	return (struct snapshot){ .length = text.length, .truncated = text.truncated };
}
