#include "arena/blind/pace.h"

#include <limits.h>

#include "base/utf8.h"

#define PACE_TICK_MS 33
/* A rate over a shorter time than this says nothing: a server that sends its
 * whole answer in one piece would be infinitely fast. */
#define PACE_SETTLE_MS 250

void pace_init(struct pace_clock *p, enum pace mode)
{
    *p = (struct pace_clock){.mode = mode};
}

/* Bytes of whole characters; at the end of an answer, all of them. */
static size_t ready(const struct pace_side *s)
{
    return s->done ? s->n : s->n - utf8_incomplete(s->text, s->n);
}

/* The largest part of at most `limit` bytes that does not end in the middle of
 * a character. */
static size_t cut(const struct pace_side *s, size_t limit)
{
    size_t n = ready(s);
    if (limit >= n)
        return n;
    return limit - utf8_incomplete(s->text, limit);
}

static bool is_over(const struct pace_clock *p, const struct pace_side *s)
{
    return s->done && p->allowed >= (double)ready(s);
}

/* How far an answer that is not over would let us go. */
static double room(const struct pace_clock *p, const struct pace_side sides[2])
{
    double limit = -1;
    for (int i = 0; i < 2; i++) {
        double n = (double)ready(&sides[i]);
        if (!is_over(p, &sides[i]) && (limit < 0 || n < limit))
            limit = n;
    }
    return limit < 0 ? p->allowed : limit;
}

static void note_beat(struct pace_clock *p, int64_t now_ms, double bytes)
{
    struct pace_beat *beat = &p->rhythm[p->n_beats++ % PACE_RHYTHM];
    *beat = (struct pace_beat){now_ms - p->grown_ms, bytes};
    p->grown_ms = now_ms;
}

/* The next beat of the rhythm, from its beginning over and over; NULL: there
 * was none, as all came at once. */
static const struct pace_beat *next_beat(const struct pace_clock *p)
{
    size_t n = p->n_beats < PACE_RHYTHM ? p->n_beats : PACE_RHYTHM;
    return n == 0 ? NULL : &p->rhythm[p->at_beat % n];
}

/* Lets the rest of an answer go on. */
static void go_on(struct pace_clock *p, int64_t now_ms, double limit)
{
    const struct pace_beat *beat = next_beat(p);
    if (beat == NULL)
        p->allowed += p->rate * (double)(now_ms - p->last_ms);
    while (beat != NULL && p->allowed < limit &&
           now_ms - p->grown_ms >= beat->ms) {
        p->allowed += beat->bytes;
        p->grown_ms += beat->ms;
        p->at_beat++;
        beat = next_beat(p);
    }
    if (p->allowed > limit)
        p->allowed = limit;
}

static void advance(struct pace_clock *p, int64_t now_ms,
                    const struct pace_side sides[2])
{
    if (!p->started) {
        for (int i = 0; i < 2; i++)
            if (ready(&sides[i]) == 0 && !sides[i].done)
                return;
        p->started = true;
        p->start_ms = p->last_ms = p->grown_ms = now_ms;
    }
    double limit = room(p, sides);
    if (!is_over(p, &sides[0]) && !is_over(p, &sides[1])) {
        int64_t spent = now_ms - p->start_ms;
        if (limit > p->allowed && spent > 0)
            note_beat(p, now_ms, limit - p->allowed);
        if (limit > p->allowed)
            p->allowed = limit;
        p->rate = p->allowed /
                  (double)(spent > PACE_SETTLE_MS ? spent : PACE_SETTLE_MS);
    } else if (limit > p->allowed) {
        go_on(p, now_ms, limit);
    }
    p->last_ms = now_ms;
}

bool pace_step(struct pace_clock *p, int64_t now_ms,
               const struct pace_side sides[2], size_t shown[2])
{
    bool both = sides[0].done && sides[1].done;
    bool open = p->hurry || p->mode == PACE_LIVE ||
                (p->mode == PACE_HOLD && both);
    if (!open && p->mode == PACE_EQUAL)
        advance(p, now_ms, sides);
    bool all = both;
    for (int i = 0; i < 2; i++) {
        size_t n = ready(&sides[i]);
        if (!open)
            n = p->mode == PACE_HOLD ? 0 : cut(&sides[i], (size_t)p->allowed);
        if (n > shown[i])
            shown[i] = n;
        all = all && shown[i] == ready(&sides[i]);
    }
    return all;
}

int pace_wait_ms(const struct pace_clock *p, const struct pace_side sides[2])
{
    if (p->hurry || p->mode != PACE_EQUAL || !p->started)
        return -1;
    if (room(p, sides) <= p->allowed)
        return -1;
    const struct pace_beat *beat = next_beat(p);
    int64_t left_ms = beat ? beat->ms - (p->last_ms - p->grown_ms)
                           : PACE_TICK_MS;
    return left_ms < 1 ? 1 : left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}
