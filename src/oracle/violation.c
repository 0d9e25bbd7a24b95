// SPDX-License-Identifier: GPL-2.0-only
/*
 * Violation records: which one of several is kept, its words and its
 * signature; names of invariants and the parser of --check. Judges nothing,
 * allocates nothing, prints nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "oracle/internal.h"

static const struct invariant_info infos[NR_INVARIANT_NUMBERS] = {
#define INVARIANT(number, symbol, sentence, flags, era) [number] = { #symbol, sentence, flags, era },
#include "oracle/invariants.def"
#undef INVARIANT
};

const struct invariant_info *invariant_info(unsigned int number)
{
	return &infos[number < NR_INVARIANT_NUMBERS ? number : INV_NONE];
}

check_mask check_all(void)
{
	check_mask all = 0;

	_Static_assert(NR_INVARIANT_NUMBERS <= 8 * sizeof(all), "one bit an invariant");
#define INVARIANT(number, symbol, sentence, flags, era) all |= CHECK_BIT(number);
#include "oracle/invariants.def"
#undef INVARIANT
	return all;
}

static void check_error(char error[CHECK_ERROR_MAX], const char *text, int length)
{
	int at = snprintf(error, CHECK_ERROR_MAX, "unknown invariant \"%.*s\", known: all none",
			  length < 20 ? length : 20, text);

	for (unsigned int i = 1; i < NR_INVARIANT_NUMBERS; i++) {
		if (at < 0 || at >= CHECK_ERROR_MAX)
			return;
		if (infos[i].symbol)
			at += snprintf(error + at, CHECK_ERROR_MAX - (size_t)at, " I%u", i);
	}
}

/* Number of the invariant that [text, text + length) names, or INV_NONE. */
static unsigned int check_number(const char *text, size_t length)
{
	unsigned int number = 0;

	if (length < 2 || length > 3 || (text[0] != 'I' && text[0] != 'i') || text[1] == '0')
		return INV_NONE;
	for (size_t i = 1; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return INV_NONE;
		number = number * 10 + (unsigned int)(text[i] - '0');
	}
	return invariant_info(number)->symbol ? number : INV_NONE;
}

bool check_parse(const char *text, check_mask *mask, char error[CHECK_ERROR_MAX])
{
	check_mask parsed = 0;

	error[0] = '\0';
	if (!strcasecmp(text, "all") || !strcasecmp(text, "none")) {
		*mask = strcasecmp(text, "all") ? 0 : check_all();
		return true;
	}
	for (const char *word = text;; word++) {
		size_t length = strcspn(word, ",");
		unsigned int number = check_number(word, length);

		if (number == INV_NONE) {
			check_error(error, word, (int)(length < 20 ? length : 20));
			return false;
		}
		parsed |= CHECK_BIT(number);
		word += length;
		if (!*word)
			break;
	}
	*mask = parsed;
	return true;
}

const char *object_kind_name(enum object_kind kind)
{
	static const char *const names[NR_OBJECT_KINDS] = {
		[OBJECT_ANON_VMA] = "anon_vma", [OBJECT_AVC] = "avc",         [OBJECT_VMA] = "vma",
		[OBJECT_PAGE] = "page",         [OBJECT_PTE] = "pte",         [OBJECT_SLOT] = "slot",
		[OBJECT_MEMORY] = "memory",     [OBJECT_PROCESS] = "process",
	};

	return kind < NR_OBJECT_KINDS ? names[kind] : "?";
}

size_t violation_signature(const struct violation *violation, char out[VIOLATION_SIGNATURE_MAX])
{
	const char *op = violation->op_code == OP_NONE ? "end" : op_info(violation->op_code)->name;
	int length = snprintf(out, VIOLATION_SIGNATURE_MAX, "I%u-%s-%s", violation->invariant,
			      object_kind_name(violation->kind), op ? op : "?");

	return length < VIOLATION_SIGNATURE_MAX ? (size_t)length : VIOLATION_SIGNATURE_MAX - 1;
}

size_t violation_class(const struct violation *violation, bool without_bug, char out[VIOLATION_SIGNATURE_MAX])
{
	int length = snprintf(out, VIOLATION_SIGNATURE_MAX, "I%u-%s%s", violation->invariant,
			      object_kind_name(violation->kind), without_bug ? "-without-bug" : "");

	return length < VIOLATION_SIGNATURE_MAX ? (size_t)length : VIOLATION_SIGNATURE_MAX - 1;
}

/*
 * The rank: invariant, event before state, kind, birth id or place. Only the
 * first in this order is kept, so that the verdict does not depend on the
 * order in which objects are looked at.
 */
