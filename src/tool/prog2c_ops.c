// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operation becomes in the C program of rmapfuzz prog2c, and what
 * processes do in the end. All that is said of single operations is in the
 * table; everything else must hold for any operation.
 */
#include <string.h>

#include "tool/prog2c.h"

/*
 * One call for each operation: $0 $1 $2 are its operands, $+ the flag of
 * "dontunmap", $n its number, $o the outcome and $v the value that must come.
 * An operation that is not here is one that no system call does.
 */
static const char *const calls[NR_OP_CODES] = {
	[OP_FORK] = "expect_fork($o, $0);",
	[OP_EXIT] = "leave();",
	[OP_EXEC] = "expect_exec($o);",
	[OP_MMAP] = ("expect($o, mmap(PAGE($0), PAGES($1), $2,\n"
		     "\t\t\t\tMAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == PAGE($0));"),
	[OP_MUNMAP] = "expect($o, munmap(PAGE($0), PAGES($1)) == 0);",
	[OP_MPROTECT] = "expect($o, mprotect(PAGE($0), PAGES($1), $2) == 0);",
	[OP_MREMAP] = ("expect($o, mremap(PAGE($0), PAGES($1), PAGES($1),\n"
		       "\t\t\t\t   MREMAP_MAYMOVE | MREMAP_FIXED$+, PAGE($2)) == PAGE($2));"),
	[OP_MREMAP_RESIZE] = "expect($o, mremap(PAGE($0), PAGES($1), PAGES($2), 0) == PAGE($0));",
	[OP_DONTNEED] = "expect($o, madvise(PAGE($0), PAGES($1), MADV_DONTNEED) == 0);",
	[OP_DONTFORK] = "expect($o, madvise(PAGE($0), PAGES($1), MADV_DONTFORK) == 0);",
	[OP_DOFORK] = "expect($o, madvise(PAGE($0), PAGES($1), MADV_DOFORK) == 0);",
	[OP_MERGEABLE] = "expect($o, madvise(PAGE($0), PAGES($1), MADV_MERGEABLE) == 0);",
	[OP_UNMERGEABLE] = "expect($o, madvise(PAGE($0), PAGES($1), MADV_UNMERGEABLE) == 0);",
	[OP_MLOCK] = "expect($o, mlock(PAGE($0), PAGES($1)) == 0);",
	[OP_MUNLOCK] = "expect($o, munlock(PAGE($0), PAGES($1)) == 0);",
	[OP_READ] = "expect_value($v, load(PAGE($0)));",
	[OP_WRITE] = "expect($o, store(PAGE($0), $n));",
	[OP_PAGEOUT] = "attempt(madvise(PAGE($0), PAGES(1), MADV_PAGEOUT) == 0);",
};

const char *prog2c_call(unsigned int code)
{
	return code < NR_OP_CODES ? calls[code] : NULL;
}

bool prog2c_is_done(const struct emitter *e, uint32_t i)
{
	if (!prog2c_call(e->input->program.ops[i].code))
		return false;
	return e->expected->step[WITHOUT_FAULTS][i].kind == MUST_BE_DONE ||
	       e->expected->step[WITH_FAULTS][i].kind == MUST_BE_DONE;
}

bool prog2c_is_left(const struct emitter *e, unsigned int p)
{
	return e->expected->end[WITHOUT_FAULTS][p].alive || e->expected->end[WITH_FAULTS][p].alive;
}

enum { MAX_COMMENT = 400 };

void prog2c_put_comment(FILE *out, const char *text, size_t length)
{
	char before = ' ';

	for (size_t i = 0; i < length && i < MAX_COMMENT; before = text[i++]) {
		char c = text[i];

		if ((c == '/' && before == '*') || (c == '*' && before == '/') || (c == '?' && before == '?'))
			fputc(' ', out);
		fputc(c == '\t' ? ' ' : c < ' ' || c > '~' || c == '\\' ? '?' : c, out);
	}
}

static void put_outcome_name(const struct emitter *e, int error)
{
	if (error == OP_SIGSEGV)
		fputs("-SIGSEGV", e->out);
	else
		fputs(error == OP_OK ? "OK" : op_error_name(error), e->out);
}

static void put_must(const struct emitter *e, const struct must *must, bool value)
{
	if (value && must->error == OP_OK)
		fprintf(e->out, "%u", must->value);
	else
		put_outcome_name(e, must->error);
}

/* What must come of an operation; where injected faults change it, both. */
static void put_expectation(const struct emitter *e, uint32_t i, bool value)
{
	const struct must *with = &e->expected->step[WITH_FAULTS][i];
	const struct must *without = &e->expected->step[WITHOUT_FAULTS][i];

	/* a step that only one of the two ways has is met on that way alone */
	if (with->kind == MUST_NO_PROCESS)
		with = without;
	else if (without->kind == MUST_NO_PROCESS)
		without = with;
	if (with->error == without->error && with->value == without->value) {
		put_must(e, with, value);
		return;
	}
	fputs("IF_INJECTED(", e->out);
	put_must(e, with, value);
	fputs(", ", e->out);
	put_must(e, without, value);
	fputc(')', e->out);
}

