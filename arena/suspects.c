#include "arena/suspects.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

int suspects_find(struct suspects *out, struct store *s,
                  const struct store_model *models, size_t n_models,
                  struct err *e)
{
    struct store_ballots *b = &out->ballots;
    *out = (struct suspects){.n = 0};
    if (store_ballots(s, NULL, models, n_models, b, e) != 0)
        return -1;
    if (b->n == 0)
        return 0;
    struct voter_speed *speed = mem_try(b->n, sizeof(*speed));
    for (size_t k = 0; speed != NULL && k < b->n; k++) {
        int64_t dwell = b->origins[k].dwell_ms;
        speed[k].n_timed = dwell >= 0;
        speed[k].n_fast = dwell >= 0 && dwell < SUSPECTS_FAST_MS;
    }
    int status = speed == NULL
                     ? err_set(e, ERR_FAILURE, "not enough memory")
                     : voters_check(n_models, b->ballots, b->n, speed,
                                    &out->reports, &out->n, e);
    if (status != 0)
        err_wrap(e, "voters");
    free(speed);
    return status;
}

void suspects_free(struct suspects *s)
{
    store_free_ballots(&s->ballots);
    free(s->reports);
    *s = (struct suspects){.n = 0};
}

/* Voters are numbered in the order of their names, as SQL sorts them, and
 * every one has a report. */
bool suspects_has(const struct suspects *s, const char *voter)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        uint32_t number = s->reports[middle].voter;
        int order = strcmp(s->ballots.voters[number], voter);
        if (order == 0)
            return s->reports[middle].suspect;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
