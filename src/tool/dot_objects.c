// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes of anon_vmas, pages and swap slots, and of freed objects that
 * something still names: those are struck through, and red if what names them
 * is in use.
 */
#include "tool/drawing.h"
#include "tool/words.h"

static void put_counters(const struct drawing *drawing, const struct state_anon_vma *anon_vma)
{
	const struct view_rules *rules = &drawing->state->rules;
	FILE *out = drawing->out;

	if (rules->counts_apart)
		fprintf(out, "<BR/>num_children %d<BR/>num_active_vmas %d", anon_vma->num_children,
			anon_vma->num_active_vmas);
	else if (rules->counts_children)
		fprintf(out, "<BR/>degree %d", anon_vma->num_children + anon_vma->num_active_vmas);
	if (rules->has_refcount)
		fprintf(out, "<BR/>refcount %d", anon_vma->refcount);
	else if (anon_vma->refcount)
		fprintf(out, "<BR/>external_refcount %d", anon_vma->refcount);
	if (anon_vma->pins)
		fprintf(out, "<BR/>pins %u", anon_vma->pins);
}

static void put_anon_vma(const struct drawing *drawing, const struct state_anon_vma *anon_vma)
{
	bool bad = drawing_is_bad(drawing, STATE_ANON_VMA, anon_vma->id);
	bool root = anon_vma->parent_id == anon_vma->id;
	FILE *out = drawing->out;

	fprintf(out,
		"\tav%u [shape=box style=\"rounded,filled\" fillcolor=\"%s\"%s%s label=<%s<B>anon_vma %u</B>",
		anon_vma->id, root ? "lightskyblue" : "aliceblue", root ? " peripheries=2" : "",
		bad ? " color=red penwidth=3" : "", bad ? "! " : "", anon_vma->id);
	if (drawing->state->rules.has_root && !root) {
		fputs("<BR/>root ", out);
		words_anon_vma(out, drawing->state, anon_vma->root_id);
	} else if (root) {
		fputs("<BR/>root", out);
	}
	put_counters(drawing, anon_vma);
	fputs(">]\n", out);
}

static void put_page(const struct drawing *drawing, uint32_t number)
{
	const struct state_page *page = state_record(drawing->state, STATE_PAGE, number);
	bool bad = drawing_is_bad(drawing, STATE_PAGE, page->id);
	FILE *out = drawing->out;

	fprintf(out, "\tpage%u [shape=box style=filled fillcolor=\"%s\"%s label=<%s<B>", page->id,
		page->mapcount ? "lightyellow" : "white", bad ? " color=red penwidth=3" : "", bad ? "! " : "");
	drawing_put_members(drawing, STATE_PAGE, page->id);
	fprintf(out, "</B><BR/>mapcount %d, refcount %d", page->mapcount, page->refcount);
	if (page->mapping_id && drawing_nr_members(drawing, STATE_PAGE, page->id) == 1)
		fprintf(out, "<BR/>index %d", (int32_t)page->index);
	if (page->exclusive || page->isolated || page->locked)
		fprintf(out, "<BR/>%s%s%s", page->exclusive ? "exclusive " : "",
			page->isolated ? "isolated " : "", page->locked ? "locked" : "");
	fputs(">]\n", out);
}

static void put_slot(const struct drawing *drawing, uint32_t number)
{
	const struct state_slot *slot = state_record(drawing->state, STATE_SLOT, number);
	bool bad = drawing_is_bad(drawing, STATE_SLOT, slot->id);
	FILE *out = drawing->out;

	fprintf(out, "\tslot%u [shape=cylinder style=filled fillcolor=\"gray90\"%s label=<%s<B>", slot->id,
		bad ? " color=red penwidth=3" : "", bad ? "! " : "");
	drawing_put_members(drawing, STATE_SLOT, slot->id);
	fprintf(out, "</B><BR/>count %d>]\n", slot->count);
}

/* ---- the dead ---- */

enum named drawing_named(const struct drawing *drawing, uint32_t id)
{
	const struct state *state = drawing->state;
	enum named named = NAMED_NOT;

