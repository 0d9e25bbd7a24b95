// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much may be written. The corpus stops growing before the limit is
 * reached or the disk is full, so that there is always room for a finding and
 * for the state; the run goes on meanwhile. A file of zeros is kept back for a
 * disk that somebody else fills.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "night/night.h"

enum { MAX_DEPTH = 16, PAUSE_MS = 1000, COST_FACTOR = 20, STILL_FILLING_MS = 2500 };

#define MEGABYTE UINT64_C(1048576)

static uint64_t bytes_below(int parent, const char *name, unsigned int depth)
{
	int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = descriptor < 0 ? NULL : fdopendir(descriptor);
	struct stat status;
	uint64_t bytes = 0;

	if (!directory) {
		if (descriptor >= 0)
			close(descriptor);
		return 0;
	}
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(descriptor, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		bytes += (uint64_t)status.st_blocks * 512;
		if (S_ISDIR(status.st_mode) && depth < MAX_DEPTH)
			bytes += bytes_below(descriptor, entry->d_name, depth + 1);
	}
	closedir(directory);
	return bytes;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What the file system has left, and how much of that is not for a corpus. */
static uint64_t free_bytes(const struct night *night, uint64_t *floor)
{
	struct statvfs status;

	*floor = 0;
	if (statvfs(night->dir.path, &status) != 0)
		return UINT64_MAX;
	*floor = least(64 * MEGABYTE, (uint64_t)status.f_blocks * status.f_frsize / 10);
	return (uint64_t)status.f_bavail * status.f_frsize;
}

/* One tenth of the limit, at most 64 MB, is for findings, logs and the state. */
static uint64_t reserve_of(const struct disk *disk)
{
	return least(64 * MEGABYTE, disk->limit / 10);
}

/* ---- kept back ---- */

/* Enough for a finding and a state, and little beside what there is. */
static uint64_t kept_back(const struct night *night)
{
	struct statvfs status;
	uint64_t room = least(MEGABYTE, night->disk.limit / 32);

	return statvfs(night->dir.path, &status) == 0 ?
		       least(room, (uint64_t)status.f_blocks * status.f_frsize / 32) :
		       room;
}

/*
 * Not to whoever is filling the disk right now, who would take it at once: only when it has been full for a
 * while, or at the end.
 */
static bool give_up(struct night *night)
{
	bool at_the_end = interrupted() || night_seconds(night) >= night->state.wanted;
	char path[NIGHT_PATH];

	if (!night->disk.empty_since)
		night->disk.empty_since = night_now();
	if (!at_the_end && night_now() < night->disk.empty_since + STILL_FILLING_MS)
		return false;
	rundir_path(&night->dir, path, "reserve");
	if (unlink(path) != 0)
		return false;
	night_problem(night, "the disk is full: what was kept back for findings is given up");
	return true;
}

bool disk_write_surely(struct night *night, const char *path, const void *content, size_t length)
{
	if (disk_write(path, content, length) || (give_up(night) && disk_write(path, content, length)))
		return true;
	night->state.disk_refused++;
	return false;
}

/* When nothing is left, it is given up for what matters now; when there is enough, it is made again. */
static void keep_back(struct night *night, uint64_t left)
{
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "reserve");
	if (left < kept_back(night) / 2) {
		give_up(night);
		return;
	}
	night->disk.empty_since = 0;
	if (night->disk.full || access(path, F_OK) == 0)
		return;
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (file < 0)
		return;
	int failed = posix_fallocate(file, 0, (off_t)kept_back(night));

	close(file);
	if (failed)
		unlink(path);
}

void disk_check(struct night *night)
{
	struct disk *disk = &night->disk;
	uint64_t began = night_now(), floor, left, for_corpus, band;

	if (began < disk->next_check)
		return;
	disk->bytes = bytes_below(AT_FDCWD, night->dir.path, 0);
	left = free_bytes(night, &floor);
	for_corpus = disk->limit - reserve_of(disk);
	band = disk->full ? reserve_of(disk) / 4 : 0; /* not to and fro */
	bool full = disk->bytes + band > for_corpus || left < floor + (disk->full ? floor / 4 : 0);

	if (full != disk->full) {
		disk->full = full;
		if (full)
			night_problem(night, "the corpus stops growing: %.1f MB used of %.1f, %.1f MB free",
				      (double)disk->bytes / (double)MEGABYTE,
				      (double)disk->limit / (double)MEGABYTE, (double)left / (double)MEGABYTE);
		else
			night_log(night, "there is room again: the corpus may grow");
	}
	keep_back(night, left);
	uint64_t cost = night_now() - began;

	disk->next_check = night_now() + (cost * COST_FACTOR > PAUSE_MS ? cost * COST_FACTOR : PAUSE_MS);
}

bool disk_allows(struct night *night, uint64_t bytes)
{
	struct disk *disk = &night->disk;
	uint64_t floor, left = free_bytes(night, &floor);

	if (!disk->full && disk->bytes + bytes <= disk->limit - reserve_of(disk) && left >= floor + bytes) {
		disk->bytes += bytes;
		return true;
	}
	night->state.disk_refused++;
	return false;
}

bool disk_write(const char *path, const void *content, size_t length)
{
	char temporary[NIGHT_PATH];
	const char *slash = strrchr(path, '/');
	int where = (int)(slash + 1 - path);

	if (snprintf(temporary, sizeof(temporary), "%.*s.%s.writer", where, path, slash + 1) >=
	    (int)sizeof(temporary))
		return false;
	int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (descriptor < 0)
		return false;
	bool written = write(descriptor, content, length) == (ssize_t)length;

	written = close(descriptor) == 0 && written;
	if (written && rename(temporary, path) == 0)
		return true;
	unlink(temporary);
	return false;
}
