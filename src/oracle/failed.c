// SPDX-License-Identifier: GPL-2.0-only
/*
 * I20: an operation that fails for want of memory. The state before it is
 * kept as hashes or one small record a VMA, only for operations with
 * fail_nth, and only what the operation can be asked about.
 *
 * fork and mmap are all or nothing: VMAs, chains, counters and the numbers of
 * objects must be the same afterwards. The other operations keep partial
 * effects in their own ranges, and may leave VMAs split, as the kernel does;
 * outside, each page must have the flags, the offset and the chain it had.
 *
 * Where a merge fails and the operation goes on without it, or with it, what
 * the merge had imported must be gone.
 */
#include "oracle/internal.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return hash ^ hash >> 32;
}

static void live_numbers(const struct view *view, uint32_t nr_live[5])
{
	nr_live[0] = view->anon_vmas.nr_live;
	nr_live[1] = view->avcs.nr_live;
	nr_live[2] = view->vmas.nr_live;
	nr_live[3] = view->pages.nr_live;
	nr_live[4] = view->slots.nr_live;
}

/* Refcounts and counters of all anon_vmas; a sum, since the order of the live table may differ. */
static uint64_t hash_counters(const struct view *view)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < view->anon_vmas.nr_live; i++) {
		const struct anon_vma *anon_vma = view->anon_vmas.live[i];
		uint64_t hash = mix(anon_vma->id, (uint32_t)anon_vma->refcount);

		hash = mix(hash, (uint32_t)anon_vma->num_children);
		hash = mix(hash, (uint32_t)anon_vma->num_active_vmas);
		sum += mix(hash, anon_vma->nr_avcs);
	}
	return sum;
}

/* What is to be the same for each page of a VMA. */
static struct saved_vma describe(const struct vm_area_struct *vma)
{
	const struct anon_vma_chain *avc = vma->chain_first;
	struct saved_vma saved = {
		.anon_vma_id = vma->anon_vma_id,
		.offset = vma->vm_pgoff - vma->vm_start,
		.flags = vma->vm_flags,
		.start = vma->vm_start,
		.end = vma->vm_end,
	};

	for (uint32_t n = 0; avc && n < vma->nr_avcs; n++, avc = avc->same_vma_next)
		saved.chain += mix(1, avc->anon_vma_id);
	return saved;
}

/* All VMAs of a process, with their borders and the order of their chains. */
static uint64_t hash_layout(const struct mm_struct *mm)
{
	uint64_t hash = mix(mm->alive, mm->starts);

	for (uint64_t starts = mm->starts; starts; starts &= starts - 1) {
		const struct vm_area_struct *vma = mm->vma_at[lowest_bit(starts)];
		const struct anon_vma_chain *avc = vma->chain_first;

		hash = mix(hash, (uint64_t)vma->vm_end << 32 | vma->vm_flags);
		hash = mix(hash, (uint64_t)vma->vm_pgoff << 32 | vma->anon_vma_id);
		for (uint32_t n = 0; avc && n < vma->nr_avcs; n++, avc = avc->same_vma_next)
			hash = mix(hash, avc->anon_vma_id);
	}
	return hash;
}

/* What fails wholly or not at all. */
static bool all_or_nothing(const struct op *op)
{
	return op->code == OP_FORK || op->code == OP_FORK_BEGIN || op->code == OP_MMAP;
}

static void save_vmas(struct saved_state *saved, unsigned int p, const struct mm_struct *mm)
{
	unsigned int nr = 0;

	for (uint64_t starts = mm->starts; starts; starts &= starts - 1)
		saved->vma[p][nr++] = describe(mm->vma_at[lowest_bit(starts)]);
	saved->nr_vmas[p] = (uint8_t)nr;
}

void failed_save(struct oracle *o, const struct op *op)
{
	struct saved_state *saved = &o->saved;
	const struct view *view = o->view;
	bool exactly = all_or_nothing(op);

	saved->taken = true;
	saved->alive = 0;
	saved->vmas_born = view->vmas.nr_born;
	live_numbers(view, saved->nr_live);
	if (exactly)
		saved->counters = hash_counters(view);
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct mm_struct *mm = &view->mm[p];

		saved->alive |= (uint8_t)(mm->alive ? 1u << p : 0);
		if (exactly)
			saved->layout[p] = hash_layout(mm);
		if (mm->alive && (!exactly || p == op->process))
			save_vmas(saved, p, mm);
	}
}

