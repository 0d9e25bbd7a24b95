/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one operation changes in the decoder's shadow (shadow.h).
 *
 * Merging is guessed from writability alone, and dontfork is ignored by fork:
 * a better guess would need an anon_vma, and that is the engine's business.
 * Must never loop over pages: this is in the fuzzer's hot path.
 */
#include "program/shadow.h"

#include <string.h>

static void set_alive(struct shadow *shadow, uint32_t alive)
{
	uint32_t nr = 0;

	for (unsigned int i = 0; i < NR_PROCESSES; i++) {
		shadow->living[nr] = (uint8_t)i;
		nr += alive >> i & 1;
	}
	shadow->nr_living = nr;
	shadow->alive = alive;
}

void shadow_init(struct shadow *shadow)
{
	set_alive(shadow, 1);
	shadow->open = 0;
	memset(shadow->pauses, 0, sizeof(shadow->pauses));
	shadow->process[0] = (struct shadow_process){ 0 };
}

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

	p->mapped &= keep;
	p->starts &= keep;
	p->writable &= keep;
	p->written &= keep;
	p->swapped &= keep;
	p->held &= keep;
	split_at(p, page + length);
}

static void set_pauses(struct shadow *shadow, unsigned int process, unsigned int pauses)
{
	shadow->pauses[process] = (uint8_t)pauses;
	shadow->open &= ~(1u << process);
	if (pauses)
		shadow->open |= 1u << process;
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
		p->held &= ~source;
	} else {
		zap(p, from, length);
	}
	p->mapped |= moved(old.mapped, source, from, to);
	p->starts |= moved(old.starts, source, from, to);
	p->writable |= moved(old.writable, source, from, to);
	p->written |= moved(old.written, source, from, to);
	p->swapped |= moved(old.swapped, source, from, to);
	p->held |= moved(old.held, source, from, to);
	p->been |= dest;
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
}

static void apply_range(struct shadow *shadow, const struct op *op)
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
		set_pauses(shadow, op->process, 1);
		/* fallthrough */
	case OP_MPROTECT:
		apply_mprotect(p, page, length, op->arg[2]);
		break;
	case OP_MREMAP_BEGIN:
		set_pauses(shadow, op->process, (unsigned int)__builtin_popcountll(range & p->written));
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
		p->written = range;
		set_pauses(shadow, op->process, 1 + length);
		break;
	case OP_DONTNEED:
		p->written &= ~range;
		p->swapped &= ~range;
		break;
	case OP_MLOCK:
		p->written |= range & p->writable;
		p->swapped &= ~range;
		/* fallthrough */
	default: /* a VMA flag: the range becomes VMAs of its own */
		split_at(p, page);
		split_at(p, page + length);
	}
}

static void apply_page(struct shadow *shadow, const struct op *op)
{
	struct shadow_process *p = &shadow->process[op->process];
	uint64_t bit = page_bit(op->arg[0]);

	switch (op->code) {
	case OP_WRITE:
		p->written |= bit & p->writable;
		/* fallthrough */
	case OP_READ:
		p->swapped &= ~bit;
		break;
	case OP_WRITE_BEGIN:
		p->written |= bit & p->writable;
		/* fallthrough */
	case OP_SWAPIN_BEGIN:
	case OP_RESTORE_BEGIN:
	case OP_LOOKUP_BEGIN:
		set_pauses(shadow, op->process, 1);
		break;
	case OP_PAGEOUT:
		p->swapped |= bit & p->written;
		break;
	case OP_ISOLATE:
	case OP_MIGRATE_BEGIN:
	case OP_PIN:
	case OP_GUP:
		p->held |= bit & p->written;
		break;
	case OP_MIGRATE_END:
	case OP_UNPIN:
	case OP_UNGUP:
		p->held &= ~bit;
		break;
	default:
		break;
	}
}

static void apply_process(struct shadow *shadow, const struct op *op)
{
	struct shadow_process *p = &shadow->process[op->process];

	switch (op->code) {
	case OP_FORK:
		if (op->fail_nth || (shadow->alive & 1u << op->arg[0]))
			break;
		set_alive(shadow, shadow->alive | 1u << op->arg[0]);
		shadow->process[op->arg[0]] = *p;
		break;
	case OP_FORK_BEGIN: /* the child is as good as there: what it cannot do yet does nothing */
		if (op->fail_nth || (shadow->alive & 1u << op->arg[0]))
			break;
		set_alive(shadow, shadow->alive | 1u << op->arg[0]);
		shadow->process[op->arg[0]] = *p;
		set_pauses(shadow, op->process, (unsigned int)__builtin_popcountll(p->starts & p->written));
		break;
	case OP_RESUME:
		if (shadow->pauses[op->process])
			set_pauses(shadow, op->process, shadow->pauses[op->process] - 1u);
		break;
	case OP_EXIT:
		set_alive(shadow, shadow->alive & ~(1u << op->process));
		set_pauses(shadow, op->process, 0);
		break;
	case OP_EXEC:
		*p = (struct shadow_process){ 0 };
		break;
	case OP_SWAPOFF:
		/* Of every process, living or not: the dead are filled anew by fork. */
		for (unsigned int i = 0; i < NR_PROCESSES; i++)
			shadow->process[i].swapped = 0;
		break;
	default:
		break;
	}
}

void shadow_apply(struct shadow *shadow, const struct op *op)
{
	const struct op_info *info = &program_op_infos[op->code];

	if (info->operand[0] != OPERAND_PAGE)
		apply_process(shadow, op);
	else if (op->fail_nth)
		return;
	else if (info->operand[1] == OPERAND_LEN)
		apply_range(shadow, op);
	else
		apply_page(shadow, op);
}

uint32_t shadow_replay(struct shadow *shadow, const struct op *ops, uint32_t nr_ops)
{
	shadow_init(shadow);
	for (uint32_t i = 0; i < nr_ops; i++) {
		if (!(shadow->alive >> ops[i].process & 1))
			continue;
		if (ops[i].code == OP_EXIT && shadow->nr_living == 1)
			return i;
		shadow_apply(shadow, &ops[i]);
	}
	return nr_ops;
}
