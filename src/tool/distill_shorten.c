// SPDX-License-Identifier: GPL-2.0-only
/*
 * distill --shorten: operations that a kept program does not need go, as long
 * as it reaches all that no other kept one reaches. The kept programs together
 * lose nothing. Minimizing a failure is rmapfuzz min, not this.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/distill.h"

/* True if all features of the old form that no other kept program has are there in the new one. */
static bool keeps_own(const struct cover *cover, const struct candidate *old, const struct candidate *fresh)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < old->nr_features; i++) {
		if (cover->count[old->features[i]] != 1)
			continue;
		while (k < fresh->nr_features && fresh->features[k] < old->features[i])
			k++;
		if (k == fresh->nr_features || fresh->features[k] != old->features[i])
			return false;
	}
	return true;
}

static void count(struct cover *cover, const struct candidate *candidate, uint32_t by)
{
	for (uint32_t i = 0; i < candidate->nr_features; i++)
		cover->count[candidate->features[i]] += by;
}

/* Plays without the operations from first on. True, and the candidate is that program, if it keeps its own. */
static bool try_without(struct distill *distill, struct candidate *candidate, struct input *input,
			uint32_t first, uint32_t nr)
{
	struct candidate fresh = *candidate;
	struct program *program = &input->program;
	const struct program before = *program;

	fresh.features = NULL;
	fresh.nr_features = fresh.nr_violations = 0;
	memmove(&program->ops[first], &program->ops[first + nr],
		(program->nr_ops - first - nr) * sizeof(program->ops[0]));
	program->nr_ops -= nr;
	fresh.nr_ops = program->nr_ops;
	if (distill_play(distill, &fresh, input) && fresh.nr_violations <= candidate->nr_violations &&
	    keeps_own(&distill->cover, candidate, &fresh)) {
		count(&distill->cover, candidate, UINT32_MAX); /* less one */
		count(&distill->cover, &fresh, 1);
		// NOLINTNEXTLINE(clang-analyzer-unix.Malloc): distill_play() makes a new array each time
		free(candidate->features);
		*candidate = fresh;
		return true;
	}
	free(fresh.features);
	*program = before;
	return false;
}

/* Halves, quarters and so on to single operations, from the back; singles until none can go. */
static bool drop_operations(struct distill *distill, struct candidate *candidate, struct input *input)
{
	uint32_t before = candidate->nr_ops;

	for (uint32_t size = (before + 1) / 2; size;) {
		bool dropped = false;

		for (uint32_t end = input->program.nr_ops; end >= size && !interrupted();) {
			if (try_without(distill, candidate, input, end - size, size))
				dropped = true;
			end -= size < end ? size : end;
		}
		if (interrupted())
			return false;
		size = size == 1 && dropped ? 1 : size / 2;
	}
	return candidate->nr_ops < before;
}

/* Text with the directives that a replay needs; comments told of operations that may be gone. */
static bool replace_content(struct candidate *candidate, const struct input *input)
{
	enum { ROOM = PROGRAM_TEXT_MAX + PROGRAM_MAX_BYTES };
	char *content = malloc(ROOM);
	size_t length = 0;

	if (!content)
		return complain(candidate->path, "out of memory");
	if (!candidate->text) {
		length = program_encode(&input->program, (uint8_t *)content);
	} else {
		for (uint32_t i = 0; i < input->notes.nr_directives; i++) {
			const struct directive *line = &input->notes.directives[i];

			length += (size_t)snprintf(content + length, ROOM - length, "#! %.*s %.*s\n",
						   (int)line->key.length, line->key.text,
						   (int)line->value.length, line->value.text);
		}
		length += program_print(&input->program, content + length, ROOM - length);
	}
	free(candidate->content);
	candidate->content = content;
	candidate->length = length;
	return true;
}

static bool shorten(struct distill *distill, struct candidate *candidate)
{
	struct input *input = input_decode(candidate->path, candidate->content, candidate->length);

	if (!input)
		return false;
	bool done = drop_operations(distill, candidate, input) ? replace_content(candidate, input) :
								 !interrupted();

	input_free(input);
	return done;
}

bool distill_shorten(struct distill *distill)
{
	/* what was chosen last adds least, and has most to lose */
	for (uint32_t i = distill->cover.nr_chosen; i-- > 0;)
		if (!shorten(distill, &distill->candidates[distill->cover.chosen[i]]))
			return false;
	return true;
}
