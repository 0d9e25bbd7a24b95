// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a step changed: objects born, freed and changed, by kind and birth id.
 * Knows records and chains, prints nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/state.h"

bool state_same_chain(const struct state *before, const struct state_vma *a, const struct state *after,
		      const struct state_vma *b)
{
	if (a->nr_chain != b->nr_chain)
		return false;
	for (uint32_t i = 0; i < a->nr_chain; i++) {
		const struct state_avc *x = &before->chains[a->chain + i], *y = &after->chains[b->chain + i];

		if (x->id != y->id || x->anon_vma_id != y->anon_vma_id)
			return false;
	}
	return true;
}

static bool same_vma(const struct state *before, const struct state_vma *a, const struct state *after,
		     const struct state_vma *b)
{
	return a->pgoff == b->pgoff && a->flags == b->flags && a->anon_vma_id == b->anon_vma_id &&
	       a->start == b->start && a->end == b->end && a->in_map == b->in_map &&
	       state_same_chain(before, a, after, b);
}

static bool same_record(enum state_kind kind, const struct state *before, const void *a,
			const struct state *after, const void *b)
{
	if (kind == STATE_VMA)
		return same_vma(before, a, after, b);
	return memcmp(a, b, before->table[kind].size) == 0;
}

static bool add_change(struct diff *diff, const struct change *change)
{
	if (diff->nr == diff->room) {
		uint32_t wanted = diff->room * 2 + 64;
		struct change *larger = realloc(diff->changes, wanted * sizeof(*larger));

		if (!larger)
			return false;
		diff->changes = larger;
		diff->room = wanted;
	}
	diff->changes[diff->nr++] = *change;
	return true;
}

/* Behind all others if there is none. */
static uint32_t id_of_record(const void *record)
{
	uint32_t id = UINT32_MAX;

	if (record)
		memcpy(&id, record, sizeof(id));
	return id;
}

/* One pass over both tables, which are in the order of their ids. */
static bool diff_kind(struct diff *diff, enum state_kind kind, const struct state *before,
		      const struct state *after, bool all)
{
	uint32_t i = 0, j = 0;

	while (i < before->table[kind].nr || j < after->table[kind].nr) {
		const void *a = i < before->table[kind].nr ? state_record(before, kind, i) : NULL;
		const void *b = j < after->table[kind].nr ? state_record(after, kind, j) : NULL;
		uint32_t x = id_of_record(a), y = id_of_record(b), id = x < y ? x : y;
		struct change change = { .kind = (uint8_t)kind, .id = id };

		change.before = x == id ? a : NULL;
		change.after = y == id ? b : NULL;
		i += change.before != NULL;
		j += change.after != NULL;
		if (!change.before)
			change.what = CHANGE_BORN;
		else if (!change.after)
			change.what = CHANGE_FREED;
		else if (!same_record(kind, before, change.before, after, change.after))
			change.what = CHANGE_CHANGED;
		if ((change.what != CHANGE_NONE || all) && !add_change(diff, &change))
			return false;
	}
	return true;
}

bool state_same_entry(const struct state_entry *a, const struct state_entry *b)
{
	return a->kind == b->kind && a->write == b->write && a->exclusive == b->exclusive && a->id == b->id;
}

static void note_processes(struct diff *diff, const struct state *before, const struct state *after)
{
	diff->processes = before->alive ^ after->alive;
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		for (unsigned int n = 0; n < NR_WINDOW; n++)
			if (!state_same_entry(&before->entry[p][n], &after->entry[p][n]))
				diff->processes |= (uint8_t)(1U << p);
	for (uint32_t i = 0; i < diff->nr; i++) {
		const struct change *change = &diff->changes[i];
		const struct state_vma *vma = change->after ? change->after : change->before;

		if (change->kind == STATE_VMA && change->what != CHANGE_NONE)
			diff->processes |= (uint8_t)(1U << vma->process);
	}
}

bool state_diff(struct diff *diff, const struct state *before, const struct state *after, bool all)
{
	diff->nr = 0;
	for (int kind = 0; kind < NR_STATE_KINDS; kind++)
		if (!diff_kind(diff, (enum state_kind)kind, before, after, all))
			return false;
	note_processes(diff, before, after);
	return true;
}
