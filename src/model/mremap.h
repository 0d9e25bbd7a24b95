/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mremap.c and mremap_phases.c offer each other: the parts of moving one
 * VMA. Nobody else may include it.
 */
#ifndef RMAPFUZZ_MODEL_MREMAP_H
#define RMAPFUZZ_MODEL_MREMAP_H

#include "model/world.h"

/* What is found before anything is changed. */
int check_mremap(struct world *w, const struct move *move);
/* Up to the copy; the entries are still at the source. */
int mremap_to_begin(struct world *w, struct move *move);
/* False if none is left. The move itself allocates nothing and cannot fail. */
bool move_next_entry(struct world *w, struct move *move);
/* Behind the entries: the source goes, or stays empty. */
void move_vma_end(struct world *w, const struct move *move);

#endif
