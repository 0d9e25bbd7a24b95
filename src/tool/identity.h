/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a finding was made with, as JSON in its finding.json: versions of the
 * formats, the operations of its programs, what its release decides. With it
 * another build can say why it does otherwise. Names and values only, so that
 * it means the same everywhere.
 */
#ifndef RMAPFUZZ_TOOL_IDENTITY_H
#define RMAPFUZZ_TOOL_IDENTITY_H

#include "tool/json.h"
#include "tool/tool.h"

/* Of this build, for a program that fails under these settings. */
json_t *identity_of(const struct settings *settings, const struct program *program);

/* The finding has this program, too. */
void identity_add_program(json_t *made_with, const struct program *program);

/*
 * Where this build is another one, an array of texts, each in words. settings are those of the finding here; NULL if
 * its program cannot be read here, then what the release decides is not compared.
 */
json_t *identity_differences(const json_t *made_with, const struct settings *settings);

#endif
