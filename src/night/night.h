/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unattended run: workers of the fuzz target over a shared corpus, watched
 * by one process that lets nothing be lost. What its files share; each file is
 * one concept, and every function gets the struct night.
 *	night.c     the course of a run, from the lock to the report
 *	rundir.c    the run directory: lock, paths, what is set aside
 *	state.c     state.json
 *	counters.c  what the workers' tallies say
 *	child.c     processes that do not outlive the runner
 *	words.c     command lines of the fuzz target
 *	worker.c    one fuzzer: started, listened to, buried
 *	afl.c       the same with afl-fuzz
 *	schedule.c  which worker runs when, and as what
 *	inbox.c     artifacts on their way to findings/
 *	replay.c    artifacts of workers that ran out of time or memory
 *	findings.c  findings/ and the list of known failures
 *	corpus.c    the shared corpus: seeds, what is new, what is bad
 *	reach.c     model features of the corpus, counted in a child
 *	disk.c      how much may be written
 *	status.c    what people and scripts see meanwhile
 *	finish.c    distilled corpus and report
 * One thread; nothing that may take long or may crash runs in the runner itself.
 */
#ifndef RMAPFUZZ_NIGHT_NIGHT_H
#define RMAPFUZZ_NIGHT_NIGHT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "driver/features.h"
#include "driver/settings.h"
#include "driver/tally.h"
#include "program/focus.h"
#include "tool/json.h"
#include "tool/tool.h"

enum {
	NIGHT_MAX_JOBS = 64,
	NIGHT_PATH = MAX_PATH_BYTES,
	NIGHT_MAX_ROOT = 3000, /* of the run directory's path, so that every path below it fits */
	NIGHT_OPTIONS_MAX = 256,
	NIGHT_TEXT_MAX = 400,
};

enum night_engine { NIGHT_LIBFUZZER, NIGHT_AFL };

struct night_options {
	struct settings settings;        /* finished */
	char options[NIGHT_OPTIONS_MAX]; /* the same as settings_print() has them */
	const char *directory;
	const char *fuzzer; /* NULL: beside this command */
	const char *known;  /* NULL: none */
	enum night_engine engine;
	uint32_t seconds, jobs;
	uint64_t max_disk;
};

/* ---- rundir.c ---- */

struct rundir {
	char path[NIGHT_MAX_ROOT + 1]; /* absolute */
	int lock;                      /* held while the runner lives */
};

struct night;

