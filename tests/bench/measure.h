/* What benchmarks have in common. */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Memory that the process has; what was freed is no one's. */
static inline int64_t resident_bytes(void)
{
    long long pages = 0;
    malloc_trim(0);
    FILE *f = fopen("/proc/self/statm", "r");
    if (f != NULL && fscanf(f, "%*d %lld", &pages) != 1)
        pages = 0;
    if (f != NULL)
        fclose(f);
    return pages * 4096;
}

static inline int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of n numbers, which it sorts. */
static inline double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof(*x), compare_doubles);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

#endif
