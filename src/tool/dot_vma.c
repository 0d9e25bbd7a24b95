// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes as frames, their VMAs as tables: the range, the chain, and the
 * page table entries, those alike in one cell.
 */
#include "tool/drawing.h"
#include "tool/words.h"

/* Entries that share a cell: equal kinds and rights, to pages of one node. */
static bool same_cell(const struct drawing *drawing, const struct state_entry *a, const struct state_entry *b)
{
	enum state_kind kind = a->kind == PTE_SWAP ? STATE_SLOT : STATE_PAGE;

	return a->kind == b->kind && a->write == b->write && a->exclusive == b->exclusive &&
	       drawing_node(drawing, kind, a->id) == drawing_node(drawing, kind, b->id);
}

static const char *entry_words(const struct state_entry *entry)
{
	switch (entry->kind) {
	case PTE_PRESENT:
		return entry->write ? "w" : "r";
	case PTE_ZERO:
		return "z";
	case PTE_SWAP:
		return entry->exclusive ? "s excl." : "s";
	default:
		return entry->exclusive ? "m excl." : "m";
	}
}

static bool cell_is_bad(const struct drawing *drawing, unsigned int process, unsigned int page)
{
	return drawing->violation && drawing->violation->process == process && drawing->violation->at == page;
}

/* One cell: "0..2 r", and where lines would be too many, what the entries lead to. */
static void put_cell(const struct drawing *drawing, unsigned int process, unsigned int first, unsigned int end)
{
	const struct state_entry *entries = drawing->state->entry[process];
	struct ranges ranges = { .out = drawing->out, .comma = "" };
	enum state_kind kind = entries[first].kind == PTE_SWAP ? STATE_SLOT : STATE_PAGE;
	uint32_t node = drawing_node(drawing, kind, entries[first].id);
	bool bad = false;

	for (unsigned int n = first; n < end; n++)
		if (same_cell(drawing, &entries[first], &entries[n]))
			bad = bad || cell_is_bad(drawing, process, n);
	fprintf(drawing->out, "<TD PORT=\"e%u\"%s>%s", first, bad ? " BORDER=\"3\" COLOR=\"red\"" : "",
		bad ? "! " : "");
	for (unsigned int n = first; n < end; n++)
		if (same_cell(drawing, &entries[first], &entries[n]))
			ranges_add(&ranges, n);
	ranges_end(&ranges);
	fprintf(drawing->out, " <B>%s</B>", entry_words(&entries[first]));
	if (entries[first].kind != PTE_ZERO && !node)
		fputs("<BR/><FONT COLOR=\"red\"><S>gone</S></FONT>", drawing->out);
	else if (entries[first].kind != PTE_ZERO && drawing->crowded) {
		fputs("<BR/>", drawing->out);
		drawing_put_members(drawing, kind, node);
	}
	fputs("</TD>", drawing->out);
}

bool drawing_cell_begins(const struct drawing *drawing, unsigned int process, unsigned int start,
			 unsigned int at)
{
	const struct state_entry *entries = drawing->state->entry[process];
	unsigned int before = start;

	if (entries[at].kind == PTE_NONE)
		return false;
	while (before < at && !same_cell(drawing, &entries[before], &entries[at]))
		before++;
	return before == at;
}

/* The cells of [start, end); each begins at the first of its entries. */
static void put_cells(const struct drawing *drawing, unsigned int process, unsigned int start, unsigned int end)
{
	unsigned int in_a_row = drawing->crowded ? 4 : 1; /* lines leave a cell on its right side */
	unsigned int nr = 0;

	for (unsigned int n = start; n < end; n++) {
		if (!drawing_cell_begins(drawing, process, start, n))
			continue;
		if (nr % in_a_row == 0)
			fprintf(drawing->out, "%s<TR>", nr ? "</TR>" : "");
		nr++;
		put_cell(drawing, process, n, end);
	}
	if (nr)
		fputs("</TR>", drawing->out);
}

