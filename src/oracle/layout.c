// SPDX-License-Identifier: GPL-2.0-only
/*
 * I30, I31: what system calls asked for. A reference layout follows them page
 * by page, as the reference memory follows content: what is mapped, with which
 * protection and advice. fork is looked at VMA by VMA. What they report is for
 * outcome.c.
 *
 * Must stay independent: of the engine it takes only how an operation ended.
 * After one that failed, wholly or in part, the engine's layout is taken as it
 * is; what may differ then is for I20 to say.
 */
#include "oracle/internal.h"

enum { FOLLOWED_FLAGS = VM_READ | VM_WRITE | VM_LOCKED | VM_DONTCOPY | VM_MERGEABLE };

/* Which flag each set of page_sets.flag[] is for. */
static const uint8_t flag_of_set[] = { VM_READ, VM_WRITE, VM_LOCKED, VM_DONTCOPY, VM_MERGEABLE };
_Static_assert(sizeof(flag_of_set) == NR_FLAG_SETS, "a set for each flag that is followed");

static struct page_sets actual_layout(const struct mm_struct *mm)
{
	struct page_sets sets = { 0 };

	for (uint64_t starts = mm->alive ? mm->starts : 0; starts; starts &= starts - 1) {
		const struct vm_area_struct *vma = mm->vma_at[lowest_bit(starts)];
		uint64_t range = vma_bits(vma);

		sets.mapped |= range;
		for (unsigned int i = 0; i < NR_FLAG_SETS; i++)
			sets.flag[i] |= vma->vm_flags & flag_of_set[i] ? range : 0;
	}
	return sets;
}

/* A process in the middle of an mprotect has what it had before: nobody else can change that. */
static void take_as_it_is(struct oracle *o, uint64_t processes)
{
	unsigned int p;

	for_each_bit(p, processes)
		if (o->layout.paused[p].code == OP_NONE)
			o->layout.of[p] = actual_layout(&o->view->mm[p]);
}

void layout_begin(struct oracle *o)
{
	memset(o->layout.paused, 0, sizeof(o->layout.paused));
	take_as_it_is(o, window_bits(0, NR_PROCESSES));
	o->layout.begun = true;
}

/* In the pages of a range that are mapped: the flags of mask become those of flags. */
static void change(struct page_sets *sets, uint64_t range, unsigned int mask, unsigned int flags)
{
	range &= sets->mapped;
	for (unsigned int i = 0; i < NR_FLAG_SETS; i++)
		if (mask & flag_of_set[i])
			sets->flag[i] = (sets->flag[i] & ~range) | (flags & flag_of_set[i] ? range : 0);
}

static void map(struct page_sets *sets, uint64_t range, unsigned int flags)
{
	sets->mapped |= range;
	change(sets, range, FOLLOWED_FLAGS, flags);
}

static void unmap(struct page_sets *sets, uint64_t range)
{
	change(sets, range, FOLLOWED_FLAGS, 0);
	sets->mapped &= ~range;
}

static unsigned int flags_at(const struct page_sets *sets, unsigned int n)
{
	unsigned int flags = 0;

	for (unsigned int i = 0; i < NR_FLAG_SETS; i++)
		flags |= sets->flag[i] >> n & 1 ? flag_of_set[i] : 0;
	return flags;
}

static bool mapped_at(const struct page_sets *sets, unsigned int n)
{
	return sets->mapped >> n & 1;
}

static unsigned int access_flags(uint8_t prot)
{
	return prot == PROT_RW ? VM_READ | VM_WRITE : prot == PROT_R ? VM_READ : 0;
}

/* The pages of a set, moved from page to page of the window; what leaves it is lost. */
static uint64_t shift(uint64_t set, unsigned int from, unsigned int to)
{
	return to >= from ? set << (to - from) : set >> (from - to);
}

/* What is mapped moves; under a hole of the source the destination stays (6.17+; before, a hole is an error). */
static void follow_move(struct page_sets *sets, const struct op *op)
{
	unsigned int from = op->arg[0], to = op->arg[2];
	uint64_t source = sets->mapped & window_bits(from, from + op->arg[1]);
	uint64_t destination = shift(source, from, to);
	const struct page_sets before = *sets;

	if (op->dontunmap)
		sets->flag[SET_LOCKED] &= ~source;
	else
		unmap(sets, source);
	sets->mapped |= destination;
	for (unsigned int i = 0; i < NR_FLAG_SETS; i++)
		sets->flag[i] = (sets->flag[i] & ~destination) | shift(before.flag[i] & source, from, to);
}

static void follow_resize(struct page_sets *sets, const struct op *op)
{
	unsigned int start = op->arg[0], old_end = start + op->arg[1], new_end = start + op->arg[2];

	if (new_end < old_end || !mapped_at(sets, start))
		unmap(sets, window_bits(new_end < old_end ? new_end : old_end,
					new_end < old_end ? old_end : new_end));
	else
		map(sets, window_bits(old_end, new_end), flags_at(sets, start));
}

static void follow_fork(struct oracle *o, const struct op *op)
{
	struct page_sets *child = &o->layout.of[op->arg[0]];

	*child = o->layout.of[op->process];
	unmap(child, child->flag[SET_DONTCOPY]);
	child->flag[SET_LOCKED] = 0;
}

static uint64_t range_of(const struct op *op)
{
	return window_bits(op->arg[0], (unsigned int)op->arg[0] + op->arg[1]);
}

