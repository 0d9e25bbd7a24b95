// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model against what six real kernels did (tests/conformance): every row,
 * every error, every page fact of the recorded programs, and the state after
 * each step of the swap scenarios. A difference is the model's fault.
 *
 * ctest: timeout=600
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "driver/expect.h"
#include "driver/player.h"
#include "settings_for.h"

#define CONFORMANCE RMAPFUZZ_SOURCE_DIR "/tests/conformance"

enum { MAX_TEXT = 1 << 18 };

/* ---- recorded programs ---- */

struct tally {
	const char *path;
	uint32_t last_op;
	unsigned int agree, differ, unexplained, late;
	unsigned int violations_on_clean_kernels, s13, s14;
};

/* Known defects of these kernels are S13 or S14; the others have none that the programs can show. */
static bool has_known_defects(const char *version)
{
	return strncmp(version, "6.17", 4) == 0 || strncmp(version, "6.18", 4) == 0;
}

static void count(void *data, const struct expect_result *result)
{
	struct tally *tally = data;

	if (result->agrees) {
		tally->agree++;
	} else {
		tally->differ++;
		print_error("%s under %s: %s\n", tally->path, result->version, result->difference);
	}
	if (!result->violated)
		return;
	if (!result->defect || !has_known_defects(result->version)) {
		print_error("%s under %s: %s\n", tally->path, result->version, result->violation.text);
		tally->unexplained++;
		return;
	}
	tally->s13 += strcmp(result->defect->id, "S13") == 0;
	tally->s14 += strcmp(result->defect->id, "S14") == 0;
}

static size_t read_file(const char *path, char *text)
{
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	size_t length = fread(text, 1, MAX_TEXT - 1, file);

	fclose(file);
	text[length] = '\0';
	return length;
}

static void check_file(struct players *players, const char *path, struct tally *tally)
{
	static char text[MAX_TEXT];
	static struct program program;
	static struct program_notes notes;
	struct parse_error parse_error;
	char error[SETTINGS_ERROR_MAX];
	struct settings settings;

	size_t length = read_file(path, text);

	assert_true(program_parse(&program, &notes, text, length, &parse_error));
	settings_init(&settings);
	tally->path = path;
	assert_true(expect_compare(players, &settings, &program, &notes, count, tally, error) > 0);
}

static int is_program(const struct dirent *entry)
{
	return strstr(entry->d_name, ".prog") != NULL;
}

static struct tally check_folder(const char *folder)
{
	struct tally tally = { 0 };
	struct players players = { .requests = 0 };
	struct dirent **entries;
	char path[4096];
	int nr = scandir(folder, &entries, is_program, alphasort);

	assert_true(nr > 0);
	for (int i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		check_file(&players, path, &tally);
		free(entries[i]);
	}
	free(entries);
	players_put_away(&players);
	print_message("%s: %d programs, %u rows agree, %u differ; known defects: %u S13, %u S14\n",
		      strrchr(folder, '/') + 1, nr, tally.agree, tally.differ, tally.s13, tally.s14);
	assert_int_equal(tally.differ, 0);
	assert_int_equal(tally.unexplained, 0);
	return tally;
}

static void test_merge_and_split_cases(void **state)
{
	(void)state;
	struct tally tally = check_folder(CONFORMANCE "/vma");

	assert_int_equal(tally.agree, 306);
	/* cases 46, 47, 49, 50, 58 and 61 have the mremap defect on two kernels each */
	assert_int_equal(tally.s14, 12);
}

static void test_random_programs(void **state)
{
	(void)state;
	struct tally tally = check_folder(CONFORMANCE "/random");

	assert_int_equal(tally.agree, 2400);
	assert_true(tally.s13 > 0);
	assert_true(tally.s14 > 0);
}

static void test_page_facts(void **state)
{
	(void)state;
	assert_int_equal(check_folder(CONFORMANCE "/pages").agree, 200);
}