/* Pages that an operation speaks of, from the kinds of its operands. */
static uint64_t own_range(const struct op *op)
{
	const struct op_info *info = op_info(op->code);
	unsigned int page = 0, length = 1;
	uint64_t range = op->code == OP_EXEC_BEGIN ? window_bits(0, NR_WINDOW) :
						     0; /* empties the address space */

	for (unsigned int i = 0; i < NR_OPERANDS; i++) {
		switch (info->operand[i]) {
		case OPERAND_PAGE:
			page = op->arg[i];
			range |= window_bits(page, page + 1);
			break;
		case OPERAND_LEN:
		case OPERAND_NEWLEN:
			length = op->arg[i];
			range |= window_bits(page, page + length);
			break;
		case OPERAND_DEST_DONTUNMAP:
			range |= window_bits(op->arg[i], op->arg[i] + length);
			break;
		default:
			break;
		}
	}
	return range;
}

static void check_exactly(struct oracle *o)
{
	static const char *const kinds[] = { "anon_vmas", "AVCs", "VMAs", "pages", "swap slots" };
	const struct saved_state *saved = &o->saved;
	const struct view *view = o->view;
	uint32_t nr_live[5];
	struct violation *v;

	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		if (hash_layout(&view->mm[p]) == saved->layout[p])
			continue;
		v = oracle_found_at(o, INV_FAILED_OPERATION, OBJECT_PROCESS, p, 0);
		if (v)
			say(v, "the operation failed, but %s %c",
			    view->mm[p].alive == (saved->alive >> p & 1) ? "changed the VMAs or chains of" :
			    view->mm[p].alive                            ? "left behind process" :
									   "ended process",
			    process_name(p));
	}
	if (hash_counters(view) != saved->counters) {
		v = oracle_found(o, INV_FAILED_OPERATION, OBJECT_ANON_VMA, 0, 0);
		if (v)
			say(v, "the operation failed, but changed the counters of some anon_vma");
	}
	live_numbers(view, nr_live);
	for (unsigned int i = 0; i < 5; i++) {
		if (nr_live[i] == saved->nr_live[i])
			continue;
		v = oracle_found(o, INV_FAILED_OPERATION, OBJECT_PROCESS, UINT32_MAX, i);
		if (v)
			say(v, "the operation failed, but there are %u %s instead of %u", nr_live[i],
			    kinds[i], saved->nr_live[i]);
	}
}

/*
 * What differs at a page outside of the operation's range. A VMA that reaches
 * into the range, or up to it, may have got its first anon_vma: by a fault
 * that failed later, or by a merge with the part that was done.
 */
static const char *page_differs(const struct saved_vma *before, const struct saved_vma *after,
				uint32_t ignore, bool near_range)
{
	if (!before != !after)
		return before ? "is unmapped now" : "is mapped now";
	if (!before)
		return NULL;
	if (before->offset != after->offset)
		return "has another page offset now";
	if ((before->flags ^ after->flags) & ~ignore)
		return "has other VMA flags now";
	if (before->chain == after->chain && before->anon_vma_id == after->anon_vma_id)
		return NULL;
	return near_range && !before->anon_vma_id && !before->chain ? NULL : "has another chain now";
}

/* The VMA that had page n of process p, or NULL. */
static const struct saved_vma *saved_vma_at(const struct saved_state *saved, unsigned int p, unsigned int n)
{
	for (unsigned int i = 0; i < saved->nr_vmas[p]; i++)
		if (n < saved->vma[p][i].end)
			return n >= saved->vma[p][i].start ? &saved->vma[p][i] : NULL;
	return NULL;
}

