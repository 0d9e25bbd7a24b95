/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known failures as directories, one for each failure: "crashes/NAME/" with
 *	min.prog      the minimized program, its story in comments
 *	trace.txt     what it changes, step by step
 *	forest.svg    the anon_vma forest at the failing step
 *	README.md     what it is, and the commands
 *	finding.json  signature, how often, when first and last: for triage;
 *	              what it was made with: for replay
 *	input-*.prog  programs that were found, as many as may be kept
 *	other-*.prog  other failures that were met while minimizing
 * A directory appears as a whole: it has another name until all is written.
 */
#ifndef RMAPFUZZ_TOOL_BUCKET_H
#define RMAPFUZZ_TOOL_BUCKET_H

#include <time.h>

#include "tool/finding.h"
#include "tool/json.h"

enum { BUCKET_NAME_MAX = 128, MAX_KEPT_HASHES = 256 };

struct bucket {
	char name[BUCKET_NAME_MAX];            /* of the directory */
	char class[VERDICT_SIGNATURE_MAX];     /* "I7-pte" */
	char signature[VERDICT_SIGNATURE_MAX]; /* of min.prog */
	uint32_t step;                         /* operation that fails in it; 0: an old finding.json */
	char options[256];                     /* " --release=... --bug=...", as settings_print() has them */
	uint32_t count;                        /* programs that fell into it, each counted once */
	time_t first_seen, last_seen;          /* when those were found: times of their files */
	uint32_t nr_ops, nr_ops_found;         /* of min.prog, and of the program it was made from */
	uint64_t hashes[MAX_KEPT_HASHES];      /* of programs that were counted, so that none is twice */
	uint32_t nr_hashes;
	json_t *made_with; /* identity.h; NULL: an old finding.json. Freed by whoever read it, or buckets_free() */
};

struct buckets {
	const char *directory;
	struct bucket *bucket;
	uint32_t nr, room;
};

/* A program that failed, and when it was found. */
struct sighting {
	const struct program *program;
	uint64_t hash;
	time_t time;
};

/* Reads the finding.json of each directory below. Directories without one are left alone. False: complained. */
bool buckets_read(struct buckets *buckets, const char *directory);
void buckets_free(struct buckets *buckets);

/* The bucket of a class of failures under these settings, or NULL. */
struct bucket *bucket_find(struct buckets *buckets, const char *class, const struct settings *settings);

/* Was this very program counted before? */
bool bucket_knows(const struct bucket *bucket, uint64_t hash);

/* Counts a program, and keeps it if fewer than keep are. False: complained. */
bool bucket_count(const struct buckets *buckets, struct bucket *bucket, const struct sighting *sighting,
		  const struct settings *settings, uint32_t keep);

/* A new directory for a minimized finding. NULL: complained, and nothing was left behind. */
struct bucket *bucket_create(struct buckets *buckets, const struct finding *finding,
			     const struct settings *settings, const struct sighting *sighting,
			     const char *path);

/* ---- between the files of the bucket ---- */

/* Everything but finding.json and inputs (bucket_files.c). */
bool bucket_write_files(const char *directory, const struct bucket *bucket, const struct finding *finding,
			const struct settings *settings);
/* finding.json (bucket_json.c). */
bool bucket_write_json(const char *directory, const struct bucket *bucket);
/* False if there is none, or it cannot be understood (complained then). */
bool bucket_read_json(const char *directory, struct bucket *bucket);
bool bucket_write_input(const char *directory, const struct sighting *sighting,
			const struct settings *settings, const char *signature);

#endif
