#include "backends/engine/kernels/kern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>

static bool runs_neon(void)
{
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
}
#else
static bool runs_neon(void)
{
    return true; /* if it is compiled at all */
}
#endif

#if defined(__x86_64__)
#include <cpuid.h>

/* By its bit: clang 14 has no name for it. */
static bool has_f16c(void)
{
    unsigned a, b, c = 0, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C) != 0;
}

static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           has_f16c();
}

static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
}
#else
static bool runs_avx2(void)
{
    return false;
}

static bool runs_avx512(void)
{
    return false;
}
#endif

static bool runs_always(void)
{
    return true;
}

/* Best first. */
static const struct {
    const char *name;
    const struct kern *(*set)(void);
    bool (*runs)(void);
} sets[] = {
    {"avx512", kern_avx512, runs_avx512},
    {"avx2", kern_avx2, runs_avx2},
    {"neon", kern_neon, runs_neon},
    {"scalar", kern_scalar, runs_always},
};

#define N_SETS (sizeof(sets) / sizeof(*sets))

const struct kern *kern_by_name(const char *name)
{
    for (size_t i = 0; i < N_SETS; i++)
        if (strcmp(sets[i].name, name) == 0)
            return sets[i].runs() ? sets[i].set() : NULL;
    return NULL;
}

const struct kern *kern_best(void)
{
    const char *wanted = getenv("ARENA_KERNELS");
    const struct kern *k = wanted ? kern_by_name(wanted) : NULL;
    for (size_t i = 0; k == NULL && i < N_SETS; i++)
        if (sets[i].runs())
            k = sets[i].set(); /* NULL if it is not compiled */
    return k;
}
