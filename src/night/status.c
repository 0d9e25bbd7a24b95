// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is seen of a run while it goes on: a line on a terminal that is drawn
 * again, else a line a minute; RUN/log and RUN/history.csv for later, RUN/stats
 * for scripts. Nothing here decides anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "night/night.h"

enum { DRAW_MS = 1000, LINE_MS = 60000, RATE_MS = 10000, LOG_LIMIT = 4 << 20 };

static void append(struct night *night, const char *name, const char *text, size_t length)
{
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "%s", name);
	int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (file < 0 || write(file, text, length) != (ssize_t)length)
		night->state.disk_refused++; /* the disk is full */
	if (file >= 0)
		close(file);
}

static void clear(struct night *night)
{
	if (night->status.drawn)
		fputs("\r\033[K", stderr);
	night->status.drawn = false;
}

/* "2026-03-01 02:03:04 +0:10:20 text" */
void night_log(struct night *night, const char *format, ...)
{
	char text[2 * NIGHT_TEXT_MAX + NIGHT_PATH], path[NIGHT_PATH], old[NIGHT_PATH];
	uint32_t seconds = night_seconds(night);
	time_t now = time(NULL);
	struct stat status;
	va_list arguments;
	struct tm local;

	localtime_r(&now, &local);
	size_t length = strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S ", &local);

	length += (size_t)snprintf(text + length, sizeof(text) - length, "+%u:%02u:%02u ", seconds / 3600,
				   seconds / 60 % 60, seconds % 60);
	va_start(arguments, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above
	vsnprintf(text + length, sizeof(text) - length - 1, format, arguments);
	va_end(arguments);
	strcat(text, "\n");
	rundir_path(&night->dir, path, "log");
	if (stat(path, &status) == 0 && status.st_size > LOG_LIMIT) {
		rundir_path(&night->dir, old, "log.old");
		rename(path, old);
	}
	append(night, "log", text, strlen(text));
	clear(night);
	fputs(text, night->status.terminal ? stderr : stdout);
	fflush(stdout);
}

/* ---- figures ---- */

static uint64_t sum_of_known(const struct night *night)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < night->counters.nr_known; i++)
		sum += night->counters.known[i].count;
	return sum;
}

static void update_rate(struct night *night)
{
	struct status *status = &night->status;
	uint64_t now = night_now();

	if (now - status->rate_ms < RATE_MS && status->rate > 0)
		return;
	if (now > status->rate_ms && night->counters.executions >= status->rate_executions)
		status->rate = (double)(night->counters.executions - status->rate_executions) * 1000.0 /
			       (double)(now - status->rate_ms);
	if (now - status->rate_ms >= RATE_MS) {
		status->rate_ms = now;
		status->rate_executions = night->counters.executions;
	}
}

static void summary(const struct night *night, char *out, size_t room)
{
	const struct night_state *state = &night->state;
	uint32_t seconds = night_seconds(night), left = state->wanted > seconds ? state->wanted - seconds : 0;
	uint32_t quiet = seconds > state->last_new ? seconds - state->last_new : 0;

	snprintf(out, room,
		 "%u:%02u:%02u left, %.0f/s, coverage %u, features %u, nothing new for %u:%02u:%02u, %u new findings, "
		 "%zu known, met %llu times%s",
		 left / 3600, left / 60 % 60, left % 60, night->status.rate, state->coverage, state->features,
		 quiet / 3600, quiet / 60 % 60, quiet % 60, findings_nr_new(night),
		 json_array_size(state->findings) - findings_nr_new(night),
		 (unsigned long long)sum_of_known(night), night->disk.full ? ", disk full" : "");
}

static void write_stats(const struct night *night)
{
	char path[NIGHT_PATH], *text = NULL;
	const struct night_state *state = &night->state;
	uint32_t running = 0;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return;
	for (uint32_t i = 0; i < night->options->jobs; i++)
		running += night->worker[i].pid != 0;
	fprintf(out, "run : %u\nseconds : %u\nwanted : %u\nexecutions : %llu\noperations : %llu\n", state->run,
		night_seconds(night), state->wanted, (unsigned long long)night->counters.executions,
		(unsigned long long)night->counters.operations);
	fprintf(out,
		"executions_per_second : %.1f\ncoverage : %u\nfeatures : %u\nfeatures_total : %u\nlast_new : %u\n",
		night->status.rate, state->coverage, state->features, (unsigned int)NR_FEATURES,
		state->last_new);
	fprintf(out,
		"corpus_files : %u\ncorpus_bytes : %llu\nfindings_new : %u\nfindings : %zu\nknown_met : %llu\n",
		night->corpus.files, (unsigned long long)night->corpus.bytes, findings_nr_new(night),
		json_array_size(state->findings), (unsigned long long)sum_of_known(night));
	fprintf(out, "workers : %u\ndisk_bytes : %llu\ndisk_limit : %llu\ndisk_full : %d\n", running,
		(unsigned long long)night->disk.bytes, (unsigned long long)night->disk.limit, night->disk.full);
	fclose(out);
	rundir_path(&night->dir, path, "stats");
	if (text)
		disk_write(path, text, length);
	free(text);
}

static void write_row(struct night *night)
{
	static const char head[] =
		"seconds,executions,operations,coverage,features,corpus_files,corpus_bytes,findings,"
		"known,executions_per_second\n";
	char path[NIGHT_PATH], row[512];
	struct stat status;

	rundir_path(&night->dir, path, "history.csv");
	if (stat(path, &status) != 0 || !status.st_size) /* a full disk leaves an empty one */
		append(night, "history.csv", head, sizeof(head) - 1);
	int length = snprintf(row, sizeof(row), "%u,%llu,%llu,%u,%u,%u,%llu,%u,%llu,%.1f\n",
			      night_seconds(night), (unsigned long long)night->counters.executions,
			      (unsigned long long)night->counters.operations, night->state.coverage,
			      night->state.features, night->corpus.files,
			      (unsigned long long)night->corpus.bytes, findings_nr_new(night),
			      (unsigned long long)sum_of_known(night), night->status.rate);

	append(night, "history.csv", row, (size_t)length);
}

/* What is wider than the terminal could not be drawn over again. */
static void draw(struct night *night)
{
	struct winsize size = { .ws_col = 0 };
	char line[512];

	summary(night, line, sizeof(line));
	ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	fprintf(stderr, "\r\033[K%.*s", size.ws_col > 1 ? size.ws_col - 1 : 79, line);
	fflush(stderr);
	night->status.drawn = true;
}

/* ---- in time ---- */

void status_init(struct night *night)
{
	uint64_t now = night_now();

	night->status = (struct status){ .terminal = isatty(STDERR_FILENO) != 0,
					 .next_draw = now,
					 .next_row = now + 10000,
					 .next_line = now + 10000,
					 .rate_ms = now,
					 .rate_executions = night->counters.executions };
}

void status_step(struct night *night)
{
	struct status *status = &night->status;
	uint64_t now = night_now();
	char line[512];

	if (now < status->next_draw)
		return;
	status->next_draw = now + DRAW_MS;
	update_rate(night);
	write_stats(night);
	if (status->terminal)
		draw(night);
	if (now < status->next_line)
		return;
	status->next_line = now + LINE_MS;
	write_row(night);
	if (!status->terminal) {
		summary(night, line, sizeof(line));
		night_log(night, "%s", line);
	}
}

void status_end(struct night *night)
{
	char line[512];

	update_rate(night);
	write_row(night);
	write_stats(night);
	summary(night, line, sizeof(line));
	night_log(night, "%s", line);
}
