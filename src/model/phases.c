// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations in phases: a process begins one, pauses where a kernel would let
 * others in, and goes on when the program says resume. What each does between
 * its pauses is in the file of the operation.
 *
 * What must not happen meanwhile is decided here, and must never be less than
 * what the kernel's locks keep out: the mmap lock of a process is held all the
 * time, for writing by a fork (the child's as well), for reading by a fault.
 * Locks of anon_vmas are in rmap_lock.c. A process has one operation at a time
 * in which it has paused: two holders for reading would be two threads. A lookup
 * of an anon_vma is somebody else's: it keeps nobody out, and does not end with
 * the process that named its page.
 */
#include "model/world.h"

enum mmap_lock { MMAP_UNLOCKED, MMAP_READ, MMAP_WRITE };

/* What an operation needs of its own process. */
static enum mmap_lock mmap_lock_wanted(unsigned int code)
{
	static const uint8_t of_group[NR_OP_GROUPS] = {
		[GROUP_PROCESS] = MMAP_WRITE,
		[GROUP_VMA] = MMAP_WRITE,
		[GROUP_FLAGS] = MMAP_WRITE,
		[GROUP_FAULT] = MMAP_READ,
	};
	static const uint8_t of_op[NR_OP_CODES] = {
		[OP_DONTNEED] = MMAP_READ,    [OP_GUP] = MMAP_READ,
		[OP_FORK_BEGIN] = MMAP_WRITE, [OP_MREMAP_BEGIN] = MMAP_WRITE,
		[OP_EXEC_BEGIN] = MMAP_WRITE, [OP_SWAPIN_BEGIN] = MMAP_READ,
		[OP_WRITE_BEGIN] = MMAP_READ, [OP_MPROTECT_BEGIN] = MMAP_WRITE,
	};

	return of_op[code] ? of_op[code] : of_group[op_info(code)->group];
}

/* What an operation that has paused holds of its own process. */
static enum mmap_lock mmap_lock_of(const struct paused *paused)
{
	static const uint8_t of_kind[NR_PAUSED_KINDS] = {
		[PAUSED_FORK] = MMAP_WRITE, [PAUSED_SWAPIN] = MMAP_READ, [PAUSED_MREMAP] = MMAP_WRITE,
		[PAUSED_EXEC] = MMAP_WRITE, [PAUSED_WRITE] = MMAP_READ,  [PAUSED_MPROTECT] = MMAP_WRITE,
	};

	return of_kind[paused->kind];
}

static enum mmap_lock mmap_lock_held(const struct world *w, uint8_t process)
{
	enum mmap_lock held = mmap_lock_of(&w->paused[process]);

	if (held)
		return held;
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		if ((w->paused[p].kind == PAUSED_FORK || w->paused[p].kind == PAUSED_FORK_FAILED) &&
		    w->paused[p].fork.child == process)
			return MMAP_WRITE; /* of a fork that has failed nobody ever runs in the child */
	return MMAP_UNLOCKED;
}

static bool somebody_writes(const struct world *w)
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		if (mmap_lock_of(&w->paused[p]) == MMAP_WRITE)
			return true;
	return false;
}

bool kept_out(const struct world *w, const struct op *op)
{
	if (!w->open)
		return false;
	enum mmap_lock held = mmap_lock_held(w, op->process), wanted = mmap_lock_wanted(op->code);

	if (rmap_lock_keeps_out(w, op))
		return true;
	if (op->code == OP_SWAPOFF)
		return somebody_writes(w); /* unuse_mm takes every mmap lock */
	if (op_info(op->code)->group == GROUP_PHASE && op->code != OP_RESUME && op->code != OP_LOOKUP_BEGIN &&
	    w->paused[op->process].kind)
		return true; /* has paused already */
	if (w->paused[op->process].kind == PAUSED_MPROTECT && mprotect_lets_in(w, &w->paused[op->process], op))
		return false;
	if ((op->code == OP_EXIT || op->code == OP_EXEC) && w->paused[op->process].kind == PAUSED_FORK_FAILED)
		return true; /* the thread that forks is not at its end */
	return (wanted == MMAP_WRITE && held) || (wanted == MMAP_READ && held == MMAP_WRITE);
}

void hold_page(struct world *w, struct page *page)
{
	page->refcount++;
	page->holds++;
	touch_page(w, page);
}

/* The reference itself is the caller's from now on. */
void unhold_page(struct world *w, struct page *page)
{
	page->holds--;
	touch_page(w, page);
}

int do_resume(struct world *w)
{
	struct paused *paused = &w->paused[w->process];

	switch (paused->kind) {
	case PAUSED_FORK:
		return fork_resume(w, paused);
	case PAUSED_FORK_FAILED:
		return fork_failed_resume(w, paused);
	case PAUSED_SWAPIN:
		return swapin_resume(w, paused);
	case PAUSED_MPROTECT:
		return mprotect_resume(w, paused);
	case PAUSED_MREMAP:
		return mremap_resume(w, paused);
	case PAUSED_RESTORE:
		return restore_resume(w, paused);
	case PAUSED_EXEC:
		return exec_resume(w, paused);
	case PAUSED_WRITE:
		return write_resume(w, paused);
	default:
		return lookup_open(w, w->process) ? lookup_resume(w, &w->lookups[w->process]) : OP_EINVAL;
	}
}

/* Its process is about to be killed: the fault does not go on. */
static void give_up_swapin(struct world *w, struct paused *paused)
{
	struct page *page = view_page(&w->view, paused->swapin.page_id);

	paused->kind = PAUSED_NOTHING;
	unhold_page(w, page);
	page_put(w, page);
}

/* Nobody is left to whom what it would find could matter. */
static void give_up_lookup(struct world *w, struct paused_lookup *lookup)
{
	struct page *page = view_page(&w->view, lookup->page_id);

	lookup->page_id = 0;
	unhold_page(w, page);
	page_put(w, page);
}

static bool end_paused(struct world *w, uint8_t process)
{
	struct paused *paused = &w->paused[process];
	bool any = false;

	for (; paused->kind; any = true) {
		w->process = process;
		if (paused->kind == PAUSED_SWAPIN)
			give_up_swapin(w, paused);
		else if (paused->kind == PAUSED_WRITE)
			give_up_write(w, paused);
		else
			do_resume(w);
	}
	if (lookup_open(w, process)) {
		give_up_lookup(w, &w->lookups[process]);
		any = true;
	}
	return any;
}

bool phases_teardown(struct world *w)
{
	unsigned int holder = rmap_lock_holder(w);
	bool any = holder < NR_PROCESSES && end_paused(w, (uint8_t)holder); /* the others may wait for it */

	for (uint8_t p = 0; p < NR_PROCESSES; p++)
		any |= end_paused(w, p);
	w->open = 0;
	return any;
}
