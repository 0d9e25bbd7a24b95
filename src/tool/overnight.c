// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz overnight: an unattended run of the fuzz target. Only the command
 * line is here; src/night/ does the work.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "night/night.h"

enum { KEY_HOURS = 256, KEY_DIR, KEY_FUZZER, KEY_KNOWN, KEY_ENGINE, KEY_MAX_DISK };
enum { MAX_SECONDS = 30 * 24 * 3600, DEFAULT_SECONDS = 8 * 3600 };

#define DEFAULT_MAX_DISK (UINT64_C(2) << 30)
#define LEAST_MAX_DISK (UINT64_C(1) << 20)

struct overnight {
	struct target_options target;
	struct night_options night;
};

static const struct argp_option options[] = {
	{ "hours", KEY_HOURS, "TIME", 0, "How long: 8, 0.5, or with a unit 30m, 90s (default: 8)", 0 },
	{ "jobs", 'j', "N", 0, "Workers (default: one a processor)", 0 },
	{ "dir", KEY_DIR, "DIRECTORY", 0, "The run directory (default: night)", 0 },
	{ "engine", KEY_ENGINE, "libfuzzer|afl", 0, "What the workers are (default: libfuzzer)", 0 },
	{ "max-disk", KEY_MAX_DISK, "SIZE", 0, "Limit of the run directory, as 500M or 2G (default: 2G)", 0 },
	{ "known", KEY_KNOWN, "FILE", 0,
	  "Failures that are counted and never new: a class a line, as finding.json has it", 0 },
	{ "fuzzer", KEY_FUZZER, "FILE", 0, "The fuzz target (default: rmap_fuzzer beside this command)", 0 },
	{ 0 },
};

/* "8", "0.5", "30m". */
static uint32_t parse_time(const struct argp_state *state, const char *argument)
{
	char *end;
	double number = strtod(argument, &end), unit = 3600;

	if (*end == 's' || *end == 'm' || *end == 'h' || *end == 'd') {
		unit = *end == 's' ? 1 : *end == 'm' ? 60 : *end == 'h' ? 3600 : 24 * 3600;
		end++;
	}
	if (!isdigit((unsigned char)argument[0]) || *end ||
	    !(number * unit >= 1 && number * unit <= MAX_SECONDS))
		usage_error(state, "--hours wants a time from 1s to 30d, as 8, 0.5 or 30m, not '%.40s'",
			    argument);
	return (uint32_t)(number * unit);
}

static uint64_t parse_size(const struct argp_state *state, const char *argument)
{
	char *end;
	double number = strtod(argument, &end), unit = 1;

	if (*end && strchr("kKMGT", *end)) {
		for (const char *at = "KMGT"; *at; at++) {
			unit *= 1024;
			if (toupper((unsigned char)*end) == *at)
				break;
		}
		end++;
	}
	if (!isdigit((unsigned char)argument[0]) || *end ||
	    !(number * unit >= (double)LEAST_MAX_DISK && number * unit < 1e15))
		usage_error(state, "--max-disk wants a size from 1M, as 500M or 2G, not '%.40s'", argument);
	return (uint64_t)(number * unit);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct overnight *overnight = state->input;
	struct night_options *night = &overnight->night;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &overnight->target;
		return 0;
	case KEY_HOURS:
		night->seconds = parse_time(state, argument);
		return 0;
	case 'j':
		night->jobs = parse_number(state, "jobs", argument, 1, NIGHT_MAX_JOBS);
		return 0;
	case KEY_DIR:
		night->directory = argument;
		return 0;
	case KEY_ENGINE:
		if (strcmp(argument, "libfuzzer") != 0 && strcmp(argument, "afl") != 0)
			usage_error(state, "--engine wants libfuzzer or afl, not '%.40s'", argument);
		night->engine = strcmp(argument, "afl") == 0 ? NIGHT_AFL : NIGHT_LIBFUZZER;
		return 0;
	case KEY_MAX_DISK:
		night->max_disk = parse_size(state, argument);
		return 0;
	case KEY_KNOWN:
		night->known = argument;
		return 0;
	case KEY_FUZZER:
		night->fuzzer = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	NULL,
	"Fuzzes unattended: workers of several kinds over one corpus, started again whatever ends them; what they "
	"find is minimized, traced, drawn and filed once, and passed from then on.\v"
	"Everything is in the run directory and is kept whatever is killed: the same command goes on with the time that "
	"is left, and begins another run there when one is finished. Ctrl-C ends it in order, within seconds; a "
	"terminal that is closed does not. With --bug the corpus begins empty.\n\n"
	"Examples:\n"
	"  rmapfuzz overnight\n"
	"  rmapfuzz overnight --hours 30m --jobs 2 --dir old --release 5.19\n\n"
	"Exit codes: 0 nothing new, 1 it cannot run like this, 72 interrupted (whatever was found), 77 new findings.",
	target_children,
	NULL,
	NULL
};

static uint32_t processors(void)
{
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	return nr < 1 ? 1 : nr > NIGHT_MAX_JOBS ? NIGHT_MAX_JOBS : (uint32_t)nr;
}

static int verb_main(int argc, char **argv)
{
	struct overnight overnight = {
		.night = { .directory = "night", .seconds = DEFAULT_SECONDS, .max_disk = DEFAULT_MAX_DISK }
	};
	char error[SETTINGS_ERROR_MAX];

	overnight.night.jobs = processors();
	verb_parse(&verb_overnight, argc, argv, &overnight, NULL);
	overnight.night.settings = overnight.target.settings;
	if (!settings_finish(&overnight.night.settings, error)) /* the parser has said what is wrong */
		return EXIT_USAGE;
	settings_print(&overnight.night.settings, overnight.night.options, sizeof(overnight.night.options));
	return night_run(&overnight.night);
}

const struct verb verb_overnight = { "overnight", "fuzz unattended, and file what is found", &argp, verb_main };
