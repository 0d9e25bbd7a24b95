// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz run: replays programs, one line each. A program with "#=" blocks is
 * played under every kernel version that they name and compared with what
 * that kernel did; any other one under the chosen release. Several files are
 * replayed by worker processes, so that a file that a sanitizer stops is one
 * result among others.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tool/pool.h"
#include "tool/progress.h"
#include "tool/run.h"

_Static_assert(sizeof(struct run_counts) <= POOL_COUNTS_MAX, "counts of a file do not fit into a result");

static const struct argp_option options[] = {
	{ "quiet", 'q', NULL, 0, "Only failures and the sum", 0 },
	{ "jobs", 'J', "N", 0, "Worker processes for several files (default: one a core)", 0 },
	{ "json", 'j', NULL, 0, "For scripts: an object a file, each on a line, the sum last", 0 },
	{ "update", 'u', NULL, 0,
	  "Rewrite the lines under \"#= linux VERSION\" where the model does not agree", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct run *run = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		run->jobs = pool_default_workers();
		state->child_inputs[0] = &run->target;
		return 0;
	case 'q':
		run->quiet = true;
		return 0;
	case 'J':
		run->jobs = parse_number(state, "jobs", argument, 1, POOL_MAX_WORKERS);
		return 0;
	case 'j':
		run->json = true;
		return 0;
	case 'u':
		run->update = true;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (run->update && run->target.given.release)
			usage_error(state,
				    "--update takes the releases from the program: no --release, no --bug");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE|DIRECTORY|-...",
	"Replays programs, text or bytes, under the oracle.\v"
	"A program's own \"#! release\" and \"#! bug\" lines hold unless an option says otherwise. A program with \"#=\" "
	"blocks is compared under every kernel version they name; violations that a known defect of such a version "
	"explains are counted, not held against it. With --update a block that does not agree gets the lines that the "
	"model gives, one block for each group of versions that are alike; a head without lines is filled in; all else "
	"in the file stays as it is.\n\n"
	"Several files are replayed in parallel and reported in their order. What AddressSanitizer stops is a violation "
	"of that file; run it alone for the report and the story.\n\n"
	"Examples:\n"
	"  rmapfuzz run crash-1234                    the story of a crash\n"
	"  rmapfuzz run --bug S01 story.prog          the same with the bug of 2010\n"
	"  rmapfuzz run -q corpus tests/conformance   all of them\n"
	"  rmapfuzz run --json corpus | jq -r 'select(.verdict != \"clean\") | .file'\n"
	"  rmapfuzz run --update new.prog             fill in what the model says\n\n"
	"Exit codes: 0 clean, 1 bad input, 72 interrupted, 77 a violation or a difference.",
	target_children,
	NULL,
	NULL
};

/* ---- several files ---- */

struct batch {
	struct run *run;
	struct progress progress;
	char **paths;
	size_t nr, room;
};

static bool collect(void *data, const char *path)
{
	struct batch *batch = data;

	if (batch->nr == batch->room) {
		size_t room = batch->room ? 2 * batch->room : 256;
		char **paths = realloc(batch->paths, room * sizeof(*paths));

		if (!paths)
			return complain(path, "out of memory");
		batch->paths = paths;
		batch->room = room;
	}
	batch->paths[batch->nr] = strdup(path);
	return batch->paths[batch->nr] ? (batch->nr++, true) : complain(path, "out of memory");
}

static void work(void *data, const char *path, FILE *out, void *counts)
{
	struct batch *batch = data;

	run_one(batch->run, path, out, counts);
}

/* What stopped a worker, in words. Bad is what says nothing of the program: somebody else ended it. */
static bool describe_death(const struct pool_result *result, char *what, size_t room)
{
	const struct pool_death *death = &result->death;
	int number = WIFSIGNALED(death->status) ? WTERMSIG(death->status) : 0;

	if (death->sanitizer.what[0])
		snprintf(what, room, "AddressSanitizer stops it at operation %u: %s", death->sanitizer.step,
			 death->sanitizer.what);
	else if (number)
		snprintf(what, room, "signal %d (%s) ends it", number, strsignal(number));
	else
		snprintf(what, room, "a sanitizer stops it (exit code %d): %.*s", WEXITSTATUS(death->status),
			 (int)strcspn(result->err, "\n"), result->err_length ? result->err : "");
	return number == SIGKILL || number == SIGTERM;
}

static void deliver_death(struct run *run, const struct pool_result *result, struct run_counts *counts)
{
	char what[512];
	bool outside = describe_death(result, what, sizeof(what));

	counts->programs++;
	counts->bad += outside;
	counts->violations += !outside;
	if (run->json)
		run_json_print(stdout, json_pack("{s:o}", "file", json_text(result->path)), counts, what);
	else
		printf("%s: %s\n", result->path, what);
}

/* The words of a complaint behind the name of the file, for JSON. */
static void deliver_bad(const struct pool_result *result, const struct run_counts *counts)
{
	char error[1024];

	snprintf(error, sizeof(error), "%.*s", (int)result->err_length, result->err);
	error[strcspn(error, "\n")] = '\0';
	run_json_print(stdout, json_pack("{s:o}", "file", json_text(result->path)), counts, error);
}

static void add_counts(struct run_counts *sum, const struct run_counts *counts)
{
	sum->programs += counts->programs;
	sum->bad += counts->bad;
	sum->violations += counts->violations;
	sum->versions += counts->versions;
	sum->differences += counts->differences;
	sum->known_defects += counts->known_defects;
	sum->updated += counts->updated;
}

static void deliver(void *data, const struct pool_result *result)
{
	struct batch *batch = data;
	struct run *run = batch->run;
	struct run_counts counts;
	char what[64];

	memcpy(&counts, result->counts, sizeof(counts));
	if (result->death.died || result->out_length || result->err_length)
		progress_clear(&batch->progress);
	if (result->death.died) {
		deliver_death(run, result, &counts);
	} else {
		fwrite(result->out, 1, result->out_length, stdout);
		if (run->json && counts.bad)
			deliver_bad(result, &counts);
		if (result->err_length) { /* keep the two in order where both go to one place */
			fflush(stdout);
			fwrite(result->err, 1, result->err_length, stderr);
		}
	}
	add_counts(&run->sum, &counts);
	snprintf(what, sizeof(what), "%u violations", run->sum.violations + run->sum.differences);
	progress_show(&batch->progress, result->number + 1, what);
}

static void run_several(struct run *run)
{
	struct batch batch = { .run = run };
	struct pool pool = { .work = work, .deliver = deliver, .data = &batch, .nr_workers = run->jobs };

	if (!files_visit(run->files.paths, collect, &batch))
		run->sum.bad++;
	progress_begin(&batch.progress, batch.nr);
	size_t done = pool_run(&pool, batch.paths, batch.nr);

	progress_clear(&batch.progress);
	if (done < batch.nr && interrupted())
		fprintf(stderr, "rmapfuzz: interrupted after %zu of %zu files\n", done, batch.nr);
	else if (done < batch.nr)
		run->sum.bad++;
	for (size_t i = 0; i < batch.nr; i++)
		free(batch.paths[i]);
	free(batch.paths);
}

/* ---- the verb ---- */

static void print_sum(const struct run_counts *sum)
{
	printf("%u programs", sum->programs);
	if (sum->updated)
		printf(", %u updated", sum->updated);
	if (sum->versions)
		printf(", %u of %u kernel rows agree, %u violations are known defects of their release",
		       sum->versions - sum->differences, sum->versions, sum->known_defects);
	printf(", %u violations, %u bad\n", sum->violations, sum->bad);
}

static bool one_plain_file(const struct run *run)
{
	return run->files.nr == 1 && !run->json && !is_directory(run->files.paths[0]);
}

static int verb_main(int argc, char **argv)
{
	struct run run = { .quiet = false };

	verb_parse(&verb_run, argc, argv, &run, &run.files);
	if (!run.files.nr)
		return no_file_given(&verb_run);
	run.alone = one_plain_file(&run);
	if (run.alone)
		run_one(&run, run.files.paths[0], stdout, &run.sum);
	else
		run_several(&run);
	players_put_away(&run.players);
	if (run.json)
		run_json_print_sum(&run.sum, interrupted());
	else if (run.sum.programs != 1 || run.sum.versions)
		print_sum(&run.sum);
	return exit_code_of(run.sum.bad, run.sum.violations || run.sum.differences);
}

const struct verb verb_run = { "run", "replay programs and compare with what they expect", &argp, verb_main };
