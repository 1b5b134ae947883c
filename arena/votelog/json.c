/* The JSON forms: an array of objects, or one object a line. */
#include "arena/votelog/json.h"

#include <stdlib.h>
#include <string.h>

#include "arena/votelog/object.h"
#include "arena/votelog/style.h"
#include "base/json.h"
#include "base/mem.h"

/* A walk over the bytes of one element, to find where it ends; what is inside
 * is for the parser to judge. */
struct scan {
    size_t at; /* of the window's unread bytes */
    int depth;
    bool in_string, escaped;
};

/* Goes on until the element that begins at the window's front is whole.  1, or
 * 0 where more bytes are needed. */
static int scan_element(const struct window *w, struct scan *s)
{
    const char *p = w->data + w->begin;
    size_t n = w->end - w->begin;
    for (; s->at < n; s->at++) {
        char c = p[s->at];
        if (s->in_string) {
            if (s->escaped)
                s->escaped = false;
            else if (c == '\\')
                s->escaped = true;
            else if (c == '"')
                s->in_string = false;
        } else if (c == '"') {
            s->in_string = true;
        } else if (c == '{' || c == '[') {
            s->depth++;
        } else if (c == '}' || c == ']') {
            if (--s->depth <= 0) {
                s->at++;
                return 1;
            }
        }
    }
    return 0;
}

static int scan_line(const struct window *w, struct scan *s)
{
    const char *p = w->data + w->begin;
    size_t n = w->end - w->begin;
    const char *end = memchr(p + s->at, '\n', n - s->at);
    s->at = end != NULL ? (size_t)(end - p) + 1 : n;
    return end != NULL || (w->at_end && n > 0);
}

static uint64_t count_lines(const char *s, size_t n)
{
    uint64_t lines = 0;
    for (const char *p = s; (p = memchr(p, '\n', n - (size_t)(p - s))); p++)
        lines++;
    return lines;
}

/* Names the features once there is an object. */
static int ready_features(struct chunk *c)
{
    if (!c->o->features || c->x != NULL)
        return 0;
    votelog_object_features(c->log);
    return chunk_make_features(c);
}

/* The parser ends a string at an escaped NUL, so that two names could become
 * one.  In its place stands U+FFFF, no character, which no name may hold. */
static void mark_nul(char *s, size_t n)
{
    char *end = s + n;
    while ((s = memchr(s, '\\', (size_t)(end - s))) != NULL && end - s >= 6) {
        if (memcmp(s, "\\u0000", 6) == 0)
            memcpy(s, "\\uffff", 6);
        s += 2; /* so that no second backslash is taken for a first */
    }
}

/* One element: parsed, and its votes handed on.  -1: c->error is set. */
static int take_element(struct chunk *c, char *s, size_t n)
{
    struct err e = {.code = ERR_NONE};
    uint64_t line = c->line + 1;
    mark_nul(s, n);
    cJSON *o = json_parse(s, n, WINDOW_MAX_BYTES, "", &e);
    if (o == NULL) {
        /* ":LINE:COLUMN: why", lines counted within the element */
        char *end;
        unsigned long within = strtoul(e.text + (e.text[0] == ':'), &end, 10);
        const char *why = strstr(e.text, ": ");
        chunk_reject(c, line + (within > 0 ? within - 1 : 0), "%s",
                       why != NULL ? why + 2 : e.text);
        return 0;
    }
    int status = ready_features(c);
    if (status != 0)
        err_set(&c->error, ERR_FAILURE, "%s: not enough memory", c->path);
    else
        status = votelog_object(c, line, o);
    cJSON_Delete(o);
    return status;
}

/* Skips blanks, and in an array its commas and brackets.  The first byte that
 * is left, or -1 at the end, or -2 with c->error set. */
static int skip_between(struct chunk *c, const char *what)
{
    struct window *w = &c->window;
    for (;;) {
        while (w->begin < w->end) {
            unsigned char byte = (unsigned char)w->data[w->begin];
            if (byte == '\0' || strchr(what, byte) == NULL)
                return byte;
            c->line += byte == '\n';
            w->begin++;
        }
        if (w->at_end)
            return -1;
        if (window_more(w, c->path, &c->error) != 0)
            return -2;
    }
}

/* Takes the element at the window's front.  1; 0: the file ended within it;
 * -1: c->error is set. */
static int next_element(struct chunk *c,
                        int (*scan)(const struct window *,
                                    struct scan *))
{
    struct window *w = &c->window;
    struct scan s = {0};
    while (!scan(w, &s)) {
        if (w->at_end)
            return 0;
        if (window_more(w, c->path, &c->error) != 0)
            return -1;
    }
    char *element = w->data + w->begin;
    if (take_element(c, element, s.at) != 0)
        return -1;
    c->line += count_lines(element, s.at);
    w->begin += s.at;
    return 1;
}

static int read_lines(struct chunk *c)
{
    int byte, status = 1;
    while (status > 0 && (byte = skip_between(c, " \t\r\n")) >= 0)
        status = next_element(c, scan_line);
    return status < 0 || byte == -2 ? -1 : 0;
}

static int read_array(struct chunk *c)
{
    int byte, status = 1;
    while (status > 0 && (byte = skip_between(c, " \t\r\n,[]")) >= 0) {
        if (byte != '{') {
            chunk_reject(c, c->line + 1, "no object where one should begin");
            return 0; /* nothing after it can be trusted */
        }
        status = next_element(c, scan_element);
        if (status == 0)
            chunk_reject(c, c->line + 1, "the file ends inside an object");
    }
    return status < 0 || byte == -2 ? -1 : 0;
}

int votelog_json_rows(struct chunk *c, struct err *e)
{
    if (c->o->count != NULL)
        return err_set(e, ERR_FORMAT, "%s: an object of JSON is one vote; a "
                       "count (%s) is read from CSV only", c->path,
                       c->o->count);
    int byte = skip_between(c, " \t\r\n");
    int status = byte == -2 ? -1 : byte == '[' ? read_array(c) : read_lines(c);
    if (status == 0)
        status = chunk_flush(c);
    if (status != 0)
        *e = c->error;
    return status;
}
