/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings and players for suites: what cannot be made fails the test. */
#ifndef RMAPFUZZ_TESTS_SETTINGS_FOR_H
#define RMAPFUZZ_TESTS_SETTINGS_FOR_H

#include "driver/player.h"

/* A release with one more setting, e.g. "bug"; a value of NULL: without. */
struct settings settings_for(const char *release, const char *name, const char *value, enum recycle recycle);
struct player *player_for(const char *release, const char *name, const char *value, enum recycle recycle);

#endif
