/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compact rmap engine's own header: the world and what its files offer
 * each other. Kernel names for kernel things; docs/model.md says of each
 * whether it is faithful, simplified or omitted.
 *
 * Everything hangs off one struct world that is passed down. Nothing here is
 * known outside src/model; callers use engine.h and model.h.
 */
#ifndef RMAPFUZZ_MODEL_WORLD_H
#define RMAPFUZZ_MODEL_WORLD_H

#include "engine.h"
#include "model/arena.h"
#include "model/model.h"
#include "model/paused.h"
#include "model/release.h"

/*
 * Fixed limits. Reaching one is an allocation failure with the kernel's
 * unwinding, so no input can exhaust memory: 64 VMAs a process is the window
 * itself; the others are several times what 512 operations reach.
 */
enum {
	MAX_VMAS = NR_PROCESSES * NR_WINDOW + 64,
	MAX_ANON_VMAS = MODEL_MAX_ANON_VMAS,
	MAX_AVCS = 16384,
	MAX_PAGES = 2048,
	MAX_SLOTS = 1024,
	MAX_BIRTHS = 1 << 17,
	MAX_ANON_VMA_BIRTHS = 1 << 16,
	MAX_HELD = 64, /* isolated pages, pins, and pages of get_user_pages, at one time */
};

struct world {
	struct engine engine; /* first: the engine that callers hold */
	struct view view;
	struct release release;
	struct view_rules rules;
	struct arena anon_vmas, avcs, vmas, pages, slots;

	uint32_t *named; /* per anon_vma id, see struct view */
	uint32_t *freed_at;
	uint8_t *freed_by;
	uint32_t *family_peak;

	struct held_page held[MAX_HELD];
	uint32_t nr_held;
	struct held_pin pins[MAX_HELD];
	uint32_t nr_pins;
	struct held_gup gups[MAX_HELD]; /* oldest first */
	uint32_t nr_gups;

	struct paused paused[NR_PROCESSES];
	uint8_t open;                               /* bit p: paused[p] is in use */
	struct paused_lookup lookups[NR_PROCESSES]; /* by the process that named the page */
	uint64_t swap_map[MAX_SLOTS / 64];          /* bit n: swap entry n is in use */

	/* the operation at work */
	uint8_t process;
	uint8_t fail_countdown; /* allocations until the first of those that fail */
	uint8_t fail_left;      /* how many are still to fail, in a row */
	struct op_result result;
};

