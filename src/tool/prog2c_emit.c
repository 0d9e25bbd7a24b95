// SPDX-License-Identifier: GPL-2.0-only
/*
 * The C program of rmapfuzz prog2c: prog2c_runtime.c.in with what is special
 * to one program put in its places. The template holds all C that does not
 * depend on the program; what operations become is in prog2c_ops.c.
 *
 * Lines of the template that begin with "@@":
 *	@@ if NAME...	what follows, to @@ else or @@ end, is for programs in
 *			which an operation of such a name is done, or which
 *			have a property of has_property() below
 *	@@ put PLACE	one of the places of put_place() below
 */
#include <string.h>

#include "tool/prog2c.h"
#include "prog2c_runtime.h" /* made by the build: the template as prog2c_runtime[] */

static bool is_failing_fault(const struct emitter *e, uint32_t i)
{
	const struct op *op = &e->input->program.ops[i];

	return prog2c_is_done(e, i) && op->fail_nth && op_info(op->code)->group == GROUP_FAULT;
}

static bool is_failing_in_a_row(const struct emitter *e, uint32_t i)
{
	return prog2c_is_done(e, i) && e->input->program.ops[i].fail_count && !is_failing_fault(e, i);
}

static void look_at_program(struct emitter *e)
{
	const struct program *program = &e->input->program;

	for (uint32_t i = 0; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];

		e->left_out |= !prog2c_call(op->code);
		if (!prog2c_is_done(e, i))
			continue;
		e->emitted[op->code] = true;
		e->compares |= strstr(prog2c_call(op->code), "$o") != NULL;
		e->injects |= prog2c_injects(op);
		e->fail_fault |= is_failing_fault(e, i);
		e->fail_count |= is_failing_in_a_row(e, i);
	}
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		e->end |= prog2c_is_left(e, p);
}

enum { MAX_STORY_LINES = 60 };

/* The comment lines with which a text begins: the story of the program. */
static void put_story(const struct emitter *e)
{
	const char *at = e->input->content, *end = at + e->input->length;

	if (!e->input->text || at == end || *at != '#')
		return;
	fputs(" *\n", e->out);
	for (int lines = 0; at < end && *at == '#' && lines < MAX_STORY_LINES; lines++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *last = newline ? newline : end;
		const char *text = at + (at + 1 < last && at[1] == ' ' ? 2 : 1);

		if (at + 1 < last && at[1] == '=')
			break; /* what kernels did is not the story */
		if (at + 1 == last || at[1] != '!') {
			fputs(text < last ? " * " : " *", e->out);
			prog2c_put_comment(e->out, text, (size_t)(last - text));
			fputc('\n', e->out);
		}
		at = newline ? newline + 1 : end;
	}
}

static void put_title(const struct emitter *e)
{
	fprintf(e->out, " * %s as system calls, written by rmapfuzz prog2c.\n", e->name);
	fprintf(e->out, " * Values and outcomes must be those of Linux %s", e->release);
	if (strcmp(e->release, e->settings->release.name) != 0)
		fprintf(e->out, " (rules of %s)", e->settings->release.name);
	fputs(".\n", e->out);
}

/* "dropcache 5 9, walk 7": the operations that a condition picks, by name, in order of their numbers. */
static void put_list(const struct emitter *e, const char *name,
		     bool (*picks)(const struct emitter *e, uint32_t i))
{
	const struct program *program = &e->input->program;
	const char *before = "";

	fprintf(e->out, "static const char %s[] = \"", name);
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		const char *word = op_info(code)->name;

		for (uint32_t i = 0; i < program->nr_ops; i++) {
			if (program->ops[i].code != code || !picks(e, i))
				continue;
			fprintf(e->out, "%s%s %u", word ? before : "", word ? word : "", i + 1);
			word = NULL;
			before = ",\"\n\t\" ";
		}
	}
	fputs("\";\n", e->out);
}

static bool is_left_out(const struct emitter *e, uint32_t i)
{
	return !prog2c_call(e->input->program.ops[i].code);
}

