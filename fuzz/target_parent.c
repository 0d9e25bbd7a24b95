// SPDX-License-Identifier: GPL-2.0-only
/*
 * Under AFL++ the target is a fork server and, beneath it, a child that stops
 * itself between inputs. When afl-fuzz is killed the fork server ends, but
 * nobody wakes the child: it would stay for ever, and with it its lock on the
 * tally. So each of the two asks the kernel to be killed with its parent.
 * Nothing is asked under libFuzzer, where the parent is somebody's shell.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "target_options.h"

void target_die_with_parent(void)
{
	static pid_t asked; /* the request does not outlive a fork */

	if (asked == getpid() || !getenv("__AFL_SHM_ID"))
		return;
	asked = getpid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1) /* it was too late */
		_exit(EXIT_FAILURE);
}
