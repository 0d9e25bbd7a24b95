// SPDX-License-Identifier: GPL-2.0-only
/* States with broken pages, entries and slots, see broken_states.h. */
#include "broken_states.h"

static void dead_mapping(struct family *f)
{
	struct anon_vma *dead = state_anon_vma(&f->state, NULL);

	state_settle(&f->state);
	state_free_anon_vma(&f->state, dead, 1, 2);
	f->p1->mapping_id = dead->id;
	state_touch_page(&f->state, f->p1);
}

static void dead_mapping_of_swap_entry(struct family *f)
{
	dead_mapping(f);
	f->p1->mapping_id = f->a1->id;
	f->p3->mapping_id = 5; /* the page is not touched: its anon_vma died, and with it the links */
	f->state.named[5] = 1;
	f->state.view.touched.pages.nr = 0;
	state_touch_vma(&f->state, f->va);
	state_touch_vma(&f->state, f->vb);
}

static void wrong_index(struct family *f)
{
	f->p2->index++;
	state_touch_page(&f->state, f->p2);
}

/* 7e7757876f25: the VMA moved its start, not its offset. The page is not touched. */
static void wrong_pgoff(struct family *f)
{
	f->vb->vm_pgoff += 2;
	for (struct anon_vma_chain *avc = f->vb->chain_first; avc; avc = avc->same_vma_next) {
		avc->key_start += 2;
		avc->key_last += 2;
		state_touch_anon_vma(&f->state, avc->anon_vma);
	}
	f->state.rules.interval_tree = false; /* the lists are not sorted anew here */
	state_touch_vma(&f->state, f->vb);
}

static void unreachable_page(struct family *f)
{
	f->p2->mapping = f->a3;
	f->p2->mapping_id = f->a3->id;
	state_touch_page(&f->state, f->p2);
}

/* ea90002b0fa7: the reader's own anon_vma, while its parent holds a swap entry. */
static void unreachable_swap_entry(struct family *f)
{
	f->p3->mapping = f->a2;
	f->p3->mapping_id = f->a2->id;
	state_touch_page(&f->state, f->p3);
}

static void unreachable_migration_entry(struct family *f)
{
	f->p2->isolated = true;
	f->p2->anon_exclusive = false;
	state_migration_entry(&f->state, 1, 1, f->p2, false);
	state_settle(&f->state);
	unreachable_page(f);
}

/* The VMA has lost the link; its pages are not touched. */
static void unreachable_after_unlink(struct family *f)
{
	struct page *page = state_page(&f->state, f->a2, 2);

	state_map(&f->state, 2, 2, page, false);
	state_free_avc(&f->state, state_avc(f->vc, f->a2));
	state_take_off_list(state_avc(f->vc, f->a2));
	state_take_off_chain(state_avc(f->vc, f->a2));
	f->a3->parent = f->a1;
	f->a3->parent_id = f->a1->id;
	state_settle(&f->state);
	f->state.view.touched.pages.nr = 0;
	state_touch_vma(&f->state, f->vc);
	state_touch_anon_vma(&f->state, f->a2);
	state_touch_anon_vma(&f->state, f->a3);
}

static void entry_outside_of_vmas(struct family *f)
{
	state_clear(&f->state, 2, 0);
	state_settle(&f->state);
	state_map(&f->state, 2, 50, f->p1, false);
	state_settle(&f->state);
}

static void leaked_page(struct family *f)
{
	state_page(&f->state, f->a1, 3);
	state_settle(&f->state);
}

static void leaked_slot(struct family *f)
{
	state_slot(&f->state, NULL);
	state_settle(&f->state);
}

static void unfaulted_with_entry(struct family *f)
{
	state_swap_entry(&f->state, 0, 9, state_slot(&f->state, NULL));
	state_settle(&f->state);
}

static void page_in_unfaulted(struct family *f)
{
	state_map(&f->state, 0, 9, state_page(&f->state, f->a1, 9), false);
	state_settle(&f->state);
}

static void exclusive_shared(struct family *f)
{
	f->p1->anon_exclusive = true;
	state_touch_page(&f->state, f->p1);
}

/* One mapping, but its swap entry has other holders. */
static void exclusive_swapped(struct family *f)
{
	struct swap_slot *slot = state_slot(&f->state, f->p2);

	state_swap_entry(&f->state, 2, 1, slot);
	state_settle(&f->state);
	f->state.view.touched.pages.nr = 0;
}

static void writable_not_exclusive(struct family *f)
{
	f->p2->anon_exclusive = false;
	state_touch_page(&f->state, f->p2);
}

