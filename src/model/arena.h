/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory for kernel objects: one typed arena per object kind.
 *
 * Every object gets a birth id that is never used again within an input. A
 * freed slot is filled with junk and poisoned for ASan, so that following a
 * stale pointer is reported, and it rests as long as possible
 * (RECYCLE_LATE) or is handed out again at once (RECYCLE_NOW), as a
 * SLAB_TYPESAFE_BY_RCU cache may do. Nothing is allocated after arena_init().
 *
 * The first member of every object is its uint32_t birth id, the second the
 * place in the table of live objects; a freed slot has id 0.
 */
#ifndef RMAPFUZZ_MODEL_ARENA_H
#define RMAPFUZZ_MODEL_ARENA_H

#include "engine.h"

struct arena {
	char *slots;
	uint32_t slot_size;
	uint32_t capacity;   /* objects alive at one time */
	uint32_t max_births; /* objects within one input */
	uint32_t used;       /* slots handed out at least once since the reset */
	uint32_t *free_ring; /* numbers of freed slots, oldest first */
	uint32_t free_head, free_count;
	enum recycle recycle;
	struct view_table *table;
};

/* False if memory is short. */
bool arena_init(struct arena *arena, uint32_t slot_size, uint32_t capacity, uint32_t max_births,
		enum recycle recycle, struct view_table *table);
void arena_destroy(struct arena *arena);

/* All objects gone, birth ids from 1 again. Costs what the input used. */
void arena_reset(struct arena *arena);

/* A zeroed object with a birth id, NULL if the arena's limits are reached. */
void *arena_alloc(struct arena *arena);
void arena_free(struct arena *arena, void *freed);

/*
 * For readers under RCU of a SLAB_DESTROY_BY_RCU cache, and for nobody else: where the object that was meant lay,
 * there is it itself, a younger one, or none (NULL): its memory then is as it was left. ASan knows none of this and stays silent.
 */
void *arena_read_under_rcu(const struct arena *arena, void *object, uint32_t meant);

#endif
