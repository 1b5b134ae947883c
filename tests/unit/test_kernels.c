/* Each kernel set that runs here against the scalar one, and what the header
 * promises: a row's numbers do not depend on the rows beside it. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/kernels/half.h"
#include "backends/engine/kernels/kern.h"
#include "base/mem.h"
#include "base/rng.h"
#include "tests/unit/tile_emulator.h"

static const char *const set_names[] = {"scalar", "avx2", "avx512",
                                        "amx", "neon"};
#define N_SETS 5

static const uint32_t all_types[] = {
    GGUF_F32,  GGUF_F16,  GGUF_BF16,   GGUF_Q4_0,   GGUF_Q4_1, GGUF_Q5_0,
    GGUF_Q5_1, GGUF_Q8_0, GGUF_Q2_K,   GGUF_Q3_K,   GGUF_Q4_K, GGUF_Q5_K,
    GGUF_Q6_K, GGUF_IQ4_NL, GGUF_IQ4_XS, QUANT_Q8_F32,
};
#define N_TYPES (sizeof(all_types) / sizeof(*all_types))

static float random_float(struct rng *r)
{
    return (float)(2 * rng_double(r) - 1);
}

static float *random_floats(struct rng *r, size_t n)
{
    float *x = mem_calloc(n, sizeof(*x));
    for (size_t i = 0; i < n; i++)
        x[i] = random_float(r);
    return x;
}

/* --- matrices ---------------------------------------------------------- */

/* Random bits are random weights, but for the scales, which must be sane. */
static void sane_scales(uint32_t type, unsigned char *block, struct rng *r)
{
    uint16_t d = half_of_float(0.01f * random_float(r));
    uint16_t m = half_of_float(0.01f * random_float(r));
    float f = 0.01f * random_float(r);
    switch (type) {
    case GGUF_Q2_K: memcpy(block + 80, &d, 2); memcpy(block + 82, &m, 2); break;
    case GGUF_Q3_K: memcpy(block + 108, &d, 2); break;
    case GGUF_Q6_K: memcpy(block + 208, &d, 2); break;
    case QUANT_Q8_F32: memcpy(block, &f, 4); break;
    case GGUF_Q4_1:
    case GGUF_Q5_1:
    case GGUF_Q4_K:
    case GGUF_Q5_K: memcpy(block + 2, &m, 2); /* fall through */
    default: memcpy(block, &d, 2);
    }
}

/* A matrix with data of its own. */
static struct matrix random_matrix(uint32_t type, int rows, int cols,
                                   struct rng *r)
{
    struct matrix m;
    matrix_describe(&m, type, rows, cols);
    size_t n = (size_t)rows * (size_t)cols;
    if (m.quant == NULL) {
        unsigned char *data = mem_calloc(n, 4);
        for (size_t i = 0; i < n; i++) {
            float f = random_float(r);
            uint16_t half = half_of_float(f);
            uint16_t brain = (uint16_t)(bits_of_float(f) >> 16);
            if (type == GGUF_F32)
                memcpy(data + 4 * i, &f, 4);
            else
                memcpy(data + 2 * i, type == GGUF_F16 ? &half : &brain, 2);
        }
        m.data = data;
        return m;
    }
    size_t blocks = n / (size_t)m.quant->block;
    size_t size = (size_t)m.quant->block_bytes;
    unsigned char *src = mem_calloc(blocks, size);
    for (size_t i = 0; i < blocks * size; i++)
        src[i] = (unsigned char)rng_next(r);
    for (size_t i = 0; i < blocks; i++)
        sane_scales(type, src + i * size, r);
    unsigned char *packed = mem_try_aligned(matrix_packed_bytes(&m), 1);
    assert_non_null(packed);
    matrix_pack(&m, src, packed, 0, m.n_panels);
    m.data = packed;
    free(src);
    return m;
}

