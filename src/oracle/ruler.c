// SPDX-License-Identifier: GPL-2.0-only
/*
 * A state as a picture: page numbers, VMAs as letters, entries as letters
 * below. For traces that people read; nothing compares it.
 */
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

static void add_numbers(struct text_out *text, unsigned int last)
{
	text_add(text, "    ");
	for (unsigned int n = 0; n <= last; n += 10)
		text_add(text, n + 10 <= last ? "%-10u" : "%u", n / 10);
	text_add(text, "\n    ");
	for (unsigned int n = 0; n <= last; n++)
		text_add(text, "%u", n % 10);
	text_add(text, "\n");
}

/* Letters by address: a, b, c ...; in capitals once the VMA has an anon_vma. */
static void add_vmas(struct text_out *text, const struct mm_struct *mm, unsigned int last)
{
	const struct vm_area_struct *before = NULL;
	unsigned int nr = 0;

	for (unsigned int n = 0; n <= last; n++) {
		const struct vm_area_struct *vma = view_vma_at(mm, n);

		if (vma && vma != before)
			nr++;
		before = vma ? vma : before;
		text_add(text, "%c", !vma ? '.' : (vma->anon_vma_id ? 'A' : 'a') + (int)((nr - 1) % 26));
	}
	text_add(text, "\n");
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

static void add_entries(struct text_out *text, const struct mm_struct *mm, unsigned int last)
{
	text_add(text, "    ");
	for (unsigned int n = 0; n <= last; n++)
		text_add(text, "%c", mm->populated >> n & 1 ? entry_letter(&mm->pte[n]) : '.');
	text_add(text, "\n");
}

struct snapshot snapshot_ruler(const struct view *view, char *out, size_t size)
{
	unsigned int last = last_page(view);
	struct text_out text;

	text_begin(&text, out, size);
	add_numbers(&text, last);
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (!view->mm[p].alive)
			continue;
		text_add(&text, "%c   ", 'A' + p);
		add_vmas(&text, &view->mm[p], last);
		add_entries(&text, &view->mm[p], last);
	}
	return (struct snapshot){ .length = text.length, .truncated = text.truncated };
}
