// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages and swap slots: I1, I13, I21, I24; and which entries (entries.c) are
 * looked at because of them.
 *
 * Never follows page->mapping: that of an unmapped page may dangle by design
 * in old releases. It asks by birth id, and only about pages that some entry
 * refers to.
 */
#include "oracle/internal.h"

/* Some present, migration or swap entry leads to the page, so that a walk may start from it. */
static bool page_is_named(const struct page *page)
{
	return at_entries(page->at) || (page->swap && at_entries(page->swap->at));
}

/* I1: page->mapping. */
static void liveness_page(struct oracle *o, const struct page *page)
{
	if (!page->mapping_id || view_anon_vma(o->view, page->mapping_id) || !page_is_named(page))
		return;

	struct violation *v = oracle_found(o, INV_LIVENESS, OBJECT_PAGE, page->id, 0);

	if (v) {
		say_page(v, page);
		say(v, " has mapping ");
		say_anon_vma(o, v, page->mapping_id);
	}
}

static __attribute__((cold, noinline)) void wrong_count(struct oracle *o, const struct page *page,
							const char *what, int is, int should_be,
							const char *why)
{
	struct violation *v = oracle_found(o, INV_COUNTS, OBJECT_PAGE, page->id, 0);

	if (v) {
		say_page(v, page);
		v->anon_vma_id = page->mapping_id;
		say(v, " has %s %d instead of %d (%s)", what, is, should_be, why);
	}
}

/* I24: mapcount, refcount, and that the entries of at[] are there. Returns the number of present entries. */
static int counts_page(struct oracle *o, const struct page *page)
{
	int present = 0, lost = 0;
	uint64_t entries;
	unsigned int p;

	for_each_at(p, entries, page->at) {
		const struct pte *pte = &o->view->mm[p].pte[page->at[p]];

		if (pte->page != page || (pte->kind != PTE_PRESENT && pte->kind != PTE_MIGRATION))
			lost++;
		else
			present += pte->kind == PTE_PRESENT;
	}
	int held = present + (page->swap != NULL) + page->isolated + page->holds + page->gups;

	if (lost)
		wrong_count(o, page, "wrong entries:", lost, 0, "places that do not lead to it");
	if (page->mapcount != present)
		wrong_count(o, page, "mapcount", page->mapcount, present, "present entries");
	if (page->refcount != held)
		wrong_count(o, page, "refcount", page->refcount, held,
			    "mappings, swap cache, isolation, lookups, get_user_pages");
	if (page->swap && page->swap->cache != page)
		wrong_count(o, page, "swap slots with another page:", 1, 0, "page and swap cache disagree");
	return present;
}

/* I13: a page that nobody holds. */
static void leak_page(struct oracle *o, const struct page *page)
{
	if (page->refcount > 0)
		return;

	struct violation *v = oracle_found(o, INV_NO_LEAK, OBJECT_PAGE, page->id, 0);

	if (v) {
		say_page(v, page);
		say(v, " is allocated, but has refcount %d", page->refcount);
	}
}

/* I21: the mark of the page. Being in the swap cache does no harm as long as no entry refers to the slot. */
static void exclusivity_page(struct oracle *o, const struct page *page, int present)
{
	int swapped = page->swap ? page->swap->count : 0;

	if (!page->anon_exclusive || (present == 1 && !swapped))
		return;

	struct violation *v = oracle_found(o, INV_EXCLUSIVITY, OBJECT_PAGE, page->id, 0);

	if (v) {
		say_page(v, page);
		say(v, " is marked exclusive, but has %d mappings and %d swap entries", present, swapped);
	}
}

static void check_page(struct oracle *o, const struct page *page)
{
	int present = counts_page(o, page);

	liveness_page(o, page);
	leak_page(o, page);
	if (o->view->rules->tracks_exclusive)
		exclusivity_page(o, page, present);
}

