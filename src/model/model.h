/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compact rmap engine: how to make one. Everything else is engine.h.
 */
#ifndef RMAPFUZZ_MODEL_MODEL_H
#define RMAPFUZZ_MODEL_MODEL_H

#include "engine.h"
#include "model/release.h"

enum { MODEL_MAX_ANON_VMAS = 4096 /* alive at one time; docs/model.md has the other limits */ };

/*
 * An engine that behaves as the release does, decisions as they stand in it
 * (with bugs turned back already, if any). NULL if memory is short; after this
 * call the engine allocates nothing, except with RECYCLE_MALLOC.
 */
struct engine *model_engine_create(const struct release *release, enum recycle recycle);

#endif
