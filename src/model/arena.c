// SPDX-License-Identifier: GPL-2.0-only
/*
 * Typed slots with birth ids, see arena.h. Never looks at addresses for a
 * decision: which slot comes next depends on the order of calls alone.
 */
#include "model/arena.h"

#include <stdlib.h>
#include <string.h>

#include "asan.h"

#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define UNPOISON(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define POISON(address, size) ((void)0)
#define UNPOISON(address, size) ((void)0)
#endif

#define JUNK UINT64_C(0x6b6b6b6b6b6b6b6b) /* what the kernel's slab poisoning writes, too */

typedef uint64_t __attribute__((may_alias)) slot_word;

/*
 * A slot is small, has whole words and is known to be ours. The loop is not a memset, which ASan would
 * check once more on each call: a tenth of the time of an operation.
 */
__attribute__((no_sanitize("address"))) static inline void fill(void *slot, uint32_t size, uint64_t with)
{
	volatile slot_word *word = slot;

	for (uint32_t i = 0; i < size / sizeof(*word); i++)
		word[i] = with;
}

/* Head of every object; see arena.h. */
struct object {
	uint32_t id;
	uint32_t live_at;
};

static bool table_init(struct view_table *table, uint32_t capacity, uint32_t max_births)
{
	table->live = calloc(capacity, sizeof(void *));
	table->by_id = calloc((size_t)max_births + 1, sizeof(void *));
	table->nr_live = 0;
	table->nr_born = 0;
	return table->live && table->by_id;
}

bool arena_init(struct arena *arena, uint32_t slot_size, uint32_t capacity, uint32_t max_births,
		enum recycle recycle, struct view_table *table)
{
	/* whole shadow bytes: a slot must be poisoned without touching its neighbour */
	slot_size = (slot_size + 15U) & ~15U;
	*arena = (struct arena){ .slot_size = slot_size,
				 .capacity = capacity,
				 .max_births = max_births,
				 .recycle = recycle,
				 .table = table };
	if (!table_init(table, capacity, max_births))
		return false;
	if (recycle == RECYCLE_MALLOC)
		return true;
	arena->slots = calloc(capacity, slot_size);
	arena->free_ring = calloc(capacity, sizeof(uint32_t));
	if (!arena->slots || !arena->free_ring)
		return false;
	POISON(arena->slots, (size_t)capacity * slot_size);
	return true;
}

void arena_destroy(struct arena *arena)
{
	if (arena->recycle == RECYCLE_MALLOC)
		while (arena->table->nr_live)
			free(arena->table->live[--arena->table->nr_live]);
	if (arena->slots)
		UNPOISON(arena->slots, (size_t)arena->capacity * arena->slot_size);
	free(arena->slots);
	free(arena->free_ring);
	free(arena->table->live);
	free(arena->table->by_id);
}

void arena_reset(struct arena *arena)
{
	struct view_table *table = arena->table;

	if (arena->recycle == RECYCLE_MALLOC)
		for (uint32_t i = 0; i < table->nr_live; i++)
			free(table->live[i]);
	else if (table->nr_live)
		POISON(arena->slots, (size_t)arena->used * arena->slot_size);
	if (table->nr_born)
		memset(table->by_id + 1, 0, table->nr_born * sizeof(void *));
	table->nr_live = 0;
	table->nr_born = 0;
	arena->used = 0;
	arena->free_head = 0;
	arena->free_count = 0;
}

static uint32_t take_freed_slot(struct arena *arena)
{
	uint32_t place;

	if (arena->recycle == RECYCLE_NOW) {
		place = (arena->free_head + arena->free_count - 1) % arena->capacity;
	} else {
		place = arena->free_head;
		arena->free_head = (arena->free_head + 1) % arena->capacity;
	}
	arena->free_count--;
	return arena->free_ring[place];
}

static void *take_slot(struct arena *arena)
{
	uint32_t number;

	if (arena->recycle == RECYCLE_MALLOC)
		return malloc(arena->slot_size);
	/* late: fresh slots first, then the one that has rested longest */
	if (arena->free_count && (arena->recycle == RECYCLE_NOW || arena->used == arena->capacity))
		number = take_freed_slot(arena);
	else
		number = arena->used++;
	void *slot = arena->slots + (size_t)number * arena->slot_size;

	UNPOISON(slot, arena->slot_size);
	return slot;
}

void *arena_alloc(struct arena *arena)
{
	struct view_table *table = arena->table;

	if (table->nr_live == arena->capacity || table->nr_born == arena->max_births)
		return NULL;
	struct object *object = take_slot(arena);

	if (!object)
		return NULL;
	fill(object, arena->slot_size, 0);
	object->id = ++table->nr_born;
	object->live_at = table->nr_live;
	table->live[table->nr_live++] = object;
	table->by_id[object->id] = object;
	return object;
}

static void remember_freed_slot(struct arena *arena, const struct object *object)
{
	uint32_t number = (uint32_t)(((const char *)object - arena->slots) / arena->slot_size);

	arena->free_ring[(arena->free_head + arena->free_count) % arena->capacity] = number;
	arena->free_count++;
}

void arena_free(struct arena *arena, void *freed)
{
	struct view_table *table = arena->table;
	struct object *object = freed;
	struct object *moved = table->live[--table->nr_live];

	table->live[object->live_at] = moved;
	moved->live_at = object->live_at;
	table->by_id[object->id] = NULL;
	fill(object, arena->slot_size, JUNK);
	object->id = 0;
	if (arena->recycle == RECYCLE_MALLOC) {
		free(object);
		return;
	}
	remember_freed_slot(arena, object);
	POISON(object, arena->slot_size);
}

/* The birth id in a slot that may be poisoned. */
__attribute__((no_sanitize("address"))) static uint32_t id_in_slot(const void *slot)
{
	return *(const volatile uint32_t *)slot;
}

void *arena_read_under_rcu(const struct arena *arena, void *object, uint32_t meant)
{
	const struct view_table *table = arena->table;

	if (table->by_id[meant] == object)
		return object;
	if (arena->recycle == RECYCLE_MALLOC)
		return NULL; /* nobody knows what malloc makes of it; as if the grace period lasted */
	return id_in_slot(object) ? object : NULL;
}