static void exclusive_entry_shared(struct family *f)
{
	f->state.view.mm[1].pte[2].exclusive = true;
	state_touch_slot(&f->state, f->s1);
}

static void wrong_mapcount(struct family *f)
{
	f->p1->mapcount--;
	state_touch_page(&f->state, f->p1);
}

static void wrong_page_refcount(struct family *f)
{
	f->p3->refcount++;
	state_touch_page(&f->state, f->p3);
}

static void wrong_swap_count(struct family *f)
{
	f->s1->count--;
	state_touch_slot(&f->state, f->s1);
}

static void swap_cache_disagrees(struct family *f)
{
	f->s1->cache = NULL;
	state_touch_slot(&f->state, f->s1);
	state_touch_page(&f->state, f->p3);
}

static void wrong_gups(struct family *f)
{
	f->p2->gups = 1;
	state_touch_page(&f->state, f->p2);
}

static void writable_in_read_only(struct family *f)
{
	f->vb->vm_flags = VM_READ; /* P2 is writable */
	state_touch_vma(&f->state, f->vb);
}

static void readable_without_access(struct family *f)
{
	f->state.view.mm[1].pte[2].write = false;
	f->vb->vm_flags = 0; /* P2 is still readable */
	state_touch_vma(&f->state, f->vb);
}

static void wrong_content(struct family *f)
{
	f->p3->value = 7;
	state_touch_page(&f->state, f->p3);
}

const struct broken broken_pages[] = {
	{ "page names a dead anon_vma", INV_LIVENESS, OBJECT_PAGE, dead_mapping, CHECK_BIT(INV_REACHABILITY) },
	{ "page behind a swap entry does", INV_LIVENESS, OBJECT_PAGE, dead_mapping_of_swap_entry,
	  CHECK_BIT(INV_REACHABILITY) },
	{ "index", INV_LINEARITY, OBJECT_PTE, wrong_index, 0 },
	{ "vm_pgoff", INV_LINEARITY, OBJECT_PTE, wrong_pgoff, 0 },
	{ "page not reachable", INV_REACHABILITY, OBJECT_PTE, unreachable_page, 0 },
	{ "swap entry not reachable", INV_REACHABILITY, OBJECT_PTE, unreachable_swap_entry, 0 },
	{ "migration entry not reachable", INV_REACHABILITY, OBJECT_PTE, unreachable_migration_entry, 0 },
	{ "link lost", INV_REACHABILITY, OBJECT_PTE, unreachable_after_unlink, 0 },
	{ "entry without VMA", INV_REACHABILITY, OBJECT_PTE, entry_outside_of_vmas, 0 },
	{ "page leaked", INV_NO_LEAK, OBJECT_PAGE, leaked_page, 0 },
	{ "swap slot leaked", INV_NO_LEAK, OBJECT_SLOT, leaked_slot, 0 },
	{ "swap entry in an unfaulted VMA", INV_UNFAULTED, OBJECT_PTE, unfaulted_with_entry, 0 },
	{ "page in a VMA without anon_vma", INV_REACHABILITY, OBJECT_PTE, page_in_unfaulted,
	  CHECK_BIT(INV_UNFAULTED) | CHECK_BIT(INV_PREPARED) },
	{ "exclusive, but shared", INV_EXCLUSIVITY, OBJECT_PAGE, exclusive_shared, 0 },
	{ "exclusive, but swapped elsewhere", INV_EXCLUSIVITY, OBJECT_PAGE, exclusive_swapped, 0 },
	{ "writable, but not exclusive", INV_EXCLUSIVITY, OBJECT_PTE, writable_not_exclusive, 0 },
	{ "exclusive swap entry, but shared", INV_EXCLUSIVITY, OBJECT_PTE, exclusive_entry_shared, 0 },
	{ "mapcount", INV_COUNTS, OBJECT_PAGE, wrong_mapcount, 0 },
	{ "refcount of a page", INV_COUNTS, OBJECT_PAGE, wrong_page_refcount, 0 },
	{ "swap count", INV_COUNTS, OBJECT_SLOT, wrong_swap_count, 0 },
	{ "swap cache and page", INV_COUNTS, OBJECT_PAGE, swap_cache_disagrees, 0 },
	{ "reference of get_user_pages", INV_COUNTS, OBJECT_PAGE, wrong_gups, 0 },
	{ "writable entry in a read-only VMA", INV_PERMISSION, OBJECT_PTE, writable_in_read_only, 0 },
	{ "readable entry in a VMA without access", INV_PERMISSION, OBJECT_PTE, readable_without_access, 0 },
	{ "content", INV_MEMORY, OBJECT_MEMORY, wrong_content, 0 },
	{ .what = NULL },
};
