// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the corpus reaches in the model, file by file as it grows. The programs
 * are played in a child, for one of them may stop the engine; the file that
 * did is a finding and goes to the inbox.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "night/night.h"

enum { BATCH_MS = 20000 };

struct reach_shared {
	uint64_t seen[FEATURE_WORDS];
	uint32_t first, nr; /* of the fresh names */
	uint32_t at;        /* being played, counted from 0 */
	bool playing;
	bool bad[CORPUS_BATCH];
};

bool reach_init(struct night *night)
{
	void *shared = mmap(NULL, sizeof(*night->reach.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	night->reach.shared = shared == MAP_FAILED ? NULL : shared;
	return night->reach.shared || complain(night->dir.path, "out of memory");
}

static bool read_program(const char *path, struct program *program)
{
	uint8_t content[65536];
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = descriptor < 0 ? -1 : read(descriptor, content, sizeof(content));

	if (descriptor >= 0)
		close(descriptor);
	if (length >= 0)
		program_decode(program, content, (size_t)length);
	return length >= 0;
}

static void play(struct night *night, struct player *player, struct program *program)
{
	struct reach_shared *shared = night->reach.shared;
	struct features features;
	struct violation violation;

	features_start(&features, &night->options->settings.release, program);
	bool clean = player_run(player, program, features_observe, &features, &violation);

	features_end(&features, clean ? NULL : &violation);
	for (uint32_t i = 0; i < FEATURE_WORDS; i++)
		shared->seen[i] |= features.seen[i];
}

/* In the child. */
static int play_batch(void *data)
{
	struct night *night = data;
	struct reach_shared *shared = night->reach.shared;
	struct player *player = player_create(&night->options->settings);
	struct program *program = malloc(sizeof(*program));
	char path[NIGHT_PATH];

	close(night->dir.lock);
	if (!player || !program) // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the process ends here
		return EXIT_USAGE;
	while (shared->at < shared->nr) {
		const char *name = night->corpus.fresh[shared->first + shared->at];

		rundir_path(&night->dir, path, "corpus/%.250s", name);
		shared->bad[shared->at] = corpus_fault(path, name) != NULL;
		if (!shared->bad[shared->at] && read_program(path, program)) {
			shared->playing = true;
			play(night, player, program);
			shared->playing = false;
		}
		shared->at++;
	}
	return EXIT_CLEAN;
}

bool reach_begin(struct night *night)
{
	struct corpus *corpus = &night->corpus;
	struct reach_shared *shared = night->reach.shared;

	if (corpus->next_fresh == corpus->nr_fresh)
		return false;
	shared->first = corpus->next_fresh;
	shared->nr = corpus->nr_fresh - corpus->next_fresh;
	shared->nr = shared->nr < CORPUS_BATCH ? shared->nr : CORPUS_BATCH;
	shared->at = 0;
	shared->playing = false;
	pid_t pid = child_fork(play_batch, night);

	if (pid < 0)
		return false;
	night->chore =
		(struct chore){ .kind = CHORE_REACH, .pid = pid, .output = -1, .limit = night_now() + BATCH_MS };
	return true;
}

static void take_features(struct night *night)
{
	struct reach *reach = &night->reach;
	uint32_t total = 0;

	for (uint32_t i = 0; i < FEATURE_WORDS; i++) {
		reach->seen[i] |= reach->shared->seen[i];
		total += (uint32_t)__builtin_popcountll(reach->seen[i]);
	}
	reach->total = total;
	if (total > night->state.features) {
		night->state.features = total;
		night->state.last_new = night_seconds(night);
	}
}

/* The child died of this file, or did not come to an end with it: nothing that a worker should load. */
static void to_inbox(struct night *night, const char *name, const char *kind)
{
	char from[NIGHT_PATH], to[NIGHT_PATH];

	rundir_path(&night->dir, from, "corpus/%.250s", name);
	rundir_path(&night->dir, to, "inbox/%s-%.80s", kind, name);
	if (rename(from, to) == 0)
		night_log(night, "%.80s of the corpus stops the engine: on its way to findings/", name);
}

/*
 * What the child died of: NULL if that is no fault of the file that it was playing. Whoever kills it, or a
 * machine that has no time for it, only costs the batch; a file is to blame if it had all the time for itself.
 */
static const char *fault_of(const struct night *night, int status)
{
	if (!night->reach.shared->playing)
		return NULL;
	if (!child_was_killed(status))
		return "crash";
	return night_now() > night->chore.limit && night->reach.shared->at == 0 ? "timeout" : NULL;
}

void reach_end(struct night *night, int status)
{
	struct corpus *corpus = &night->corpus;
	struct reach_shared *shared = night->reach.shared;
	uint32_t nr = shared->at < shared->nr ? shared->at : shared->nr;
	char path[NIGHT_PATH];

	for (uint32_t i = 0; i < nr; i++) {
		const char *name = corpus->fresh[shared->first + i];

		rundir_path(&night->dir, path, "corpus/%.250s", name);
		if (shared->bad[i])
			corpus_take_away(night, path,
					 "not a program, or its content is not what its name says");
	}
	const char *fault = status && nr < shared->nr ? fault_of(night, status) : NULL;

	if (fault)
		to_inbox(night, corpus->fresh[shared->first + nr++], fault);
	take_features(night);
	corpus->next_fresh = shared->first + nr;
	if (corpus->next_fresh == corpus->nr_fresh)
		corpus->next_fresh = corpus->nr_fresh = 0;
}
