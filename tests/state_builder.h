/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * States made by hand, for tests of the oracle: objects are made and linked
 * one by one, state_settle() computes all counts, and then a test breaks what
 * it wants to see noticed. No engine is at work, so a state can be wrong in
 * exactly one place.
 *
 * Must never call the oracle: what is right is written here a second time.
 */
#ifndef RMAPFUZZ_TESTS_STATE_BUILDER_H
#define RMAPFUZZ_TESTS_STATE_BUILDER_H

#include "view.h"

enum { STATE_MAX = 64 }; /* objects of each kind, dead ones included */

struct state {
	struct view view;
	struct view_rules rules;

	struct anon_vma anon_vmas[STATE_MAX];
	struct anon_vma_chain avcs[STATE_MAX];
	struct vm_area_struct vmas[STATE_MAX];
	struct page pages[STATE_MAX];
	struct swap_slot slots[STATE_MAX];

	void *live[5][STATE_MAX];
	void *by_id[5][STATE_MAX + 1];
	uint32_t named[STATE_MAX + 1];
	uint32_t freed_at[STATE_MAX + 1];
	uint8_t freed_by[STATE_MAX + 1];
	uint32_t family_peak[STATE_MAX + 1];
};

/* Process A without VMAs, under rules that promise everything (6.12). */
void state_init(struct state *state);

/* Makes a process live. */
void state_process(struct state *state, unsigned int process);

struct vm_area_struct *state_vma(struct state *state, unsigned int process, unsigned int start,
				 unsigned int end, uint32_t flags);
/* Takes a VMA out of its map and forgets it; its chain must be empty. */
void state_free_vma(struct state *state, struct vm_area_struct *vma);

/* parent NULL: a root. */
struct anon_vma *state_anon_vma(struct state *state, struct anon_vma *parent);
/* Forgets it, whoever still names it. */
void state_free_anon_vma(struct state *state, struct anon_vma *anon_vma, uint32_t step, unsigned int process);

/* An AVC at the tail of the VMA's chain, sorted into the anon_vma's list. */
struct anon_vma_chain *state_link(struct state *state, struct vm_area_struct *vma, struct anon_vma *anon_vma);
/* Links all, head first; the first becomes vma->anon_vma. Ends with NULL. */
void state_chain(struct state *state, struct vm_area_struct *vma, ...);
void state_use(struct vm_area_struct *vma, struct anon_vma *anon_vma);
/* The AVC that joins the two, NULL if none. */
struct anon_vma_chain *state_avc(struct vm_area_struct *vma, struct anon_vma *anon_vma);
void state_take_off_chain(struct anon_vma_chain *avc);
void state_take_off_list(struct anon_vma_chain *avc);
void state_free_avc(struct state *state, struct anon_vma_chain *avc);
/* Both lists and freed. */
void state_unlink(struct state *state, struct anon_vma_chain *avc);

struct page *state_page(struct state *state, struct anon_vma *mapping, uint32_t index);
void state_map(struct state *state, unsigned int process, unsigned int at, struct page *page, bool write);
void state_map_zero(struct state *state, unsigned int process, unsigned int at);
void state_migration_entry(struct state *state, unsigned int process, unsigned int at, struct page *page,
			   bool write);
/* cache may be NULL. */
struct swap_slot *state_slot(struct state *state, struct page *cache);
void state_swap_entry(struct state *state, unsigned int process, unsigned int at, struct swap_slot *slot);
void state_clear(struct state *state, unsigned int process, unsigned int at);

/* Computes refcounts, counters, mapcounts, swap counts, peaks: whatever follows from the rest. */
void state_settle(struct state *state);

/* The next operation: nothing touched, no events. */
void state_step(struct state *state);
void state_touch_anon_vma(struct state *state, const struct anon_vma *anon_vma);
void state_touch_vma(struct state *state, const struct vm_area_struct *vma);
void state_touch_page(struct state *state, const struct page *page);
void state_touch_slot(struct state *state, const struct swap_slot *slot);
void state_touch_process(struct state *state, unsigned int process);
struct view_event *state_event(struct state *state, enum view_event_kind kind);

#endif