static struct kern_rows make_rows(const struct kern *k, const float *x, int n,
                                  int cols, struct kern_block *blocks)
{
    for (int i = 0; i < n; i++) {
        int width;
        size_t at = kern_block_at(n, i, cols / 32, &width);
        k->quantize(x + i * cols, cols / 32 * 32, blocks + at, width);
    }
    return (struct kern_rows){n, cols, blocks, x};
}

/* Largest difference relative to the root mean square of a. */
static double distance(const float *a, const float *b, size_t n)
{
    double square = 0, worst = 0;
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        square += (double)a[i] * (double)a[i];
        if (!(d <= worst))
            worst = d;
    }
    return worst / sqrt(square / (double)n + 1e-30);
}

enum { ROWS = 43, MAX_X = 37, STRIDE = 50 };

/* All rows of m times n rows of x, in out [n][STRIDE]. */
static void multiply(const struct kern *k, const struct matrix *m,
                     const float *x, int n, float *out)
{
    struct kern_block *blocks = mem_calloc((size_t)(n * m->cols / 32 + 1),
                                           sizeof(*blocks));
    struct kern_rows rows = make_rows(k, x, n, m->cols, blocks);
    k->matmul(m, 0, 1, &rows, out, STRIDE);
    k->matmul(m, 1, m->n_panels, &rows, out, STRIDE);
    free(blocks);
}

static void check_type(const struct kern *k, uint32_t type, int cols)
{
    struct rng r;
    rng_init(&r, type);
    struct matrix m = random_matrix(type, ROWS, cols, &r);
    float *x = random_floats(&r, (size_t)(MAX_X * cols));
    static const int counts[] = {1, 2, 3, 4, 7, 8, 15, 16, 17, 37};
    float one[MAX_X][STRIDE], want[MAX_X][STRIDE], got[MAX_X][STRIDE];

    for (int i = 0; i < MAX_X; i++)
        multiply(k, &m, x + i * cols, 1, one[i]);
    for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
        int n = counts[c];
        memset(want, 0, sizeof(want));
        memset(got, 0, sizeof(got));
        multiply(kern_scalar(), &m, x, n, want[0]);
        multiply(k, &m, x, n, got[0]);
        for (int i = 0; i < n; i++) {
            if (!(distance(want[i], got[i], ROWS) < 2e-5))
                fail_msg("%s, type %u, row %d of %d: off by %g", k->name,
                         (unsigned)type, i, n,
                         distance(want[i], got[i], ROWS));
            assert_memory_equal(got[i], one[i], ROWS * sizeof(float));
            for (int j = ROWS; j < STRIDE; j++) /* nothing beyond the rows */
                assert_true(got[i][j] == 0);
        }
    }
    free(x);
    free((void *)(uintptr_t)m.data);
}

/* The packed product is near to the one that floats give. */
static void test_matmul_is_near_floats(void **state)
{
    (void)state;
    const struct kern *k = kern_scalar();
    for (size_t t = 0; t < N_TYPES; t++) {
        enum { COLS = 512 };
        struct rng r;
        rng_init(&r, 7 + t);
        struct matrix m = random_matrix(all_types[t], ROWS, COLS, &r);
        float *x = random_floats(&r, COLS), row[COLS];
        float want[ROWS], got[STRIDE];
        for (int i = 0; i < ROWS; i++) {
            double sum = 0;
            matrix_row(&m, i, row);
            for (int j = 0; j < COLS; j++)
                sum += (double)row[j] * (double)x[j];
            want[i] = (float)sum;
        }
        multiply(k, &m, x, 1, got);
        double limit = m.quant ? 0.05 : 1e-5; /* activations have 8 bits */
        if (!(distance(want, got, ROWS) < limit))
            fail_msg("type %u: off by %g", (unsigned)all_types[t],
                     distance(want, got, ROWS));
        free(x);
        free((void *)(uintptr_t)m.data);
    }
}

