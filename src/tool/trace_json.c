// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace as one JSON object for scripts: the program, what it was played on,
 * its steps with their changes, the first violation. An object is named by
 * kind and birth id; a field that the release does not have is missing.
 */
#include "tool/json.h"
#include "tool/trace.h"

static json_t *id_or_null(uint32_t id)
{
	return id ? json_integer(id) : json_null();
}

static json_t *places(const int8_t at[NR_PROCESSES])
{
	json_t *object = json_object();
	char name[2] = "A";

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		name[0] = (char)('A' + p);
		if (at[p] >= 0)
			json_object_set_new(object, name, json_integer(at[p]));
	}
	return object;
}

static json_t *process_name(unsigned int process)
{
	char name[2] = { (char)('A' + process), '\0' };

	return process < NR_PROCESSES ? json_string(name) : json_null();
}

static json_t *vma_record(const struct state *state, const struct state_vma *vma)
{
	const char *prot = vma->flags & VM_WRITE ? "rw" : vma->flags & VM_READ ? "r" : "n";
	json_t *chain = json_array();

	for (uint32_t i = 0; i < vma->nr_chain; i++) {
		const struct state_avc *avc = &state->chains[vma->chain + i];

		json_array_append_new(chain, json_pack("{sIsI}", "avc", (json_int_t)avc->id, "anon_vma",
						       (json_int_t)avc->anon_vma_id));
	}
	return json_pack("{sosisisssisbsbsbsoso}", "process", process_name(vma->process), "start", vma->start,
			 "end", vma->end, "prot", prot, "pgoff", (int32_t)vma->pgoff, "locked",
			 (vma->flags & VM_LOCKED) != 0, "dontfork", (vma->flags & VM_DONTCOPY) != 0,
			 "mergeable", (vma->flags & VM_MERGEABLE) != 0, "anon_vma",
			 id_or_null(vma->anon_vma_id), "chain", chain);
}

static json_t *avc_record(const struct state_avc *avc)
{
	return json_pack("{sIsIsI}", "vma", (json_int_t)avc->vma_id, "anon_vma", (json_int_t)avc->anon_vma_id,
			 "place", (json_int_t)avc->place);
}

static json_t *anon_vma_record(const struct state *state, const struct state_anon_vma *anon_vma)
{
	const struct view_rules *rules = &state->rules;
	json_t *object = json_pack("{sosIsI}", "parent", id_or_null(anon_vma->parent_id), "avcs",
				   (json_int_t)anon_vma->nr_avcs, "pins", (json_int_t)anon_vma->pins);

	if (rules->has_root)
		json_object_set_new(object, "root", id_or_null(anon_vma->root_id));
	if (rules->counts_apart) {
		json_object_set_new(object, "num_children", json_integer(anon_vma->num_children));
		json_object_set_new(object, "num_active_vmas", json_integer(anon_vma->num_active_vmas));
	} else if (rules->counts_children) {
		json_object_set_new(object, "degree",
				    json_integer(anon_vma->num_children + anon_vma->num_active_vmas));
	}
	json_object_set_new(object, rules->has_refcount ? "refcount" : "external_refcount",
			    json_integer(anon_vma->refcount));
	return object;
}

static json_t *page_record(const struct state_page *page)
{
	return json_pack("{sosisisisosbsbsbsIso}", "mapping", id_or_null(page->mapping_id), "index",
			 (int32_t)page->index, "mapcount", page->mapcount, "refcount", page->refcount,
			 "swap_slot", id_or_null(page->slot_id), "exclusive", page->exclusive, "isolated",
			 page->isolated, "locked", page->locked, "content", (json_int_t)page->value, "at",
			 places(page->at));
}

static json_t *slot_record(const struct state_slot *slot)
{
	return json_pack("{sisosIso}", "count", slot->count, "page", id_or_null(slot->page_id), "content",
			 (json_int_t)slot->value, "at", places(slot->at));
}

static json_t *record(const struct state *state, enum state_kind kind, const void *object)
{
	if (!object)
		return json_null();
	switch (kind) {
	case STATE_VMA:
		return vma_record(state, object);
	case STATE_AVC:
		return avc_record(object);
	case STATE_ANON_VMA:
		return anon_vma_record(state, object);
	case STATE_PAGE:
		return page_record(object);
	default:
		return slot_record(object);
	}
}

static json_t *changes(const struct trace_step *step)
{
	static const char *const names[] = {
		[CHANGE_NONE] = "none",
		[CHANGE_BORN] = "born",
		[CHANGE_FREED] = "freed",
		[CHANGE_CHANGED] = "changed",
	};
	json_t *list = json_array();

	for (uint32_t i = 0; i < step->diff.nr; i++) {
		const struct change *change = &step->diff.changes[i];
		enum state_kind kind = (enum state_kind)change->kind;

		json_array_append_new(list, json_pack("{sssIsssoso}", "kind", state_kind_name(kind), "id",
						      (json_int_t)change->id, "change", names[change->what],
						      "before", record(step->before, kind, change->before),
						      "after", record(step->after, kind, change->after)));
	}
	return list;
}

