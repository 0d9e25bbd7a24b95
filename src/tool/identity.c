// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a finding was made with, see identity.h. Never judges whether a
 * difference matters: a replay shows that.
 */
#include "tool/identity.h"

#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

enum { FORM_MAX = 64 };

static json_t *json_hash(const XXH3_state_t *state)
{
	return json_sprintf("%016" PRIx64, (uint64_t)XXH3_64bits_digest(state));
}

/* "7 page length destination": number and operands, which is what a program relies on. Weights and help are not. */
static void operation_form(unsigned int code, char form[FORM_MAX])
{
	static const char *const words[] = {
		[OPERAND_NONE] = "",
		[OPERAND_PROC] = " process",
		[OPERAND_PAGE] = " page",
		[OPERAND_LEN] = " length",
		[OPERAND_PROT] = " protection",
		[OPERAND_DEST_DONTUNMAP] = " destination",
		[OPERAND_NEWLEN] = " new-length",
	};
	const struct op_info *info = op_info(code);

	snprintf(form, FORM_MAX, "%u%s%s%s", code, words[info->operand[0]], words[info->operand[1]],
		 words[info->operand[2]]);
}

/* 0: there is none of this name. */
static unsigned int operation_named(const char *name)
{
	for (unsigned int code = 1; code < NR_OP_CODES; code++)
		if (op_info(code)->name && strcmp(op_info(code)->name, name) == 0)
			return code;
	return 0;
}

static json_t *operations_hash(void)
{
	char form[FORM_MAX];
	XXH3_state_t state;

	XXH3_64bits_reset(&state);
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		const char *name = op_info(code)->name;

		if (!name)
			continue;
		operation_form(code, form);
		XXH3_64bits_update(&state, name, strlen(name) + 1);
		XXH3_64bits_update(&state, form, strlen(form) + 1);
	}
	return json_hash(&state);
}

static void add_operations(json_t *operations, const struct program *program)
{
	bool used[NR_OP_CODES] = { false };
	char form[FORM_MAX];

	for (uint32_t i = 0; i < program->nr_ops; i++)
		used[program->ops[i].code] = true;
	for (unsigned int code = 1; code < NR_OP_CODES; code++) {
		if (!used[code])
			continue;
		operation_form(code, form);
		json_object_set_new(operations, op_info(code)->name, json_string(form));
	}
}

static const char *value_of(const struct release *release, unsigned int decision)
{
	return decision_value_name(decision, release->decisions.value[decision]);
}

static json_t *decisions_hash(const struct release *release)
{
	XXH3_state_t state;

	XXH3_64bits_reset(&state);
	for (unsigned int i = 0; i < NR_DECISIONS; i++) {
		XXH3_64bits_update(&state, decision_name(i), strlen(decision_name(i)) + 1);
		XXH3_64bits_update(&state, value_of(release, i), strlen(value_of(release, i)) + 1);
	}
	return json_hash(&state);
}

static json_t *decisions_of(const struct release *release)
{
	json_t *decisions = json_object();

	for (unsigned int i = 0; i < NR_DECISIONS; i++)
		json_object_set_new(decisions, decision_name(i), json_string(value_of(release, i)));
	return decisions;
}

json_t *identity_of(const struct settings *settings, const struct program *program)
{
	json_t *operations = json_object();

	add_operations(operations, program);
	return json_pack("{s:s, s:i, s:i, s:o, s:o, s:s, s:o, s:o}", "rmapfuzz", RMAPFUZZ_VERSION,
			 "text_format", PROGRAM_TEXT_VERSION, "byte_format", PROGRAM_FORMAT_VERSION,
			 "operations_hash", operations_hash(), "operations", operations, "release",
			 settings->release.name, "decisions_hash", decisions_hash(&settings->release),
			 "decisions", decisions_of(&settings->release));
}

void identity_add_program(json_t *made_with, const struct program *program)
{
	json_t *operations = json_object_get(made_with, "operations");

	if (operations)
		add_operations(operations, program);
}

