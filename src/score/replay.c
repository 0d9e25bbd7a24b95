// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program file in a fuzz target, for what it says: wrong engines that are
 * programs of their own, and the oracle without any sanitizer. Believes only
 * the story that the target prints.
 */
#define _GNU_SOURCE /* strchrnul */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "score/score.h"

enum { REPLAY_PATIENCE_MS = 30000, POLL_NS = 5 * 1000 * 1000 };

/* The line that begins with a text; NULL if there is none. */
static const char *line_of(const char *text, const char *begin)
{
	const char *at = text;

	while (at && strncmp(at, begin, strlen(begin)) != 0)
		at = (at = strchr(at, '\n')) ? at + 1 : NULL;
	return at;
}

/* "I7-pte" of "I7-pte-read". */
static void take_class(struct evaluation *evaluation, const char *token)
{
	size_t length = strcspn(token, " \n"), last = length;

	while (last > 0 && token[last - 1] != '-')
		last--;
	if (last > 1)
		length = last - 1;
	snprintf(evaluation->class, sizeof(evaluation->class), "%.*s", (int)length, token);
}

static void read_story(const char *text, struct evaluation *evaluation)
{
	const char *story = line_of(text, "==== "), *token = line_of(text, "DEDUP_TOKEN: ");
	const char *place = story ? strstr(story, " at operation ") : NULL;

	if (story && place && place < strchrnul(story, '\n'))
		evaluation->operation = (uint32_t)strtoul(place + 14, NULL, 10);
	if (story && story[5] == 'I' && isdigit((unsigned char)story[6])) {
		snprintf(evaluation->invariant, sizeof(evaluation->invariant), "%.*s",
			 (int)strcspn(story + 5, " "), story + 5);
		if (token)
			take_class(evaluation, token + 13);
		return;
	}
	snprintf(evaluation->invariant, sizeof(evaluation->invariant), "sanitizer");
	snprintf(evaluation->class, sizeof(evaluation->class), "sanitizer");
}

/* Waits for a child that may hang. True if it ended by itself. */
static bool await(pid_t pid, int *status)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	uint64_t until = night_now() + REPLAY_PATIENCE_MS;

	while (!child_ended(pid, status)) {
		if (night_now() >= until) {
			child_stop(pid, 0, status);
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return true;
}

bool replay(const char *program, const char *options, const char *artifact, struct evaluation *evaluation)
{
	struct words *words = calloc(1, sizeof(*words));
	char copy[256];
	int output = child_memory("replay"), status = 0;

	*evaluation = (struct evaluation){ .failed = false };
	if (!words || output < 0)
		return complain(artifact, strerror(errno));
	snprintf(copy, sizeof(copy), "%s", options);
	words_add(words, "%s", program);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words_add(words, "%s", word);
	words_add(words, "%s", artifact);
	const struct child_command command = { .argv = words->argv, .output = output };
	pid_t pid = child_start(&command);

	free(words);
	if (pid < 0)
		return complain(program, strerror(errno));
	bool ended = await(pid, &status);
	char *text = child_memory_text(output);

	close(output);
	evaluation->failed = !ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	if (!ended) {
		snprintf(evaluation->invariant, sizeof(evaluation->invariant), "timeout");
		snprintf(evaluation->class, sizeof(evaluation->class), "timeout");
	} else if (text && evaluation->failed) {
		read_story(text, evaluation);
	}
	free(text);
	return text != NULL || complain(artifact, "out of memory");
}

const char *replay_without_sanitizers(const struct hunt *hunt, const char *artifact,
				      const struct evaluation *evaluation)
{
	const char *plain = hunt->subject->target[0] ? hunt->subject->plain : hunt->score->plain;
	struct evaluation alone;

	if (!plain[0] || !replay(plain, hunt->subject->options, artifact, &alone))
		return "";
	return alone.failed && alone.invariant[0] == 'I' && alone.operation == evaluation->operation ? "yes" :
												       "no";
}