static void test_matmul(void **state)
{
    (void)state;
    for (int s = 0; s < N_SETS; s++) {
        const struct kern *k = kern_by_name(set_names[s]);
        for (size_t t = 0; k != NULL && t < N_TYPES; t++) {
            check_type(k, all_types[t], 768); /* tiles take them in parts */
            if (quant_type(all_types[t]) == NULL)
                check_type(k, all_types[t], 77);
            else if (quant_type(all_types[t])->block == 32)
                check_type(k, all_types[t], 96);
        }
    }
}

/* --- the rest ---------------------------------------------------------- */

static void test_quantize(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 3);
    for (int s = 0; s < N_SETS; s++) {
        const struct kern *k = kern_by_name(set_names[s]);
        if (k == NULL)
            continue;
        float *x = random_floats(&r, 64);
        memset(x + 32, 0, 32 * sizeof(*x)); /* a block of zeros */
        struct kern_block b[3];
        k->quantize(x, 64, b, 2);
        struct kern_block same[3];
        kern_scalar()->quantize(x, 64, same, 2);
        assert_memory_equal(&b[0], &same[0], sizeof(b[0]));
        assert_memory_equal(&b[2], &same[2], sizeof(b[2]));
        int32_t first = 0, all = 0;
        for (int i = 0; i < 32; i++) {
            assert_true(fabsf(x[i] - b[0].d * b[0].q[i]) <= b[0].d * 0.5001f);
            all += b[0].q[i];
            first += i < 16 ? b[0].q[i] : 0;
            assert_int_equal(b[2].q[i], 0);
        }
        assert_int_equal(b[0].neg, -all);
        assert_int_equal(b[0].neg_half, -first);
        assert_true(b[0].sum == b[0].d * (float)all);
        assert_true(b[2].d == 0 && b[2].sum == 0 && b[2].neg == 0);
        static const float broken[] = {NAN, INFINITY, -INFINITY};
        for (int i = 0; i < 3; i++) {
            x[31 - i] = broken[i];
            k->quantize(x, 32, b, 1);
            assert_true(isnan(b[0].d));
            x[31 - i] = 0;
        }
        free(x);
    }
}

static void test_rows(void **state)
{
    (void)state;
    enum { N = 77 };
    struct rng r;
    rng_init(&r, 4);
    float *x = random_floats(&r, N), *w = random_floats(&r, N);
    for (int s = 0; s < N_SETS; s++) {
        const struct kern *k = kern_by_name(set_names[s]);
        if (k == NULL)
            continue;
        float norm[N], silu[N], gelu[N], sum[N], out[N];
        double mean = 0;
        for (int i = 0; i < N; i++)
            mean += (double)x[i] * (double)x[i] / N;
        k->rmsnorm(x, w, N, 1e-5f, norm);
        for (int i = 0; i < N; i++)
            silu[i] = gelu[i] = sum[i] = 9 * x[i];
        k->activate(KERN_SILU, silu, w, N);
        k->activate(KERN_GELU, gelu, w, N);
        k->add(sum, w, 0.5f, N);
        for (int i = 0; i < N; i++) {
            double v = (double)x[i], g = 9 * v, u = (double)w[i];
            double z = 0.7978845608 * (g + 0.044715 * g * g * g);
            assert_true(fabs(v / sqrt(mean + 1e-5) * u - (double)norm[i]) <
                        1e-6);
            assert_true(fabs(g / (1 + exp(-g)) * u - (double)silu[i]) < 2e-6);
            assert_true(fabs(g * (1 + tanh(z)) / 2 * u - (double)gelu[i]) <
                        2e-6);
            assert_true(fabs(g + 0.5 * u - (double)sum[i]) < 2e-6);
        }
        assert_true(k->finish(x, 2, 0, N, out));
        assert_true(out[N - 1] == 2 * x[N - 1]);
        assert_true(k->finish(x, 2, 1.5f, N, out));
        assert_true(fabsf(out[5] - 1.5f * tanhf(2 * x[5] / 1.5f)) < 1e-6f);
        for (int i = 0; i < N; i += 19) {
            float broken[N];
            memcpy(broken, x, sizeof(broken));
            broken[i] = i % 2 ? NAN : -INFINITY;
            assert_false(k->finish(broken, 1, 0, N, out));
        }
    }
    free(x);
    free(w);
}

