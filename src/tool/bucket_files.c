// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a person finds in a bucket: the program with its story, the trace, the
 * drawing, the page that says what it is. All of it follows from the program,
 * its settings and bugs.def.
 */
#define _GNU_SOURCE /* open_memstream */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tool/bucket.h"
#include "tool/dot.h"
#include "tool/trace.h"

/* The bug that a finding is about; NULL for a failure of its own. */
static const struct bug *bug_of(const struct settings *settings, const struct finding *finding)
{
	return settings->nr_bugs && !finding->result.verdict.without_bug ? settings->bugs[0] : NULL;
}

static void put_head(FILE *out, const struct bucket *bucket, const struct finding *finding,
		     const struct bug *bug)
{
	const struct invariant_info *info = invariant_info(finding->violation.invariant);

	if (bug)
		fprintf(out, "%s (%s): %s\n", bug->name, bug->id, bug->what);
	else
		fprintf(out, "%s\n", bucket->name);
	fputs("\n", out);
	if (finding->violation.invariant != INV_NONE)
		fprintf(out, "Failing run: %s at operation %u: %s\nI%u: %s\n", bucket->signature,
			finding->violation.step, finding->violation.text, finding->violation.invariant,
			info->sentence);
	else
		fprintf(out, "Failing run: %s at operation %u\n", bucket->signature,
			finding->result.verdict.step);
	if (bug && bug->fix[0])
		fprintf(out, "Fix: %s \"%s\"\n", bug->fix, bug->title);
	else if (bug)
		fprintf(out, "Fix: \"%s\"\n", bug->title);
	fprintf(out, "Found by the fuzzer in %u operations, minimized to %u.\n", bucket->nr_ops_found,
		bucket->nr_ops);
}

static bool write_program(const char *directory, const struct bucket *bucket, const struct finding *finding,
			  const struct settings *settings, struct player *player)
{
	char path[MAX_PATH_BYTES], *comment = NULL;
	struct output output;
	size_t length;
	FILE *stream = open_memstream(&comment, &length);

	if (!stream)
		return complain(directory, "out of memory");
	put_head(stream, bucket, finding, bug_of(settings, finding));
	fputs("\n", stream);
	bool told = trace_print_story(stream, settings, player, &finding->program);

	told = fclose(stream) == 0 && told;
	bool written = told && join_path(path, directory, "min.prog") && output_open(&output, path);

	if (written) {
		print_program(output.file, comment, settings, &finding->program);
		written = output_commit(&output);
	}
	free(comment);
	return written;
}

static bool write_trace(const char *directory, const struct bucket *bucket, const struct finding *finding,
			const struct settings *settings, struct player *player)
{
	const struct trace_options options = { .title = bucket->name };
	char path[MAX_PATH_BYTES];
	struct violation violation;
	struct output output;

	if (!join_path(path, directory, "trace.txt") || !output_open(&output, path))
		return false;
	if (trace_print(output.file, settings, player, &finding->program, &options, &violation))
		return output_commit(&output);
	output_discard(&output);
	return complain(path, "out of memory");
}

static bool write_drawing(const char *directory, const struct bucket *bucket, const struct finding *finding,
			  const struct settings *settings, struct player *player)
{
	const struct dot_options options = { .title = bucket->name, .legend = true };
	char path[MAX_PATH_BYTES];
	struct violation violation;

	return join_path(path, directory, "forest.svg") &&
	       dot_write_svg(path, settings, player, &finding->program, &options, &violation);
}

static bool write_readme(const char *directory, const struct bucket *bucket, const struct finding *finding,
			 const struct settings *settings)
{
	const struct bug *bug = bug_of(settings, finding);
	char path[MAX_PATH_BYTES];
	struct output output;

	if (!join_path(path, directory, "README.md") || !output_open(&output, path))
		return false;
	FILE *out = output.file;

	fprintf(out, "<!-- SPDX-License-Identifier: GPL-2.0-only -->\n# %s: %s\n\n", bucket->name,
		bucket->signature);
	if (bug)
		fprintf(out, "%s: %s%s%s \"%s\".\n", bug->id, bug->what,
			bug->fix[0] ? ". Fix: " : ". Fix:", bug->fix, bug->title);
	else
		fprintf(out, "A failure that no entry of the catalogue explains.\n");
	fprintf(out, "%s\n\n",
		finding->violation.invariant != INV_NONE ? finding->violation.text :
							   "A sanitizer, not the oracle, stops it.");
	fprintf(out,
		"- Replay: `rmapfuzz run min.prog` (exit 77: %s at operation %u); the directives in it say release "
		"and bug\n"
		"- Elsewhere: `rmapfuzz replay .` says that it is the same, or what of the release table or the formats "
		"is another\n"
		"- The newest release is %s: `rmapfuzz run --release newest min.prog`\n"
		"- Look: [trace.txt](trace.txt) step by step, [forest.svg](forest.svg) at the failing step\n"
		"- From %u operations to %u; `finding.json` counts what fell into this directory\n",
		bucket->signature, finding->result.verdict.step,
		settings->nr_bugs || strcmp(settings->version, "newest") != 0 ? "silent" : "the one that fails",
		bucket->nr_ops_found, bucket->nr_ops);
	return output_commit(&output);
}

bool bucket_write_files(const char *directory, const struct bucket *bucket, const struct finding *finding,
			const struct settings *settings)
{
	struct player *player = player_create(settings);

	if (!player)
		return complain(directory, "out of memory");
	bool written = write_program(directory, bucket, finding, settings, player) &&
		       write_trace(directory, bucket, finding, settings, player) &&
		       write_drawing(directory, bucket, finding, settings, player) &&
		       write_readme(directory, bucket, finding, settings);

	player_destroy(player);
	return written;
}

bool bucket_write_input(const char *directory, const struct sighting *sighting,
			const struct settings *settings, const char *signature)
{
	char name[64], path[MAX_PATH_BYTES];
	struct output output;

	snprintf(name, sizeof(name), "input-%016" PRIx64 ".prog", sighting->hash);
	if (!join_path(path, directory, name) || !output_open(&output, path))
		return false;
	print_program(output.file, signature, settings, sighting->program);
	return output_commit(&output);
}
