// SPDX-License-Identifier: GPL-2.0-only
/*
 * I30, I31, I32: what system calls asked for. A reference layout follows them
 * page by page, as the reference memory follows content: what is mapped, with
 * which protection and advice. fork is looked at VMA by VMA.
 *
 * Must stay independent: of the engine it takes only how an operation ended.
 * After one that failed, wholly or in part, the engine's layout is taken as it
 * is; what may differ then is for I20 to say.
 */
#include "oracle/internal.h"

enum {
	FOLLOWED_FLAGS = VM_READ | VM_WRITE | VM_DONTCOPY | VM_MERGEABLE,
	MAPPED = 1 << 7, /* beside the flags: unmapped pages are 0 */
};
_Static_assert(!(FOLLOWED_FLAGS & MAPPED), "one byte a page");

static void actual_layout(const struct mm_struct *mm, uint8_t page[NR_WINDOW])
{
	memset(page, 0, NR_WINDOW);
	for (uint64_t starts = mm->alive ? mm->starts : 0; starts; starts &= starts - 1) {
		const struct vm_area_struct *vma = mm->vma_at[lowest_bit(starts)];

		for (unsigned int n = vma->vm_start; n < vma->vm_end && n < NR_WINDOW; n++)
			page[n] = (uint8_t)((vma->vm_flags & FOLLOWED_FLAGS) | MAPPED);
	}
}

static void take_as_it_is(struct oracle *o, uint64_t processes)
{
	unsigned int p;

	for_each_bit(p, processes)
		actual_layout(&o->view->mm[p], o->layout.page[p]);
}

void layout_begin(struct oracle *o)
{
	if (!o->layout.begun)
		take_as_it_is(o, window_bits(0, NR_PROCESSES));
	o->layout.begun = true;
}

/* In the pages [start, end) that are mapped. */
static void change(uint8_t *page, unsigned int start, unsigned int end, uint8_t clear, uint8_t set)
{
	for (unsigned int n = start; n < end && n < NR_WINDOW; n++)
		if (page[n])
			page[n] = (uint8_t)((page[n] & ~clear) | set);
}

static void fill(uint8_t *page, unsigned int start, unsigned int end, uint8_t with)
{
	for (unsigned int n = start; n < end && n < NR_WINDOW; n++)
		page[n] = with;
}

static uint8_t access_flags(uint8_t prot)
{
	return prot == PROT_RW ? VM_READ | VM_WRITE : prot == PROT_R ? VM_READ : 0;
}

/* What is mapped moves; under a hole of the source the destination stays (6.17+; before, a hole is an error). */
static void follow_move(uint8_t *page, const struct op *op)
{
	unsigned int from = op->arg[0], to = op->arg[2];

	for (unsigned int i = 0; i < op->arg[1] && from + i < NR_WINDOW && to + i < NR_WINDOW; i++) {
		if (!page[from + i])
			continue;
		page[to + i] = page[from + i];
		if (!op->dontunmap)
			page[from + i] = 0;
	}
}

static void follow_resize(uint8_t *page, const struct op *op)
{
	unsigned int start = op->arg[0], old_end = start + op->arg[1], new_end = start + op->arg[2];

	if (new_end < old_end)
		fill(page, new_end, old_end, 0);
	else
		fill(page, old_end, new_end, page[start]);
}

static void follow_fork(struct oracle *o, const struct op *op)
{
	const uint8_t *parent = o->layout.page[op->process];
	uint8_t *child = o->layout.page[op->arg[0]];

	for (unsigned int n = 0; n < NR_WINDOW; n++)
		child[n] = parent[n] & VM_DONTCOPY ? 0 : parent[n];
}

/* An operation that succeeded. False if it is none that changes a layout. */
static bool follow(struct oracle *o, const struct op *op)
{
	uint8_t *page = o->layout.page[op->process];
	unsigned int start = op->arg[0], end = start + op->arg[1];

	switch (op->code) {
	case OP_FORK:
		follow_fork(o, op);
		return true;
	case OP_EXIT:
	case OP_EXEC:
		fill(page, 0, NR_WINDOW, 0);
		return true;
	case OP_MMAP:
		fill(page, start, end, MAPPED | access_flags(op->arg[2]));
		return true;
	case OP_MUNMAP:
		fill(page, start, end, 0);
		return true;
	case OP_MPROTECT:
		change(page, start, end, VM_ACCESS_FLAGS, access_flags(op->arg[2]));
		return true;
	case OP_MREMAP:
		follow_move(page, op);
		return true;
	case OP_MREMAP_RESIZE:
		follow_resize(page, op);
		return true;
	case OP_DONTFORK:
	case OP_DOFORK:
		change(page, start, end, VM_DONTCOPY, op->code == OP_DONTFORK ? VM_DONTCOPY : 0);
		return true;
	case OP_MERGEABLE:
	case OP_UNMERGEABLE:
		change(page, start, end, VM_MERGEABLE, op->code == OP_MERGEABLE ? VM_MERGEABLE : 0);
		return true;
	case OP_MLOCK:
	case OP_MUNLOCK:
	case OP_DONTNEED:
		return true; /* splits and merges VMAs, and nothing else that is followed */
	default:
		return false;
	}
}

