// SPDX-License-Identifier: GPL-2.0-only
/*
 * mprotect, mlock and munlock: they walk the VMAs of a range from its start,
 * change flags (splitting and merging) and stop at the first hole with
 * ENOMEM, leaving what they have done.
 */
#include "model/world.h"

/* The flags that a VMA shall get; asked for each VMA of the range. */
typedef uint32_t (*new_flags_of)(struct world *w, const struct vm_area_struct *vma, uint32_t wanted);
/* What follows for [start, end) of the VMA that now covers it. */
typedef void (*after_change)(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end,
			     uint32_t old_flags);

static uint32_t mprotect_flags(struct world *w, const struct vm_area_struct *vma, uint32_t prot)
{
	uint32_t flags = (vma->vm_flags & ~(uint32_t)VM_ACCESS_FLAGS) | prot;

	/* unchanged access: nothing happens, VM_ACCOUNT included */
	if (flags == vma->vm_flags)
		return flags;
	if (prot & VM_WRITE) {
		flags |= VM_ACCOUNT;
	} else if (!vma->anon_vma && decides(w, MPROTECT_ACCOUNT) == MPROTECT_ACCOUNT_DROPPED) {
		flags &= ~(uint32_t)VM_ACCOUNT;
	}
	return flags;
}

/*
 * change_protection: entries lose what the VMA no longer allows. Giving write
 * permission back is left to the next fault (MM_CP_TRY_CHANGE_WRITABLE of
 * 6.1 spares that fault for exclusive pages and changes nothing else).
 */
static void change_protection(struct world *w, const struct vm_area_struct *vma, uint32_t start, uint32_t end)
{
	struct mm_struct *mm = vma_mm(w, vma);
	bool read = vma->vm_flags & VM_READ, write = vma->vm_flags & VM_WRITE;

	for (uint64_t left = mm->populated & page_mask(start, end); left; left &= left - 1) {
		struct pte *pte = &mm->pte[__builtin_ctzll(left)];

		bool changes = pte->write && !write;

		pte->write &= write;
		if (pte->kind == PTE_PRESENT) {
			changes |= pte->read != read;
			pte->read = read;
		}
		if (changes)
			touch_page(w, pte->page);
	}
}

static void after_mprotect(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end,
			   uint32_t old_flags)
{
	change_protection(w, vma, start, end);
	if ((old_flags & (VM_WRITE | VM_LOCKED)) == VM_LOCKED && (vma->vm_flags & VM_WRITE) &&
	    decides(w, MPROTECT_POPULATE) == MPROTECT_POPULATE_AT_ONCE)
		populate(w, start, end); /* its failure is not reported */
}

static uint32_t mlock_flags(struct world *w, const struct vm_area_struct *vma, uint32_t wanted)
{
	(void)w;
	return (vma->vm_flags & ~(uint32_t)VM_LOCKED) | wanted;
}

static void after_mlock(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end,
			uint32_t old_flags)
{
	(void)w, (void)vma, (void)start, (void)end, (void)old_flags;
}

/*
 * The common walk. A VMA whose flags do not change is passed over without
 * trying to merge. After a merge the walk goes on behind the merged VMA.
 */
static int change_flags(struct world *w, uint32_t start, uint32_t length, uint32_t wanted,
			new_flags_of flags_of, after_change after)
{
	struct mm_struct *mm = world_mm(w, w->process);
	uint32_t end = start + length;
	struct vm_area_struct *vma;

	w->result.progress = (uint8_t)start;
	for (; start < end; start = vma->vm_end) {
		vma = view_vma_at(mm, start);
		if (!vma)
			return OP_ENOMEM;
		uint32_t flags = flags_of(w, vma, wanted), old_flags = vma->vm_flags;
		uint32_t stop = vma->vm_end < end ? vma->vm_end : end;

		if (flags != old_flags) {
			int error = 0;

			vma = vma_modify_flags(w, vma, start, stop, flags, &error);
			if (!vma)
				return error;
			after(w, vma, start, stop, old_flags);
		}
		w->result.progress = (uint8_t)stop;
	}
	return 0;
}

