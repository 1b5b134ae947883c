#include "arena/exchange/values.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/extent.h"
#include "base/mem.h"
#include "base/utf8.h"

/* Whether the first byte that is no blank begins JSON.  1, 0 or -1. */
static int looks_like_json(struct window *w, const char *path, struct err *e)
{
    for (;;) {
        for (size_t i = w->begin; i < w->end; i++)
            if (w->data[i] == '\0' || strchr(" \t\r\n", w->data[i]) == NULL)
                return w->data[i] == '{' || w->data[i] == '[';
        if (w->at_end)
            return 1; /* nothing at all */
        if (window_more(w, path, e) != 0)
            return -1;
    }
}

static int begin_table(struct values *v,
                       bool (*is_known)(const struct csv_field *f),
                       struct err *e)
{
    struct csv_record header;
    v->rows = mem_calloc(1, sizeof(*v->rows));
    if (rows_begin(v->rows, &v->window, v->path, is_known, &header, e) != 0)
        return -1;
    v->keys = mem_calloc((size_t)header.n, sizeof(*v->keys));
    bool knows_any = false;
    for (int k = 0; k < header.n; k++) {
        struct csv_field name = header.fields[k];
        const char *s = utf8_trim(name.s, &name.n);
        v->keys[k] = mem_strndup(s, name.n);
        knows_any = knows_any || is_known(&header.fields[k]);
    }
    return knows_any ? 0
                     : err_set(e, ERR_FORMAT,
                               "%s: neither JSON nor a table with columns "
                               "that are read",
                               v->path);
}

static int begin(struct values *v, bool (*is_known)(const struct csv_field *f),
                 struct err *e)
{
    if (window_begin(&v->window, v->path, e) != 0)
        return -1;
    int is_json = is_known ? looks_like_json(&v->window, v->path, e) : 1;
    return is_json != 0 ? -(is_json < 0) : begin_table(v, is_known, e);
}

int values_open(struct values *v, const char *path,
                bool (*is_known)(const struct csv_field *f), struct err *e)
{
    *v = (struct values){.path = path};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_FAILURE, "%s: cannot open: %s", path,
                       strerror(errno));
    if (window_open(&v->window, fd, -1, 0, e) != 0) {
        close(fd);
        return -1;
    }
    int result = begin(v, is_known, e);
    if (result != 0)
        values_close(v);
    return result;
}

void values_close(struct values *v)
{
    for (int k = 0; v->keys != NULL && k < v->rows->n_fields; k++)
        free(v->keys[k]);
    free(v->keys);
    free(v->rows);
    window_close(&v->window);
    close(v->window.fd);
}

/* --- a table -------------------------------------------------------------- */

/* Each cell is a text; an empty one is not there. */
static int next_row(struct values *v, cJSON **out, uint64_t *line,
                    struct err *e)
{
    struct csv_record record;
    const char *fault;
    int status = rows_next(v->rows, &record, line, &fault, e);
    if (status != 1)
        return status;
    if (fault != NULL)
        return err_set(e, ERR_FORMAT, "%s", fault), 1;
    *out = cJSON_CreateObject();
    for (int k = 0; k < record.n; k++) {
        char *text = mem_strndup(record.fields[k].s, record.fields[k].n);
        if (text[0] != '\0')
            cJSON_AddStringToObject(*out, v->keys[k], text);
        free(text);
    }
    return 1;
}

/* --- JSON ----------------------------------------------------------------- */

/* Moves on by n bytes, and counts their lines. */
static void move_on(struct values *v, size_t n)
{
    struct window *w = &v->window;
    const char *s = w->data + w->begin, *end = s + n;
    w->begin += n;
    while ((s = memchr(s, '\n', (size_t)(end - s))) != NULL) {
        v->line++;
        s++;
    }
}

/* Skips what stands between two values.  1: a value begins; 0: the end; -1. */
static int skip(struct values *v, struct err *e)
{
    struct window *w = &v->window;
    bool at_start = !v->has_begun;
    v->has_begun = true;
    for (;;) {
        while (w->begin < w->end) {
            char c = w->data[w->begin];
            bool blank = c != '\0' && strchr(" \t\r\n", c) != NULL;
            if (at_start && !blank && c == '[')
                v->is_array = true;
            at_start = at_start && blank;
            if (!blank && !(v->is_array && strchr(",[]", c) && c != '\0'))
                return 1;
            v->is_open = v->is_array && c != ']' && (v->is_open || !blank);
            move_on(v, 1);
        }
        if (w->at_end)
            return 0;
        if (window_more(w, v->path, e) != 0)
            return -1;
    }
}

/* After a broken value: on to the next line. */
static int skip_line(struct values *v, struct err *e)
{
    struct window *w = &v->window;
    for (;;) {
        char *s = w->data + w->begin;
        char *end = memchr(s, '\n', w->end - w->begin);
        move_on(v, end ? (size_t)(end - s) + 1 : w->end - w->begin);
        if (end != NULL || w->at_end)
            return 0;
        if (window_more(w, v->path, e) != 0)
            return -1;
    }
}

static cJSON *parse(struct values *v, size_t n, struct err *e)
{
    const char *s = v->window.data + v->window.begin;
    cJSON *o = json_parse_python(s, n, WINDOW_MAX_BYTES, "", e);
    if (o == NULL) { /* ":LINE:COLUMN: why" */
        const char *why = strstr(e->text, ": ");
        struct err short_one;
        err_set(&short_one, ERR_FORMAT, "%s", why ? why + 2 : e->text);
        *e = short_one;
    }
    return o;
}

int values_next(struct values *v, cJSON **out, uint64_t *line, struct err *e)
{
    struct window *w = &v->window;
    struct extent x = {0};
    *out = NULL;
    if (v->rows != NULL)
        return next_row(v, out, line, e);
    int status = skip(v, e);
    *line = v->line + 1;
    if (status == 0 && v->is_open) {
        v->is_open = false;
        err_set(e, ERR_FORMAT, "the list has no end: the file is cut off");
        return 1;
    }
    while (status == 1) {
        enum extent_state state =
            extent_find(&x, w->data + w->begin, w->end - w->begin);
        if (state == EXTENT_WHOLE) {
            *out = parse(v, x.at, e);
            move_on(v, x.at);
            return 1;
        }
        if (state == EXTENT_BROKEN || w->at_end) {
            v->is_open = v->is_open && state == EXTENT_BROKEN;
            err_set(e, ERR_FORMAT,
                    state == EXTENT_BROKEN ? "not JSON"
                                           : "the file ends inside a value");
            return skip_line(v, e) != 0 ? -1 : 1;
        }
        if (window_more(w, v->path, e) != 0)
            return -1;
    }
    return status;
}