/* ---- comparing ---- */

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void compare_number(json_t *differences, const json_t *made_with, const char *key, const char *what,
			   int here)
{
	int there = (int)json_integer_value(json_object_get(made_with, key));

	if (there != here)
		json_array_append_new(differences, json_sprintf("%s is %d here, the finding was made with %d",
								what, here, there));
}

static void compare_operation(json_t *differences, const char *name, const char *there)
{
	unsigned int code = operation_named(name), number = 0;
	char here[FORM_MAX];

	if (code) {
		operation_form(code, here);
		if (strcmp(here, there) != 0)
			json_array_append_new(
				differences,
				json_sprintf("operation %s is %s here, the finding was made with %s", name,
					     here, there));
		return;
	}
	sscanf(there, "%u", &number);
	const char *other = op_info(number)->name;

	json_array_append_new(
		differences, other ? json_sprintf("operation %s is not known here, and its number "
						  "%u is that of %s",
						  name, number, other) :
				     json_sprintf("operation %s, number %u, is not known here", name, number));
}

static void compare_operations(json_t *differences, const json_t *made_with)
{
	size_t before = json_array_size(differences);
	json_t *hash = operations_hash(), *there;
	const char *name;

	json_object_foreach(json_object_get(made_with, "operations"), name, there)
		compare_operation(differences, name, json_string_value(there) ? json_string_value(there) : "");
	if (json_array_size(differences) == before &&
	    strcmp(text_at(made_with, "operations_hash"), json_string_value(hash)) != 0)
		json_array_append_new(
			differences,
			json_string(
				"the table of operations is another one here; those of this finding are the same"));
	json_decref(hash);
}

static bool decision_known(const char *name)
{
	for (unsigned int i = 0; i < NR_DECISIONS; i++)
		if (strcmp(decision_name(i), name) == 0)
			return true;
	return false;
}

static void compare_release(json_t *differences, const json_t *made_with, const struct settings *settings)
{
	json_t *decisions = json_object_get(made_with, "decisions"), *there;
	const char *row = settings->release.name, *name;

	if (strcmp(text_at(made_with, "release"), row) != 0)
		json_array_append_new(differences,
				      json_sprintf("release %s has the rules of row %s here, the finding was made "
						   "with those of %s",
						   settings->version, row, text_at(made_with, "release")));
	for (unsigned int i = 0; i < NR_DECISIONS; i++) {
		const char *here = value_of(&settings->release, i);

		there = json_object_get(decisions, decision_name(i));
		if (!there)
			json_array_append_new(
				differences,
				json_sprintf("release row %s decides %s=%s, the finding was made without that "
					     "decision",
					     row, decision_name(i), here));
		else if (strcmp(text_at(decisions, decision_name(i)), here) != 0)
			json_array_append_new(
				differences,
				json_sprintf("release row %s decides %s=%s, the finding was made with %s=%s",
					     row, decision_name(i), here, decision_name(i),
					     text_at(decisions, decision_name(i))));
	}
	json_object_foreach(decisions, name, there) if (!decision_known(name)) json_array_append_new(
		differences, json_sprintf("the finding was made with %s=%s, there is no such "
					  "decision here",
					  name, text_at(decisions, name)));
}

json_t *identity_differences(const json_t *made_with, const struct settings *settings)
{
	json_t *differences = json_array();

	compare_number(differences, made_with, "text_format", "the text format", PROGRAM_TEXT_VERSION);
	compare_number(differences, made_with, "byte_format", "the byte format", PROGRAM_FORMAT_VERSION);
	compare_operations(differences, made_with);
	if (settings)
		compare_release(differences, made_with, settings);
	if (strcmp(text_at(made_with, "rmapfuzz"), RMAPFUZZ_VERSION) != 0)
		json_array_append_new(differences,
				      json_sprintf("this is rmapfuzz %s, the finding was made with %s",
						   RMAPFUZZ_VERSION, text_at(made_with, "rmapfuzz")));
	return differences;
}
