/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of an anonymous reverse map, as an oracle reads it.
 *
 * The three object kinds and the four pointers between them:
 *
 *	vm_area_struct --anon_vma--------------------> anon_vma   (new pages of the VMA go here)
 *	vm_area_struct <--vma-- anon_vma_chain --anon_vma--> anon_vma   (an AVC: "VMA may hold pages of it")
 *	page --mapping-------------------------------> anon_vma   (where a walk for the page starts)
 *
 * An AVC is on two lists: the VMA's chain (same_vma, newest anon_vma first up
 * to 6.x) and the anon_vma's list of VMAs (same_anon_vma; from 3.7 in the order
 * of an interval tree keyed by page offset, ties in insertion order).
 *
 * Who keeps whom alive: a VMA's AVC keeps the anon_vma in use; an outside
 * reference (pin) does; from 2.6.36 a live non-root keeps its root. A page
 * keeps nothing alive: page->mapping is valid only while the page is mapped,
 * because every VMA that maps it is linked to that anon_vma (invariant I7).
 *
 * The model engine works directly on these structures, so the view costs it
 * nothing; another engine fills them from its snapshot. An oracle only reads.
 * It must never follow a pointer to an object that may be gone: every pointer
 * has the birth id of its target beside it, and live objects are found by id
 * (view_anon_vma() and its sisters return NULL for the dead). Birth ids start
 * at 1, count up in the order of creation and are never used twice within an
 * input. Nothing in a verdict may depend on an address.
 */
#ifndef RMAPFUZZ_VIEW_H
#define RMAPFUZZ_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "program/program.h"

struct anon_vma {
	uint32_t id;           /* birth id; 0 in a freed slot */
	uint32_t live_at;      /* place in view.live_anon_vmas */
	struct anon_vma *root; /* NULL in releases without root pointer (before 2.6.36) */
	uint32_t root_id;
	struct anon_vma *parent; /* a root is its own parent; kept in every release for the oracle (I8, I9) */
	uint32_t parent_id;
	/* refcount from 2.6.39 on; external_refcount before (release rules say which) */
	int32_t refcount;
	int32_t num_children;    /* meaningful where the release counts (3.19+) */
	int32_t num_active_vmas; /* as above; degree = num_children + num_active_vmas */
	/* list of VMAs in walk order */
	struct anon_vma_chain *first, *last;
	uint32_t nr_avcs;
	uint32_t pins;   /* ground truth: outside references now held (pin, migration in flight) */
	bool in_prepare; /* ground truth: allocated by a fault that has not linked it yet */
	uint32_t stamp;  /* step of the last touch */
};

struct anon_vma_chain {
	uint32_t id;
	uint32_t live_at;
	struct vm_area_struct *vma;
	uint32_t vma_id;
	struct anon_vma *anon_vma;
	uint32_t anon_vma_id;
	struct anon_vma_chain *same_vma_next, *same_vma_prev; /* next = towards the tail */
	struct anon_vma_chain *same_anon_vma_next, *same_anon_vma_prev;
	bool linked;     /* on an anon_vma's list */
	bool in_prepare; /* allocated by a fault that waits for the lock: see struct view.nr_in_prepare */
	/* key under which it sits in the interval tree: page offsets, both inclusive (3.7+) */
	uint32_t key_start, key_last;
};

enum vm_flags {
	VM_READ = 1 << 0,
	VM_WRITE = 1 << 1,
	VM_LOCKED = 1 << 2,
	VM_DONTCOPY = 1 << 3,
	VM_MERGEABLE = 1 << 4,
	VM_ACCOUNT = 1 << 5,
	VM_ACCESS_FLAGS = VM_READ | VM_WRITE,
};

struct vm_area_struct {
	uint32_t id;
	uint32_t live_at;
	uint8_t process;  /* owner (vm_mm) */
	bool in_map;      /* false while an operation is building or dismantling it */
	bool being_built; /* by an operation that pauses: linked, but not in the map yet */
	bool temporary_stack; /* exec moves its entries: index and place disagree meanwhile, and walks may miss some */
	bool being_merged; /* the same: its anon_vma without its chain yet, or its range with old permissions */
	uint8_t vm_start;  /* pages of the window */
	uint8_t vm_end;    /* exclusive, up to 64 */
	uint32_t vm_pgoff; /* pages from the start of the window; may be beyond 64 or wrapped after moves */
	uint32_t vm_flags;
	struct anon_vma *anon_vma;
	uint32_t anon_vma_id;
	struct anon_vma_chain *chain_first, *chain_last; /* head = newest */
	uint32_t nr_avcs;
	uint32_t stamp;
};

