#include "rating/fit/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int envelope_init(struct envelope *m, size_t n, const uint32_t *first)
{
    memset(m, 0, sizeof(*m));
    m->n = n;
    m->first = malloc((n + 1) * sizeof(*m->first));
    m->base = malloc((n + 1) * sizeof(*m->base));
    if (m->first == NULL || m->base == NULL)
        goto fail;
    for (size_t i = 0; i < n; i++) {
        m->first[i] = first[i];
        /* Never below 0: i rows of one entry or more came before. */
        m->base[i] = m->n_entries - first[i];
        m->n_entries += i - first[i] + 1;
    }
    m->a = calloc(m->n_entries + 1, sizeof(*m->a));
    if (m->a == NULL)
        goto fail;
    return 0;
fail:
    envelope_free(m);
    return -1;
}

void envelope_free(struct envelope *m)
{
    free(m->first);
    free(m->base);
    free(m->a);
    memset(m, 0, sizeof(*m));
}

void envelope_clear(struct envelope *m)
{
    memset(m->a, 0, m->n_entries * sizeof(*m->a));
}

lanes *envelope_make_lanes(size_t n)
{
    lanes *b = aligned_alloc(sizeof(*b), (n + 1) * sizeof(*b));
    if (b != NULL)
        memset(b, 0, n * sizeof(*b));
    return b;
}

/* Sums side by side, so that additions need not wait for each other. */
static inline double dot(const double *x, const double *y, size_t n)
{
    lanes sum = {0}, more = {0}, a, b;
    double rest = 0;
    size_t k = 0;
    for (; k + 2 * ENVELOPE_LANES <= n; k += 2 * ENVELOPE_LANES) {
        memcpy(&a, x + k, sizeof(a));
        memcpy(&b, y + k, sizeof(b));
        sum += a * b;
        memcpy(&a, x + k + ENVELOPE_LANES, sizeof(a));
        memcpy(&b, y + k + ENVELOPE_LANES, sizeof(b));
        more += a * b;
    }
    for (; k < n; k++)
        rest += x[k] * y[k];
    sum += more;
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
           ((sum[4] + sum[5]) + (sum[6] + sum[7])) + rest;
}

/* Row by row would read all rows before for each; a panel of rows reads them
 * once.  The sums are the same. */
enum { PANEL = 8 };

/* Entry j of the rows of a panel from `from` on, row j being done. */
static inline void factor_column(struct envelope *m, size_t j, size_t from,
                                 size_t end, double *left)
{
    const double *other = m->a + m->base[j];
    for (size_t i = from; i < end; i++) {
        size_t f = m->first[i];
        if (f > j)
            continue;
        double *row = m->a + m->base[i];
        size_t k = f > m->first[j] ? f : m->first[j];
        row[j] = (row[j] - dot(row + k, other + k, j - k)) / other[j];
        left[i % PANEL] -= row[j] * row[j];
    }
}

ENVELOPE_WIDE
size_t envelope_factor(struct envelope *m, double tiny)
{
    double left[PANEL];
    for (size_t begin = 0; begin < m->n; begin += PANEL) {
        size_t end = begin + PANEL < m->n ? begin + PANEL : m->n;
        size_t j = begin;
        for (size_t i = begin; i < end; i++) {
            left[i % PANEL] = *envelope_at(m, i, i);
            j = m->first[i] < j ? m->first[i] : j;
        }
        for (; j < begin; j++)
            factor_column(m, j, begin, end, left);
        for (; j < end; j++) {
            double *pivot = envelope_at(m, j, j);
            if (!(left[j % PANEL] > tiny * *pivot))
                return j;
            *pivot = sqrt(left[j % PANEL]);
            factor_column(m, j, j + 1, end, left);
        }
    }
    return m->n;
}

ENVELOPE_WIDE
void envelope_solve(const struct envelope *m, double *b)
{
    for (size_t i = 0; i < m->n; i++) {
        const double *row = m->a + m->base[i];
        size_t f = m->first[i];
        b[i] = (b[i] - dot(row + f, b + f, i - f)) / row[i];
    }
    for (size_t i = m->n; i-- > 0;) {
        const double *row = m->a + m->base[i];
        b[i] /= row[i];
        for (size_t j = m->first[i]; j < i; j++)
            b[j] -= row[j] * b[i];
    }
}

ENVELOPE_WIDE
void envelope_descend_block(const struct envelope *m, lanes *b, size_t from)
{
    for (size_t i = from; i < m->n; i++) {
        const double *row = m->a + m->base[i];
        lanes sum = b[i];
        for (size_t j = from > m->first[i] ? from : m->first[i]; j < i; j++)
            sum -= row[j] * b[j];
        b[i] = sum / row[i];
    }
}

ENVELOPE_WIDE
void envelope_solve_block(const struct envelope *m, lanes *b, size_t from)
{
    envelope_descend_block(m, b, from);
    for (size_t i = m->n; i-- > 0;) {
        const double *row = m->a + m->base[i];
        lanes x = b[i] / row[i];
        b[i] = x;
        for (size_t j = m->first[i]; j < i; j++)
            b[j] -= row[j] * x;
    }
}