static void put_operand(const struct emitter *e, const struct op *op, unsigned int index)
{
	static const char *const prots[NR_PROTS] = { "PROT_NONE", "PROT_READ", "PROT_READ | PROT_WRITE" };

	switch (op_info(op->code)->operand[index]) {
	case OPERAND_PROC:
		fputc('A' + op->arg[index], e->out);
		break;
	case OPERAND_PROT:
		fputs(prots[op->arg[index]], e->out);
		break;
	default:
		fprintf(e->out, "%u", op->arg[index]);
	}
}

static void put_call(const struct emitter *e, uint32_t i)
{
	const struct op *op = &e->input->program.ops[i];

	for (const char *c = calls[op->code]; *c; c++) {
		if (*c != '$') {
			fputc(*c, e->out);
			continue;
		}
		c++;
		if (*c == 'o' || *c == 'v')
			put_expectation(e, i, *c == 'v');
		else if (*c == 'n')
			fprintf(e->out, "%u", i + 1);
		else if (*c == '+')
			fputs(op->dontunmap ? " | MREMAP_DONTUNMAP" : "", e->out);
		else
			put_operand(e, op, (unsigned int)(*c - '0'));
	}
	fputc('\n', e->out);
}

/* The operation as text, why it is not done if it is not, and what its author had to say. */
static void put_operation_comment(const struct emitter *e, uint32_t i)
{
	const struct op *op = &e->input->program.ops[i];
	const struct span *comment = &e->input->notes.op_comment[i];
	char text[OP_TEXT_MAX];

	op_print(op, text);
	fprintf(e->out, "\t/* %u: %s", i + 1, text);
	if (!prog2c_call(op->code))
		fputs(" -- left out, no system call does it", e->out);
	else if (!prog2c_is_done(e, i) && e->expected->step[WITHOUT_FAULTS][i].kind == MUST_TAKEN)
		fprintf(e->out, " -- nothing, there is a %c", 'A' + op->arg[0]);
	else if (!prog2c_is_done(e, i))
		fprintf(e->out, " -- nothing, there is no %c", 'A' + op->process);
	if (comment->length) {
		fputs("   # ", e->out);
		prog2c_put_comment(e->out, comment->text, comment->length);
	}
	fputs(" */\n", e->out);
}

void prog2c_put_program(const struct emitter *e)
{
	const struct program *program = &e->input->program;

	for (uint32_t i = 0; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];

		put_operation_comment(e, i);
		if (prog2c_is_done(e, i)) {
			bool injects = prog2c_injects(op);

			fprintf(e->out, "\tif (turn(%u, %c))%s\n", i + 1, 'A' + op->process,
				injects ? " {" : "");
			if (injects)
				fprintf(e->out, "\t\tfail_nth(%u);\n", op->fail_nth);
			fputs("\t\t", e->out);
			put_call(e, i);
			if (injects)
				fputs("\t}\n", e->out);
		}
		fputc('\n', e->out);
	}
}

static void put_pages(const struct emitter *e, const char *indent, const struct must_hold *hold)
{
	for (unsigned int from = 0, to; from < NR_WINDOW; from = to) {
		for (to = from + 1; to < NR_WINDOW && hold->page[to] == hold->page[from];)
			to++;
		fprintf(e->out, "%sexpect_pages(", indent);
		if (hold->page[from] == PAGE_REFUSED)
			fputs("-SIGSEGV", e->out);
		else
			fprintf(e->out, "%d", hold->page[from]);
		fprintf(e->out, ", PAGE(%u), %u);\n", from, to - from);
	}
}

static bool same_pages(const struct must_hold *a, const struct must_hold *b)
{
	return a->alive == b->alive && memcmp(a->page, b->page, sizeof(a->page)) == 0;
}

void prog2c_put_end(const struct emitter *e)
{
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		const struct must_hold *with = &e->expected->end[WITH_FAULTS][p];
		const struct must_hold *without = &e->expected->end[WITHOUT_FAULTS][p];

		if (!prog2c_is_left(e, p))
			continue;
		fprintf(e->out, "\tif (turn(NR_STEPS + %u, %c)) {\n", p + 1, 'A' + p);
		if (same_pages(with, without) || !with->alive) {
			put_pages(e, "\t\t", without);
		} else if (!without->alive) {
			put_pages(e, "\t\t", with);
		} else {
			fputs("\t\tif (control->injecting) {\n", e->out);
			put_pages(e, "\t\t\t", with);
			fputs("\t\t} else {\n", e->out);
			put_pages(e, "\t\t\t", without);
			fputs("\t\t}\n", e->out);
		}
		fputs("\t\tleave();\n\t}\n", e->out);
	}
}
