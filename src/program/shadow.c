/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one operation changes in the decoder's shadow (shadow.h): processes and
 * single pages. Ranges are in shadow_vma.c, pauses in shadow_phases.c.
 * Must never loop over pages: this is in the fuzzer's hot path.
 */
#include "program/shadow_internal.h"

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
		shadow_pause_at(shadow, op, 1, bit);
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
	for (unsigned int i = 0; i < NR_SHADOW_SETS; i++)
		p->set[i] &= kept;
	p->own = 0;
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
			shadow_set_pause(shadow, op->process,
					 (struct shadow_pause){ .left = 1, .pages = p->written & ~p->dontfork });
			break;
		}
		set_alive(shadow, shadow->alive | 1u << op->arg[0]);
		nr = vmas_that_fork(p);
		inherit(shadow, p, op->arg[0]);
		shadow_pause_at(shadow, op, nr, p->written & ~p->dontfork);
		break;
	case OP_RESUME:
		shadow_resume(shadow, op->process);
		break;
	case OP_EXIT:
		set_alive(shadow, shadow->alive & ~(1u << op->process));
		if (!shadow->pause[op->process].outlives)
			shadow_set_pause(shadow, op->process, (struct shadow_pause){ 0 });
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
		shadow_apply_range(shadow, op);
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
