// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that do not outlive the runner: the kernel kills them with it
 * (PR_SET_PDEATHSIG), however it dies. Each has a process group of its own, so
 * that Ctrl-C at a terminal reaches the runner alone, which then ends them in order.
 */
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "night/night.h"

enum { CANNOT_START = 127 };

/* False: the runner died before the request was in place, and nobody would kill this process. */
static bool die_with(pid_t runner)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == runner;
}

static void default_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		signal(numbers[i], SIG_DFL);
}

static pid_t fork_tied(void)
{
	pid_t runner = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	setpgid(0, 0);
	default_signals();
	if (!die_with(runner))
		_exit(CANNOT_START);
	return 0;
}

_Noreturn static void become(const struct child_command *command)
{
	int nothing = open("/dev/null", O_RDONLY);

	if (command->hold) {
		int held = open(command->hold, O_RDWR | O_CREAT, 0666); /* stays open in the program */

		if (held < 0 || flock(held, LOCK_SH | LOCK_NB) != 0)
			_exit(CANNOT_START);
	}
	if (command->directory && chdir(command->directory) != 0)
		_exit(CANNOT_START);
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(command->output, STDOUT_FILENO) < 0 ||
	    dup2(command->output, STDERR_FILENO) < 0)
		_exit(CANNOT_START);
	for (char *const *variable = command->environment; variable && *variable; variable++)
		putenv(*variable);
	execv(command->argv[0], command->argv);
	_exit(CANNOT_START);
}

pid_t child_start(const struct child_command *command)
{
	pid_t pid = fork_tied();

	if (pid == 0)
		become(command);
	return pid;
}

pid_t child_fork(int (*body)(void *data), void *data)
{
	pid_t pid = fork_tied();

	if (pid == 0)
		_exit(body(data));
	return pid;
}

bool child_ended(pid_t pid, int *status)
{
	pid_t ended;

	do
		ended = waitpid(pid, status, WNOHANG);
	while (ended < 0 && errno == EINTR);
	return ended == pid;
}

bool child_was_killed(int status)
{
	return WIFSIGNALED(status) &&
	       (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGINT);
}

void child_stop(pid_t pid, uint32_t patience_ms, int *status)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000000L };
	uint64_t until = night_now() + patience_ms;

	kill(pid, SIGTERM);
	while (!child_ended(pid, status)) {
		if (night_now() >= until)
			kill(pid, SIGKILL);
		nanosleep(&pause, NULL);
	}
}

int child_memory(const char *name)
{
	return memfd_create(name, MFD_CLOEXEC);
}

char *child_memory_text(int descriptor)
{
	struct stat status;
	size_t length = fstat(descriptor, &status) == 0 ? (size_t)status.st_size : 0;
	char *text = malloc(length + 1);

	if (!text)
		return NULL;
	ssize_t got = pread(descriptor, text, length, 0);

	text[got < 0 ? 0 : got] = '\0';
	return text;
}
