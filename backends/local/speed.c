#include "backends/local/speed.h"

#include <stdlib.h>

#include "backends/engine/engine.h"
#include "backends/local/timeslice.h"
#include "base/clock.h"
#include "base/mem.h"

#define PIECE 512 /* tokens of a prompt that one pass reads */

/* The sequences of one test and what they read next. */
struct timelines {
    struct engine_session **sessions; /* [n] */
    struct engine_feed *feeds;        /* [n] */
    int32_t *ids;                     /* [n][PIECE] */
    int n, n_vocab;
    uint32_t next; /* of the made-up tokens */
};

static void timelines_free(struct timelines *l)
{
    for (int i = 0; i < l->n; i++)
        engine_session_close(l->sessions[i]);
    free(l->sessions);
    free(l->feeds);
    free(l->ids);
}

static int timelines_open(struct timelines *l, struct infer *f, int n,
                          int n_ctx, struct err *e)
{
    size_t count = (size_t)n;
    *l = (struct timelines){.n_vocab = engine_info(infer_engine(f))->n_vocab};
    l->sessions = mem_calloc(count, sizeof(struct engine_session *));
    l->feeds = mem_calloc(count, sizeof(*l->feeds));
    l->ids = mem_calloc(count * PIECE, sizeof(*l->ids));
    for (; l->n < n; l->n++) {
        if (infer_open_session(&l->sessions[l->n], f, n_ctx, e) != 0) {
            timelines_free(l);
            return -1;
        }
    }
    return 0;
}

/* One pass in which every sequence reads n <= PIECE further tokens. */
static int timelines_read(struct timelines *l, struct engine *g, int n,
                          struct err *e)
{
    for (int i = 0; i < l->n; i++) {
        int32_t *ids = l->ids + (size_t)i * PIECE;
        for (int k = 0; k < n; k++) /* Knuth's multiplier spreads them */
            ids[k] = (int32_t)(l->next++ * 2654435761u % (uint32_t)l->n_vocab);
        l->feeds[i] = (struct engine_feed){
            .session = l->sessions[i], .ids = ids, .n_ids = (size_t)n};
    }
    return engine_eval(g, l->feeds, (size_t)l->n, e);
}

static int timelines_prompt(struct timelines *l, struct engine *g, int n,
                            struct err *e)
{
    for (int at = 0; at < n; at += PIECE)
        if (timelines_read(l, g, n - at < PIECE ? n - at : PIECE, e) != 0)
            return -1;
    return 0;
}

int speed_measure(struct infer *f, const struct speed_test *t,
                  double *tokens_s, struct err *e)
{
    struct engine *g = infer_engine(f);
    struct timelines l;
    if (timelines_open(&l, f, t->n_sequences,
                       t->depth + t->n_prompt + t->n_gen, e) != 0)
        return -1;
    int result = timelines_prompt(&l, g, t->depth, e);
    int64_t begin = clock_monotonic_ns();
    if (result == 0)
        result = timelines_prompt(&l, g, t->n_prompt, e);
    for (int i = 0; i < t->n_gen && result == 0; i++)
        result = timelines_read(&l, g, 1, e);
    int64_t spent = clock_monotonic_ns() - begin;
    timelines_free(&l);
    double n = (double)(t->n_prompt + t->n_gen) * t->n_sequences;
    *tokens_s = n * 1e9 / (double)(spent > 0 ? spent : 1);
    return result;
}

/* What one of two has done. */
struct progress {
    int n_tokens;
    int64_t spent_ns;
};

/* A turn of one, for at most n_gen tokens in all. */
static int write_turn(struct infer *f, struct timelines *l, int n_gen,
                      struct progress *p, struct err *e)
{
    int64_t begin = clock_monotonic_ns(), now = begin, last;
    do {
        last = now;
        if (timelines_read(l, infer_engine(f), 1, e) != 0)
            return -1;
        p->n_tokens++;
        now = clock_monotonic_ns();
    } while (p->n_tokens < n_gen && timeslice_goes_on(now - begin, now - last));
    p->spent_ns += now - begin;
    return 0;
}

static int write_in_turn(struct infer *const f[2], struct timelines *l,
                         int n_gen, struct speed_pair *out, struct err *e)
{
    struct progress p[2] = {{0, 0}, {0, 0}};
    while (p[0].n_tokens < n_gen && p[1].n_tokens < n_gen)
        for (int i = 0; i < 2; i++)
            if (write_turn(f[i], &l[i], n_gen, &p[i], e) != 0)
                return -1;
    double sum = (double)(p[0].spent_ns + p[1].spent_ns + 1);
    for (int i = 0; i < 2; i++) {
        out->together_ts[i] = p[i].n_tokens * 1e9 / sum;
        out->time[i] = (double)p[i].spent_ns / sum;
    }
    return 0;
}

int speed_measure_pair(struct infer *const f[2], int n_gen,
                       struct speed_pair *out, struct err *e)
{
    struct speed_test alone = {.n_gen = n_gen, .n_sequences = 1};
    for (int i = 0; i < 2; i++)
        if (speed_measure(f[i], &alone, &out->alone_ts[i], e) != 0)
            return -1;
    struct timelines l[2];
    if (timelines_open(&l[0], f[0], 1, n_gen, e) != 0)
        return -1;
    int result = timelines_open(&l[1], f[1], 1, n_gen, e);
    if (result == 0) {
        result = write_in_turn(f, l, n_gen, out, e);
        timelines_free(&l[1]);
    }
    timelines_free(&l[0]);
    return result;
}
