// SPDX-License-Identifier: GPL-2.0-only
/*
 * index.html from report.md: cmark-gfm makes HTML of it, and this adds what a
 * page has and CommonMark has not: anchors, sections to fold, drawings that
 * stand in the page. Markup in report.md itself is dropped by cmark-gfm, as it
 * is unless told otherwise, so only what is made here can be markup.
 */
#define _GNU_SOURCE /* open_memstream */
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"
#include "report/markdown.h"
#include "report_css.h"

/* Where the next block goes, while the blocks of one document move to another. */
struct builder {
	cmark_node *document, *section, *container;
	const char *directory;
	bool has_contents; /* the first list is that */
};

static cmark_node *custom_block(const char *enter, const char *leave)
{
	cmark_node *block = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK);

	cmark_node_set_on_enter(block, enter);
	cmark_node_set_on_exit(block, leave);
	return block;
}

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fputc(*text, out);
}

/* Literal text below a node, malloc'ed. */
static char *plain_text(cmark_node *node)
{
	cmark_iter *iterator = cmark_iter_new(node);
	cmark_event_type event;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	while (out && (event = cmark_iter_next(iterator)) != CMARK_EVENT_DONE) {
		cmark_node *at = cmark_iter_get_node(iterator);
		cmark_node_type type = cmark_node_get_type(at);

		if (event == CMARK_EVENT_ENTER && (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE))
			fputs(cmark_node_get_literal(at), out);
	}
	cmark_iter_free(iterator);
	if (out)
		fclose(out);
	return text ? text : strdup("");
}

static void move_children(cmark_node *from, cmark_node *to)
{
	cmark_node *child;

	while ((child = cmark_node_first_child(from)) != NULL)
		cmark_node_append_child(to, child);
}

/* <h2 id="...">; the third level opens a section, the fourth something to fold. */
static void add_heading(struct builder *builder, cmark_node *node)
{
	char anchor[MARKDOWN_ANCHOR_MAX], enter[MARKDOWN_ANCHOR_MAX + 32], leave[16];
	int level = cmark_node_get_heading_level(node);
	char *text = plain_text(node);
	cmark_node *heading;

	markdown_anchor(anchor, text);
	free(text);
	if (level <= 3)
		builder->section = builder->document;
	if (level == 3) {
		builder->section = custom_block("<section>", "</section>");
		cmark_node_append_child(builder->document, builder->section);
	}
	builder->container = builder->section;
	if (level == 4) {
		builder->container = custom_block("<details>", "</details>");
		cmark_node_append_child(builder->section, builder->container);
		heading = custom_block("<summary>", "</summary>");
	} else {
		snprintf(enter, sizeof(enter), "<h%d id=\"%s\">", level, anchor);
		snprintf(leave, sizeof(leave), "</h%d>", level);
		heading = custom_block(enter, leave);
	}
	move_children(node, heading);
	cmark_node_append_child(builder->container, heading);
	cmark_node_free(node);
}

static char *read_drawing(const struct builder *builder, const char *name, const char *prefix,
			  const char **reason)
{
	const struct run_files files = { .path = builder->directory };
	size_t length;
	char *document = run_read(&files, name, MAX_DRAWING_BYTES, &length, NULL, reason);
	char *element = document ? svg_inline(document, length, prefix, reason) : NULL;

	free(document);
	return element;
}

/* The only child of a paragraph, if that is an image of this directory. */
static cmark_node *drawing_of(cmark_node *node)
{
	cmark_node *child = cmark_node_first_child(node);
	const char *url;

	if (cmark_node_get_type(node) != CMARK_NODE_PARAGRAPH || !child || cmark_node_next(child) ||
	    cmark_node_get_type(child) != CMARK_NODE_IMAGE)
		return NULL;
	url = cmark_node_get_url(child);
	return url && !strchr(url, '/') && strlen(url) < 64 ? child : NULL;
}

