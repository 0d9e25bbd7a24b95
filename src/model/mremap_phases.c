// SPDX-License-Identifier: GPL-2.0-only
/*
 * mremap in phases: a pause before each entry that moves. The mmap lock is
 * held for writing all the time, so the VMAs stay; walks do not need it, and
 * reclaim and migration change the entries meanwhile, at the source or at the
 * destination, wherever their walk finds them.
 *
 * Moves one VMA or a part of it in every release. Must move an entry under the
 * locks of the rmap exactly where copy_vma decided so (struct move).
 */
#include "model/mremap.h"

void move_one_entry(struct world *w, uint32_t from, uint32_t to)
{
	struct pte pte = *pte_at(w, w->process, from);

	pte_clear(w, w->process, from);
	switch (pte.kind) {
	case PTE_ZERO:
		pte_set_zero(w, w->process, to);
		break;
	case PTE_PRESENT:
		pte_set_present(w, w->process, to, pte.page,
				(uint32_t)((pte.read ? VM_READ : 0) | (pte.write ? VM_WRITE : 0)));
		break;
	case PTE_SWAP:
		pte_set_swap(w, w->process, to, pte.slot, pte.exclusive);
		break;
	case PTE_MIGRATION:
		pte_set_migration(w, w->process, to, pte.page, pte.write, pte.exclusive);
		break;
	default:
		break;
	}
}

bool move_next_entry(struct world *w, struct move *move)
{
	uint32_t end = move->from + move->length;
	uint64_t left = world_mm(w, w->process)->populated & page_mask(move->next, end);

	if (!left) {
		move->next = end;
		return false;
	}
	uint32_t from = (uint32_t)__builtin_ctzll(left);

	move_one_entry(w, from, from - move->from + move->to);
	move->next = from + 1;
	return true;
}

static bool entries_left(struct world *w, const struct move *move)
{
	return world_mm(w, w->process)->populated & page_mask(move->next, move->from + move->length);
}

/* Behind the last entry. Unmapping the source wants the locks of its anon_vmas: it waits for a walk. */
static void try_to_end(struct world *w, struct paused *paused)
{
	struct move move = paused->mremap;

	w->result.progress = (uint8_t)(move.from + move.length);
	paused->mremap.next = move.from + move.length;
	if (rmap_lock_holder(w) < NR_PROCESSES)
		return;
	paused->kind = PAUSED_NOTHING;
	move_vma_end(w, &move);
}

int do_mremap_begin(struct world *w, uint32_t from, uint32_t length, uint32_t to, bool dontunmap)
{
	struct paused *paused = &w->paused[w->process];
	struct move move = { .from = from, .to = to, .length = length, .dontunmap = dontunmap };
	int error = check_mremap(w, &move);

	w->result.progress = (uint8_t)from;
	if (!error)
		error = mremap_to_begin(w, &move);
	if (error)
		return error;
	*paused = (struct paused){ .kind = PAUSED_MREMAP, .mremap = move };
	if (!entries_left(w, &move))
		try_to_end(w, paused);
	return 0;
}

int mremap_resume(struct world *w, struct paused *paused)
{
	struct move *move = &paused->mremap;

	move->begun = move_next_entry(w, move);
	w->result.progress = (uint8_t)move->next;
	if (!entries_left(w, move))
		try_to_end(w, paused);
	return 0;
}
