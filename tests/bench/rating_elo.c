/* Bench: votes a second that the running Elo takes, in memory, one thread. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "rating/elo.h"

enum { N_MODELS = 100, N_VOTES = 4000000, N_RUNS = 7 };

struct vote {
    uint32_t a, b;
    enum rating_outcome outcome;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    struct vote *votes = malloc(N_VOTES * sizeof(*votes));
    struct elo_params p = elo_defaults();
    double rating[N_MODELS], took[N_RUNS], sum = 0;
    struct rng r;
    if (votes == NULL)
        return 1;
    rng_init(&r, 1);
    for (int k = 0; k < N_VOTES; k++) {
        votes[k].a = (uint32_t)rng_below(&r, N_MODELS);
        votes[k].b = (uint32_t)rng_below(&r, N_MODELS - 1);
        votes[k].b += votes[k].b >= votes[k].a;
        votes[k].outcome = (enum rating_outcome)rng_below(&r, 4);
    }
    for (int run = 0; run < N_RUNS; run++) {
        for (int i = 0; i < N_MODELS; i++)
            rating[i] = p.start;
        double start = seconds();
        for (int k = 0; k < N_VOTES; k++)
            elo_update(&p, &rating[votes[k].a], &rating[votes[k].b],
                       votes[k].outcome);
        took[run] = seconds() - start;
    }
    for (int i = 0; i < N_MODELS; i++)
        sum += rating[i]; /* always the same: what one wins another loses */
    qsort(took, N_RUNS, sizeof(took[0]), compare_doubles);
    printf("elo: %.1f million votes/s (median of %d runs; ratings sum to "
           "%.3f)\n", N_VOTES / took[N_RUNS / 2] / 1e6, N_RUNS, sum);
    free(votes);
    return 0;
}
