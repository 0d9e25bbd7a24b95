// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fuzz target without a fuzzing engine: plays random programs from a seed,
 * each made without regard to what became of those before, until one of them
 * breaks something. The baseline for what an engine is worth.
 *
 *	rmap_random [-kind=weighted|uniform] [-seed=N] [-runs=N] [-max_len=N] [-artifact_prefix=PATH] [--OPTION=...]
 *
 * Options with one dash are called as libFuzzer's, and those of libFuzzer that mean nothing here are
 * passed over; those with two are the target's. Exit codes are libFuzzer's as well. Must never use feedback.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/random.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

enum { EXIT_BAD = 1, EXIT_INTERRUPT = 72, EXIT_FOUND = 77 };

/* A signal's handler has no argument: what it has to keep is here. */
static struct {
	const struct random_kind *kind;
	uint64_t seed, runs, done;
	uint32_t max_ops;
	const char *prefix;
	uint8_t bytes[PROGRAM_MAX_BYTES];
	size_t length;
} run = { .runs = UINT64_MAX, .seed = 1, .max_ops = MAX_OPS, .prefix = "" };

_Noreturn static void die(const char *what, const char *why)
{
	fprintf(stderr, "rmap_random: %s: %s\n", what, why);
	exit(EXIT_BAD);
}

static void print_sum(void)
{
	fprintf(stderr, "stat::number_of_executed_units: %llu\n", (unsigned long long)run.done);
}

/* The process is lost anyhow, so that a handler may print. */
static void keep_input(void)
{
	char path[4096];

	print_sum();
	snprintf(path, sizeof(path), "%scrash-%llu", run.prefix, (unsigned long long)run.done);
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(run.bytes, 1, run.length, file) != run.length || fclose(file) != 0)
		fprintf(stderr, "rmap_random: %s: %s\n", path, strerror(errno));
	else
		fprintf(stderr, "Test unit written to %s\n", path);
}

static void on_crash(int number)
{
	(void)number;
	keep_input();
	_exit(EXIT_FOUND);
}

static void on_interrupt(int number)
{
	(void)number;
	print_sum();
	_exit(EXIT_INTERRUPT);
}

static void catch_signals(void)
{
	/* under ASan the others end in its report, and that in the callback */
	static const int crashes[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	size_t nr = __sanitizer_set_death_callback ? 1 : sizeof(crashes) / sizeof(crashes[0]);

	for (size_t i = 0; i < nr; i++)
		signal(crashes[i], on_crash);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(keep_input);
	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
}

static uint64_t number_of(const char *option, const char *text)
{
	char *end;

	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);

	if (errno || *end || *text < '0' || *text > '9')
		die(option, "expected a number");
	return number;
}

static void take_option(const char *option)
{
	const char *value = strchr(option, '=');
	size_t length = value ? (size_t)(value - option) : 0;

	if (!value)
		die(option, "expected -OPTION=VALUE");
	value++;
	if (strncmp(option, "-seed", length) == 0) {
		run.seed = number_of(option, value);
	} else if (strncmp(option, "-runs", length) == 0) {
		run.runs = number_of(option, value);
	} else if (strncmp(option, "-max_len", length) == 0) {
		uint64_t bytes = number_of(option, value);
		uint64_t most = bytes < PROGRAM_HEADER_BYTES ?
					0 :
					(bytes - PROGRAM_HEADER_BYTES) / PROGRAM_RECORD_BYTES;

		run.max_ops = most < 1 ? 1 : most > MAX_OPS ? MAX_OPS : (uint32_t)most;
	} else if (strncmp(option, "-artifact_prefix", length) == 0) {
		run.prefix = value;
	} else if (strncmp(option, "-kind", length) == 0) {
		size_t i = 0;

		while (random_kind_at(i) && strcmp(random_kind_at(i)->name, value) != 0)
			i++;
		run.kind = random_kind_at(i);
		if (!run.kind)
			die(option, "expected weighted or uniform");
	}
}

static void play_random(void)
{
	static struct program program;
	struct random random = { .state = run.seed };

	for (run.done = 0; run.done < run.runs;) {
		run.kind->make(&random, random_between(&random, 1, run.max_ops), &program);
		run.length = program_encode(&program, run.bytes);
		run.done++;
		LLVMFuzzerTestOneInput(run.bytes, run.length);
	}
}

int main(int argc, char **argv)
{
	run.kind = random_kind_at(0);
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			die(argv[i], "no files are taken");
		else if (argv[i][1] != '-')
			take_option(argv[i]);
	catch_signals();
	play_random();
	print_sum();
	return 0;
}
