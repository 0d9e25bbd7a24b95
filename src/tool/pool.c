// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worker processes, see pool.h. Workers take the next file by a counter in
 * shared memory and send what came out through a pipe each. Never leaves one
 * behind: workers end with this process, however it ends.
 */
#define _GNU_SOURCE /* memfd_create */
#include "tool/pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	POLL_MS = 100,
	GRACE_POLLS = 20, /* how long a worker may take for its file after Ctrl-C: two seconds */
};

/* Seen by all processes. */
struct shared {
	atomic_size_t next; /* number of the next path to be worked on */
	atomic_bool stop;
	struct desk {
		size_t at; /* number of the path being worked on, plus one; 0: none */
		struct play_report report;
	} desk[POOL_MAX_WORKERS];
};

/* What goes through a pipe: this, then out, then err. */
struct message {
	size_t number, out_length, err_length;
	unsigned char counts[POOL_COUNTS_MAX];
};

struct result {
	struct message message;
	char *text; /* out, then err */
	struct pool_death death;
};

struct worker {
	pid_t pid; /* 0: none */
	int pipe, err;
};

struct crew {
	const struct pool *pool;
	char *const *paths;
	size_t nr, nr_delivered;
	struct result **results;
	struct shared *shared;
	struct worker worker[POOL_MAX_WORKERS];
	unsigned int polls_since_stop;
};

unsigned int pool_default_workers(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > POOL_MAX_WORKERS ? POOL_MAX_WORKERS : (unsigned int)cores;
}

/* ---- in a worker ---- */

