/* How fast each set of kernels that runs here multiplies, by type of matrix.
 *
 * usage: kernels [ROUNDS]
 *
 * One thread, a matrix of 1,536 rows and 768 columns, 16 and 256 rows of
 * activations, the sets in turn; the best of the rounds counts (the slow scalar
 * set has few).  Speeds are in thousand million products of two numbers a
 * second; the ratio is to the set before. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "backends/engine/kernels/kern.h"
#include "base/clock.h"
#include "base/mem.h"

enum { ROWS = 1536, COLS = 768, MOST_X = 256, ROUNDS = 20, FEW_ROUNDS = 3 };

static const char *const set_names[] = {"scalar", "avx2", "avx512", "amx",
                                        "neon"};
enum { SETS = sizeof(set_names) / sizeof(set_names[0]) };

static const struct {
    uint32_t type;
    const char *name;
} types[] = {
    {GGUF_F32, "F32"},   {GGUF_F16, "F16"},   {GGUF_Q4_0, "Q4_0"},
    {GGUF_Q4_1, "Q4_1"}, {GGUF_Q5_0, "Q5_0"}, {GGUF_Q8_0, "Q8_0"},
    {GGUF_Q2_K, "Q2_K"}, {GGUF_Q3_K, "Q3_K"}, {GGUF_Q4_K, "Q4_K"},
    {GGUF_Q5_K, "Q5_K"}, {GGUF_Q6_K, "Q6_K"}, {GGUF_IQ4_XS, "IQ4_XS"},
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* Zeros take as long as other numbers. */
struct product {
    struct matrix m;
    unsigned char *weights;
    struct kern_block *blocks;
    float *floats, *out;
};

static struct product product_open(uint32_t type)
{
    struct product p = {.weights = NULL};
    matrix_describe(&p.m, type, ROWS, COLS);
    size_t bytes = (size_t)p.m.n_panels * p.m.panel_bytes;
    p.weights = mem_try_aligned(bytes, 1);
    p.blocks = mem_try_aligned(MOST_X * COLS / 32, sizeof(*p.blocks));
    p.floats = mem_calloc((size_t)MOST_X * COLS, sizeof(*p.floats));
    p.out = mem_calloc((size_t)MOST_X * ROWS, sizeof(*p.out));
    if (p.weights == NULL || p.blocks == NULL)
        exit(1);
    for (size_t i = 0; i < bytes; i++)
        p.weights[i] = 0;
    for (int i = 0; i < MOST_X * COLS / 32; i++)
        p.blocks[i] = (struct kern_block){.d = 0};
    p.m.data = p.weights;
    return p;
}

static void product_close(struct product *p)
{
    free(p->weights);
    free(p->blocks);
    free(p->floats);
    free(p->out);
}

static double time_product(const struct product *p, const struct kern *k,
                           int n_x)
{
    struct kern_rows x = {n_x, COLS, p->blocks, p->floats};
    int64_t begin = clock_monotonic_ns();
    k->matmul(&p->m, 0, p->m.n_panels, &x, p->out, ROWS);
    return 1e-9 * (double)(clock_monotonic_ns() - begin);
}

static void measure_type(int type, int n_x, int rounds)
{
    struct product p = product_open(types[type].type);
    double best[SETS] = {0}, before = 0;
    for (int i = 0; i < rounds; i++)
        for (int s = 0; s < SETS; s++) {
            const struct kern *k = kern_by_name(set_names[s]);
            if (s == 0 && i >= FEW_ROUNDS)
                continue;
            double t = k ? time_product(&p, k, n_x) : 0;
            best[s] = i == 0 || t < best[s] ? t : best[s];
        }
    printf("%-7s x%-4d", types[type].name, n_x);
    for (int s = 0; s < SETS; s++) {
        if (best[s] <= 0)
            continue;
        double speed = 1e-9 * (double)n_x * ROWS * COLS / best[s];
        printf("  %s %.1f", set_names[s], speed);
        if (before > 0)
            printf(" (%.2f)", speed / before);
        before = speed;
    }
    putchar('\n');
    product_close(&p);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : ROUNDS;
    for (int t = 0; t < TYPES; t++) {
        measure_type(t, 16, rounds);
        measure_type(t, MOST_X, rounds);
    }
    return 0;
}
