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

/* ---- k, and the k-th of something ---- */

/* Lower five bits of a byte to k: 0 in a third of the cases, at most 3 in four fifths. */
static unsigned int favoured(unsigned int byte)
{
	static const uint8_t index[32] = { 0, 1, 2, 3, 0, 1, 4, 5, 0, 1, 0, 2, 0, 1, 6, 3,
					   0, 1, 2, 0, 1, 0, 7, 4, 0, 1, 3, 0, 2, 0, 5, 6 };

	return index[byte & 31];
}

static uint64_t drop_lowest(uint64_t set)
{
	return set & (set - 1);
}

/* rest if that bit of k is set and rest is not empty, else set. No branch: it would be mispredicted. */
static uint64_t step(uint64_t set, uint64_t rest, unsigned int bit_of_k)
{
	uint64_t take = (uint64_t)0 - (uint64_t)(bit_of_k & (rest != 0));

	return (rest & take) | (set & ~take);
}

/*
 * Number of the k-th set bit of a set that is not empty, 0 <= k < 8: skips 4, 2
 * and 1 bits as k in binary says, but never the last ones. So a k that is too
 * large chooses some bit, too.
 */
static unsigned int kth_bit(uint64_t set, unsigned int k)
{
	uint64_t two = drop_lowest(drop_lowest(set)), four = drop_lowest(drop_lowest(two));

	set = step(set, four, k >> 2 & 1);
	set = step(set, drop_lowest(drop_lowest(set)), k >> 1 & 1);
	set = step(set, drop_lowest(set), k & 1);
	return (unsigned int)__builtin_ctzll(set);
}

/*
 * Any page, from a byte and two bits of another: half of the time one of 0..7,
 * for that is where the others are.
 */
static unsigned int any_page(unsigned int byte, unsigned int other)
{
	return byte & 16 ? (byte & 15) * 4 + (other >> 6) : byte & 7;
}

static unsigned int any_length(unsigned int byte, unsigned int other)
{
	return 1 + (byte & 15) * 4 + (other >> 6);
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static uint64_t first_of(uint64_t a, uint64_t b)
{
	return a ? a : b;
}

/*
 * ---- operands ----
 *
 * The rule of a byte is an index into what all rules would give: a branch on
 * random bytes costs more than to compute them all.
 */

/* mmap: mostly a free place beside something, filled up at most to the next mapping. */
static void choose_mmap(const struct shadow_process *p, struct op *op, const uint8_t *record)
{
	/* By the upper five bits; the last fourth is any length, half of it short of 17. */
	static const uint8_t lengths[32] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2,
					     2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 0, 0, 0, 0 };
	static const uint8_t prots[16] = { [0 ... 12] = PROT_RW, [13 ... 14] = PROT_R, [15] = PROT_N };
	unsigned int place = record[RECORD_ARG0], k = favoured(place), rule = place >> 5;
	unsigned int length = lengths[record[RECORD_ARG1] >> 3], page, end;
	uint64_t above = above_regions(p), below = below_regions(p), low = ~p->mapped & 0xff;
	const uint64_t sets[8] = { above, above, above, below, below, former_starts(p), low, 0 };
	uint64_t candidates = first_of(sets[rule], rule == 7 ? 0 : low);

	if (!length)
		length = record[RECORD_ARG1] < 0xf0 ? 1 + (record[RECORD_ARG1] & 15u) :
						      any_length(record[RECORD_ARG1], record[RECORD_ARG2]);
	if (!candidates) {
		page = any_page(place, record[RECORD_ARG2]);
		end = NR_WINDOW;
	} else {
		page = p->mapped ? kth_bit(candidates, k) : k & 3;
		if (rule == 3 || rule == 4) { /* downwards: page is the last one */
			end = page + 1;
			page = hole_start(p, page);
			page = end - smaller(length, end - page);
		}
		end = next_mapped(p, page);
	}
	op->arg[0] = (uint8_t)page;
	op->arg[1] = (uint8_t)smaller(length, end - page);
	op->arg[2] = prots[record[RECORD_ARG2] & 15];
}

/* In an empty address space there is one thing to do, and it should be good for something. */
static void choose_first_mmap(struct op *op, const uint8_t *record)
{
	op->arg[0] = record[RECORD_ARG0] & 3;
	op->arg[1] = 1 + (record[RECORD_ARG1] & 3);
	op->arg[2] = PROT_RW;
}

/* The first page of a range: mostly the start of a VMA. */
static unsigned int choose_start(const struct shadow *shadow, const struct shadow_process *p,
				 const uint8_t *record)
{
	unsigned int place = record[RECORD_ARG0], rule = place >> 5, page;
	uint64_t starts = p->starts, mapped = p->mapped, met = shadow->met & mapped;
	const uint64_t sets[8] = { first_of(met, starts), starts,     starts, starts, starts,
				   first_of(met, mapped), p->written, mapped };

	page = kth_bit(first_of(sets[rule], mapped), favoured(place));
	if (rule == 4) /* behind the first page of a VMA, if it has more */
		page += page + 1 < vma_end(p, page);
	return rule == 7 ? any_page(place, record[RECORD_ARG2]) : page;
}

