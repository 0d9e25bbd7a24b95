// SPDX-License-Identifier: GPL-2.0-only
/*
 * The course of a score: the canary first, then the runs that are not in
 * results.csv yet, several at a time, then the sums. Whatever ends it, the same
 * command goes on. Must never mix runs of different builds or budgets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "score/score.h"

enum { POLL_NS = 5 * 1000 * 1000 };

/* ---- what is asked for ---- */

static bool add_driver(struct score *score, const char *name, const char *directory)
{
	if (score->nr_drivers == MAX_DRIVERS)
		return complain("--drivers", "too many");
	for (unsigned int i = 0; i < score->nr_drivers; i++)
		if (strcmp(score->drivers[i].name, name) == 0)
			return complain(name, "named twice");
	return driver_find(&score->drivers[score->nr_drivers++], name, directory);
}

static bool add_drivers(struct score *score, const char *list)
{
	char name[SCORE_NAME_MAX];

	while (*list) {
		size_t length = strcspn(list, ",");

		snprintf(name, sizeof(name), "%.*s", (int)length, list);
		if (!add_driver(score, name, score->options.programs))
			return false;
		list += length + (list[length] == ',');
	}
	return score->nr_drivers > 0 || complain("--drivers", "none given");
}

/* A build directory is the mutator with what was built there, under a name that tells it from others. */
static bool add_side(struct score *score, const char *name)
{
	char own_name[SCORE_NAME_MAX];

	if (!is_directory(name))
		return add_driver(score, name, score->options.programs);
	if (!add_driver(score, "mutator", name))
		return false;
	struct driver *driver = &score->drivers[score->nr_drivers - 1];

	snprintf(own_name, sizeof(own_name), "mutator@%.8s", driver->digest);
	memcpy(driver->name, own_name, sizeof(own_name));
	printf("%s: %s\n", driver->name, name);
	return true;
}

/* The two sides of --compare; false, with a complaint, if it has not two. */
static bool split_sides(const char *text, char a[MAX_PATH_BYTES], char b[MAX_PATH_BYTES])
{
	const char *comma = strchr(text, ',');

	if (!comma || comma == text || !comma[1] || strchr(comma + 1, ',') || strlen(text) >= MAX_PATH_BYTES)
		return complain("--compare", "expected A,B: two drivers, or two directories");
	snprintf(a, MAX_PATH_BYTES, "%.*s", (int)(comma - text), text);
	snprintf(b, MAX_PATH_BYTES, "%s", comma + 1);
	return true;
}

static bool is_set(const char *path)
{
	char name[MAX_PATH_BYTES];

	return snprintf(name, sizeof(name), "%s/results.csv", path) < (int)sizeof(name) &&
	       access(name, F_OK) == 0;
}

static bool take_drivers(struct score *score)
{
	char a[MAX_PATH_BYTES], b[MAX_PATH_BYTES];

	if (!score->options.compare)
		return add_drivers(score, score->options.drivers);
	return split_sides(score->options.compare, a, b) && add_side(score, a) && add_side(score, b);
}

static bool take_subjects(struct score *score)
{
	const struct score_options *options = &score->options;

	if (options->subjects && options->nr_bugs)
		return complain(options->subjects, "a file of subjects and bugs exclude one another");
	if (options->subjects)
		return subjects_of_file(&score->subjects, options->subjects, &options->subject);
	return subjects_of_catalogue(&score->subjects, options->bugs, options->nr_bugs, &options->subject);
}

/* ---- the directory ---- */

static bool make_directories(const char *path)
{
	char part[MAX_PATH_BYTES];

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return complain(path, strerror(ENAMETOOLONG));
	for (char *slash = part + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(part, 0777); /* the last one tells */
		*slash = '/';
	}
	return mkdir(part, 0777) == 0 || (errno == EEXIST && is_directory(part)) ||
	       complain(path, strerror(errno));
}

static const struct driver *driver_named(const struct score *score, const char *name)
{
	for (unsigned int i = 0; i < score->nr_drivers; i++)
		if (strcmp(score->drivers[i].name, name) == 0)
			return &score->drivers[i];
	return NULL;
}

static bool other_set(const struct score *score, const struct result *result, const char *what)
{
	fprintf(stderr,
		"rmapfuzz: %s: %s of %s by %s is another one there; --new sets these results aside and begins anew, "
		"-o begins elsewhere\n",
		score->results.path, what, result->subject, result->driver);
	return false;
}

static const struct subject *subject_named(const struct score *score, const char *name)
{
	for (size_t i = 0; i < score->subjects.nr; i++)
		if (strcmp(score->subjects.list[i].name, name) == 0)
			return &score->subjects.list[i];
	return NULL;
}

