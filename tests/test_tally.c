// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tally: counts what is played, goes on with a file, outlives kill -9, and
 * refuses whatever is not its own without touching it. And the list of known
 * failures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the headers above. */
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/tally.h"

static char directory[] = "/tmp/test_tally.XXXXXX";
static char path[sizeof(directory) + 16];

static const char text[] = "A mmap 0 4 rw\n"
			   "A mmap 0 1 rw\n" /* EEXIST */
			   "A write 0\n"
			   "A fork B\n"
			   "A fork B\n" /* nothing: taken */
			   "C read 0\n" /* nothing: absent */
			   "B read 9\n" /* SIGSEGV */;

enum { TEXT_OPS = 7 };

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/tally", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory); /* fails if a temporary file was left */
}

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static struct player *make_player(struct settings *settings)
{
	char error[SETTINGS_ERROR_MAX];
	struct player *player;

	settings_init(settings);
	assert_true(settings_finish(settings, error));
	player = player_create(settings);
	assert_non_null(player);
	return player;
}

static void play(struct tally *tally, unsigned int times)
{
	static struct program program;
	struct parse_error error;
	struct violation violation;
	struct settings settings;
	struct player *player = make_player(&settings);

	assert_true(program_parse(&program, NULL, text, strlen(text), &error));
	for (unsigned int i = 0; i < times; i++) {
		tally_begin(tally);
		assert_true(player_run(player, &program, tally_observe, tally, &violation));
		tally_end(tally);
	}
	player_destroy(player);
}

static void open_tally(struct tally *tally)
{
	char error[TALLY_ERROR_MAX];

	if (!tally_open(tally, path, error))
		fail_msg("%s", error);
}

static void read_tally(struct tally_counts *counts)
{
	char error[TALLY_ERROR_MAX];

	if (!tally_read(path, counts, error))
		fail_msg("%s", error);
}

static void check_op(const struct tally_counts *counts, enum op_code code, uint64_t executed,
		     uint64_t effective, uint64_t failed)
{
	assert_int_equal(counts->op[code].executed, executed);
	assert_int_equal(counts->op[code].effective, effective);
	assert_int_equal(counts->op[code].failed, failed);
}

static void counts_and_goes_on(void **state)
{
	struct tally_counts counts;
	struct tally tally;

	(void)state;
	for (uint64_t runs = 3; runs <= 9; runs += 3) {
		open_tally(&tally);
		play(&tally, 3);
		tally_known(&tally, "I7-pte");
		tally_known(&tally, runs == 3 ? "I3-vma" : "I7-pte");
		read_tally(&counts); /* while it is open, too */
		assert_int_equal(counts.executions, runs);
		tally_close(&tally);
		read_tally(&counts);
		assert_int_equal(counts.executions, runs);
		assert_int_equal(counts.operations, TEXT_OPS * runs);
		check_op(&counts, OP_MMAP, 2 * runs, runs, runs);
		check_op(&counts, OP_WRITE, runs, runs, 0);
		check_op(&counts, OP_FORK, 2 * runs, runs, 0);
		check_op(&counts, OP_READ, 2 * runs, 0, runs);
		check_op(&counts, OP_PAGEOUT, 0, 0, 0);
		assert_int_equal(counts.asked[DECISION_NEW_PAGE], runs);
		assert_int_equal(counts.asked[DECISION_MIGRATION_PIN], 0);
	}
	assert_string_equal(counts.known[0].class, "I7-pte");
	assert_int_equal(counts.known[0].count, 5);
	assert_string_equal(counts.known[1].class, "I3-vma");
	assert_int_equal(counts.known[1].count, 1);
	assert_string_equal(counts.known[2].class, "");
}

static void more_classes_than_room(void **state)
{
	struct tally_counts counts;
	struct tally tally;
	char class[KNOWN_CLASS_MAX];

	(void)state;
	open_tally(&tally);
	for (unsigned int i = 0; i < MAX_KNOWN + 3; i++) {
		snprintf(class, sizeof(class), "I%u-pte", i);
		tally_known(&tally, class);
	}
	tally_close(&tally);
	read_tally(&counts);
	assert_string_equal(counts.known[MAX_KNOWN - 1].class, "I63-pte");
	assert_int_equal(counts.unlisted, 3);
}