static void put_data(const struct emitter *e)
{
	const struct program *program = &e->input->program;

	fprintf(e->out,
		"#define NAME \"%s\"\n#define RELEASE \"%s\" /* whose outcomes are expected */\n#define NR_STEPS %u\n",
		e->name, e->release, program->nr_ops);
	if (e->emitted[OP_MLOCK])
		fprintf(e->out, "#define MLOCK_PAGES %u /* most that one process locks */\n",
			e->expected->locked_pages);
	if (e->injects)
		fputs("#define FAIL_NTH \"/proc/self/fail-nth\"\n", e->out);
	fputs("\n/* Who does step 0, 1, 2, ..., '.' for nobody; the last eight are the end. */\n"
	      "static const char who[] =\n\t\".",
	      e->out);
	for (uint32_t i = 0; i < program->nr_ops; i++) {
		fputc(prog2c_is_done(e, i) ? 'A' + program->ops[i].process : '.', e->out);
		if (i % 64 == 62)
			fputs("\"\n\t\"", e->out);
	}
	fputs("\"\n\t\"", e->out);
	for (int p = 0; p < NR_PROCESSES; p++)
		fputc('A' + p, e->out);
	fputs("\";\n", e->out);
	if (e->left_out)
		put_list(e, "left_out", is_left_out);
	if (e->fail_fault)
		put_list(e, "fail_fault", is_failing_fault);
	if (e->fail_count)
		put_list(e, "fail_count", is_failing_in_a_row);
}

static bool word_is(const char *word, size_t length, const char *wanted)
{
	return strlen(wanted) == length && memcmp(word, wanted, length) == 0;
}

static bool has_property(const struct emitter *e, const char *word, size_t length)
{
	for (unsigned int code = 1; code < NR_OP_CODES; code++)
		if (e->emitted[code] && word_is(word, length, op_info(code)->name))
			return true;
	return (e->compares && word_is(word, length, "expect")) || (e->end && word_is(word, length, "end")) ||
	       (e->injects && word_is(word, length, "fail_nth")) ||
	       (e->left_out && word_is(word, length, "left_out")) ||
	       (e->fail_fault && word_is(word, length, "fail_fault")) ||
	       (e->fail_count && word_is(word, length, "fail_count"));
}

static bool has_any_property(const struct emitter *e, const char *words, const char *end)
{
	while (words < end) {
		size_t length = strcspn(words, " \n");

		if (has_property(e, words, length))
			return true;
		words += length + 1;
	}
	return false;
}

static void put_place(const struct emitter *e, const char *name, size_t length)
{
	static const struct {
		const char *name;
		void (*put)(const struct emitter *e);
	} places[] = {
		{ "title", put_title },    { "story", put_story },
		{ "data", put_data },      { "program", prog2c_put_program },
		{ "end", prog2c_put_end },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (word_is(name, length, places[i].name))
			places[i].put(e);
}

/* Where the template is: conditions around the line, and the outermost of them that does not hold (0: all hold). */
struct nesting {
	unsigned int depth, hidden;
};

static void follow_marker(const struct emitter *e, struct nesting *nesting, const char *marker, const char *end)
{
	if (strncmp(marker, "if ", 3) == 0) {
		nesting->depth++;
		if (!nesting->hidden && !has_any_property(e, marker + 3, end))
			nesting->hidden = nesting->depth;
	} else if (strncmp(marker, "else", 4) == 0) {
		if (!nesting->hidden)
			nesting->hidden = nesting->depth;
		else if (nesting->hidden == nesting->depth)
			nesting->hidden = 0;
	} else if (strncmp(marker, "end", 3) == 0) {
		if (nesting->hidden == nesting->depth)
			nesting->hidden = 0;
		nesting->depth--;
	} else if (!nesting->hidden) {
		const char *place = marker + strlen("put ");

		put_place(e, place, (size_t)(end - place));
	}
}

void prog2c_emit(FILE *out, const char *name, const struct settings *settings, const struct input *input,
		 const struct expected *expected)
{
	struct emitter e = {
		.out = out, .name = name, .settings = settings, .input = input, .expected = expected
	};
	struct nesting nesting = { 0, 0 };
	bool newest = strcmp(settings->version, "newest") == 0;

	e.release = newest ? settings->release.name : settings->version;
	look_at_program(&e);
	for (const char *line = prog2c_runtime, *next; *line; line = next) {
		next = line + strcspn(line, "\n") + 1;
		if (strncmp(line, "@@ ", 3) == 0)
			follow_marker(&e, &nesting, line + 3, next - 1);
		else if (!nesting.hidden)
			fwrite(line, 1, (size_t)(next - line), out);
	}
}
