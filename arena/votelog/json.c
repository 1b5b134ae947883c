/* The JSON forms: an array of objects, or one object a line. */
#include "arena/votelog/private.h"

#include <stdlib.h>
#include <string.h>

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
static int scan_element(const struct votelog_window *w, struct scan *s)
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

static int scan_line(const struct votelog_window *w, struct scan *s)
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

/* Names the features once an object shows what there is. */
static int ready_features(struct votelog_part *p, const cJSON *o)
{
    if (!p->o->features || p->x != NULL)
        return 0;
    if (votelog_object_features(p->log, o) != 0)
        return -1;
    p->x = mem_try(VOTELOG_BATCH * p->log->n_features * 2 + 1, sizeof(float));
    return p->x == NULL ? -1 : 0;
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

/* One element: parsed, and its votes handed on.  -1: part->error is set. */
static int take_element(struct votelog_part *p, char *s, size_t n)
{
    struct err e = {.code = ERR_NONE};
    uint64_t line = p->line + 1;
    mark_nul(s, n);
    cJSON *o = json_parse(s, n, VOTELOG_ROW_BYTES, "", &e);
    if (o == NULL) {
        /* ":LINE:COLUMN: why", lines counted within the element */
        char *end;
        unsigned long within = strtoul(e.text + (e.text[0] == ':'), &end, 10);
        const char *why = strstr(e.text, ": ");
        votelog_reject(p, line + (within > 0 ? within - 1 : 0), "%s",
                       why != NULL ? why + 2 : e.text);
        return 0;
    }
    int status = ready_features(p, o);
    if (status != 0)
        err_set(&p->error, ERR_FAILURE, "%s: not enough memory", p->path);
    else
        status = votelog_object(p, line, o);
    cJSON_Delete(o);
    return status;
}

/* Skips blanks, and in an array its commas and brackets.  The first byte that
 * is left, or -1 at the end, or -2 with part->error set. */
static int skip_between(struct votelog_part *p, const char *what)
{
    struct votelog_window *w = &p->window;
    for (;;) {
        while (w->begin < w->end) {
            unsigned char c = (unsigned char)w->data[w->begin];
            if (c == '\0' || strchr(what, c) == NULL)
                return c;
            p->line += c == '\n';
            w->begin++;
        }
        if (w->at_end)
            return -1;
        if (votelog_window_more(w, p->path, &p->error) != 0)
            return -2;
    }
}

/* Takes the element at the window's front.  1; 0: the file ended within it;
 * -1: part->error is set. */
static int next_element(struct votelog_part *p,
                        int (*scan)(const struct votelog_window *,
                                    struct scan *))
{
    struct votelog_window *w = &p->window;
    struct scan s = {0};
    while (!scan(w, &s)) {
        if (w->at_end)
            return 0;
        if (votelog_window_more(w, p->path, &p->error) != 0)
            return -1;
    }
    char *element = w->data + w->begin;
    if (take_element(p, element, s.at) != 0)
        return -1;
    p->line += count_lines(element, s.at);
    w->begin += s.at;
    return 1;
}

static int read_lines(struct votelog_part *p)
{
    int c, status = 1;
    while (status > 0 && (c = skip_between(p, " \t\r\n")) >= 0)
        status = next_element(p, scan_line);
    return status < 0 || c == -2 ? -1 : 0;
}

static int read_array(struct votelog_part *p)
{
    int c, status = 1;
    while (status > 0 && (c = skip_between(p, " \t\r\n,[]")) >= 0) {
        if (c != '{') {
            votelog_reject(p, p->line + 1, "no object where one should begin");
            return 0; /* nothing after it can be trusted */
        }
        status = next_element(p, scan_element);
        if (status == 0)
            votelog_reject(p, p->line + 1, "the file ends inside an object");
    }
    return status < 0 || c == -2 ? -1 : 0;
}

int votelog_json_rows(struct votelog_part *p, struct err *e)
{
    if (p->o->count != NULL)
        return err_set(e, ERR_FORMAT, "%s: an object of JSON is one vote; a "
                       "count (%s) is read from CSV only", p->path,
                       p->o->count);
    int c = skip_between(p, " \t\r\n");
    int status = c == -2 ? -1 : c == '[' ? read_array(p) : read_lines(p);
    if (status == 0)
        status = votelog_flush(p);
    if (status != 0)
        *e = p->error;
    return status;
}
