// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of a view, see state.h. A page table entry leads to the page or slot
 * that says so itself (at[]), a pointer is compared with those of the living
 * and never followed: a broken state can be copied as well as a sound one.
 */
#include "tool/state.h"

#include <stdlib.h>
#include <string.h>

static const size_t record_size[NR_STATE_KINDS] = {
	[STATE_VMA] = sizeof(struct state_vma),           [STATE_AVC] = sizeof(struct state_avc),
	[STATE_ANON_VMA] = sizeof(struct state_anon_vma), [STATE_PAGE] = sizeof(struct state_page),
	[STATE_SLOT] = sizeof(struct state_slot),
};

const char *state_kind_name(enum state_kind kind)
{
	static const char *const names[NR_STATE_KINDS] = {
		[STATE_VMA] = "VMA",   [STATE_AVC] = "AVC",        [STATE_ANON_VMA] = "anon_vma",
		[STATE_PAGE] = "page", [STATE_SLOT] = "swap slot",
	};

	return names[kind];
}

void state_init(struct state *state)
{
	memset(state, 0, sizeof(*state));
	for (int kind = 0; kind < NR_STATE_KINDS; kind++)
		state->table[kind].size = record_size[kind];
}

void state_destroy(struct state *state)
{
	for (int kind = 0; kind < NR_STATE_KINDS; kind++)
		free(state->table[kind].records);
	free(state->chains);
	free(state->freed_at);
	free(state->freed_by);
	state_init(state);
}

const void *state_record(const struct state *state, enum state_kind kind, uint32_t number)
{
	return state->table[kind].records + number * state->table[kind].size;
}

static uint32_t id_at(const struct state_table *table, uint32_t number)
{
	uint32_t id;

	memcpy(&id, table->records + number * table->size, sizeof(id));
	return id;
}

const void *state_find(const struct state *state, enum state_kind kind, uint32_t id)
{
	const struct state_table *table = &state->table[kind];
	uint32_t low = 0, high = table->nr;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (id_at(table, middle) < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->nr && id_at(table, low) == id ? state_record(state, kind, low) : NULL;
}

/* Room for nr elements; a half more than asked for, so that a growing state asks seldom. */
static bool make_room(void **array, uint32_t *room, uint32_t nr, size_t size)
{
	if (nr <= *room)
		return true;
	uint32_t wanted = nr + nr / 2 + 16;
	void *larger = realloc(*array, wanted * size);

	if (!larger)
		return false;
	*array = larger;
	*room = wanted;
	return true;
}

static bool begin_table(struct state_table *table, uint32_t nr)
{
	void *records = table->records;
	bool has_room = make_room(&records, &table->room, nr, table->size);

	table->records = records;
	table->nr = 0;
	return has_room;
}

/* A zeroed record: comparisons look at all of it. */
static void *add_record(struct state_table *table)
{
	void *record = table->records + table->nr++ * table->size;

	memset(record, 0, table->size);
	return record;
}

/* Birth id of the live object at this address, 0 if there is none. */
static uint32_t id_of(const struct view_table *table, const void *object)
{
	uint32_t id = 0;

	for (uint32_t i = 0; object && i < table->nr_live; i++)
		if (table->live[i] == object)
			memcpy(&id, object, sizeof(id)); /* the first member of every object */
	return id;
}

static bool take_chain(struct state *state, const struct vm_area_struct *vma, struct state_vma *record)
{
	const struct anon_vma_chain *avc = vma->chain_first;
	void *chains = state->chains;

	record->chain = state->nr_chains;
	if (!make_room(&chains, &state->room_chains, state->nr_chains + vma->nr_avcs, sizeof(*state->chains)))
		return false;
	state->chains = chains;
	for (; avc && record->nr_chain < vma->nr_avcs; avc = avc->same_vma_next)
		state->chains[state->nr_chains++] = (struct state_avc){
			.id = avc->id,
			.vma_id = vma->id,
			.anon_vma_id = avc->anon_vma_id,
			.place = ++record->nr_chain,
		};
	return true;
}

static bool take_vmas(struct state *state, const struct view *view)
{
	state->nr_chains = 0;
	if (!begin_table(&state->table[STATE_VMA], view->vmas.nr_live))
		return false;
	for (uint32_t id = 1; id <= view->vmas.nr_born; id++) {
		const struct vm_area_struct *vma = view_vma(view, id);

		if (!vma)
			continue;
		struct state_vma *record = add_record(&state->table[STATE_VMA]);

		record->id = id;
		record->pgoff = vma->vm_pgoff;
		record->flags = vma->vm_flags;
		record->anon_vma_id = vma->anon_vma_id;
		record->process = vma->process;
		record->start = vma->vm_start;
		record->end = vma->vm_end;
		record->in_map = vma->in_map;
		if (!take_chain(state, vma, record))
			return false;
	}
	return true;
}

/* All AVCs, also those that are in no chain: only they lead from a list to a VMA that is gone. */
static bool take_avcs(struct state *state, const struct view *view)
{
	if (!begin_table(&state->table[STATE_AVC], view->avcs.nr_live))
		return false;
	for (uint32_t id = 1; id <= view->avcs.nr_born; id++) {
		const struct anon_vma_chain *avc = view->avcs.by_id[id];

		if (!avc)
			continue;
		struct state_avc *record = add_record(&state->table[STATE_AVC]);

		record->id = id;
		record->vma_id = avc->vma_id;
		record->anon_vma_id = avc->anon_vma_id;
		const struct state_vma *vma = state_find(state, STATE_VMA, avc->vma_id);

		for (uint32_t i = 0; vma && i < vma->nr_chain; i++)
			if (state->chains[vma->chain + i].id == id)
				record->place = i + 1;
	}
	return true;
}

static bool take_anon_vmas(struct state *state, const struct view *view)
{
	if (!begin_table(&state->table[STATE_ANON_VMA], view->anon_vmas.nr_live))
		return false;
	for (uint32_t id = 1; id <= view->anon_vmas.nr_born; id++) {
		const struct anon_vma *anon_vma = view_anon_vma(view, id);

		if (!anon_vma)
			continue;
		struct state_anon_vma *record = add_record(&state->table[STATE_ANON_VMA]);

		record->id = id;
		record->parent_id = anon_vma->parent_id;
		record->root_id = anon_vma->root_id;
		record->refcount = anon_vma->refcount;
		record->num_children = anon_vma->num_children;
		record->num_active_vmas = anon_vma->num_active_vmas;
		record->nr_avcs = anon_vma->nr_avcs;
		record->pins = anon_vma->pins;
	}
	return true;
}

static void note_entries(struct state *state, const int8_t at[NR_PROCESSES], uint32_t id, bool swap)
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (at[p] < 0)
			continue;
		struct state_entry *entry = &state->entry[p][at[p]];

		if ((entry->kind == PTE_SWAP) == swap)
			entry->id = id;
	}
}

