// SPDX-License-Identifier: GPL-2.0-only
/*
 * Graphviz as a child process that makes SVG of a drawing. It reads and writes
 * temporary files without names: there is no pipe to wait for on both sides.
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

/* A full disk is then a fault of the copy, which has a name for it. */
static bool copy(FILE *from, const char *path)
{
	char buffer[1 << 14];
	struct output output;
	size_t length;

	rewind(from);
	if (!output_open(&output, path))
		return false;
	while ((length = fread(buffer, 1, sizeof(buffer), from)) > 0)
		if (fwrite(buffer, 1, length, output.file) != length)
			break;
	return output_commit(&output);
}

bool graphviz_svg(const char *path, const char *drawing, size_t length)
{
	const char *name = path ? path : "standard output";
	FILE *in = tmpfile(), *out = tmpfile();
	bool filled = in && out && fwrite(drawing, 1, length, in) == length && fflush(in) == 0;
	int status = 0, error = filled ? 0 : errno;
	bool written = false;

	if (filled) {
		rewind(in);
		error = run_dot(in, out, &status);
	}
	if (error == ENOENT)
		complain(name, "SVG needs Graphviz's dot, which is not installed (package graphviz)");
	else if (error)
		complain(name, strerror(error));
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		complain(name, "Graphviz's dot failed");
	else
		written = copy(out, path);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return written;
}
