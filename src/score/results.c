// SPDX-License-Identifier: GPL-2.0-only
/*
 * results.csv: a line a run, written when the run is over. A line that has no
 * end was being written when the machine or the process died, and is dropped.
 * Never changes a line that is there.
 */
#define _GNU_SOURCE /* strsep */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/score.h"

enum { NR_CELLS = 17, LINE_MAX_BYTES = 1024, MAX_OLD_SETS = 9999, MAX_RESULTS_BYTES = 1 << 28 };

static const char head[] =
	"subject,release,driver,seed,build,budget_seconds,budget_executions,reached,triggered,detected,executions,"
	"cpu_seconds,invariant,class,operation,oracle_alone,other_failures\n";

static int print_line(const struct result *result, char line[LINE_MAX_BYTES])
{
	return snprintf(line, LINE_MAX_BYTES,
			"%s,%s,%s,%u,%s,%u,%" PRIu64 ",%s,%s,%s,%" PRIu64 ",%.3f,%s,%s,%u,%s,%u\n",
			result->subject, result->release, result->driver, result->seed, result->build,
			result->seconds, result->limit, result->reached, result->triggered,
			result->detected ? "yes" : "no", result->executions, result->cpu_seconds,
			result->invariant, result->class, result->operation, result->oracle_alone,
			result->other_failures);
}

static bool take_text(char *out, size_t room, const char *cell)
{
	return snprintf(out, room, "%s", cell) < (int)room;
}

static bool take_count(uint64_t *out, const char *cell, uint64_t most)
{
	char *end;

	errno = 0;
	unsigned long long value = strtoull(cell, &end, 10);

	*out = value;
	return *cell >= '0' && *cell <= '9' && !*end && !errno && value <= most;
}

static bool take_small(uint32_t *out, const char *cell)
{
	uint64_t value;
	bool fine = take_count(&value, cell, UINT32_MAX);

	*out = (uint32_t)value;
	return fine;
}

static bool take_seconds(double *out, const char *cell)
{
	char *end;

	*out = strtod(cell, &end);
	return *cell >= '0' && *cell <= '9' && !*end;
}

static bool take_answer(char out[8], const char *cell)
{
	return (!*cell || strcmp(cell, "yes") == 0 || strcmp(cell, "no") == 0) && take_text(out, 8, cell);
}

#define TEXT(member, cell) take_text(result->member, sizeof(result->member), cell)

static bool parse_line(char *line, struct result *result)
{
	char *cell[NR_CELLS + 1], *rest = line;
	unsigned int nr = 0;

	while (rest && nr <= NR_CELLS)
		cell[nr++] = strsep(&rest, ",");
	*result = (struct result){ .seed = 0 };
	if (nr != NR_CELLS)
		return false;
	result->detected = strcmp(cell[9], "yes") == 0;
	return TEXT(subject, cell[0]) && TEXT(release, cell[1]) && TEXT(driver, cell[2]) &&
	       take_small(&result->seed, cell[3]) && TEXT(build, cell[4]) &&
	       take_small(&result->seconds, cell[5]) && take_count(&result->limit, cell[6], UINT64_MAX) &&
	       take_answer(result->reached, cell[7]) && take_answer(result->triggered, cell[8]) &&
	       (result->detected || strcmp(cell[9], "no") == 0) &&
	       take_count(&result->executions, cell[10], UINT64_MAX) &&
	       take_seconds(&result->cpu_seconds, cell[11]) && TEXT(invariant, cell[12]) &&
	       TEXT(class, cell[13]) && take_small(&result->operation, cell[14]) &&
	       take_answer(result->oracle_alone, cell[15]) && take_small(&result->other_failures, cell[16]);
}

static bool keep(struct results *results, const struct result *result)
{
	if (results->nr == results->room) {
		size_t room = results->room ? 2 * results->room : 256;
		struct result *list = realloc(results->list, room * sizeof(*list));

		if (!list)
			return complain(results->path, "out of memory");
		results->list = list;
		results->room = room;
	}
	results->list[results->nr++] = *result;
	return true;
}

