/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one operation changes in the decoder's shadow (shadow.h).
 *
 * Merging is guessed from writability alone: a better guess would need an
 * anon_vma, and that is the engine's business.
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
	shadow->open = shadow->writing = shadow->reading = shadow->faults = shadow->moving = 0;
	shadow->met = 0;
	shadow->former = false;
	memset(shadow->pause, 0, sizeof(shadow->pause));
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
	p->own &= keep;
	p->held &= keep;
	p->flight &= keep;
	p->away &= keep;
	p->dontfork &= keep;
	split_at(p, page + length);
}

/* ---- operations in phases ---- */

#define OP_BIT(code) ((uint64_t)1 << (code))

/* One bit for each operation of which the condition holds, in words of ops.def. */
#define OP(number, symbol, text, group, weight, a1, a2, a3, help) | (uint64_t)GROUP_IS(group) << (number)

#define GROUP_IS(group) \
	(GROUP_##group == GROUP_PROCESS || GROUP_##group == GROUP_VMA || GROUP_##group == GROUP_FLAGS)
static const uint64_t change_the_mm = 0
#include "program/ops.def"
	;
#undef GROUP_IS

#define GROUP_IS(group) (GROUP_##group == GROUP_FAULT)
static const uint64_t faults = 0
#include "program/ops.def"
	;
#undef GROUP_IS

#define GROUP_IS(group) (GROUP_##group == GROUP_PHASE)
static const uint64_t in_phases = 0
#include "program/ops.def"
	;
#undef GROUP_IS
#undef OP

enum mmap_lock { MMAP_WRITE, MMAP_READ, MMAP_UNLOCKED };

/* What an operation in phases holds: a fault the lock for reading, what works on VMAs for writing. */
static enum mmap_lock held_by(unsigned int code)
{
	static const uint8_t exceptions[NR_OP_CODES] = {
		[OP_RESTORE_BEGIN] = MMAP_UNLOCKED, /* the rmap's locks alone */
		[OP_LOOKUP_BEGIN] = MMAP_UNLOCKED,
	};
	const uint8_t *operand = program_op_infos[code].operand;

	if (operand[0] == OPERAND_PAGE && operand[1] == OPERAND_NONE)
		return exceptions[code] ? exceptions[code] : MMAP_READ;
	return MMAP_WRITE;
}

uint64_t shadow_kept_out(const struct shadow *shadow, unsigned int process)
{
	const uint64_t begins = in_phases & ~OP_BIT(OP_RESUME);
	uint32_t who = 1u << process;
	uint64_t out = shadow->open & who ? begins : OP_BIT(OP_RESUME);

	if ((shadow->writing | shadow->reading) & who)
		out |= begins | (change_the_mm & ~OP_BIT(OP_DONTNEED));
	if (shadow->writing & who)
		out |= OP_BIT(OP_DONTNEED) | (shadow->faults & who ? 0 : faults);
	if (shadow->writing)
		out |= OP_BIT(OP_SWAPOFF);
	return out;
}

static void set_pause(struct shadow *shadow, unsigned int process, struct shadow_pause pause)
{
	shadow->pause[process] = pause.left ? pause : (struct shadow_pause){ 0 };
	shadow->open = shadow->writing = shadow->reading = shadow->faults = shadow->moving = 0;
	shadow->met = 0;
	for (unsigned int i = 0; i < NR_PROCESSES; i++) {
		shadow->open |= (uint32_t)(shadow->pause[i].left != 0) << i;
		shadow->writing |= shadow->pause[i].writing;
		shadow->reading |= shadow->pause[i].reading;
		shadow->faults |= shadow->pause[i].faults;
		shadow->moving |= (uint32_t)shadow->pause[i].moving << i;
		shadow->met |= shadow->pause[i].pages;
	}
}

/* The process begins an operation in phases. */
static void pause_at(struct shadow *shadow, const struct op *op, unsigned int left, uint64_t pages)
{
	enum mmap_lock lock = held_by(op->code);
	uint8_t who = (uint8_t)(1u << op->process);
	struct shadow_pause pause = {
		.left = (uint8_t)left,
		.writing = lock == MMAP_WRITE ? who : 0,
		.reading = lock == MMAP_READ ? who : 0,
		.faults = op->code == OP_MPROTECT_BEGIN ? who : 0,
		.moving = op->code == OP_MREMAP_BEGIN && (pages & shadow->process[op->process].flight),
		.pages = pages,
		.outlives = op->code == OP_LOOKUP_BEGIN,
	};

	if (program_op_infos[op->code].operand[0] == OPERAND_PROC)
		pause.writing |= (uint8_t)(1u << op->arg[0]);
	set_pause(shadow, op->process, pause);
}

static void resume(struct shadow *shadow, unsigned int process)
{
	struct shadow_pause pause = shadow->pause[process];

	if (!pause.left)
		return;
	pause.left--;
	set_pause(shadow, process, pause);
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
	pause_at(shadow, op, 1 + ((starts & ~p->starts) != 0), range | range << 1 | range >> 1);
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
	p->mapped |= moved(old.mapped, source, from, to);
	p->starts |= moved(old.starts, source, from, to);
	p->writable |= moved(old.writable, source, from, to);
	p->written |= moved(old.written, source, from, to);
	p->swapped |= moved(old.swapped, source, from, to);
	p->own |= moved(old.own, source, from, to);
	p->held |= moved(old.held, source, from, to);
	p->flight |= moved(old.flight, source, from, to);
	p->dontfork |= moved(old.dontfork, source, from, to);
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
		apply_mprotect_begin(shadow, op);
		break;
	case OP_MPROTECT:
		apply_mprotect(p, page, length, op->arg[2]);
		break;
	case OP_MREMAP_BEGIN:
		pause_at(shadow, op, (unsigned int)__builtin_popcountll(range & p->written),
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
		pause_at(shadow, op, 1 + length, range);
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

/* Reclaim takes a page from all who share it: at the same place, as far as it can be told. */
static void page_out(struct shadow *shadow, struct shadow_process *p, uint64_t bit)
{
	p->swapped |= bit & p->written;
	if (shadow->former || (p->own & bit))
		return;
	for (unsigned int i = 0; i < shadow->nr_living; i++) {
		struct shadow_process *other = &shadow->process[shadow->living[i]];

		other->swapped |= bit & other->written & ~other->own;
	}
}

/* So does a migration, and its end gives it back to all. */
static void migrate(struct shadow *shadow, struct shadow_process *p, uint64_t bit, bool begins)
{
	uint64_t keep = begins ? ~(uint64_t)0 : ~bit;

	for (unsigned int i = 0; i < shadow->nr_living; i++) {
		struct shadow_process *other = &shadow->process[shadow->living[i]];
		uint64_t shared = p == other ? p->written : ~p->own & other->written & ~other->own;

		other->flight |= begins ? bit & shared : 0;
		other->flight &= keep;
	}
}

static void apply_page(struct shadow *shadow, const struct op *op)
{
	struct shadow_process *p = &shadow->process[op->process];
	uint64_t bit = page_bit(op->arg[0]);

	switch (op->code) {
	case OP_WRITE:
		p->written |= bit & p->writable;
		p->own |= bit & p->writable;
		/* fallthrough */
	case OP_READ:
		p->swapped &= ~bit;
		break;
	case OP_WRITE_BEGIN:
		p->written |= bit & p->writable;
		p->own |= bit & p->writable;
		/* fallthrough */
	case OP_SWAPIN_BEGIN:
	case OP_RESTORE_BEGIN:
	case OP_LOOKUP_BEGIN:
		pause_at(shadow, op, 1, bit);
		if (op->code == OP_RESTORE_BEGIN)
			migrate(shadow, p, bit, false);
		break;
	case OP_PAGEOUT:
		page_out(shadow, p, bit);
		break;
	case OP_ISOLATE:
	case OP_MIGRATE_BEGIN:
	case OP_PIN:
	case OP_GUP:
		p->held |= bit & p->written;
		if (op->code == OP_MIGRATE_BEGIN)
			migrate(shadow, p, bit, true);
		break;
	case OP_MIGRATE_END:
		migrate(shadow, p, bit, false);
		/* fallthrough */
	case OP_UNPIN:
	case OP_UNGUP:
		p->held &= ~bit;
		break;
	default:
		break;
	}
}

/* VMAs with pages, of those that fork copies: it pauses at each. */
static unsigned int vmas_that_fork(const struct shadow_process *p)
{
	uint64_t pages = p->written & ~p->dontfork;
	unsigned int nr = 0;

	for (uint64_t left = p->starts; left; left &= left - 1) {
		unsigned int page = (unsigned int)__builtin_ctzll(left);

		nr += (pages & page_range(page, vma_end(p, page) - page)) != 0;
	}
	return nr;
}

static void inherit(struct shadow *shadow, struct shadow_process *parent, unsigned int child)
{
	struct shadow_process *p = &shadow->process[child];
	uint64_t kept = shadow->former ? ~(uint64_t)0 : ~parent->dontfork;

	parent->own &= parent->dontfork;
	*p = *parent;
	p->mapped &= kept;
	p->starts &= kept;
	p->writable &= kept;
	p->written &= kept;
	p->swapped &= kept;
	p->own = 0;
	p->held &= kept;
	p->flight &= kept;
	p->away &= kept;
	p->dontfork = 0;
}

static void apply_process(struct shadow *shadow, const struct op *op)
{
	struct shadow_process *p = &shadow->process[op->process];
	unsigned int nr;

	switch (op->code) {
	case OP_FORK:
		if (op->fail_nth || (shadow->alive & 1u << op->arg[0]))
			break;
		set_alive(shadow, shadow->alive | 1u << op->arg[0]);
		inherit(shadow, p, op->arg[0]);
		break;
	case OP_FORK_BEGIN: /* the child is as good as there: what it cannot do yet does nothing */
		if (shadow->alive & 1u << op->arg[0])
			break;
		if (op->fail_nth) { /* without a lock, until resume */
			set_pause(shadow, op->process,
				  (struct shadow_pause){ .left = 1, .pages = p->written & ~p->dontfork });
			break;
		}
		set_alive(shadow, shadow->alive | 1u << op->arg[0]);
		nr = vmas_that_fork(p);
		inherit(shadow, p, op->arg[0]);
		pause_at(shadow, op, nr, p->written & ~p->dontfork);
		break;
	case OP_RESUME:
		resume(shadow, op->process);
		break;
	case OP_EXIT:
		set_alive(shadow, shadow->alive & ~(1u << op->process));
		if (!shadow->pause[op->process].outlives)
			set_pause(shadow, op->process, (struct shadow_pause){ 0 });
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

	if (shadow_kept_out(shadow, op->process) >> op->code & 1)
		return;
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
		uint32_t able = shadow->alive | (ops[i].code == OP_RESUME ? shadow->open : 0);

		if (!(able >> ops[i].process & 1))
			continue;
		if (ops[i].code == OP_EXIT && shadow->nr_living == 1)
			return i;
		shadow_apply(shadow, &ops[i]);
	}
	return nr_ops;
}
