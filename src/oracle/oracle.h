/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The oracle: judges the state of an anonymous reverse map after each
 * operation, through struct view only. It knows the invariants of
 * invariants.def and what every process must read (reference memory); it does
 * not know where programs come from, prints nothing and changes nothing.
 *
 * To judge a program:
 *	oracle_init() once, oracle_reset() before each program;
 *	oracle_before(), apply the operation, oracle_after(), for each operation;
 *	oracle_full() at the end, and as often as you like in between;
 *	oracle_after(NULL) after each teardown step, oracle_teardown_done() last.
 * After the first violation the state is not trustworthy any more: report it
 * and stop.
 *
 * oracle_after() looks at what the operation touched. If that shows anything
 * wrong the whole state is judged, so that the verdict is always the first
 * violation in the order of invariants.def, then by birth id or by process and
 * page, whichever way it was noticed. It never depends on an address.
 */
#ifndef RMAPFUZZ_ORACLE_H
#define RMAPFUZZ_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"
#include "program/program.h"
#include "view.h"

enum invariant {
	INV_NONE = 0,
#define INVARIANT(number, symbol, sentence, flags, era) INV_##symbol = (number),
#include "oracle/invariants.def"
#undef INVARIANT
	NR_INVARIANT_NUMBERS, /* one more than the largest; not every number is in use */
};

struct invariant_info {
	const char *symbol; /* "LIVENESS"; NULL for a number that is not in use */
	const char *sentence;
	const char *flags;
	const char *era;
};

/* Facts of an invariant number. Any number is allowed. */
const struct invariant_info *invariant_info(unsigned int number);

/* A set of invariants: bit n is In. */
typedef uint64_t check_mask;
#define CHECK_BIT(invariant) ((check_mask)1 << (invariant))

/* All invariants of invariants.def. */
check_mask check_all(void);

enum { CHECK_ERROR_MAX = 240 };

/*
 * Parses "all", "none" or a list as "I1,I7" (case does not matter). On error
 * returns false, leaves the mask alone and says in one line what is wrong and
 * what is known.
 */
bool check_parse(const char *text, check_mask *mask, char error[CHECK_ERROR_MAX]);

/* What a violation is about. */
enum object_kind {
	OBJECT_ANON_VMA,
	OBJECT_AVC,
	OBJECT_VMA,
	OBJECT_PAGE,
	OBJECT_PTE,
	OBJECT_SLOT,
	OBJECT_MEMORY,
	OBJECT_PROCESS,
	NR_OBJECT_KINDS,
};

const char *object_kind_name(enum object_kind kind);

enum {
	VIOLATION_TEXT_MAX = 320,
	VIOLATION_SIGNATURE_MAX = 48,
	NO_PLACE = 255, /* violation.process, violation.at: none is concerned */
};

struct violation {
	uint8_t invariant; /* enum invariant; INV_NONE: clean */
	uint8_t kind;      /* enum object_kind: the object that breaks the rule */
	uint8_t op_code;   /* operation after which it showed; OP_NONE: end or teardown */
	uint8_t process;   /* place in the page tables, or NO_PLACE */
	uint8_t at;
	uint32_t step;
	/* birth ids of the objects concerned, 0 for none */
	uint32_t anon_vma_id;
	uint32_t avc_id;
	uint32_t vma_id;
	uint32_t page_id;
	uint32_t slot_id;
	uint64_t order; /* rank among the violations of one state: the smallest is reported */
	/* One sentence: "page 3, mapped by A at 0, has mapping anon_vma 2, freed at operation 7 by exit of B". */
	char text[VIOLATION_TEXT_MAX];
};

/*
 * "I1-page-exit": invariant, object kind, operation kind. Two failures with
 * one signature are taken for one bug (dedup, minimizer, DEDUP_TOKEN).
 * Returns the length.
 */
size_t violation_signature(const struct violation *violation, char out[VIOLATION_SIGNATURE_MAX]);

/*
 * "I1-page": the signature without the operation, for one bug shows at several. "-without-bug" behind it
 * if the program fails alike without the bug that was turned back. Returns the length.
 */
size_t violation_class(const struct violation *violation, bool without_bug, char out[VIOLATION_SIGNATURE_MAX]);

/* An operation in phases that has paused; the code is OP_NONE if there is none. */
struct begun_op {
	struct op op;
	uint8_t at; /* of one that moves pages: the first that it has not moved */
};

