// SPDX-License-Identifier: GPL-2.0-only
/*
 * States made by hand, see state_builder.h.
 */
#include "state_builder.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

enum { ANON_VMAS, AVCS, VMAS, PAGES, SLOTS };

static struct view_table *table(struct state *state, int kind)
{
	struct view_table *tables[] = { &state->view.anon_vmas, &state->view.avcs, &state->view.vmas,
					&state->view.pages, &state->view.slots };

	return tables[kind];
}

static uint32_t *live_at(int kind, void *object)
{
	switch (kind) {
	case ANON_VMAS:
		return &((struct anon_vma *)object)->live_at;
	case AVCS:
		return &((struct anon_vma_chain *)object)->live_at;
	case VMAS:
		return &((struct vm_area_struct *)object)->live_at;
	case PAGES:
		return &((struct page *)object)->live_at;
	default:
		return &((struct swap_slot *)object)->live_at;
	}
}

/* Gives an object the next birth id and a place in the live table. */
static uint32_t born(struct state *state, int kind, void *object)
{
	struct view_table *t = table(state, kind);

	assert(t->nr_born < STATE_MAX);
	t->by_id[++t->nr_born] = object;
	*live_at(kind, object) = t->nr_live;
	t->live[t->nr_live++] = object;
	return t->nr_born;
}

static void died(struct state *state, int kind, void *object, uint32_t id)
{
	struct view_table *t = table(state, kind);
	uint32_t at = *live_at(kind, object);

	t->by_id[id] = NULL;
	t->live[at] = t->live[--t->nr_live];
	*live_at(kind, t->live[at]) = at;
}

void state_init(struct state *state)
{
	memset(state, 0, sizeof(*state));
	state->rules = (struct view_rules){
		.has_root = true,
		.root_is_last = true,
		.chain_ordered = true,
		.interval_tree = true,
		.counts_children = true,
		.counts_apart = true,
		.has_refcount = true,
		.root_pinned = true,
		.growth_bounded = true,
		.tracks_exclusive = true,
		.merge_singular = true,
		.merges_unfaulted = true,
		.precise_new_page = true,
		.fork_undone = true,
		.counts_references = true,
		.moves_on_reuse = true,
		.unlocks_moved = true,
		.knows_dontunmap = true,
	};
	state->view.rules = &state->rules;
	for (int kind = 0; kind < 5; kind++) {
		table(state, kind)->live = state->live[kind];
		table(state, kind)->by_id = state->by_id[kind];
	}
	state->view.named = state->named;
	state->view.freed_at = state->freed_at;
	state->view.freed_by = state->freed_by;
	state->view.family_peak = state->family_peak;
	state_process(state, 0);
}

void state_process(struct state *state, unsigned int process)
{
	state->view.mm[process].alive = true;
	state->view.mm[process].has_page_table = true;
	state_touch_process(state, process);
}

struct vm_area_struct *state_vma(struct state *state, unsigned int process, unsigned int start,
				 unsigned int end, uint32_t flags)
{
	struct vm_area_struct *vma = &state->vmas[state->view.vmas.nr_born];
	struct mm_struct *mm = &state->view.mm[process];

	*vma = (struct vm_area_struct){
		.process = (uint8_t)process,
		.in_map = true,
		.vm_start = (uint8_t)start,
		.vm_end = (uint8_t)end,
		.vm_pgoff = start,
		.vm_flags = flags,
	};
	vma->id = born(state, VMAS, vma);
	mm->starts |= UINT64_C(1) << start;
	mm->vma_at[start] = vma;
	mm->map_count++;
	state_touch_vma(state, vma);
	state_touch_process(state, process);
	return vma;
}

void state_free_vma(struct state *state, struct vm_area_struct *vma)
{
	struct mm_struct *mm = &state->view.mm[vma->process];

	mm->starts &= ~(UINT64_C(1) << vma->vm_start);
	mm->map_count--;
	state_touch_vma(state, vma);
	state_touch_process(state, vma->process);
	died(state, VMAS, vma, vma->id);
}

