// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion for bash, see manual.h. What an argument may be follows from the
 * word that stands for it in --help: VERSION, ID, LIST, or values with bars.
 */
#include <ctype.h>
#include <string.h>

#include "tool/list.h"
#include "tool/manual.h"

static void put_releases(FILE *out)
{
	struct release release;

	fputs("newest", out);
	for (size_t i = 0; release_at(i, &release); i++)
		fprintf(out, " %s", release.name);
}

static void put_bugs(FILE *out)
{
	for (size_t i = 0; bug_at(i); i++)
		fprintf(out, "%s%s %s", i ? " " : "", bug_at(i)->id, bug_at(i)->name);
}

static void put_invariants(FILE *out)
{
	const char *blank = "";

	for (unsigned int n = 1; n < NR_INVARIANT_NUMBERS; n++)
		if (invariant_info(n)->symbol) {
			fprintf(out, "%sI%u", blank, n);
			blank = " ";
		}
}

static void put_checks(FILE *out)
{
	fputs("all none ", out);
	put_invariants(out);
}

static void put_operations(FILE *out)
{
	for (unsigned int code = 1; code < NR_OP_CODES; code++)
		if (op_info(code)->name)
			fprintf(out, "%s%s", code > 1 ? " " : "", op_info(code)->name);
}

/* The words of --help that stand for something that can be listed. */
static const struct meaning {
	const char *word;
	void (*put)(FILE *out);
} meanings[] = {
	{ "VERSION", put_releases },     { "ID", put_bugs },
	{ "LIST", put_checks },          { "INVARIANT", put_invariants },
	{ "OPERATION", put_operations },
};

/* The meaning of a word in text, brackets and dots around it ignored. */
static const struct meaning *meaning_of(const char *text)
{
	for (size_t i = 0; text && i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		size_t length = strlen(meanings[i].word);

		for (const char *at = strstr(text, meanings[i].word); at; at = strstr(at + 1, meanings[i].word))
			if ((at == text || !isalpha(at[-1])) && !isalpha(at[length]))
				return &meanings[i];
	}
	return NULL;
}

/* "late|now": values, where "FILE|DIRECTORY" are not. */
static bool has_values(const char *argument)
{
	return strchr(argument, '|') && islower(argument[0]);
}

static void put_values(FILE *out, const char *argument)
{
	const struct meaning *meaning = meaning_of(argument);

	if (has_values(argument)) {
		for (; *argument; argument++)
			fputc(*argument == '|' ? ' ' : *argument, out);
		return;
	}
	if (meaning)
		meaning->put(out);
}

static void put_option(void *data, const struct argp_option *option)
{
	bool wants = option->arg && !(option->flags & OPTION_ARG_OPTIONAL);

	fprintf(data, "--%s%s ", option->name, wants ? "=" : "");
}

struct place {
	FILE *out;
	const char *verb;
};

/* A line of the table of values: run:--release|run:-r) values="..." ;; */
static void put_option_values(void *data, const struct argp_option *option)
{
	const struct place *place = data;

	if (!option->arg)
		return;
	fprintf(place->out, "\t%s:--%s", place->verb, option->name);
	if (option->key < 128 && isgraph(option->key))
		fprintf(place->out, " | %s:-%c", place->verb, option->key);
	fputs(") values=\"", place->out);
	put_values(place->out, option->arg);
	fputs("\" ;;\n", place->out);
}

static void put_options_of_verbs(FILE *out)
{
	for (size_t i = 0; verb_at(i); i++) {
		const struct meaning *meaning = meaning_of(verb_at(i)->argp->args_doc);

		fprintf(out, "\t%s) options=\"", verb_at(i)->name);
		manual_each_option(verb_at(i)->argp, put_option, out);
		fputs("--help --usage\"", out);
		if (meaning && !strstr(verb_at(i)->argp->args_doc, "FILE")) {
			fputs(" arguments=\"", out);
			meaning->put(out);
			fputs("\"", out);
		}
		fputs(" ;;\n", out);
	}
}

static void put_values_of_options(FILE *out)
{
	for (size_t i = 0; verb_at(i); i++) {
		struct place place = { .out = out, .verb = verb_at(i)->name };

		manual_each_option(verb_at(i)->argp, put_option_values, &place);
	}
}

/* "=" ends a word for readline: --release=6 is three words, and so the option may be one or two words back. */
static const char head[] =
	"# bash completion for rmapfuzz; made by rmapfuzz --completion, do not edit\n"
	"_rmapfuzz() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} option= options= arguments= values= wanted=\n"
	"\tlocal before=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"";
static const char after_verbs[] = " --help --version --man --completion\" -- \"$cur\")\n"
				  "\t\treturn\n"
				  "\tfi\n"
				  "\tif [[ $cur == '=' ]]; then\n"
				  "\t\toption=$before cur=\n"
				  "\telif [[ $before == '=' ]]; then\n"
				  "\t\toption=${COMP_WORDS[COMP_CWORD-2]}\n"
				  "\telif [[ $before == -* ]]; then\n"
				  "\t\toption=$before\n"
				  "\tfi\n"
				  "\tcase $verb in\n";
static const char after_options[] = "\tesac\n"
				    "\tcase $verb:$option in\n";
static const char tail[] =
	"\t*) option= ;;\n"
	"\tesac\n"
	"\tif [[ -n $option && -z $values ]]; then\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\telif [[ -n $option && $cur == *,* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -P \"${cur%,*},\" -W \"$values\" -- \"${cur##*,}\")\n"
	"\telif [[ -n $option ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
	"\telif [[ $cur == -* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	"\t\tif [[ ${COMPREPLY[0]:-} == *= ]] && ((${#COMPREPLY[@]} == 1)); then\n"
	"\t\t\tcompopt -o nospace 2>/dev/null\n"
	"\t\tfi\n"
	"\telif [[ -n $arguments ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$arguments\" -- \"$cur\")\n"
	"\telse\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\tfi\n"
	"}\n"
	"complete -F _rmapfuzz rmapfuzz\n";

void manual_print_completion(FILE *out)
{
	fputs(head, out);
	for (size_t i = 0; verb_at(i); i++)
		fprintf(out, "%s%s", i ? " " : "", verb_at(i)->name);
	fputs(after_verbs, out);
	put_options_of_verbs(out);
	fputs(after_options, out);
	put_values_of_options(out);
	fputs(tail, out);
}
