/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A copy of what a view shows, to keep the state before a step and compare it
 * with the one after it, or to draw it. Every object is a record with its
 * birth id; whom it names is a birth id, too, so nothing in here can dangle.
 * Taking a copy judges nothing and follows no pointer that may be stale.
 */
#ifndef RMAPFUZZ_TOOL_STATE_H
#define RMAPFUZZ_TOOL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oracle/oracle.h"
#include "view.h"

/* In the order in which people are told of them. */
enum state_kind { STATE_VMA, STATE_AVC, STATE_ANON_VMA, STATE_PAGE, STATE_SLOT, NR_STATE_KINDS };

struct state_vma {
	uint32_t id;
	uint32_t pgoff;
	uint32_t flags; /* enum vm_flags */
	uint32_t anon_vma_id;
	uint8_t process, start, end, in_map;
	uint32_t chain, nr_chain; /* AVCs from state.chains[chain] on, head first */
};

struct state_avc {
	uint32_t id;
	uint32_t vma_id;
	uint32_t anon_vma_id;
	uint32_t place; /* in its VMA's chain, from 1; 0: no live VMA has it there */
};

struct state_anon_vma {
	uint32_t id;
	uint32_t parent_id, root_id;
	int32_t refcount, num_children, num_active_vmas;
	uint32_t nr_avcs;
	uint32_t pins;
};

struct state_page {
	uint32_t id;
	uint32_t mapping_id;
	uint32_t index;
	int32_t mapcount, refcount;
	uint32_t slot_id; /* in the swap cache under this entry, or 0 */
	uint32_t value;
	uint8_t exclusive, isolated, locked;
	uint8_t held; /* entries of any kind, swap entries included, still need its mapping */
	int8_t at[NR_PROCESSES];
};

struct state_slot {
	uint32_t id;
	int32_t count;
	uint32_t page_id; /* in the swap cache, or 0 */
	uint32_t value;
	int8_t at[NR_PROCESSES];
};

struct state_entry {
	uint8_t kind; /* enum pte_kind */
	uint8_t write, exclusive;
	uint32_t id; /* of the page or swap slot; 0: it is gone */
};

/* Records of one kind in the order of their birth ids; the id is their first member. */
struct state_table {
	char *records;
	size_t size; /* of one */
	uint32_t nr, room;
};

struct state {
	struct view_rules rules;
	uint32_t step;
	uint8_t alive; /* bit p */
	struct state_entry entry[NR_PROCESSES][NR_WINDOW];
	struct state_table table[NR_STATE_KINDS];
	struct state_avc *chains; /* AVCs by VMA, in chain order */
	uint32_t nr_chains, room_chains;
	/* of each anon_vma ever born: the step that freed it, and the process; 0 while it lives */
	uint32_t *freed_at;
	uint8_t *freed_by;
	uint32_t nr_anon_vmas_born, room_born;
};

/* An empty state, to be given to state_take() again and again. */
void state_init(struct state *state);
void state_destroy(struct state *state);

/* False if memory is short; what the state holds is then not to be used. */
bool state_take(struct state *state, const struct view *view);

/* The record of an object, NULL if it does not live. */
const void *state_find(const struct state *state, enum state_kind kind, uint32_t id);
/* The number-th record of a kind; number < table[kind].nr. */
const void *state_record(const struct state *state, enum state_kind kind, uint32_t number);

/* "anon_vma", as violations name the kind. */
const char *state_kind_name(enum state_kind kind);

/* ---- what a step changed (state_diff.c) ---- */

enum change_what { CHANGE_NONE, CHANGE_BORN, CHANGE_FREED, CHANGE_CHANGED };

struct change {
	uint8_t kind; /* enum state_kind */
	uint8_t what; /* enum change_what */
	uint32_t id;
	const void *before, *after; /* records of the two states, NULL if it did not live there */
};

struct diff {
	struct change *changes; /* by kind, then by birth id */
	uint32_t nr, room;
	uint8_t processes; /* bit p: VMAs or entries of process p changed, or it was born or ended */
};

/*
 * What differs between two states; with all, unchanged objects are in the list as well. diff must be all
 * zero at first and may be used again; free() its changes at last. False if memory is short.
 */
bool state_diff(struct diff *diff, const struct state *before, const struct state *after, bool all);

bool state_same_entry(const struct state_entry *a, const struct state_entry *b);

/* The two have the same AVCs in the same order. */
bool state_same_chain(const struct state *before, const struct state_vma *a, const struct state *after,
		      const struct state_vma *b);

#endif