struct anon_vma *state_anon_vma(struct state *state, struct anon_vma *parent)
{
	struct anon_vma *anon_vma = &state->anon_vmas[state->view.anon_vmas.nr_born];

	*anon_vma = (struct anon_vma){ .id = 0 };
	anon_vma->id = born(state, ANON_VMAS, anon_vma);
	anon_vma->parent = parent ? parent : anon_vma;
	anon_vma->parent_id = anon_vma->parent->id;
	anon_vma->root = parent ? parent->root : anon_vma;
	anon_vma->root_id = anon_vma->root->id;
	state_touch_anon_vma(state, anon_vma);
	return anon_vma;
}

void state_free_anon_vma(struct state *state, struct anon_vma *anon_vma, uint32_t step, unsigned int process)
{
	state->freed_at[anon_vma->id] = step;
	state->freed_by[anon_vma->id] = (uint8_t)process;
	state_touch_anon_vma(state, anon_vma);
	died(state, ANON_VMAS, anon_vma, anon_vma->id);
}

/* Behind the last AVC with the same or a smaller key. */
static void put_on_list(struct anon_vma *anon_vma, struct anon_vma_chain *avc)
{
	struct anon_vma_chain *before = anon_vma->last;

	while (before && before->key_start > avc->key_start)
		before = before->same_anon_vma_prev;
	avc->same_anon_vma_prev = before;
	avc->same_anon_vma_next = before ? before->same_anon_vma_next : anon_vma->first;
	*(before ? &before->same_anon_vma_next : &anon_vma->first) = avc;
	*(avc->same_anon_vma_next ? &avc->same_anon_vma_next->same_anon_vma_prev : &anon_vma->last) = avc;
	avc->linked = true;
	anon_vma->nr_avcs++;
}

struct anon_vma_chain *state_link(struct state *state, struct vm_area_struct *vma, struct anon_vma *anon_vma)
{
	struct anon_vma_chain *avc = &state->avcs[state->view.avcs.nr_born];

	*avc = (struct anon_vma_chain){
		.vma = vma,
		.vma_id = vma->id,
		.anon_vma = anon_vma,
		.anon_vma_id = anon_vma->id,
		.key_start = vma->vm_pgoff,
		.key_last = vma->vm_pgoff + vma_pages(vma) - 1,
		.same_vma_prev = vma->chain_last,
	};
	avc->id = born(state, AVCS, avc);
	*(vma->chain_last ? &vma->chain_last->same_vma_next : &vma->chain_first) = avc;
	vma->chain_last = avc;
	vma->nr_avcs++;
	put_on_list(anon_vma, avc);
	state_touch_vma(state, vma);
	state_touch_anon_vma(state, anon_vma);
	return avc;
}

void state_use(struct vm_area_struct *vma, struct anon_vma *anon_vma)
{
	vma->anon_vma = anon_vma;
	vma->anon_vma_id = anon_vma ? anon_vma->id : 0;
}

void state_chain(struct state *state, struct vm_area_struct *vma, ...)
{
	struct anon_vma *anon_vma;
	va_list args;

	va_start(args, vma);
	while ((anon_vma = va_arg(args, struct anon_vma *))) {
		if (!vma->chain_first)
			state_use(vma, anon_vma);
		state_link(state, vma, anon_vma);
	}
	va_end(args);
}

struct anon_vma_chain *state_avc(struct vm_area_struct *vma, struct anon_vma *anon_vma)
{
	struct anon_vma_chain *avc = vma->chain_first;

	while (avc && avc->anon_vma != anon_vma)
		avc = avc->same_vma_next;
	return avc;
}

