// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings of a run, see settings.h. Never guesses: an unknown name is an
 * error that lists the known ones.
 */
#include "driver/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void settings_init(struct settings *settings)
{
	*settings = (struct settings){ .version = "newest", .recycle = RECYCLE_LATE, .checks = check_all() };
}

/* Appends to a text of limited room; what does not fit is cut off. */
static void append(char *out, size_t room, const char *format, ...)
{
	size_t used = strlen(out);
	va_list arguments;

	va_start(arguments, format);
	// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above
	vsnprintf(out + used, room - used, format, arguments);
	va_end(arguments);
}

static bool unknown_release(const char *value, char error[SETTINGS_ERROR_MAX])
{
	struct release release;

	error[0] = '\0';
	append(error, SETTINGS_ERROR_MAX,
	       "unknown release '%.40s'; any kernel version from 2.6.34-rc3 will do, rows are:", value);
	for (size_t i = 0; release_at(i, &release); i++)
		append(error, SETTINGS_ERROR_MAX, " %s", release.name);
	return false;
}

static bool unknown_bug(const char *value, char error[SETTINGS_ERROR_MAX])
{
	error[0] = '\0';
	append(error, SETTINGS_ERROR_MAX, "unknown bug '%.40s'; known:", value);
	for (size_t i = 0; bug_at(i); i++)
		append(error, SETTINGS_ERROR_MAX, " %s %s%s", bug_at(i)->id, bug_at(i)->name,
		       bug_at(i + 1) ? "," : "");
	return false;
}

static bool set_release(struct settings *settings, const char *value, char error[SETTINGS_ERROR_MAX])
{
	struct release release;

	if (strlen(value) >= VERSION_TEXT_MAX || !release_find(value, &release))
		return unknown_release(value, error);
	snprintf(settings->version, sizeof(settings->version), "%s", value);
	return true;
}

static bool set_bug(struct settings *settings, const char *value, char error[SETTINGS_ERROR_MAX])
{
	const struct bug *bug = bug_find(value);

	if (!bug)
		return unknown_bug(value, error);
	if (settings->nr_bugs == MAX_BUGS) {
		snprintf(error, SETTINGS_ERROR_MAX, "at most %d bugs at once", MAX_BUGS);
		return false;
	}
	settings->bugs[settings->nr_bugs++] = bug;
	return true;
}

static bool set_recycle(struct settings *settings, const char *value, char error[SETTINGS_ERROR_MAX])
{
	if (strcmp(value, "late") == 0) {
		settings->recycle = RECYCLE_LATE;
	} else if (strcmp(value, "now") == 0) {
		settings->recycle = RECYCLE_NOW;
	} else if (strcmp(value, "malloc") == 0) {
		settings->recycle = RECYCLE_MALLOC;
	} else {
		snprintf(error, SETTINGS_ERROR_MAX,
			 "unknown way to recycle '%.40s'; known: late, now, malloc", value);
		return false;
	}
	settings->recycle_set = true;
	return true;
}

static bool decided_find(const char *text, struct decided *decided)
{
	size_t length = strcspn(text, "=");

	for (unsigned int i = 0; text[length] && i < NR_DECISIONS; i++) {
		const char *name = decision_name((enum decision)i), *value;

		if (strlen(name) != length || strncmp(name, text, length) != 0)
			continue;
		for (unsigned int k = 0; (value = decision_value_name((enum decision)i, k)) != NULL; k++)
			if (strcmp(value, text + length + 1) == 0) {
				*decided = (struct decided){ (uint8_t)i, (uint8_t)k };
				return true;
			}
	}
	return false;
}

static bool set_decision(struct settings *settings, const char *value, char error[SETTINGS_ERROR_MAX])
{
	struct decided decided;

	if (!decided_find(value, &decided))
		snprintf(error, SETTINGS_ERROR_MAX,
			 "unknown decision '%.80s'; expected SYMBOL=VALUE of src/model/decisions.def", value);
	else if (settings->nr_decided == MAX_DECIDED)
		snprintf(error, SETTINGS_ERROR_MAX, "at most %d decisions at once", MAX_DECIDED);
	else {
		settings->decided[settings->nr_decided++] = decided;
		return true;
	}
	return false;
}

bool settings_set(struct settings *settings, const char *name, const char *value,
		  char error[SETTINGS_ERROR_MAX])
{
	char check_error[CHECK_ERROR_MAX];

	if (strcmp(name, "release") == 0)
		return set_release(settings, value, error);
	if (strcmp(name, "bug") == 0)
		return set_bug(settings, value, error);
	if (strcmp(name, "recycle") == 0)
		return set_recycle(settings, value, error);
	if (strcmp(name, "decision") == 0)
		return set_decision(settings, value, error);
	if (strcmp(name, "check") == 0) {
		if (check_parse(value, &settings->checks, check_error))
			return true;
		snprintf(error, SETTINGS_ERROR_MAX, "%s", check_error);
		return false;
	}
	snprintf(error, SETTINGS_ERROR_MAX, "unknown setting '%.40s'; known: release, bug, check, recycle",
		 name);
	return false;
}

/* Each word of a list with commas is one bug. */
static bool set_bug_list(struct settings *settings, const char *list, char error[SETTINGS_ERROR_MAX])
{
	char word[64];

	while (*list) {
		size_t length = strcspn(list, ",");

		snprintf(word, sizeof(word), "%.*s", (int)length, list);
		if (!settings_set(settings, "bug", word, error))
			return false;
		list += length + (list[length] == ',');
	}
	return true;
}