/* text ends with its last whole line. */
static bool parse(struct results *results, char *text)
{
	struct result result;
	char *rest = text;

	for (unsigned int number = 1; rest && *rest; number++) {
		char *line = strsep(&rest, "\n");

		if (number == 1 && strlen(line) == sizeof(head) - 2 && memcmp(line, head, sizeof(head) - 2) == 0)
			continue;
		if (number == 1 || !parse_line(line, &result)) {
			fprintf(stderr, "rmapfuzz: %s:%u:1: expected %s of the score\n", results->path,
				number, number == 1 ? "the first line" : "a run");
			return false;
		}
		if (!keep(results, &result))
			return false;
	}
	return true;
}

/* All of a file but for what is behind its last newline: *length is where that is. */
static char *read_lines(int file, size_t *length)
{
	struct stat status;
	size_t size = fstat(file, &status) == 0 ? (size_t)status.st_size : 0;
	char *text = size <= MAX_RESULTS_BYTES ? malloc(size + 1) : NULL;

	errno = text ? 0 : EFBIG;
	*length = 0;
	for (ssize_t got; text && *length < size; *length += (size_t)got)
		if ((got = pread(file, text + *length, size - *length, (off_t)*length)) <= 0)
			break;
	while (text && *length && text[*length - 1] != '\n')
		--*length;
	if (text)
		text[*length] = '\0';
	return text;
}

static bool load(struct results *results, size_t *length)
{
	char *text = read_lines(results->file, length);
	bool fine = text ? parse(results, text) : complain(results->path, strerror(errno));

	free(text);
	return fine;
}

bool results_read(struct results *results, const char *directory)
{
	size_t length;

	*results = (struct results){ .file = -1 };
	if (!join_path(results->path, directory, "results.csv"))
		return false;
	results->file = open(results->path, O_RDONLY | O_CLOEXEC);
	if (results->file < 0)
		return complain(results->path, strerror(errno));
	bool fine = load(results, &length);

	close(results->file);
	results->file = -1;
	if (!fine)
		results_close(results);
	return fine;
}

/* Under the first free name. */
static bool set_aside(const struct results *results, const char *directory)
{
	char name[40], path[MAX_PATH_BYTES];

	for (unsigned int i = 1; i <= MAX_OLD_SETS; i++) {
		snprintf(name, sizeof(name), "results-%u.csv", i);
		if (!join_path(path, directory, name))
			return false;
		if (access(path, F_OK) == 0)
			continue;
		if (rename(results->path, path) == 0)
			return fprintf(stderr, "the results that were here are in %s now\n", path) > 0;
		return errno == ENOENT || complain(results->path, strerror(errno));
	}
	return complain(results->path, "too many older sets beside it");
}

static bool write_all(const struct results *results, const char *text, size_t length)
{
	ssize_t written = write(results->file, text, length);

	return written == (ssize_t)length ||
	       complain(results->path, written < 0 ? strerror(errno) : strerror(ENOSPC));
}

bool results_open(struct results *results, const char *directory, bool fresh)
{
	size_t length;

	*results = (struct results){ .file = -1 };
	if (!join_path(results->path, directory, "results.csv") || (fresh && !set_aside(results, directory)))
		return false;
	results->file = open(results->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (results->file < 0)
		return complain(results->path, strerror(errno));
	if (flock(results->file, LOCK_EX | LOCK_NB) != 0)
		return complain(results->path,
				errno == EWOULDBLOCK ? "another score is at work there" : strerror(errno));
	if (!load(results, &length))
		return false;
	if (ftruncate(results->file, (off_t)length) != 0)
		return complain(results->path, strerror(errno));
	return length || write_all(results, head, sizeof(head) - 1);
}

bool results_add(struct results *results, const struct result *result)
{
	char line[LINE_MAX_BYTES];
	int length = print_line(result, line);

	return write_all(results, line, (size_t)length) && keep(results, result);
}

const struct result *results_find(const struct results *results, const char *subject, const char *driver,
				  uint32_t seed)
{
	for (size_t i = 0; i < results->nr; i++) {
		const struct result *result = &results->list[i];

		if (result->seed == seed && strcmp(result->subject, subject) == 0 &&
		    strcmp(result->driver, driver) == 0)
			return result;
	}
	return NULL;
}

void results_close(struct results *results)
{
	if (results->file >= 0)
		close(results->file);
	free(results->list);
	*results = (struct results){ .file = -1 };
}