/* What is there was made by these programs, with these budgets, on these releases. */
static bool same_set(const struct score *score)
{
	char digest[DIGEST_MAX];

	for (size_t i = 0; i < score->results.nr; i++) {
		const struct result *result = &score->results.list[i];
		const struct driver *driver = driver_named(score, result->driver);
		const struct subject *subject = subject_named(score, result->subject);

		if (!driver || (!subject && !bug_find(result->subject)))
			continue;
		memcpy(digest, driver->digest, sizeof(digest));
		if (subject && subject->target[0] &&
		    !program_digest(driver->kind == DRIVER_RANDOM ? subject->random : subject->target, digest))
			return false;
		if (strcmp(result->build, digest) != 0)
			return other_set(score, result, "the build");
		if (subject && (result->seconds != subject->seconds || result->limit != subject->limit))
			return other_set(score, result, "the budget");
		if (subject && strcmp(result->release, subject->settings.version) != 0)
			return other_set(score, result, "the release");
	}
	return true;
}

/* A decision given to the fuzz target that is there anyhow: this command knows its engine, too. */
static bool same_engines(struct score *score)
{
	char right[DIGEST_MAX], digest[DIGEST_MAX];

	if (!program_digest(score->reference, right))
		return false;
	for (size_t i = 0; i < score->subjects.nr; i++) {
		struct subject *subject = &score->subjects.list[i];

		if (!subject->target[0] || !settings_turned_back(&subject->settings))
			continue;
		if (!program_digest(subject->target, digest))
			return false;
		if (strcmp(digest, right) == 0)
			subject->target[0] = '\0';
	}
	return true;
}

static bool prepare(struct score *score)
{
	char *whole;

	setenv("ASAN_OPTIONS", "symbolize=0", 0); /* names take half a second a crash */
	if (!take_drivers(score) || !take_subjects(score) || !make_directories(score->options.directory))
		return false;
	if (!program_find(score->reference, "rmap_fuzzer", score->options.programs))
		return complain("rmap_fuzzer", "not found beside this command: ./build.sh build");
	if (!same_engines(score))
		return false;
	if (!program_find(score->plain, "rmap_fuzzer-plain", score->options.programs))
		score->plain[0] = '\0';
	if (!program_find(score->mutator, "librmap_mutator.so", score->options.programs))
		score->mutator[0] = '\0';
	if (!results_open(&score->results, score->options.directory, score->options.fresh) || !same_set(score))
		return false;
	score->width = sizeof("subject");
	for (size_t i = 0; i < score->subjects.nr; i++) {
		struct subject *subject = &score->subjects.list[i];
		int length = (int)strlen(subject->name);

		score->width = length > score->width ? length : score->width;
	}
	whole = realpath(score->options.directory, NULL); /* children have another working directory */
	if (!whole || !join_path(score->work, whole, "work"))
		return complain(score->options.directory, strerror(errno));
	free(whole);
	return make_directories(score->work);
}

/* ---- the canary ---- */

static void sleep_a_little(void)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };

	nanosleep(&pause, NULL);
}

/* False: the score is worth nothing. */
static bool canary_sings(struct score *score)
{
	struct subject subject;
	struct hunt hunt = { .score = score, .driver = &score->drivers[0], .result.seed = 1 };
	enum hunt_state state = HUNT_GOES_ON;

	subject_canary(&subject);
	hunt.subject = &subject;
	if (hunt_begin(&hunt))
		while (!interrupted() && (state = hunt_look(&hunt)) == HUNT_GOES_ON)
			sleep_a_little();
	else
		state = HUNT_FAILED;
	hunt_end(&hunt);
	score->canary = hunt.result;
	if (interrupted())
		return true;
	if (state == HUNT_OVER && hunt.result.detected && strcmp(hunt.result.reached, "yes") == 0 &&
	    strcmp(hunt.result.triggered, "yes") == 0)
		return true;
	fprintf(stderr,
		"rmapfuzz: the canary, an engine with an obviously wrong decision, was not detected (reached: %s, "
		"triggered: %s, detected: %s): this score is worth nothing\n",
		hunt.result.reached, hunt.result.triggered, hunt.result.detected ? "yes" : "no");
	return false;
}

/* ---- the runs ---- */

/* The next one that is not there yet, in the order of subjects, drivers, seeds. */
struct order {
	size_t subject;
	unsigned int driver;
	uint32_t seed;
};

static bool next_run(const struct score *score, struct order *order, struct hunt *hunt)
{
	for (; order->subject < score->subjects.nr; order->subject++, order->driver = 0)
		for (; order->driver < score->nr_drivers; order->driver++, order->seed = 0) {
			const struct subject *subject = &score->subjects.list[order->subject];
			const struct driver *driver = &score->drivers[order->driver];

			while (hunt_possible(subject, driver) && order->seed < score->options.seeds) {
				if (results_find(&score->results, subject->name, driver->name, ++order->seed))
					continue;
				*hunt = (struct hunt){ .score = score,
						       .subject = subject,
						       .driver = driver,
						       .result.seed = order->seed };
				return true;
			}
		}
	return false;
}

