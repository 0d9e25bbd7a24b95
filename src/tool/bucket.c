// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories of known failures, see bucket.h. Never removes a file that it
 * did not just make, and never writes into a directory that is not a bucket.
 */
#include "tool/bucket.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/identity.h"

static struct bucket *add_bucket(struct buckets *buckets)
{
	if (buckets->nr == buckets->room) {
		uint32_t room = buckets->room ? 2 * buckets->room : 16;
		struct bucket *more = realloc(buckets->bucket, room * sizeof(*more));

		if (!more) {
			complain(buckets->directory, "out of memory");
			return NULL;
		}
		buckets->bucket = more;
		buckets->room = room;
	}
	struct bucket *bucket = &buckets->bucket[buckets->nr++];

	memset(bucket, 0, sizeof(*bucket));
	return bucket;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool read_one(struct buckets *buckets, const char *name)
{
	char path[MAX_PATH_BYTES];
	struct bucket *bucket = add_bucket(buckets);

	if (!bucket || !join_path(path, buckets->directory, name))
		return false;
	if (strlen(name) >= sizeof(bucket->name) || !bucket_read_json(path, bucket)) {
		buckets->nr--; /* no bucket: left alone */
		return true;
	}
	snprintf(bucket->name, sizeof(bucket->name), "%s", name);
	return true;
}

bool buckets_read(struct buckets *buckets, const char *directory)
{
	struct dirent **entries;

	*buckets = (struct buckets){ .directory = directory };
	if (mkdir(directory, 0777) != 0 && errno != EEXIST)
		return complain(directory, strerror(errno));
	int nr = scandir(directory, &entries, not_hidden, alphasort);
	bool read = true;

	if (nr < 0)
		return complain(directory, strerror(errno));
	for (int i = 0; i < nr; i++) {
		read = read && read_one(buckets, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return read;
}

void buckets_free(struct buckets *buckets)
{
	for (uint32_t i = 0; i < buckets->nr; i++)
		json_decref(buckets->bucket[i].made_with);
	free(buckets->bucket);
	buckets->bucket = NULL;
}

struct bucket *bucket_find(struct buckets *buckets, const char *class, const struct settings *settings)
{
	char options[sizeof(((struct bucket *)0)->options)];

	settings_print(settings, options, sizeof(options));
	for (uint32_t i = 0; i < buckets->nr; i++)
		if (strcmp(buckets->bucket[i].class, class) == 0 &&
		    strcmp(buckets->bucket[i].options, options) == 0)
			return &buckets->bucket[i];
	return NULL;
}

bool bucket_knows(const struct bucket *bucket, uint64_t hash)
{
	for (uint32_t i = 0; i < bucket->nr_hashes; i++)
		if (bucket->hashes[i] == hash)
			return true;
	return false;
}

/* The number of programs that are counted twice, should they come again, is limited by forgetting the oldest. */
static void remember_hash(struct bucket *bucket, uint64_t hash)
{
	if (bucket->nr_hashes == MAX_KEPT_HASHES)
		memmove(bucket->hashes, bucket->hashes + 1, --bucket->nr_hashes * sizeof(hash));
	bucket->hashes[bucket->nr_hashes++] = hash;
}

static void count(struct bucket *bucket, const struct sighting *sighting)
{
	bucket->count++;
	remember_hash(bucket, sighting->hash);
	if (bucket->count == 1 || sighting->time < bucket->first_seen)
		bucket->first_seen = sighting->time;
	if (sighting->time > bucket->last_seen)
		bucket->last_seen = sighting->time;
}

bool bucket_count(const struct buckets *buckets, struct bucket *bucket, const struct sighting *sighting,
		  const struct settings *settings, uint32_t keep)
{
	char path[MAX_PATH_BYTES];

	count(bucket, sighting);
	if (!join_path(path, buckets->directory, bucket->name))
		return false;
	if (bucket->count <= keep) {
		identity_add_program(bucket->made_with, sighting->program);
		if (!bucket_write_input(path, sighting, settings, bucket->class))
			return false;
	}
	return bucket_write_json(path, bucket);
}

/* The bug where there is one, otherwise what is broken; more words if that name is taken. */
static bool choose_name(const struct buckets *buckets, struct bucket *bucket, const struct settings *settings,
			bool other_bug)
{
	const char *bug = settings->nr_bugs && !other_bug ? settings->bugs[0]->name : NULL;
	const char *name = bug ? bug : bucket->class, *more = bug ? bucket->class : settings->version;
	char path[MAX_PATH_BYTES], number[16] = "";
	struct stat status;

	for (unsigned int i = 0; i < 1000; i++) {
		if (i >= 2)
			snprintf(number, sizeof(number), "-%u", i);
		if (snprintf(bucket->name, sizeof(bucket->name), "%s%s%s%s", name, i ? "-" : "",
			     i ? more : "", number) >= (int)sizeof(bucket->name) ||
		    !join_path(path, buckets->directory, bucket->name))
			return complain(buckets->directory, "path too long");
		if (lstat(path, &status) != 0)
			return errno == ENOENT || complain(path, strerror(errno));
	}
	return complain(buckets->directory, "too many directories for one failure");
}

static bool write_all(const char *directory, const char *shown_as, const struct bucket *bucket,
		      const struct finding *finding, const struct settings *settings,
		      const struct sighting *sighting, const char *path)
{
	return bucket_write_files(directory, bucket, finding, settings) &&
	       others_write(finding, settings, directory, shown_as, path) &&
	       bucket_write_input(directory, sighting, settings, bucket->class) &&
	       bucket_write_json(directory, bucket);
}

struct bucket *bucket_create(struct buckets *buckets, const struct finding *finding,
			     const struct settings *settings, const struct sighting *sighting, const char *path)
{
	char finished[MAX_PATH_BYTES];
	struct output_directory output;
	struct bucket *bucket = add_bucket(buckets);

	if (!bucket)
		return NULL;
	settings_print(settings, bucket->options, sizeof(bucket->options));
	signature_class(&finding->result.verdict, bucket->class);
	snprintf(bucket->signature, sizeof(bucket->signature), "%s", finding->signature);
	bucket->step = finding->result.verdict.step;
	bucket->made_with = identity_of(settings, &finding->program);
	identity_add_program(bucket->made_with, sighting->program);
	bucket->nr_ops = finding->program.nr_ops;
	bucket->nr_ops_found = finding->nr_ops;
	count(bucket, sighting);
	bool done = choose_name(buckets, bucket, settings, finding->result.verdict.without_bug) &&
		    join_path(finished, buckets->directory, bucket->name) &&
		    output_directory_open(&output, finished);

	if (done) {
		done = write_all(output.temporary, finished, bucket, finding, settings, sighting, path);
		if (!done)
			output_directory_discard(&output);
		else if (output_directory_commit(&output))
			return bucket;
	}
	json_decref(bucket->made_with);
	buckets->nr--;
	return NULL;
}
