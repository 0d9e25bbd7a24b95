// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who looks for a bug, by name. Never starts anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "score/score.h"

static const struct known_driver {
	const char *name;
	enum driver_kind kind;
	const char *program, *extra;
} known_drivers[] = {
	{ "mutator", DRIVER_LIBFUZZER, "rmap_fuzzer", "" },
	{ "no-mutator", DRIVER_LIBFUZZER, "rmap_fuzzer-no-mutator", "" },
	{ "no-swarm", DRIVER_LIBFUZZER, "rmap_fuzzer", "--swarm=off" },
	{ "state-feedback", DRIVER_LIBFUZZER, "rmap_fuzzer", "--feedback=state" },
	{ "value-profile", DRIVER_LIBFUZZER, "rmap_fuzzer-value-profile", "-use_value_profile=1" },
	{ "weighted", DRIVER_RANDOM, "rmap_random", "-kind=weighted" },
	{ "uniform", DRIVER_RANDOM, "rmap_random", "-kind=uniform" },
	{ "afl", DRIVER_AFL, "rmap_fuzzer-afl", "" },
};

const char driver_names[] =
	"mutator, no-mutator, no-swarm, state-feedback, value-profile, focus=KIND, afl, weighted, uniform";

/* "DIRECTORY/NAME" where directory is that of a file, or a directory itself; as a whole path, for children work elsewhere. */
static bool beside(char path[MAX_PATH_BYTES], const char *place, bool is_file, const char *between,
		   const char *name)
{
	const char *slash = is_file ? strrchr(place, '/') : place + strlen(place);
	char found[MAX_PATH_BYTES], *whole;

	if (!slash || snprintf(found, sizeof(found), "%.*s/%s%s", (int)(slash - place), place, between,
			       name) >= (int)sizeof(found))
		return false;
	whole = access(found, R_OK) == 0 ? realpath(found, NULL) : NULL;
	snprintf(path, MAX_PATH_BYTES, "%s", whole ? whole : "");
	free(whole);
	return path[0] != '\0';
}

bool program_find(char path[MAX_PATH_BYTES], const char *name, const char *directory)
{
	const char *called =
		(const char *)getauxval(AT_EXECFN); // NOLINT(performance-no-int-to-ptr): as it is defined
	char self[MAX_PATH_BYTES];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (directory)
		return beside(path, directory, false, "", name) || beside(path, directory, false, "bin/", name);
	self[length < 0 ? 0 : length] = '\0';
	/* build/bin/ has links to what is in the directories of the presets */
	return (called && beside(path, called, true, "", name)) || beside(path, self, true, "", name) ||
	       beside(path, self, true, "../../bin/", name);
}

bool program_digest(const char *path, char digest[DIGEST_MAX])
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *content = MAP_FAILED;

	if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0)
		content = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	int reason = errno;

	if (file >= 0)
		close(file);
	if (content == MAP_FAILED)
		return complain(path, strerror(reason));
	snprintf(digest, DIGEST_MAX, "%016llx",
		 (unsigned long long)XXH3_64bits(content, (size_t)status.st_size));
	munmap(content, (size_t)status.st_size);
	return true;
}

static bool find_program(struct driver *driver, const char *program, const char *directory)
{
	if (!program_find(driver->program, program, directory))
		return complain(directory ? directory : program,
				directory ? "no such fuzz target in it" :
					    "not found beside this command: ./build.sh build");
	return program_digest(driver->program, driver->digest);
}

bool driver_find(struct driver *driver, const char *name, const char *directory)
{
	const struct known_driver *known = NULL;
	char error[FOCUS_ERROR_MAX];

	*driver = (struct driver){ .kind = DRIVER_LIBFUZZER };
	snprintf(driver->name, sizeof(driver->name), "%s", name);
	if (strncmp(name, "focus=", 6) == 0) {
		if (focus_find(name + 6) == NR_FOCUS_KINDS) {
			focus_unknown(name + 6, error);
			return complain("--drivers", error);
		}
		snprintf(driver->extra, sizeof(driver->extra), "--%.40s", name);
		return find_program(driver, "rmap_fuzzer", directory);
	}
	for (size_t i = 0; i < sizeof(known_drivers) / sizeof(known_drivers[0]); i++)
		if (strcmp(known_drivers[i].name, name) == 0)
			known = &known_drivers[i];
	if (!known) {
		fprintf(stderr, "rmapfuzz: unknown driver '%.40s'; known: %s\n", name, driver_names);
		return false;
	}
	driver->kind = known->kind;
	snprintf(driver->extra, sizeof(driver->extra), "%s", known->extra);
	return find_program(driver, known->program, directory);
}
