// SPDX-License-Identifier: GPL-2.0-only
/*
 * Graphviz as a child process that makes SVG of a drawing. It reads a
 * temporary file without a name and writes the output under its temporary
 * name: there is no pipe to wait for on both sides.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/dot.h"
#include "tool/tool.h"

extern char **environ;

/* 0 or an errno value; *status is that of the child. */
static int run_dot(FILE *in, FILE *out, int *status)
{
	char name[] = "dot", format[] = "-Tsvg";
	char *const arguments[] = { name, format, NULL };
	posix_spawn_file_actions_t actions;
	pid_t child;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&child, name, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	while (!error && waitpid(child, status, 0) < 0 && errno == EINTR)
		;
	return error;
}

bool graphviz_svg(const char *path, const char *drawing, size_t length)
{
	const char *name = path ? path : "standard output";
	struct output output;
	int status = 0;
	FILE *in = tmpfile();

	if (!in)
		return complain(name, strerror(errno));
	if (fwrite(drawing, 1, length, in) != length || fflush(in) != 0) {
		int reason = errno;

		fclose(in);
		return complain(name, strerror(reason));
	}
	rewind(in);
	if (!output_open(&output, path)) {
		fclose(in);
		return false;
	}
	fflush(output.file);
	int error = run_dot(in, output.file, &status);

	fclose(in);
	if (!error && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return output_commit(&output);
	output_discard(&output);
	if (error == ENOENT)
		return complain(name, "SVG needs Graphviz's dot, which is not installed (package graphviz)");
	return complain(name, error ? strerror(error) : "Graphviz's dot failed");
}
