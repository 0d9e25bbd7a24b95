// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shared corpus: what it begins with, what is new in it, and what does not
 * belong there. Files are named by the SHA-1 of their content, as libFuzzer and
 * AFL++'s tools name them, so a torn or changed file is one whose name is wrong.
 * Never removes a good file.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha1.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "night/night.h"

enum { SHA1_NAME = 2 * SHA1_DIGEST_LENGTH, SCAN_PAUSE_MS = 2000, COST_FACTOR = 10 };

void sha1_name(const uint8_t *content, size_t length, char name[41])
{
	uint8_t digest[SHA1_DIGEST_LENGTH];
	SHA1_CTX context;

	SHA1Init(&context);
	SHA1Update(&context, content, length);
	SHA1Final(digest, &context);
	for (size_t i = 0; i < SHA1_DIGEST_LENGTH; i++)
		snprintf(name + 2 * i, 3, "%02x", digest[i]);
}

static bool is_sha1_name(const char *name)
{
	return strlen(name) == SHA1_NAME && strspn(name, "0123456789abcdef") == SHA1_NAME;
}

/* At most one byte more than room; -1: errno. */
static ssize_t read_at_once(const char *path, uint8_t *content, size_t room)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	ssize_t length = descriptor < 0 ? -1 : read(descriptor, content, room);
	int reason = errno;

	if (descriptor >= 0)
		close(descriptor);
	errno = reason;
	return length;
}

const char *corpus_fault(const char *path, const char *name)
{
	uint8_t content[65536];
	char right[SHA1_NAME + 1];
	struct stat status;

	if (lstat(path, &status) != 0)
		return errno == ENOENT ? NULL : strerror(errno); /* a worker replaced it */
	if (!S_ISREG(status.st_mode))
		return "not a regular file";
	if (status.st_size > (off_t)sizeof(content))
		return "too large for a program";
	ssize_t length = read_at_once(path, content, sizeof(content));

	if (length < 0)
		return errno == ENOENT ? NULL : strerror(errno);
	if (!is_sha1_name(name))
		return NULL; /* put there by a person */
	sha1_name(content, (size_t)length, right);
	return strcmp(right, name) == 0 ? NULL : "its content is not what its name says";
}

void corpus_take_away(struct night *night, const char *path, const char *why)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return;
	if (!S_ISREG(status.st_mode) || status.st_size) {
		rundir_set_aside(night, path, why);
		return;
	}
	if (unlink(path) == 0 && night->corpus.nr_empty++ == 0)
		night_problem(night, "empty files in the corpus, as a full disk leaves them, are removed");
}

bool corpus_add(struct night *night, const uint8_t *content, size_t length)
{
	char path[NIGHT_PATH], name[SHA1_NAME + 1];

	sha1_name(content, length, name);
	rundir_path(&night->dir, path, "corpus/%s", name);
	return access(path, F_OK) != 0 && disk_allows(night, length + 4096) &&
	       disk_write(path, content, length);
}

static bool copy_seeds(struct night *night)
{
	uint8_t content[65536];
	char path[NIGHT_PATH];
	DIR *directory = opendir(night->seeds);
	uint32_t nr = 0;

	if (!directory)
		return complain(night->seeds, strerror(errno));
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		if (entry->d_name[0] == '.' || !join_path(path, night->seeds, entry->d_name))
			continue;
		ssize_t length = read_at_once(path, content, sizeof(content));

		nr += length > 0 && corpus_add(night, content, (size_t)length);
	}
	closedir(directory);
	night_log(night, "%u seeds from %s", nr, night->seeds);
	return true;
}

/* libFuzzer ends when it cannot read a file, so none that is bad may be there when a worker starts. */
static void set_bad_aside(struct night *night)
{
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "corpus");
	DIR *directory = opendir(path);

	if (!directory)
		return;
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		rundir_path(&night->dir, path, "corpus/%.250s", entry->d_name);
		const char *fault = corpus_fault(path, entry->d_name);

		if (fault)
			corpus_take_away(night, path, fault);
	}
	closedir(directory);
}

bool corpus_prepare(struct night *night, bool first_run)
{
	set_bad_aside(night);
	night->corpus.first_pass = true;
	if (first_run && night->seeds[0] && !copy_seeds(night))
		return false;
	corpus_scan(night);
	return true;
}

/* ---- what is new ---- */

static bool enlarge(struct corpus *corpus)
{
	uint32_t room = corpus->room ? 2 * corpus->room : 4096;
	uint64_t *seen = calloc(room, sizeof(*seen));

	if (!seen)
		return false;
	for (uint32_t i = 0; i < corpus->room; i++) {
		uint64_t hash = corpus->seen[i];

		if (!hash)
			continue;
		uint64_t at = hash & (room - 1);

		while (seen[at])
			at = (at + 1) & (room - 1);
		seen[at] = hash;
	}
	free(corpus->seen);
	corpus->seen = seen;
	corpus->room = room;
	return true;
}

/* True if it was not there before. */
static bool notice(struct corpus *corpus, const char *name)
{
	uint64_t hash = XXH3_64bits(name, strlen(name)) | 1;

	if (2 * corpus->nr_seen >= corpus->room && !enlarge(corpus))
		return false;
	uint64_t at = hash & (corpus->room - 1);

	while (corpus->seen[at] && corpus->seen[at] != hash)
		at = (at + 1) & (corpus->room - 1);
	if (corpus->seen[at])
		return false;
	corpus->seen[at] = hash;
	corpus->nr_seen++;
	return true;
}

static void add_fresh(struct corpus *corpus, const char *name)
{
	if (corpus->nr_fresh == corpus->room_fresh) {
		uint32_t room = corpus->room_fresh ? 2 * corpus->room_fresh : 1024;
		char(*more)[CORPUS_NAME_MAX] = realloc(corpus->fresh, room * sizeof(*more));

		if (!more)
			return;
		corpus->fresh = more;
		corpus->room_fresh = room;
	}
	snprintf(corpus->fresh[corpus->nr_fresh++], CORPUS_NAME_MAX, "%s", name);
}

/* A file that is being written at this moment is for the next time. */
static bool may_be_in_writing(const struct stat *status)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return status->st_mtim.tv_sec + 2 > now.tv_sec;
}

void corpus_scan(struct night *night)
{
	struct corpus *corpus = &night->corpus;
	uint64_t began = night_now();
	char path[NIGHT_PATH];
	struct stat status;

	rundir_path(&night->dir, path, "corpus");
	DIR *directory = opendir(path);

	if (!directory)
		return;
	corpus->files = 0;
	corpus->bytes = 0;
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		corpus->files++;
		corpus->bytes += (uint64_t)status.st_size;
		if ((corpus->first_pass || !may_be_in_writing(&status)) && notice(corpus, entry->d_name))
			add_fresh(corpus, entry->d_name);
	}
	closedir(directory);
	uint64_t pause = (night_now() - began) * COST_FACTOR;

	corpus->not_before = night_now() + (pause > SCAN_PAUSE_MS ? pause : SCAN_PAUSE_MS);
}