static bool take_pages(struct state *state, const struct view *view)
{
	if (!begin_table(&state->table[STATE_PAGE], view->pages.nr_live))
		return false;
	for (uint32_t id = 1; id <= view->pages.nr_born; id++) {
		const struct page *page = view_page(view, id);

		if (!page)
			continue;
		struct state_page *record = add_record(&state->table[STATE_PAGE]);

		record->id = id;
		record->mapping_id = page->mapping_id;
		record->index = page->index;
		record->mapcount = page->mapcount;
		record->refcount = page->refcount;
		record->slot_id = id_of(&view->slots, page->swap);
		record->value = page->value;
		record->exclusive = page->anon_exclusive;
		record->isolated = page->isolated;
		record->locked = page->locked;
		record->held = page->counted;
		memcpy(record->at, page->at, sizeof(record->at));
		note_entries(state, page->at, id, false);
	}
	return true;
}

static bool take_slots(struct state *state, const struct view *view)
{
	if (!begin_table(&state->table[STATE_SLOT], view->slots.nr_live))
		return false;
	for (uint32_t id = 1; id <= view->slots.nr_born; id++) {
		const struct swap_slot *slot = view_slot(view, id);

		if (!slot)
			continue;
		struct state_slot *record = add_record(&state->table[STATE_SLOT]);

		record->id = id;
		record->count = slot->count;
		record->page_id = id_of(&view->pages, slot->cache);
		record->value = slot->value;
		memcpy(record->at, slot->at, sizeof(record->at));
		note_entries(state, slot->at, id, true);
	}
	return true;
}

static void take_entries(struct state *state, const struct view *view)
{
	memset(state->entry, 0, sizeof(state->entry));
	state->alive = 0;
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct mm_struct *mm = &view->mm[p];

		if (!mm->alive)
			continue;
		state->alive |= (uint8_t)(1U << p);
		for (uint64_t left = mm->populated; left; left &= left - 1) {
			int n = __builtin_ctzll(left);
			const struct pte *pte = &mm->pte[n];

			state->entry[p][n].kind = pte->kind;
			state->entry[p][n].write = pte->write;
			state->entry[p][n].exclusive = pte->exclusive;
		}
	}
}

static bool take_freed(struct state *state, const struct view *view)
{
	uint32_t nr = view->anon_vmas.nr_born + 1, room = state->room_born;
	void *at = state->freed_at, *by = state->freed_by;
	bool has_room = make_room(&at, &room, nr, sizeof(*state->freed_at));

	state->freed_at = at;
	room = state->room_born;
	has_room = has_room && make_room(&by, &room, nr, sizeof(*state->freed_by));
	state->freed_by = by;
	if (!has_room)
		return false;
	state->room_born = room;
	state->nr_anon_vmas_born = nr - 1;
	memcpy(state->freed_at, view->freed_at, nr * sizeof(*state->freed_at));
	memcpy(state->freed_by, view->freed_by, nr * sizeof(*state->freed_by));
	return true;
}

bool state_take(struct state *state, const struct view *view)
{
	state->rules = *view->rules;
	state->step = view->step;
	take_entries(state, view);
	return take_vmas(state, view) && take_avcs(state, view) && take_anon_vmas(state, view) &&
	       take_pages(state, view) && take_slots(state, view) && take_freed(state, view);
}