/* The length of a range that begins at page: to the end of the VMA, or short. */
static unsigned int choose_length(const struct shadow_process *p, const uint8_t *record, unsigned int page)
{
	enum { WHOLE, ONE, TWO, THREE, FOUR, BUT_LAST, BEYOND, ANY };
	static const uint8_t rules[32] = {
		WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE,    WHOLE,  WHOLE, WHOLE, ONE,
		ONE,   ONE,   ONE,   ONE,   ONE,   ONE,   ONE,      ONE,    TWO,   TWO,   TWO,
		TWO,   TWO,   THREE, THREE, FOUR,  FOUR,  BUT_LAST, BEYOND, ANY,   ANY,
	};
	unsigned int byte = record[RECORD_ARG1], end = vma_end(p, page), whole = end - page;
	const unsigned int lengths[8] = {
		[WHOLE] = whole,
		[ONE] = 1,
		[TWO] = 2,
		[THREE] = 3,
		[FOUR] = 4,
		[BUT_LAST] = whole - (whole > 1),
		/* to the end of the VMA or hole behind this one */
		[BEYOND] = vma_end(p, end - (end == NR_WINDOW)) - page,
		[ANY] = any_length(byte, record[RECORD_ARG2]),
	};

	return smaller(lengths[rules[byte >> 3]], NR_WINDOW - page);
}

/* Where mremap moves a range of that length to. */
static unsigned int choose_dest(const struct shadow_process *p, const struct op *op, const uint8_t *record)
{
	enum { ABOVE, ABOVE_TOO, BELOW, HOME, HOME_TOO, ON_TOP, FAR, ANYWHERE, NR_RULES };
	unsigned int byte = record[RECORD_ARG2], k = favoured(byte), rule = byte >> 5;
	unsigned int from = op->arg[0], length = op->arg[1], to;
	unsigned int far_away = 16 + 8 * (k % 6); /* 16, 24, .. 56 */
	uint64_t above = above_regions(p), home = former_starts(p);
	const uint64_t sets[NR_RULES] = {
		[ABOVE] = above, [ABOVE_TOO] = above, [BELOW] = below_regions(p),
		[HOME] = home,   [HOME_TOO] = home,   [ON_TOP] = p->starts,
	};
	uint64_t candidates = sets[rule];

	to = candidates ? kth_bit(candidates, k) : far_away;
	if (rule == BELOW && candidates)
		to = to + 1 - smaller(length, to + 1);
	if (rule == ANYWHERE)
		to = (byte & 31) * 2 + (record[RECORD_PROCESS] >> 5 & 1);
	else if (to < from + length && from < to + length) /* overlaps the source: would do nothing */
		to = from + length <= 16 ? far_away : 0;
	return smaller(to, NR_WINDOW - length);
}

/* What the last mremap moved goes back, into the VMA that it was a part of: with a page that is under migration. */
static void go_home(const struct shadow_process *p, struct op *op)
{
	unsigned int first = (unsigned int)__builtin_ctzll(p->away);

	op->arg[0] = (uint8_t)first;
	op->arg[1] = (uint8_t)(NR_WINDOW - first - (unsigned int)__builtin_clzll(p->away));
	op->arg[2] = (uint8_t)(p->home + first - p->now);
}

static unsigned int choose_new_length(const struct shadow_process *p, const struct op *op, const uint8_t *record)
{
	unsigned int byte = record[RECORD_ARG2], page = op->arg[0], length = op->arg[1], wanted;

	if (byte < 0x50)
		wanted = length + 1;
	else if (byte < 0x80)
		wanted = length + 2;
	else if (byte < 0xb0)
		wanted = length - (length > 1);
	else if (byte < 0xd0)
		wanted = 1;
	else if (byte < 0xf0) /* up to the next mapping */
		wanted = next_mapped(p, page + length - 1) - page;
	else
		wanted = any_length(byte, record[RECORD_PROCESS]);
	return smaller(wanted, NR_WINDOW - page);
}

/*
 * The page of an operation on one page: what the operation needs, if the shadow knows such a page, or where
 * somebody has paused: what comes in between should be about the same page.
 */