static void check_softmax(const struct kern *k, int n)
{
    enum { MOST = 229 };
    float x[MOST], y[MOST], max;
    assert_true(n <= MOST);
    for (int i = 0; i < n; i++)
        x[i] = y[i] = i % 5 == 4 ? -INFINITY : (float)(i * 7 % 40) - 30;
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += exp((double)x[i] - 9);
    float got = k->softmax(y, n, &max);
    assert_true(max == 9);
    assert_true(fabs(sum - (double)got) < 1e-6 * sum);
    for (int i = 0; i < n; i++)
        assert_true(fabs(exp((double)x[i] - 9) - (double)y[i]) < 1e-7);
    for (int i = 0; i < n; i++)
        y[i] = -INFINITY;
    assert_true(k->softmax(y, n, &max) == 0);
    assert_true(y[0] == 0 && y[n - 1] == 0);
    y[7] = y[n - 1] = NAN; /* must not be lost, nor be the maximum */
    y[8] = 1;
    assert_true(isnan(k->softmax(y, n, &max)) && max == 1);
    for (int top = 0; top < n; top++) { /* wherever the largest is */
        for (int i = 0; i < n; i++)
            y[i] = i == top ? 2 : (float)i / (float)n;
        k->softmax(y, n, &max);
        assert_true(max == 2 && y[top] == 1);
    }
}

static void test_softmax(void **state)
{
    (void)state;
    static const int lengths[] = {37, 64, 229};
    for (int s = 0; s < N_SETS; s++) {
        const struct kern *k = kern_by_name(set_names[s]);
        for (int i = 0; k != NULL && i < 3; i++)
            check_softmax(k, lengths[i]);
    }
}

/* The i-th of some queries alone, to the bits that it had beside the others. */
static void check_alone(const struct kern *k, const float *q, int i, int d,
                        const uint16_t *keys, int n, int n_max,
                        const float *among)
{
    float *alone = mem_calloc((size_t)n_max, sizeof(*alone));
    k->scores(q + i * d, 1, d, keys, n, alone, n_max, keys);
    assert_memory_equal(alone, among + i * n_max, (size_t)n * sizeof(*alone));
    free(alone);
}

static void check_weighed_alone(const struct kern *k, const float *s, int i,
                                int n_max, const uint16_t *values, int n,
                                int d, const float *among)
{
    float *alone = mem_calloc((size_t)d, sizeof(*alone));
    k->weigh(s + i * n_max, n_max, 1, values, n, d, alone, values);
    assert_memory_equal(alone, among + i * d, (size_t)d * sizeof(*alone));
    free(alone);
}

