/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs: a list of operations, each done by one process on pages of a small
 * window of its address space. The same program has a byte form (fuzzers,
 * corpora) and a text form (people, archives); both are described in
 * docs/program.md and derived from ops.def.
 *
 * This folder knows nothing of engines, files or fuzzers. It never allocates:
 * the caller owns every buffer.
 */
#ifndef RMAPFUZZ_PROGRAM_H
#define RMAPFUZZ_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NR_PROCESSES = 8,    /* A..H */
	NR_WINDOW = 64,      /* pages of the window: one bit each in a uint64_t */
	MAX_OPS = 512,       /* of a program; more are cut off when decoding bytes */
	MAX_FAIL_NTH = 64,   /* (fail_nth: 1..64); 0 means no failure */
	MAX_FAIL_COUNT = 32, /* (fail_nth: N, fail_count: 2..32); 0 means that one alone */
	NR_OPERANDS = 3,
};

enum op_code {
	OP_NONE = 0,
#define OP(number, symbol, text, group, weight, a1, a2, a3, help) OP_##symbol = (number),
#include "program/ops.def"
#undef OP
	NR_OP_CODES, /* numbers are contiguous from 1; a retired one keeps its place */
};

enum op_group {
	GROUP_PROCESS,
	GROUP_VMA,
	GROUP_FLAGS,
	GROUP_FAULT,
	GROUP_RECLAIM,
	GROUP_MIGRATION,
	GROUP_LIFETIME,
	GROUP_PHASE, /* operations that pause in the middle, where a kernel would let others in */
	NR_OP_GROUPS,
};

enum operand_kind {
	OPERAND_NONE,
	OPERAND_PROC,
	OPERAND_PAGE,
	OPERAND_LEN,            /* pages, fits at the PAGE before it */
	OPERAND_PROT,           /* enum prot */
	OPERAND_DEST_DONTUNMAP, /* PAGE with the LEN before it; struct op.dontunmap is its optional word */
	OPERAND_NEWLEN,         /* pages, fits at the first PAGE */
};

enum prot { PROT_N, PROT_R, PROT_RW, NR_PROTS };

/* One operation with resolved operands: named process, absolute pages. */
struct op {
	uint8_t code;             /* enum op_code */
	uint8_t process;          /* who does it, 0 = A */
	uint8_t arg[NR_OPERANDS]; /* as ops.def lists them; unused ones are 0 */
	uint8_t dontunmap;        /* 0 or 1; only with OPERAND_DEST_DONTUNMAP */
	uint8_t fail_nth;         /* 1..MAX_FAIL_NTH: that allocation inside the operation fails; 0: none */
	uint8_t fail_count;       /* 2..MAX_FAIL_COUNT: so many in a row fail, from fail_nth on; 0: one */
};

struct program {
	uint32_t nr_ops;
	struct op ops[MAX_OPS];
};

/* What ops.def says of one operation. */
struct op_info {
	const char *name; /* text form; NULL for a number that is not in use */
	const char *help;
	uint8_t group; /* enum op_group */
	uint8_t weight;
	uint8_t operand[NR_OPERANDS]; /* enum operand_kind */
};

/* Facts of an operation number. Any number is allowed; unknown ones have a NULL name. */
const struct op_info *op_info(unsigned int code);
/* Lower-case name of a group, for --help, docs and swarm masks. */
const char *op_group_name(enum op_group group);

/* What operand number index of an operation may be, first and last value included. */
struct operand_range {
	uint8_t min;
	uint8_t max;
};

/*
 * The range of one operand, given the operands before it (a length must fit at
 * the page, a destination must have room for the length). 0..0 for an unused
 * operand and for a number that is not in use. index < NR_OPERANDS; the
 * operands before it must be in their ranges.
 */
struct operand_range op_operand_range(const struct op *op, unsigned int index);

/*
 * True if every field is in range and every unused field is 0, that is: the
 * operation is one that the text form can express and that encode/decode keep.
 */
bool op_valid(const struct op *op);

/* ---- bytes (decode.c, encode.c): docs/program.md has the table and worked examples ---- */

enum {
	PROGRAM_FORMAT_VERSION = 3,
	PROGRAM_HEADER_BYTES = 4,
	PROGRAM_RECORD_BYTES = 6,
	PROGRAM_MAX_BYTES = PROGRAM_HEADER_BYTES + MAX_OPS * PROGRAM_RECORD_BYTES,
};

/* Bytes of the header. The last is reserved; it and SWARM are written as 0, and ignored when read. */
enum {
	PROGRAM_BYTE_VERSION = 0, /* format version, and the bit below */
	PROGRAM_BYTE_MASK = 1,    /* bit g set: group g is off (relative operands only) */
	PROGRAM_BYTE_SWARM = 2,   /* enum program_swarm, for the mutator only (resolved operands only) */
	PROGRAM_RESOLVED = 0x80,  /* in PROGRAM_BYTE_VERSION: operands are resolved */
};

/*
 * Bits of PROGRAM_BYTE_SWARM: what the mutator does not insert into this program. It decodes to the same
 * operations whatever they are. Finer than the groups where one operation undoes what others build up.
 */
enum program_swarm {
	SWARM_NO_END = 1 << 0,       /* exit, exec */
	SWARM_NO_UNMAP = 1 << 1,     /* munmap, dontneed, mremap-resize */
	SWARM_NO_PROTECT = 1 << 2,   /* mprotect */
	SWARM_NO_MOVE = 1 << 3,      /* mremap */
	SWARM_NO_FLAGS = 1 << 4,     /* group flags */
	SWARM_NO_RECLAIM = 1 << 5,   /* group reclaim */
	SWARM_NO_MIGRATION = 1 << 6, /* groups migration, lifetime and phase */
	SWARM_NO_FAILURE = 1 << 7,   /* fail_nth */
};