static unsigned int choose_page(const struct shadow *shadow, const struct shadow_process *p,
				const struct op *op, const uint8_t *record)
{
	/* Not listed: a written page, for most operations want an anonymous one. */
	enum { WRITTEN, SWAPPED, HELD, PRESENT, UNWRITTEN, FLIGHT, MIGRATES, NR_WISHES };
	static const uint8_t wishes[NR_OP_CODES] = {
		[OP_DROPCACHE] = SWAPPED,    [OP_SWAPIN_BEGIN] = SWAPPED, [OP_MIGRATE_BEGIN] = MIGRATES,
		[OP_MIGRATE_END] = HELD,     [OP_UNPIN] = HELD,           [OP_RESTORE_BEGIN] = FLIGHT,
		[OP_UNGUP] = HELD,           [OP_PAGEOUT] = PRESENT,      [OP_ISOLATE] = PRESENT,
		[OP_PIN] = PRESENT,          [OP_MIGRATE] = PRESENT,      [OP_WALK] = PRESENT,
		[OP_LOOKUP_BEGIN] = PRESENT, [OP_GUP] = PRESENT,          [OP_WRITE_BEGIN] = UNWRITTEN,
	};
	unsigned int place = record[RECORD_ARG0], rule = place >> 5, page;
	uint64_t present = shadow->former ? p->written : p->written & ~p->swapped;
	const uint64_t sets[NR_WISHES] = {
		[WRITTEN] = p->written,
		[SWAPPED] = p->swapped,
		[HELD] = p->held,
		[UNWRITTEN] = p->writable & ~p->written,
		[FLIGHT] = p->flight,
		[PRESENT] = present,
		[MIGRATES] = shadow->former || (rule & 1) ? p->held : first_of(present & p->away, present),
	};
	/* Before the first write, a page that can be written. */
	uint64_t useful = first_of(first_of(sets[wishes[op->code]], p->written), p->writable);
	uint64_t mapped = op->code == OP_WRITE ? first_of(p->writable, p->mapped) : p->mapped;
	enum { MEETING_RULES = 1 << 0 | 1 << 1 | 1 << 5 };
	uint64_t met = MEETING_RULES >> rule & 1 ? shadow->met & mapped : 0;

	if (op->code == OP_RESTORE_BEGIN)
		met &= p->flight;

	page = kth_bit(first_of(met, first_of(rule < 5 ? useful : mapped, mapped)), favoured(place));
	return rule == 7 ? any_page(place, record[RECORD_ARG1]) : page;
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
	    code != OP_READ && record[RECORD_ARG0] >> 5 < 5)
		return OP_WRITE;
	if (prepared_by[code] && record[RECORD_ARG0] >> 5 < 5 &&
	    !(code == OP_SWAPIN_BEGIN  ? p->swapped :
	      code == OP_RESTORE_BEGIN ? p->flight :
					 p->held) &&
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

void relative_operands(const struct shadow *shadow, struct op *op, const uint8_t *record)
{
	const struct shadow_process *p = &shadow->process[op->process];
	const struct op_info *info = &program_op_infos[op->code];

	if (info->operand[0] == OPERAND_PROC) {
		op->arg[0] = (uint8_t)kth_bit(~shadow->alive & ((1u << NR_PROCESSES) - 1),
					      favoured(record[RECORD_ARG0]));
	} else if (op->code == OP_MMAP) {
		choose_mmap(p, op, record);
	} else if (info->operand[1] == OPERAND_LEN) {
		op->arg[0] = (uint8_t)choose_start(shadow, p, record);
		if (op->code == OP_EXEC_BEGIN && !op->arg[0] && record[RECORD_ARG0] >> 5 < 4)
			op->arg[0] = 1; /* there must be room below */
		op->arg[1] = (uint8_t)choose_length(p, record, op->arg[0]);
		if (op->code == OP_MREMAP_BEGIN && record[RECORD_ARG1] < 0xf0) /* within one VMA */
			op->arg[1] = (uint8_t)smaller(op->arg[1], vma_end(p, op->arg[0]) - op->arg[0]);
		if (info->operand[2] == OPERAND_PROT) {
			static const uint8_t prots[8] = { PROT_R, PROT_RW, PROT_R, PROT_RW,
							  PROT_R, PROT_RW, PROT_R, PROT_N };

			op->arg[2] = prots[record[RECORD_ARG2] & 7];
		} else if (info->operand[2] == OPERAND_DEST_DONTUNMAP) {
			op->arg[2] = (uint8_t)choose_dest(p, op, record);
			op->dontunmap = record[RECORD_PROCESS] >> 6 == 3;
			if (op->code == OP_MREMAP_BEGIN && (p->flight & p->away) && record[RECORD_ARG0] >> 5 < 6)
				go_home(p, op);
		} else if (info->operand[2] == OPERAND_NEWLEN) {
			op->arg[2] = (uint8_t)choose_new_length(p, op, record);
		}
	} else if (info->operand[0] == OPERAND_PAGE) {
		op->arg[0] = (uint8_t)choose_page(shadow, p, op, record);
	}
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
