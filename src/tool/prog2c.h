/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files of rmapfuzz prog2c: what a program must do on a real
 * kernel (prog2c_must.c), what its operations become (prog2c_ops.c), and the C
 * program around them (prog2c_emit.c).
 * Nobody else includes this.
 */
#ifndef RMAPFUZZ_TOOL_PROG2C_H
#define RMAPFUZZ_TOOL_PROG2C_H

#include "driver/settings.h"
#include "tool/tool.h"

enum must_kind {
	MUST_BE_DONE,
	MUST_NO_PROCESS, /* nothing: the process does not exist */
	MUST_TAKEN,      /* nothing: the child of a fork exists */
};

/* What one operation must come to. */
struct must {
	uint8_t kind; /* enum must_kind */
	int error;    /* enum op_error */
	uint32_t value;
};

/*
 * A kernel that cannot inject faults goes another way than one that can, so
 * there are two expectations; without any (fail_nth: N) they are the same.
 */
enum { WITHOUT_FAULTS, WITH_FAULTS, NR_EXPECTATIONS };

/* What a process must find in its pages in the end; PAGE_REFUSED where it must not read. */
enum { PAGE_REFUSED = -1 };
struct must_hold {
	bool alive;
	int page[NR_WINDOW];
};

struct expected {
	struct must step[NR_EXPECTATIONS][MAX_OPS];
	struct must_hold end[NR_EXPECTATIONS][NR_PROCESSES];
	uint32_t locked_pages; /* most that a process needs to lock, as RLIMIT_MEMLOCK counts */
};

/*
 * Plays what system calls can do of a program on the model. Complains about
 * path and returns false if memory is short or the model itself reads a wrong
 * byte.
 */
bool prog2c_expect(const struct settings *settings, const struct program *program, const char *path,
		   struct expected *expected);

/* True if the allocation of an operation can be made to fail: a page fault that fails is tried again, or kills. */
/* fail-nth fails one allocation of a system call, and the kernel tries page faults again. */
bool prog2c_injects(const struct op *op);

/* Writes the C program. name is how it calls itself. */
void prog2c_emit(FILE *out, const char *name, const struct settings *settings, const struct input *input,
		 const struct expected *expected);

/* ---- prog2c_ops.c ---- */

struct emitter {
	FILE *out;
	const char *name;
	const char *release;
	const struct settings *settings;
	const struct input *input;
	const struct expected *expected;
	bool emitted[NR_OP_CODES]; /* an operation of this number is done */
	bool compares, end, left_out, injects, fail_fault, fail_count; /* properties, see has_property() */
};

/* The call that does an operation, as the table has it; NULL where no system call does it. */
const char *prog2c_call(unsigned int code);

/* Whether some process does operation i, and whether process p is there in the end, with injected faults or without. */
bool prog2c_is_done(const struct emitter *e, uint32_t i);
bool prog2c_is_left(const struct emitter *e, unsigned int p);

/* Text from a file inside a C comment: nothing that ends it, that a compiler warns of, or that is no line. */
void prog2c_put_comment(FILE *out, const char *text, size_t length);

/* A block for each operation. */
void prog2c_put_program(const struct emitter *e);
/* What each process that is left compares before it exits. */
void prog2c_put_end(const struct emitter *e);

#endif
