/* A log as JSON values: a list of objects, or objects one after another, each
 * on a line or over several.  A damaged one costs itself alone. */
#include "arena/votelog/json.h"

#include <stdlib.h>
#include <string.h>

#include "arena/votelog/object.h"
#include "arena/votelog/style.h"
#include "base/extent.h"
#include "base/json.h"
#include "base/mem.h"

static uint64_t count_lines(const char *s, size_t n)
{
    uint64_t lines = 0;
    for (const char *p = s; (p = memchr(p, '\n', n - (size_t)(p - s))); p++)
        lines++;
    return lines;
}

/* Moves over n bytes. */
static void skip(struct chunk *c, size_t n)
{
    struct window *w = &c->window;
    c->line += count_lines(w->data + w->begin, n);
    w->begin += n;
}

/* Names the features once there is an object. */
static int ready_features(struct chunk *c)
{
    if (!c->o->features || c->x != NULL)
        return 0;
    votelog_style_features(c->log);
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

/* Rejects the value at the window's front with what the parser said of it. */
static void reject_value(struct chunk *c, const struct err *e)
{
    /* ":LINE:COLUMN: why", lines counted within the value */
    char *end;
    unsigned long within = strtoul(e->text + (e->text[0] == ':'), &end, 10);
    const char *why = strstr(e->text, ": ");
    chunk_reject(c, c->line + (within > 0 ? within : 1), "%s",
                 why != NULL ? why + 2 : e->text);
}

/* Parses the n bytes at the window's front and hands on their votes.  -1:
 * c->error is set. */
static int take_value(struct chunk *c, size_t n)
{
    struct err e = {.code = ERR_NONE};
    char *s = c->window.data + c->window.begin;
    mark_nul(s, n);
    cJSON *o = json_parse_python(s, n, WINDOW_MAX_BYTES, "", &e);
    if (o == NULL) {
        reject_value(c, &e);
        return 0;
    }
    int status = ready_features(c);
    if (status != 0)
        err_set(&c->error, ERR_FAILURE, "%s: not enough memory", c->path);
    else
        status = votelog_object(c, c->line + 1, o);
    cJSON_Delete(o);
    return status;
}

/* --- where a damaged value ends ------------------------------------------ */

/* Where the brackets of s[0..n) are closed, whatever stands between them; 0 if
 * they are not. */
static size_t find_closed(const char *s, size_t n)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < n; i++) {
        if (in_string && s[i] == '\\')
            i++;
        else if (s[i] == '"')
            in_string = !in_string;
        else if (!in_string && (s[i] == '{' || s[i] == '['))
            depth++;
        else if (!in_string && (s[i] == '}' || s[i] == ']') && --depth <= 0)
            return i + 1;
    }
    return 0;
}

static size_t next_line(const char *s, size_t n, size_t from)
{
    const char *end = memchr(s + from, '\n', n - from);
    return end == NULL ? n : (size_t)(end - s) + 1;
}

/* In a list the brackets say where the value ends, or the next line that begins
 * an object. */
static size_t find_next_in_list(const char *s, size_t n, size_t damage)
{
    size_t at = damage;
    if (damage == 0) /* no value at all */
        return 1 + strcspn(s + 1, "{,]\n");
    if (at < n && s[at] == '\n') {
        at += strspn(s + at, " \t\r\n");
        if (s[at] == '{')
            return at;
    }
    size_t closed = damage < n ? find_closed(s, n) : 0;
    if (closed > 0)
        return closed;
    for (at = next_line(s, n, damage); at < n; at = next_line(s, n, at))
        if (s[at + strspn(s + at, " \t")] == '{')
            return at;
    return n;
}

/* One after another: the line with the damage, or the one below if the value
 * began on it; but not what looks like the rest of an object over several
 * lines. */
static size_t find_next_line(const char *s, size_t n, size_t damage)
{
    size_t at = 0, next = next_line(s, n, 0);
    while (next <= damage && next < n) {
        at = next;
        next = next_line(s, n, at);
    }
    if (at == 0)
        at = next;
    while (at < n && strchr(" \t}],\"'", s[at]) != NULL)
        at = next_line(s, n, at);
    return at;
}