static void outlives_kill(void **state)
{
	struct tally_counts counts;
	int status;

	(void)state;
	for (uint64_t runs = 5; runs <= 15; runs += 5) {
		pid_t child = fork();

		if (!child) {
			struct tally tally;

			open_tally(&tally);
			play(&tally, 5);
			raise(SIGKILL);
		}
		assert_true(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
		read_tally(&counts);
		assert_int_equal(counts.executions, runs);
		assert_int_equal(counts.op[OP_WRITE].effective, runs);
	}
}

static void one_writer(void **state)
{
	struct tally first, second;
	char error[TALLY_ERROR_MAX];

	(void)state;
	open_tally(&first);
	assert_false(tally_open(&second, path, error));
	assert_non_null(strstr(error, "another process"));
	tally_close(&first);
	open_tally(&second);
	tally_close(&second);
}

static void write_file(const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* Both ways of opening say why, and the file is as it was. */
static void check_refused(const void *data, size_t size, const char *why)
{
	struct tally_counts counts;
	struct tally tally;
	char error[TALLY_ERROR_MAX], *after = malloc(size + 2);

	write_file(data, size);
	assert_false(tally_read(path, &counts, error));
	assert_non_null(strstr(error, why));
	assert_false(tally_open(&tally, path, error));
	assert_non_null(strstr(error, why));
	assert_ptr_equal(strstr(error, path), error);

	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	assert_int_equal(fread(after, 1, size + 1, file), size);
	assert_memory_equal(after, data, size);
	fclose(file);
	free(after);
}

static void refuses_what_is_not_its_own(void **state)
{
	struct tally_counts sound, bad;
	struct {
		struct tally_counts counts;
		char more;
	} longer = { .more = 1 };
	struct tally tally;

	(void)state;
	open_tally(&tally);
	play(&tally, 1);
	tally_known(&tally, "I7-pte");
	tally_close(&tally);
	read_tally(&sound);

	check_refused("", 0, "not a tally");
	check_refused("rmf", 3, "not a tally");
	check_refused(text, sizeof(text), "not a tally");
	check_refused(&sound, sizeof(sound) - 1, "wrong size");
	check_refused(&sound, sizeof(sound) / 2, "wrong size");
	longer.counts = sound;
	check_refused(&longer, sizeof(sound) + 1, "wrong size");
	bad = sound;
	bad.magic = __builtin_bswap64(bad.magic); /* of a machine with the other byte order */
	check_refused(&bad, sizeof(bad), "not a tally");
	bad = sound;
	bad.format++;
	check_refused(&bad, sizeof(bad), "another format");
	bad = sound;
	bad.tables ^= 1;
	check_refused(&bad, sizeof(bad), "other operations or decisions");
	bad = sound;
	bad.size--;
	check_refused(&bad, sizeof(bad), "wrong size");
	bad = sound;
	memset(bad.known[1].class, 'x', KNOWN_CLASS_MAX);
	check_refused(&bad, sizeof(bad), "bad names");
	bad = sound;
	bad.known[2] = bad.known[0]; /* behind a gap */
	check_refused(&bad, sizeof(bad), "bad names");
	bad = sound;
	bad.known[0].class[1] = '\n';
	check_refused(&bad, sizeof(bad), "bad names");

	write_file(&sound, sizeof(sound)); /* and this is taken */
	open_tally(&tally);
	tally_close(&tally);
}

static void no_such_place(void **state)
{
	struct tally tally;
	struct tally_counts counts;
	char error[TALLY_ERROR_MAX];

	(void)state;
	assert_false(tally_open(&tally, "/nonexistent/tally", error));
	assert_string_equal(error, "/nonexistent/tally: No such file or directory");
	assert_false(tally_read(path, &counts, error));
	assert_non_null(strstr(error, "No such file"));
}

/* ---- known failures ---- */

static void check_list(const char *list, unsigned int nr, const char *wrong)
{
	static struct known known;
	struct settings settings;
	char error[KNOWN_ERROR_MAX] = "";

	player_destroy(make_player(&settings));
	write_file(list, strlen(list));
	assert_int_equal(known_open(&known, path, &settings, error), !wrong);
	if (wrong)
		assert_string_equal(error + strlen(path), wrong);
	else
		assert_int_equal(known.nr, nr);
	known_close(&known);
}

static void lists_of_classes(void **state)
{
	char many[70 * 10] = "";

	(void)state;
	check_list("", 0, NULL);
	check_list("# nothing\n\n  \t\n", 0, NULL);
	check_list("I7-pte\nI3-vma # swap\r\n\tasan-use-after-poison\nI7-pte", 3, NULL);
	check_list("I7-pte\nI7 pte\n", 0, ":2:1: expected a failure class, as I7-pte");
	check_list("\n\n I7/pte\n", 0, ":3:2: expected a failure class, as I7-pte");
	for (unsigned int i = 0; i < 70; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "I%u-pte\n", i);
	check_list(many, 0, ":65:1: expected at most 64 classes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(counts_and_goes_on, remove_file),
		cmocka_unit_test_teardown(more_classes_than_room, remove_file),
		cmocka_unit_test_teardown(outlives_kill, remove_file),
		cmocka_unit_test_teardown(one_writer, remove_file),
		cmocka_unit_test_teardown(refuses_what_is_not_its_own, remove_file),
		cmocka_unit_test_teardown(no_such_place, remove_file),
		cmocka_unit_test_teardown(lists_of_classes, remove_file),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
