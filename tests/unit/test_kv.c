/* Keys and values in 8 bits: every kernel set gives the scalar one's bits, near
 * to what halves give; what is no number stays so. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/kv.h"
#include "base/mem.h"
#include "base/rng.h"
#include "tests/unit/tile_emulator.h"

static const char *const set_names[] = {"scalar", "avx2", "avx512", "amx",
                                        "neon"};
#define N_SETS 5

enum { N_Q = 18, MOST = KERN_DEPTH_MOST };

/* Random keys, values and queries of heads of d numbers. */
struct numbers {
    int d;
    float *keys, *values; /* [KV_TILE][d] */
    float *queries;       /* [N_Q][d] */
    float *weights;       /* [N_Q][KV_TILE], none negative */
};

static float *random_floats(struct rng *r, int n)
{
    float *x = mem_calloc((size_t)n, sizeof(*x));
    for (int i = 0; i < n; i++)
        x[i] = (float)(2 * rng_double(r) - 1);
    return x;
}

static struct numbers open_numbers(int d)
{
    struct rng r;
    rng_init(&r, (uint64_t)d);
    struct numbers n = {d, random_floats(&r, KV_TILE * d),
                        random_floats(&r, KV_TILE * d),
                        random_floats(&r, N_Q * d),
                        random_floats(&r, N_Q * KV_TILE)};
    for (int i = 0; i < N_Q * KV_TILE; i++)
        n.weights[i] = fabsf(n.weights[i]);
    return n;
}

static void close_numbers(struct numbers *n)
{
    free(n->keys);
    free(n->values);
    free(n->queries);
    free(n->weights);
}

/* A head as a form keeps it, and the queries. */
struct head {
    struct kv kv;
    const struct kern *k;
    unsigned char *bytes;
    struct kv_queries queries;
};

/* A row of n numbers with room for d_pad, the rest 0. */
static const float *padded(const float *x, int d, float *row)
{
    memset(row, 0, MOST * sizeof(*row));
    memcpy(row, x, (size_t)d * sizeof(*x));
    return row;
}

static void store(struct head *h, const struct numbers *n, int p)
{
    float key[MOST], value[MOST];
    padded(n->keys + p * n->d, n->d, key);
    padded(n->values + p * n->d, n->d, value);
    h->kv.form->store(&h->kv, h->k, h->bytes, p, key, value);
}

static void ask(struct head *h, const struct numbers *n)
{
    for (int i = 0; i < N_Q; i++) {
        float query[MOST];
        padded(n->queries + i * n->d, n->d, query);
        h->kv.form->ask(&h->kv, h->k, &h->queries, i, query);
    }
}

static struct head open_head(const struct kv_form *form, const struct kern *k,
                             int d)
{
    struct head h = {{form, d, kern_value_padded(d)}, k, NULL, {0}};
    h.bytes = mem_calloc(1, h.kv.form->bytes(&h.kv));
    assert_true(kv_queries_open(&h.queries, N_Q, d));
    return h;
}

static void close_head(struct head *h)
{
    free(h->bytes);
    kv_queries_close(&h->queries);
}

/* Scores over n positions (rounded up) of n_q queries, and their values. */
struct results {
    float s[N_Q][KV_TILE], o[N_Q * MOST];
};

static void compute(const struct head *h, const struct numbers *x, int n_q,
                    int n, struct results *out)
{
    memset(out, 0, sizeof(*out));
    h->kv.form->scores(&h->kv, h->k, &h->queries, n_q, h->bytes,
                       (n + 15) / 16 * 16, out->s[0]);
    h->kv.form->weigh(&h->kv, h->k, x->weights, n_q, h->bytes, n, out->o,
                      h->bytes);
}

static struct head filled(const struct kv_form *form, const struct kern *k,
                          const struct numbers *x)
{
    struct head h = open_head(form, k, x->d);
    for (int p = 0; p < KV_TILE; p++)
        store(&h, x, p);
    ask(&h, x);
    return h;
}

static const int widths[] = {8, 16, 64, 80, 96, 256, MOST};
#define N_WIDTHS (sizeof(widths) / sizeof(*widths))

/* --- the sets ----------------------------------------------------------- */

static void check_set(const struct kern *k, int d)
{
    struct numbers x = open_numbers(d);
    struct head h = filled(&kv_bytes, k, &x);
    struct head truth = filled(&kv_bytes, kern_scalar(), &x);
    assert_memory_equal(h.bytes, truth.bytes, h.kv.form->bytes(&h.kv));
    static struct results got, want;
    static const int counts[] = {1, 2, 15, 63, 130, KV_TILE};
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        for (int n_q = 1; n_q <= N_Q; n_q += n_q == 8 ? 8 : 1) {
            compute(&h, &x, n_q, counts[i], &got);
            compute(&truth, &x, n_q, counts[i], &want);
            if (memcmp(&got, &want, sizeof(got)) != 0)
                fail_msg("%s: %d queries of %d numbers, %d positions: other "
                         "bits than scalar", k->name, n_q, d, counts[i]);
        }
    close_head(&h);
    close_head(&truth);
    close_numbers(&x);
}