/* I24 and I13: the count of a slot, its page, and that somebody needs it. */
static void check_slot(struct oracle *o, const struct swap_slot *slot)
{
	int holders = 0, lost = 0;
	uint64_t entries;
	unsigned int p;

	for_each_at(p, entries, slot->at) {
		const struct pte *pte = &o->view->mm[p].pte[slot->at[p]];

		if (pte->kind == PTE_SWAP && pte->slot == slot)
			holders++;
		else
			lost++;
	}
	if (slot->count != holders || lost || (slot->cache && slot->cache->swap != slot)) {
		struct violation *v = oracle_found(o, INV_COUNTS, OBJECT_SLOT, slot->id, 0);

		if (v) {
			say_slot(v, slot);
			say(v, " has count %d, but %d entries refer to it%s%s", slot->count, holders,
			    lost ? ", others that should do not" : "",
			    slot->cache && slot->cache->swap != slot ? ", and its page is another's" : "");
		}
	}
	if (slot->count <= 0 && !slot->cache) {
		struct violation *v = oracle_found(o, INV_NO_LEAK, OBJECT_SLOT, slot->id, 0);

		if (v) {
			say_slot(v, slot);
			say(v, " is allocated, but has count %d and no page in the swap cache", slot->count);
		}
	}
}

/* ---- which pages, slots and entries ---- */

static inline void look_at_range(struct places *places, unsigned int p, uint64_t range)
{
	places->look[p] |= range;
	places->processes |= UINT64_C(1) << p;
}

static void look_at_places(struct places *places, const int8_t at[NR_PROCESSES])
{
	uint64_t entries;
	unsigned int p;

	for_each_at(p, entries, at)
		look_at_range(places, p, UINT64_C(1) << (at[p] & 63));
}

static void look_at_page(struct oracle *o, struct places *places, const struct page *page)
{
	check_page(o, page);
	look_at_places(places, page->at);
	/* what the page names concerns those who hold its swap entry, too (I7) */
	if (page->swap)
		look_at_places(places, page->swap->at);
}

static void look_at_touched(struct oracle *o, struct places *places)
{
	const struct view *view = o->view;
	uint64_t processes = view->touched.processes;
	unsigned int p;

	for (uint32_t i = 0; i < view->touched.pages.nr; i++) {
		const struct page *page = view_page(view, view->touched.pages.id[i]);

		if (page)
			look_at_page(o, places, page);
	}
	for (uint32_t i = 0; i < view->touched.slots.nr; i++) {
		const struct swap_slot *slot = view_slot(view, view->touched.slots.id[i]);

		if (!slot)
			continue;
		check_slot(o, slot);
		look_at_places(places, slot->at);
		if (slot->cache) /* its swap count decides on exclusivity */
			check_page(o, slot->cache);
	}
	for (uint32_t i = 0; i < view->touched.vmas.nr; i++) {
		const struct vm_area_struct *vma = view_vma(view, view->touched.vmas.id[i]);

		if (vma)
			look_at_range(places, vma->process, vma_bits(vma));
	}
	for_each_bit(p, processes)
		look_at_range(places, p, ~o->memory.mapped[p]);
}

/* Pages that name an anon_vma which died in this operation, and were not touched themselves. */
static void look_for_the_dead(struct oracle *o)
{
	const struct view *view = o->view;
	bool named = false;

	for (uint32_t i = 0; i < view->touched.anon_vmas.nr; i++) {
		uint32_t id = view->touched.anon_vmas.id[i];

		named |= view->named[id] && !view_anon_vma(view, id);
	}
	for (uint32_t i = 0; named && i < view->pages.nr_live; i++)
		liveness_page(o, view->pages.live[i]);
	for (uint32_t i = 0; i < view->slots.nr_live; i++) {
		const struct swap_slot *slot = view->slots.live[i];

		if (slot->cache)
			liveness_page(o, slot->cache);
	}
}

void check_pages(struct oracle *o)
{
	const struct view *view = o->view;
	struct places places = { 0 };

	if (!o->everything) {
		look_at_touched(o, &places);
		if (o->anon_vma_died)
			look_for_the_dead(o);
		check_entries(o, &places);
		return;
	}
	for (uint32_t i = 0; i < view->pages.nr_live; i++)
		check_page(o, view->pages.live[i]);
	for (uint32_t i = 0; i < view->slots.nr_live; i++)
		check_slot(o, view->slots.live[i]);
	memset(places.look, 0xff, sizeof(places.look));
	places.processes = window_bits(0, NR_PROCESSES);
	check_entries(o, &places);
}
