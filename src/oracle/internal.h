/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the oracle: what its files share. Not for callers.
 *
 * Each invariant is one function (or one for each kind of object it speaks
 * of) in chains.c, maps.c, families.c, pages.c, entries.c, events.c, failed.c,
 * layout.c or memory.c. A
 * driver in the same file hands it the objects: those touched by the last
 * operation, or all of them. The functions do not know which.
 *
 * Rules: find objects by birth id (view_anon_vma() and its sisters) before
 * following a pointer to an anon_vma or a VMA. AVCs on a list, VMAs in a map
 * and pages or slots in an entry are held by the container and may be
 * followed; an engine that frees such an object says so by an event.
 */
#ifndef RMAPFUZZ_ORACLE_INTERNAL_H
#define RMAPFUZZ_ORACLE_INTERNAL_H

#include <string.h>

#include "oracle/oracle.h"

/* ---- violation.c ---- */

/*
 * Opens a report: In is broken by the object of a kind with a birth id (and,
 * for places in page tables, sub). Returns NULL if the invariant is not
 * judged, or if a violation that goes before it is known already. Otherwise
 * the caller fills in ids and says what is wrong.
 */
__attribute__((cold)) struct violation *oracle_found(struct oracle *o, enum invariant invariant,
						     enum object_kind kind, uint32_t id, uint32_t sub);
/* As oracle_found(), for a place in a page table. */
__attribute__((cold)) struct violation *oracle_found_at(struct oracle *o, enum invariant invariant,
							enum object_kind kind, unsigned int process,
							unsigned int at);
/* Events go before states: they show what no later state does. */
__attribute__((cold)) struct violation *oracle_found_event(struct oracle *o, enum invariant invariant,
							   enum object_kind kind, uint32_t id);

/* Each appends to the text. */
__attribute__((cold, format(printf, 2, 3))) void say(struct violation *v, const char *format, ...);
/* "anon_vma 2" and, if it is dead, ", freed at operation 7 by exit of B"; sets anon_vma_id if that is 0. */
__attribute__((cold)) void say_anon_vma(const struct oracle *o, struct violation *v, uint32_t id);
/* "VMA 4 of A [0,4)"; sets vma_id if that is 0. */
__attribute__((cold)) void say_vma(struct violation *v, const struct vm_area_struct *vma);
/* "page 3, mapped by A at 0 and B at 0,"; sets page_id. */
__attribute__((cold)) void say_page(struct violation *v, const struct page *page);
__attribute__((cold)) void say_slot(struct violation *v, const struct swap_slot *slot);
/* The page or slot that was said last ends the sentence: no comma behind it. */
__attribute__((cold)) void say_no_more(struct violation *v);
/* say_page() or say_slot() for what an entry leads to, as the end of the sentence. */
__attribute__((cold)) void say_target(struct violation *v, const struct pte *pte);

static inline char process_name(unsigned int process)
{
	return (char)('A' + process);
}

/* ---- drivers: one for each kind of object ---- */

void check_events(struct oracle *o);
void check_maps(struct oracle *o);
void check_vmas(struct oracle *o);
void check_anon_vmas(struct oracle *o);
void check_pages(struct oracle *o);

/* Entries to look at: bit n of look[p]. */
struct places {
	uint64_t look[NR_PROCESSES];
	uint64_t processes; /* bit p: look[p] is not empty */
};

void check_entries(struct oracle *o, const struct places *places);

/* ---- failed.c ---- */
void failed_save(struct oracle *o, const struct op *op);
void failed_check(struct oracle *o, const struct op *op, const struct op_result *result);

/* ---- memory.c ---- */
void memory_reset(struct oracle *o);
/* Follows an operation; judges the value of a read. */
void memory_follow(struct oracle *o, const struct op *op, const struct op_result *result);
/* What an entry shows is not what the reference says (I25). */
__attribute__((cold)) void memory_differs(struct oracle *o, unsigned int process, unsigned int at,
					  const struct pte *pte);
/* A page that was written must have an entry (I25). */
void memory_check_lost(struct oracle *o);

/* ---- outcome.c ---- */
/* How an operation ended; before the layout has followed it (I32). */
void outcome_check(struct oracle *o, const struct op *op, const struct op_result *result);

/* ---- layout.c ---- */
void layout_begin(struct oracle *o);
/* Follows an operation; judges the layouts that it changed (I30, I31). */
void layout_follow(struct oracle *o, const struct op *op, const struct op_result *result);

/* ---- small helpers ---- */

