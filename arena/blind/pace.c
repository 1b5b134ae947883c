#include "arena/blind/pace.h"

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

static void advance(struct pace_clock *p, int64_t now_ms,
                    const struct pace_side sides[2])
{
    if (!p->started) {
        for (int i = 0; i < 2; i++)
            if (ready(&sides[i]) == 0 && !sides[i].done)
                return;
        p->started = true;
        p->start_ms = p->last_ms = now_ms;
    }
    double limit = room(p, sides);
    if (!is_over(p, &sides[0]) && !is_over(p, &sides[1])) {
        int64_t spent = now_ms - p->start_ms;
        if (limit > p->allowed)
            p->allowed = limit;
        p->rate = p->allowed /
                  (double)(spent > PACE_SETTLE_MS ? spent : PACE_SETTLE_MS);
    } else if (limit > p->allowed) {
        p->allowed += p->rate * (double)(now_ms - p->last_ms);
        if (p->allowed > limit)
            p->allowed = limit;
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
    return room(p, sides) > p->allowed ? PACE_TICK_MS : -1;
}
