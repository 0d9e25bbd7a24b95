// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fuzz target without a fuzzing engine: runs each file that is named, and
 * each file of a directory in the order of the names, once, and says so. For
 * OSS-Fuzz's engine "none", and to replay a corpus with any compiler.
 *
 * The target's own options (--release=6.12) work as ever; libFuzzer's (-runs=0)
 * are skipped, so that its command lines can be used. Must never write a file,
 * nor go on after a failure: the target aborts.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fail(const char *path, const char *what)
{
	fprintf(stderr, "rmap_fuzzer: %s: %s\n", path, what);
	return 1;
}

/* Of exactly the size that was read, so that ASan sees each access behind it. */
static uint8_t *read_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);
	FILE *file = fopen(path, "rb");

	if (!data || !file || fread(data, 1, size, file) != size) {
		free(data);
		data = NULL;
	}
	if (file)
		fclose(file);
	return data;
}

static int run_file(const char *path, size_t size)
{
	uint8_t *data = read_file(path, size);

	if (!data)
		return fail(path, errno ? strerror(errno) : "cannot read");
	printf("%s... ", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	puts("ok");
	free(data);
	return 0;
}

static int run_path(const char *path);

static int run_directory(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort), failed = 0;

	if (count < 0)
		return fail(path, strerror(errno));
	for (int i = 0; i < count; i++) {
		char name[4096];
		int length = snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);

		if (length < 0 || (size_t)length >= sizeof(name))
			failed |= fail(path, "path too long");
		else if (entries[i]->d_name[0] != '.')
			failed |= run_path(name);
		free(entries[i]);
	}
	free(entries);
	return failed;
}

static int run_path(const char *path)
{
	struct stat status;

	errno = 0;
	if (stat(path, &status))
		return fail(path, strerror(errno));
	return S_ISDIR(status.st_mode) ? run_directory(path) : run_file(path, (size_t)status.st_size);
}

int main(int argc, char **argv)
{
	int failed = 0, paths = 0;

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		paths++;
		failed |= run_path(argv[i]);
	}
	if (!paths)
		return fail("usage", "[--release=VERSION] [--bug=ID] FILE|DIRECTORY...");
	return failed;
}
