// SPDX-License-Identifier: GPL-2.0-only
/*
 * I25, the reference memory: what every process must read at every page,
 * whatever the reverse map says. A plain array: copied at fork, changed by
 * write, cleared by munmap, dontneed, exec and exit, moved by mremap.
 *
 * Must stay independent: it takes from the engine only how an operation ended
 * (error, progress) and which pages VMAs cover, never content.
 */
#include "oracle/internal.h"

void memory_reset(struct oracle *o)
{
	memset(o->memory.written, 0, sizeof(o->memory.written));
	memset(o->memory.mapped, 0, sizeof(o->memory.mapped));
	o->memory.writers = 0;
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		o->memory.begun[p].op.code = OP_NONE;
}

static void follow_write(struct reference_memory *memory, unsigned int process, unsigned int page, uint32_t step)
{
	memory->value[process][page] = step;
	memory->written[process] |= UINT64_C(1) << page;
	memory->writers |= (uint8_t)(1u << process);
}

/* The child has what the parent has, but for ranges that MADV_DONTFORK left out: those it does not cover. */
static void follow_fork(struct oracle *o, unsigned int parent, unsigned int child)
{
	struct reference_memory *memory = &o->memory;

	memcpy(memory->value[child], memory->value[parent], sizeof(memory->value[child]));
	memory->written[child] = memory->written[parent] & mm_covered(&o->view->mm[child]);
	memory->writers |= (uint8_t)(1u << child);
}

/* One that failed, and whose child waits for its end: as far as it got. Of the last VMA no entry may be there. */
static void follow_failed_fork(struct oracle *o, unsigned int parent, unsigned int child)
{
	follow_fork(o, parent, child);
	o->memory.written[child] &= o->view->mm[child].populated;
	o->memory.begun[parent].op.code = OP_NONE;
}

/*
 * Page by page: what was mapped moves and is gone from its old place, which
 * with dontunmap stays mapped and reads as zero. Under a hole of the source
 * the destination keeps what it has (6.17+; before, a hole is an error).
 */
static void follow_move(struct reference_memory *memory, unsigned int process, unsigned int from,
			unsigned int progress, unsigned int to)
{
	uint64_t mapped = memory->mapped[process];
	uint64_t *written = &memory->written[process];
	uint32_t *value = memory->value[process];

	for (; from < progress && from < NR_WINDOW && to < NR_WINDOW; from++, to++) {
		if (!(mapped >> from & 1))
			continue;
		value[to] = value[from];
		*written &= ~(UINT64_C(1) << to);
		*written |= (*written >> from & 1) << to;
		*written &= ~(UINT64_C(1) << from);
	}
}

/*
 * One phase more of what a process has begun. In a fork the child has what it covers by now: the parent
 * cannot have written meanwhile. What moves pages has moved those up to progress, and a write
 * has happened if its operation ended well.
 */
static void go_on(struct oracle *o, unsigned int process, unsigned int progress, bool ok)
{
	struct begun_op *begun = &o->memory.begun[process];
	const struct op *op = &begun->op;

	if (op->code == OP_FORK_BEGIN && !ok)
		follow_failed_fork(o, process, op->arg[0]);
	else if (op->code == OP_FORK_BEGIN)
		follow_fork(o, process, op->arg[0]);
	if (op->code == OP_WRITE_BEGIN && ok)
		follow_write(&o->memory, op->process, op->arg[0], o->view->step);
	if ((op->code != OP_MREMAP_BEGIN && op->code != OP_EXEC_BEGIN) || progress <= begun->at)
		return;

	unsigned int to = op->code == OP_EXEC_BEGIN ? op->arg[0] - 1u : op->arg[2];

	follow_move(&o->memory, process, begun->at, progress, to + begun->at - op->arg[0]);
	begun->at = (uint8_t)progress;
}

/* At the end of a program all that has paused is ended first. */
static void end_all(struct oracle *o)
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct op *op = &o->memory.begun[p].op;

		go_on(o, p, (unsigned int)op->arg[0] + op->arg[1],
		      op->code != OP_WRITE_BEGIN); /* a write is given up */
		o->memory.begun[p].op.code = OP_NONE;
	}
}

/* What it takes away at once is gone before its first pause; exec has written all of its stack. */
static void follow_begun(struct oracle *o, const struct op *op)
{
	o->memory.begun[op->process] = (struct begun_op){ .op = *op, .at = op->arg[0] };
	if (op->code == OP_EXEC_BEGIN) {
		o->memory.written[op->process] = 0;
		for (unsigned int n = op->arg[0]; n < (unsigned int)op->arg[0] + op->arg[1]; n++)
			follow_write(&o->memory, op->process, n, o->view->step);
	}
	if (op->code == OP_MREMAP_BEGIN)
		o->memory.written[op->process] &=
			~window_bits(op->arg[2], (unsigned int)op->arg[2] + op->arg[1]);
}

