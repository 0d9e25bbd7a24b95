// SPDX-License-Identifier: GPL-2.0-only
/*
 * SVG of a drawing, made by Graphviz's dot as a child process.
 */
#include <errno.h>
#include <string.h>

#include "tool/dot.h"
#include "tool/filter.h"
#include "tool/tool.h"

bool graphviz_svg(const char *path, const char *drawing, size_t length)
{
	char dot[] = "dot", format[] = "-Tsvg";
	char *const arguments[] = { dot, format, NULL };
	const char *name = path ? path : "standard output";
	FILE *in = tmpfile(), *out = tmpfile();
	bool filled = in && out && fwrite(drawing, 1, length, in) == length;
	enum filter_result result = filled ? filter_run(arguments, in, out) : FILTER_ERROR;
	bool written = false;

	if (result == FILTER_MISSING)
		complain(name, "SVG needs Graphviz's dot, which is not installed (package graphviz)");
	else if (result == FILTER_ERROR)
		complain(name, strerror(errno));
	else if (result == FILTER_FAILED)
		complain(name, "Graphviz's dot failed");
	else
		written = filter_copy(out, path);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return written;
}
