/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lasts longer than one operation: pages and anon_vmas that somebody
 * holds, operations that have paused, and lookups. Must never hold what a
 * kernel would not have at hand there: a pointer, a number, where it was.
 */
#ifndef RMAPFUZZ_MODEL_PAUSED_H
#define RMAPFUZZ_MODEL_PAUSED_H

#include "view.h"

/* A page between isolate and the end of its migration. */
struct held_page {
	uint32_t page_id;
	uint32_t new_page_id;         /* where the migration goes; 0 while only isolated */
	uint8_t process, window_page; /* who isolated it, where: operations name it so */
	bool in_flight;
	bool walk;                 /* an unmapped page in the swap cache moves without one (3fe2011ff51e) */
	struct anon_vma *anon_vma; /* reference held by the migration, or NULL */
	uint32_t anon_vma_id;
};

/* An outside reference on an anon_vma, as KSM's rmap_items hold it. */
struct held_pin {
	struct anon_vma *anon_vma;
	uint32_t anon_vma_id;
	uint8_t process, window_page;
};

/* A reference that get_user_pages took. */
struct held_gup {
	uint32_t page_id; /* 0: the zero page */
	uint8_t process, window_page;
};

/* What a process has begun and not ended: an operation that pauses where a kernel would let others in. */
enum paused_kind {
	PAUSED_NOTHING,
	PAUSED_FORK,
	PAUSED_FORK_FAILED, /* without any lock: the child waits for its end */
	PAUSED_SWAPIN,
	PAUSED_MPROTECT,
	PAUSED_MREMAP,
	PAUSED_RESTORE,
	PAUSED_EXEC,
	PAUSED_WRITE,
	NR_PAUSED_KINDS,
};

struct paused_fork {
	uint8_t child;
	uint64_t left;                        /* starts of the VMAs that are still to be copied */
	struct vm_area_struct *source, *copy; /* linked, but not in the child's map yet */
};

struct paused_swapin {
	uint32_t page_id; /* found in the swap cache, with a reference */
	uint32_t entry;   /* what the page table entry said */
	bool exclusive;
	uint8_t address;
};

/* What a merge of an existing range will do (merge.c). */
struct merge_plan {
	struct vm_area_struct *survivor, *middle, *next;
	struct vm_area_struct *removed[2]; /* swallowed whole; NULL: none */
	struct vm_area_struct *exporter;   /* whose chain is cloned; NULL: no import */
	struct view_event event;           /* how the sides stood before */
	uint32_t start, end;               /* the range */
	uint32_t new_start, new_end;       /* the survivor's */
	bool left, right, whole;           /* whole: the range is all of middle */
};

enum mprotect_phase { MPROTECT_NEXT_VMA, MPROTECT_IMPORTS, MPROTECT_MERGED };

struct paused_mprotect {
	uint8_t phase;             /* enum mprotect_phase: where it has paused */
	uint8_t start, stop, end;  /* [start, stop) is at work, [stop, end) comes later */
	bool faults_go_on;         /* those that do with the lock of their VMA */
	uint32_t wanted;           /* the protection */
	uint32_t flags, old_flags; /* of the VMA at work */
	uint64_t locked;           /* pages of VMAs that it has write-locked */
	struct merge_plan plan;
};

/* One VMA or a part of it that mremap moves; its entries one by one. */
struct move {
	uint32_t from, to, length;
	bool dontunmap;
	bool need_rmap_locks; /* for the entries: a walk comes to the copy before it comes to the source */
	bool begun;           /* some entry has moved */
	uint32_t next;        /* page of the first entry that has not; the end of the source if all have */
	struct vm_area_struct *vma;  /* source; after a merge with the copy, that VMA */
	struct vm_area_struct *copy; /* what covers the destination */
};

/* exec, whose stack is filled, and then moves down by a page. */
struct paused_exec {
	struct vm_area_struct *stack;
	bool enlarged;      /* to where it moves */
	uint32_t next, end; /* pages of the entries that have not moved */
};

/* The second walk of a migration, between two VMAs. */
struct paused_restore {
	uint32_t page_id;            /* the old page, which the migration entries name */
	struct anon_vma_chain *next; /* of the VMA that it comes to next */
	uint8_t found;
};

/* What anon_vma_prepare has before it takes the lock. */
struct prepared {
	struct anon_vma_chain *avc;
	struct anon_vma *anon_vma;
	uint32_t anon_vma_id;
	bool reused; /* a neighbour's, so nothing to give back */
};

struct paused_write {
	struct prepared prepared;
	uint8_t address;
};

struct paused {
	uint8_t kind; /* enum paused_kind */
	union {
		struct move mremap;
		struct paused_restore restore;
		struct paused_exec exec;
		struct paused_fork fork;
		struct paused_swapin swapin;
		struct paused_write write;
		struct paused_mprotect mprotect;
	};
};

/* A lookup that has read page->mapping and waits for the lock: reclaim's or migration's, not the process's own. */
struct paused_lookup {
	uint32_t page_id; /* which page, with a reference; 0 if there is no lookup */
	bool migration;   /* for an isolated page: wants a reference on the anon_vma, not its lock */
	struct anon_vma *anon_vma, *root;
	uint32_t anon_vma_id, root_id;
};

#endif