static void check_read(struct oracle *o, const struct op *op, const struct op_result *result)
{
	uint32_t should_be = memory_expected(&o->memory, op->process, op->arg[0]);

	if (result->value == should_be)
		return;

	struct violation *v = oracle_found_at(o, INV_MEMORY, OBJECT_MEMORY, op->process, op->arg[0]);

	if (v)
		say(v, "%c reads %u at page %u, but %u must be there", process_name(op->process),
		    result->value, op->arg[0], should_be);
}

static void follow(struct oracle *o, const struct op *op, const struct op_result *result)
{
	struct reference_memory *memory = &o->memory;
	bool ok = result->error == OP_OK;

	switch (op->code) {
	case OP_WRITE:
		if (ok)
			follow_write(memory, op->process, op->arg[0], o->view->step);
		break;
	case OP_READ:
		if (result->has_value)
			check_read(o, op, result);
		break;
	case OP_FORK:
		if (ok)
			follow_fork(o, op->process, op->arg[0]);
		break;
	case OP_WRITE_BEGIN:
		if (ok && result->paused)
			memory->begun[op->process] = (struct begun_op){ .op = *op };
		else if (ok)
			follow_write(memory, op->process, op->arg[0], o->view->step);
		break;
	case OP_FORK_BEGIN:
	case OP_MREMAP_BEGIN:
	case OP_EXEC_BEGIN:
		if (ok || (op->code == OP_FORK_BEGIN && result->error == OP_ENOMEM))
			follow_begun(o, op);
		/* fallthrough */
	case OP_RESUME:
		if (result->error != OP_EAGAIN)
			go_on(o, op->process, result->progress, ok);
		if (!result->paused)
			memory->begun[op->process].op.code = OP_NONE;
		break;
	case OP_EXIT:
	case OP_EXEC:
		if (ok)
			memory->written[op->process] = 0;
		break;
	case OP_MMAP:
		if (ok)
			memory->written[op->process] &=
				~window_bits(op->arg[0], (unsigned int)op->arg[0] + op->arg[1]);
		break;
	case OP_MUNMAP:
	case OP_DONTNEED:
		memory->written[op->process] &= ~window_bits(op->arg[0], result->progress);
		break;
	case OP_MREMAP:
		follow_move(memory, op->process, op->arg[0], result->progress, op->arg[2]);
		break;
	default: /* flags, reclaim, migration and pins move pages, not what is in them */
		break;
	}
}

/* A page without VMA has no content; whatever is mapped there next begins with zeroes. */
static void follow_maps(struct reference_memory *memory, const struct view *view, uint64_t processes)
{
	unsigned int p;

	for_each_bit(p, processes) {
		memory->mapped[p] = view->mm[p].alive ? mm_covered(&view->mm[p]) : 0;
		memory->written[p] &= memory->mapped[p];
	}
}

void memory_follow(struct oracle *o, const struct op *op, const struct op_result *result)
{
	const struct view *view = o->view;

	if (oracle_checks(o, INV_MEMORY)) {
		if (!op)
			end_all(o);
		else if (result && result->error != OP_NOTHING)
			follow(o, op, result);
	}
	if (view->touched.processes || view->touched.all)
		follow_maps(&o->memory, view,
			    view->touched.all ? window_bits(0, NR_PROCESSES) : view->touched.processes);
}

void memory_differs(struct oracle *o, unsigned int process, unsigned int at, const struct pte *pte)
{
	struct violation *v = oracle_found_at(o, INV_MEMORY, OBJECT_MEMORY, process, at);

	if (!v)
		return;
	say(v, "%c would read %u at page %u, but %u must be there: ", process_name(process),
	    view_content(pte), at, memory_expected(&o->memory, process, at));
	say_target(v, pte);
}

static __attribute__((cold, noinline)) void memory_lost(struct oracle *o, unsigned int p, uint64_t lost)
{
	unsigned int at = lowest_bit(lost);
	struct violation *v = oracle_found_at(o, INV_MEMORY, OBJECT_MEMORY, p, at);

	if (v)
		say(v, "%c would read 0 at page %u, but %u must be there: the entry is gone", process_name(p),
		    at, memory_expected(&o->memory, p, at));
}

void memory_check_lost(struct oracle *o)
{
	uint64_t writers = o->memory.writers;
	unsigned int p;

	for_each_bit(p, writers) {
		uint64_t lost = o->memory.written[p] & ~o->view->mm[p].populated;

		if (lost)
			memory_lost(o, p, lost);
	}
}