static const char *in_words(uint8_t page)
{
	static const char *const access[] = { "mapped without access", "mapped read-only",
					      "mapped write-only", "mapped read-write" };

	return page ? access[page & VM_ACCESS_FLAGS] : "not mapped";
}

static const char *advice(uint8_t page)
{
	static const char *const words[] = { "", ", dontfork", ", mergeable", ", dontfork and mergeable" };

	return words[(page & VM_DONTCOPY ? 1 : 0) + (page & VM_MERGEABLE ? 2 : 0)];
}

/* I31. */
static void layout_compare(struct oracle *o, unsigned int p)
{
	const uint8_t *expected = o->layout.page[p];
	uint8_t page[NR_WINDOW];
	unsigned int n = 0;

	actual_layout(&o->view->mm[p], page);
	if (memcmp(page, expected, NR_WINDOW) == 0)
		return;
	while (page[n] == expected[n])
		n++;

	struct violation *v = oracle_found_at(o, INV_LAYOUT, OBJECT_PROCESS, p, n);

	if (v)
		say(v, "page %u of %c is %s%s, but by its system calls it is %s%s", n, process_name(p),
		    in_words(page[n]), advice(page[n]), in_words(expected[n]), advice(expected[n]));
}

/* What is wrong with the child's VMA, or NULL. */
static const char *forked_wrong(const struct view *view, const struct vm_area_struct *parent,
				const struct vm_area_struct *child)
{
	const struct anon_vma_chain *avc = parent->chain_first;
	const struct anon_vma *own = view_anon_vma(view, child->anon_vma_id);

	if (child->vm_end != parent->vm_end || child->vm_pgoff != parent->vm_pgoff)
		return "has another range or page offset";
	if (child->vm_flags != (parent->vm_flags & ~(uint32_t)VM_LOCKED))
		return "has other flags";
	if (!child->anon_vma_id != !parent->anon_vma_id)
		return child->anon_vma_id ? "has an anon_vma" : "has no anon_vma";
	for (uint32_t n = 0; avc && n < parent->nr_avcs; n++, avc = avc->same_vma_next)
		if (!chain_has(child, avc->anon_vma_id))
			return "lacks a part of the chain";
	if (own && view_anon_vma(view, parent->anon_vma_id) && !chain_has(parent, own->id) &&
	    own->parent_id != parent->anon_vma_id)
		return "has an anon_vma below another one";
	return NULL;
}

/* I30. A VMA too much in the child is for I31. */
static void forked_compare(struct oracle *o, const struct op *op)
{
	const struct mm_struct *parent_mm = &o->view->mm[op->process], *child_mm = &o->view->mm[op->arg[0]];

	for (uint64_t starts = parent_mm->starts; starts; starts &= starts - 1) {
		unsigned int start = lowest_bit(starts);
		const struct vm_area_struct *parent = parent_mm->vma_at[start];
		const struct vm_area_struct *child = child_mm->starts >> start & 1 ? child_mm->vma_at[start] :
										     NULL;

		if (parent->vm_flags & VM_DONTCOPY)
			continue;

		const char *wrong = child ? forked_wrong(o->view, parent, child) : "is missing";
		struct violation *v =
			wrong ? oracle_found_at(o, INV_FORKED, OBJECT_PROCESS, op->arg[0], start) : NULL;

		if (!v)
			continue;
		say(v, "the copy of ");
		say_vma(v, parent);
		say(v, " in the child %c %s", process_name(op->arg[0]), wrong);
	}
}

/* Is any page of [start, end) mapped? */
static bool any_mapped(const uint8_t *page, unsigned int start, unsigned int end)
{
	for (unsigned int n = start; n < end && n < NR_WINDOW; n++)
		if (page[n])
			return true;
	return false;
}