int do_mprotect(struct world *w, uint32_t start, uint32_t length, enum prot prot)
{
	return change_flags(w, start, length, prot_flags(prot), mprotect_flags, after_mprotect);
}

/* vma_start_write: kept until the mmap lock is given back. */
static void write_lock_vma(struct paused_mprotect *m, const struct vm_area_struct *vma)
{
	m->locked |= page_mask(vma->vm_start, vma->vm_end);
}

/* All that the merge will change; but for a survivor that imports, if it was forgotten (d8ab9f7b644a). */
static void write_lock_merge(struct world *w, struct paused_mprotect *m)
{
	const struct merge_plan *plan = &m->plan;
	const struct vm_area_struct *forgotten = NULL;

	if (m->phase == MPROTECT_IMPORTS && decides(w, IMPORT_LOCK) == IMPORT_LOCK_FORGOTTEN)
		forgotten = plan->survivor;
	if (plan->survivor != forgotten)
		write_lock_vma(m, plan->survivor);
	if (plan->middle != forgotten)
		write_lock_vma(m, plan->middle);
	if (plan->right && plan->next != forgotten)
		write_lock_vma(m, plan->next);
}

/* mprotect_fixup without a merge. */
static int mprotect_split(struct world *w, struct paused_mprotect *m, struct vm_area_struct *vma)
{
	if (vma_split_for_flags(w, vma, m->start, m->stop, m->flags))
		return OP_ENOMEM;
	write_lock_vma(m, vma);
	after_mprotect(w, vma, m->start, m->stop, m->old_flags);
	m->start = vma->vm_end;
	return 0;
}

/*
 * The merge behind its import. It has set its ranges then; the entries still have the old permissions, and so has a
 * survivor that is the changed VMA itself (before 4.9).
 */
static int mprotect_merge(struct world *w, struct paused_mprotect *m)
{
	struct vm_area_struct *survivor = m->plan.survivor;
	int error = vma_merge_commit(w, &m->plan);

	m->phase = error ? MPROTECT_NEXT_VMA : MPROTECT_MERGED;
	survivor->being_merged = !error;
	touch_vma(w, survivor);
	if (!error)
		write_lock_vma(m, survivor);
	if (!error || decides(w, MERGE_FAILURE) == MERGE_FAILURE_REPORTED)
		return error;
	return mprotect_split(w, m, m->plan.middle);
}

static int mprotect_one_vma(struct world *w, struct paused_mprotect *m)
{
	struct vm_area_struct *vma = view_vma_at(world_mm(w, w->process), m->start);

	if (!vma)
		return OP_ENOMEM;
	m->flags = mprotect_flags(w, vma, m->wanted);
	m->old_flags = vma->vm_flags;
	m->stop = vma->vm_end < m->end ? vma->vm_end : m->end;
	if (m->flags == m->old_flags) {
		m->start = vma->vm_end;
		return 0;
	}
	if (!vma_merge_plan(w, &m->plan, vma, m->start, m->stop, m->flags))
		return mprotect_split(w, m, vma);
	bool pauses = vma_merge_import(w, &m->plan) && m->plan.survivor->anon_vma;

	m->phase = pauses ? MPROTECT_IMPORTS : MPROTECT_NEXT_VMA;
	m->plan.survivor->being_merged = pauses;
	write_lock_merge(w, m);
	return pauses ? 0 : mprotect_merge(w, m);
}

static void mprotect_set_flags(struct world *w, struct paused_mprotect *m)
{
	struct vm_area_struct *survivor = m->plan.survivor;

	m->phase = MPROTECT_NEXT_VMA;
	survivor->being_merged = false;
	touch_vma(w, survivor);
	vma_set_flags(w, survivor, m->flags);
	after_mprotect(w, survivor, m->start, m->stop, m->old_flags);
	m->start = survivor->vm_end;
}

