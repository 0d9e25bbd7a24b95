// SPDX-License-Identifier: GPL-2.0-only
/*
 * exec in phases: its stack is filled with the arguments at a temporary place
 * and then moves down by a page (shift_arg_pages). The VMA grows downwards
 * over the new place without a change of its page offset, so from that moment
 * the rmap expects each page where its entry is to be; the entries follow one
 * by one; then the VMA shrinks from above. What is left has the page offset of
 * the temporary place.
 *
 * The old address space goes first, not when the arguments have been copied:
 * a process has one here. So an exec that fails leaves an empty one.
 */
#include "model/world.h"

/* The arguments: each page written, all with one content. */
static int fill(struct world *w, uint32_t start, uint32_t end)
{
	for (uint32_t page = start; page < end; page++) {
		if (handle_mm_fault(w, w->process, page, true))
			return OP_ENOMEM;
		struct page *written = pte_at(w, w->process, page)->page;

		written->value = w->view.step + 1;
		touch_page(w, written);
	}
	return 0;
}

static struct vm_area_struct *make_stack(struct world *w, uint32_t start, uint32_t end)
{
	struct vm_area_struct *stack =
		vm_area_alloc(w, w->process, start, end, start, prot_flags(PROT_RW) | VM_ACCOUNT);

	if (!stack)
		return NULL;
	stack->temporary_stack = true;
	vma_link(w, stack);
	return stack;
}

int do_exec_begin(struct world *w, uint32_t page, uint32_t length)
{
	if (!page)
		return OP_EINVAL; /* no room below */
	exit_mmap(w, w->process);
	struct vm_area_struct *stack = make_stack(w, page, page + length);

	if (!stack || fill(w, page, page + length)) {
		exit_mmap(w, w->process);
		return OP_ENOMEM;
	}
	w->result.progress = (uint8_t)page;
	w->paused[w->process] = (struct paused){
		.kind = PAUSED_EXEC,
		.exec = { .stack = stack, .next = page, .end = page + length },
	};
	return 0;
}

/* The next entry that there is, and all before it; behind the last one the stack shrinks, if no walk is in the way. */
static void move_stack_entry(struct world *w, struct paused_exec *exec)
{
	const struct mm_struct *mm = world_mm(w, w->process);
	uint64_t left = mm->populated & page_mask(exec->next, exec->end);

	exec->next = exec->end;
	if (!left)
		return;
	uint32_t from = (uint32_t)__builtin_ctzll(left);

	move_one_entry(w, from, from - 1);
	if (left & (left - 1))
		exec->next = from + 1;
}

int exec_resume(struct world *w, struct paused *paused)
{
	struct paused_exec *exec = &paused->exec;
	struct vm_area_struct *stack = exec->stack;

	if (exec->enlarged) {
		move_stack_entry(w, exec);
	} else {
		vma_set_range(w, stack, stack->vm_start - 1u, stack->vm_end, stack->vm_pgoff);
		exec->enlarged = true;
	}
	w->result.progress = (uint8_t)exec->next;
	if (exec->next < exec->end || rmap_lock_holder(w) < NR_PROCESSES)
		return 0;
	vma_set_range(w, stack, stack->vm_start, stack->vm_end - 1u, stack->vm_pgoff);
	stack->temporary_stack = false;
	paused->kind = PAUSED_NOTHING;
	return 0;
}
