// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ctrl-C as a request: a verb that has something to save asks between two
 * steps. Does nothing in the handler but remember.
 */
#include <signal.h>

#include "tool/tool.h"

static volatile sig_atomic_t caught;

static void remember(int signal)
{
	(void)signal;
	caught = 1;
}

void interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = remember, .sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool interrupted(void)
{
	return caught;
}