static void sets_give_equal_bits(void **state)
{
    (void)state;
    for (int s = 0; s < N_SETS; s++) {
        const struct kern *k = kern_by_name(set_names[s]);
        for (size_t i = 0; k != NULL && i < N_WIDTHS; i++)
            check_set(k, widths[i]);
    }
}

/* --- the numbers -------------------------------------------------------- */

/* Largest difference relative to the root mean square of a. */
static double distance(const float *a, const float *b, int n)
{
    double square = 0, worst = 0;
    for (int i = 0; i < n; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        square += (double)a[i] * (double)a[i];
        worst = d <= worst ? worst : d;
    }
    return worst / sqrt(square / n);
}

/* How far scores over bytes are from those over halves; *weighed: values. */
static double distance_of_forms(const struct numbers *x, double *weighed)
{
    static struct results bytes, halves;
    struct head a = filled(&kv_bytes, kern_best(), x);
    struct head b = filled(&kv_halves, kern_best(), x);
    compute(&a, x, N_Q, KV_TILE, &bytes);
    compute(&b, x, N_Q, KV_TILE, &halves);
    *weighed = distance(halves.o, bytes.o, N_Q * a.kv.d_pad);
    close_head(&a);
    close_head(&b);
    return distance(halves.s[0], bytes.s[0], N_Q * KV_TILE);
}

static void bytes_are_near_halves(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WIDTHS; i++) {
        double weighed;
        struct numbers x = open_numbers(widths[i]);
        double scores = distance_of_forms(&x, &weighed);
        if (!(scores < 0.05 && weighed < 0.03))
            fail_msg("heads of %d: scores are off by %g, values by %g",
                     widths[i], scores, weighed);
        close_numbers(&x);
    }
}

/* A number that stands out at the same place of all keys, as models have them,
 * does not take the bits from the others.  Without the rotation: 0.85. */
static void outliers_of_keys_are_spread(void **state)
{
    (void)state;
    double weighed;
    struct numbers x = open_numbers(64);
    for (int p = 0; p < KV_TILE; p++)
        x.keys[64 * p + 3] = 60;
    for (int i = 0; i < N_Q; i++)
        x.queries[64 * i + 3] = 0; /* the product is of all the others */
    double scores = distance_of_forms(&x, &weighed);
    if (!(scores < 0.2))
        fail_msg("scores are off by %g", scores);
    close_numbers(&x);
}

static void no_number_stays_none(void **state)
{
    (void)state;
    static const float broken[] = {NAN, INFINITY, -INFINITY};
    static struct results out;
    for (int i = 0; i < 3 * N_SETS; i++) {
        const struct kern *k = kern_by_name(set_names[i / 3]);
        if (k == NULL)
            continue;
        struct numbers x = open_numbers(80);
        x.keys[80 * 5 + 7] = x.values[80 * 6 + 79] = broken[i % 3];
        x.queries[80 * 2 + 1] = broken[i % 3];
        struct head h = filled(&kv_bytes, k, &x);
        compute(&h, &x, N_Q, KV_TILE, &out);
        assert_true(isnan(out.s[0][5]) && isfinite(out.s[0][6]));
        assert_true(isnan(out.s[2][0]) && isfinite(out.s[3][0]));
        assert_true(isnan(out.o[79]) && isfinite(out.o[63]));
        close_head(&h);
        close_numbers(&x);
    }
}

/* --- the layout --------------------------------------------------------- */

/* Positions may be written in any order, and over others. */
static void positions_are_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WIDTHS; i++) {
        struct numbers x = open_numbers(widths[i]);
        struct numbers other = open_numbers(widths[i]);
        struct head a = filled(&kv_bytes, kern_best(), &x);
        struct head b = open_head(&kv_bytes, kern_best(), widths[i]);
        for (int j = 0; j < KV_TILE * widths[i]; j++)
            other.keys[j] = other.values[j] = 7;
        for (int p = 0; p < KV_TILE; p += 3)
            store(&b, &other, p);
        for (int p = KV_TILE; p-- > 0;)
            store(&b, &x, p);
        assert_memory_equal(a.bytes, b.bytes, a.kv.form->bytes(&a.kv));
        close_head(&a);
        close_head(&b);
        close_numbers(&x);
        close_numbers(&other);
    }
}

static void bytes_take_half(void **state)
{
    (void)state;
    for (int d = 64; d <= 256; d *= 2) {
        struct kv bytes = {&kv_bytes, d, d};
        struct kv halves = {&kv_halves, d, d};
        assert_true(bytes.form->bytes(&bytes) * 100 <=
                    halves.form->bytes(&halves) * 52);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_give_equal_bits),
        cmocka_unit_test(bytes_are_near_halves),
        cmocka_unit_test(outliers_of_keys_are_spread),
        cmocka_unit_test(no_number_stays_none),
        cmocka_unit_test(positions_are_their_own),
        cmocka_unit_test(bytes_take_half),
    };
    return TEST_RUN(tests);
}