static bool send_all(int pipe, const void *data, size_t length)
{
	const char *at = data;

	while (length) {
		ssize_t n = write(pipe, at, length);

		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

/* Standard error of one file: read back from the start of its own file. */
static char *take_err(size_t *length)
{
	off_t end = lseek(STDERR_FILENO, 0, SEEK_END);
	char *err = end > 0 ? malloc((size_t)end) : NULL;
	ssize_t n = err ? pread(STDERR_FILENO, err, (size_t)end, 0) : 0;

	*length = n > 0 ? (size_t)n : 0;
	if (end > 0 && ftruncate(STDERR_FILENO, 0) != 0)
		*length = 0;
	lseek(STDERR_FILENO, 0, SEEK_SET);
	return err;
}

static bool work_on(const struct crew *crew, size_t number, int pipe)
{
	struct message message = { .number = number };
	char *text = NULL;
	FILE *out = open_memstream(&text, &message.out_length);

	if (!out)
		return false;
	crew->pool->work(crew->pool->data, crew->paths[number], out, message.counts);
	fclose(out);
	char *err = take_err(&message.err_length);
	bool sent = send_all(pipe, &message, sizeof(message)) && send_all(pipe, text, message.out_length) &&
		    send_all(pipe, err, message.err_length);

	free(text);
	free(err);
	return sent;
}

static void be_worker(const struct crew *crew, unsigned int place, int pipe, pid_t parent)
{
	struct desk *desk = &crew->shared->desk[place];

	/* Ctrl-C is for the parent, which stops us between two files; should it be killed, we are, too */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_USAGE);
	dup2(crew->worker[place].err, STDERR_FILENO);
	play_report_to(&desk->report);
	while (!atomic_load(&crew->shared->stop)) {
		size_t number = atomic_fetch_add(&crew->shared->next, 1);

		if (number >= crew->nr)
			break;
		desk->at = number + 1;
		if (!work_on(crew, number, pipe))
			_exit(EXIT_USAGE);
		desk->at = 0;
	}
	_exit(EXIT_CLEAN);
}

/* ---- in this process ---- */

static bool hire(struct crew *crew, unsigned int place)
{
	struct worker *worker = &crew->worker[place];
	pid_t parent = getpid();
	int ends[2];

	memset(&crew->shared->desk[place], 0, sizeof(crew->shared->desk[place]));
	worker->err = memfd_create("rmapfuzz-stderr", MFD_CLOEXEC);
	if (worker->err < 0 || pipe(ends) != 0)
		return complain("worker", strerror(errno));
	fflush(NULL);
	worker->pid = fork();
	if (worker->pid < 0) {
		worker->pid = 0;
		return complain("worker", strerror(errno));
	}
	if (worker->pid == 0) {
		close(ends[0]);
		be_worker(crew, place, ends[1], parent);
	}
	close(ends[1]);
	worker->pipe = ends[0];
	return true;
}

static void deliver_ready(struct crew *crew)
{
	for (struct result *result;
	     crew->nr_delivered < crew->nr && (result = crew->results[crew->nr_delivered]);
	     crew->nr_delivered++) {
		struct pool_result delivered = {
			.number = crew->nr_delivered,
			.path = crew->paths[crew->nr_delivered],
			.out = result->text,
			.out_length = result->message.out_length,
			.err = result->text + result->message.out_length,
			.err_length = result->message.err_length,
			.counts = result->message.counts,
			.death = result->death,
		};

		crew->pool->deliver(crew->pool->data, &delivered);
		free(result->text);
		free(result);
		crew->results[crew->nr_delivered] = NULL;
	}
}

static bool receive_all(int pipe, void *data, size_t length)
{
	char *at = data;

	while (length) {
		ssize_t n = read(pipe, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

/* False: the worker has ended, or ends in the middle of a result, which is the same. */
static bool receive(struct crew *crew, const struct worker *worker)
{
	struct result *result = calloc(1, sizeof(*result));

	if (result && receive_all(worker->pipe, &result->message, sizeof(result->message))) {
		size_t length = result->message.out_length + result->message.err_length;

		result->text = calloc(1, length + 1);
		if (result->text && receive_all(worker->pipe, result->text, length)) {
			crew->results[result->message.number] = result;
			return true;
		}
		free(result->text);
	}
	free(result);
	return false;
}

/* A worker that ended at a file: that is the file's result. */
static void bury(struct crew *crew, unsigned int place)
{
	struct worker *worker = &crew->worker[place];
	const struct desk *desk = &crew->shared->desk[place];
	bool ended_by_us = crew->polls_since_stop > GRACE_POLLS;
	struct result *result = desk->at && !ended_by_us ? calloc(1, sizeof(*result)) : NULL;
	struct pool_death death = { .died = true, .sanitizer = desk->report };

	close(worker->pipe);
	while (waitpid(worker->pid, &death.status, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
	off_t length = result ? lseek(worker->err, 0, SEEK_END) : 0;

	if (result && (result->text = calloc(1, (size_t)length + 1))) {
		ssize_t n = pread(worker->err, result->text, (size_t)length, 0);

		result->message.err_length = n > 0 ? (size_t)n : 0;
		result->death = death;
		crew->results[desk->at - 1] = result;
	} else {
		free(result);
	}
	close(worker->err);
}

static bool work_left(const struct crew *crew)
{
	return atomic_load(&crew->shared->next) < crew->nr && !atomic_load(&crew->shared->stop);
}

/* Workers go on with their file after Ctrl-C; one that waits for something that does not come is not waited for. */
static void stop(struct crew *crew)
{
	atomic_store(&crew->shared->stop, true);
	if (crew->polls_since_stop++ != GRACE_POLLS)
		return;
	for (unsigned int i = 0; i < crew->pool->nr_workers; i++)
		if (crew->worker[i].pid)
			kill(crew->worker[i].pid, SIGKILL);
}

/* Waits for something to happen, and takes what there is. False once all workers have gone. */
static bool tend(struct crew *crew)
{
	struct pollfd waiting[POOL_MAX_WORKERS];
	unsigned int nr = 0;

	for (unsigned int i = 0; i < crew->pool->nr_workers; i++) {
		waiting[i] = (struct pollfd){ .fd = crew->worker[i].pid ? crew->worker[i].pipe : -1,
					      .events = POLLIN };
		nr += crew->worker[i].pid != 0;
	}
	if (!nr)
		return false;
	if (poll(waiting, crew->pool->nr_workers, POLL_MS) < 0)
		return true; /* a signal: the caller looks what it means */
	for (unsigned int i = 0; i < crew->pool->nr_workers; i++) {
		if (!waiting[i].revents || receive(crew, &crew->worker[i]))
			continue;
		bury(crew, i);
		if (work_left(crew) && !hire(crew, i))
			atomic_store(&crew->shared->stop, true);
	}
	return true;
}

size_t pool_run(const struct pool *pool, char *const *paths, size_t nr)
{
	struct pool bounded = *pool;
	struct crew crew = { .pool = &bounded, .paths = paths, .nr = nr };

	if (bounded.nr_workers > POOL_MAX_WORKERS)
		bounded.nr_workers = POOL_MAX_WORKERS;
	if (bounded.nr_workers > nr)
		bounded.nr_workers = (unsigned int)nr;
	crew.results = calloc(nr ? nr : 1, sizeof(struct result *));
	crew.shared =
		mmap(NULL, sizeof(*crew.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!crew.results || crew.shared == MAP_FAILED) {
		free(crew.results);
		complain("workers", strerror(ENOMEM));
		return 0;
	}
	for (unsigned int i = 0; i < bounded.nr_workers; i++)
		if (!hire(&crew, i))
			break;
	while (tend(&crew)) {
		if (interrupted())
			stop(&crew);
		deliver_ready(&crew);
	}
	deliver_ready(&crew);
	for (size_t i = crew.nr_delivered; i < nr; i++) { /* behind one that was given up */
		if (crew.results[i])
			free(crew.results[i]->text);
		free(crew.results[i]);
	}
	free(crew.results);
	munmap(crew.shared, sizeof(*crew.shared));
	return crew.nr_delivered;
}
