// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects in words, see words.h. A fact is told when it is new, when it has
 * changed ("old -> new") or when all are wanted.
 */
#include "tool/words.h"

#include <stdarg.h>
#include <string.h>

/* The facts of one object, with commas between them. */
struct facts {
	FILE *out;
	const struct words *words;
	const char *comma;
	bool has_before;
};

static void begin_fact(struct facts *facts, const char *name)
{
	fprintf(facts->out, "%s%s", facts->comma, name);
	facts->comma = ", ";
}

static void add_number(struct facts *facts, const char *name, int64_t before, int64_t after)
{
	bool changed = facts->has_before && before != after;

	if (facts->has_before && !changed && !facts->words->all)
		return;
	begin_fact(facts, name);
	fputs(" ", facts->out);
	if (changed)
		fprintf(facts->out, "%lld -> ", (long long)before);
	fprintf(facts->out, "%lld", (long long)after);
}

/* A flag is silent while it is off, unless it went off just now. */
static void add_flag(struct facts *facts, const char *name, bool before, bool after)
{
	bool changed = facts->has_before && before != after;

	if (!changed && !(after && (!facts->has_before || facts->words->all)))
		return;
	begin_fact(facts, changed && !after ? "no longer " : "");
	fputs(name, facts->out);
}

/* A pointer to an object by its short name; 0 is none. */
static void put_reference(FILE *out, const struct state *state, const char *prefix, uint32_t id)
{
	if (!id)
		fputs("none", out);
	else if (strcmp(prefix, "av") == 0)
		words_anon_vma(out, state, id);
	else
		fprintf(out, "%s%u", prefix, id);
}

static void add_reference(struct facts *facts, const char *name, const char *prefix, uint32_t before,
			  uint32_t after)
{
	bool changed = facts->has_before && before != after;

	if (!changed && !(after && (!facts->has_before || facts->words->all)))
		return;
	begin_fact(facts, name);
	fputs(" ", facts->out);
	if (changed) {
		put_reference(facts->out, facts->words->before, prefix, before);
		fputs(" -> ", facts->out);
	}
	put_reference(facts->out, facts->words->after, prefix, after);
}

void words_anon_vma(FILE *out, const struct state *state, uint32_t id)
{
	fprintf(out, "av%u%s", id, state_find(state, STATE_ANON_VMA, id) ? "" : "(freed)");
}

void words_flags(FILE *out, uint32_t flags)
{
	fputs(flags & VM_WRITE ? "rw" : flags & VM_READ ? "r" : "n", out);
	if (flags & VM_LOCKED)
		fputs(" locked", out);
	if (flags & VM_DONTCOPY)
		fputs(" dontfork", out);
	if (flags & VM_MERGEABLE)
		fputs(" mergeable", out);
	if (flags & VM_ACCOUNT && !(flags & VM_WRITE))
		fputs(" account", out); /* was writable once; VMAs that differ in it do not merge */
}

static void put_range(FILE *out, uint32_t start, uint32_t end)
{
	fprintf(out, "[%u,%u)", start, end);
}

void words_chain(FILE *out, const struct state *state, const struct state_vma *vma)
{
	fputs("{", out);
	for (uint32_t i = 0; i < vma->nr_chain; i++) {
		fputs(i ? " " : "", out);
		words_anon_vma(out, state, state->chains[vma->chain + i].anon_vma_id);
	}
	fputs("}", out);
}

static void add_chain(struct facts *facts, const struct state_vma *before, const struct state_vma *after)
{
	const struct words *words = facts->words;
	bool changed = before && !state_same_chain(words->before, before, words->after, after);

	if (!changed && !(after->nr_chain && (!before || words->all)))
		return;
	begin_fact(facts, "chain ");
	if (changed) {
		words_chain(facts->out, words->before, before);
		fputs(" -> ", facts->out);
	}
	words_chain(facts->out, words->after, after);
}