/* Where to go on behind a value of s[0..n) that is damaged at this byte (n: it
 * does not end).  An object at the start of a line, or where none may be, is
 * the next one.  s[n] is NUL. */
static size_t find_next(const char *s, size_t n, size_t damage, bool in_list)
{
    for (size_t at = next_line(s, n, 0); at < n && at <= damage;
         at = next_line(s, n, at))
        if (s[at] == '{')
            return at;
    if (damage > 0 && damage < n && s[damage] == '{')
        return damage;
    return in_list ? find_next_in_list(s, n, damage)
                   : find_next_line(s, n, damage);
}

/* Rejects a value that is damaged at this byte, and moves behind it. */
static void drop_damaged(struct chunk *c, size_t damage, bool in_list)
{
    struct err e = {.code = ERR_NONE};
    struct window *w = &c->window;
    w->data[w->end] = '\0';
    char *s = w->data + w->begin;
    size_t n = w->end - w->begin;
    size_t next = find_next(s, n, damage, in_list);
    if (in_list && damage >= n && w->at_end) {
        chunk_reject(c, c->line + 1, "the file ends inside an object");
    } else {
        size_t shown = damage < n ? damage + 1 : n;
        cJSON *o = json_parse(s, shown, WINDOW_MAX_BYTES, "", &e);
        const char *why = o == NULL ? strstr(e.text, ": ") : NULL;
        chunk_reject(c, c->line + 1, "%s", why == NULL ? "not JSON" : why + 2);
        cJSON_Delete(o);
    }
    skip(c, next < n ? next : n);
}

/* --- values one after another -------------------------------------------- */

/* Takes the value at the window's front.  0; -1 with c->error. */
static int next_value(struct chunk *c, bool in_list)
{
    struct window *w = &c->window;
    struct extent x = {0};
    enum extent_state state;
    while ((state = extent_find(&x, w->data + w->begin, w->end - w->begin)) ==
           EXTENT_MORE) {
        if (w->at_end)
            break;
        if (window_more(w, c->path, &c->error) != 0)
            return -1;
    }
    c->n_values++;
    c->object = in_list || c->line == c->value_line ? c->n_values : 0;
    if (state == EXTENT_WHOLE) {
        if (take_value(c, x.at) != 0)
            return -1;
        skip(c, x.at);
    } else {
        /* What is below a damaged value has to be looked for. */
        while (state == EXTENT_BROKEN && !w->at_end &&
               w->end - w->begin < WINDOW_BYTES)
            if (window_more(w, c->path, &c->error) != 0)
                return -1;
        drop_damaged(c, x.at, in_list);
    }
    c->value_line = c->line;
    return 0;
}

/* Skips blanks and commas, and the brackets around a list.  The first byte of a
 * value, -1 at the end, or -2 with c->error. */
static int find_value(struct chunk *c, bool *in_list)
{
    struct window *w = &c->window;
    for (;;) {
        for (; w->begin < w->end; w->begin++) {
            unsigned char byte = (unsigned char)w->data[w->begin];
            c->line += byte == '\n';
            if (byte == '[' && !*in_list) {
                *in_list = true;
                c->n_values = 0;
            }
            else if (byte == ']' && *in_list)
                *in_list = false;
            else if (byte == '\0' || strchr(" \t\r\n,", byte) == NULL)
                return byte;
        }
        if (w->at_end)
            return -1;
        if (window_more(w, c->path, &c->error) != 0)
            return -2;
    }
}

int votelog_json_rows(struct chunk *c, struct err *e)
{
    bool in_list = false;
    int byte, status = 0;
    if (c->o->count != NULL)
        return err_set(e, ERR_FORMAT, "%s: an object of JSON is one vote; a "
                       "count (%s) is read from CSV only", c->path,
                       c->o->count);
    uint64_t n_rejected = 0; /* before the last value */
    while (status == 0 && (byte = find_value(c, &in_list)) >= 0) {
        n_rejected = c->n_rejected;
        status = next_value(c, in_list);
    }
    if (status == 0 && byte == -2)
        status = -1;
    c->object = 0;
    if (status == 0 && in_list && c->n_rejected == n_rejected)
        chunk_reject(c, c->line + 1, "the file ends inside the list");
    if (status == 0)
        status = chunk_flush(c);
    if (status != 0)
        *e = c->error;
    return status;
}
