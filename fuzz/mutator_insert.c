// SPDX-License-Identifier: GPL-2.0-only
/*
 * Insertion of fresh operations: what is likely to matter at that point of
 * the program. The program is replayed on the decoder's shadow up to there,
 * and random records are resolved against it, so the weights of ops.def and
 * the rules of relative operands hold, for operations in the middle of a
 * program as for random bytes. Long runs at once find bugs; single operations
 * hardly ever do.
 *
 * Must never list operations but as exceptions to what ops.def says of them.
 */
#include "mutator.h"
#include "program/relative.h"

#include <string.h>

/* The bit of the swarm field that keeps an operation from being inserted. 0: nothing does. */
static uint8_t swarm_bit(unsigned int code)
{
	static const uint8_t of_group[NR_OP_GROUPS] = {
		[GROUP_FLAGS] = SWARM_NO_FLAGS,         [GROUP_RECLAIM] = SWARM_NO_RECLAIM,
		[GROUP_MIGRATION] = SWARM_NO_MIGRATION, [GROUP_LIFETIME] = SWARM_NO_MIGRATION,
		[GROUP_PHASE] = SWARM_NO_MIGRATION,
	};
	static const uint8_t of_op[NR_OP_CODES] = {
		[OP_EXIT] = SWARM_NO_END,
		[OP_EXEC] = SWARM_NO_END,
		[OP_MUNMAP] = SWARM_NO_UNMAP,
		[OP_DONTNEED] = SWARM_NO_UNMAP,
		[OP_MREMAP_RESIZE] = SWARM_NO_UNMAP,
		[OP_MPROTECT] = SWARM_NO_PROTECT,
		[OP_MREMAP] = SWARM_NO_MOVE,
	};

	return of_op[code] ? of_op[code] : of_group[op_info(code)->group];
}

void mutator_focus_init(struct mutator_focus *focus, enum focus_kind kind)
{
	focus_opcodes(kind, focus->opcodes);
	focus->fail = focus_at(kind)->fail;
	focus->swarm = focus->fail > 1 ? SWARM_NO_FAILURE : 0;
	for (unsigned int code = 0; code < NR_OP_CODES; code++)
		if (focus_times(kind, code) > 1)
			focus->swarm |= swarm_bit(code);
}

void mutator_draw_swarm(struct mutator *m)
{
	m->swarm = 0;
	if (mutator_one_in(m, 2))
		return;
	/* Each bit in half of the cases: measured, a quarter is too careful. */
	m->swarm = (uint8_t)(mutator_random(m) >> 32);
}

uint32_t mutator_choose_place(struct mutator *m, struct shadow *shadow)
{
	uint32_t at = m->program.nr_ops;

	if (mutator_one_in(m, 2))
		at = mutator_below(m, at + 1);
	return shadow_replay(shadow, m->program.ops, at);
}

/* A record names an allocation that fails once in 16 times. */
static void fail_more(struct mutator *m, struct op *op)
{
	enum { RECORDS = 16 };

	if (!op->fail_nth && mutator_below(m, RECORDS - 1) < m->focus->fail - 1)
		op->fail_nth = (uint8_t)mutator_short_length(m, RECORDS);
}

/*
 * A fresh operation that the swarm field allows; the shadow follows. A few attempts, for where nothing is
 * written yet most records become a write or an mmap anyway.
 */
static void fresh_op(struct mutator *m, struct relative *relative, struct op *op)
{
	enum { ATTEMPTS = 16 };
	uint8_t swarm = m->focus ? m->swarm & (uint8_t)~m->focus->swarm : m->swarm;

	for (unsigned int attempt = 0; attempt < ATTEMPTS; attempt++) {
		uint64_t word = mutator_random(m);
		uint8_t record[PROGRAM_RECORD_BYTES];

		memcpy(record, &word, sizeof(record));
		relative_resolve(relative, op, record);
		if (!(swarm & swarm_bit(op->code)))
			break;
	}
	if (m->focus && m->focus->fail > 1)
		fail_more(m, op);
	if (swarm & SWARM_NO_FAILURE)
		op->fail_nth = 0;
	if (op->fail_nth) {
		/* where most operations fail if they do: at one of their first allocations */
		if (mutator_one_in(m, 2))
			op->fail_nth = (uint8_t)mutator_short_length(m, 32);
		op->fail_count = mutator_fail_count(m);
	}
	shadow_apply(&relative->shadow, op);
}

/* Mostly a long run: measured, any length up to that of a whole program does better than 8 to 127. */
static uint32_t run_length(struct mutator *m)
{
	return 1 + mutator_below(m, mutator_one_in(m, 8) ? 8 : MAX_OPS);
}

bool mutate_insert(struct mutator *m)
{
	struct relative relative;
	struct op run[MAX_OPS];
	uint32_t wanted = run_length(m), nr = 0, at, room;

	relative_init(&relative, 0, m->focus ? m->focus->opcodes : NULL);
	at = mutator_choose_place(m, &relative.shadow);
	if (at == m->max_ops) /* full: the end is made anew */
		at = shadow_replay(&relative.shadow, m->program.ops, mutator_below(m, at));
	room = m->max_ops - at;
	if (wanted > room)
		wanted = room;
	while (nr < wanted && relative.shadow.nr_living)
		fresh_op(m, &relative, &run[nr++]);
	mutator_insert_ops(m, at, run, nr);
	return nr > 0;
}