static void check_attention(const struct kern *k, int n_q, int d)
{
    enum { N = 80, N_MAX = 96 };
    struct rng r;
    rng_init(&r, (uint64_t)(n_q * 1000 + d));
    int pad = (d + 15) / 16 * 16;
    float *q = random_floats(&r, (size_t)(n_q * d));
    float *s = random_floats(&r, (size_t)(n_q * N_MAX));
    float *o = mem_calloc((size_t)(n_q * pad), sizeof(*o));
    uint16_t *keys = mem_calloc((size_t)(N * d), 2);
    uint16_t *values = mem_calloc((size_t)(N * pad), 2); /* plain rows */
    uint16_t *blocks = mem_calloc((size_t)(N_MAX * pad), 2); /* as in kern.h */
    for (int p = 0; p < N; p++) {
        float *row = random_floats(&r, (size_t)d);
        int block = p / KERN_KEY_BLOCK * KERN_KEY_BLOCK;
        k->to_half(row, d, keys + block * d + p - block, KERN_KEY_BLOCK);
        k->to_half(row, d, values + p * pad, 1);
        for (int j = 0; j < d; j++) {
            int first = j / KERN_VALUE_BLOCK * KERN_VALUE_BLOCK;
            int width = pad - first < KERN_VALUE_BLOCK ? pad - first
                                                       : KERN_VALUE_BLOCK;
            assert_int_equal(values[p * pad + j], half_of_float(row[j]));
            blocks[first * N_MAX + p * width + j - first] =
                values[p * pad + j];
        }
        free(row);
    }
    k->weigh(s, N_MAX, n_q, blocks, N - 3, pad, o, keys);
    for (int i = 0; i < n_q; i++)
        for (int j = 0; j < pad; j++) {
            double sum = 0;
            for (int p = 0; p < N - 3; p++)
                sum += (double)s[i * N_MAX + p] *
                       (double)float_of_half(values[p * pad + j]);
            assert_true(fabs(sum - (double)o[i * pad + j]) < 1e-5);
        }
    for (int i = 0; i < n_q; i++)
        check_weighed_alone(k, s, i, N_MAX, blocks, N - 3, pad, o);
    k->scores(q, n_q, d, keys, N, s, N_MAX, keys);
    for (int i = 0; i < n_q; i++)
        for (int p = 0; p < N; p++) {
            double sum = 0;
            for (int j = 0; j < d; j++)
                sum += (double)q[i * d + j] *
                       (double)float_of_half(values[p * pad + j]);
            assert_true(fabs(sum - (double)s[i * N_MAX + p]) < 1e-5);
        }
    for (int i = 0; i < n_q; i++)
        check_alone(k, q, i, d, keys, N, N_MAX, s);
    free(q);
    free(s);
    free(o);
    free(keys);
    free(values);
    free(blocks);
}

static void test_attention(void **state)
{
    (void)state;
    static const int widths[] = {8, 64, 80, 256, 272};
    for (int s = 0; s < N_SETS; s++) {
        const struct kern *k = kern_by_name(set_names[s]);
        for (int i = 0; k != NULL && i < 5; i++)
            for (int n_q = 1; n_q <= 15; n_q += n_q < 5 ? 1 : 5)
                check_attention(k, n_q, widths[i]);
    }
}

/* Where rows of blocks are: each block once, tiles behind each other. */
static void test_tiles(void **state)
{
    (void)state;
    enum { BLOCKS = 3 };
    for (int n = 1; n <= 50; n++) {
        bool taken[50 * BLOCKS] = {false};
        for (int i = 0; i < n; i++)
            for (size_t b = 0; b < BLOCKS; b++) {
                int width;
                size_t at = kern_block_at(n, i, BLOCKS, &width);
                at += b * (size_t)width;
                assert_true(at < (size_t)(n * BLOCKS));
                assert_false(taken[at]);
                taken[at] = true;
            }
    }
}

static void test_choice(void **state)
{
    (void)state;
    assert_non_null(kern_by_name("scalar"));
    assert_null(kern_by_name("sse1"));
    const char *here = getenv("ARENA_TEST_KERNELS"); /* who knows sets it */
    if (here != NULL)
        assert_string_equal(kern_best()->name, here);
    setenv("ARENA_KERNELS", "scalar", 1);
    assert_string_equal(kern_best()->name, "scalar");
    setenv("ARENA_KERNELS", "nonsense", 1);
    assert_non_null(kern_best());
    unsetenv("ARENA_KERNELS");
    assert_non_null(kern_best());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tiles),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_quantize),
        cmocka_unit_test(test_matmul_is_near_floats),
        cmocka_unit_test(test_matmul),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_attention),
    };
    return TEST_RUN(tests);
}
