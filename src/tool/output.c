// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files and directories that appear whole or not at all. One is written beside its place
 * under another name and renamed at the end, so that a full disk, Ctrl-C or a
 * crash leaves what was there before. Never writes into an existing file.
 */
#define _GNU_SOURCE /* renameat2 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/tool.h"

/* mkstemp and mkdtemp make things for the owner alone; these are for everybody whom the umask allows. */
static mode_t allowed(mode_t mode)
{
	mode_t mask = umask(0);

	umask(mask);
	return mode & ~mask;
}

/* Or whom the file that is replaced allowed. */
static void open_up(int descriptor, const char *path)
{
	struct stat before;

	if (fchmod(descriptor, stat(path, &before) == 0 ? before.st_mode & 0777 : allowed(0666)) != 0)
		return; /* a file system without modes: nothing to open up */
}

/* ".NAME.XXXXXX" beside path. */
static bool temporary_name(const char *path, char *out, size_t room)
{
	const char *slash = strrchr(path, '/');
	int directory = slash ? (int)(slash + 1 - path) : 0;

	return snprintf(out, room, "%.*s.%s.XXXXXX", directory, path, path + directory) < (int)room ||
	       complain(path, strerror(ENAMETOOLONG));
}

/* A device or a pipe is written to, for a file in its place would be the end of it. */
static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

static bool open_special(struct output *output, const char *path)
{
	output->file = fopen(path, "wb");
	return output->file || complain(path, strerror(errno));
}

bool output_open(struct output *output, const char *path)
{
	output->path[0] = '\0';
	output->temporary[0] = '\0';
	output->file = stdout;
	if (!path || strcmp(path, "-") == 0)
		return true;
	if (strlen(path) >= sizeof(output->path))
		return complain(path, strerror(ENAMETOOLONG));
	snprintf(output->path, sizeof(output->path), "%s", path);
	if (is_special(path))
		return open_special(output, path);
	if (!temporary_name(path, output->temporary, sizeof(output->temporary)))
		return false;
	int descriptor = mkstemp(output->temporary);

	if (descriptor < 0)
		return complain(path, strerror(errno));
	open_up(descriptor, path);
	output->file = fdopen(descriptor, "wb");
	if (output->file)
		return true;
	int reason = errno;

	close(descriptor);
	unlink(output->temporary);
	return complain(path, strerror(reason));
}

bool output_commit(struct output *output)
{
	bool failed = fflush(output->file) != 0 || ferror(output->file) != 0;
	int reason = errno;

	if (!output->path[0])
		return !failed; /* main() says so, once, when the verb is done */
	/* on some file systems only close tells that a disk is full */
	if (fclose(output->file) != 0 && !failed) {
		failed = true;
		reason = errno;
	}
	if (!failed && (!output->temporary[0] || rename(output->temporary, output->path) == 0))
		return true;
	reason = failed ? reason : errno;
	if (output->temporary[0])
		unlink(output->temporary);
	return complain(output->path, strerror(reason));
}

void output_discard(struct output *output)
{
	if (!output->path[0])
		return;
	fclose(output->file);
	if (output->temporary[0])
		unlink(output->temporary);
}

bool output_write(const char *path, const void *content, size_t length)
{
	struct output output;

	if (!output_open(&output, path))
		return false;
	fwrite(content, 1, length, output.file); /* output_commit() sees a failure */
	return output_commit(&output);
}

bool output_directory_open(struct output_directory *output, const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	if (length >= sizeof(output->path))
		return complain(path, strerror(ENAMETOOLONG));
	snprintf(output->path, sizeof(output->path), "%.*s", (int)length, path);
	if (!temporary_name(output->path, output->temporary, sizeof(output->temporary)))
		return false;
	return mkdtemp(output->temporary) || complain(path, strerror(errno));
}

bool output_directory_commit(struct output_directory *output)
{
	if (chmod(output->temporary, allowed(0777)) == 0 && rename(output->temporary, output->path) == 0)
		return true;
	complain(output->path, strerror(errno));
	remove_directory(output->temporary);
	return false;
}

bool output_directory_replace(struct output_directory *output, const char *sign)
{
	char path[MAX_PATH_BYTES + 32];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%.24s", output->path, sign);
	if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode))
		return output_directory_commit(output);
	if (chmod(output->temporary, allowed(0777)) == 0 &&
	    renameat2(AT_FDCWD, output->temporary, AT_FDCWD, output->path, RENAME_EXCHANGE) == 0)
		return remove_directory(output->temporary);
	/* a file system that cannot exchange names: then there is none for a moment */
	if (errno == EINVAL && remove_directory(output->path))
		return output_directory_commit(output);
	complain(output->path, strerror(errno));
	remove_directory(output->temporary);
	return false;
}

void output_directory_discard(struct output_directory *output)
{
	remove_directory(output->temporary);
}

bool remove_directory(const char *path)
{
	DIR *directory = opendir(path);

	if (!directory)
		return complain(path, strerror(errno));
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	return rmdir(path) == 0 || complain(path, strerror(errno));
}
