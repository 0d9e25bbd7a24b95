// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a run found, played again with the wrong decision and with the right one
 * beside it. In a child process with little time, for what is played may crash
 * or hang: then the child's end is what it shows. A failure counts only if it
 * is not there, or not the same, with the right decision.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "minimize/judge.h"
#include "oracle/snapshot.h"
#include "program/random.h"
#include "score/score.h"
#include "tool/finding.h"

/* A state is looked at after every so many operations: printing it costs more than playing it. */
enum { EVALUATE_SECONDS = 60, MAX_TRIGGER_PROGRAMS = 200, LOOK_EVERY = 4 };

/* What parent and child share. */
struct task {
	const struct hunt *hunt;
	const char *path;
	struct evaluation evaluation;
	bool done, triggered;
};

/* In a child, with its results in what is returned; NULL if that cannot be. The caller unmaps it. */
static struct task *in_child(const struct task *task, int (*body)(void *data))
{
	struct task *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (shared == MAP_FAILED)
		return NULL;
	*shared = *task;
	fflush(NULL);
	pid_t pid = child_fork(body, shared);

	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return shared;
}

static void limit_time(void)
{
	const struct rlimit limit = { EVALUATE_SECONDS, EVALUATE_SECONDS };

	setrlimit(RLIMIT_CPU, &limit);
}

/* Bytes are taken as the target takes them, never for text. */
static bool read_program(const char *path, struct program *program)
{
	uint8_t bytes[PROGRAM_MAX_BYTES];
	FILE *file = fopen(path, "rb");

	if (!file)
		return false;
	size_t length = fread(bytes, 1, sizeof(bytes), file);
	bool fine = !ferror(file);

	fclose(file);
	program_decode(program, bytes, length);
	return fine;
}

/* ---- the verdict ---- */

static void of_verdict(struct evaluation *evaluation, const struct verdict *verdict, uint32_t nr_ops)
{
	evaluation->failed = verdict->failed;
	evaluation->without_bug = verdict->without_bug;
	if (verdict->invariant)
		snprintf(evaluation->invariant, sizeof(evaluation->invariant), "I%u", verdict->invariant);
	else
		snprintf(evaluation->invariant, sizeof(evaluation->invariant), "%s", verdict->crash);
	struct verdict bare = *verdict;

	bare.without_bug = false;
	_Static_assert((int)VERDICT_SIGNATURE_MAX <= (int)SCORE_WORD_MAX, "room for a class");
	signature_class(&bare, evaluation->class);
	evaluation->operation = verdict->step <= nr_ops ? verdict->step : 0;
}

static int judge_artifact(void *data)
{
	struct task *task = data;
	struct judge *judge = judge_create(&task->hunt->subject->settings, true);
	struct verdict verdict = { .failed = false };
	struct program program;

	if (!judge || !read_program(task->path, &program) || !judge->play(judge, &program, &verdict))
		return EXIT_USAGE;
	of_verdict(&task->evaluation, &verdict, program.nr_ops);
	task->done = true;
	return EXIT_CLEAN;
}

bool evaluate(const struct hunt *hunt, const char *artifact, struct evaluation *evaluation)
{
	const struct task task = { .hunt = hunt, .path = artifact };
	struct evaluation reference;

	*evaluation = (struct evaluation){ .failed = false };
	if (hunt->subject->target[0]) {
		if (!replay(hunt->subject->target, hunt->subject->options, artifact, evaluation) ||
		    !replay(hunt->score->reference, hunt->subject->right_options, artifact, &reference))
			return false;
		evaluation->without_bug = reference.failed && strcmp(reference.class, evaluation->class) == 0;
		return true;
	}
	struct task *shared = in_child(&task, judge_artifact);
	bool done = shared && shared->done;

	if (done)
		*evaluation = shared->evaluation;
	if (shared)
		munmap(shared, sizeof(*shared));
	return done || complain(artifact, "cannot be played again");
}

/* ---- triggered ---- */

struct pair {
	struct player *wrong, *right;
	char text[2][SNAPSHOT_TEXT_MAX];
};

static bool same_result(const struct op_result *a, const struct op_result *b)
{
	return a->error == b->error && a->has_value == b->has_value && a->value == b->value &&
	       a->progress == b->progress;
}

