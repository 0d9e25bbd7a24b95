/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interface between an engine and its callers: create, reset, apply one
 * operation, look at the state, destroy. An engine executes resolved
 * programs; where a program came from and who judges the state is not its
 * business. The compact model is one engine (model_engine_create); real
 * kernel code in process and a running kernel can join behind the same calls.
 */
#ifndef RMAPFUZZ_ENGINE_H
#define RMAPFUZZ_ENGINE_H

#include "program/program.h"
#include "view.h"

/* Outcome of one operation; numbers are the kernel's errno values (positive). */
enum op_error {
	OP_OK = 0,
	OP_NOTHING = -1, /* process absent or target taken: the operation does nothing by definition */
	OP_EPERM = 1,
	OP_EIO = 5,
	OP_EAGAIN = 11,
	OP_ENOMEM = 12,
	OP_EFAULT = 14,
	OP_EBUSY = 16,
	OP_EEXIST = 17,
	OP_EINVAL = 22,
	OP_SIGSEGV = 1000, /* a read or write that the kernel refuses */
};

struct op_result {
	int error;      /* enum op_error */
	bool has_value; /* a read that succeeded */
	uint32_t value;
	/*
	 * How far an operation on a range got: the first page of the source range that it
	 * did not handle (page + length if it handled all). Holes count as handled. An operation in
	 * phases says so for itself, and resume for what it goes on with; those without a range say 0.
	 */
	uint8_t progress;
	bool kept_out; /* it would wait for a lock that an operation in phases holds: nothing was done */
	bool paused;   /* the process is inside an operation in phases: resume goes on with it */
	bool failed_allocation; /* the allocation of (fail_nth: N) was reached */
};

/* Name of an outcome as recorded programs write it ("EFAULT", "SIGSEGV"; "ok", "nothing"). */
const char *op_error_name(int error);

/* When freed objects are used again. */
enum recycle {
	RECYCLE_LATE,   /* slots rest as long as possible: ASan sees a stale pointer */
	RECYCLE_NOW,    /* at once, as SLAB_TYPESAFE_BY_RCU does: a stale pointer meets a live stranger */
	RECYCLE_MALLOC, /* malloc/free for each object: only for comparing the arena with it */
};

struct engine;

struct engine_class {
	const char *name;
	/* Back to one process A with an empty address space. Cost: what the input touched. */
	void (*reset)(struct engine *engine);
	/* Applies operation number step (from 1) of a program. Always leaves a state that view() shows. */
	struct op_result (*apply)(struct engine *engine, const struct op *op);
	/*
	 * End of an input: all processes exit in order A..H, migrations in flight end, pins are
	 * dropped, each as an operation of its own (view.step counts on). Returns false when
	 * there was nothing left to do; call it until then and check the state after each call.
	 */
	bool (*teardown_step)(struct engine *engine);
	const struct view *(*view)(const struct engine *engine);
	void (*destroy)(struct engine *engine);
};

struct engine {
	const struct engine_class *class;
	/*
	 * Set by the caller: an oracle judges each step. A stale pointer is then noted as an event
	 * (EVENT_USE_AFTER_FREE) and not followed; otherwise it is followed for ASan to see.
	 */
	bool judged;
};

#endif