/* Under the kernels with the mremap defect the oracle must fire at the mremap that did it. */
static void test_defect_is_seen_at_the_operation_that_did_it(void **state)
{
	static const char text[] =
		"A mmap 0 4 rw\nA write 0\nA mremap 0 4 16\nA mmap 4 4 rw\nA mremap 16 4 0\nA read 0\n";
	static const char *const bad[] = { "6.16", "6.17.13", "6.18.5" }, *const good[] = { "6.1.192",
											    "6.18.44",
											    "7.3.4" };
	static struct program program;
	struct parse_error parse_error;
	struct violation violation;

	(void)state;
	assert_true(program_parse(&program, NULL, text, strlen(text), &parse_error));
	for (int i = 0; i < 6; i++) {
		struct player *player = player_for(i < 3 ? bad[i] : good[i - 3], NULL, NULL, RECYCLE_LATE);

		assert_int_equal(player_run(player, &program, NULL, NULL, &violation), i >= 3);
		if (i < 3)
			assert_int_equal(violation.step, 5);
		player_destroy(player);
	}
}

/* ---- swap scenarios, step by step ---- */

struct replay {
	struct player *player;
	const struct view *view;
	uint32_t value_at[8]; /* step of the write that stored this recorded value, 0 for none */
	unsigned int steps, nr_pages;
	uint32_t page_ids[64];
};

static uint32_t page_name(struct replay *replay, uint32_t id)
{
	for (unsigned int i = 0; i < replay->nr_pages; i++)
		if (replay->page_ids[i] == id)
			return i + 1;
	replay->page_ids[replay->nr_pages++] = id;
	return replay->nr_pages;
}

/* The model's state in the trace's own form, but for what the README says not to compare. */
static void print_process(struct replay *replay, int p, char *out)
{
	const struct mm_struct *mm = &replay->view->mm[p];
	const struct vm_area_struct *vma = mm->vma_at[__builtin_ctzll(mm->starts)];
	unsigned int slot_names = 0;

	out += sprintf(out, "   %c vmas: [%d,%d)rw- |", 'A' + p, vma->vm_start, vma->vm_end);
	for (uint64_t left = mm->populated; left; left &= left - 1) {
		int address = __builtin_ctzll(left);
		const struct pte *pte = &mm->pte[address];

		if (pte->kind == PTE_SWAP)
			out += sprintf(out, " %d:S%u", address, ++slot_names);
		else
			out += sprintf(out, " %d:P%u mc%d%s ->av%u idx%u", address,
				       page_name(replay, pte->page->id), pte->page->mapcount,
				       pte->page->anon_exclusive ? " excl" : "", pte->page->mapping_id,
				       pte->page->index);
	}
	out += sprintf(out, "\n     [%d,%d) pgoff+%u av%u:\n", vma->vm_start, vma->vm_end, vma->vm_pgoff,
		       vma->anon_vma_id);
	for (const struct anon_vma_chain *avc = vma->chain_first; avc; avc = avc->same_vma_next) {
		const struct anon_vma *anon_vma = view_anon_vma(replay->view, avc->anon_vma_id);

		out += sprintf(out, "        avc->av%u root av%u parent av%u nchild%d nactive%d\n",
			       anon_vma->id, anon_vma->root_id, anon_vma->parent_id, anon_vma->num_children,
			       anon_vma->num_active_vmas);
	}
}

static void print_all(struct replay *replay, char *out)
{
	*out = '\0';
	replay->nr_pages = 0;
	for (int p = 0; p < NR_PROCESSES; p++)
		if (replay->view->mm[p].alive)
			print_process(replay, p, out + strlen(out));
}

static void cut_out(char *text, const char *word)
{
	size_t length = strlen(word);

	for (char *at = strstr(text, word); at; at = strstr(at, word))
		memmove(at, at + length, strlen(at + length) + 1);
}

static void apply(struct replay *replay, const char *text)
{
	static struct program program;
	struct parse_error error;

	assert_true(program_parse(&program, NULL, text, strlen(text), &error));
	struct op_result result = replay->player->engine->class->apply(replay->player->engine, &program.ops[0]);

	assert_int_equal(result.error, 0);
}

