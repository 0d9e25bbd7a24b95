// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages and swap slots share a node: those with equal facts in the same
 * processes. What the violation is about has a node of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/drawing.h"

bool drawing_is_bad(const struct drawing *drawing, enum state_kind kind, uint32_t id)
{
	const struct violation *violation = drawing->violation;

	if (!violation || !id)
		return false;
	switch (kind) {
	case STATE_VMA:
		return violation->vma_id == id;
	case STATE_AVC:
		return violation->avc_id == id;
	case STATE_ANON_VMA:
		return violation->anon_vma_id == id;
	case STATE_PAGE:
		return violation->page_id == id;
	default:
		return violation->slot_id == id;
	}
}

static uint32_t id_of(const struct drawing *drawing, enum state_kind kind, uint32_t number)
{
	uint32_t id;

	memcpy(&id, state_record(drawing->state, kind, number), sizeof(id));
	return id;
}

static bool same_processes(const int8_t a[NR_PROCESSES], const int8_t b[NR_PROCESSES])
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		if ((a[p] < 0) != (b[p] < 0))
			return false;
	return true;
}

static bool alike_slots(const struct drawing *drawing, uint32_t a, uint32_t b)
{
	const struct state_slot *x = state_record(drawing->state, STATE_SLOT, a);
	const struct state_slot *y = state_record(drawing->state, STATE_SLOT, b);

	return x->count == y->count && !x->page_id == !y->page_id && same_processes(x->at, y->at) &&
	       !drawing_is_bad(drawing, STATE_SLOT, x->id) && !drawing_is_bad(drawing, STATE_SLOT, y->id);
}

static bool alike_pages(const struct drawing *drawing, uint32_t a, uint32_t b)
{
	const struct state_page *x = state_record(drawing->state, STATE_PAGE, a);
	const struct state_page *y = state_record(drawing->state, STATE_PAGE, b);

	return x->mapping_id == y->mapping_id && x->mapcount == y->mapcount && x->refcount == y->refcount &&
	       x->exclusive == y->exclusive && x->isolated == y->isolated && x->locked == y->locked &&
	       drawing_node(drawing, STATE_SLOT, x->slot_id) == drawing_node(drawing, STATE_SLOT, y->slot_id) &&
	       same_processes(x->at, y->at) && !drawing_is_bad(drawing, STATE_PAGE, x->id) &&
	       !drawing_is_bad(drawing, STATE_PAGE, y->id);
}

static bool group(const struct drawing *drawing, struct drawing_groups *groups, enum state_kind kind,
		  bool (*alike)(const struct drawing *, uint32_t, uint32_t))
{
	uint32_t nr = drawing->state->table[kind].nr;

	groups->first = malloc((nr + 1) * sizeof(*groups->first));
	for (uint32_t i = 0; groups->first && i < nr; i++) {
		uint32_t j = 0;

		while (j < i && (groups->first[j] != j || !alike(drawing, i, j)))
			j++;
		groups->first[i] = j;
	}
	return groups->first;
}

/* More lines than these cannot be followed by eye. */
enum { MANY_AVCS = 16, MANY_ENTRIES = 20 };

bool drawing_group(struct drawing *drawing)
{
	const struct state *state = drawing->state;
	uint32_t nr_entries = 0;

	if (!group(drawing, &drawing->slots, STATE_SLOT, alike_slots) ||
	    !group(drawing, &drawing->pages, STATE_PAGE, alike_pages))
		return false;
	for (uint32_t i = 0; i < state->table[STATE_PAGE].nr; i++) {
		const struct state_page *page = state_record(state, STATE_PAGE, i);

		for (unsigned int p = 0; drawing->pages.first[i] == i && p < NR_PROCESSES; p++)
			nr_entries += page->at[p] >= 0;
	}
	drawing->crowded = state->table[STATE_AVC].nr > MANY_AVCS || nr_entries > MANY_ENTRIES;
	return true;
}

void drawing_free(struct drawing *drawing)
{
	free(drawing->pages.first);
	free(drawing->slots.first);
}

/* Of the first record of the group; nr of the table if the object is gone. */
static uint32_t number_of(const struct drawing *drawing, enum state_kind kind, uint32_t id)
{
	const struct drawing_groups *groups = kind == STATE_PAGE ? &drawing->pages : &drawing->slots;
	const struct state_table *table = &drawing->state->table[kind];
	const char *record = state_find(drawing->state, kind, id);

	return record ? groups->first[(size_t)(record - table->records) / table->size] : table->nr;
}

uint32_t drawing_node(const struct drawing *drawing, enum state_kind kind, uint32_t id)
{
	uint32_t number = number_of(drawing, kind, id);

	return number < drawing->state->table[kind].nr ? id_of(drawing, kind, number) : 0;
}

static void put_range(struct ranges *ranges)
{
	if (!ranges->nr)
		return;
	fprintf(ranges->out, "%s%u", ranges->comma, ranges->first);
	if (ranges->nr > 1)
		fprintf(ranges->out, "%s%u", ranges->nr > 2 ? ".." : ", ", ranges->first + ranges->nr - 1);
	ranges->comma = ", ";
}

void ranges_add(struct ranges *ranges, uint32_t number)
{
	if (ranges->nr && number == ranges->first + ranges->nr) {
		ranges->nr++;
		return;
	}
	put_range(ranges);
	ranges->first = number;
	ranges->nr = 1;
}

void ranges_end(struct ranges *ranges)
{
	put_range(ranges);
	ranges->nr = 0;
}

uint32_t drawing_nr_members(const struct drawing *drawing, enum state_kind kind, uint32_t id)
{
	const struct drawing_groups *groups = kind == STATE_PAGE ? &drawing->pages : &drawing->slots;
	uint32_t number = number_of(drawing, kind, id), members = 0;

	for (uint32_t i = number; i < drawing->state->table[kind].nr; i++)
		members += groups->first[i] == number;
	return members;
}

void drawing_put_members(const struct drawing *drawing, enum state_kind kind, uint32_t id)
{
	const struct drawing_groups *groups = kind == STATE_PAGE ? &drawing->pages : &drawing->slots;
	uint32_t nr = drawing->state->table[kind].nr, number = number_of(drawing, kind, id);
	struct ranges ranges = { .out = drawing->out, .comma = "" };

	fprintf(drawing->out, "%s%s ", state_kind_name(kind),
		drawing_nr_members(drawing, kind, id) > 1 ? "s" : "");
	for (uint32_t i = number; i < nr; i++)
		if (groups->first[i] == number)
			ranges_add(&ranges, id_of(drawing, kind, i));
	ranges_end(&ranges);
}

void drawing_put_html(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			fputs("?", out); /* of a file's name; whatever its encoding is */
		else
			putc(*text, out);
	}
}
