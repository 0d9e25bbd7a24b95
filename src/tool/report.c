// SPDX-License-Identifier: GPL-2.0-only
/*
 * rmapfuzz report: the morning report of a night's run. Reads the run
 * directory, also while a run is going on, and changes nothing in it but
 * report/.
 */
#include "report/report.h"
#include "tool/tool.h"

struct report_verb {
	struct file_arguments runs;
	const char *output, *score;
};

static const struct argp_option options[] = {
	{ "output", 'o', "DIRECTORY", 0, "Where to write it; default: report/ in the run directory", 0 },
	{ "score", 's', "DIRECTORY", 0,
	  "A score whose figures go into it; default: score/ beside the run, if there is one", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct report_verb *verb = state->input;

	switch (key) {
	case 'o':
		verb->output = argument;
		return 0;
	case 's':
		verb->score = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse_option,
	"RUN",
	"Writes the report of a run directory: index.html, which needs nothing but itself, report.md, report.json and "
	"the drawings.\v"
	"RUN is what rmapfuzz overnight --dir made. The report says first whether there is something new, then tells "
	"each new failure, how the run went over time, what the fuzzer did not reach, and what differs from the "
	"run before. It can be made again at any time, while the run is going on as well; the same files make the same report. "
	"A file that is missing or broken is told in the report. docs/report.md says what each part means.\n\n"
	"Examples:\n"
	"  rmapfuzz report night && xdg-open night/report/index.html\n"
	"  jq .verdict night/report/report.json\n\n"
	"Exit codes: 0 written, whatever it says, 1 no run directory, or it could not be written.",
	NULL,
	NULL,
	NULL
};

static int verb_main(int argc, char **argv)
{
	struct report_verb verb = { 0 };

	verb_parse(&verb_report, argc, argv, &verb, &verb.runs);
	if (verb.runs.nr != 1) {
		fprintf(stderr, "rmapfuzz report: %s\n",
			verb.runs.nr ? "one run directory at a time" : "no run directory given");
		return EXIT_USAGE;
	}
	return report_write(verb.runs.paths[0], verb.output, verb.score) ? EXIT_CLEAN : EXIT_USAGE;
}

const struct verb verb_report = { "report", "the page that says what a night's run found", &argp, verb_main };
