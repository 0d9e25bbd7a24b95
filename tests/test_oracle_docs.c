// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table in docs/invariants.md is what invariants.def says. With --markdown
 * prints the table instead, to make it again.
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

#include "oracle/oracle.h"

static void print_flags(FILE *out, const char *flags)
{
	while (*flags) {
		size_t length = strcspn(flags, " ");

		fprintf(out, "`%.*s`%s", (int)length, flags, flags[length] ? " " : "");
		flags += length + (flags[length] == ' ');
	}
}

static void print_table(FILE *out)
{
	fputs("| | what holds after every operation | era | `view_rules` |\n|---|---|---|---|\n", out);
	for (unsigned int n = 1; n < NR_INVARIANT_NUMBERS; n++) {
		const struct invariant_info *info = invariant_info(n);

		if (!info->symbol)
			continue;
		fprintf(out, "| I%u | %s | %s | ", n, info->sentence, info->era);
		print_flags(out, info->flags);
		fputs(" |\n", out);
	}
}

static char *read_all(FILE *file)
{
	char *text = calloc(1, 1 << 16);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 16) - 1, file) < (1 << 16) - 1);
	fclose(file);
	return text;
}

static void table_is_up_to_date(void **unused)
{
	static const char mark[] = "<!-- invariants: test_oracle_docs --markdown -->\n";
	char *docs = read_all(fopen(RMAPFUZZ_SOURCE_DIR "/docs/invariants.md", "r"));
	char *table = strstr(docs, mark), *end = table ? strstr(table, "<!-- end -->") : NULL;
	FILE *file = tmpfile();
	char *fresh;

	(void)unused;
	if (!end) {
		fail_msg("docs/invariants.md has no table");
		return;
	}
	table += strlen(mark);
	*end = '\0';
	print_table(file);
	rewind(file);
	fresh = read_all(file);
	if (strcmp(table, fresh) != 0)
		fail_msg("the table in docs/invariants.md is old: make it again with test_oracle_docs --markdown");
	free(fresh);
	free(docs);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(table_is_up_to_date) };

	if (argc == 2 && !strcmp(argv[1], "--markdown")) {
		print_table(stdout);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
