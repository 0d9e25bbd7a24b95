// SPDX-License-Identifier: GPL-2.0-only
/*
 * I32: how an operation ended, asked of the reference layout of layout.c as it
 * was before it, or of the state after it.
 *
 * Must never judge an operation by what the engine says why it failed; that an
 * allocation has failed is the exception.
 */
#include "oracle/internal.h"

/* Is any page of [start, end) mapped? */
static bool any_mapped(const struct page_sets *sets, unsigned int start, unsigned int end)
{
	return (sets->mapped & window_bits(start, end)) != 0;
}

/* Shrinking fails for want of a VMA only, growing for want of memory only if something is in the way. */
static const char *wrong_resize(const struct page_sets *sets, const struct op *op,
				const struct op_result *result)
{
	unsigned int start = op->arg[0], old_end = start + op->arg[1], new_end = start + op->arg[2];

	if (!result->error || result->failed_allocation)
		return NULL;
	if (new_end <= old_end)
		return any_mapped(sets, start, start + 1) ? "cannot shrink what is mapped" : NULL;
	return result->error == OP_ENOMEM && !any_mapped(sets, old_end, new_end) ?
		       "cannot grow over free pages" :
		       NULL;
}

/* Memory is short only if an allocation has failed. Asked where ENOMEM has no other meaning. */
static const char *wrong_shortage(const struct op_result *result)
{
	return result->error == OP_ENOMEM && !result->failed_allocation ?
		       "reports that memory is short, but no allocation has failed" :
		       NULL;
}

static const char *wrong_access(uint64_t allowed, const struct op *op, const struct op_result *result)
{
	bool refused = result->error == (op->code == OP_GUP ? OP_EFAULT : OP_SIGSEGV);

	if ((allowed >> op->arg[0] & 1) != refused)
		return wrong_shortage(result);
	return refused ? "is refused, although the page is mapped for it" :
			 "is not refused, although the page is not mapped for it";
}

static const char *wrong_mmap(const struct page_sets *sets, const struct op *op, const struct op_result *result)
{
	bool taken = result->error == OP_EEXIST;

	if (any_mapped(sets, op->arg[0], (unsigned int)op->arg[0] + op->arg[1]) == taken)
		return wrong_shortage(result);
	return taken ? "finds its place taken, which is free" : "finds its place free, which is taken";
}

static const char *wrong_mremap(const struct view_rules *rules, const struct op *op,
				const struct op_result *result)
{
	unsigned int from = op->arg[0], length = op->arg[1], to = op->arg[2];
	bool overlap = from + length > to && to + length > from;

	if (overlap && result->error == OP_OK)
		return "moves a range onto itself";
	if (result->error == OP_EINVAL && !overlap && (!op->dontunmap || rules->knows_dontunmap))
		return "takes for invalid what is not";
	return NULL;
}

/* Why an operation must not have ended as it did, or NULL; sets: before it. */
static const char *wrong_outcome(const struct view_rules *rules, const struct page_sets *sets,
				 const struct op *op, const struct op_result *result)
{
	switch (op->code) {
	case OP_READ:
	case OP_GUP:
		return wrong_access(sets->flag[SET_READ], op, result);
	case OP_WRITE:
	case OP_WRITE_BEGIN:
		return wrong_access(sets->flag[SET_WRITE], op, result);
	case OP_MMAP:
		return wrong_mmap(sets, op, result);
	case OP_MREMAP:
		return wrong_mremap(rules, op, result);
	case OP_MREMAP_RESIZE:
		return wrong_resize(sets, op, result);
	case OP_FORK:
	case OP_MUNMAP:
	case OP_SWAPOFF:
		return wrong_shortage(result);
	default: /* ENOMEM has other meanings, too */
		return NULL;
	}
}

/* Of a process that is not in the middle of an operation: VM_STACK_INCOMPLETE_SETUP ends with exec (a8bef8ff6ea1). */
static bool has_temporary_stack(const struct mm_struct *mm)
{
	for (uint64_t starts = mm->starts; starts; starts &= starts - 1)
		if (mm->vma_at[lowest_bit(starts)]->temporary_stack)
			return true;
	return false;
}

/* As wrong_outcome(), where the state after it says so. */
static const char *wrong_state(const struct mm_struct *mm, const struct op *op, const struct op_result *result)
{
	const struct vm_area_struct *vma;
	uint64_t stack;

	switch (op->code) {
	case OP_MREMAP:
		vma = result->error == OP_EFAULT ? view_vma_at(mm, op->arg[0]) : NULL;
		return vma && op->arg[0] + op->arg[1] <= vma->vm_end ?
			       "does not move a range that is mapped as a whole" :
			       NULL;
	case OP_MIGRATE_END:
	case OP_MIGRATE:
		return result->error == OP_OK && mm->pte[op->arg[0]].kind == PTE_MIGRATION ?
			       "is done, but its page is still under migration" :
			       NULL;
	case OP_EXEC_BEGIN:
		stack = window_bits(op->arg[0], (unsigned int)op->arg[0] + op->arg[1]);
		return result->error == OP_OK && (stack & ~mm_covered(mm)) ?
			       "is not refused, but has no stack" :
			       NULL;
	case OP_RESUME:
		return !result->paused && has_temporary_stack(mm) ?
			       "is done, but the stack of exec still counts as temporary" :
			       NULL;
	default:
		return NULL;
	}
}

static __attribute__((cold, noinline)) void outcome_wrong(struct oracle *o, const struct op *op,
							  const char *wrong)
{
	struct violation *v = oracle_found_at(o, INV_OUTCOME, OBJECT_PROCESS, op->process, op->arg[0]);

	if (v)
		say(v, "%s of %c %s", op_info(op->code)->name, process_name(op->process), wrong);
}

void outcome_check(struct oracle *o, const struct op *op, const struct op_result *result)
{
	const char *wrong = wrong_outcome(o->view->rules, &o->layout.of[op->process], op, result);

	if (!wrong)
		wrong = wrong_state(&o->view->mm[op->process], op, result);
	if (wrong)
		outcome_wrong(o, op, wrong);
}
