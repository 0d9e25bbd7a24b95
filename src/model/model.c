// SPDX-License-Identifier: GPL-2.0-only
/*
 * The compact rmap engine as an engine: create, reset, apply, tear down. What
 * each operation does is in the other files of this folder.
 */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

#include "model/world.h"

static struct world *world_of(struct engine *engine)
{
	return (struct world *)engine;
}

int do_write(struct world *w, uint32_t address)
{
	int error = handle_mm_fault(w, w->process, address, true);

	if (error)
		return error;
	struct page *page = pte_at(w, w->process, address)->page;

	page->value = w->view.step + 1;
	touch_page(w, page);
	return 0;
}

static int do_read(struct world *w, uint32_t address)
{
	int error = handle_mm_fault(w, w->process, address, false);

	if (error)
		return error;
	const struct pte *pte = pte_at(w, w->process, address);

	w->result.has_value = true;
	w->result.value = pte->kind == PTE_PRESENT ? pte->page->value : 0;
	return 0;
}

static int do_exit(struct world *w)
{
	exit_mmap(w, w->process);
	gup_exit(w, w->process);
	world_mm(w, w->process)->alive = false;
	w->view.touched.processes |= (uint8_t)(1U << w->process);
	return 0;
}

static int do_exec(struct world *w)
{
	exit_mmap(w, w->process);
	return 0;
}

static int perform(struct world *w, const struct op *op)
{
	uint32_t a = op->arg[0], b = op->arg[1], c = op->arg[2];

	w->result.kept_out = kept_out(w, op);
	if (w->result.kept_out)
		return OP_EAGAIN;
	switch (op->code) {
	case OP_FORK:
		return do_fork(w, op->arg[0]);
	case OP_EXIT:
		return do_exit(w);
	case OP_EXEC:
		return do_exec(w);
	case OP_MMAP:
		return do_mmap(w, a, b, (enum prot)c);
	case OP_MUNMAP:
		return do_munmap(w, w->process, a, b);
	case OP_MPROTECT:
		return do_mprotect(w, a, b, (enum prot)c);
	case OP_MREMAP:
		return do_mremap(w, a, b, c, op->dontunmap);
	case OP_MREMAP_RESIZE:
		return do_mremap_resize(w, a, b, c);
	case OP_DONTNEED:
	case OP_DONTFORK:
	case OP_DOFORK:
	case OP_MERGEABLE:
	case OP_UNMERGEABLE:
		return do_madvise(w, (enum op_code)op->code, a, b);
	case OP_MLOCK:
	case OP_MUNLOCK:
		return do_mlock(w, a, b, op->code == OP_MLOCK);
	case OP_READ:
		return do_read(w, a);
	case OP_WRITE:
		return do_write(w, a);
	case OP_PAGEOUT:
		return do_pageout(w, a);
	case OP_DROPCACHE:
		return do_dropcache(w, a);
	case OP_SWAPOFF:
		return do_swapoff(w);
	case OP_WALK:
		return do_walk(w, a);
	case OP_ISOLATE:
		return do_isolate(w, a);
	case OP_MIGRATE_BEGIN:
		return do_migrate_begin(w, a);
	case OP_MIGRATE_END:
		return do_migrate_end(w, a);
	case OP_MIGRATE:
		return do_migrate(w, a);
	case OP_PIN:
		return do_pin(w, a);
	case OP_UNPIN:
		return do_unpin(w, a);
	case OP_GUP:
		return do_gup(w, a);
	case OP_UNGUP:
		return do_ungup(w, a);
	case OP_FORK_BEGIN:
		return do_fork_begin(w, op->arg[0]);
	case OP_SWAPIN_BEGIN:
		return do_swapin_begin(w, a);
	case OP_MPROTECT_BEGIN:
		return do_mprotect_begin(w, a, b, (enum prot)c);
	case OP_MREMAP_BEGIN:
		return do_mremap_begin(w, a, b, c, op->dontunmap);
	case OP_EXEC_BEGIN:
		return do_exec_begin(w, a, b);
	case OP_RESTORE_BEGIN:
		return do_restore_begin(w, a);
	case OP_WRITE_BEGIN:
		return do_write_begin(w, a);
	case OP_RESUME:
		return do_resume(w);
	case OP_LOOKUP_BEGIN:
		return do_lookup_begin(w, a);
	default:
		return OP_NOTHING;
	}
}

