// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run directory: who may use it, and where what cannot be used goes. Never
 * removes what another process may want; what is bad is moved, not deleted.
 */
#define _GNU_SOURCE /* renameat2 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "night/night.h"

enum { WAIT_FOR_WORKERS_MS = 10000, MAX_ASIDE = 200 };

void rundir_path(const struct rundir *dir, char out[NIGHT_PATH], const char *format, ...)
{
	int length = snprintf(out, NIGHT_PATH, "%s/", dir->path);
	va_list arguments;

	va_start(arguments, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above
	vsnprintf(out + length, (size_t)(NIGHT_PATH - length), format, arguments);
	va_end(arguments);
}

static bool make_directory(const struct rundir *dir, const char *name)
{
	char path[NIGHT_PATH];

	rundir_path(dir, path, "%s", name);
	return mkdir(path, 0777) == 0 || errno == EEXIST || complain(path, strerror(errno));
}

static bool lock(struct rundir *dir)
{
	char path[NIGHT_PATH], text[64] = "";

	rundir_path(dir, path, "lock");
	dir->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (dir->lock < 0)
		return complain(path, strerror(errno));
	if (flock(dir->lock, LOCK_EX | LOCK_NB) != 0) {
		char what[128];

		if (errno != EWOULDBLOCK)
			return complain(path, strerror(errno));
		if (pread(dir->lock, text, sizeof(text) - 1, 0) < 0)
			text[0] = '\0';
		snprintf(what, sizeof(what), "another runner is at work in it, process %.20s",
			 *text ? strtok(text, "\n") : "?");
		return complain(dir->path, what);
	}
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	bool told = ftruncate(dir->lock, 0) == 0 && pwrite(dir->lock, text, (size_t)length, 0) == length;

	(void)told; /* only for people: a full disk does not matter */
	return true;
}

bool rundir_open(struct night *night)
{
	static const char *const names[] = { "corpus", "findings", "inbox", "aside", "workers", "runs" };
	const char *path = night->options->directory;
	char *whole;

	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return complain(path, strerror(errno));
	whole = realpath(path, NULL);
	if (!whole)
		return complain(path, strerror(errno));
	bool fits = strlen(whole) <= NIGHT_MAX_ROOT;

	snprintf(night->dir.path, sizeof(night->dir.path), "%s", whole);
	free(whole);
	if (!fits)
		return complain(path, strerror(ENAMETOOLONG));
	if (!is_directory(path))
		return complain(path, strerror(ENOTDIR));
	if (!lock(&night->dir))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!make_directory(&night->dir, names[i]))
			return false;
	rundir_sweep(night, ".");
	rundir_sweep(night, "findings");
	rundir_sweep(night, "inbox");
	rundir_sweep(night, "corpus");
	return true;
}

static const char *engine_name(enum night_engine engine)
{
	return engine == NIGHT_AFL ? "afl" : "libfuzzer";
}

static bool write_settings(const struct night *night, const char *path)
{
	json_t *object = json_pack("{s:i, s:s, s:s}", "format", 1, "options",
				   night->options->options + (night->options->options[0] == ' '), "engine",
				   engine_name(night->options->engine));
	char *text = object ? json_dumps(object, JSON_INDENT(1)) : NULL;
	bool written = text && output_write(path, text, strlen(text));

	free(text);
	json_decref(object);
	return written;
}

bool rundir_check_settings(struct night *night)
{
	const char *options = night->options->options + (night->options->options[0] == ' ');
	const char *engine = engine_name(night->options->engine), *old_options, *old_engine;
	char path[NIGHT_PATH], what[3 * NIGHT_OPTIONS_MAX];

	rundir_path(&night->dir, path, "run.json");
	if (access(path, F_OK) != 0)
		return write_settings(night, path);
	json_t *object = json_load_file(path, 0, NULL);

	if (!object || json_unpack(object, "{s:s, s:s}", "options", &old_options, "engine", &old_engine) != 0) {
		json_decref(object);
		rundir_set_aside(night, path, "not the settings of a run");
		return write_settings(night, path);
	}
	bool same = strcmp(options, old_options) == 0 && strcmp(engine, old_engine) == 0;

	if (!same)
		snprintf(what, sizeof(what), "is a run with %.250s%s--engine=%.20s, not with %s%s--engine=%s",
			 old_options, *old_options ? " " : "", old_engine, options, *options ? " " : "",
			 engine);
	json_decref(object);
	return same || complain(night->dir.path, what);
}

bool rundir_wait_for_workers(struct night *night)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000000L };
	uint64_t until = night_now() + WAIT_FOR_WORKERS_MS;
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "workers/lock");
	int held = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (held < 0)
		return complain(path, strerror(errno));
	while (flock(held, LOCK_EX | LOCK_NB) != 0) {
		if (night_now() >= until || interrupted()) {
			close(held);
			return complain(path, "workers of a runner that was killed are still there");
		}
		nanosleep(&pause, NULL);
	}
	close(held);
	return true;
}

void rundir_set_aside(struct night *night, const char *path, const char *why)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char place[NIGHT_PATH];

	rundir_path(&night->dir, place, "aside/%.200s", name);
	for (unsigned int i = 1; access(place, F_OK) == 0 && i < 10000; i++)
		rundir_path(&night->dir, place, "aside/%.200s.%u", name, i);
	if (rename(path, place) != 0) {
		night_problem(night, "%s: %s; could not be set aside: %s", path, why, strerror(errno));
		return;
	}
	night_log(night, "set aside %s: %s", strrchr(place, '/') + 1, why);
	if (json_array_size(night->state.aside) < MAX_ASIDE) {
		json_t *entry = json_object();

		json_object_set_new(entry, "file", json_text(strrchr(place, '/') + 1));
		json_object_set_new(entry, "why", json_text(why));
		json_array_append_new(night->state.aside, entry);
	}
}

/* ".NAME.XXXXXX", as struct output and struct output_directory name what they are writing. */
static bool is_half_written(const char *name)
{
	size_t length = strlen(name);

	return name[0] == '.' && length > 8 && name[length - 7] == '.';
}

void rundir_sweep(struct night *night, const char *below)
{
	char path[NIGHT_PATH];

	rundir_path(&night->dir, path, "%s", below);
	DIR *directory = opendir(path);

	if (!directory)
		return;
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		if (!is_half_written(entry->d_name))
			continue;
		rundir_path(&night->dir, path, "%s/%.250s", below, entry->d_name);
		if (unlink(path) != 0 && errno == EISDIR)
			remove_directory(path);
	}
	closedir(directory);
}
