#include "backends/remote/sse.h"

#include <string.h>

#define SSE_MAX_NAME 128

void sse_init(struct sse *s, bool lines, sse_event *on_event, void *arg)
{
    *s = (struct sse){.on_event = on_event, .arg = arg, .lines = lines};
    buf_init(&s->line, SSE_MAX_BYTES);
    buf_init(&s->data, SSE_MAX_BYTES);
    buf_init(&s->name, SSE_MAX_NAME);
}

void sse_free(struct sse *s)
{
    buf_free(&s->line);
    buf_free(&s->data);
    buf_free(&s->name);
}

static void dispatch(struct sse *s)
{
    if (s->has_data && !s->on_event(s->arg, s->name.data, s->data.data,
                                    s->data.len))
        s->ended = true;
    s->has_data = s->in_string = s->after_backslash = false;
    s->depth = 0;
    buf_clear(&s->data);
    buf_clear(&s->name);
}

static void add_data(struct sse *s, const char *value, size_t n)
{
    buf_add(&s->data, value, n);
    s->has_data = true;
    for (size_t i = 0; i < n; i++) {
        if (s->after_backslash)
            s->after_backslash = false;
        else if (s->in_string && value[i] == '\\')
            s->after_backslash = true;
        else if (value[i] == '"')
            s->in_string = !s->in_string;
        else if (!s->in_string && (value[i] == '{' || value[i] == '}'))
            s->depth += value[i] == '{' ? 1 : -1;
    }
}

/* Whether the data so far is a JSON object, to its last byte. */
static bool is_object(const struct sse *s)
{
    return s->data.len > 0 && s->data.data[0] == '{' && s->depth == 0 &&
           !s->in_string;
}

static void take_data(struct sse *s, const char *value, size_t n)
{
    if (is_object(s))
        dispatch(s);
    if (s->ended)
        return;
    if (s->has_data)
        add_data(s, "\n", 1);
    add_data(s, value, n);
}

/* A line that is an event of its own: a field "error", or a JSON object without
 * a field, which some servers write where their stream breaks off. */
static void take_whole(struct sse *s, const char *name, const char *value,
                       size_t n)
{
    dispatch(s);
    if (s->ended)
        return;
    buf_add_str(&s->name, name);
    add_data(s, value, n);
    dispatch(s);
}

static void take_field(struct sse *s, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);
    size_t n_field = colon ? (size_t)(colon - line) : n;
    const char *value = colon ? colon + 1 : line + n;
    size_t n_value = (size_t)(line + n - value);
    if (n_value > 0 && *value == ' ') {
        value++;
        n_value--;
    }
    if (n_field == 4 && memcmp(line, "data", 4) == 0) {
        take_data(s, value, n_value);
    } else if (n_field == 5 && memcmp(line, "event", 5) == 0) {
        buf_clear(&s->name);
        buf_add(&s->name, value, n_value);
    } else if (n_field == 5 && memcmp(line, "error", 5) == 0) {
        take_whole(s, "error", value, n_value);
    } else if (line[0] == '{' && line[n - 1] == '}') {
        take_whole(s, "", line, n);
    }
}

/* One whole line, without its end. */
static void take_line(struct sse *s, const char *line, size_t n)
{
    if (!s->begun && n >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
        line += 3;
        n -= 3;
    }
    s->begun = true;
    if (n == 0) {
        dispatch(s);
        return;
    }
    if (s->lines)
        take_whole(s, "", line, n);
    else
        take_field(s, line, n);
}

static int check_size(const struct sse *s, struct err *e)
{
    if (s->line.overflow || s->data.overflow)
        return err_set(e, ERR_BACKEND, "the server sent a line of more than "
                                       "%u MB", SSE_MAX_BYTES >> 20);
    return 0;
}

static void end_line(struct sse *s)
{
    if (!s->line.overflow)
        take_line(s, s->line.data, s->line.len);
    if (!s->line.overflow)
        buf_clear(&s->line);
}

int sse_add(struct sse *s, const char *bytes, size_t n, struct err *e)
{
    const char *end = bytes + n;
    while (bytes < end && !s->ended && check_size(s, NULL) == 0) {
        if (s->after_cr && *bytes == '\n')
            bytes++;
        s->after_cr = false;
        const char *p = bytes;
        while (p < end && *p != '\n' && *p != '\r')
            p++;
        buf_add(&s->line, bytes, (size_t)(p - bytes));
        if (p == end)
            break;
        s->after_cr = *p == '\r';
        end_line(s);
        bytes = p + 1;
    }
    return s->ended ? 0 : check_size(s, e);
}

int sse_end(struct sse *s, struct err *e)
{
    if (s->ended)
        return 0;
    if (s->line.len > 0)
        end_line(s);
    if (!s->ended)
        dispatch(s);
    return check_size(s, e);
}
