#include "base/nearest.h"

#include <string.h>

#define NEAREST_MAX_BYTES 63

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t nearest_distance(const char *a, const char *b)
{
    size_t n_a = strlen(a), n_b = strlen(b);
    if (n_a > NEAREST_MAX_BYTES || n_b > NEAREST_MAX_BYTES)
        return (size_t)-1;
    /* Rows i-2, i-1 and i of the table of distances between prefixes. */
    size_t rows[3][NEAREST_MAX_BYTES + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= n_b; j++)
        above[j] = before[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(change, 1 + least(above[j], row[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[n_b];
}

void nearest_init(struct nearest *n, const char *word)
{
    n->word = word;
    n->best = NULL;
    n->distance = (size_t)-1;
}

void nearest_offer(struct nearest *n, const char *candidate)
{
    size_t distance = nearest_distance(n->word, candidate);
    size_t length = strlen(n->word);
    /* A third of the word may differ, but never all of a short one. */
    size_t allowed = length < 3 ? length / 2 : (length + 1) / 3;
    if (distance <= allowed && distance < n->distance) {
        n->best = candidate;
        n->distance = distance;
    }
}