/* An operation that succeeded. False if it is none that changes a layout. */
static bool follow(struct oracle *o, const struct op *op)
{
	struct page_sets *sets = &o->layout.of[op->process];

	switch (op->code) {
	case OP_FORK:
		follow_fork(o, op);
		return true;
	case OP_EXIT:
	case OP_EXEC:
		*sets = (struct page_sets){ 0 };
		return true;
	case OP_MMAP:
		map(sets, range_of(op), access_flags(op->arg[2]));
		return true;
	case OP_MUNMAP:
		unmap(sets, range_of(op));
		return true;
	case OP_MPROTECT:
	case OP_MPROTECT_BEGIN:
		change(sets, range_of(op), VM_ACCESS_FLAGS, access_flags(op->arg[2]));
		return true;
	case OP_MREMAP:
		follow_move(sets, op);
		return true;
	case OP_MREMAP_RESIZE:
		follow_resize(sets, op);
		return true;
	case OP_DONTFORK:
	case OP_DOFORK:
		change(sets, range_of(op), VM_DONTCOPY, op->code == OP_DONTFORK ? VM_DONTCOPY : 0);
		return true;
	case OP_MERGEABLE:
	case OP_UNMERGEABLE:
		change(sets, range_of(op), VM_MERGEABLE, op->code == OP_MERGEABLE ? VM_MERGEABLE : 0);
		return true;
	case OP_MLOCK:
	case OP_MUNLOCK:
		change(sets, range_of(op), VM_LOCKED, op->code == OP_MLOCK ? VM_LOCKED : 0);
		return true;
	case OP_DONTNEED:
		return true; /* splits and merges VMAs, and nothing else that is followed */
	default:
		return false;
	}
}

static const char *in_words(const struct page_sets *sets, unsigned int n)
{
	static const char *const access[] = { "mapped without access", "mapped read-only",
					      "mapped write-only", "mapped read-write" };

	return mapped_at(sets, n) ? access[flags_at(sets, n) & VM_ACCESS_FLAGS] : "not mapped";
}

static const char *advice(const struct page_sets *sets, unsigned int n)
{
	static const char *const words[] = { "",
					     ", dontfork",
					     ", mergeable",
					     ", dontfork and mergeable",
					     ", locked",
					     ", locked and dontfork",
					     ", locked and mergeable",
					     ", locked, dontfork and mergeable" };
	unsigned int flags = flags_at(sets, n);

	return words[(flags & VM_DONTCOPY ? 1 : 0) + (flags & VM_MERGEABLE ? 2 : 0) + (flags & VM_LOCKED ? 4 : 0)];
}

/* I31. */
static void layout_compare(struct oracle *o, unsigned int p)
{
	const struct page_sets *expected = &o->layout.of[p], actual = actual_layout(&o->view->mm[p]);
	uint64_t wrong = actual.mapped ^ expected->mapped;

	for (unsigned int i = 0; i < NR_FLAG_SETS; i++)
		wrong |= actual.flag[i] ^ expected->flag[i];
	if (!wrong)
		return;

	unsigned int n = lowest_bit(wrong);
	struct violation *v = oracle_found_at(o, INV_LAYOUT, OBJECT_PROCESS, p, n);

	if (v)
		say(v, "page %u of %c is %s%s, but by its system calls it is %s%s", n, process_name(p),
		    in_words(&actual, n), advice(&actual, n), in_words(expected, n), advice(expected, n));
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

static void compare(struct oracle *o, const struct op *op)
{
	/* before 597e4b9ab48a and 838bb60dc215 more was unlocked */
	if (op->code == OP_MREMAP && op->dontunmap && !o->view->rules->unlocks_moved)
		o->layout.of[op->process].flag[SET_LOCKED] =
			actual_layout(&o->view->mm[op->process]).flag[SET_LOCKED];
	if (oracle_checks(o, INV_LAYOUT)) {
		layout_compare(o, op->process);
		if (op->code == OP_FORK)
			layout_compare(o, op->arg[0]);
	}
	if (op->code == OP_FORK && oracle_checks(o, INV_FORKED))
		forked_compare(o, op);
}

/* Processes whose layout an operation may have changed otherwise than it was followed. */
static uint64_t unsure(const struct oracle *o, const struct op *op)
{
	const struct view *view = o->view;

	if (view->touched.all)
		return window_bits(0, NR_PROCESSES);
	return view->touched.processes | (op && view->touched.vmas.nr ? 1u << op->process : 0);
}

/* An mprotect in phases is judged once it is through, as if it had been one operation: whole is then what it was. */
static const struct op *ended(struct oracle *o, const struct op *op, const struct op_result *result,
			      struct op *whole)
{
	struct op *paused = &o->layout.paused[op->process];

	if (op->code == OP_MPROTECT_BEGIN && result->paused)
		*paused = *op;
	if (op->code != OP_RESUME || result->paused || paused->code == OP_NONE)
		return op;
	*whole = *paused;
	paused->code = OP_NONE;
	return whole;
}

void layout_follow(struct oracle *o, const struct op *op, const struct op_result *result)
{
	struct op whole;

	if (op && result) {
		if (result->error == OP_NOTHING || result->kept_out)
			return;
		op = ended(o, op, result, &whole);
		if (oracle_checks(o, INV_OUTCOME))
			outcome_check(o, op, result);
		/* mremap succeeds even if it could not unmap its source */
		if (result->error == OP_OK && !(op->code == OP_MREMAP && result->failed_allocation) &&
		    !(op->code == OP_MPROTECT_BEGIN && result->paused) && follow(o, op)) {
			compare(o, op);
			return;
		}
	}
	take_as_it_is(o, unsure(o, op));
}
