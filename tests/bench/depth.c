/* How much of the speed of writing is kept with many tokens there, with keys
 * and values in each form, what memory they take, and how fast those tokens
 * were read (once, by the clock).
 *
 * usage: depth WEIGHTS N_THREADS ROUNDS DEPTH…
 *
 * All depths and forms write in turn, TOKENS each a round; the median over the
 * rounds counts, and the median of what each keeps of depth 0 within a round.
 * With one thread it is processor time, which other work disturbs less. */
#include <stdio.h>
#include <stdlib.h>

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"
#include "backends/settings.h"
#include "base/clock.h"
#include "base/mem.h"
#include "measure.h"

enum { TOKENS = 16, MOST = 16, FORMS = 2, WARM = 300 };

static const struct form {
    enum engine_kv kv;
    int word;
} forms[FORMS] = {{ENGINE_KV_F16, KV_F16}, {ENGINE_KV_Q8, KV_Q8}};

/* A timeline that is written on. */
struct place {
    struct engine_session *session;
    int depth, form;
    int64_t resident; /* bytes that it made the process larger by */
    double reading;   /* seconds, of `depth` tokens */
    double *seconds;  /* [rounds], of TOKENS tokens */
};

static int eval(struct engine *g, struct engine_session *s, int first, int n,
                struct err *e)
{
    int n_vocab = engine_info(g)->n_vocab, rc = 0;
    int32_t *ids = mem_calloc((size_t)n, sizeof(*ids));
    for (int i = 0; i < n; i++)
        ids[i] = (7 * (first + i) + 3) % n_vocab;
    struct engine_feed feed = {s, ids, (size_t)n, NULL};
    if (n > 0)
        rc = engine_eval(g, &feed, 1, e);
    free(ids);
    return rc;
}

static int place_open(struct place *p, struct engine *g, int rounds,
                      struct err *e)
{
    if (engine_session_open(&p->session, g, p->depth + TOKENS,
                            forms[p->form].kv, e) != 0)
        return -1;
    p->seconds = mem_calloc((size_t)rounds, sizeof(*p->seconds));
    int64_t before = resident_bytes(), begin = clock_monotonic_ns();
    if (eval(g, p->session, 0, p->depth, e) != 0)
        return -1;
    p->reading = (double)(clock_monotonic_ns() - begin) / 1e9;
    p->resident = resident_bytes() - before;
    return 0;
}

static int write_on(struct place *p, struct engine *g, int round,
                    int64_t (*now)(void), struct err *e)
{
    int64_t begin = now();
    for (int i = 0; i < TOKENS; i++)
        if (eval(g, p->session, p->depth + i, 1, e) != 0)
            return -1;
    p->seconds[round] = (double)(now() - begin) / 1e9;
    engine_session_rewind(p->session, p->depth);
    return 0;
}

/* zero: the place of the same form at depth 0. */
static void print_place(const struct place *p, const struct place *zero,
                        int rounds)
{
    double *kept = mem_calloc((size_t)rounds, sizeof(*kept));
    double *rate = mem_calloc((size_t)rounds, sizeof(*rate));
    for (int i = 0; i < rounds; i++) {
        kept[i] = zero->seconds[i] / p->seconds[i];
        rate[i] = TOKENS / p->seconds[i];
    }
    printf("%-4s @%-6d %8.1f tokens/s  kept %.3f  %6.1f MiB",
           setting_kv(forms[p->form].word), p->depth, median(rate, rounds),
           median(kept, rounds), (double)p->resident / 1048576);
    if (p->depth > 0)
        printf("  read at %.1f tokens/s", p->depth / p->reading);
    putchar('\n');
    free(kept);
    free(rate);
}

static int measure(struct engine *g, struct place *p, int n, int rounds,
                   int n_threads, struct err *e)
{
    /* A prompt makes room for passes, which are no one's. */
    struct place warm = {.depth = WARM};
    int rc = place_open(&warm, g, 0, e);
    engine_session_close(warm.session);
    free(warm.seconds);
    for (int i = 0; i < n && rc == 0; i++)
        rc = place_open(&p[i], g, rounds, e);
    if (rc != 0)
        return -1;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < n; i++)
            if (write_on(&p[i], g, r,
                         n_threads == 1 ? clock_thread_ns : clock_monotonic_ns,
                         e) != 0)
                return -1;
    for (int i = 0; i < n; i++)
        print_place(&p[i], &p[i % FORMS], rounds);
    return 0;
}

static int number(const char *word)
{
    return (int)strtol(word, NULL, 10);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    struct engine *g = NULL;
    struct place p[MOST] = {{0}};
    if (argc < 5 || (argc - 3) * FORMS > MOST) {
        fprintf(stderr, "usage: depth WEIGHTS N_THREADS ROUNDS DEPTH...\n");
        return 2;
    }
    int n_threads = number(argv[2]), rounds = number(argv[3]);
    int n = (argc - 3) * FORMS; /* depth 0 and those given */
    for (int i = 0; i < n; i++) {
        p[i].depth = i < FORMS ? 0 : number(argv[3 + i / FORMS]);
        p[i].form = i % FORMS;
    }
    struct pool *pool = pool_open(n_threads);
    struct engine_options options = {.pool = pool};
    int rc = engine_open(&g, argv[1], &options, &e);
    if (rc == 0)
        rc = measure(g, p, n, rounds > 0 ? rounds : 1, n_threads, &e);
    for (int i = 0; i < n; i++) {
        engine_session_close(p[i].session);
        free(p[i].seconds);
    }
    engine_close(g);
    pool_close(pool);
    if (rc != 0)
        fprintf(stderr, "depth: %s\n", e.text);
    return rc == 0 ? 0 : 1;
}