static struct violation *open_report(struct oracle *o, enum invariant invariant, bool event,
				     enum object_kind kind, uint32_t id, uint32_t sub)
{
	uint64_t order = (uint64_t)invariant << 57 | (uint64_t)!event << 56 | (uint64_t)kind << 48 |
			 (uint64_t)id << 16 | (sub & 0xffff);
	struct violation *v = o->violation;

	if (!oracle_checks(o, invariant) || (v->invariant != INV_NONE && v->order <= order))
		return NULL;
	*v = (struct violation){
		.invariant = (uint8_t)invariant,
		.kind = (uint8_t)kind,
		.op_code = o->op ? o->op->code : (uint8_t)OP_NONE,
		.process = NO_PLACE,
		.at = NO_PLACE,
		.step = o->view->step,
		.order = order,
	};
	return v;
}

struct violation *oracle_found(struct oracle *o, enum invariant invariant, enum object_kind kind, uint32_t id,
			       uint32_t sub)
{
	return open_report(o, invariant, false, kind, id, sub);
}

struct violation *oracle_found_event(struct oracle *o, enum invariant invariant, enum object_kind kind,
				     uint32_t id)
{
	return open_report(o, invariant, true, kind, id, 0);
}

struct violation *oracle_found_at(struct oracle *o, enum invariant invariant, enum object_kind kind,
				  unsigned int process, unsigned int at)
{
	struct violation *v = open_report(o, invariant, false, kind, 0, process << 8 | at);

	if (v) {
		v->process = (uint8_t)process;
		v->at = (uint8_t)at;
	}
	return v;
}

/* ---- words ---- */

void say(struct violation *v, const char *format, ...)
{
	size_t used = strlen(v->text);
	va_list args;

	va_start(args, format);
	vsnprintf(v->text + used, sizeof(v->text) - used, format, args);
	va_end(args);
}

static void say_who_freed(const struct oracle *o, struct violation *v, uint32_t id)
{
	uint32_t step = o->view->freed_at[id];
	uint8_t process = o->view->freed_by[id];
	const char *name = step <= MAX_OPS ? op_info(o->op_at[step])->name : NULL;

	if (name)
		say(v, ", freed at operation %u by %s of %c", step, name, process_name(process));
	else if (process < NR_PROCESSES)
		say(v, ", freed at the end by exit of %c", process_name(process));
	else
		say(v, ", freed at the end with the last reference");
}

void say_anon_vma(const struct oracle *o, struct violation *v, uint32_t id)
{
	const struct view *view = o->view;

	if (!v->anon_vma_id)
		v->anon_vma_id = id;
	say(v, "anon_vma %u", id);
	if (!id || id > view->anon_vmas.nr_born) {
		say(v, ", which never existed");
	} else if (!view_anon_vma(view, id)) {
		say_who_freed(o, v, id);
	}
}

void say_vma(struct violation *v, const struct vm_area_struct *vma)
{
	if (!v->vma_id)
		v->vma_id = vma->id;
	say(v, "VMA %u of %c [%u,%u)", vma->id, process_name(vma->process), vma->vm_start, vma->vm_end);
}

static void say_places(struct violation *v, const int8_t at[NR_PROCESSES], const char *how)
{
	const char *between = how;

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (at[p] < 0)
			continue;
		say(v, "%s%c at %d", between, process_name(p), at[p]);
		between = " and ";
	}
	if (between != how)
		say(v, ",");
}

void say_page(struct violation *v, const struct page *page)
{
	v->page_id = page->id;
	say(v, "page %u", page->id);
	say_places(v, page->at, ", mapped by ");
	if (page->swap) {
		v->slot_id = page->swap->id;
		say(v, "%s in the swap cache,", at_entries(page->at) ? "" : ",");
		say_places(v, page->swap->at, " entry held by ");
	}
}

void say_slot(struct violation *v, const struct swap_slot *slot)
{
	v->slot_id = slot->id;
	say(v, "swap slot %u", slot->id);
	say_places(v, slot->at, ", held by ");
}

void say_no_more(struct violation *v)
{
	size_t length = strlen(v->text);

	if (length && v->text[length - 1] == ',')
		v->text[length - 1] = '\0';
}

void say_target(struct violation *v, const struct pte *pte)
{
	if (pte->kind == PTE_SWAP)
		say_slot(v, pte->slot);
	else if (pte->kind == PTE_ZERO)
		say(v, "the zero page");
	else
		say_page(v, pte->page);
	say_no_more(v);
}
