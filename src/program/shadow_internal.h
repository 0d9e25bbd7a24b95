/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the decoder's shadow (shadow.h) offer each other, and nobody else. */
#ifndef RMAPFUZZ_PROGRAM_SHADOW_INTERNAL_H
#define RMAPFUZZ_PROGRAM_SHADOW_INTERNAL_H

#include "program/shadow.h"

/* ---- shadow_vma.c ---- */
void shadow_apply_range(struct shadow *shadow, const struct op *op);

/* ---- shadow_phases.c ---- */
void shadow_set_pause(struct shadow *shadow, unsigned int process, struct shadow_pause pause);
/* The process of op begins it, an operation in phases: left pauses, about these pages. */
void shadow_pause_at(struct shadow *shadow, const struct op *op, unsigned int left, uint64_t pages);
void shadow_resume(struct shadow *shadow, unsigned int process);

#endif
