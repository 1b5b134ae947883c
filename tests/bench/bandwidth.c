/* How fast this machine's cores read memory together: the limit of writing an
 * answer, since each token reads all weights once.
 *
 * usage: bandwidth N_THREADS      prints GB/s, the best of several runs */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"

#define BYTES ((size_t)512 << 20) /* far beyond any cache */
#define ALIGNMENT ((size_t)2 << 20)
#define MAX_THREADS 256
#define RUNS 9

typedef uint64_t pair __attribute__((vector_size(16)));
struct line {
    pair a, b, c, d;
};

struct part {
    const struct line *at, *end;
    uint64_t sum; /* looked at, so that no read is left out */
};

static void *read_part(void *arg)
{
    struct part *p = arg;
    pair a = {0}, b = {0}, c = {0}, d = {0};
    for (const struct line *l = p->at; l < p->end; l++) {
        a += l->a;
        b += l->b;
        c += l->c;
        d += l->d;
    }
    a += b + c + d;
    p->sum = a[0] + a[1];
    return NULL;
}

/* Seconds that n threads take to read all. */
static double read_all(const struct line *data, int n)
{
    struct part parts[MAX_THREADS] = {{0}};
    pthread_t threads[MAX_THREADS];
    size_t each = BYTES / sizeof(*data) / (size_t)n;
    int64_t begin = clock_monotonic_ns();
    for (int i = 0; i < n; i++) {
        parts[i].at = data + (size_t)i * each;
        parts[i].end = parts[i].at + each;
        if (pthread_create(&threads[i], NULL, read_part, &parts[i]) != 0)
            exit(1);
    }
    uint64_t sum = 0;
    for (int i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
        sum += parts[i].sum;
    }
    int64_t spent = clock_monotonic_ns() - begin;
    return sum == 1 ? 0 : (double)spent * 1e-9;
}

int main(int argc, char **argv)
{
    int n = argc == 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    void *data;
    if (n < 1 || n > MAX_THREADS) {
        fprintf(stderr, "usage: bandwidth N_THREADS\n");
        return 2;
    }
    if (posix_memalign(&data, ALIGNMENT, BYTES) != 0)
        return 1;
#ifdef MADV_HUGEPAGE
    madvise(data, BYTES, MADV_HUGEPAGE);
#endif
    memset(data, 1, BYTES);
    double best = 1e9;
    for (int i = 0; i < RUNS; i++) {
        double s = read_all(data, n);
        best = s < best ? s : best;
    }
    printf("%.1f\n", (double)BYTES / best * 1e-9);
    free(data);
    return 0;
}