/* A drawing of this width may be made smaller to fit, but not so small that nobody can read it. */
static int least_width(const char *element)
{
	const char *width = strstr(element, " width=\"");
	double points = width ? strtod(width + 8, NULL) : 0;

	return points > 0 && points < 100000 ? (int)(0.8 * points) : 0;
}

static void add_drawing(struct builder *builder, cmark_node *node, cmark_node *image)
{
	const char *name = cmark_node_get_url(image), *reason;
	char *caption = plain_text(image), *text = NULL, prefix[80];
	size_t length;

	snprintf(prefix, sizeof(prefix), "%.*s-", (int)strcspn(name, "."), name);
	char *element = read_drawing(builder, name, prefix, &reason);
	FILE *out = open_memstream(&text, &length);

	if (out) {
		fprintf(out, "<figure class=\"%s\" style=\"--least: %dpx\"><figcaption>",
			strncmp(name, "finding-", 8) == 0 ? "forest" : "chart",
			element ? least_width(element) : 0);
		put_escaped(out, caption);
		fputs("</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"img\" aria-label=\"", out);
		put_escaped(out, caption);
		fputs("\">", out);
		fputs(element ? element : "! The drawing cannot be shown: ", out);
		put_escaped(out, element ? "" : reason);
		fputs("</div></figure>", out);
		fclose(out);
		cmark_node_append_child(builder->container, custom_block(text, ""));
	}
	free(text);
	free(element);
	free(caption);
	cmark_node_free(node);
}

static void add_wrapped(struct builder *builder, cmark_node *node, const char *enter, const char *leave)
{
	cmark_node *wrapper = custom_block(enter, leave);

	cmark_node_append_child(builder->container, wrapper);
	cmark_node_append_child(wrapper, node);
}

static void add_block(struct builder *builder, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	cmark_node *image = drawing_of(node);

	if (type == CMARK_NODE_HEADING) {
		add_heading(builder, node);
	} else if (image) {
		add_drawing(builder, node, image);
	} else if (type == CMARK_NODE_LIST && !builder->has_contents) {
		builder->has_contents = true;
		add_wrapped(builder, node, "<nav aria-label=\"Contents\">", "</nav>");
	} else if (strcmp(cmark_node_get_type_string(node), "table") == 0) {
		add_wrapped(builder, node, "<div class=\"scroll\" tabindex=\"0\">", "</div>");
	} else {
		cmark_node_append_child(builder->container, node);
	}
}

static cmark_node *parse(const char *markdown, size_t length)
{
	cmark_gfm_core_extensions_ensure_registered();
	cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT);
	cmark_syntax_extension *table = cmark_find_syntax_extension("table");

	if (table)
		cmark_parser_attach_syntax_extension(parser, table);
	cmark_parser_feed(parser, markdown, length);
	cmark_node *document = cmark_parser_finish(parser);

	cmark_parser_free(parser);
	return document;
}

/* No script, nothing from elsewhere: said in the page, so that a browser holds it to that. */
static void put_head(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	      "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
	      out);
	put_escaped(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", report_css);
}

bool html_print(FILE *out, const char *markdown, size_t length, const char *title, const char *directory)
{
	struct builder builder = { .directory = directory };
	cmark_node *parsed = parse(markdown, length), *node;

	builder.document = cmark_node_new(CMARK_NODE_DOCUMENT);
	builder.section = builder.container = builder.document;
	while ((node = cmark_node_first_child(parsed)) != NULL) {
		cmark_node_unlink(node);
		add_block(&builder, node);
	}
	char *body = cmark_render_html(builder.document, CMARK_OPT_DEFAULT, NULL);

	put_head(out, title);
	if (body)
		fputs(body, out);
	fputs("</main>\n</body>\n</html>\n", out);
	cmark_node_free(parsed);
	cmark_node_free(builder.document);
	free(body);
	return body != NULL;
}
