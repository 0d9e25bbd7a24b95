// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of a drawing: links of VMAs to anon_vmas, parents, mappings, page
 * table entries, the swap cache. In a crowded picture only those are left that
 * no text and no other line tells.
 */
#include "tool/drawing.h"

static bool freed(const struct drawing *drawing, uint32_t anon_vma_id)
{
	return !state_find(drawing->state, STATE_ANON_VMA, anon_vma_id);
}

static bool is_ancestor(const struct drawing *drawing, uint32_t ancestor, uint32_t of)
{
	const struct state_anon_vma *anon_vma = state_find(drawing->state, STATE_ANON_VMA, of);

	/* parents are older, so this ends also where a state is broken */
	while (anon_vma && anon_vma->id != ancestor && anon_vma->parent_id < anon_vma->id)
		anon_vma = state_find(drawing->state, STATE_ANON_VMA, anon_vma->parent_id);
	return anon_vma && anon_vma->id == ancestor;
}

static void put_links(const struct drawing *drawing, const struct state_vma *vma)
{
	bool linked = false;

	for (uint32_t i = 0; i < vma->nr_chain; i++) {
		const struct state_avc *avc = &drawing->state->chains[vma->chain + i];
		bool own = avc->anon_vma_id == vma->anon_vma_id,
		     bad = drawing_is_bad(drawing, STATE_AVC, avc->id);

		linked = linked || own;
		if (drawing->crowded && !own && !bad && is_ancestor(drawing, avc->anon_vma_id, vma->anon_vma_id))
			continue;
		fprintf(drawing->out, "\tvma%u:vma -> av%u [label=\"%s%u\" color=%s penwidth=%s]\n", vma->id,
			avc->anon_vma_id, bad ? "! " : "", avc->place,
			bad || freed(drawing, avc->anon_vma_id) ? "red" :
			own                                     ? "blue4" :
								  "steelblue",
			bad ? "3" :
			own ? "2" :
			      "1");
	}
	if (vma->anon_vma_id && !linked)
		fprintf(drawing->out,
			"\tvma%u:vma -> av%u [label=\"not linked\" color=red fontcolor=red style=dashed penwidth=2]\n",
			vma->id, vma->anon_vma_id);
}

static void put_stray_links(const struct drawing *drawing)
{
	const struct state *state = drawing->state;

	for (uint32_t i = 0; i < state->table[STATE_AVC].nr; i++) {
		const struct state_avc *avc = state_record(state, STATE_AVC, i);

		if (avc->place == 0)
			fprintf(drawing->out,
				"\tvma%u -> av%u [label=\"AVC %u\" color=red fontcolor=red penwidth=%d]\n",
				avc->vma_id, avc->anon_vma_id, avc->id,
				drawing_is_bad(drawing, STATE_AVC, avc->id) ? 3 : 1);
	}
}

static void put_parents(const struct drawing *drawing)
{
	const struct state *state = drawing->state;

	for (uint32_t i = 0; i < state->table[STATE_ANON_VMA].nr; i++) {
		const struct state_anon_vma *anon_vma = state_record(state, STATE_ANON_VMA, i);
		uint32_t parent = anon_vma->parent_id;

		if (parent && parent != anon_vma->id)
			fprintf(drawing->out, "\tav%u -> av%u [style=dashed arrowhead=empty color=%s]\n",
				anon_vma->id, parent, freed(drawing, parent) ? "red" : "gray30");
		if (anon_vma->root_id && freed(drawing, anon_vma->root_id) && anon_vma->root_id != parent)
			fprintf(drawing->out, "\tav%u -> av%u [label=root style=dotted color=red]\n",
				anon_vma->id, anon_vma->root_id);
	}
}

/* Drawn backwards, so that pages stand behind the anon_vmas. */
static void put_mappings(const struct drawing *drawing)
{
	const struct state *state = drawing->state;

	for (uint32_t i = 0; i < state->table[STATE_PAGE].nr; i++) {
		const struct state_page *page = state_record(state, STATE_PAGE, i);
		bool dangling = freed(drawing, page->mapping_id);

		if (drawing->pages.first[i] != i)
			continue;
		if (page->mapping_id)
			fprintf(drawing->out,
				"\tav%u -> page%u [dir=back label=mapping fontcolor=%s color=%s style=%s penwidth=%d]\n",
				page->mapping_id, page->id, dangling && page->held ? "red" : "gray30",
				!dangling  ? "darkorange3" :
				page->held ? "red" :
					     "gray50",
				page->held ? "solid" : "dotted", dangling && page->held ? 3 : 1);
		if (page->slot_id)
			fprintf(drawing->out,
				"\tpage%u -> slot%u [label=\"swap cache\" fontcolor=gray30 style=dotted]\n",
				page->id, drawing_node(drawing, STATE_SLOT, page->slot_id));
	}
}

/* From the cell of an entry, which is named by the first page that it stands for. */
static void put_entry(const struct drawing *drawing, const struct state_vma *vma, unsigned int at)
{
	const struct state_entry *entries = drawing->state->entry[vma->process], *entry = &entries[at];
	enum state_kind kind = entry->kind == PTE_SWAP ? STATE_SLOT : STATE_PAGE;
	uint32_t node = drawing_node(drawing, kind, entry->id);

	if (!node || !drawing_cell_begins(drawing, vma->process, vma->start, at))
		return;
	fprintf(drawing->out, "\tvma%u:e%u:e -> %s%u [color=%s style=%s arrowhead=vee]\n", vma->id, at,
		kind == STATE_SLOT ? "slot" : "page", node, "gray45",
		entry->kind == PTE_PRESENT ? "solid" : "dashed");
}

/* Lines that nobody sees: the dead stand right of the VMAs, and a page that nothing leads to among the pages. */
static void put_order(const struct drawing *drawing)
{
	const struct state *state = drawing->state;
	const struct state_vma *vma = state->table[STATE_VMA].nr ? state_record(state, STATE_VMA, 0) : NULL;
	const struct state_anon_vma *anon_vma =
		state->table[STATE_ANON_VMA].nr ? state_record(state, STATE_ANON_VMA, 0) : NULL;

	for (uint32_t id = 1; vma && id <= state->nr_anon_vmas_born; id++)
		if (freed(drawing, id) && drawing_named(drawing, id) != NAMED_NOT)
			fprintf(drawing->out, "\tvma%u:vma -> av%u [style=invis]\n", vma->id, id);
	for (uint32_t i = 0; anon_vma && i < state->table[STATE_PAGE].nr; i++) {
		const struct state_page *page = state_record(state, STATE_PAGE, i);

		if (drawing->pages.first[i] == i && !page->mapping_id)
			fprintf(drawing->out, "\tav%u -> page%u [style=invis]\n", anon_vma->id, page->id);
	}
}

void drawing_put_edges(const struct drawing *drawing)
{
	const struct state *state = drawing->state;

	for (uint32_t i = 0; i < state->table[STATE_VMA].nr; i++) {
		const struct state_vma *vma = state_record(state, STATE_VMA, i);

		put_links(drawing, vma);
		for (unsigned int n = vma->start; !drawing->crowded && n < vma->end && n < NR_WINDOW; n++)
			put_entry(drawing, vma, n);
	}
	put_stray_links(drawing);
	put_parents(drawing);
	put_mappings(drawing);
	put_order(drawing);
}
