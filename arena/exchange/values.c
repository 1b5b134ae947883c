#include "arena/exchange/values.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/extent.h"

int values_open(struct values *v, const char *path, struct err *e)
{
    *v = (struct values){.path = path};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_FAILURE, "%s: cannot open: %s", path,
                       strerror(errno));
    int result = window_open(&v->window, fd, -1, 0, e);
    if (result == 0 && (result = window_begin(&v->window, path, e)) != 0)
        window_close(&v->window);
    if (result != 0)
        close(fd);
    return result;
}

void values_close(struct values *v)
{
    window_close(&v->window);
    close(v->window.fd);
}

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
    int status = skip(v, e);
    *line = v->line + 1;
    while (status == 1) {
        enum extent_state state =
            extent_find(&x, w->data + w->begin, w->end - w->begin);
        if (state == EXTENT_WHOLE) {
            *out = parse(v, x.at, e);
            move_on(v, x.at);
            return 1;
        }
        if (state == EXTENT_BROKEN || w->at_end) {
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
