// SPDX-License-Identifier: GPL-2.0-only
/* See settings_for.h. */
#include "settings_for.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct settings settings_for(const char *release, const char *name, const char *value, enum recycle recycle)
{
	char error[SETTINGS_ERROR_MAX];
	struct settings settings;

	settings_init(&settings);
	settings.recycle = recycle;
	assert_true(settings_set(&settings, "release", release, error));
	if (value)
		assert_true(settings_set(&settings, name, value, error));
	assert_true(settings_finish(&settings, error));
	return settings;
}

struct player *player_for(const char *release, const char *name, const char *value, enum recycle recycle)
{
	struct settings settings = settings_for(release, name, value, recycle);
	struct player *player = player_create(&settings);

	assert_non_null(player);
	return player;
}