/* Steps are played unjudged, so that a stale pointer is noted and not followed. */
static bool differs(struct pair *pair, const struct program *program)
{
	struct player_step wrong = { .over = false }, right = { .over = false };
	struct engine *engine[2] = { pair->wrong->engine, pair->right->engine };

	player_start(pair->wrong);
	player_start(pair->right);
	for (;;) {
		bool more = player_next(pair->wrong, program, &wrong);

		if (more != player_next(pair->right, program, &right))
			return true;
		if (!more)
			return false;
		if (!same_result(&wrong.result, &right.result))
			return true;
		if (wrong.number % LOOK_EVERY != 0 && wrong.number < program->nr_ops)
			continue;
		for (int i = 0; i < 2; i++)
			snapshot_print(engine[i]->class->view(engine[i]), pair->text[i], SNAPSHOT_TEXT_MAX);
		if (strcmp(pair->text[0], pair->text[1]) != 0)
			return true;
	}
}

/* A stale pointer, a counter that no snapshot shows: a violation without the same one beside it is a difference, too. */
static bool drives_apart(struct pair *pair, const struct program *program)
{
	struct violation wrong, right;

	if (differs(pair, program))
		return true;
	if (player_run(pair->wrong, program, NULL, NULL, &wrong))
		return false;
	return player_run(pair->right, program, NULL, NULL, &right) || right.step != wrong.step ||
	       right.invariant != wrong.invariant || right.kind != wrong.kind;
}

static bool any_file(struct pair *pair, const char *directory)
{
	char path[MAX_PATH_BYTES];
	DIR *files = opendir(directory);
	struct program program;
	unsigned int nr = 0;
	bool found = false;

	for (const struct dirent *entry;
	     files && !found && nr < MAX_TRIGGER_PROGRAMS && (entry = readdir(files)) != NULL;) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) >= (int)sizeof(path) ||
		    !read_program(path, &program))
			continue;
		nr++;
		found = drives_apart(pair, &program);
	}
	if (files)
		closedir(files);
	return found;
}

/* The first programs of a run without corpus are those of its seed. */
static bool any_random(struct pair *pair, const struct hunt *hunt)
{
	struct random random = { .state = hunt->result.seed };
	struct program *program = calloc(1, sizeof(*program));
	const struct random_kind *kind;
	bool found = false;
	size_t k = 0;

	while ((kind = random_kind_at(k)) != NULL &&
	       strcmp(strchr(hunt->driver->extra, '=') + 1, kind->name) != 0)
		k++;
	for (unsigned int i = 0; kind && program && !found && i < MAX_TRIGGER_PROGRAMS; i++) {
		kind->make(&random, random_between(&random, 1, MAX_OPS), program);
		found = drives_apart(pair, program);
	}
	free(program);
	return found;
}

static int look_for_trigger(void *data)
{
	struct task *task = data;
	struct settings right;
	struct pair *pair = calloc(1, sizeof(*pair));
	bool directory = is_directory(task->path);
	struct program program;

	if (!pair)
		return EXIT_USAGE;
	limit_time();
	settings_without_bugs(&task->hunt->subject->settings, &right);
	pair->wrong = player_create(&task->hunt->subject->settings);
	pair->right = player_create(&right);
	if (!pair->wrong || !pair->right)
		return EXIT_USAGE;
	if (directory && task->hunt->driver->kind == DRIVER_RANDOM) {
		task->triggered = any_random(pair, task->hunt);
	} else if (directory) {
		task->triggered = any_file(pair, task->path);
	} else {
		task->triggered = read_program(task->path, &program) && drives_apart(pair, &program);
	}
	task->done = true;
	return EXIT_CLEAN;
}

const char *evaluate_triggered(const struct hunt *hunt, const char *path)
{
	const struct task task = { .hunt = hunt, .path = path };

	if (hunt->subject->target[0])
		return "";
	struct task *shared = in_child(&task, look_for_trigger);
	/* a child that crashed or hung did so on the wrong engine, which is a difference enough */
	bool triggered = shared && (shared->triggered || !shared->done);

	if (shared)
		munmap(shared, sizeof(*shared));
	return !shared ? "" : triggered ? "yes" : "no";
}
