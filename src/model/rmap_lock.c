// SPDX-License-Identifier: GPL-2.0-only
/*
 * The locks of anon_vmas while somebody has paused with one: a walk that
 * restores migration entries, and mremap among entries that it moves under
 * the locks of the rmap.
 *
 * Who would want the lock of any anon_vma is kept out, of whatever family:
 * more than the kernel keeps out, never less. What goes on are faults in VMAs
 * that have an anon_vma, and entries that move without these locks.
 */
#include "model/world.h"

static bool holds_rmap_lock(const struct world *w, unsigned int process)
{
	const struct paused *paused = &w->paused[process];
	const struct move *move = &paused->mremap;

	if (paused->kind == PAUSED_MREMAP) /* all in one go, under one lock of the page table */
		return move->need_rmap_locks && move->begun && move->next < move->from + move->length;
	return paused->kind == PAUSED_RESTORE;
}

unsigned int rmap_lock_holder(const struct world *w)
{
	unsigned int process = 0;

	while (process < NR_PROCESSES && !holds_rmap_lock(w, process))
		process++;
	return process;
}

/* A write may have to link its VMA to an anon_vma first. */
static bool may_prepare(const struct world *w, const struct op *op)
{
	const struct vm_area_struct *vma = view_vma_at(&w->view.mm[op->process], op->arg[0]);

	return vma && !vma->anon_vma;
}

static bool op_wants(const struct world *w, const struct op *op)
{
	static const uint8_t never[NR_OP_CODES] = {
		[OP_DONTNEED] = 1,     [OP_READ] = 1,         [OP_DROPCACHE] = 1,   [OP_SWAPOFF] = 1,
		[OP_ISOLATE] = 1,      [OP_PIN] = 1,          [OP_GUP] = 1,         [OP_UNGUP] = 1,
		[OP_SWAPIN_BEGIN] = 1, [OP_LOOKUP_BEGIN] = 1, [OP_WRITE_BEGIN] = 1,
	};

	return op->code == OP_WRITE ? may_prepare(w, op) : !never[op->code];
}

/* What would the next phase of it want? */
static bool paused_wants(const struct world *w, unsigned int process)
{
	const struct paused *paused = &w->paused[process];
	const struct move *move = &paused->mremap;
	const struct paused_exec *exec = &paused->exec;

	switch (paused->kind) {
	case PAUSED_NOTHING:
		return lookup_open(w, (uint8_t)process); /* otherwise resume fails */
	case PAUSED_SWAPIN:
		return false;
	case PAUSED_MREMAP:
		return move->need_rmap_locks || move->next == move->from + move->length;
	case PAUSED_EXEC:
		return !exec->enlarged || exec->next == exec->end;
	default:
		return true;
	}
}

bool rmap_lock_keeps_out(const struct world *w, const struct op *op)
{
	unsigned int holder = rmap_lock_holder(w);

	if (holder == NR_PROCESSES || (op->code == OP_RESUME && holder == op->process))
		return false;
	return op->code == OP_RESUME ? paused_wants(w, op->process) : op_wants(w, op);
}