/* A page (folio of one page). */
struct page {
	uint32_t id;
	uint32_t live_at;
	struct anon_vma *mapping; /* NULL: not (yet) anonymous */
	uint32_t mapping_id;
	uint32_t index;
	int32_t mapcount; /* number of mappings, 0 = unmapped (the kernel's _mapcount + 1) */
	int32_t refcount;
	struct swap_slot *swap; /* swap entry while in the swap cache, otherwise NULL */
	bool anon_exclusive;    /* PG_anon_exclusive (5.19+) */
	bool isolated;          /* isolate or a migration in flight holds a reference */
	uint8_t holds;          /* ground truth: references of operations that pause */
	uint8_t gups;           /* ground truth: references of get_user_pages */
	bool gup_forked;        /* forked while get_user_pages had a reference */
	bool locked;    /* a migration is in flight: whoever wants the page from the swap cache waits */
	uint32_t value; /* content: number of the write that made it, 0 = zeroes */
	/*
	 * Ground truth, kept beside the kernel's own data: at[p] is the page of
	 * process p's window whose entry (present or migration) names this page, -1 for none.
	 */
	int8_t at[NR_PROCESSES];
	uint8_t nr_at; /* entries of at[] that are not -1 */
	bool counted;  /* counted in view.named[mapping_id] */
	uint32_t stamp;
};

struct swap_slot {
	uint32_t id;
	uint32_t live_at;
	uint32_t entry;          /* offset on the device: used again once the slot is free */
	int32_t count;           /* swap_map: number of page table entries that hold the entry */
	struct page *cache;      /* page in the swap cache, or NULL */
	uint32_t value;          /* content on the device */
	int8_t at[NR_PROCESSES]; /* ground truth as in struct page; -1 for none */
	uint32_t stamp;
};

enum pte_kind { PTE_NONE, PTE_PRESENT, PTE_ZERO, PTE_SWAP, PTE_MIGRATION };

struct pte {
	uint8_t kind;           /* enum pte_kind */
	bool read;              /* present: readable, which in a VMA without access it is not */
	bool write;             /* present: writable; migration: was writable */
	bool exclusive;         /* swap and migration entries: the exclusive marker (5.19+) */
	struct page *page;      /* PTE_PRESENT, PTE_MIGRATION */
	struct swap_slot *slot; /* PTE_SWAP */
};

struct mm_struct {
	bool alive;
	bool unstable; /* the fork that was to build it has failed and dropped its locks (MMF_UNSTABLE) */
	uint64_t zero_entries; /* bit n: XA_ZERO_ENTRY in the place of the VMA that was to start at page n */
	bool has_page_table;   /* the one page table page that the window needs was allocated */
	uint64_t starts;       /* bit n: a VMA starts at page n */
	uint64_t populated;    /* bit n: pte[n].kind != PTE_NONE */
	uint32_t map_count;
	struct vm_area_struct *vma_at[NR_WINDOW]; /* valid where starts has a bit */
	struct pte pte[NR_WINDOW];
};

/*
 * What the release promises: which invariants hold in it as designed, taken
 * from the release *without* any decision turned back. A historical bug is not
 * an exception; a rule that a release never meant to keep is.
 */
