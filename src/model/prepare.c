// SPDX-License-Identifier: GPL-2.0-only
/*
 * anon_vma_prepare: the first anon_vma of a VMA, a neighbour's if it may be
 * shared, otherwise a new root. It allocates before it takes the lock, so
 * another thread of the process may be faster; then it gives back what it has
 * got. write-begin is the write fault that pauses in between.
 *
 * The mmap lock is held for reading all the time: the VMA and its neighbours
 * stay as they are, but for vma->anon_vma and page table entries.
 */
#include "model/world.h"

static void set_in_prepare(struct world *w, struct prepared *prepared, bool in_prepare)
{
	prepared->avc->in_prepare = in_prepare;
	w->view.nr_in_prepare += in_prepare ? 1U : -1U;
	if (!prepared->reused)
		prepared->anon_vma->in_prepare = in_prepare;
}

/* All that may fail. */
static int prepare_allocate(struct world *w, struct vm_area_struct *vma, struct prepared *prepared)
{
	struct anon_vma_chain *avc = avc_alloc(w);
	uint32_t id = 0;

	if (!avc)
		return OP_ENOMEM;
	struct anon_vma *anon_vma = find_mergeable_anon_vma(w, vma, &id);

	*prepared =
		(struct prepared){ .avc = avc, .anon_vma = anon_vma, .anon_vma_id = id, .reused = anon_vma };
	if (anon_vma)
		return 0;
	prepared->anon_vma = anon_vma_alloc(w);
	if (!prepared->anon_vma) {
		avc_free(w, avc);
		return OP_ENOMEM;
	}
	prepared->anon_vma_id = prepared->anon_vma->id;
	return 0;
}

/* Another thread was faster. Up to 2.6.34-rc5 the AVC went along with the anon_vma, or not at all. */
static void prepare_give_back(struct world *w, struct vm_area_struct *vma, struct prepared *prepared)
{
	touch_vma(w, vma); /* whose AVC it was to be */
	if (!prepared->reused)
		anon_vma_free(w, prepared->anon_vma);
	if (!prepared->reused || decides(w, PREPARE_RACE) == PREPARE_RACE_BOTH)
		avc_free(w, prepared->avc);
}

static void prepare_link(struct world *w, struct vm_area_struct *vma, struct prepared *prepared)
{
	struct anon_vma *anon_vma = prepared->anon_vma;
	uint32_t id = prepared->anon_vma_id;
	bool counts = anon_vma_counts(w);

	if (counts && !prepared->reused)
		anon_vma->num_children = 1; /* a root is its own parent */
	vma_set_anon_vma(w, vma, anon_vma, id);
	anon_vma_chain_link(w, vma, prepared->avc, anon_vma, id,
			    prepared->reused && decides(w, PREPARE_LINK) == PREPARE_LINK_HEAD);
	if (counts && follow_anon_vma(w, anon_vma, id, "anon_vma_prepare"))
		anon_vma->num_active_vmas++;
}

int anon_vma_prepare(struct world *w, struct vm_area_struct *vma)
{
	struct prepared prepared;

	if (vma->anon_vma)
		return 0;
	if (prepare_allocate(w, vma, &prepared))
		return OP_ENOMEM;
	prepare_link(w, vma, &prepared);
	return 0;
}

/* With the lock: did another thread come first? */
static void prepare_resume(struct world *w, struct paused *paused)
{
	struct prepared *prepared = &paused->write.prepared;
	struct vm_area_struct *vma = view_vma_at(world_mm(w, w->process), paused->write.address);

	paused->kind = PAUSED_NOTHING;
	set_in_prepare(w, prepared, false);
	if (vma->anon_vma)
		prepare_give_back(w, vma, prepared);
	else
		prepare_link(w, vma, prepared);
}

/* A write fault that has nothing to prepare has nothing to wait for. */
int do_write_begin(struct world *w, uint32_t address)
{
	struct vm_area_struct *vma = view_vma_at(world_mm(w, w->process), address);
	struct paused begun = { .kind = PAUSED_WRITE, .write = { .address = (uint8_t)address } };
	uint8_t kind = pte_at(w, w->process, address)->kind;

	if (!vma || !(vma->vm_flags & VM_WRITE))
		return OP_SIGSEGV;
	if (vma->anon_vma || (kind != PTE_NONE && kind != PTE_ZERO))
		return do_write(w, address);
	if (page_table_alloc(w, w->process) || prepare_allocate(w, vma, &begun.write.prepared))
		return OP_ENOMEM;
	set_in_prepare(w, &begun.write.prepared, true);
	w->paused[w->process] = begun;
	return 0;
}

/*
 * The fault goes on: with its own page or, where another thread has installed
 * one meanwhile, from the beginning, which comes to the same.
 */
int write_resume(struct world *w, struct paused *paused)
{
	uint8_t address = paused->write.address;

	prepare_resume(w, paused);
	return do_write(w, address);
}

/* The end of a program: as if the fault had never begun. */
void give_up_write(struct world *w, struct paused *paused)
{
	struct prepared *prepared = &paused->write.prepared;

	paused->kind = PAUSED_NOTHING;
	set_in_prepare(w, prepared, false);
	if (!prepared->reused)
		anon_vma_free(w, prepared->anon_vma);
	avc_free(w, prepared->avc);
}
