// SPDX-License-Identifier: GPL-2.0-only
/*
 * An SVG file as an element of a page. The file may be anything: it is parsed
 * by expat, and only known shapes, texts and attributes are written again. No
 * script, no style sheet, no link and no image gets through, and ids get a
 * prefix, so that drawings on one page do not meet.
 */
#define _GNU_SOURCE /* open_memstream */
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"

struct copier {
	XML_Parser parser;
	FILE *out;
	const char *prefix;
	unsigned int depth, skipped; /* skipped: how deep within an element that is left out */
	bool svg;
	const char *fault;
};

static bool among(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static void put_escaped(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		switch (text[i]) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(text[i], out);
		}
}

/* Elements that are copied; others are left out with all that is in them. */
static bool is_shape(const char *name)
{
	static const char *const shapes[] = { "g",    "path",   "polygon",  "polyline", "line",
					      "rect", "circle", "ellipse",  "text",     "tspan",
					      "defs", "use",    "clipPath", NULL };
	return among(name, shapes);
}

static bool is_plain_attribute(const char *name)
{
	static const char *const plain[] = { "d",
					     "points",
					     "x",
					     "y",
					     "x1",
					     "y1",
					     "x2",
					     "y2",
					     "dx",
					     "dy",
					     "cx",
					     "cy",
					     "r",
					     "rx",
					     "ry",
					     "width",
					     "height",
					     "viewBox",
					     "transform",
					     "fill",
					     "stroke",
					     "stroke-width",
					     "stroke-dasharray",
					     "stroke-linecap",
					     "stroke-linejoin",
					     "color",
					     "opacity",
					     "fill-opacity",
					     "stroke-opacity",
					     "text-anchor",
					     "text-decoration",
					     "font-family",
					     "font-size",
					     "font-weight",
					     "font-style",
					     "preserveAspectRatio",
					     "xml:space",
					     NULL };
	return among(name, plain);
}

static void put_attribute(struct copier *copier, const char *name, const char *prefix, const char *value,
			  size_t length)
{
	fprintf(copier->out, " %s=\"%s", name, prefix);
	if (value[0] == '#' && strcmp(name, "href") == 0) {
		fprintf(copier->out, "#%s", copier->prefix);
		value++;
		length--;
	}
	put_escaped(copier->out, value, length);
	fputc('"', copier->out);
}

static void copy_attribute(struct copier *copier, const char *name, const char *value)
{
	static const char url[] = "url(#";
	size_t length = strlen(value);

	if (strcmp(name, "id") == 0)
		put_attribute(copier, "id", copier->prefix, value, length);
	else if ((strcmp(name, "xlink:href") == 0 || strcmp(name, "href") == 0) && value[0] == '#')
		put_attribute(copier, "href", "", value, length);
	else if (strcmp(name, "clip-path") == 0 && strncmp(value, url, strlen(url)) == 0) {
		fprintf(copier->out, " clip-path=\"url(#%s", copier->prefix);
		put_escaped(copier->out, value + strlen(url), length - strlen(url));
		fputc('"', copier->out);
	} else if (is_plain_attribute(name) && !strstr(value, "url"))
		put_attribute(copier, name, "", value, length);
}

static void XMLCALL element_begins(void *data, const char *name, const char **attributes)
{
	struct copier *copier = data;
	bool root = copier->depth++ == 0;

	if (root && strcmp(name, "svg") != 0) {
		copier->fault = "its root is no svg element";
		XML_StopParser(copier->parser, XML_FALSE);
	} else if (copier->skipped) {
		copier->skipped++;
	} else if (strcmp(name, "a") == 0) { /* its link is left out, and what it shows is not */
		fputs("<g>", copier->out);
	} else if (!root && !is_shape(name)) {
		copier->skipped = 1;
	} else {
		copier->svg = true;
		fprintf(copier->out, "<%s", name);
		for (; attributes[0]; attributes += 2)
			copy_attribute(copier, attributes[0], attributes[1]);
		fputc('>', copier->out);
	}
}

static void XMLCALL element_ends(void *data, const char *name)
{
	struct copier *copier = data;

	copier->depth--;
	if (copier->skipped)
		copier->skipped--;
	else
		fprintf(copier->out, "</%s>", strcmp(name, "a") == 0 ? "g" : name);
}

static void XMLCALL text_comes(void *data, const char *text, int length)
{
	struct copier *copier = data;

	if (!copier->skipped)
		put_escaped(copier->out, text, (size_t)length);
}

/* Entities of its own are no use in a drawing, and blow it up at worst. */
static void XMLCALL entity_declared(void *data, const char *name, int is_parameter, const char *value,
				    int length, const char *base, const char *system, const char *public,
				    const char *notation)
{
	struct copier *copier = data;

	(void)name, (void)is_parameter, (void)value, (void)length, (void)base;
	(void)system, (void)public, (void)notation;
	copier->fault = "it declares entities";
	XML_StopParser(copier->parser, XML_FALSE);
}

static bool copy_svg(struct copier *copier, const char *document, size_t length)
{
	XML_SetUserData(copier->parser, copier);
	XML_SetElementHandler(copier->parser, element_begins, element_ends);
	XML_SetCharacterDataHandler(copier->parser, text_comes);
	XML_SetEntityDeclHandler(copier->parser, entity_declared);
	if (XML_Parse(copier->parser, document, (int)length, 1) == XML_STATUS_OK)
		return copier->svg;
	if (!copier->fault)
		copier->fault = XML_ErrorString(XML_GetErrorCode(copier->parser));
	return false;
}

char *svg_inline(const char *document, size_t length, const char *prefix, const char **reason)
{
	struct copier copier = { .prefix = prefix, .parser = XML_ParserCreate(NULL) };
	char *element = NULL;
	size_t size;
	bool copied = false;

	copier.out = open_memstream(&element, &size);
	if (copier.parser && copier.out && length <= MAX_DRAWING_BYTES)
		copied = copy_svg(&copier, document, length);
	if (copier.parser)
		XML_ParserFree(copier.parser);
	if (copier.out && fclose(copier.out) != 0)
		copied = false;
	*reason = copier.fault ? copier.fault : "out of memory";
	if (copied)
		return element;
	free(element);
	return NULL;
}
