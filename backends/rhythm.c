#include "backends/rhythm.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"

#define MOST ((int64_t)1 << 40) /* ms or bytes of a piece: beyond all sense */

void rhythm_init(struct rhythm *r)
{
    *r = (struct rhythm){.gap_ms = RHYTHM_GAP_MS};
}

void rhythm_free(struct rhythm *r)
{
    free(r->pieces);
    rhythm_init(r);
}

void rhythm_restart(struct rhythm *r)
{
    r->n = 0;
    r->gap_ms = RHYTHM_GAP_MS;
}

/* Makes one piece of every two. */
static void join(struct rhythm *r)
{
    for (size_t i = 0; i < r->n / 2; i++) {
        r->pieces[i].ms = r->pieces[2 * i].ms;
        r->pieces[i].n_bytes = r->pieces[2 * i + 1].n_bytes;
    }
    r->n /= 2;
    r->gap_ms *= 2;
}

void rhythm_add(struct rhythm *r, int64_t ms, size_t n_bytes)
{
    if (r->n > 0 && n_bytes < r->pieces[r->n - 1].n_bytes)
        rhythm_restart(r);
    struct rhythm_piece *last = r->n > 0 ? &r->pieces[r->n - 1] : NULL;
    if (n_bytes == (last ? last->n_bytes : 0))
        return;
    if (last != NULL && ms - last->ms < r->gap_ms) {
        last->n_bytes = n_bytes;
        return;
    }
    if (r->n == RHYTHM_MAX_PIECES)
        join(r);
    r->pieces = mem_grow(r->pieces, r->n, sizeof(*r->pieces));
    r->pieces[r->n++] = (struct rhythm_piece){ms, n_bytes};
}

void rhythm_write(const struct rhythm *r, size_t n_bytes, struct buf *out)
{
    struct rhythm_piece before = {0, 0};
    if (r->n == 0 || r->pieces[r->n - 1].n_bytes != n_bytes)
        return;
    for (size_t i = 0; i < r->n; i++) {
        const struct rhythm_piece *p = &r->pieces[i];
        buf_addf(out, "%s%" PRId64 "+%zu", i > 0 ? " " : "",
                 p->ms - before.ms, p->n_bytes - before.n_bytes);
        before = *p;
    }
}

/* A number of decimal digits; -1: there is none, or it is too large. */
static int64_t take_number(const char **text)
{
    int64_t n = 0;
    const char *start = *text;
    for (; **text >= '0' && **text <= '9' && n < MOST; (*text)++)
        n = 10 * n + (**text - '0');
    return *text > start && n < MOST ? n : -1;
}

/* Takes the next piece off a text.  1; 0: it has ended; -1: it is none. */
static int take_piece(const char **text, int64_t *ms, int64_t *n_bytes)
{
    if (**text == '\0')
        return 0;
    *ms = take_number(text);
    if (*ms < 0 || *(*text)++ != '+')
        return -1;
    *n_bytes = take_number(text);
    if (*n_bytes < 1 || (**text != ' ' && **text != '\0'))
        return -1;
    *text += **text == ' ' && (*text)[1] != '\0';
    return 1;
}

size_t rhythm_at(const char *text, int64_t ms, int64_t *next_ms)
{
    int64_t at = 0, after, more;
    size_t n = 0;
    if (next_ms != NULL)
        *next_ms = -1;
    while (take_piece(&text, &after, &more) == 1) {
        at += after;
        if (at > ms) {
            if (next_ms != NULL)
                *next_ms = at;
            break;
        }
        n += (size_t)more;
    }
    return n;
}

bool rhythm_fits(const char *text, size_t n_bytes)
{
    int64_t ms, more, n_pieces = 0;
    size_t n = 0;
    int found;
    if (*text == '\0')
        return true;
    while ((found = take_piece(&text, &ms, &more)) == 1 &&
           ++n_pieces <= RHYTHM_MAX_PIECES && n <= n_bytes)
        n += (size_t)more;
    return found == 0 && n == n_bytes;
}