/* What every process must read (memory.c). */
struct reference_memory {
	uint32_t value[NR_PROCESSES][NR_WINDOW]; /* valid where written has a bit, otherwise 0 must be read */
	uint64_t written[NR_PROCESSES];
	uint64_t mapped[NR_PROCESSES]; /* pages that VMAs covered after the last operation */
	uint8_t writers;               /* bit p: written[p] is not empty (or was) */
	struct begun_op begun[NR_PROCESSES];
};

/* Pages of a window: those that are mapped, and those of them that have each flag which is followed. */
enum { SET_READ, SET_WRITE, SET_LOCKED, SET_DONTCOPY, SET_MERGEABLE, NR_FLAG_SETS };

struct page_sets {
	uint64_t mapped;
	uint64_t flag[NR_FLAG_SETS];
};

/* What system calls have mapped, and how (layout.c). */
struct reference_layout {
	struct page_sets of[NR_PROCESSES];
	struct op paused[NR_PROCESSES]; /* an mprotect that has paused; the code is OP_NONE if there is none */
	bool begun;
};

/* State before an operation that is to fail, one VMA each (failed.c, I20). */
struct saved_vma {
	uint64_t chain; /* hash of the set of anon_vma ids */
	uint32_t anon_vma_id;
	uint32_t offset; /* that of page 0 */
	uint32_t flags;
	uint8_t start, end;
};

struct saved_state {
	bool taken;
	uint8_t alive; /* bit p */
	uint32_t vmas_born;
	uint64_t layout[NR_PROCESSES];
	uint64_t counters;
	uint32_t nr_live[5];
	uint8_t nr_vmas[NR_PROCESSES];
	struct saved_vma vma[NR_PROCESSES][NR_WINDOW]; /* in the order of their places */
};

/* Expected numbers of one anon_vma, found in one pass over all (families.c). */
struct family_count {
	uint32_t children;
	uint32_t non_roots;
};

/* Fields are the oracle's own, but for those marked as settings. */
struct oracle {
	const struct view *view;
	check_mask mask;  /* setting: invariants that are judged */
	bool always_full; /* setting: oracle_after() looks at the whole state each time */

	struct reference_memory memory;
	struct reference_layout layout;
	struct saved_state saved;
	uint8_t op_at[MAX_OPS + 1]; /* code of the operation of each step, to say who freed an object */
	uint32_t nr_steps;
	uint32_t anon_vmas_born; /* before this operation */
	/* as of the last check */
	uint32_t avcs_born, avcs_live;
	uint8_t nr_vmas[NR_PROCESSES];

	/* room for the pass over anon_vmas, by their place in the live table */
	uint32_t max_anon_vmas;
	struct family_count *family;
	uint64_t *looked_at; /* round in which it was taken into look[] */
	struct anon_vma **look;
	uint64_t round;

	/* the check in progress */
	struct violation *violation;
	const struct op *op;
	bool everything;
	bool anon_vma_died;
	bool suspect; /* touched objects alone do not show what is wrong */
};

/*
 * Binds an oracle to the view of an engine. max_anon_vmas is the most that
 * the engine can have alive at once. This is the only place that allocates;
 * returns false if that fails. The view's rules and tables may change
 * between programs, its address may not.
 */
bool oracle_init(struct oracle *oracle, const struct view *view, uint32_t max_anon_vmas);
void oracle_destroy(struct oracle *oracle);

/* Forgets the last program. Costs what that program touched. */
void oracle_reset(struct oracle *oracle);

/* Before the engine applies an operation. Costs next to nothing unless the operation has fail_nth. */
void oracle_before(struct oracle *oracle, const struct op *op);

/*
 * After each operation: touched-only checks, and the reference memory follows.
 * op and result are NULL for a teardown step. True if clean, otherwise the
 * violation is filled in.
 */
bool oracle_after(struct oracle *oracle, const struct op *op, const struct op_result *result,
		  struct violation *violation);

/*
 * The whole state, and the content of all page tables against the reference
 * memory. op is the operation just judged by oracle_after(), or NULL at the end.
 */
bool oracle_full(struct oracle *oracle, const struct op *op, struct violation *violation);

/* I26: after the last teardown step. */
bool oracle_teardown_done(struct oracle *oracle, struct violation *violation);

#endif