/* From where it has paused to the next pause, or to the end: then it has not paused anywhere. */
static int mprotect_go_on(struct world *w, struct paused_mprotect *m)
{
	int error = 0;

	if (m->phase == MPROTECT_IMPORTS)
		error = mprotect_merge(w, m);
	else if (m->phase == MPROTECT_MERGED)
		mprotect_set_flags(w, m);
	while (!error && m->phase == MPROTECT_NEXT_VMA && m->start < m->end)
		error = mprotect_one_vma(w, m);
	return error;
}

/* As do_mprotect, with the mmap lock held for writing where it pauses: inside a merge. */
int do_mprotect_begin(struct world *w, uint32_t start, uint32_t length, enum prot prot)
{
	struct paused_mprotect m = {
		.start = (uint8_t)start,
		.end = (uint8_t)(start + length),
		.wanted = prot_flags(prot),
		.faults_go_on = decides(w, IMPORT_LOCK) != IMPORT_LOCK_MMAP,
	};
	int error = mprotect_go_on(w, &m);

	w->result.progress = m.start;
	if (!error && m.phase != MPROTECT_NEXT_VMA)
		w->paused[w->process] = (struct paused){ .kind = PAUSED_MPROTECT, .mprotect = m };
	return error;
}

int mprotect_resume(struct world *w, struct paused *paused)
{
	int error = mprotect_go_on(w, &paused->mprotect);

	if (error || paused->mprotect.phase == MPROTECT_NEXT_VMA)
		paused->kind = PAUSED_NOTHING;
	return error;
}

/*
 * Faults that do with the lock of their VMA instead of the mmap lock (6.4). What needs the mmap lock waits for it:
 * a VMA without anon_vma, an access that is refused; and here all of swap and migration.
 */
bool mprotect_lets_in(const struct world *w, const struct paused *paused, const struct op *op)
{
	const struct mm_struct *mm = &w->view.mm[op->process];
	uint32_t address = op->arg[0], access = op->code == OP_WRITE ? VM_WRITE : VM_READ;

	if ((op->code != OP_READ && op->code != OP_WRITE) || !paused->mprotect.faults_go_on ||
	    paused->mprotect.locked >> address & 1)
		return false;
	const struct vm_area_struct *vma = view_vma_at(mm, address);
	const struct pte *pte = &mm->pte[address];

	return vma && vma->anon_vma && (vma->vm_flags & access) && pte->kind != PTE_SWAP &&
	       pte->kind != PTE_MIGRATION;
}

/* Faults in one page as populate_vma_page_range does. */
static int populate_page(struct world *w, const struct vm_area_struct *vma, uint32_t page)
{
	struct pte *pte = pte_at(w, w->process, page);
	bool write = (vma->vm_flags & VM_WRITE) != 0;
	bool there = pte->kind == PTE_ZERO || pte->kind == PTE_PRESENT;

	if (there && (!write || pte->write))
		return 0;
	return handle_mm_fault(w, w->process, page, write);
}

/*
 * __mm_populate: write faults where the VMA is writable (that breaks COW),
 * read faults where it is readable; PROT_NONE fails. Holes are passed over.
 */
int populate(struct world *w, uint32_t start, uint32_t end)
{
	struct mm_struct *mm = world_mm(w, w->process);

	for (uint32_t page = start; page < end; page++) {
		struct vm_area_struct *vma = view_vma_at(mm, page);

		if (!vma)
			continue;
		if (!(vma->vm_flags & VM_ACCESS_FLAGS))
			return OP_EFAULT;
		int error = populate_page(w, vma, page);

		if (error)
			return error;
	}
	return 0;
}

int do_mlock(struct world *w, uint32_t start, uint32_t length, bool lock)
{
	int error = change_flags(w, start, length, lock ? VM_LOCKED : 0, mlock_flags, after_mlock);

	if (error || !lock)
		return error;
	error = populate(w, start, start + length);
	/* __mlock_posix_error_return */
	return error == OP_EFAULT ? OP_ENOMEM : error == OP_ENOMEM ? OP_EAGAIN : error;
}
