/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an operation on a range of pages changes in the decoder's shadow.
 *
 * Merging is guessed from writability alone: a better guess would need an
 * anon_vma, and that is the engine's business.
 * Must never loop over pages: this is in the fuzzer's hot path.
 */
#include "program/shadow_internal.h"

/* A VMA begins at page, if anything is mapped there. page may be NR_WINDOW. */
static void split_at(struct shadow_process *p, unsigned int page)
{
	if (page < NR_WINDOW)
		p->starts |= page_bit(page) & p->mapped;
}

/* As split_at, but the VMA merges with the one before it if they look alike. */
static void split_or_merge_at(struct shadow_process *p, unsigned int page)
{
	uint64_t bit, before;

	if (page >= NR_WINDOW)
		return;
	bit = page_bit(page);
	before = bit >> 1; /* 0 for page 0: nothing to merge with */
	if ((p->mapped & before) && !(p->writable & bit) == !(p->writable & before))
		p->starts &= ~bit;
	else
		p->starts |= bit & p->mapped;
}

static void zap(struct shadow_process *p, unsigned int page, unsigned int length)
{
	uint64_t keep = ~page_range(page, length);

	for (unsigned int i = 0; i < NR_SHADOW_SETS; i++)
		p->set[i] &= keep;
	split_at(p, page + length);
}

static void apply_mmap(struct shadow_process *p, unsigned int page, unsigned int length, unsigned int prot)
{
	uint64_t range = page_range(page, length);

	if (p->mapped & range)
		return; /* MAP_FIXED_NOREPLACE */
	p->mapped |= range;
	p->been |= range;
	if (prot == PROT_RW)
		p->writable |= range;
	split_or_merge_at(p, page);
	split_or_merge_at(p, page + length);
}

static void apply_mprotect(struct shadow_process *p, unsigned int page, unsigned int length, unsigned int prot)
{
	uint64_t range = page_range(page, length) & p->mapped;

	p->writable = prot == PROT_RW ? p->writable | range : p->writable & ~range;
	split_or_merge_at(p, page);
	split_or_merge_at(p, page + length);
}

/* Each merge has a pause or two, and it is those beside the range who merge. No pause too few: it would not end. */
static void apply_mprotect_begin(struct shadow *shadow, const struct op *op)
{
	struct shadow_process *p = &shadow->process[op->process];
	uint64_t starts = p->starts, range = page_range(op->arg[0], op->arg[1]);

	apply_mprotect(p, op->arg[0], op->arg[1], op->arg[2]);
	shadow_pause_at(shadow, op, 1 + ((starts & ~p->starts) != 0), range | range << 1 | range >> 1);
}

/* The bits of range in set, moved by the distance from one page to another. */
static uint64_t moved(uint64_t set, uint64_t range, unsigned int from, unsigned int to)
{
	set &= range;
	return to > from ? set << (to - from) : set >> (from - to);
}

static void apply_mremap(struct shadow_process *p, const struct op *op)
{
	unsigned int from = op->arg[0], length = op->arg[1], to = op->arg[2];
	uint64_t source = page_range(from, length), dest = page_range(to, length);
	struct shadow_process old = *p;

	if ((source & dest) || !(p->mapped & page_bit(from)))
		return; /* EINVAL, EFAULT */
	zap(p, to, length);
	if (op->dontunmap) {
		p->written &= ~source;
		p->swapped &= ~source;
		p->own &= ~source;
		p->held &= ~source;
		p->flight &= ~source;
	} else {
		zap(p, from, length);
	}
	for (unsigned int i = 0; i < NR_SHADOW_SETS; i++)
		p->set[i] |= moved(old.set[i], source, from, to);
	p->been |= dest;
	p->away = dest & p->mapped;
	p->home = (uint8_t)from;
	p->now = (uint8_t)to;
	split_at(p, from);
	split_at(p, from + length);
	split_at(p, to);
	split_at(p, to + length);
}

static void apply_resize(struct shadow_process *p, unsigned int page, unsigned int length,
			 unsigned int new_length)
{
	uint64_t range;

	if (new_length < length) {
		zap(p, page + new_length, length - new_length);
		return;
	}
	if (new_length == length)
		return;
	range = page_range(page + length, new_length - length);
	if ((p->mapped & range) || !(p->mapped & page_bit(page + length - 1)))
		return;
	p->mapped |= range;
	p->been |= range;
	if (p->writable & page_bit(page + length - 1))
		p->writable |= range;
	if (p->dontfork & page_bit(page + length - 1))
		p->dontfork |= range;
}

void shadow_apply_range(struct shadow *shadow, const struct op *op)
{
	struct shadow_process *p = &shadow->process[op->process];
	unsigned int page = op->arg[0], length = op->arg[1];
	uint64_t range = page_range(page, length);

	switch (op->code) {
	case OP_MMAP:
		apply_mmap(p, page, length, op->arg[2]);
		break;
	case OP_MUNMAP:
		zap(p, page, length);
		break;
	case OP_MPROTECT_BEGIN:
		apply_mprotect_begin(shadow, op);
		break;
	case OP_MPROTECT:
		apply_mprotect(p, page, length, op->arg[2]);
		break;
	case OP_MREMAP_BEGIN:
		shadow_pause_at(shadow, op, (unsigned int)__builtin_popcountll(range & p->written),
				range | page_range(op->arg[2], length));
		/* fallthrough */
	case OP_MREMAP:
		apply_mremap(p, op);
		break;
	case OP_MREMAP_RESIZE:
		apply_resize(p, page, length, op->arg[2]);
		break;
	case OP_EXEC_BEGIN:
		*p = (struct shadow_process){ 0 };
		apply_mmap(p, page, length, PROT_RW);
		p->written = p->own = range;
		shadow_pause_at(shadow, op, 1 + length, range);
		break;
	case OP_DONTNEED:
		p->written &= ~range;
		p->swapped &= ~range;
		p->own &= ~range;
		break;
	case OP_MLOCK:
		p->written |= range & p->writable;
		p->swapped &= ~range;
		/* fallthrough */
	default: /* a VMA flag: the range becomes VMAs of its own */
		split_at(p, page);
		split_at(p, page + length);
		if (op->code == OP_DONTFORK)
			p->dontfork |= range & p->mapped;
		else if (op->code == OP_DOFORK)
			p->dontfork &= ~range;
	}
}
