/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who has paused in the decoder's shadow, and whom the locks keep out
 * meanwhile: a guess from groups and operands (ops.def), so that a new
 * operation in phases is known by itself. Must never need the engine's locks.
 */
#include "program/shadow_internal.h"

#define OP_BIT(code) ((uint64_t)1 << (code))

/* One bit for each operation of which the condition holds, in words of ops.def. */
#define OP(number, symbol, text, group, weight, a1, a2, a3, help) | (uint64_t)GROUP_IS(group) << (number)

#define GROUP_IS(group) \
	(GROUP_##group == GROUP_PROCESS || GROUP_##group == GROUP_VMA || GROUP_##group == GROUP_FLAGS)
static const uint64_t change_the_mm = 0
#include "program/ops.def"
	;
#undef GROUP_IS

#define GROUP_IS(group) (GROUP_##group == GROUP_FAULT)
static const uint64_t faults = 0
#include "program/ops.def"
	;
#undef GROUP_IS

#define GROUP_IS(group) (GROUP_##group == GROUP_PHASE)
static const uint64_t in_phases = 0
#include "program/ops.def"
	;
#undef GROUP_IS
#undef OP

enum mmap_lock { MMAP_WRITE, MMAP_READ, MMAP_UNLOCKED };

/* What an operation in phases holds: a fault the lock for reading, what works on VMAs for writing. */
static enum mmap_lock held_by(unsigned int code)
{
	static const uint8_t exceptions[NR_OP_CODES] = {
		[OP_RESTORE_BEGIN] = MMAP_UNLOCKED, /* the rmap's locks alone */
		[OP_LOOKUP_BEGIN] = MMAP_UNLOCKED,
	};
	const uint8_t *operand = program_op_infos[code].operand;

	if (operand[0] == OPERAND_PAGE && operand[1] == OPERAND_NONE)
		return exceptions[code] ? exceptions[code] : MMAP_READ;
	return MMAP_WRITE;
}

uint64_t shadow_kept_out(const struct shadow *shadow, unsigned int process)
{
	const uint64_t begins = in_phases & ~OP_BIT(OP_RESUME);
	uint32_t who = 1u << process;
	uint64_t out = shadow->open & who ? begins : OP_BIT(OP_RESUME);

	if ((shadow->writing | shadow->reading) & who)
		out |= begins | (change_the_mm & ~OP_BIT(OP_DONTNEED));
	if (shadow->writing & who)
		out |= OP_BIT(OP_DONTNEED) | (shadow->faults & who ? 0 : faults);
	if (shadow->writing)
		out |= OP_BIT(OP_SWAPOFF);
	return out;
}

void shadow_set_pause(struct shadow *shadow, unsigned int process, struct shadow_pause pause)
{
	shadow->pause[process] = pause.left ? pause : (struct shadow_pause){ 0 };
	shadow->open = shadow->writing = shadow->reading = shadow->faults = shadow->moving = 0;
	shadow->met = 0;
	for (unsigned int i = 0; i < NR_PROCESSES; i++) {
		shadow->open |= (uint32_t)(shadow->pause[i].left != 0) << i;
		shadow->writing |= shadow->pause[i].writing;
		shadow->reading |= shadow->pause[i].reading;
		shadow->faults |= shadow->pause[i].faults;
		shadow->moving |= (uint32_t)shadow->pause[i].moving << i;
		shadow->met |= shadow->pause[i].pages;
	}
}

void shadow_pause_at(struct shadow *shadow, const struct op *op, unsigned int left, uint64_t pages)
{
	enum mmap_lock lock = held_by(op->code);
	uint8_t who = (uint8_t)(1u << op->process);
	struct shadow_pause pause = {
		.left = (uint8_t)left,
		.writing = lock == MMAP_WRITE ? who : 0,
		.reading = lock == MMAP_READ ? who : 0,
		.faults = op->code == OP_MPROTECT_BEGIN ? who : 0,
		.moving = op->code == OP_MREMAP_BEGIN && (pages & shadow->process[op->process].flight),
		.pages = pages,
		.outlives = op->code == OP_LOOKUP_BEGIN,
	};

	if (program_op_infos[op->code].operand[0] == OPERAND_PROC)
		pause.writing |= (uint8_t)(1u << op->arg[0]);
	shadow_set_pause(shadow, op->process, pause);
}

void shadow_resume(struct shadow *shadow, unsigned int process)
{
	struct shadow_pause pause = shadow->pause[process];

	if (!pause.left)
		return;
	pause.left--;
	shadow_set_pause(shadow, process, pause);
}
