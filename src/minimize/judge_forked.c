// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge in a child process, see judge.h. Parent and child share one page
 * with the program and the verdict, and take turns through two pipes: a byte
 * says "play", a byte says "played", and the end of the file says that the
 * child is gone. What it died of is in the shared page if ASan had a say, and
 * in its wait status otherwise.
 *
 * The child must never write a byte anywhere else, and never outlive its
 * parent: it ends when its pipe does.
 */
#define _GNU_SOURCE /* pipe2 */
#include "minimize/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/watched.h"

/* A program takes microseconds; one that hangs is a failure of its own. */
enum { HANG_MILLISECONDS = 10000 };

struct shared {
	struct program program;
	struct verdict verdict;
	uint32_t step; /* operation being played */
	struct play_report sanitizer;
};

struct judge_forked {
	struct judge judge;
	struct settings settings;
	struct player *player; /* made before the fork, so that every child has it */
	struct shared *shared;
	pid_t child;
	int to_child, from_child;
};

/* Operation that was being played when the process stopped. */
static void place_crash(struct verdict *verdict, const struct program *program, uint32_t step)
{
	verdict->failed = true;
	verdict->step = step;
	verdict->op_code = step >= 1 && step <= program->nr_ops ? program->ops[step - 1].code : OP_NONE;
}

static void note_step(void *data, const struct view *view, const struct op *op, const struct op_result *result)
{
	(void)op, (void)result;
	((struct shared *)data)->step = view->step + 1; /* the next one, should it be the last */
}

static void be_silent(void)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nowhere < 0)
		_exit(1);
	dup2(nowhere, STDOUT_FILENO);
	dup2(nowhere, STDERR_FILENO);
}

static void serve(struct judge_forked *forked, int requests, int answers)
{
	struct shared *shared = forked->shared;
	struct violation violation;
	char byte;

	be_silent();
	signal(SIGINT, SIG_IGN); /* Ctrl-C is the parent's business */
	play_report_to(&shared->sanitizer);
	while (read(requests, &byte, 1) == 1) {
		struct verdict verdict = { .failed = false };

		shared->step = 1;
		if (!play_watched(forked->player, &forked->settings, &shared->program, note_step, shared,
				  &violation))
			verdict_of_violation(&verdict, &violation);
		shared->verdict = verdict;
		if (write(answers, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static bool start_child(struct judge_forked *forked)
{
	int requests[2], answers[2];

	if (pipe2(requests, O_CLOEXEC) != 0)
		return false;
	if (pipe2(answers, O_CLOEXEC) != 0) {
		close(requests[0]);
		close(requests[1]);
		return false;
	}
	forked->child = fork();
	if (forked->child == 0) {
		close(requests[1]);
		close(answers[0]);
		serve(forked, requests[0], answers[1]);
	}
	close(requests[0]);
	close(answers[1]);
	forked->to_child = requests[1];
	forked->from_child = answers[0];
	if (forked->child > 0)
		return true;
	close(requests[1]);
	close(answers[0]);
	return false;
}

/* Waits for the child to be gone and returns its wait status. */
static int end_child(struct judge_forked *forked, bool kill_it)
{
	int status = 0;

	if (kill_it)
		kill(forked->child, SIGKILL);
	close(forked->to_child);
	close(forked->from_child);
	while (waitpid(forked->child, &status, 0) < 0 && errno == EINTR)
		;
	forked->child = 0;
	return status;
}

static void verdict_of_death(struct judge_forked *forked, int status, bool hung)
{
	const struct play_report *sanitizer = &forked->shared->sanitizer;
	struct verdict *verdict = &forked->shared->verdict;
	uint32_t step = forked->shared->step;

	*verdict = (struct verdict){ .failed = false };
	if (hung) {
		snprintf(verdict->crash, sizeof(verdict->crash), "timeout");
	} else if (sanitizer->what[0]) {
		snprintf(verdict->crash, sizeof(verdict->crash), "asan-%.*s",
			 (int)(CRASH_NAME_MAX - sizeof("asan-")), sanitizer->what);
		step = sanitizer->step;
	} else if (WIFSIGNALED(status)) {
		snprintf(verdict->crash, sizeof(verdict->crash), "signal-%d", WTERMSIG(status));
	} else {
		snprintf(verdict->crash, sizeof(verdict->crash), "exit-%d", WEXITSTATUS(status));
	}
	place_crash(verdict, &forked->shared->program, step);
}

/* 1: the child answered, 0: it is gone, -1: it hangs. */
static int wait_for_answer(const struct judge_forked *forked)
{
	struct pollfd answer = { .fd = forked->from_child, .events = POLLIN };
	char byte;
	int ready;

	while ((ready = poll(&answer, 1, HANG_MILLISECONDS)) < 0 && errno == EINTR)
		;
	if (ready == 0)
		return -1;
	return read(forked->from_child, &byte, 1) == 1;
}

static bool play(struct judge *judge, const struct program *program, struct verdict *verdict)
{
	struct judge_forked *forked = (struct judge_forked *)judge;
	struct shared *shared = forked->shared;

	if (!forked->child && !start_child(forked))
		return false;
	shared->program.nr_ops = program->nr_ops;
	memcpy(shared->program.ops, program->ops, program->nr_ops * sizeof(program->ops[0]));
	shared->verdict = (struct verdict){ .failed = false };
	shared->sanitizer = (struct play_report){ .step = 0 };
	int answer = write(forked->to_child, "p", 1) == 1 ? wait_for_answer(forked) : 0;

	if (answer <= 0)
		verdict_of_death(forked, end_child(forked, answer < 0), answer < 0);
	*verdict = shared->verdict;
	return true;
}

static void destroy(struct judge *judge)
{
	struct judge_forked *forked = (struct judge_forked *)judge;

	if (forked->child)
		end_child(forked, true);
	if (forked->shared)
		munmap(forked->shared, sizeof(*forked->shared));
	if (forked->player)
		player_destroy(forked->player);
	free(forked);
}

struct judge *judge_forked_create(const struct settings *settings)
{
	struct judge_forked *forked = calloc(1, sizeof(*forked));

	if (!forked)
		return NULL;
	forked->judge = (struct judge){ play, destroy };
	forked->settings = *settings;
	void *shared =
		mmap(NULL, sizeof(*forked->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	forked->shared = shared == MAP_FAILED ? NULL : shared;
	forked->player = player_create(settings);
	if (forked->shared && forked->player)
		return &forked->judge;
	destroy(&forked->judge);
	return NULL;
}