/* What the release decides here. That it was asked is remembered for view.asked. */
#define decides(world, decision)                                    \
	((world)->view.asked |= UINT64_C(1) << DECISION_##decision, \
	 (world)->release.decisions.value[DECISION_##decision])
_Static_assert(NR_DECISIONS <= 64, "a bit each in view.asked");

/* ---- world.c: touching, events, allocation ---- */
void touch_anon_vma(struct world *w, struct anon_vma *anon_vma);
void touch_vma(struct world *w, struct vm_area_struct *vma);
void touch_page(struct world *w, struct page *page);
void touch_slot(struct world *w, struct swap_slot *slot);
struct view_event *add_event(struct world *w, enum view_event_kind kind, const char *where);

/*
 * False if (fail_nth: N, fail_count: M) means this allocation. Called once for every allocation that the kernel
 * tries: where it tries again with other flags, twice.
 */
bool may_allocate(struct world *w);
void *allocate(struct world *w, struct arena *arena);

/*
 * Follow a pointer to an anon_vma or VMA as the kernel does. If the object
 * that was meant is gone, that is noted as a use after free; where no oracle
 * judges, the read then happens all the same, for ASan to report.
 */
bool follow_anon_vma(struct world *w, const struct anon_vma *anon_vma, uint32_t meant, const char *where);
bool follow_vma(struct world *w, const struct vm_area_struct *vma, uint32_t meant, const char *where);

/* ---- anon_vma.c: the three object kinds and their links ---- */
enum clone_purpose { CLONE_SPLIT, CLONE_MERGE, CLONE_REMAP, CLONE_FORK };

void vma_set_anon_vma(struct world *w, struct vm_area_struct *vma, struct anon_vma *anon_vma, uint32_t id);
bool anon_vma_counts(struct world *w); /* num_children and num_active_vmas mean something */
struct anon_vma *anon_vma_alloc(struct world *w);
void anon_vma_free(struct world *w, struct anon_vma *anon_vma);
void anon_vma_chain_link(struct world *w, struct vm_area_struct *vma, struct anon_vma_chain *avc,
			 struct anon_vma *anon_vma, uint32_t id, bool at_head);
int anon_vma_clone(struct world *w, struct vm_area_struct *dst, struct vm_area_struct *src,
		   enum clone_purpose purpose);
int anon_vma_fork(struct world *w, struct vm_area_struct *vma, struct vm_area_struct *pvma);
void unlink_anon_vmas(struct world *w, struct vm_area_struct *vma);
void get_anon_vma(struct world *w, struct anon_vma *anon_vma);
void put_anon_vma(struct world *w, struct anon_vma *anon_vma, uint32_t meant);

/* ---- avc.c: the two lists of an AVC ---- */
struct anon_vma_chain *avc_alloc(struct world *w);
void avc_free(struct world *w, struct anon_vma_chain *avc);
void anon_vma_tree_insert(struct world *w, struct anon_vma_chain *avc, bool at_head);
void anon_vma_tree_remove(struct world *w, struct anon_vma_chain *avc);
void chain_add_head(struct world *w, struct vm_area_struct *vma, struct anon_vma_chain *avc);
void chain_del(struct world *w, struct vm_area_struct *vma, struct anon_vma_chain *avc);
void avc_set_anon_vma(struct anon_vma_chain *avc, struct anon_vma *anon_vma, uint32_t id);

/* ---- prepare.c: the first anon_vma of a VMA, at once or with a pause before the lock ---- */
int anon_vma_prepare(struct world *w, struct vm_area_struct *vma);
int do_write_begin(struct world *w, uint32_t address);
int write_resume(struct world *w, struct paused *paused);
void give_up_write(struct world *w, struct paused *paused);

/* ---- vma.c: the VMAs of a process ---- */
struct vm_area_struct *vm_area_alloc(struct world *w, uint8_t process, uint32_t start, uint32_t end,
				     uint32_t pgoff, uint32_t flags);
struct vm_area_struct *vm_area_dup(struct world *w, const struct vm_area_struct *vma);
void vm_area_free(struct world *w, struct vm_area_struct *vma);
void vma_link(struct world *w, struct vm_area_struct *vma);
void vma_unlink(struct world *w, struct vm_area_struct *vma);
/* New range of a VMA; its AVCs are taken out of the trees and put back in, as vma_prepare/vma_complete do. */
void vma_set_range(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end, uint32_t pgoff);
void vma_set_flags(struct world *w, struct vm_area_struct *vma, uint32_t flags);
struct mm_struct *vma_mm(struct world *w, const struct vm_area_struct *vma);
struct vm_area_struct *find_vma(struct mm_struct *mm, uint32_t page); /* first that ends above page */
struct vm_area_struct *vma_prev(struct mm_struct *mm, const struct vm_area_struct *vma);
struct vm_area_struct *vma_before(struct mm_struct *mm, uint32_t page); /* last that starts below page */
int split_vma(struct world *w, struct vm_area_struct *vma, uint32_t at, bool new_below);
struct anon_vma *find_mergeable_anon_vma(struct world *w, struct vm_area_struct *vma, uint32_t *id);
bool chain_singular(const struct vm_area_struct *vma);

/* ---- merge.c ---- */
/*
 * Changes the flags of [start, end) inside vma: merges with neighbours if they then fit, otherwise
 * splits. On success returns the VMA that covers the range; on failure NULL with *error set.
 */
struct vm_area_struct *vma_modify_flags(struct world *w, struct vm_area_struct *vma, uint32_t start,
					uint32_t end, uint32_t flags, int *error);
/* Its parts, for an mprotect that pauses between them: the plan, false if nothing merges; */
bool vma_merge_plan(struct world *w, struct merge_plan *plan, struct vm_area_struct *vma, uint32_t start,
		    uint32_t end, uint32_t flags);
/* the first half of an import, true if there is one; the rest of the merge; and what is done without one. */
bool vma_merge_import(struct world *w, struct merge_plan *plan);
int vma_merge_commit(struct world *w, struct merge_plan *plan);
int vma_split_for_flags(struct world *w, struct vm_area_struct *vma, uint32_t start, uint32_t end,
			uint32_t flags);
/* A range that is to be mapped: merged into a neighbour if possible, otherwise NULL. */
struct new_range {
	uint32_t start, end, pgoff, flags;
	struct vm_area_struct *prev, *next; /* neighbours that may be merged with, or NULL */
	struct anon_vma *anon_vma;          /* of what will be there, NULL if nothing */
	uint32_t anon_vma_id;
	struct vm_area_struct *copied_from; /* mremap: the source VMA */
	bool next_first;                    /* MMAP_MERGE_NEXT_FIRST */
};
struct vm_area_struct *vma_merge_new_range(struct world *w, struct new_range *range);

/* ---- mmap.c, mprotect.c, madvise.c, mremap.c, fork.c: system calls; errno or 0 ---- */
int do_mmap(struct world *w, uint32_t start, uint32_t length, enum prot prot);
int do_munmap(struct world *w, uint8_t process, uint32_t start, uint32_t length);
void exit_mmap(struct world *w, uint8_t process);
int do_mprotect(struct world *w, uint32_t start, uint32_t length, enum prot prot);
int do_mprotect_begin(struct world *w, uint32_t start, uint32_t length, enum prot prot);
int mprotect_resume(struct world *w, struct paused *paused);
bool mprotect_lets_in(const struct world *w, const struct paused *paused, const struct op *op);
int do_mlock(struct world *w, uint32_t start, uint32_t length, bool lock);
int populate(struct world *w, uint32_t start, uint32_t end);
int do_madvise(struct world *w, enum op_code advice, uint32_t start, uint32_t length);
int do_mremap(struct world *w, uint32_t from, uint32_t length, uint32_t to, bool dontunmap);
int do_mremap_begin(struct world *w, uint32_t from, uint32_t length, uint32_t to, bool dontunmap);
int mremap_resume(struct world *w, struct paused *paused);
void move_one_entry(struct world *w, uint32_t from, uint32_t to);
int do_exec_begin(struct world *w, uint32_t page, uint32_t length);
int exec_resume(struct world *w, struct paused *paused);
int do_mremap_resize(struct world *w, uint32_t start, uint32_t old_length, uint32_t new_length);
int do_fork(struct world *w, uint8_t child);
int do_fork_begin(struct world *w, uint8_t child);
int fork_resume(struct world *w, struct paused *paused);
int fork_failed_resume(struct world *w, struct paused *paused);
uint32_t prot_flags(enum prot prot);

/* ---- page.c: pages, page table entries and rmap counters ---- */
struct page *page_alloc(struct world *w);
void page_put(struct world *w, struct page *page); /* drops a reference, frees at zero */
void page_set_mapping(struct world *w, struct page *page, struct anon_vma *anon_vma, uint32_t id,
		      uint32_t index);
void page_add_to_cache(struct world *w, struct page *page, struct swap_slot *slot);
void page_remove_from_cache(struct world *w, struct page *page);
void swap_free_if_unused(struct world *w, struct swap_slot *slot); /* no holder and no cached page */
bool try_to_free_swap(struct world *w, struct page *page);
uint32_t linear_page_index(const struct vm_area_struct *vma, uint32_t address);
/* Entries: each call keeps at[], counts and touched sets right. set_pte_present adds no rmap. */
void pte_clear(struct world *w, uint8_t process, uint32_t address);
void pte_set_zero(struct world *w, uint8_t process, uint32_t address);
void pte_set_present(struct world *w, uint8_t process, uint32_t address, struct page *page, uint32_t access);
/* VM_READ and VM_WRITE of an entry made anew: those of vm_page_prot, and with maybe_mkwrite if it is to be writable. */
static inline uint32_t entry_access(const struct vm_area_struct *vma, bool writable)
{
	return vma->vm_flags & (uint32_t)(writable ? VM_ACCESS_FLAGS : VM_READ);
}
void pte_set_swap(struct world *w, uint8_t process, uint32_t address, struct swap_slot *slot, bool exclusive);
void pte_set_migration(struct world *w, uint8_t process, uint32_t address, struct page *page, bool write,
		       bool exclusive);
void page_count_named(struct world *w, struct page *page);
void zap_range(struct world *w, uint8_t process, uint32_t start, uint32_t end);
int page_table_alloc(struct world *w, uint8_t process);
struct swap_slot *swap_alloc(struct world *w);
void swap_put(struct world *w, struct swap_slot *slot); /* a page table entry let go of it */

/* ---- rmap.c ---- */
/* page_add_new_anon_rmap: a page that was just allocated for this VMA. */
void page_add_new_anon_rmap(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t address);
/* do_page_add_anon_rmap: any later mapping. own: may become the VMA's own; exclusive: mark it so (5.19+). */
void page_add_anon_rmap(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t address,
			bool own, bool exclusive);
void page_move_anon_rmap(struct world *w, struct page *page, struct vm_area_struct *vma);
/* A page was made, or reused, for this VMA: said where that is decided, so that what follows from it can be judged (I22). */
void note_new_page(struct world *w, const struct page *page, const struct vm_area_struct *vma, bool reused);
void page_remove_rmap(struct world *w, struct page *page);
/* Walks the VMAs that the page's anon_vma lists; visit returns false to stop. */
typedef bool (*rmap_visit)(struct world *w, struct page *page, struct vm_area_struct *vma, uint32_t address,
			   void *data);
void rmap_walk(struct world *w, struct page *page, rmap_visit visit, void *data, const char *where);
/* As rmap_walk() for whoever holds the lock of an anon_vma that page->mapping named when it was looked up. */
void rmap_walk_locked(struct world *w, const struct anon_vma *anon_vma, struct page *page, rmap_visit visit,
		      void *data, const char *where);
/* Do the VMA's and the page's anon_vma belong to one family? */
bool same_root(struct world *w, const struct page *page, const struct vm_area_struct *vma, const char *where);
/* vma_address: where the VMA would map a page of this index; false if its range does not cover it. */
bool vma_address(const struct vm_area_struct *vma, uint32_t index, uint32_t *address);
/* False if the VMA cannot have this anonymous page, as far as the rmap can tell. */
bool page_address_in_vma(struct world *w, const struct page *page, const struct vm_area_struct *vma,
			 uint32_t *address);

/* ---- model.c ---- */
int do_write(struct world *w, uint32_t address);

/* ---- fault.c, swapin.c: errno, OP_SIGSEGV or 0 ---- */
int handle_mm_fault(struct world *w, uint8_t process, uint32_t address, bool write);
/* The fault itself, without the test whether the VMA allows the access. */
int handle_pte_fault(struct world *w, struct vm_area_struct *vma, uint32_t address, bool write);
int do_wp_page(struct world *w, struct vm_area_struct *vma, uint32_t address);
int do_swap_page(struct world *w, struct vm_area_struct *vma, uint32_t address, bool write);
int unuse_pte(struct world *w, struct vm_area_struct *vma, uint32_t address);
int do_swapin_begin(struct world *w, uint32_t address);
int swapin_resume(struct world *w, struct paused *paused);

/* ---- reclaim.c, migrate.c, restore.c ---- */
int do_pageout(struct world *w, uint32_t address);
int do_dropcache(struct world *w, uint32_t address);
int do_swapoff(struct world *w);
int do_walk(struct world *w, uint32_t address);
/* page_referenced through an anon_vma that is locked; NULL: one that is free, whose list is empty. */
void page_referenced(struct world *w, struct page *page, const struct anon_vma *anon_vma, uint32_t anon_vma_id);
int do_isolate(struct world *w, uint32_t address);
int do_migrate_begin(struct world *w, uint32_t address);
int do_migrate_end(struct world *w, uint32_t address);
int do_migrate(struct world *w, uint32_t address);
struct held_page *find_held(struct world *w, uint32_t address); /* the page meant by an address, or NULL */
struct held_page *held_by_page(struct world *w, uint32_t page_id);
void migrate_state(struct world *w, struct page *old, struct page *new);
void remove_migration_pte(struct world *w, struct vm_area_struct *vma, uint32_t address,
			  const struct page *old, struct page *new);
void finish_migration(struct world *w, struct held_page *held, struct page *old, struct page *new);
void end_migration(struct world *w, struct held_page *held, struct page *old, struct page *new, uint8_t found);
int do_restore_begin(struct world *w, uint32_t address);
int restore_resume(struct world *w, struct paused *paused);
int do_pin(struct world *w, uint32_t address);
int do_unpin(struct world *w, uint32_t address);
bool migration_teardown(struct world *w); /* ends one migration, drops one pin or a cached page; false if there is none */

/* ---- gup.c ---- */
int do_gup(struct world *w, uint32_t address);
int do_ungup(struct world *w, uint32_t address);
void gup_exit(struct world *w, uint8_t process); /* drops what the process holds */
/* A write fault in this VMA has reused the page: who else looks at it? */
void gup_tell_reuse(struct world *w, const struct vm_area_struct *vma, const struct page *page,
		    const char *where);

/* ---- lookup.c ---- */
int do_lookup_begin(struct world *w, uint32_t address);
int lookup_resume(struct world *w, struct paused_lookup *lookup);
static inline bool lookup_open(const struct world *w, uint8_t process)
{
	return w->lookups[process].page_id != 0;
}

/* ---- phases.c: who has paused, and whom that keeps out ---- */
bool kept_out(const struct world *w, const struct op *op);
int do_resume(struct world *w);
/* Beside the mmap locks (rmap_lock.c): who has paused with the lock of an anon_vma, or NR_PROCESSES. */
unsigned int rmap_lock_holder(const struct world *w);
bool rmap_lock_keeps_out(const struct world *w, const struct op *op);
bool phases_teardown(struct world *w); /* all that has paused ends; false if there is nothing */
/* A reference for the time of a pause, and its end. */
void hold_page(struct world *w, struct page *page);
void unhold_page(struct world *w, struct page *page);

static inline struct mm_struct *world_mm(struct world *w, uint8_t process)
{
	return &w->view.mm[process];
}

static inline struct pte *pte_at(struct world *w, uint8_t process, uint32_t address)
{
	return &w->view.mm[process].pte[address];
}

/* Bits start..end-1. */
static inline uint64_t page_mask(uint32_t start, uint32_t end)
{
	uint64_t below_end = end >= NR_WINDOW ? ~UINT64_C(0) : (UINT64_C(1) << end) - 1;

	return start >= NR_WINDOW ? 0 : below_end & ~((UINT64_C(1) << start) - 1);
}

#endif
