/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The morning report of a run directory of "rmapfuzz overnight": what the verb
 * report and the runner call. Only reads the run; writes one directory.
 */
#ifndef RMAPFUZZ_REPORT_REPORT_H
#define RMAPFUZZ_REPORT_REPORT_H

#include <stdbool.h>

/*
 * Writes index.html, report.md, report.json and drawings into the directory output (RUN/report if NULL),
 * which appears as a whole or stays what it was. A file of the run that is missing or broken is told in the
 * report. score is the directory of a score whose figures go into it; NULL: RUN/../score, if there is one. False, with one line on standard error: run is no run directory, or nothing could be written.
 */
bool report_write(const char *run, const char *output, const char *score);

#endif