void state_take_off_chain(struct anon_vma_chain *avc)
{
	struct vm_area_struct *vma = avc->vma;

	*(avc->same_vma_prev ? &avc->same_vma_prev->same_vma_next : &vma->chain_first) = avc->same_vma_next;
	*(avc->same_vma_next ? &avc->same_vma_next->same_vma_prev : &vma->chain_last) = avc->same_vma_prev;
	vma->nr_avcs--;
}

void state_take_off_list(struct anon_vma_chain *avc)
{
	struct anon_vma *anon_vma = avc->anon_vma;
	struct anon_vma_chain *prev = avc->same_anon_vma_prev, *next = avc->same_anon_vma_next;

	*(prev ? &prev->same_anon_vma_next : &anon_vma->first) = next;
	*(next ? &next->same_anon_vma_prev : &anon_vma->last) = prev;
	anon_vma->nr_avcs--;
	avc->linked = false;
}

void state_free_avc(struct state *state, struct anon_vma_chain *avc)
{
	died(state, AVCS, avc, avc->id);
}

void state_unlink(struct state *state, struct anon_vma_chain *avc)
{
	state_touch_vma(state, avc->vma);
	state_touch_anon_vma(state, avc->anon_vma);
	state_take_off_chain(avc);
	state_take_off_list(avc);
	state_free_avc(state, avc);
}

/* ---- pages ---- */

struct page *state_page(struct state *state, struct anon_vma *mapping, uint32_t index)
{
	struct page *page = &state->pages[state->view.pages.nr_born];

	*page = (struct page){ .mapping = mapping, .mapping_id = mapping ? mapping->id : 0, .index = index };
	memset(page->at, -1, sizeof(page->at));
	page->id = born(state, PAGES, page);
	state_touch_page(state, page);
	return page;
}

static struct pte *fill(struct state *state, unsigned int process, unsigned int at, enum pte_kind kind)
{
	struct mm_struct *mm = &state->view.mm[process];

	mm->populated |= UINT64_C(1) << at;
	mm->pte[at] = (struct pte){ .kind = (uint8_t)kind };
	return &mm->pte[at];
}

void state_map(struct state *state, unsigned int process, unsigned int at, struct page *page, bool write)
{
	struct pte *pte = fill(state, process, at, PTE_PRESENT);

	pte->page = page;
	pte->read = true;
	pte->write = write;
	page->at[process] = (int8_t)at;
	state_touch_page(state, page);
}

void state_map_zero(struct state *state, unsigned int process, unsigned int at)
{
	fill(state, process, at, PTE_ZERO);
}

void state_migration_entry(struct state *state, unsigned int process, unsigned int at, struct page *page,
			   bool write)
{
	state_map(state, process, at, page, write);
	state->view.mm[process].pte[at].kind = PTE_MIGRATION;
}

struct swap_slot *state_slot(struct state *state, struct page *cache)
{
	struct swap_slot *slot = &state->slots[state->view.slots.nr_born];

	*slot = (struct swap_slot){ .cache = cache };
	memset(slot->at, -1, sizeof(slot->at));
	slot->id = born(state, SLOTS, slot);
	state_touch_slot(state, slot);
	if (cache) {
		cache->swap = slot;
		state_touch_page(state, cache);
	}
	return slot;
}

void state_swap_entry(struct state *state, unsigned int process, unsigned int at, struct swap_slot *slot)
{
	fill(state, process, at, PTE_SWAP)->slot = slot;
	slot->at[process] = (int8_t)at;
	state_touch_slot(state, slot);
}

void state_clear(struct state *state, unsigned int process, unsigned int at)
{
	struct mm_struct *mm = &state->view.mm[process];
	struct pte *pte = &mm->pte[at];

	if (pte->page) {
		pte->page->at[process] = -1;
		state_touch_page(state, pte->page);
	}
	if (pte->slot) {
		pte->slot->at[process] = -1;
		state_touch_slot(state, pte->slot);
	}
	*pte = (struct pte){ .kind = PTE_NONE };
	mm->populated &= ~(UINT64_C(1) << at);
}