static void begin_step(struct world *w, uint8_t process)
{
	struct view *view = &w->view;

	view->asked = 0;
	view->touched.all = false;
	view->touched.processes = 0;
	view->touched.anon_vmas.nr = 0;
	view->touched.vmas.nr = 0;
	view->touched.pages.nr = 0;
	view->touched.slots.nr = 0;
	view->nr_events = 0;
	view->events_lost = false;
	w->process = process;
	w->fail_countdown = 0;
	w->fail_left = 0;
	w->result = (struct op_result){ .progress = 0 };
}

static struct op_result model_apply(struct engine *engine, const struct op *op)
{
	struct world *w = world_of(engine);

	begin_step(w, op->process);
	w->fail_countdown = op->fail_nth;
	w->fail_left = op->fail_count ? op->fail_count : op->fail_nth != 0;
	if (w->view.mm[op->process].alive || (op->code == OP_RESUME && lookup_open(w, op->process)))
		w->result.error = perform(w, op);
	else
		w->result.error = OP_NOTHING;
	/* operations on a range that do not keep books of their own do all or nothing */
	if (!w->result.error && op_info(op->code)->group != GROUP_PHASE)
		w->result.progress = (uint8_t)(op->arg[0] + op->arg[1]);
	w->result.paused = w->paused[op->process].kind != PAUSED_NOTHING;
	w->open = (uint8_t)((w->open & ~(1U << op->process)) | (unsigned int)w->result.paused << op->process);
	w->view.step++;
	return w->result;
}

static bool model_teardown_step(struct engine *engine)
{
	struct world *w = world_of(engine);
	uint8_t process = 0;

	while (process < NR_PROCESSES && !w->view.mm[process].alive)
		process++;
	begin_step(w, process);
	bool done_something = phases_teardown(w);

	if (done_something)
		w->process = process;
	else if (process < NR_PROCESSES)
		done_something = do_exit(w) == 0;
	else
		done_something = migration_teardown(w);
	w->view.step++;
	return done_something;
}

static const struct view *model_view(const struct engine *engine)
{
	return &((const struct world *)engine)->view;
}

static void reset_mm(struct mm_struct *mm)
{
	for (uint64_t left = mm->populated; left; left &= left - 1)
		mm->pte[__builtin_ctzll(left)] = (struct pte){ .kind = PTE_NONE };
	mm->populated = 0;
	mm->starts = 0; /* vma_at is looked at only where starts has a bit */
	mm->map_count = 0;
	mm->has_page_table = false;
	mm->unstable = false;
	mm->zero_entries = 0;
	mm->alive = false;
}

static void model_reset(struct engine *engine)
{
	struct world *w = world_of(engine);
	uint32_t nr_anon_vmas = w->view.anon_vmas.nr_born;

	for (int p = 0; p < NR_PROCESSES; p++)
		reset_mm(&w->view.mm[p]);
	memset(w->named, 0, (nr_anon_vmas + 1) * sizeof(*w->named));
	memset(w->freed_at, 0, (nr_anon_vmas + 1) * sizeof(*w->freed_at));
	memset(w->family_peak, 0, (nr_anon_vmas + 1) * sizeof(*w->family_peak));
	arena_reset(&w->anon_vmas);
	arena_reset(&w->avcs);
	arena_reset(&w->vmas);
	arena_reset(&w->pages);
	arena_reset(&w->slots);
	w->nr_held = 0;
	w->nr_pins = 0;
	w->nr_gups = 0;
	memset(w->paused, 0, sizeof(w->paused));
	w->open = 0;
	w->view.nr_in_prepare = 0;
	memset(w->lookups, 0, sizeof(w->lookups));
	memset(w->swap_map, 0, sizeof(w->swap_map));
	begin_step(w, 0);
	w->view.step = 0;
	w->view.mm[0].alive = true; /* the prime process */
}

