// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a failing program to one that is worth keeping, see finding.h. Writes
 * nothing by itself but other findings, and nothing that was not verified.
 */
#include "tool/finding.h"

#include <stdlib.h>
#include <string.h>

void finding_options_init(struct finding_options *options)
{
	*options =
		(struct finding_options){ .match = MATCH_CLASS, .hops = DEFAULT_HOPS, .nr_verifications = 1 };
}

void finding_parse_match(struct finding_options *options, const char *argument, const struct argp_state *state)
{
	if (!match_parse(argument, &options->match))
		usage_error(state, "--match is exact, class or any, not '%.40s'", argument);
}

static bool stop(void *data)
{
	(void)data;
	return interrupted();
}

static void keep_other(void *data, const struct program *program, const struct verdict *verdict)
{
	struct finding *finding = data;
	struct other_finding *other = &finding->others[finding->nr_others];

	other->program = *program;
	other->verdict = *verdict;
	finding->nr_others++;
}

static struct judge *judge_or_complain(const struct settings *settings, bool forked, const char *path)
{
	struct judge *judge = judge_create(settings, forked);

	if (!judge)
		complain(path, "out of memory");
	return judge;
}

bool finding_play(const struct settings *settings, const struct program *program, const char *path,
		  struct verdict *verdict)
{
	struct judge *judge = judge_or_complain(settings, true, path);
	bool played = judge && judge->play(judge, program, verdict);

	if (judge && !played)
		complain(path, "no child process to play it in");
	judge_destroy(judge);
	return played;
}

/* The result in words, from an engine of this process: it is known not to end in a sanitizer's report. */
static void describe(struct finding *finding, const struct settings *settings)
{
	struct player *player;

	finding->violation = (struct violation){ .invariant = INV_NONE };
	if (finding->result.verdict.invariant == INV_NONE || !(player = player_create(settings)))
		return;
	player_run(player, &finding->program, NULL, NULL, &finding->violation);
	player_destroy(player);
}

static enum finding_status verify(const struct finding *finding, const struct settings *settings,
				  const struct finding_options *options, const char *path)
{
	for (unsigned int i = 0; i < options->nr_verifications; i++) {
		struct verdict verdict;

		if (!finding_play(settings, &finding->program, path, &verdict))
			return FINDING_BROKEN;
		if (!verdict_matches(&verdict, &finding->result.verdict, MATCH_EXACT))
			return FINDING_SHAKY;
	}
	return FINDING_MINIMIZED;
}

enum finding_status finding_minimize(struct finding *finding, const struct settings *settings,
				     const struct finding_options *options, const char *path)
{
	const struct minimize_options how = {
		.match = options->match, .hops = options->hops, .stop = stop, .other = keep_other, .data = finding
	};
	struct verdict verdict;

	finding->nr_others = 0;
	finding->nr_ops = finding->program.nr_ops;
	finding->others = calloc(MINIMIZE_MAX_OTHERS, sizeof(*finding->others));
	if (!finding->others) {
		complain(path, "out of memory");
		return FINDING_BROKEN;
	}
	/* in a child first: what it does there says whether this process would survive it */
	if (!finding_play(settings, &finding->program, path, &verdict))
		return FINDING_BROKEN;
	if (!verdict.failed)
		return FINDING_CLEAN;
	struct judge *judge =
		judge_or_complain(settings, options->forked || verdict.invariant == INV_NONE, path);

	if (!judge)
		return FINDING_BROKEN;
	enum minimize_status status = minimize(judge, &how, &finding->program, &finding->result);

	judge_destroy(judge);
	if (status == MINIMIZE_CLEAN)
		return FINDING_SHAKY;
	if (status == MINIMIZE_FAILED) {
		complain(path, "could not be minimized: out of memory, or no child process");
		return FINDING_BROKEN;
	}
	verdict_signature(&finding->result.verdict, finding->signature);
	describe(finding, settings);
	return verify(finding, settings, options, path);
}

void finding_free(struct finding *finding)
{
	free(finding->others);
	finding->others = NULL;
}

void signature_class(const struct verdict *verdict, char out[VERDICT_SIGNATURE_MAX])
{
	struct violation violation = { .invariant = verdict->invariant, .kind = verdict->kind };

	if (verdict->invariant != INV_NONE)
		violation_class(&violation, verdict->without_bug, out);
	else
		snprintf(out, VERDICT_SIGNATURE_MAX, "%s%s", verdict->crash,
			 verdict->without_bug ? "-without-bug" : "");
}

void print_program(FILE *out, const char *comment, const struct settings *settings,
		   const struct program *program)
{
	char text[PROGRAM_TEXT_MAX];

	for (const char *line = comment; line && *line;) {
		size_t length = strcspn(line, "\n");

		fprintf(out, length ? "# %.*s\n" : "#%.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
	settings_print_directives(settings, text, sizeof(text));
	fputs(text, out);
	program_print(program, text, sizeof(text));
	fputs(text, out);
}

static bool other_write(const struct other_finding *other, const struct settings *settings,
			const char *directory, const char *shown_as, const char *path)
{
	char file[VERDICT_SIGNATURE_MAX + 16], name[MAX_PATH_BYTES], comment[VERDICT_SIGNATURE_MAX + 80];
	char signature[VERDICT_SIGNATURE_MAX];
	struct output output;

	verdict_signature(&other->verdict, signature);
	snprintf(file, sizeof(file), "other-%s.prog", signature);
	snprintf(comment, sizeof(comment),
		 "%s, met while another failure was minimized; not minimized itself", signature);
	if (!join_path(name, directory, file) || !output_open(&output, name))
		return false;
	print_program(output.file, comment, settings, &other->program);
	if (!output_commit(&output))
		return false;
	fprintf(stderr, "%s: another failure on the way: %s/%s\n", path, shown_as, file);
	return true;
}

bool others_write(const struct finding *finding, const struct settings *settings, const char *directory,
		  const char *shown_as, const char *path)
{
	bool written = true;

	for (uint32_t i = 0; i < finding->nr_others && written; i++)
		written = other_write(&finding->others[i], settings, directory, shown_as, path);
	return written;
}