static bool whole(const struct score *score, const struct subject *subject)
{
	for (unsigned int d = 0; d < score->nr_drivers; d++)
		for (uint32_t seed = 1; seed <= score->options.seeds; seed++)
			if (hunt_possible(subject, &score->drivers[d]) &&
			    !results_find(&score->results, subject->name, score->drivers[d].name, seed))
				return false;
	return true;
}

/* Rows are printed in their order, those of a subject when all its runs are there, since they are about one another. */
static void print_rows(struct score *score, size_t *row, bool all)
{
	for (; *row < score->subjects.nr; ++*row) {
		const struct subject *subject = &score->subjects.list[*row];

		if (!all && !whole(score, subject))
			return;
		progress_clear(&score->progress);
		for (unsigned int d = 0; d < score->nr_drivers; d++) {
			json_t *sum = sum_of(score, subject, &score->drivers[d]);

			if (sum)
				table_row(stdout, sum, score->width);
			json_decref(sum);
		}
	}
}

static void show(struct score *score, const struct hunt *hunts)
{
	char text[3 * SCORE_NAME_MAX];

	for (uint32_t i = 0; i < score->options.jobs; i++)
		if (hunts[i].directory[0]) {
			snprintf(text, sizeof(text), "%s %s seed %u", hunts[i].subject->name,
				 hunts[i].driver->name, hunts[i].result.seed);
			progress_show(&score->progress, score->done, text);
			return;
		}
}

/* Looks after one place for a run: starts the next one in it, or sees what became of it. False: nothing left. */
static bool tend(struct score *score, struct hunt *hunt, struct order *order)
{
	if (!hunt->directory[0]) {
		if (!next_run(score, order, hunt))
			return false;
		if (!hunt_begin(hunt))
			score->broken = true;
		return true;
	}
	enum hunt_state state = hunt_look(hunt);

	if (state == HUNT_GOES_ON)
		return true;
	if (state == HUNT_FAILED || !results_add(&score->results, &hunt->result))
		score->broken = true;
	hunt_end(hunt);
	*hunt = (struct hunt){ .pid = 0 };
	score->done++;
	return true;
}

static size_t count_missing(const struct score *score)
{
	struct order order = { .subject = 0 };
	struct hunt hunt;
	size_t nr = 0;

	while (next_run(score, &order, &hunt))
		nr++;
	return nr;
}

static bool run_all(struct score *score, size_t *row)
{
	struct hunt *hunts = calloc(score->options.jobs, sizeof(*hunts));
	struct order order = { .subject = 0 };
	bool busy = true;
	size_t printed = SIZE_MAX;

	if (!hunts)
		return complain("score", "out of memory");
	progress_begin(&score->progress, count_missing(score));
	while (busy && !interrupted() && !score->broken) {
		busy = false;
		for (uint32_t i = 0; i < score->options.jobs && !score->broken; i++)
			busy |= tend(score, &hunts[i], &order);
		if (printed != score->done)
			print_rows(score, row, false);
		printed = score->done;
		show(score, hunts);
		sleep_a_little();
	}
	progress_clear(&score->progress);
	for (uint32_t i = 0; i < score->options.jobs; i++)
		hunt_end(&hunts[i]);
	free(hunts);
	return !score->broken;
}

/* ---- the end ---- */

static int finish(struct score *score)
{
	json_t *sums = sums_of(score);
	const struct side sides[2] = { { &score->results, "", "" }, { &score->results, "", "" } };

	if (score->options.compare) {
		struct side a = sides[0], b = sides[1];

		for (int i = 0; i < 2; i++) {
			struct side *side = i ? &b : &a;

			memcpy(side->name, score->drivers[i].name, sizeof(side->name));
			memcpy(side->driver, score->drivers[i].name, sizeof(side->driver));
		}
		json_object_set_new(sums, "comparison", compare_sides(&a, &b));
		compare_print(stdout, json_object_get(sums, "comparison"));
	}
	table_end(stdout, sums);
	bool missed = json_array_size(json_object_get(sums, "missed")) > 0;
	bool written = page_write(sums, score);

	if (written)
		printf("%s/index.html\n", score->options.directory);
	json_decref(sums);
	return exit_code_of(!written || score->broken, missed);
}

int score_run(const struct score_options *options)
{
	static struct score score; /* large; a score is one a process */
	size_t row = 0;
	char a[MAX_PATH_BYTES], b[MAX_PATH_BYTES];
	int code = EXIT_USAGE;

	score = (struct score){ .options = *options, .results.file = -1 };
	if (options->compare && split_sides(options->compare, a, b) && is_set(a) && is_set(b))
		return compare_sets(options, a, b);
	if (prepare(&score) && canary_sings(&score)) {
		table_head(stdout, score.width);
		run_all(&score, &row);
		print_rows(&score, &row, true);
		code = finish(&score);
	}
	if (score.work[0])
		rmdir(score.work);
	subjects_free(&score.subjects);
	results_close(&score.results);
	return code;
}