static void model_destroy(struct engine *engine)
{
	struct world *w = world_of(engine);

	arena_destroy(&w->anon_vmas);
	arena_destroy(&w->avcs);
	arena_destroy(&w->vmas);
	arena_destroy(&w->pages);
	arena_destroy(&w->slots);
	free(w->named);
	free(w->freed_at);
	free(w->freed_by);
	free(w->family_peak);
	free(w);
}

static const struct engine_class model_class = {
	.name = "model",
	.reset = model_reset,
	.apply = model_apply,
	.teardown_step = model_teardown_step,
	.view = model_view,
	.destroy = model_destroy,
};

static bool init_arenas(struct world *w, enum recycle recycle)
{
	struct view *view = &w->view;

	return arena_init(&w->anon_vmas, sizeof(struct anon_vma), MAX_ANON_VMAS, MAX_ANON_VMA_BIRTHS, recycle,
			  &view->anon_vmas) &&
	       arena_init(&w->avcs, sizeof(struct anon_vma_chain), MAX_AVCS, MAX_BIRTHS, recycle, &view->avcs) &&
	       arena_init(&w->vmas, sizeof(struct vm_area_struct), MAX_VMAS, MAX_BIRTHS, recycle, &view->vmas) &&
	       arena_init(&w->pages, sizeof(struct page), MAX_PAGES, MAX_BIRTHS, recycle, &view->pages) &&
	       arena_init(&w->slots, sizeof(struct swap_slot), MAX_SLOTS, MAX_BIRTHS, recycle, &view->slots);
}

static bool init_ground_truth(struct world *w)
{
	w->named = calloc(MAX_ANON_VMA_BIRTHS + 1, sizeof(*w->named));
	w->freed_at = calloc(MAX_ANON_VMA_BIRTHS + 1, sizeof(*w->freed_at));
	w->freed_by = calloc(MAX_ANON_VMA_BIRTHS + 1, sizeof(*w->freed_by));
	w->family_peak = calloc(MAX_ANON_VMA_BIRTHS + 1, sizeof(*w->family_peak));
	w->view.named = w->named;
	w->view.freed_at = w->freed_at;
	w->view.freed_by = w->freed_by;
	w->view.family_peak = w->family_peak;
	return w->named && w->freed_at && w->freed_by && w->family_peak;
}

struct engine *model_engine_create(const struct release *release, enum recycle recycle)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->engine.class = &model_class;
	w->release = *release;
	w->rules = release->rules;
	w->view.rules = &w->rules;
	if (!init_arenas(w, recycle) || !init_ground_truth(w)) {
		model_destroy(&w->engine);
		return NULL;
	}
	model_reset(&w->engine);
	return &w->engine;
}

const char *op_error_name(int error)
{
	switch (error) {
	case OP_OK:
		return "ok";
	case OP_NOTHING:
		return "nothing";
	case OP_EPERM:
		return "EPERM";
	case OP_EIO:
		return "EIO";
	case OP_EAGAIN:
		return "EAGAIN";
	case OP_ENOMEM:
		return "ENOMEM";
	case OP_EFAULT:
		return "EFAULT";
	case OP_EBUSY:
		return "EBUSY";
	case OP_EEXIST:
		return "EEXIST";
	case OP_EINVAL:
		return "EINVAL";
	case OP_SIGSEGV:
		return "SIGSEGV";
	default:
		return "error";
	}
}