struct view_rules {
	bool has_root;         /* I4: root pointers (2.6.36+) */
	bool root_is_last;     /* I4: the root is the last member of every chain (not in 7.0+) */
	bool chain_ordered;    /* I8: newest to oldest (not in 7.0+) */
	bool active_is_head;   /* I3: vma->anon_vma is the head of the chain (up to 3.18) */
	bool interval_tree;    /* I5 and the order of an anon_vma's list (3.7+) */
	bool counts_children;  /* I11: num_children and num_active_vmas or degree (3.19+) */
	bool counts_apart;     /* I11: the two separately (6.0+); otherwise only their sum */
	bool has_refcount;     /* I12: refcount (2.6.39+); otherwise external_refcount */
	bool root_pinned;      /* I12: a live non-root holds a reference on its root (2.6.36+) */
	bool growth_bounded;   /* I17 (3.19+) */
	bool tracks_exclusive; /* I21 (5.19+) */
	bool merge_singular;   /* I14: an import clones a singular chain only (3.0+) */
	bool merges_unfaulted; /* I29: a faulted VMA merges into an unfaulted one, too (6.16+) */
	bool precise_new_page; /* I22: a new page goes to vma->anon_vma (not in 2.6.34-rc4) */
	bool counts_references; /* I34: COW reuse asks for page_count (5.9+), so forks after get_user_pages do no harm */
	bool fork_undone;    /* I20, I35: a fork that fails leaves nothing, not even for a time (7.0+) */
	bool moves_on_reuse; /* I22: COW reuse moves the page to vma->anon_vma (not in 5.9 to 5.18) */
	bool unlocks_moved; /* I31: MREMAP_DONTUNMAP unlocks what it moves and nothing else (6.1.191, 6.12.114, 7.3+) */
	bool knows_dontunmap; /* I32: there is MREMAP_DONTUNMAP (5.7+) */
};

/* Things that an engine notices while it works and that no later state shows. */
enum view_event_kind {
	EVENT_USE_AFTER_FREE,    /* the engine followed a pointer to a freed object */
	EVENT_FREED_WHILE_NAMED, /* anon_vma freed while mapped pages (or entries) name it in page->mapping */
	EVENT_FREED_NOT_EMPTY,   /* anon_vma freed with links, children or active VMAs left */
	EVENT_ALREADY_FREE,      /* reference dropped below zero */
	EVENT_NO_ANON_VMA, /* an anonymous page was to be installed in a VMA without anon_vma (kernel BUG_ON) */
	EVENT_MERGE,       /* two VMAs were merged; see struct view_event */
	EVENT_NOT_MERGED, /* VMAs that fit otherwise stayed apart because of their anon_vmas; see struct view_event */
	EVENT_NEW_PAGE, /* a page was allocated, or is reused by COW, for a VMA (I22) */
	EVENT_WALK,     /* op walk went through the rmap of a page (I7, I18) */
	EVENT_SWAPIN, /* do_swap_page found an anonymous page in the swap cache, and not for COW to copy (I28) */
	EVENT_SWAPOFF,     /* op swapoff says that it is done (I27) */
	EVENT_NO_VMA,      /* an entry of the tree of VMAs was followed that is none: process, at (I1) */
	EVENT_REUSED_HELD, /* a write fault reused a page that another process has by get_user_pages (I34) */
	EVENT_LOCK_KEPT,   /* an operation is done, but has not unlocked the anon_vma that it locked (I19) */
};

struct view_event {
	uint8_t kind;
	uint8_t a_len,
		b_len; /* EVENT_MERGE: chain lengths of survivor and other VMA (or copied range) before it;
			* EVENT_NOT_MERGED: of the neighbour and of what was to join it, 0 also if not known */
	uint8_t result_len;   /* EVENT_MERGE: chain length of the survivor right after it */
	bool imported;        /* EVENT_MERGE: the survivor was unfaulted and took the other's anon_vma */
	uint8_t found;        /* EVENT_WALK: number of matches */
	uint8_t expected;     /* EVENT_WALK: mapcount when the walk began */
	bool twice;           /* EVENT_WALK: some (process, page) matched twice */
	uint8_t process, at;  /* EVENT_NO_VMA */
	bool reused;          /* EVENT_NEW_PAGE: reuse of an existing page */
	uint8_t holder;       /* EVENT_REUSED_HELD: whose reference */
	bool forked;          /* EVENT_REUSED_HELD: the page was forked since it was taken */
	uint32_t anon_vma_id; /* which anon_vma, if one is concerned; EVENT_MERGE: survivor's before the merge (0 = unfaulted), EVENT_NOT_MERGED: the neighbour's */
	uint32_t other_id; /* EVENT_MERGE, EVENT_NOT_MERGED: anon_vma of the other VMA; EVENT_USE_AFTER_FREE: id the stale pointer meant;
			    * EVENT_SWAPIN: page in the swap cache, page_id is the one that gets mapped;
			    * EVENT_LOCK_KEPT: what it unlocked instead */
	uint32_t page_id;
	uint32_t vma_id;
	const char *where; /* kernel function at work, e.g. "unlink_anon_vmas" */
};

