// SPDX-License-Identifier: GPL-2.0-only
/*
 * A state as text in the fixed form of the recorded programs. Shows what is,
 * right or wrong: it must be able to print a broken state, so it follows no
 * pointer without looking the object up first, and judges nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "oracle/snapshot.h"

/* Names of objects of one kind: the n-th in ids has number n. */
struct names {
	uint32_t ids[4096];
	uint32_t nr;
};

void text_begin(struct text_out *text, char *out, size_t size)
{
	*text = (struct text_out){ .out = out, .size = size, .truncated = size == 0 };
	if (size)
		out[0] = '\0';
}

void text_add(struct text_out *text, const char *format, ...)
{
	size_t room = text->size - text->length;
	va_list args;
	int length;

	if (text->truncated)
		return;
	va_start(args, format);
	length = vsnprintf(text->out + text->length, room, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= room) {
		text->out[text->length] = '\0'; /* no half words */
		text->truncated = true;
		return;
	}
	text->length += (size_t)length;
}

/* Number of an object by first sight. Past the table (never in practice) all get one number more. */
static uint32_t name_of(struct names *names, uint32_t id)
{
	for (uint32_t i = 0; i < names->nr; i++) {
		if (names->ids[i] == id)
			return i + 1;
	}
	if (names->nr == sizeof(names->ids) / sizeof(names->ids[0]))
		return names->nr + 1;
	names->ids[names->nr] = id;
	return ++names->nr;
}

static const char *protection(uint32_t flags)
{
	return flags & VM_WRITE ? "rw" : flags & VM_READ ? "r" : "n";
}

/* Counters as the release has them: two from 6.0, one degree from 3.19, none before. */
static void add_anon_vma(struct text_out *text, const struct view *view, struct names *names, uint32_t id)
{
	const struct anon_vma *anon_vma = view_anon_vma(view, id);

	text_add(text, "a%u", name_of(names, id));
	if (!anon_vma)
		text_add(text, "(freed)");
	else if (view->rules->counts_apart)
		text_add(text, "(c%d,v%d)", anon_vma->num_children, anon_vma->num_active_vmas);
	else if (view->rules->counts_children)
		text_add(text, "(d%d)", anon_vma->num_children + anon_vma->num_active_vmas);
}

static void add_vma(struct text_out *text, const struct view *view, struct names *names,
		    const struct vm_area_struct *vma)
{
	const struct anon_vma_chain *avc = vma->chain_first;

	text_add(text, " [%u,%u)%s", vma->vm_start, vma->vm_end, protection(vma->vm_flags));
	if (vma->vm_pgoff != vma->vm_start)
		text_add(text, "@%d", (int32_t)vma->vm_pgoff);
	if (vma->anon_vma_id)
		text_add(text, "=a%u", name_of(names, vma->anon_vma_id));
	text_add(text, "{");
	for (uint32_t n = 0; avc && n < vma->nr_avcs; n++, avc = avc->same_vma_next) {
		if (n)
			text_add(text, " ");
		add_anon_vma(text, view, names, avc->anon_vma_id);
	}
	text_add(text, "}");
}

static void add_row(struct text_out *text, const struct view *view, struct names *names)
{
	const char *between = "";

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct mm_struct *mm = &view->mm[p];

		if (!mm->alive)
			continue;
		text_add(text, "%s%c:", between, 'A' + p);
		between = " ";
		for (uint64_t starts = mm->starts; starts; starts &= starts - 1)
			add_vma(text, view, names, mm->vma_at[__builtin_ctzll(starts)]);
	}
}

static void add_page(struct text_out *text, const struct page *page, struct names *pages,
		     struct names *anon_vmas)
{
	text_add(text, "P%u mc%d", name_of(pages, page->id), page->mapcount);
	if (page->anon_exclusive)
		text_add(text, " excl");
	if (page->swap)
		text_add(text, " swapcache");
	if (page->mapping_id)
		text_add(text, " ->av%u idx%d", name_of(anon_vmas, page->mapping_id), (int32_t)page->index);
}

static uint32_t add_pages(struct text_out *text, const struct view *view, struct names *anon_vmas)
{
	struct names pages = { .nr = 0 }, slots = { .nr = 0 };
	uint32_t nr_lines = 0;

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct mm_struct *mm = &view->mm[p];

		if (!mm->alive || !mm->populated)
			continue;
		text_add(text, "%c pages:", 'A' + p);
		nr_lines++;
		for (uint64_t left = mm->populated; left; left &= left - 1) {
			int n = __builtin_ctzll(left);
			const struct pte *pte = &mm->pte[n];

			text_add(text, " %d:", n);
			if (pte->kind == PTE_ZERO)
				text_add(text, "zero");
			else if (pte->kind == PTE_SWAP)
				text_add(text, "S%u", name_of(&slots, pte->slot->id));
			if (pte->kind == PTE_MIGRATION)
				text_add(text, "migration ");
			if (pte->kind == PTE_PRESENT || pte->kind == PTE_MIGRATION)
				add_page(text, pte->page, &pages, anon_vmas);
		}
		text_add(text, "\n");
	}
	return nr_lines;
}

static struct snapshot finish(const struct text_out *text, uint32_t nr_page_lines)
{
	return (struct snapshot){
		.length = text->length,
		.truncated = text->truncated,
		.nr_page_lines = nr_page_lines,
	};
}

struct snapshot snapshot_row(const struct view *view, char *out, size_t size)
{
	struct names anon_vmas = { .nr = 0 };
	struct text_out text;

	text_begin(&text, out, size);
	add_row(&text, view, &anon_vmas);
	return finish(&text, 0);
}

struct snapshot snapshot_pages(const struct view *view, char *out, size_t size)
{
	struct names anon_vmas = { .nr = 0 };
	struct text_out row, text;
	uint32_t nr_lines;

	/* a row that is not kept: it gives the names */
	text_begin(&row, NULL, 0);
	add_row(&row, view, &anon_vmas);
	text_begin(&text, out, size);
	nr_lines = add_pages(&text, view, &anon_vmas);
	return finish(&text, nr_lines);
}

struct snapshot snapshot_print(const struct view *view, char *out, size_t size)
{
	struct names anon_vmas = { .nr = 0 };
	struct text_out text;
	uint32_t nr_lines;

	text_begin(&text, out, size);
	add_row(&text, view, &anon_vmas);
	text_add(&text, "\n");
	nr_lines = add_pages(&text, view, &anon_vmas);
	return finish(&text, nr_lines);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next character that counts: blanks in a row are one space, at the end none. Moves *at behind it. */
static int next_char(const char *text, size_t length, size_t *at)
{
	bool blank = false;

	for (; *at < length && is_blank(text[*at]); ++*at)
		blank = true;
	if (*at == length)
		return -1;
	if (blank)
		return ' ';
	return (unsigned char)text[(*at)++];
}

static size_t first_of(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length && is_blank(text[at]))
		at++;
	return at;
}

bool snapshot_text_equal(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t i = first_of(a, a_length), j = first_of(b, b_length);
	int x, y;

	do {
		x = next_char(a, a_length, &i);
		y = next_char(b, b_length, &j);
	} while (x == y && x != -1);
	return x == y;
}