/* A page offset that is the address says nothing; wrapped ones are shown as negative. */
static void add_pgoff(struct facts *facts, const struct state_vma *before, const struct state_vma *after)
{
	bool plain = after->pgoff == after->start && (!before || before->pgoff == before->start);

	if (!plain)
		add_number(facts, "pgoff", before ? (int32_t)before->pgoff : 0, (int32_t)after->pgoff);
}

static void vma_facts(struct facts *facts, const struct state_vma *before, const struct state_vma *after)
{
	if (before && (before->start != after->start || before->end != after->end)) {
		begin_fact(facts, "was ");
		put_range(facts->out, before->start, before->end);
	}
	if (!before || before->flags != after->flags || facts->words->all) {
		begin_fact(facts, "");
		if (before && before->flags != after->flags) {
			words_flags(facts->out, before->flags);
			fputs(" -> ", facts->out);
		}
		words_flags(facts->out, after->flags);
	}
	add_pgoff(facts, before, after);
	add_reference(facts, "anon_vma", "av", before ? before->anon_vma_id : 0, after->anon_vma_id);
	add_chain(facts, before, after);
	add_flag(facts, "not in the map", before && !before->in_map, !after->in_map);
}

static void anon_vma_facts(struct facts *facts, const struct state_anon_vma *before,
			   const struct state_anon_vma *after)
{
	const struct view_rules *rules = &facts->words->after->rules;
	static const struct state_anon_vma none;
	const struct state_anon_vma *was = before ? before : &none;

	bool root = after->parent_id == after->id && (!rules->has_root || after->root_id == after->id);

	if (root && (was->parent_id != after->id || facts->words->all)) {
		begin_fact(facts, "root");
	} else if (!root) {
		add_reference(facts, "parent", "av", was->parent_id, after->parent_id);
		if (rules->has_root)
			add_reference(facts, "root", "av", was->root_id, after->root_id);
	}
	if (rules->counts_apart) {
		add_number(facts, "num_children", was->num_children, after->num_children);
		add_number(facts, "num_active_vmas", was->num_active_vmas, after->num_active_vmas);
	} else if (rules->counts_children) {
		add_number(facts, "degree", was->num_children + was->num_active_vmas,
			   after->num_children + after->num_active_vmas);
	}
	if (rules->has_refcount)
		add_number(facts, "refcount", was->refcount, after->refcount);
	else if (was->refcount || after->refcount)
		add_number(facts, "external_refcount", was->refcount, after->refcount);
	if (facts->words->all) /* chains tell */
		add_number(facts, "avcs", was->nr_avcs, after->nr_avcs);
	if (was->pins || after->pins)
		add_number(facts, "pins", was->pins, after->pins);
}

/* Some process has it at another place than before. */
static bool moved(const int8_t before[NR_PROCESSES], const int8_t after[NR_PROCESSES])
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		if (before[p] >= 0 && after[p] >= 0 && before[p] != after[p])
			return true;
	return false;
}

/* Entries of migration come and go without any count. */
static void add_entries(struct facts *facts, const int8_t before[NR_PROCESSES],
			const int8_t after[NR_PROCESSES])
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if ((before[p] < 0) == (after[p] < 0))
			continue;
		begin_fact(facts, before[p] < 0 ? "now also " : "no longer ");
		fprintf(facts->out, "in %c", 'A' + (int)p);
	}
}

static void page_facts(struct facts *facts, const struct state_page *before, const struct state_page *after)
{
	static const struct state_page none;
	const struct state_page *was = before ? before : &none;

	if (before && moved(before->at, after->at))
		begin_fact(facts, "moved");
	else if (before && before->mapcount == after->mapcount)
		add_entries(facts, before->at, after->at);
	add_reference(facts, "mapping", "av", was->mapping_id, after->mapping_id);
	if (was->mapping_id || after->mapping_id)
		add_number(facts, "index", (int32_t)was->index, (int32_t)after->index);
	add_number(facts, "mapcount", was->mapcount, after->mapcount);
	add_number(facts, "refcount", was->refcount, after->refcount);
	add_reference(facts, "swap cache", "slot ", was->slot_id, after->slot_id);
	add_flag(facts, "exclusive", was->exclusive, after->exclusive);
	add_flag(facts, "isolated", was->isolated, after->isolated);
	add_flag(facts, "locked", was->locked, after->locked);
	add_number(facts, "content", was->value, after->value);
}

