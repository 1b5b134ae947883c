/* What adapters cost: a token of each of four answers in a pass, with an
 * adapter each beside without any, and the memory of an adapter.
 *
 * usage: adapters WEIGHTS RANK N_THREADS ROUNDS
 *
 * The adapters are random, of 16 bits, for all matrices of all layers.  Both
 * kinds of pass run in turn; the median of the ratios of a round counts.  With
 * one thread it is processor time, which other work disturbs less. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"
#include "base/clock.h"
#include "base/mem.h"
#include "measure.h"
#include "random_adapter.h"

enum { ANSWERS = 4, TOKENS = 4 };

struct bench {
    struct engine *g;
    struct engine_adapter *adapters[ANSWERS];
    struct engine_session *sessions[2][ANSWERS]; /* without, with */
    int64_t (*now)(void);
    int rounds;
};

static int open_adapters(struct bench *b, const char *weights, int rank,
                         struct err *e)
{
    char path[] = "/tmp/adapterXXXXXX";
    int fd = mkstemp(path), rc = 0;
    int64_t bytes = 0;
    for (int i = 0; i < ANSWERS && rc == 0; i++) {
        rc = random_adapter_write(weights, rank, (uint64_t)i + 1, path, e);
        int64_t before = resident_bytes();
        if (rc == 0)
            rc = engine_adapter_open(&b->adapters[i], b->g, path, e);
        bytes += resident_bytes() - before;
    }
    printf("an adapter of rank %d: %.1f MiB beside %.1f of weights\n", rank,
           (double)bytes / ANSWERS / 1048576,
           (double)engine_info(b->g)->file_bytes / 1048576);
    close(fd);
    unlink(path);
    return rc;
}

/* TOKENS of all answers, in seconds; negative: it failed. */
static double run(struct bench *b, int adapted, struct err *e)
{
    int64_t begin = b->now();
    for (int k = 0; k < TOKENS; k++) {
        struct engine_feed feeds[ANSWERS];
        int32_t ids[ANSWERS];
        for (int i = 0; i < ANSWERS; i++) {
            ids[i] = 100 + 17 * k + i;
            feeds[i] = (struct engine_feed){b->sessions[adapted][i], &ids[i],
                                            1, NULL};
        }
        if (engine_eval(b->g, feeds, ANSWERS, e) != 0)
            return -1;
    }
    for (int i = 0; i < ANSWERS; i++)
        engine_session_rewind(b->sessions[adapted][i], 0);
    return (double)(b->now() - begin) / 1e9;
}

static int open_sessions(struct bench *b, struct err *e)
{
    for (int i = 0; i < 2 * ANSWERS; i++) {
        struct engine_session **s = &b->sessions[i / ANSWERS][i % ANSWERS];
        struct engine_adapted one = {b->adapters[i % ANSWERS], 1};
        if (engine_session_open(s, b->g, TOKENS, ENGINE_KV_F16, e) != 0)
            return -1;
        engine_session_adapt(*s, &one, i / ANSWERS);
    }
    return 0;
}

static int measure(struct bench *b, struct err *e)
{
    double *kept = mem_calloc((size_t)b->rounds, sizeof(*kept));
    double *rate = mem_calloc((size_t)b->rounds, sizeof(*rate));
    int rc = 0;
    for (int r = -1; r < b->rounds && rc == 0; r++) { /* the first warms up */
        double plain = run(b, 0, e), adapted = run(b, 1, e);
        rc = plain < 0 || adapted < 0 ? -1 : 0;
        if (r < 0 || rc != 0)
            continue;
        kept[r] = plain / adapted;
        rate[r] = ANSWERS * TOKENS / plain;
    }
    if (rc == 0)
        printf("four answers: %.1f tokens/s; with an adapter each %.3f of it\n",
               median(rate, b->rounds), median(kept, b->rounds));
    free(kept);
    free(rate);
    return rc;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    struct bench b = {0};
    if (argc != 5) {
        fprintf(stderr, "usage: adapters WEIGHTS RANK N_THREADS ROUNDS\n");
        return 2;
    }
    int rank = (int)strtol(argv[2], NULL, 10);
    int n_threads = (int)strtol(argv[3], NULL, 10);
    b.rounds = (int)strtol(argv[4], NULL, 10);
    b.rounds = b.rounds < 1 ? 1 : b.rounds;
    b.now = n_threads == 1 ? clock_thread_ns : clock_monotonic_ns;
    struct pool *pool = pool_open(n_threads);
    struct engine_options options = {.pool = pool};
    int rc = engine_open(&b.g, argv[1], &options, &e);
    if (rc == 0)
        rc = open_adapters(&b, argv[1], rank, &e);
    if (rc == 0)
        rc = open_sessions(&b, &e);
    if (rc == 0)
        rc = measure(&b, &e);
    for (int i = 0; i < 2 * ANSWERS; i++)
        engine_session_close(b.sessions[i / ANSWERS][i % ANSWERS]);
    for (int i = 0; i < ANSWERS; i++)
        engine_adapter_close(b.adapters[i]);
    engine_close(b.g);
    pool_close(pool);
    if (rc != 0)
        fprintf(stderr, "adapters: %s\n", e.text);
    return rc == 0 ? 0 : 1;
}
