#include "backends/engine/kernels/kern.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/kernels/tiles.h"
#include "base/clock.h"
#include "base/mem.h"

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

static bool runs_amx(void)
{
    return runs_avx512() && tiles_work();
}

static bool runs_always(void)
{
    return true;
}

/* --- whether tiles pay -------------------------------------------------- */

enum { TRIAL_ROWS = 64, TRIAL_COLS = 1024, TRIAL_X = 32, TRIALS = 7 };

/* What both sets multiply in the trial: zeros take as long as numbers. */
struct trial {
    struct matrix m;
    unsigned char *weights;
    struct kern_block *blocks;
    float *out;
};

static int64_t time_trial(const struct trial *t, const struct kern *k)
{
    struct kern_rows x = {TRIAL_X, TRIAL_COLS, t->blocks, NULL};
    int64_t begin = clock_monotonic_ns();
    k->matmul(&t->m, 0, t->m.n_panels, &x, t->out, TRIAL_ROWS);
    return clock_monotonic_ns() - begin;
}

/* Whether a's best time is shorter than b's, in turn. */
static bool is_faster(const struct kern *a, const struct kern *b)
{
    struct trial t;
    int64_t best_a = INT64_MAX, best_b = INT64_MAX;
    matrix_describe(&t.m, GGUF_Q4_1, TRIAL_ROWS, TRIAL_COLS);
    t.m.data = t.weights = mem_calloc(1, matrix_packed_bytes(&t.m));
    t.blocks = mem_calloc(TRIAL_X * TRIAL_COLS / 32, sizeof(*t.blocks));
    t.out = mem_calloc(TRIAL_X * TRIAL_ROWS, sizeof(*t.out));
    for (int i = 0; i < TRIALS; i++) {
        int64_t time_a = time_trial(&t, a), time_b = time_trial(&t, b);
        best_a = time_a < best_a ? time_a : best_a;
        best_b = time_b < best_b ? time_b : best_b;
    }
    free(t.weights);
    free(t.blocks);
    free(t.out);
    return best_a < best_b;
}

static bool tiles_pay;

static void find_out_whether_tiles_pay(void)
{
    tiles_pay = is_faster(kern_amx(), kern_avx512());
}

/* Both sets give the same bits, so the clock may choose between them. */
static bool pays_amx(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_out_whether_tiles_pay);
    return tiles_pay;
}

/* --- the choice --------------------------------------------------------- */

/* Best first. */
static const struct {
    const char *name;
    const struct kern *(*set)(void);
    bool (*runs)(void);
    bool (*pays)(void); /* unless it is asked for by its name */
} sets[] = {
    {"amx", kern_amx, runs_amx, pays_amx},
    {"avx512", kern_avx512, runs_avx512, runs_always},
    {"avx2", kern_avx2, runs_avx2, runs_always},
    {"neon", kern_neon, runs_neon, runs_always},
    {"scalar", kern_scalar, runs_always, runs_always},
};

#define N_SETS (sizeof(sets) / sizeof(*sets))

/* NULL if it does not run here or is not compiled. */
static const struct kern *set_here(size_t i)
{
    return sets[i].runs() ? sets[i].set() : NULL;
}

const struct kern *kern_by_name(const char *name)
{
    for (size_t i = 0; i < N_SETS; i++)
        if (strcmp(sets[i].name, name) == 0)
            return set_here(i);
    return NULL;
}

const struct kern *kern_best(void)
{
    const char *wanted = getenv("ARENA_KERNELS");
    const struct kern *k = wanted ? kern_by_name(wanted) : NULL;
    for (size_t i = 0; k == NULL && i < N_SETS; i++)
        if (set_here(i) != NULL && sets[i].pays())
            k = set_here(i);
    return k;
}