static void slot_facts(struct facts *facts, const struct state_slot *before, const struct state_slot *after)
{
	static const struct state_slot none;
	const struct state_slot *was = before ? before : &none;

	if (before && moved(before->at, after->at))
		begin_fact(facts, "moved");
	add_number(facts, "count", was->count, after->count);
	add_reference(facts, "cached", "page ", was->page_id, after->page_id);
	if (was->value != after->value || facts->words->all)
		add_number(facts, "content", was->value, after->value);
}

static void avc_facts(struct facts *facts, const struct state_avc *avc)
{
	const struct state_vma *vma = state_find(facts->words->after, STATE_VMA, avc->vma_id);

	if (!avc->vma_id) { /* anon_vma_prepare has not got that far, or has forgotten it */
		begin_fact(facts, "allocated, not linked yet");
		return;
	}
	begin_fact(facts, "in no chain, links ");
	fprintf(facts->out, "VMA %u%s to ", avc->vma_id, vma ? "" : " (freed)");
	words_anon_vma(facts->out, facts->words->after, avc->anon_vma_id);
}

void words_facts(FILE *out, const struct words *words, const struct change *change)
{
	struct facts facts = { .out = out, .words = words, .comma = "", .has_before = change->before };

	if (!change->after)
		return;
	switch (change->kind) {
	case STATE_VMA:
		vma_facts(&facts, change->before, change->after);
		break;
	case STATE_AVC:
		avc_facts(&facts, change->after);
		break;
	case STATE_ANON_VMA:
		anon_vma_facts(&facts, change->before, change->after);
		break;
	case STATE_PAGE:
		page_facts(&facts, change->before, change->after);
		break;
	default:
		slot_facts(&facts, change->before, change->after);
		break;
	}
}

void words_places(FILE *out, const int8_t at[NR_PROCESSES], unsigned int nr, const char *nowhere)
{
	const char *comma = "";

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (at[p] < 0)
			continue;
		fprintf(out, "%s%c %d", comma, 'A' + (int)p, at[p]);
		if (nr > 1)
			fprintf(out, "..%d", at[p] + (int)nr - 1);
		comma = ", ";
	}
	if (!*comma)
		fputs(nowhere, out);
}

unsigned int words_namers(FILE *out, const struct state *state, uint32_t anon_vma_id)
{
	unsigned int nr = 0;

	for (uint32_t i = 0; i < state->table[STATE_PAGE].nr; i++) {
		const struct state_page *page = state_record(state, STATE_PAGE, i);

		if (page->mapping_id != anon_vma_id || !page->held)
			continue;
		fprintf(out, "%spage %u (", nr++ ? ", " : "", page->id);
		words_places(out, page->at, 1, "unmapped");
		fputs(")", out);
	}
	for (uint32_t i = 0; i < state->table[STATE_VMA].nr; i++) {
		const struct state_vma *vma = state_record(state, STATE_VMA, i);

		if (vma->anon_vma_id == anon_vma_id)
			fprintf(out, "%sVMA %u of %c [%u,%u)", nr++ ? ", " : "", vma->id, 'A' + vma->process,
				vma->start, vma->end);
	}
	for (uint32_t i = 0; i < state->table[STATE_AVC].nr; i++) {
		const struct state_avc *avc = state_record(state, STATE_AVC, i);

		if (avc->anon_vma_id == anon_vma_id)
			fprintf(out, "%sAVC %u of VMA %u", nr++ ? ", " : "", avc->id, avc->vma_id);
	}
	return nr;
}
