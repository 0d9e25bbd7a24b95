// SPDX-License-Identifier: GPL-2.0-only
/*
 * finding.json of a bucket: what triage has to remember between two runs, and
 * what replay has to know elsewhere.
 * Times are those of the files that were found, in UTC.
 */
#define _GNU_SOURCE /* strptime, timegm, open_memstream */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/bucket.h"
#include "tool/json.h"

static json_t *json_time(time_t time)
{
	char text[32];
	struct tm utc;

	gmtime_r(&time, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_string(text);
}

static time_t parse_time(const char *text)
{
	struct tm utc = { .tm_mday = 1 };

	return text && strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc) ? timegm(&utc) : 0;
}

bool bucket_write_json(const char *directory, const struct bucket *bucket)
{
	char path[MAX_PATH_BYTES], hash[20];
	json_t *hashes = json_array();
	struct output output;

	for (uint32_t i = 0; i < bucket->nr_hashes; i++) {
		snprintf(hash, sizeof(hash), "%016" PRIx64, bucket->hashes[i]);
		json_array_append_new(hashes, json_string(hash));
	}
	json_t *object = json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:o, s:o}", "signature",
				   bucket->signature, "class", bucket->class, "options",
				   bucket->options + (bucket->options[0] == ' '), "operations",
				   (int)bucket->nr_ops, "operations_found", (int)bucket->nr_ops_found,
				   "count", (int)bucket->count, "first_seen", json_time(bucket->first_seen),
				   "last_seen", json_time(bucket->last_seen), "programs", hashes);
	if (bucket->step)
		json_object_set_new(object, "step", json_integer(bucket->step));
	if (bucket->made_with)
		json_object_set(object, "made_with", bucket->made_with);
	bool written = object && join_path(path, directory, "finding.json") && output_open(&output, path);

	if (written) {
		json_print_indented(output.file, json_incref(object));
		written = output_commit(&output);
	}
	json_decref(object);
	return written;
}

static void read_hashes(struct bucket *bucket, const json_t *hashes)
{
	const char *text;

	for (size_t i = 0; i < json_array_size(hashes) && bucket->nr_hashes < MAX_KEPT_HASHES; i++) {
		text = json_string_value(json_array_get(hashes, i));
		if (text)
			bucket->hashes[bucket->nr_hashes++] = strtoull(text, NULL, 16);
	}
}

bool bucket_read_json(const char *directory, struct bucket *bucket)
{
	const char *signature, *class, *options, *first, *last;
	char path[MAX_PATH_BYTES];
	int nr_ops, nr_found, count, step = 0;
	json_error_t error;
	json_t *hashes, *made_with = NULL;

	if (!join_path(path, directory, "finding.json") || access(path, F_OK) != 0)
		return false;
	json_t *object = json_load_file(path, 0, &error);

	if (!object) {
		fprintf(stderr, "rmapfuzz: %s:%d: %s\n", path, error.line, error.text);
		return false;
	}
	bool whole = json_unpack_ex(object, &error, 0,
				    "{s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:o, s?i, s?o}", "signature",
				    &signature, "class", &class, "options", &options, "operations", &nr_ops,
				    "operations_found", &nr_found, "count", &count, "first_seen", &first,
				    "last_seen", &last, "programs", &hashes, "step", &step, "made_with",
				    &made_with) == 0;

	if (whole) {
		snprintf(bucket->signature, sizeof(bucket->signature), "%s", signature);
		snprintf(bucket->class, sizeof(bucket->class), "%s", class);
		snprintf(bucket->options, sizeof(bucket->options), "%s%s", *options ? " " : "", options);
		bucket->nr_ops = (uint32_t)nr_ops;
		bucket->nr_ops_found = (uint32_t)nr_found;
		bucket->count = (uint32_t)count;
		bucket->first_seen = parse_time(first);
		bucket->last_seen = parse_time(last);
		bucket->step = (uint32_t)step;
		bucket->made_with = json_incref(made_with);
		read_hashes(bucket, hashes);
	} else {
		complain(path, error.text);
	}
	json_decref(object);
	return whole;
}