/* Shrinking fails for want of a VMA only, growing for want of memory only if something is in the way. */
static const char *wrong_resize(const uint8_t *page, const struct op *op, const struct op_result *result)
{
	unsigned int start = op->arg[0], old_end = start + op->arg[1], new_end = start + op->arg[2];

	if (!result->error || result->failed_allocation)
		return NULL;
	if (new_end <= old_end)
		return page[start] ? "cannot shrink what is mapped" : NULL;
	return result->error == OP_ENOMEM && !any_mapped(page, old_end, new_end) ?
		       "cannot grow over free pages" :
		       NULL;
}

/* Why an operation must not have ended as it did, or NULL; page: before it. */
static const char *wrong_outcome(const uint8_t *page, const struct op *op, const struct op_result *result)
{
	bool allowed, no_memory = result->error == OP_ENOMEM && !result->failed_allocation;

	switch (op->code) {
	case OP_READ:
	case OP_WRITE:
		allowed = page[op->arg[0]] & (op->code == OP_READ ? VM_READ : VM_WRITE);
		if (allowed == (result->error == OP_SIGSEGV))
			return allowed ? "is refused, although the page is mapped for it" :
					 "is not refused, although the page is not mapped for it";
		break;
	case OP_MMAP:
		if (any_mapped(page, op->arg[0], (unsigned int)op->arg[0] + op->arg[1]) !=
		    (result->error == OP_EEXIST))
			return result->error == OP_EEXIST ? "finds its place taken, which is free" :
							    "finds its place free, which is taken";
		break;
	case OP_MREMAP_RESIZE:
		return wrong_resize(page, op, result);
	case OP_FORK:
	case OP_MUNMAP:
	case OP_SWAPOFF:
		break;
	default: /* ENOMEM has other meanings, too */
		return NULL;
	}
	return no_memory ? "reports that memory is short, but no allocation has failed" : NULL;
}

/* As wrong_outcome(), where the state after it says so. */
static const char *wrong_state(const struct mm_struct *mm, const struct op *op, const struct op_result *result)
{
	const struct vm_area_struct *vma = view_vma_at(mm, op->arg[0]);

	if (op->code == OP_MREMAP && result->error == OP_EFAULT && vma && op->arg[0] + op->arg[1] <= vma->vm_end)
		return "does not move a range that is mapped as a whole";
	if ((op->code == OP_MIGRATE_END || op->code == OP_MIGRATE) && result->error == OP_OK &&
	    mm->pte[op->arg[0]].kind == PTE_MIGRATION)
		return "is done, but its page is still under migration";
	return NULL;
}

/* I32. */
static void outcome_check(struct oracle *o, const struct op *op, const struct op_result *result)
{
	const char *wrong = wrong_outcome(o->layout.page[op->process], op, result);

	if (!wrong)
		wrong = wrong_state(&o->view->mm[op->process], op, result);

	struct violation *v =
		wrong ? oracle_found_at(o, INV_OUTCOME, OBJECT_PROCESS, op->process, op->arg[0]) : NULL;

	if (v)
		say(v, "%s of %c %s", op_info(op->code)->name, process_name(op->process), wrong);
}

/* Processes whose layout an operation may have changed otherwise than it was followed. */
static uint64_t unsure(const struct oracle *o, const struct op *op)
{
	const struct view *view = o->view;

	if (view->touched.all)
		return window_bits(0, NR_PROCESSES);
	return view->touched.processes | (op && view->touched.vmas.nr ? 1u << op->process : 0);
}

void layout_follow(struct oracle *o, const struct op *op, const struct op_result *result)
{
	/* mremap succeeds even if it could not unmap its source */
	bool done = op && result && result->error == OP_OK &&
		    !(op->code == OP_MREMAP && result->failed_allocation);

	if (op && result && (result->error == OP_NOTHING || result->kept_out))
		return;
	if (op && result && oracle_checks(o, INV_OUTCOME))
		outcome_check(o, op, result);
	if (!done || !follow(o, op)) {
		take_as_it_is(o, unsure(o, op));
		return;
	}
	if (oracle_checks(o, INV_LAYOUT)) {
		layout_compare(o, op->process);
		if (op->code == OP_FORK)
			layout_compare(o, op->arg[0]);
	}
	if (op->code == OP_FORK && oracle_checks(o, INV_FORKED))
		forked_compare(o, op);
}
