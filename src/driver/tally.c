// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters of a run in a mapped file, see tally.h. Does no I/O between
 * tally_open() and tally_close(), and never changes a file that it refuses.
 */
#include "driver/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const uint64_t magic = UINT64_C(0x796c6c6174666d72); /* "rmftally" */

_Static_assert(sizeof(struct tally_counts) % sizeof(uint64_t) == 0, "no padding");
_Static_assert(NR_DECISIONS <= 64, "a bit each in struct tally.asked");

/* ---- the format ---- */

/* FNV-1a over names, each with its NUL. */
static uint64_t hash_name(uint64_t hash, const char *name)
{
	do
		hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	while (*name++);
	return hash;
}

uint64_t tally_tables(void)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (unsigned int code = 0; code < NR_OP_CODES; code++)
		hash = hash_name(hash, op_info(code)->name ? op_info(code)->name : "");
	for (unsigned int decision = 0; decision < NR_DECISIONS; decision++)
		hash = hash_name(hash, decision_name(decision));
	return hash;
}

static bool refuse(char error[TALLY_ERROR_MAX], const char *path, const char *why)
{
	snprintf(error, TALLY_ERROR_MAX, "%.240s: %s", path, why);
	return false;
}

/* The table of known failures is filled from its beginning; an unused entry has no first letter yet. */
static bool known_is_sound(const struct tally_counts *counts)
{
	bool over = false;

	for (unsigned int i = 0; i < MAX_KNOWN; i++) {
		const struct tally_known *known = &counts->known[i];
		size_t length = strnlen(known->class, KNOWN_CLASS_MAX);

		if (length == KNOWN_CLASS_MAX || (over && length) || (!length && known->count))
			return false;
		for (size_t k = 0; k < length; k++)
			if (known->class[k] <= ' ' || known->class[k] > '~')
				return false;
		over = !length;
	}
	return true;
}

static bool check(const struct tally_counts *counts, size_t size, const char *path, char error[TALLY_ERROR_MAX])
{
	if (size < offsetof(struct tally_counts, executions) || counts->magic != magic)
		return refuse(error, path, "not a tally of this machine");
	if (counts->format != TALLY_FORMAT)
		return refuse(error, path, "a tally of another format");
	if (counts->tables != tally_tables())
		return refuse(error, path, "a tally of other operations or decisions than this build has");
	if (counts->size != sizeof(*counts) || size != sizeof(*counts))
		return refuse(error, path, "a damaged tally: of the wrong size");
	if (!known_is_sound(counts))
		return refuse(error, path, "a damaged tally: bad names of known failures");
	return true;
}

/* ---- files ---- */

/* The whole file in counts, if it is a tally. */
static bool read_checked(int file, const char *path, struct tally_counts *counts, char error[TALLY_ERROR_MAX])
{
	struct stat status;
	ssize_t got;

	memset(counts, 0, sizeof(*counts));
	if (fstat(file, &status) != 0 || (got = pread(file, counts, sizeof(*counts), 0)) < 0)
		return refuse(error, path, strerror(errno));
	/* a short read of a whole file does not happen; a longer file has another size */
	return check(counts, status.st_size == (off_t)sizeof(*counts) ? (size_t)got : (size_t)status.st_size,
		     path, error);
}

bool tally_read(const char *path, struct tally_counts *counts, char error[TALLY_ERROR_MAX])
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return refuse(error, path, strerror(errno));
	bool fine = read_checked(file, path, counts, error);

	close(file);
	return fine;
}

/* Written, not left as a hole: on a full disk this fails, where a store to the mapping would kill the process. */
static bool write_empty(int file)
{
	const struct tally_counts counts = {
		.magic = magic, .format = TALLY_FORMAT, .size = sizeof(counts), .tables = tally_tables()
	};
	ssize_t written = write(file, &counts, sizeof(counts));

	if (written == (ssize_t)sizeof(counts))
		return true;
	if (written >= 0)
		errno = ENOSPC;
	return false;
}

/* Under a name of its own until it is complete. What a killed process left under that name is overwritten. */
static bool create(const char *path, char error[TALLY_ERROR_MAX])
{
	char temporary[4096];
	int length = snprintf(temporary, sizeof(temporary), "%s.new", path);

	if (length >= (int)sizeof(temporary))
		return refuse(error, path, "the name is too long");
	int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool fine = file >= 0 && write_empty(file);

	fine = (file < 0 || close(file) == 0) && fine && rename(temporary, path) == 0;
	if (fine)
		return true;
	refuse(error, path, strerror(errno));
	if (file >= 0)
		unlink(temporary);
	return false;
}

/* A fuzzer that was just killed may have a child that is about to go: it gets two seconds. */
static bool lock(int file)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000000L };

	for (unsigned int tries = 0; tries < 100; tries++) {
		if (flock(file, LOCK_EX | LOCK_NB) == 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static bool open_file(struct tally *tally, const char *path, char error[TALLY_ERROR_MAX])
{
	tally->file = open(path, O_RDWR | O_CLOEXEC);
	if (tally->file < 0 && errno == ENOENT) {
		if (!create(path, error))
			return false;
		tally->file = open(path, O_RDWR | O_CLOEXEC);
	}
	return tally->file >= 0 || refuse(error, path, strerror(errno));
}

bool tally_open(struct tally *tally, const char *path, char error[TALLY_ERROR_MAX])
{
	struct tally_counts counts;
	void *mapped = MAP_FAILED;

	*tally = (struct tally){ .file = -1 };
	if (!open_file(tally, path, error))
		return false;
	bool fine = read_checked(tally->file, path, &counts, error);

	if (fine && !lock(tally->file))
		fine = refuse(error, path, "another process counts in it");
	if (fine) {
		mapped = mmap(NULL, sizeof(counts), PROT_READ | PROT_WRITE, MAP_SHARED, tally->file, 0);
		if (mapped == MAP_FAILED)
			fine = refuse(error, path, strerror(errno));
	}
	if (!fine)
		close(tally->file);
	else
		tally->counts = mapped;
	return fine;
}

void tally_close(struct tally *tally)
{
	munmap(tally->counts, sizeof(*tally->counts));
	close(tally->file);
	*tally = (struct tally){ .file = -1 };
}

/* ---- counting ---- */

void tally_begin(struct tally *tally)
{
	tally->asked = 0;
	tally->counts->executions++;
}

void tally_observe(void *data, const struct view *view, const struct op *op, const struct op_result *result)
{
	struct tally *tally = data;

	tally->asked |= view->asked;
	if (!op) /* the end: processes exit */
		return;
	struct tally_op *counts = &tally->counts->op[op->code];

	tally->counts->operations++;
	counts->executed++;
	counts->effective += result->error == OP_OK;
	counts->failed += result->error > 0;
}

void tally_end(struct tally *tally)
{
	for (uint64_t left = tally->asked; left; left &= left - 1)
		tally->counts->asked[__builtin_ctzll(left)]++;
}

void tally_known(struct tally *tally, const char *class)
{
	struct tally_known *known = tally->counts->known, *end = known + MAX_KNOWN;

	while (known < end && known->class[0] && strcmp(known->class, class) != 0)
		known++;
	if (known == end) {
		tally->counts->unlisted++;
		return;
	}
	if (!known->class[0]) { /* the first letter last: a reader, or the next run, sees a whole name or none */
		snprintf(known->class + 1, sizeof(known->class) - 1, "%s", class + 1);
		__atomic_store_n(&known->class[0], class[0], __ATOMIC_RELEASE);
	}
	known->count++;
}