static void check_process(struct oracle *o, unsigned int p, uint64_t range, uint32_t ignore)
{
	const struct mm_struct *mm = &o->view->mm[p];
	const uint64_t wide = range | range << 1 | range >> 1;

	for (unsigned int n = 0; n < NR_WINDOW; n++) {
		const struct vm_area_struct *vma = view_vma_at(mm, n);
		bool near_range = vma && (window_bits(vma->vm_start, vma->vm_end) & wide);
		struct saved_vma after;

		if (vma)
			after = describe(vma);

		const char *what = range >> n & 1 ? NULL :
						    page_differs(saved_vma_at(&o->saved, p, n),
								 vma ? &after : NULL, ignore, near_range);

		if (!what)
			continue;

		struct violation *v = oracle_found_at(o, INV_FAILED_OPERATION, OBJECT_PROCESS, p, n);

		if (v)
			say(v, "the operation failed, but page %u of %c, outside of its range, %s", n,
			    process_name(p), what);
		return;
	}
}

/* All that is in the VMA now was unfaulted before, or not mapped at all. */
static bool was_unfaulted(const struct saved_state *saved, unsigned int p, const struct vm_area_struct *vma)
{
	bool mapped = false;

	for (unsigned int i = 0; i < saved->nr_vmas[p]; i++) {
		const struct saved_vma *before = &saved->vma[p][i];

		if (before->start >= vma->vm_end || before->end <= vma->vm_start)
			continue;
		if (before->anon_vma_id || before->chain)
			return false;
		mapped = true;
	}
	return mapped;
}

static bool merged(const struct view *view, const struct vm_area_struct *vma)
{
	for (uint32_t i = 0; i < view->nr_events; i++)
		if (view->events[i].kind == EVENT_MERGE && view->events[i].vma_id == vma->id)
			return true;
	return view->events_lost;
}

/*
 * An operation that faults nothing in gives an old VMA an anon_vma by a merge alone, and a merge that happened
 * is an event (824135c46b00: one that did not left its import behind). Locked VMAs may have been populated.
 */
static void check_imports(struct oracle *o, unsigned int p)
{
	const struct mm_struct *mm = &o->view->mm[p];

	for (uint64_t starts = mm->starts; starts; starts &= starts - 1) {
		const struct vm_area_struct *vma = mm->vma_at[lowest_bit(starts)];

		if (!vma->nr_avcs || vma->id > o->saved.vmas_born || vma->vm_flags & VM_LOCKED ||
		    !was_unfaulted(&o->saved, p, vma) || merged(o->view, vma))
			continue;

		struct violation *v =
			oracle_found_at(o, INV_FAILED_OPERATION, OBJECT_PROCESS, p, vma->vm_start);

		if (!v)
			return;
		v->anon_vma_id = vma->anon_vma_id;
		say(v, "a merge failed, but ");
		say_vma(v, vma);
		say(v, " has kept the chain that it imported");
		return;
	}
}

void failed_check(struct oracle *o, const struct op *op, const struct op_result *result)
{
	bool no_memory = result && (result->error == OP_ENOMEM || result->error == OP_EAGAIN);

	o->saved.taken = false;
	if (!op || !result || !result->failed_allocation)
		return;
	if ((op_info(op->code)->group == GROUP_VMA || op_info(op->code)->group == GROUP_FLAGS ||
	     op->code == OP_MPROTECT_BEGIN) &&
	    o->saved.alive >> op->process & 1)
		check_imports(o, op->process);
	if (!no_memory)
		return;
	if (op->code == OP_FORK_BEGIN && result->paused && !o->view->rules->fork_undone)
		return; /* before 7.0 the child's mm stays for a time */
	if (all_or_nothing(op)) {
		check_exactly(o);
		return;
	}
	if (op->code == OP_RESUME)
		return; /* takes back what it has begun, which is more than it did */
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		/* mremap conceals VM_ACCOUNT of the whole source VMA and gives it back only where that is simple */
		if (o->saved.alive >> p & 1)
			check_process(o, p, p == op->process ? own_range(op) : 0,
				      op->code == OP_MREMAP || op->code == OP_MREMAP_BEGIN ? VM_ACCOUNT : 0);
	}
}
