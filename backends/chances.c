#include "backends/chances.h"

#include <math.h>
#include <string.h>

#define STEPS 93      /* of probability: '!' to '~' */
#define MOST_BYTES 94 /* of a token in one part: '!' to '~' */
#define REST_BYTES 64 /* behind the text: the longest tag has fewer */
#define MAX_BYTES (16u << 20)

void chances_init(struct chances *c)
{
    c->is_lost = false;
    buf_init(&c->written, MAX_BYTES);
    buf_init(&c->line, 2 * (size_t)MAX_BYTES);
}

void chances_free(struct chances *c)
{
    buf_free(&c->written);
    buf_free(&c->line);
}

static void add_part(struct buf *line, char step, size_t n)
{
    buf_add_char(line, step);
    buf_add_char(line, (char)(' ' + n));
}

void chances_add(struct chances *c, const char *bytes, size_t n, double p)
{
    if (n == 0 || c->is_lost)
        return;
    if (!(p >= 0 && p <= 1.0001)) { /* it may be rounded */
        c->is_lost = true;
        return;
    }
    char step = (char)('!' + lround(fmin(p, 1) * STEPS));
    buf_add(&c->written, bytes, n);
    for (; n > MOST_BYTES; n -= MOST_BYTES)
        add_part(&c->line, step, MOST_BYTES);
    add_part(&c->line, step, n);
    c->is_lost = c->written.overflow || c->line.overflow;
}

/* Where in what was written the text stands; false: it is not its end. */
static bool find_text(const struct buf *written, const char *text, size_t n,
                      size_t *at)
{
    for (size_t rest = 0; rest <= REST_BYTES && n + rest <= written->len;
         rest++) {
        *at = written->len - n - rest;
        if (memcmp(written->data + *at, text, n) == 0)
            return true;
    }
    return false;
}

void chances_of_text(const struct chances *c, const char *text, size_t n,
                     struct buf *out)
{
    size_t at, from = 0;
    if (c->is_lost || n == 0 || !find_text(&c->written, text, n, &at))
        return;
    size_t end = at + n;
    for (const char *line = c->line.data; line[0] != '\0' && from < end;
         line += 2) {
        size_t to = from + (size_t)(line[1] - ' ');
        size_t first = from > at ? from : at, last = to < end ? to : end;
        if (first < last)
            add_part(out, line[0], last - first);
        from = to;
    }
}

bool chances_next(const char **line, size_t *n_bytes, double *p)
{
    const char *at = *line;
    if (at[0] < '!' || at[0] > '~' || at[1] < '!' || at[1] > '~')
        return false;
    *p = (double)(at[0] - '!') / STEPS;
    *n_bytes = (size_t)(at[1] - ' ');
    *line = at + 2;
    return true;
}

bool chances_fit(const char *line, size_t n)
{
    size_t n_bytes, sum = 0;
    double p;
    if (line[0] == '\0')
        return true;
    while (sum <= n && chances_next(&line, &n_bytes, &p))
        sum += n_bytes;
    return line[0] == '\0' && sum == n;
}
