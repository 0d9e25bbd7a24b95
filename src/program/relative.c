/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Relative operands: a record says which of the things that exist now, not
 * which number. Measured on a trial engine, that finds bugs with 6 to 12 times
 * fewer executions than absolute numbers.
 *
 * An operand byte is split in two: its upper three bits choose a rule ("right
 * above the k-th region", "where it was before"), its lower five choose k.
 * Small k and short lengths are favoured, because bugs need few pages and
 * sharing needs the same page chosen twice; every value stays reachable.
 *
 * Must never give an operand out of range, whatever the shadow says, and must
 * never loop over the window: decoding is in the fuzzer's hot path.
 */
#include "program/relative.h"
#include "program/relative_pick.h"

/* ---- the operation ---- */

/* Opcode bytes of an operation are FIRST_x..LAST_x: the weights, laid end to end. */
#define OP(number, symbol, text, group, weight, a1, a2, a3, help) \
	FIRST_##symbol, LAST_##symbol = FIRST_##symbol + (weight)-1,
enum {
#include "program/ops.def"
};
#undef OP

static const uint8_t opcode_table[256] = {
#define OP(number, symbol, text, group, weight, a1, a2, a3, help) \
	[FIRST_##symbol... LAST_##symbol] = (number),
#include "program/ops.def"
#undef OP
};

/* Nothing happens without these: no mask switches them off. */
static bool always_on(unsigned int code)
{
	return code == OP_FORK || code == OP_MMAP || code == OP_WRITE;
}

/*
 * The operation of an opcode byte. If its group is off, or it is kept out (one
 * bit an operation), the byte jumps through the table (a full cycle of all 256
 * values) until it meets one that can be done: the others keep about the shares
 * that their weights give them.
 */
static unsigned int choose_code(const struct relative *relative, uint8_t byte, uint64_t kept_out)
{
	const uint8_t *opcodes = relative->opcodes;
	/* What takes pages away under the mmap lock held for reading, while nothing may for writing. */
	static const uint8_t lighter[NR_OP_CODES] = {
		[OP_MUNMAP] = OP_DONTNEED,
		[OP_MREMAP] = OP_DONTNEED,
		[OP_MREMAP_RESIZE] = OP_DONTNEED,
	};
	unsigned int groups_off = relative->groups_off, code = opcodes[byte];

	if ((kept_out >> code & 1) && lighter[code])
		code = lighter[code];
	for (unsigned int jumps = 0; jumps < 256; jumps++) {
		bool off = (groups_off >> program_op_infos[code].group & 1) && !always_on(code);

		if (!off && !(kept_out >> code & 1))
			break;
		byte = (uint8_t)(byte * 77 + 41);
		code = opcodes[byte];
	}
	return code;
}

/* ---- the record ---- */

/* In the byte of the process: who has paused, if anybody has. A thread of it meets it half of the time. */
enum { PROCESS_PAUSED = 0x20 };

/*
 * A page under migration moves entry by entry, and the walk that ends its migration meets it there: three
 * operations in phases that hardly ever come together otherwise. Not in former byte formats.
 */
static unsigned int meet_migration(const struct relative *relative, const struct shadow_process *p,
				   unsigned int code, const uint8_t *record)
{
	const struct shadow *shadow = &relative->shadow;
	bool phases = !(relative->groups_off >> GROUP_PHASE & 1) &&
		      !(shadow->open >> (p - shadow->process) & 1);
	unsigned int group = program_op_infos[code].group;

	if (shadow->former)
		return code;
	if (!p->flight) /* nothing to end */
		return code == OP_MIGRATE_END && record[RECORD_ARG0] >> 5 < 4 ? OP_MIGRATE_BEGIN : code;
	if (phases && shadow->moving && (group == GROUP_MIGRATION || group == GROUP_RECLAIM))
		return OP_RESTORE_BEGIN;
	if (phases && (record[RECORD_FAIL] & 3) &&
	    (code == OP_MREMAP || ((p->flight & p->away) && group == GROUP_VMA)))
		return OP_MREMAP_BEGIN;
	return code;
}

/* In an empty address space there is one thing to do, and it should be good for something. */
static void choose_first_mmap(struct op *op, const uint8_t *record)
{
	op->arg[0] = record[RECORD_ARG0] & 3;
	op->arg[1] = 1 + (record[RECORD_ARG1] & 3);
	op->arg[2] = PROT_RW;
}

/* What the record does instead, where its operation could do nothing useful. */
static unsigned int choose_effective(const struct relative *relative, const struct shadow_process *p,
				     unsigned int code, const uint8_t *record)
{
	const struct shadow *shadow = &relative->shadow;
	/* What finds nothing else to begin with; only of operations that no former byte format has. */
	static const uint8_t prepared_by[NR_OP_CODES] = {
		[OP_SWAPIN_BEGIN] = OP_PAGEOUT,
		[OP_RESTORE_BEGIN] = OP_MIGRATE_BEGIN,
		[OP_UNGUP] = OP_GUP,
	};
	unsigned int rule = record[RECORD_ARG0] >> 5;
	const uint8_t *operand;

	code = meet_migration(relative, p, code, record);
	/* The last process seldom ends: the rest of the input would be lost. */
	if (code == OP_EXIT && shadow->nr_living == 1 && record[RECORD_ARG0] < 0xf0)
		code = OP_FORK;
	if ((code == OP_FORK || code == OP_FORK_BEGIN) && shadow->nr_living == NR_PROCESSES)
		code = OP_WRITE;
	operand = program_op_infos[code].operand;
	if (!p->mapped && (operand[0] == OPERAND_PROC || operand[0] == OPERAND_PAGE))
		return OP_MMAP;
	/* Reclaim and the like want a page that was written: one is written, if that can be. */
	if (!p->written && p->writable && operand[0] == OPERAND_PAGE && operand[1] == OPERAND_NONE &&
	    code != OP_READ && rule < 5)
		return OP_WRITE;
	if (prepared_by[code] && rule < 5 && !relative_wish(shadow, p, code, rule) &&
	    !(relative->groups_off >> program_op_infos[prepared_by[code]].group & 1))
		return prepared_by[code];
	return code;
}

void relative_init(struct relative *relative, uint8_t groups_off, const uint8_t *opcodes)
{
	shadow_init(&relative->shadow);
	relative->groups_off = groups_off;
	relative->opcodes = opcodes ? opcodes : opcode_table;
}

bool relative_resolve(const struct relative *relative, struct op *op, const uint8_t *record)
{
	const struct shadow *shadow = &relative->shadow;
	const struct shadow_process *p;
	uint64_t kept_out;
	unsigned int code, k;

	if (!shadow->nr_living)
		return false;
	k = favoured(record[RECORD_PROCESS]);
	if (k >= shadow->nr_living)
		k &= shadow->nr_living - 1;
	*op = (struct op){ .process = shadow->living[k] };
	if ((shadow->open & shadow->alive) && (record[RECORD_PROCESS] & PROCESS_PAUSED))
		op->process = (uint8_t)kth_bit(shadow->open & shadow->alive, favoured(record[RECORD_PROCESS]));
	if (record[RECORD_FAIL] >= 0xf0)
		op->fail_nth = (uint8_t)(1 + (record[RECORD_FAIL] & 15));
	kept_out = shadow_kept_out(shadow, op->process);
	if (shadow->open) /* any process that has paused will do */
		kept_out &= ~((uint64_t)1 << OP_RESUME);
	code = choose_code(relative, record[RECORD_OPCODE], kept_out);
	if (code == OP_RESUME)
		op->process = (uint8_t)kth_bit(shadow->open, favoured(record[RECORD_PROCESS]));
	p = &shadow->process[op->process];
	op->code = (uint8_t)choose_effective(relative, p, code, record);
	if (op->code == OP_MMAP && code != OP_MMAP)
		choose_first_mmap(op, record);
	else
		relative_operands(shadow, op, record);
	return true;
}

bool relative_decode(struct relative *relative, struct op *op, const uint8_t *record)
{
	if (!relative_resolve(relative, op, record))
		return false;
	shadow_apply(&relative->shadow, op);
	return true;
}