enum { MAX_EVENTS = 64, MAX_TOUCHED = 192 };

/* Dense table of live objects of one kind and the lookup by birth id. */
struct view_table {
	void **live; /* nr_live pointers, in no particular but deterministic order */
	uint32_t nr_live;
	void **by_id; /* by_id[id] is the object, NULL if it is gone; ids 1..nr_born */
	uint32_t nr_born;
};

/* Objects of one kind that the last operation changed, by birth id; the dead are listed, too. */
struct view_touched {
	uint32_t id[MAX_TOUCHED];
	uint32_t nr;
};

struct view {
	const struct view_rules *rules;
	struct mm_struct mm[NR_PROCESSES];
	struct view_table anon_vmas, avcs, vmas, pages, slots;

	/* AVCs that paused faults have allocated and will link or give back: no chain leads to them */
	uint32_t nr_in_prepare;

	uint32_t step; /* number of operations applied so far; 0 before the first */

	/*
	 * Bit d: the last operation asked the release for its decision d (enum decision of the
	 * model; none in an engine whose rules are not data). For coverage, not for verdicts.
	 */
	uint64_t asked;

	/*
	 * For touched-only checks. If all is set (an engine that cannot tell, or
	 * too much was touched) everything counts as touched.
	 */
	struct {
		bool all;
		uint8_t processes; /* bit p: the VMA set of process p changed */
		struct view_touched anon_vmas, vmas, pages, slots;
	} touched;

	struct view_event events[MAX_EVENTS]; /* of the last operation */
	uint32_t nr_events;
	bool events_lost; /* more than MAX_EVENTS: the rest was dropped */

	/* Ground truth per anon_vma id: number of mapped pages (entries of any kind count) whose mapping it is. */
	const uint32_t *named;
	/* Operation (step) that freed anon_vma id, and the process that did it; 0 while it lives. */
	const uint32_t *freed_at;
	const uint8_t *freed_by;
	/* Growth bound, per root id: most VMAs linked to the family at one time (I17). */
	const uint32_t *family_peak;
};

static inline struct anon_vma *view_anon_vma(const struct view *view, uint32_t id)
{
	return id <= view->anon_vmas.nr_born ? view->anon_vmas.by_id[id] : 0;
}

static inline struct vm_area_struct *view_vma(const struct view *view, uint32_t id)
{
	return id <= view->vmas.nr_born ? view->vmas.by_id[id] : 0;
}

static inline struct page *view_page(const struct view *view, uint32_t id)
{
	return id <= view->pages.nr_born ? view->pages.by_id[id] : 0;
}

static inline struct swap_slot *view_slot(const struct view *view, uint32_t id)
{
	return id <= view->slots.nr_born ? view->slots.by_id[id] : 0;
}

static inline uint32_t vma_pages(const struct vm_area_struct *vma)
{
	return (uint32_t)vma->vm_end - vma->vm_start;
}

/* The VMA of a process that covers a page of the window, or NULL. */
static inline struct vm_area_struct *view_vma_at(const struct mm_struct *mm, unsigned int page)
{
	uint64_t up_to_page = page < NR_WINDOW ? mm->starts << (NR_WINDOW - 1 - page) : 0;

	if (!up_to_page)
		return 0;
	struct vm_area_struct *vma = mm->vma_at[page - (unsigned int)__builtin_clzll(up_to_page)];
	return page < vma->vm_end ? vma : 0;
}

/* What a process would read there. */
static inline uint32_t view_content(const struct pte *pte)
{
	switch (pte->kind) {
	case PTE_PRESENT:
	case PTE_MIGRATION:
		return pte->page->value;
	case PTE_SWAP:
		return pte->slot->cache ? pte->slot->cache->value : pte->slot->value;
	default:
		return 0;
	}
}

#endif