/* The value that the last operation, a read, must have returned. */
static void check_value(struct replay *replay, const char *text, unsigned int recorded)
{
	static struct program program;
	struct parse_error error;

	assert_true(program_parse(&program, NULL, text, strlen(text), &error));
	struct op_result result = replay->player->engine->class->apply(replay->player->engine, &program.ops[0]);

	assert_true(result.has_value);
	assert_int_equal(result.value, replay->value_at[recorded]);
}

/* "A write 0 7 => ok", "* reclaim 4096 => err", "B read 0 => ok value=7", ... */
static void do_step(struct replay *replay, const char *step)
{
	char who = step[2], op[16], text[64];
	unsigned int page = 0, more = 0;

	assert_true(sscanf(step + 4, "%15s %u %u", op, &page, &more) >= 1);
	replay->steps++;
	if (who == '*') { /* memory-cgroup reclaim of everything there is: page 0 */
		apply(replay, "A pageout 0\n");
		apply(replay, "A dropcache 0\n");
	} else if (strcmp(op, "pageout") == 0) { /* a synchronous device: written, then gone from the cache */
		snprintf(text, sizeof(text), "%c pageout %u\n%c", who, page, '\0');
		apply(replay, text);
		snprintf(text, sizeof(text), "%c dropcache %u\n%c", who, page, '\0');
		apply(replay, text);
	} else if (strcmp(op, "write") == 0) {
		snprintf(text, sizeof(text), "%c write %u\n%c", who, page, '\0');
		apply(replay, text);
		replay->value_at[more % 8] = replay->view->step;
	} else if (strcmp(op, "read") == 0) {
		const char *value = strstr(step, "value=");

		assert_non_null(value);
		snprintf(text, sizeof(text), "%c read %u\n%c", who, page, '\0');
		check_value(replay, text, (unsigned int)atoi(value + 6) % 8);
	} else {
		snprintf(text, sizeof(text), "%.*s\n", (int)strcspn(step + 2, "="), step + 2);
		apply(replay, text);
	}
}

static void compare_state(struct replay *replay, const char *path, const char *step, char *recorded)
{
	static char model[MAX_TEXT];

	cut_out(recorded, " swapcache");
	cut_out(recorded, " KSM"); /* a flag bit of 6.18 read under an old name */
	print_all(replay, model);
	if (strcmp(model, recorded) != 0)
		print_error("%s: %s\n", path, step);
	assert_string_equal(model, recorded);
}

static void replay_trace(const char *version)
{
	static char text[MAX_TEXT], recorded[MAX_TEXT];
	char path[4096], *line, *rest = text, step[256] = "";
	struct replay replay = { .steps = 0 };

	snprintf(path, sizeof(path), CONFORMANCE "/swap/linux-%s.trace", version);
	read_file(path, text);
	replay.player = player_for(version, NULL, NULL, RECYCLE_LATE);
	replay.view = replay.player->engine->class->view(replay.player->engine);
	recorded[0] = '\0';
	while ((line = strtok_r(NULL, "\n", &rest)) || step[0]) {
		bool begins = line && line[0] == '-', title = line && line[0] == '#';

		if (step[0] && (!line || begins || title)) {
			do_step(&replay, step);
			compare_state(&replay, path, step, recorded);
			step[0] = '\0';
			recorded[0] = '\0';
		}
		if (title)
			replay.player->engine->class->reset(replay.player->engine);
		else if (begins)
			snprintf(step, sizeof(step), "%s", line);
		else if (line)
			sprintf(recorded + strlen(recorded), "%s\n", line);
	}
	print_message("swap: %u steps of %s agree\n", replay.steps, version);
	assert_int_equal(replay.steps, 34);
	player_destroy(replay.player);
}

static void test_swap_scenarios(void **state)
{
	(void)state;
	replay_trace("6.1.192");
	replay_trace("6.18.5");
	replay_trace("7.3.4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge_and_split_cases),
		cmocka_unit_test(test_random_programs),
		cmocka_unit_test(test_page_facts),
		cmocka_unit_test(test_defect_is_seen_at_the_operation_that_did_it),
		cmocka_unit_test(test_swap_scenarios),
	};

	return cmocka_run_group_tests_name("conformance", tests, NULL, NULL);
}
