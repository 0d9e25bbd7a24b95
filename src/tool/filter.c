// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another program as a filter, see filter.h. Never passes anything but
 * standard input, output and the environment to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/filter.h"
#include "tool/tool.h"

extern char **environ;

/* 0 or an errno value; *status is that of the child. */
static int spawn_and_wait(char *const argv[], FILE *in, FILE *out, int *status)
{
	posix_spawn_file_actions_t actions;
	pid_t child;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	while (!error && waitpid(child, status, 0) < 0 && errno == EINTR)
		;
	return error;
}

enum filter_result filter_run(char *const argv[], FILE *in, FILE *out)
{
	int status = 0;

	if (fflush(in) != 0)
		return FILTER_ERROR;
	rewind(in);
	errno = spawn_and_wait(argv, in, out, &status);
	if (errno)
		return errno == ENOENT ? FILTER_MISSING : FILTER_ERROR;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? FILTER_DONE : FILTER_FAILED;
}

long filter_size(FILE *out)
{
	return fseek(out, 0, SEEK_END) == 0 ? ftell(out) : 0;
}

/* A full disk is then a fault of the copy, which has a name for it. */
bool filter_copy(FILE *out, const char *path)
{
	char buffer[1 << 14];
	struct output output;
	size_t length;

	rewind(out);
	if (!output_open(&output, path))
		return false;
	while ((length = fread(buffer, 1, sizeof(buffer), out)) > 0)
		if (fwrite(buffer, 1, length, output.file) != length)
			break;
	return output_commit(&output);
}