	for (uint32_t i = 0; i < state->table[STATE_PAGE].nr; i++) {
		const struct state_page *page = state_record(state, STATE_PAGE, i);

		if (page->mapping_id == id && page->held)
			return NAMED_USED;
		if (page->mapping_id == id)
			named = NAMED_UNUSED; /* no entry leads to it: nobody walks from here */
	}
	for (uint32_t i = 0; i < state->table[STATE_VMA].nr; i++) {
		const struct state_vma *vma = state_record(state, STATE_VMA, i);

		if (vma->anon_vma_id == id)
			return NAMED_USED;
	}
	for (uint32_t i = 0; i < state->table[STATE_AVC].nr; i++) {
		const struct state_avc *avc = state_record(state, STATE_AVC, i);

		if (avc->anon_vma_id == id)
			return NAMED_USED;
	}
	for (uint32_t i = 0; i < state->table[STATE_ANON_VMA].nr; i++) {
		const struct state_anon_vma *anon_vma = state_record(state, STATE_ANON_VMA, i);

		if (anon_vma->root_id == id)
			return NAMED_USED;
		if (anon_vma->parent_id == id) /* a pointer that kernels have since 3.19 */
			named = state->rules.counts_children ? NAMED_USED : NAMED_UNUSED;
	}
	return named;
}

static void put_who_freed(const struct drawing *drawing, uint32_t id)
{
	uint32_t step = drawing->state->freed_at[id];
	uint8_t process = drawing->state->freed_by[id];

	if (step && step <= drawing->program->nr_ops)
		fprintf(drawing->out, "<BR/>freed at operation %u<BR/>by %s of %c", step,
			op_info(drawing->program->ops[step - 1].code)->name, 'A' + process);
	else if (process < NR_PROCESSES)
		fprintf(drawing->out, "<BR/>freed at the end<BR/>by exit of %c", 'A' + process);
	else
		fputs("<BR/>freed at the end<BR/>with the last reference", drawing->out);
}

static void put_dead_anon_vmas(const struct drawing *drawing)
{
	const struct state *state = drawing->state;
	FILE *out = drawing->out;

	for (uint32_t id = 1; id <= state->nr_anon_vmas_born; id++) {
		enum named named = state_find(state, STATE_ANON_VMA, id) ? NAMED_NOT :
									   drawing_named(drawing, id);
		const char *colour = named == NAMED_USED ? "red" : "gray50";
		bool bad = drawing_is_bad(drawing, STATE_ANON_VMA, id);

		if (named == NAMED_NOT)
			continue;
		fprintf(out,
			"\tav%u [shape=box style=\"rounded,dashed\" color=%s fontcolor=%s%s label=<%s<B><S>anon_vma "
			"%u</S></B>",
			id, colour, colour, bad ? " penwidth=3" : "", bad ? "! " : "", id);
		put_who_freed(drawing, id);
		fputs(">]\n", out);
	}
}

/* VMAs that are gone, to which a link on an anon_vma's list still leads. */
static void put_dead_vmas(const struct drawing *drawing)
{
	const struct state *state = drawing->state;
	uint32_t last = 0;

	for (uint32_t i = 0; i < state->table[STATE_AVC].nr; i++) {
		const struct state_avc *avc = state_record(state, STATE_AVC, i);

		if (avc->place || avc->vma_id == last || state_find(state, STATE_VMA, avc->vma_id))
			continue;
		last = avc->vma_id;
		fprintf(drawing->out,
			"\tvma%u [shape=box style=dashed color=red fontcolor=red label=<<S>VMA %u</S><BR/>freed>]\n",
			last, last);
	}
}

void drawing_put_objects(const struct drawing *drawing)
{
	const struct state *state = drawing->state;

	for (uint32_t i = 0; i < state->table[STATE_ANON_VMA].nr; i++)
		put_anon_vma(drawing, state_record(state, STATE_ANON_VMA, i));
	put_dead_anon_vmas(drawing);
	put_dead_vmas(drawing);
	for (uint32_t i = 0; i < state->table[STATE_PAGE].nr; i++)
		if (drawing->pages.first[i] == i)
			put_page(drawing, i);
	for (uint32_t i = 0; i < state->table[STATE_SLOT].nr; i++)
		if (drawing->slots.first[i] == i)
			put_slot(drawing, i);
}