/* "RUN/..."; always fits. */
void rundir_path(const struct rundir *dir, char out[NIGHT_PATH], const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Makes the directory and what is in it, and locks it. False: complained. */
bool rundir_open(struct night *night);
/* run.json: written by the first run, and the same for all that follow. False: complained. */
bool rundir_check_settings(struct night *night);
/* Waits for workers that a killed runner left: they die with it, but not in the same instant. */
bool rundir_wait_for_workers(struct night *night);
/* Moves something that cannot be used to aside/, and remembers why. */
void rundir_set_aside(struct night *night, const char *path, const char *why);
/* Removes what a killed process left half written: ".NAME.XXXXXX" below. */
void rundir_sweep(struct night *night, const char *below);

/* ---- counters.c ---- */

/* All counters that the tallies have, as one sum. */
struct counters {
	uint64_t executions, operations;
	struct tally_op op[NR_OP_CODES];
	uint64_t asked[NR_DECISIONS];
	struct tally_known known[MAX_KNOWN];
	uint32_t nr_known;
};

json_t *counters_to_json(const struct counters *counters);
void counters_from_json(struct counters *counters, const json_t *json);
uint64_t counters_known(const struct counters *counters, const char *class);
/* Reads the tallies of all slots, without what was there when this run began. */
void counters_collect(struct night *night);
/* Once in a session: tallies that cannot be read are set aside, and what they had is carried over. */
void counters_check(struct night *night);
/* A new run begins: it counts from here. */
void counters_start_run(struct night *night);
/* Version of this command and of the tables that tallies are indexed by. */
enum { NIGHT_BUILD_MAX = 80 };
void night_build(char out[NIGHT_BUILD_MAX]);
/* The members "executions" to "decisions" of state.json. */
void counters_print(const struct night *night, json_t *object);

/* ---- state.c ---- */

/* What cannot be computed again, see docs/overnight.md. Times are milliseconds of CLOCK_MONOTONIC if not said otherwise. */
struct night_state {
	uint32_t run;
	int64_t began; /* epoch */
	uint32_t wanted;
	uint64_t ms_before; /* of this run, in earlier sessions */
	bool finished;
	json_t *sessions, *findings, *aside, *problems; /* arrays */
	struct counters start, carried;
	uint32_t coverage, features, last_new;
	uint64_t disk_refused;
};

/* Reads state.json; a bad one is set aside. False: there is nothing to go on from. */
bool state_load(struct night *night);
/* What is in it; end is that of the session. */
json_t *state_to_json(struct night *night, const char *end);
/* By rename. Without room for it the old one stays. */
void state_save(struct night *night, const char *end);
/* A run, or a session of an unfinished one, begins. */
void state_begin(struct night *night, bool loaded);
/* Remembers something that a person should know, once, and logs it. */
void night_problem(struct night *night, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Seconds into the run. */
uint32_t night_seconds(const struct night *night);
uint64_t night_now(void);

/* ---- child.c ---- */

struct child_command {
	char *const *argv;
	char *const *environment; /* NULL, or "NAME=VALUE" to be added, NULL at the end */
	int output;               /* standard output and error */
	const char *directory;    /* that it works in; NULL: that of the runner */
	const char *hold;         /* NULL, or a file that the child keeps a shared lock of while it lives */
};

/* The child dies with the runner, is in a process group of its own and reads nothing. -1: errno. */
pid_t child_start(const struct child_command *command);
/* The same without another program: body runs and its result is the exit code. */
pid_t child_fork(int (*body)(void *data), void *data);
/* True and its status if it has ended. */
bool child_ended(pid_t pid, int *status);
/* By a person, the runner or the kernel, as opposed to what it did itself. */
bool child_was_killed(int status);
/* Asks it to end, then makes it end. */
void child_stop(pid_t pid, uint32_t patience_ms, int *status);
/* An unnamed file in memory for what a child prints. -1: errno. */
int child_memory(const char *name);
/* All of it as a string; NULL if memory is short. */
char *child_memory_text(int descriptor);

/* ---- words.c ---- */

enum { MAX_WORDS = 64 };

/* A command line, begun as zeros. What does not fit is left out; nothing that is made here comes near that. */
struct words {
	char text[16 * NIGHT_PATH], *argv[MAX_WORDS + 1];
	size_t used;
	int nr;
};

void words_add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Release, bugs, checks of the run. */
void words_add_settings(struct words *words, const struct night *night);
/* Lengths, time and memory that the fuzz target may use, as everywhere. */
void words_add_limits(struct words *words);

/* ---- worker.c ---- */

/* Exit codes of libFuzzer. */
enum { WORKER_DONE = 0, WORKER_TIMEOUT = 70, WORKER_OOM = 71, WORKER_INTERRUPTED = 72, WORKER_CRASH = 77 };

struct worker {
	uint32_t slot; /* from 1 */
	pid_t pid;     /* 0: not running */
	int output;    /* what it prints, -1: none */
	enum focus_kind kind;
	bool growing; /* it may add to the corpus */
	bool afl;     /* it is afl-fuzz */
	bool asked;   /* to end, by the runner */
	uint64_t started, may_start;
	uint64_t limit;      /* until when it ends, if it does not hang */
	uint32_t short_runs; /* in a row */
	char line[1024], last_line[256];
	uint32_t line_length;
	uint32_t coverage, artifacts; /* of this process */
	uint32_t known_version;       /* of the list that it was started with */
	uint32_t exported;            /* afl-fuzz: queue entries that are in the corpus */
	uint64_t next_look;           /* afl-fuzz: into its directory */
	bool waiting;                 /* for its artifact to be filed */
	uint32_t starts, crash, oom, timeout, killed, other;
};

/* False: it could not be started, errno says why. */
bool worker_start(struct night *night, struct worker *worker);
/* Reads what it has printed. */
void worker_listen(struct night *night, struct worker *worker);
/* It has ended with this status: counts that, and says when it may start again. */
void worker_bury(struct night *night, struct worker *worker, int status);

/* Edges that it has reached so far. */
void worker_take_coverage(struct night *night, struct worker *worker, uint32_t coverage);
/* Where what it prints goes, and a corpus that it works in: what both engines need to be started. False: errno. */
bool worker_launch(struct night *night, struct worker *worker, char *const *argv, char *const *environment);

/* ---- afl.c ---- */

/* afl-fuzz, the target, the mutator. False: complained. */
bool afl_find_programs(struct night *night);
/* Takes what an earlier session left, and makes something to start from. */
void afl_prepare(struct night *night);
bool afl_start(struct night *night, struct worker *worker);
/* Takes what it has found into inbox/ and what it has kept into the corpus. */
void afl_look(struct night *night, struct worker *worker);
/* It did not start: what it left may be the reason. */
void afl_reset(struct night *night, struct worker *worker);

/* ---- schedule.c ---- */

void schedule_init(struct night *night);
/* Buries and starts workers. False: none can run at all, complained. */
bool schedule_step(struct night *night);
void schedule_stop(struct night *night);

/* ---- background work: one child at a time ---- */

enum chore_kind { CHORE_NONE, CHORE_TRIAGE, CHORE_REPLAY, CHORE_REACH };

struct chore {
	enum chore_kind kind;
	pid_t pid;
	int output;
	uint64_t limit;
};

/* ---- inbox.c ---- */

enum { INBOX_BATCH = 16, INBOX_NAME_MAX = 128, INBOX_RETRY_MS = 3000 };
enum inbox_outcome { OUTCOME_NONE, OUTCOME_FILED, OUTCOME_CLEAN };

struct inbox {
	struct inbox_file {
		char name[INBOX_NAME_MAX];
		enum inbox_outcome outcome;
		bool can_be_passed; /* by a worker that knows its class: no sanitizer stopped it */
	} batch[INBOX_BATCH];
	uint32_t nr;
	char own[INBOX_NAME_MAX]; /* setting of a worker that this batch is played under, too; "" for none */
	char next_own[INBOX_NAME_MAX];
	char replayed[INBOX_NAME_MAX]; /* what is being played again */
	uint64_t not_before;           /* after a failure */
	json_t *attempts;              /* name -> number */
};

bool inbox_empty(struct night *night);
/* Starts filing what is in the inbox. False: nothing to do. */
bool inbox_begin(struct night *night);
void inbox_end(struct night *night, int status);
/* A worker with a setting of its own says so in the names of its artifacts, "recycle=now,crash-...": its length. */
size_t inbox_setting_length(const char *name);
/* A file was filed, and leaves the inbox; or not, and is tried again, or set aside with the complaint in the end. */
void inbox_finish(struct night *night, const char *name, bool filed, const char *complaint);

/* ---- replay.c ---- */

/* Is it an artifact of a worker that ran out of time or memory? */
bool replay_wanted(const char *name);
/* Begins with the file inbox.replayed. */
bool replay_begin(struct night *night);
void replay_end(struct night *night, int status);

/* ---- findings.c ---- */

/* Reads findings/ and brings state.findings up to date. */
void findings_scan(struct night *night);
/* RUN/known: classes that workers are to pass. */
void findings_write_known(struct night *night);
/* The classes of --known FILE. False: complained. */
bool findings_read_given(struct night *night);
uint32_t findings_nr_new(const struct night *night);

/* ---- corpus.c ---- */

enum { CORPUS_BATCH = 256, CORPUS_NAME_MAX = 256 };

struct corpus {
	uint64_t *seen; /* hashes of names, an open table */
	uint32_t room, nr_seen;
	uint32_t files;
	uint64_t bytes;
	char (*fresh)[CORPUS_NAME_MAX]; /* names that nobody has looked at */
	uint32_t nr_fresh, room_fresh, next_fresh;
	uint32_t nr_empty; /* files that a full disk left, removed */
	bool first_pass;   /* over what was there when the session began */
	uint64_t not_before;
};

/* Before the first worker: seeds where they are wanted, and no file that would stop one. False: complained. */
bool corpus_prepare(struct night *night, bool first_run);
/* What is in there now; new names become fresh. */
void corpus_scan(struct night *night);
/* NULL: good; else what is wrong with a file. */
const char *corpus_fault(const char *path, const char *name);
/* Takes a bad file away: to aside/, unless there is nothing in it. */
void corpus_take_away(struct night *night, const char *path, const char *why);
/* Adds a file under its SHA-1 name. False: not written, or there already. */
bool corpus_add(struct night *night, const uint8_t *content, size_t length);
void sha1_name(const uint8_t *content, size_t length, char name[41]);

/* ---- reach.c ---- */

struct reach {
	struct reach_shared *shared; /* with the child */
	uint64_t seen[FEATURE_WORDS];
	uint32_t total;
};

bool reach_init(struct night *night);
bool reach_begin(struct night *night);
void reach_end(struct night *night, int status);

/* ---- disk.c ---- */

struct disk {
	uint64_t bytes, limit;
	uint64_t next_check;
	bool full;            /* nothing may grow */
	uint64_t empty_since; /* when not even what is kept back would have had room; 0: it has */
};

/* Measures, and decides whether the corpus may grow. */
void disk_check(struct night *night);
/* May so many bytes be written? Counts a no. */
bool disk_allows(struct night *night, uint64_t bytes);
/* A small file at once, by rename; false, and nothing is said, if there is no room: the old one stays. */
bool disk_write(const char *path, const void *content, size_t length);
/* The same for what must not be lost: what was kept back for it is given up if there is no other way. */
bool disk_write_surely(struct night *night, const char *path, const void *content, size_t length);

/* ---- status.c ---- */

struct status {
	bool terminal, drawn;
	uint64_t next_draw, next_line, next_row;
	uint64_t rate_ms, rate_executions;
	double rate; /* executions a second of late */
};

void status_init(struct night *night);
void status_step(struct night *night);
void status_end(struct night *night);
/* A line in RUN/log, and on standard output where there is no terminal. */
void night_log(struct night *night, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- finish.c ---- */

/* The report of the run before goes to runs/K. */
void finish_keep_previous(struct night *night);
/* The number of the last run that was kept, 0 if none, for a run whose state is lost. */
uint32_t finish_last_kept(struct night *night);
/* Neither keeps somebody waiting who interrupts; there is no distilled corpus then. */
void finish_distill(struct night *night);
void finish_report(struct night *night);

/* ---- night.c ---- */

/* The path that this command was called by, perhaps a link; NULL if unknown. */
const char *night_called(void);
/* NAME in the directory of a file. */
void night_beside(const char *file, char out[NIGHT_PATH], const char *name);

struct night {
	const struct night_options *options;
	char self[NIGHT_PATH], fuzzer[NIGHT_PATH], seeds[NIGHT_PATH]; /* seeds: "" for none */
	char afl_fuzz[NIGHT_PATH], afl_target[NIGHT_PATH], afl_mutator[NIGHT_PATH];
	struct rundir dir;
	struct night_state state;
	struct counters counters; /* of this run */
	uint64_t slot_executions[NIGHT_MAX_JOBS];
	uint64_t session_began;
	struct worker worker[NIGHT_MAX_JOBS];
	uint64_t kind_ms[NR_FOCUS_KINDS]; /* time that each kind of worker has had */
	uint64_t period_ms;
	uint32_t known_version; /* counts changes of RUN/known */
	size_t nr_known;        /* classes in it */
	bool known_is_old;      /* there was no room for it */
	json_t *given;          /* classes of --known, an object used as a set */
	struct chore chore;
	struct inbox inbox;
	struct corpus corpus;
	struct reach reach;
	struct disk disk;
	struct status status;
};

/* The whole run; an exit code. */
int night_run(const struct night_options *options);

#endif
