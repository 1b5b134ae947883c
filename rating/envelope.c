#include "rating/envelope.h"

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

/* Four sums side by side, so that additions need not wait for each other. */
static double dot(const double *x, const double *y, size_t n)
{
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t k = 0;
    for (; k + 4 <= n; k += 4) {
        s0 += x[k] * y[k];
        s1 += x[k + 1] * y[k + 1];
        s2 += x[k + 2] * y[k + 2];
        s3 += x[k + 3] * y[k + 3];
    }
    for (; k < n; k++)
        s0 += x[k] * y[k];
    return (s0 + s1) + (s2 + s3);
}

size_t envelope_factor(struct envelope *m, double tiny)
{
    for (size_t i = 0; i < m->n; i++) {
        double *row = m->a + m->base[i];
        size_t f = m->first[i];
        double diagonal = row[i], left = diagonal;
        for (size_t j = f; j < i; j++) {
            const double *other = m->a + m->base[j];
            size_t k = f > m->first[j] ? f : m->first[j];
            row[j] = (row[j] - dot(row + k, other + k, j - k)) / other[j];
            left -= row[j] * row[j];
        }
        if (!(left > tiny * diagonal))
            return i;
        row[i] = sqrt(left);
    }
    return m->n;
}

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
