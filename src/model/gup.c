// SPDX-License-Identifier: GPL-2.0-only
/*
 * get_user_pages for reading (FOLL_GET): a process keeps a reference on the
 * page that it has mapped, as a pipe does that vmsplice() has filled, and
 * looks at the page through it, whatever becomes of the mapping.
 *
 * A reference belongs to its process until ungup or the exit of the process;
 * exec does not end it, as it closes no pipe. The zero page is nobody's: a
 * reference on it is remembered, but there is no page that it is on.
 *
 * That nobody else's writes are seen through a reference is up to those who
 * write: here it is only told who reuses a page that somebody else holds.
 */
#include <assert.h>

#include "model/world.h"

/* faultin_page, as often as follow_page finds nothing that it may take. */
static int fault_in(struct world *w, struct vm_area_struct *vma, uint32_t address)
{
	/* should_force_cow_break: the page must be the process's own before it is taken (17839856fd58) */
	bool write = decides(w, COW_REUSE) == COW_REUSE_SWAP_COUNT_GUP_COPIES;

	return handle_pte_fault(w, vma, address, write);
}

int do_gup(struct world *w, uint32_t address)
{
	struct vm_area_struct *vma = view_vma_at(world_mm(w, w->process), address);

	if (!vma || !(vma->vm_flags & VM_READ))
		return OP_EFAULT; /* check_vma_flags */
	if (w->nr_gups == MAX_HELD)
		return OP_EBUSY;
	int error = fault_in(w, vma, address);

	if (error)
		return error;
	const struct pte *pte = pte_at(w, w->process, address);
	struct page *page = pte->kind == PTE_PRESENT ? pte->page : NULL;

	if (page) {
		page->refcount++;
		page->gup_forked = page->gups++ && page->gup_forked;
		touch_page(w, page);
	}
	w->gups[w->nr_gups++] = (struct held_gup){ .page_id = page ? page->id : 0,
						   .process = w->process,
						   .window_page = (uint8_t)address };
	return 0;
}

static void drop_gup(struct world *w, uint32_t number)
{
	struct page *page = view_page(&w->view, w->gups[number].page_id);

	w->nr_gups--;
	for (uint32_t i = number; i < w->nr_gups; i++)
		w->gups[i] = w->gups[i + 1];
	if (!page)
		return; /* the zero page */
	assert(page->gups);
	page->gups--;
	page_put(w, page);
}

int do_ungup(struct world *w, uint32_t address)
{
	for (uint32_t i = 0; i < w->nr_gups; i++) {
		if (w->gups[i].process == w->process && w->gups[i].window_page == address) {
			drop_gup(w, i);
			return 0;
		}
	}
	return OP_EINVAL;
}

void gup_exit(struct world *w, uint8_t process)
{
	for (uint32_t i = w->nr_gups; i-- > 0;)
		if (w->gups[i].process == process)
			drop_gup(w, i);
}

void gup_tell_reuse(struct world *w, const struct vm_area_struct *vma, const struct page *page,
		    const char *where)
{
	for (uint32_t i = 0; page->gups && i < w->nr_gups; i++) {
		if (w->gups[i].page_id != page->id || w->gups[i].process == vma->process)
			continue;
		struct view_event *event = add_event(w, EVENT_REUSED_HELD, where);

		event->page_id = page->id;
		event->vma_id = vma->id;
		event->holder = w->gups[i].process;
		event->forked = page->gup_forked;
		return;
	}
}