/* Bytes of a record. */
enum {
	RECORD_OPCODE,
	RECORD_PROCESS,
	RECORD_ARG0,
	RECORD_ARG1,
	RECORD_ARG2,
	RECORD_FAIL,
	RECORD_DONTUNMAP = 0x40, /* in the byte of a destination page, resolved operands */
	RECORD_FAIL_COUNT_BIT = 3, /* bits 3..7 of the byte of the process, resolved: fail_count - 1 (version 2) */
};

/*
 * Any bytes are a program: decode never fails and never reads past size.
 * Relative operands are resolved while decoding, so the result always has
 * named processes and absolute pages. Records past MAX_OPS are ignored, a
 * record cut short is filled up with zero bytes, unknown operation numbers
 * are dropped. Every operation of the result is valid (op_valid). Writes
 * nr_ops and that many operations, nothing behind them.
 */
void program_decode(struct program *program, const uint8_t *data, size_t size);

/*
 * The canonical byte form: header with the "resolved" bit, one record an
 * operation, unused bytes 0. out must have room for PROGRAM_MAX_BYTES.
 * Returns the number of bytes. decode(encode(p)) == p for every valid p.
 */
size_t program_encode(const struct program *program, uint8_t *out);

/* True if the header says that operands are resolved (canonical files, text made into bytes). */
bool program_bytes_resolved(const uint8_t *data, size_t size);

/*
 * Versions of the byte format, from 1; decode reads each as it was written, and any other as the present
 * one. docs/program.md says when a new one is due.
 */
bool program_format_known(unsigned int version);
/* What the header says; 0 for bytes without a whole header. */
unsigned int program_bytes_version(const uint8_t *data, size_t size);

/* ---- text (text_print.c, text_parse.c) ---- */

/* Goes up if a text of before would mean another program. New operations and directives are no reason. */
enum { PROGRAM_TEXT_VERSION = 1 };

enum { OP_TEXT_MAX = 80 /* bytes of one printed operation, with its NUL */ };

/* Prints one operation without newline. Returns the length (out is NUL-terminated). */
size_t op_print(const struct op *op, char out[OP_TEXT_MAX]);

enum { PROGRAM_TEXT_MAX = MAX_OPS * OP_TEXT_MAX + 1 /* room for any printed program, with its NUL */ };

/*
 * Prints the operations, one a line, no directives. As snprintf does: returns
 * the length of the whole text and writes at most room bytes, NUL included; a
 * return value >= room says that the text was cut. room may be 0.
 */
size_t program_print(const struct program *program, char *out, size_t room);

/*
 * A parse error: place and what was expected, in words ("page number 0..63").
 * line and column count from 1; column is in bytes.
 */
struct parse_error {
	uint32_t line;
	uint32_t column;
	char expected[96];
};

enum { MAX_DIRECTIVES = 16, MAX_EXPECTATIONS = 64, MAX_EXPECTATION_LINES = 24 };

/* A piece of the text that was parsed; not NUL-terminated. */
struct span {
	const char *text;
	uint32_t length;
};

/* "#! release 6.12.117", "#! bug swapin-newest-anon-vma": key and value, in file order. */
struct directive {
	struct span key;
	struct span value;
	uint32_t line;
};

/*
 * An expectation block: "#= linux 6.1.192 6.12.117" and the "#  ..." lines under it.
 * versions is the text behind "linux"; each line is the text behind "#  ".
 */
struct expectation {
	struct span versions;
	struct span lines[MAX_EXPECTATION_LINES];
	uint32_t nr_lines;
	uint32_t line;
};

/* What a text holds beside its operations. Spans point into the parsed text. */
struct program_notes {
	struct directive directives[MAX_DIRECTIVES];
	uint32_t nr_directives;
	struct expectation expectations[MAX_EXPECTATIONS];
	uint32_t nr_expectations;
	/* Comment behind operation i (text after '#', trimmed), for the errors of recorded programs. */
	struct span op_comment[MAX_OPS];
	uint32_t op_line[MAX_OPS];
};

/*
 * Parses a text. notes may be NULL. On error returns false, fills error and
 * leaves program empty: nothing of a bad text is ever run. A NUL byte, a line
 * over 4096 bytes of operation, more than MAX_OPS operations are errors;
 * comment lines may be of any length.
 */
bool program_parse(struct program *program, struct program_notes *notes, const char *text, size_t length,
		   struct parse_error *error);

/*
 * The canonical spelling of a text that program_parse read into program and notes: operations as op_print
 * gives them, one blank in directives and heads of expectations, no blanks at the end of lines, "\n" behind
 * each. Comments, empty lines and what expectations say stay as they are. Formatting the result changes
 * nothing. As snprintf does, but without a NUL: returns the length and writes at most room bytes.
 */
size_t program_format(const struct program *program, const struct program_notes *notes, const char *text,
		      size_t length, char *out, size_t room);

/*
 * Guess of the form of some file. Text has no control bytes but tab, newline
 * and carriage return. A fuzzer's bytes may have none either, so beyond that
 * text begins as a program does ('#', or a process and a blank), or is ASCII
 * in more than one word, so that a misspelt text is still one.
 */
bool program_is_text(const uint8_t *data, size_t size);

#endif