/* What a process must read at a page of its window. */
static inline uint32_t memory_expected(const struct reference_memory *memory, unsigned int p, unsigned int n)
{
	return memory->written[p] >> n & 1 ? memory->value[p][n] : 0;
}

static inline bool oracle_checks(const struct oracle *o, enum invariant invariant)
{
	return (o->mask & CHECK_BIT(invariant)) != 0;
}

/* Bits of the pages [start, end) of the window. */
static inline uint64_t window_bits(unsigned int start, unsigned int end)
{
	uint64_t below_end = end >= NR_WINDOW ? ~UINT64_C(0) : (UINT64_C(1) << end) - 1;

	return start >= NR_WINDOW ? 0 : below_end & ~((UINT64_C(1) << start) - 1);
}

/* Bits of the pages of a VMA. One whose range is not of the window is I2's; here it only must do no harm. */
static inline uint64_t vma_bits(const struct vm_area_struct *vma)
{
	return ~UINT64_C(0) << (vma->vm_start % NR_WINDOW) &
	       ~UINT64_C(0) >> (-(unsigned int)vma->vm_end % NR_WINDOW);
}

static inline unsigned int lowest_bit(uint64_t bits)
{
	return (unsigned int)__builtin_ctzll(bits);
}

/* for (p of the set bits of an 8-bit or 64-bit set); eats the set */
#define for_each_bit(p, set) for (; (set) && ((p) = lowest_bit(set), true); (set) = (set) & ((set)-1))

/* All processes, or those whose set of VMAs the last operation changed. */
static inline uint64_t processes_to_look_at(const struct oracle *o)
{
	return o->everything ? window_bits(0, NR_PROCESSES) : o->view->touched.processes;
}

/* Pages of the window that the VMAs of a process cover. */
static inline uint64_t mm_covered(const struct mm_struct *mm)
{
	uint64_t covered = 0;

	for (uint64_t starts = mm->starts; starts; starts &= starts - 1) {
		const struct vm_area_struct *vma = mm->vma_at[lowest_bit(starts)];

		covered |= vma_bits(vma);
	}
	return covered;
}

/* True if the map of its process really holds this VMA. */
static inline bool vma_is_mapped(const struct view *view, const struct vm_area_struct *vma)
{
	const struct mm_struct *mm = &view->mm[vma->process];

	return vma->in_map && mm->alive && vma->vm_start < NR_WINDOW && (mm->starts >> vma->vm_start & 1) &&
	       mm->vma_at[vma->vm_start] == vma;
}

/* An AVC is on its VMA's chain: its neighbours there (or the ends of the chain) say so. */
static inline bool avc_on_chain(const struct anon_vma_chain *avc, const struct vm_area_struct *vma)
{
	return (avc->same_vma_prev ? avc->same_vma_prev->same_vma_next == avc : vma->chain_first == avc) &&
	       (avc->same_vma_next ? avc->same_vma_next->same_vma_prev == avc : vma->chain_last == avc);
}

/* The same on the list of its anon_vma. */
static inline bool avc_on_list(const struct anon_vma_chain *avc, const struct anon_vma *anon_vma)
{
	const struct anon_vma_chain *prev = avc->same_anon_vma_prev;
	const struct anon_vma_chain *next = avc->same_anon_vma_next;

	return avc->linked && (prev ? prev->same_anon_vma_next == avc : anon_vma->first == avc) &&
	       (next ? next->same_anon_vma_prev == avc : anon_vma->last == avc);
}

/*
 * L(V) holds the anon_vma. The bound keeps a chain that was bent into a ring
 * from holding us for ever; that it is one is for I2 to say.
 */
static inline bool chain_has(const struct vm_area_struct *vma, uint32_t anon_vma_id)
{
	const struct anon_vma_chain *avc = vma->chain_first;

	for (uint32_t n = 0; avc && n < vma->nr_avcs; n++, avc = avc->same_vma_next) {
		if (avc->anon_vma_id == anon_vma_id)
			return true;
	}
	return false;
}

/* at[] as eight bytes: bit 8 * p + 7 is set where process p has an entry. */
static inline uint64_t at_entries(const int8_t at[NR_PROCESSES])
{
	uint64_t bytes;

	_Static_assert(NR_PROCESSES == sizeof(bytes), "at[] is read as one word");
	memcpy(&bytes, at, sizeof(bytes));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	bytes = __builtin_bswap64(bytes);
#endif
	return ~bytes & UINT64_C(0x8080808080808080);
}

/* for (p of the processes that have an entry) */
#define for_each_at(p, entries, at)                                                      \
	for (entries = at_entries(at); entries && ((p) = lowest_bit(entries) / 8, true); \
	     entries &= entries - 1)

#endif
