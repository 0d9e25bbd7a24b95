// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which bugs of the catalogue a failure may be: those that the release has by
 * itself and that the broken invariant is known to catch. A suspicion, no
 * proof; that there is none is the more interesting answer, and then those of
 * other releases may be where to look first.
 */
#include <string.h>

#include "model/release.h"
#include "report/internal.h"

/* "I7" is among "I1 I7 I15". */
static bool catches(const char *invariants, const char *invariant, size_t length)
{
	for (const char *at = invariants; *at; at += strspn(at, ", ")) {
		size_t word = strcspn(at, ", ");

		if (word == length && strncmp(at, invariant, length) == 0)
			return true;
		at += word;
	}
	return false;
}

json_t *facts_suspects(const char *class, const char *options, bool of_release)
{
	size_t length = strcspn(class, "-");
	struct settings settings;
	const struct bug *bug;
	char text[256];

	if (class[0] != 'I' || !settings_of_options(&settings, options) || settings.nr_bugs)
		return json_null();
	json_t *suspects = json_array();

	for (size_t i = 0; (bug = bug_at(i)) != NULL; i++) {
		if (bug_in_release(bug, &settings.release) != of_release ||
		    !catches(bug->invariants, class, length))
			continue;
		snprintf(text, sizeof(text), "%s %s", bug->id, bug->name);
		json_array_append_new(suspects, json_text(text));
	}
	return suspects;
}