static void put_entries(const struct drawing *drawing, unsigned int process, unsigned int start,
			unsigned int end)
{
	bool any = false;

	for (unsigned int n = start; n < end; n++)
		any = any || drawing->state->entry[process][n].kind != PTE_NONE;
	if (!any)
		return;
	fputs("<TR><TD CELLPADDING=\"0\" BORDER=\"0\"><TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"2\">",
	      drawing->out);
	put_cells(drawing, process, start, end);
	fputs("</TABLE></TD></TR>", drawing->out);
}

static void put_vma(const struct drawing *drawing, const struct state_vma *vma)
{
	FILE *out = drawing->out;
	bool bad = drawing_is_bad(drawing, STATE_VMA, vma->id);

	fprintf(out,
		"\t\tvma%u [label=<<TABLE BORDER=\"%d\" COLOR=\"%s\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
		"BGCOLOR=\"white\"><TR><TD PORT=\"vma\">%s<B>VMA %u</B> [%u,%u) ",
		vma->id, bad ? 3 : 1, bad ? "red" : "black", bad ? "! " : "", vma->id, vma->start, vma->end);
	words_flags(out, vma->flags);
	if (vma->pgoff != vma->start)
		fprintf(out, " pgoff %d", (int32_t)vma->pgoff);
	fputs("</TD></TR>", out);
	put_entries(drawing, vma->process, vma->start, vma->end);
	fputs("<TR><TD>", out);
	if (!vma->anon_vma_id && !vma->nr_chain)
		fputs("no anon_vma", out);
	else
		words_chain(out, drawing->state, vma);
	fputs("</TD></TR></TABLE>>]\n", out);
}

/* Entries that no VMA covers: only a broken state has some. */
static void put_stray_entries(const struct drawing *drawing, unsigned int process, uint64_t covered)
{
	for (unsigned int n = 0; n < NR_WINDOW; n++) {
		if (drawing->state->entry[process][n].kind == PTE_NONE || covered >> n & 1)
			continue;
		fprintf(drawing->out, "\t\tstray%c%u [label=<<TABLE COLOR=\"red\"><TR>", 'A' + process, n);
		put_cell(drawing, process, n, n + 1);
		fputs("</TR><TR><TD BORDER=\"0\">in no VMA</TD></TR></TABLE>>]\n", drawing->out);
	}
}

static void put_process(const struct drawing *drawing, unsigned int process)
{
	const struct state *state = drawing->state;
	uint64_t covered = 0;
	bool empty = true;

	fprintf(drawing->out,
		"\tsubgraph cluster_%c {\n\t\tlabel=<<B>process %c</B>> labelloc=t labeljust=l style=\"rounded,filled\" "
		"color=gray60 fillcolor=gray95\n",
		'A' + process, 'A' + process);
	for (uint32_t i = 0; i < state->table[STATE_VMA].nr; i++) {
		const struct state_vma *vma = state_record(state, STATE_VMA, i);

		if (vma->process != process)
			continue;
		empty = false;
		put_vma(drawing, vma);
		for (unsigned int n = vma->start; n < vma->end && n < NR_WINDOW; n++)
			covered |= UINT64_C(1) << n;
	}
	put_stray_entries(drawing, process, covered);
	if (empty)
		fprintf(drawing->out, "\t\tempty%c [label=\"no VMAs\"]\n", 'A' + process);
	fputs("\t}\n", drawing->out);
}

/* All in one column, the left one. */
static void put_column(const struct drawing *drawing)
{
	const struct state *state = drawing->state;

	fputs("\t{ rank=min;", drawing->out);
	for (uint32_t i = 0; i < state->table[STATE_VMA].nr; i++) {
		const struct state_vma *vma = state_record(state, STATE_VMA, i);

		fprintf(drawing->out, " vma%u;", vma->id);
	}
	fputs(" }\n", drawing->out);
}

void drawing_put_processes(const struct drawing *drawing)
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		if (drawing->state->alive >> p & 1)
			put_process(drawing, p);
	put_column(drawing);
}