static json_t *entry_record(const struct state_entry *entry)
{
	static const char *const names[] = {
		[PTE_NONE] = "none", [PTE_PRESENT] = "present",     [PTE_ZERO] = "zero",
		[PTE_SWAP] = "swap", [PTE_MIGRATION] = "migration",
	};

	return json_pack("{sssbsbso}", "kind", names[entry->kind], "write", entry->write, "exclusive",
			 entry->exclusive, entry->kind == PTE_SWAP ? "swap_slot" : "page",
			 id_or_null(entry->id));
}

static json_t *entries(const struct trace_step *step, bool full)
{
	json_t *list = json_array();

	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		for (unsigned int n = 0; n < NR_WINDOW; n++) {
			const struct state_entry *before = &step->before->entry[p][n];
			const struct state_entry *after = &step->after->entry[p][n];

			if (state_same_entry(before, after) && !(full && after->kind != PTE_NONE))
				continue;
			json_array_append_new(list, json_pack("{sosisoso}", "process", process_name(p),
							      "page", (int)n, "before", entry_record(before),
							      "after", entry_record(after)));
		}
	return list;
}

static json_t *violation_record(const struct violation *violation)
{
	char signature[VIOLATION_SIGNATURE_MAX], invariant[8];

	if (violation->invariant == INV_NONE)
		return json_null();
	violation_signature(violation, signature);
	snprintf(invariant, sizeof(invariant), "I%u", violation->invariant);
	return json_pack("{sssssIss}", "invariant", invariant, "signature", signature, "step",
			 (json_int_t)violation->step, "text", violation->text);
}

static json_t *step_record(const struct trace_step *step, bool full)
{
	const struct op_result *result = &step->played.result;
	char operation[OP_TEXT_MAX];
	json_t *violations = json_array();
	json_t *object = json_pack("{sIsoso}", "step", (json_int_t)step->played.number, "process",
				   process_name(step->process), "operation", json_null());

	if (step->played.op) {
		op_print(step->played.op, operation);
		json_object_set_new(object, "operation", json_string(operation));
		json_object_set_new(object, "result", json_string(op_error_name(result->error)));
		json_object_set_new(object, "failed_allocation", json_boolean(result->failed_allocation));
		if (result->has_value)
			json_object_set_new(object, "value", json_integer(result->value));
	}
	for (uint32_t i = 0; i < step->nr_violations; i++)
		json_array_append_new(violations, violation_record(&step->violations[i]));
	json_object_set_new(object, "changes", changes(step));
	json_object_set_new(object, "entries", entries(step, full));
	json_object_set_new(object, "violations", violations);
	json_object_set_new(object, "use_after_free_not_judged", json_boolean(step->unjudged_use_after_free));
	return object;
}

static json_t *settings_record(const struct settings *settings)
{
	static const char *const recycles[] = {
		[RECYCLE_LATE] = "late",
		[RECYCLE_NOW] = "now",
		[RECYCLE_MALLOC] = "malloc",
	};
	json_t *bugs = json_array(), *checks = json_array();
	char name[8];

	for (unsigned int i = 0; i < settings->nr_bugs; i++)
		json_array_append_new(bugs, json_string(settings->bugs[i]->name));
	for (unsigned int i = 1; i < NR_INVARIANT_NUMBERS; i++)
		if (settings->checks & CHECK_BIT(i)) {
			snprintf(name, sizeof(name), "I%u", i);
			json_array_append_new(checks, json_string(name));
		}
	return json_pack("{sssssossso}", "release", settings->version, "rules", settings->release.name,
			 "bugs", bugs, "recycle", recycles[settings->recycle], "checks", checks);
}

bool trace_print_json(FILE *out, const struct settings *settings, struct player *player,
		      const struct program *program, const struct trace_options *options,
		      struct violation *violation)
{
	json_t *steps = json_array();
	struct trace trace;

	if (trace_begin(&trace, player, program, options))
		while (trace_next(&trace))
			json_array_append_new(steps, step_record(&trace.step, options->full));
	else
		trace.failed = true;
	*violation = trace.first;
	json_t *whole = json_pack("{sososIsoso}", "file", json_text(options->title), "settings",
				  settings_record(settings), "operations", (json_int_t)program->nr_ops,
				  "steps", steps, "violation", violation_record(violation));
	bool made = whole != NULL;

	json_print_line(out, whole);
	return trace_end(&trace) && made;
}
