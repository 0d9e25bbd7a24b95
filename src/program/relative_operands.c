/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operands of a relative record: places, lengths, protections.
 *
 * The rule of a byte is an index into what all rules would give: a branch on
 * random bytes costs more than to compute them all.
 *
 * Must never give an operand out of range, whatever the shadow says, and must
 * never loop over the window: decoding is in the fuzzer's hot path.
 */
#include "program/relative.h"
#include "program/relative_pick.h"

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

uint64_t relative_wish(const struct shadow *shadow, const struct shadow_process *p, unsigned int code,
		       unsigned int rule)
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

	return sets[wishes[code]];
}

/*
 * The page of an operation on one page: what the operation needs, if the shadow knows such a page, or where
 * somebody has paused: what comes in between should be about the same page.
 */
static unsigned int choose_page(const struct shadow *shadow, const struct shadow_process *p,
				const struct op *op, const uint8_t *record)
{
	enum { MEETING_RULES = 1 << 0 | 1 << 1 | 1 << 5 };
	unsigned int place = record[RECORD_ARG0], rule = place >> 5, page;
	uint64_t wish = relative_wish(shadow, p, op->code, rule);
	/* Before the first write, a page that can be written. */
	uint64_t useful = first_of(first_of(wish, p->written), p->writable);
	uint64_t mapped = op->code == OP_WRITE ? first_of(p->writable, p->mapped) : p->mapped;
	uint64_t met = MEETING_RULES >> rule & 1 ? shadow->met & mapped : 0;

	if (op->code == OP_RESTORE_BEGIN)
		met &= wish;

	page = kth_bit(first_of(met, first_of(rule < 5 ? useful : mapped, mapped)), favoured(place));
	return rule == 7 ? any_page(place, record[RECORD_ARG1]) : page;
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
