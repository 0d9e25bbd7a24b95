// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arena is faster than malloc/free, but is it as good? The same programs
 * on releases with a bug, once with each: the same ones must be found broken,
 * at the same operation, with the same signature or by ASan.
 *
 * An operation of a broken release may follow a stale pointer before the
 * oracle sees the state that led to it. Therefore children play the programs,
 * and nothing here may run without ASan: on malloc's memory a stale pointer
 * would be followed to the end.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct verdict {
	bool clean;
	uint32_t step;
	char signature[VIOLATION_SIGNATURE_MAX];
};

/* Shared with the child: what it found, and where it is. */
struct shared {
	uint32_t nr_done;
	uint32_t at; /* operation that ASan stopped at */
	struct verdict verdicts[];
};

static const struct {
	const char *release, *bug;
} with_bugs[] = {
	{ "newest", "S01" }, { "6.18.44", "S02" }, { "newest", "S03" },
	{ "newest", "S10" }, { "newest", "S14" },  { "2.6.34-rc3", NULL },
};

/* For __asan_on_error(): it has no argument. Set in children only. */
static const struct player *playing;
static struct shared *shared_by;

void __asan_on_error(void);
void __asan_on_error(void)
{
	if (shared_by)
		shared_by->at = playing->at;
}

static struct verdict judge(struct player *player, const struct program *program)
{
	struct verdict verdict = { .clean = true };
	struct violation violation;

	if (player_run(player, program, NULL, NULL, &violation))
		return verdict;
	verdict.clean = false;
	verdict.step = violation.step;
	violation_signature(&violation, verdict.signature);
	return verdict;
}

/* Plays programs from the last one done to the end, or until ASan stops it. */
__attribute__((noreturn)) static void child(const struct settings *settings, enum recycle recycle,
					    uint32_t nr_programs, struct shared *shared)
{
	static struct program program;
	struct player *player = player_for(settings, recycle);
	struct random random = { .state = 3 };
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(2);
	playing = player;
	shared_by = shared;
	for (uint32_t i = 0; i < nr_programs; i++) {
		random_weighted(&random, random_between(&random, 1, MAX_OPS), &program);
		if (i < shared->nr_done)
			continue;
		shared->verdicts[i] = judge(player, &program);
		shared->nr_done = i + 1;
	}
	_exit(0);
}

static void judge_all(const struct settings *settings, enum recycle recycle, uint32_t nr_programs,
		      struct shared *shared)
{
	int status;

	while (shared->nr_done < nr_programs) {
		uint32_t done_before = shared->nr_done;

		shared->at = 0;
		fflush(stdout);
		pid_t pid = fork();

		if (pid == 0)
			child(settings, recycle, nr_programs, shared);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			die("cannot run a child");
		if (shared->nr_done == nr_programs)
			break;
		if (!shared->at)
			die("a child ended at program %u after %u", shared->nr_done + 1, done_before);
		shared->verdicts[shared->nr_done++] =
			(struct verdict){ .step = shared->at, .signature = "ASan" };
	}
}

static struct shared *share(uint32_t nr_programs)
{
	size_t size = sizeof(struct shared) + nr_programs * sizeof(struct verdict);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("out of memory");
	return memory;
}

static unsigned int compare(const char *release, const char *bug, uint32_t nr_programs)
{
	struct shared *arena = share(nr_programs), *heap = share(nr_programs);
	struct settings settings;
	char error[SETTINGS_ERROR_MAX];
	uint32_t broken = 0, by_asan = 0, differ = 0;

	settings_init(&settings);
	if (!settings_set(&settings, "release", release, error) ||
	    (bug && !settings_set(&settings, "bug", bug, error)) || !settings_finish(&settings, error))
		die("%s", error);
	judge_all(&settings, RECYCLE_LATE, nr_programs, arena);
	judge_all(&settings, RECYCLE_MALLOC, nr_programs, heap);
	for (uint32_t i = 0; i < nr_programs; i++) {
		const struct verdict *a = &arena->verdicts[i], *b = &heap->verdicts[i];

		broken += !a->clean;
		by_asan += strcmp(a->signature, "ASan") == 0;
		differ += a->clean != b->clean || a->step != b->step || strcmp(a->signature, b->signature) != 0;
	}
	munmap(arena, sizeof(struct shared) + nr_programs * sizeof(struct verdict));
	munmap(heap, sizeof(struct shared) + nr_programs * sizeof(struct verdict));
	printf("  %-10s %-19s %7u %7u %7u   bar: 0 differ, %s\n", release, bug ? bug : "as it was", broken,
	       by_asan, differ, differ ? "MISSED" : "met");
	return differ != 0;
}

unsigned int bench_same(const struct options *options)
{
	unsigned int missed = 0;

	if (!with_asan())
		return 0;
	printf("arena and malloc, %4u programs%11s %7s %7s\n", options->nr_programs, "broken", "by ASan",
	       "differ");
	for (size_t i = 0; i < sizeof(with_bugs) / sizeof(with_bugs[0]); i++)
		missed += compare(with_bugs[i].release, with_bugs[i].bug, options->nr_programs);
	return missed;
}