bool settings_from_environment(struct settings *settings, char error[SETTINGS_ERROR_MAX])
{
	static const char *const names[] = { "release", "check", "recycle", "decision" };
	static const char *const variables[] = { "RMAPFUZZ_RELEASE", "RMAPFUZZ_CHECK", "RMAPFUZZ_RECYCLE",
						 "RMAPFUZZ_DECISION" };
	const char *bugs = getenv("RMAPFUZZ_BUG");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value && !settings_set(settings, names[i], value, error))
			return false;
	}
	return !bugs || set_bug_list(settings, bugs, error);
}

static bool *given_flag(struct settings_given *given, const char *name)
{
	if (strcmp(name, "check") == 0)
		return &given->check;
	return strcmp(name, "recycle") == 0 ? &given->recycle : &given->release;
}

void settings_note_given(struct settings_given *given, const char *name)
{
	*given_flag(given, name) = true;
}

bool settings_from_notes(struct settings *settings, const struct program_notes *notes,
			 const struct settings_given *given, char error[SETTINGS_ERROR_MAX])
{
	struct settings_given asked = *given;
	char name[32], value[64];

	for (uint32_t i = 0; i < notes->nr_directives; i++) {
		const struct directive *directive = &notes->directives[i];

		snprintf(name, sizeof(name), "%.*s", (int)directive->key.length, directive->key.text);
		snprintf(value, sizeof(value), "%.*s", (int)directive->value.length, directive->value.text);
		if (!*given_flag(&asked, name) && !settings_set(settings, name, value, error))
			return false;
	}
	return true;
}

bool settings_finish(struct settings *settings, char error[SETTINGS_ERROR_MAX])
{
	if (!release_find(settings->version, &settings->release))
		return unknown_release(settings->version, error);
	for (unsigned int i = 0; i < settings->nr_bugs; i++) {
		const struct bug *bug = settings->bugs[i];

		if (!bug_applies(bug, &settings->release)) {
			snprintf(error, SETTINGS_ERROR_MAX,
				 "%s (%s) makes no sense in release %s: only from %s to %s", bug->id, bug->name,
				 settings->version, bug->first, bug->last[0] ? bug->last : "the newest");
			return false;
		}
		bug_turn_back(bug, &settings->release);
		if (bug->of_reuse && !settings->recycle_set)
			settings->recycle = RECYCLE_NOW;
	}
	for (unsigned int i = 0; i < settings->nr_decided; i++)
		settings->release.decisions.value[settings->decided[i].decision] = settings->decided[i].value;
	return true;
}

bool settings_turned_back(const struct settings *settings)
{
	return settings->nr_bugs || settings->nr_decided;
}

void settings_without_bugs(const struct settings *settings, struct settings *repaired)
{
	struct release own;

	*repaired = *settings;
	if (settings->nr_decided && release_find(settings->version, &own))
		for (unsigned int i = 0; i < settings->nr_decided; i++)
			repaired->release.decisions.value[settings->decided[i].decision] =
				own.decisions.value[settings->decided[i].decision];
	if (settings->nr_bugs && release_find(settings->version, &own)) {
		bug_repair_all(&own); /* what is right for an older release need not be right for this one */
		for (unsigned int i = 0; i < settings->nr_bugs; i++)
			repaired->release.decisions.value[settings->bugs[i]->decision] =
				own.decisions.value[settings->bugs[i]->decision];
	}
	repaired->nr_bugs = repaired->nr_decided = 0;
}

static void append_checks(const struct settings *settings, char *out, size_t room)
{
	const char *comma = "";

	if (!settings->checks)
		append(out, room, "none");
	for (unsigned int i = 0; i < NR_INVARIANT_NUMBERS; i++)
		if (settings->checks & CHECK_BIT(i)) {
			append(out, room, "%sI%u", comma, i);
			comma = ",";
		}
}

/* begin, name, middle, value, end: for each setting that is not the default. */
static void print_settings(const struct settings *settings, char *out, size_t room, const char *begin,
			   const char *middle, const char *end)
{
	out[0] = '\0';
	if (strcmp(settings->version, "newest") != 0)
		append(out, room, "%srelease%s%s%s", begin, middle, settings->version, end);
	for (unsigned int i = 0; i < settings->nr_bugs; i++)
		append(out, room, "%sbug%s%s%s", begin, middle, settings->bugs[i]->name, end);
	for (unsigned int i = 0; i < settings->nr_decided; i++) {
		enum decision decision = settings->decided[i].decision;

		append(out, room, "%sdecision%s%s=%s%s", begin, middle, decision_name(decision),
		       decision_value_name(decision, settings->decided[i].value), end);
	}
	if (settings->recycle != RECYCLE_LATE)
		append(out, room, "%srecycle%s%s%s", begin, middle,
		       settings->recycle == RECYCLE_NOW ? "now" : "malloc", end);
	if (settings->checks == check_all())
		return;
	append(out, room, "%scheck%s", begin, middle);
	append_checks(settings, out, room);
	append(out, room, "%s", end);
}

void settings_print(const struct settings *settings, char *out, size_t room)
{
	print_settings(settings, out, room, " --", "=", "");
}

void settings_print_directives(const struct settings *settings, char *out, size_t room)
{
	print_settings(settings, out, room, "#! ", " ", "\n");
}
