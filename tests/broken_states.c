// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state that the cases of broken_states.h break.
 */
#include "broken_states.h"

void family_build(struct family *f)
{
	struct state *s = &f->state;

	state_init(s);
	state_process(s, 1);
	state_process(s, 2);
	f->va = state_vma(s, 0, 0, 4, VM_READ | VM_WRITE);
	f->unfaulted = state_vma(s, 0, 8, 10, VM_READ);
	f->vb = state_vma(s, 1, 0, 4, VM_READ | VM_WRITE);
	f->second = state_vma(s, 1, 4, 6, VM_READ);
	f->vc = state_vma(s, 2, 0, 4, VM_READ | VM_WRITE);
	f->a1 = state_anon_vma(s, NULL);
	f->a2 = state_anon_vma(s, f->a1);
	f->a3 = state_anon_vma(s, f->a2);
	f->a4 = state_anon_vma(s, f->a1);
	state_chain(s, f->va, f->a1, NULL);
	state_chain(s, f->vb, f->a2, f->a1, NULL);
	state_chain(s, f->vc, f->a3, f->a2, f->a1, NULL);
	state_chain(s, f->second, f->a4, f->a1, NULL);

	f->p1 = state_page(s, f->a1, 0);
	for (unsigned int p = 0; p < 3; p++)
		state_map(s, p, 0, f->p1, false);
	f->p2 = state_page(s, f->a2, 1);
	f->p2->anon_exclusive = true;
	state_map(s, 1, 1, f->p2, true);
	f->p3 = state_page(s, f->a1, 2);
	f->s1 = state_slot(s, f->p3);
	state_swap_entry(s, 0, 2, f->s1);
	state_swap_entry(s, 1, 2, f->s1);
	state_map_zero(s, 0, 3);
	state_settle(s);
}
