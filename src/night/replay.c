// SPDX-License-Identifier: GPL-2.0-only
/*
 * Artifacts of workers that ran out of time or memory. Triage would run into the
 * same, so each is played again by the fuzz target, as a child with its limits:
 * if that ends in the same way it is a finding, a directory for each of the two,
 * not minimized; if not, the machine was busy, and it is set aside.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "night/night.h"
#include "tool/bucket.h"

enum { REPLAY_LIMIT_MS = 90000, KEEP = 3 };

static const struct replay_kind {
	const char *prefix, *class;
	int exit_code; /* of the target */
	const char *what;
} kinds[] = {
	{ "timeout-", "timeout", WORKER_TIMEOUT, "It does not end within the time limit of the fuzz target." },
	{ "slow-unit-", "timeout", WORKER_TIMEOUT, "It does not end within the time limit of the fuzz target." },
	{ "oom-", "oom", WORKER_OOM, "It needs more memory than the fuzz target may have." },
};

static const struct replay_kind *kind_of(const char *name)
{
	name += inbox_setting_length(name) ? inbox_setting_length(name) + 1 : 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return &kinds[i];
	return NULL;
}

bool replay_wanted(const char *name)
{
	return kind_of(name) != NULL;
}

bool replay_begin(struct night *night)
{
	const char *name = night->inbox.replayed;
	size_t length = inbox_setting_length(name);
	struct words words = { .nr = 0 };
	int memory = child_memory("replay");

	if (memory < 0)
		return false;
	words_add(&words, "%s", night->fuzzer);
	words_add_settings(&words, night);
	if (length)
		words_add(&words, "--%.*s", (int)length, name);
	words_add_limits(&words);
	words_add(&words, "-exact_artifact_path=/dev/null");
	words_add(&words, "%s/inbox/%s", night->dir.path, name);
	const struct child_command command = { .argv = words.argv, .output = memory };
	pid_t pid = child_start(&command);

	if (pid < 0) {
		close(memory);
		return false;
	}
	night->chore = (struct chore){
		.kind = CHORE_REPLAY, .pid = pid, .output = memory, .limit = night_now() + REPLAY_LIMIT_MS
	};
	return true;
}

/* ---- filing ---- */

static bool write_readme(const char *directory, const struct bucket *bucket, const struct replay_kind *kind)
{
	char path[MAX_PATH_BYTES], text[1024];
	int length = snprintf(
		text, sizeof(text),
		"<!-- SPDX-License-Identifier: GPL-2.0-only -->\n# %s\n\n%s The program is as it was found, "
		"%u operations, not minimized.\n\n- Replay: `rmapfuzz run min.prog`\n",
		bucket->class, kind->what, bucket->nr_ops);

	return join_path(path, directory, "README.md") && output_write(path, text, (size_t)length);
}

static bool write_program(const char *directory, const struct sighting *sighting,
			  const struct settings *settings, const char *class)
{
	char path[MAX_PATH_BYTES];
	struct output output;

	if (!join_path(path, directory, "min.prog") || !output_open(&output, path))
		return false;
	print_program(output.file, class, settings, sighting->program);
	return output_commit(&output);
}

static bool file_new(struct night *night, const struct replay_kind *kind, const struct sighting *sighting,
		     const struct settings *settings)
{
	struct bucket bucket = { .count = 1,
				 .first_seen = sighting->time,
				 .last_seen = sighting->time,
				 .nr_ops = sighting->program->nr_ops,
				 .nr_ops_found = sighting->program->nr_ops,
				 .hashes = { sighting->hash },
				 .nr_hashes = 1 };
	struct output_directory output;
	char path[NIGHT_PATH];

	snprintf(bucket.class, sizeof(bucket.class), "%s", kind->class);
	snprintf(bucket.signature, sizeof(bucket.signature), "%s", kind->class);
	settings_print(settings, bucket.options, sizeof(bucket.options));
	rundir_path(&night->dir, path, "findings/%s%s", kind->class,
		    strstr(bucket.options, " --recycle=") ? "-recycle" : "");
	if (!output_directory_open(&output, path))
		return false;
	if (write_program(output.temporary, sighting, settings, kind->class) &&
	    write_readme(output.temporary, &bucket, kind) && bucket_write_json(output.temporary, &bucket))
		return output_directory_commit(&output);
	output_directory_discard(&output);
	return false;
}

static bool file_artifact(struct night *night, const struct replay_kind *kind, const char *path,
			  const struct settings *settings)
{
	struct input *input = input_read(path);
	char directory[NIGHT_PATH];
	struct buckets buckets;

	if (!input)
		return false;
	struct sighting sighting = { .program = &input->program,
				     .hash = XXH3_64bits(input->program.ops,
							 input->program.nr_ops * sizeof(struct op)),
				     .time = time(NULL) };

	rundir_path(&night->dir, directory, "findings");
	bool filed = buckets_read(&buckets, directory);

	if (filed) {
		struct bucket *bucket = bucket_find(&buckets, kind->class, settings);

		if (!bucket)
			filed = file_new(night, kind, &sighting, settings);
		else if (!bucket_knows(bucket, sighting.hash))
			filed = bucket_count(&buckets, bucket, &sighting, settings, KEEP);
	}
	buckets_free(&buckets);
	input_free(input);
	return filed;
}

/* The settings that the worker had. */
static bool settings_of(const struct night *night, const char *name, struct settings *settings)
{
	size_t length = inbox_setting_length(name);
	char setting[INBOX_NAME_MAX], error[SETTINGS_ERROR_MAX];

	*settings = night->options->settings;
	if (!length)
		return true;
	snprintf(setting, sizeof(setting), "%.*s", (int)length, name);
	char *value = strchr(setting, '=');

	*value++ = '\0';
	return settings_set(settings, setting, value, error);
}

static const char *ending_of(int status, char room[64])
{
	if (WIFSIGNALED(status))
		snprintf(room, 64, "signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		snprintf(room, 64, "exit code %d", WEXITSTATUS(status));
	else
		return "it ends well";
	return room;
}

void replay_end(struct night *night, int status)
{
	const char *name = night->inbox.replayed;
	const struct replay_kind *kind = kind_of(name);
	char path[NIGHT_PATH], to[NIGHT_PATH], why[128], ending[64];
	struct settings settings;

	close(night->chore.output);
	if (child_was_killed(status) && night_now() <= night->chore.limit) {
		/* by somebody: it says nothing of the file, which is still in the inbox */
		night->inbox.not_before = night_now() + INBOX_RETRY_MS;
		return;
	}
	rundir_path(&night->dir, path, "inbox/%s", name);
	if (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_CRASH) {
		/* it fails, and before it runs out of anything: a case for triage */
		rundir_path(&night->dir, to, "inbox/%.*scrash-%s",
			    (int)(inbox_setting_length(name) ? inbox_setting_length(name) + 1 : 0), name,
			    strrchr(name, '-') + 1);
		rename(path, to);
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == kind->exit_code &&
		   settings_of(night, name, &settings)) {
		inbox_finish(night, name, file_artifact(night, kind, path, &settings), "no room for it");
	} else {
		snprintf(why, sizeof(why), "%s of a worker that does not come again: %s when played again",
			 kind->class, ending_of(status, ending));
		rundir_set_aside(night, path, why);
	}
	findings_scan(night);
}
