#include "tui/screens/battle_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena/leaderboard.h"
#include "base/mem.h"
#include "base/plural.h"

#define PAST_ROWS 100

void past_free(struct past *p)
{
    store_free_entries(p->rows, p->n_rows);
    free(p->draft);
    p->rows = NULL;
    p->n_rows = 0;
    p->draft = NULL;
}

/* The newest battle without a vote that is still blind.  Battles of a run are
 * for `arena vote`. */
static int64_t find_waiting(struct store *s)
{
    struct store_query q = {.run_id = STORE_NO_RUN, .unvoted = true};
    struct store_entry *rows;
    size_t n;
    int64_t id = 0;
    if (store_list_entries(s, &q, &rows, &n, NULL) != 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!rows[i].undone)
            id = rows[i].battle_id;
    store_free_entries(rows, n);
    return id;
}

void past_load(struct past *p, struct arena *a, struct ui *ui)
{
    struct store_query q = {.limit = PAST_ROWS};
    struct store_totals totals;
    struct err e;
    store_free_entries(p->rows, p->n_rows);
    p->rows = NULL;
    p->n_rows = p->at = 0;
    if (store_list_entries(a->store, &q, &p->rows, &p->n_rows, &e) != 0)
        ui_say_error(ui, &e);
    p->waiting = find_waiting(a->store);
    p->n_rated = 0;
    if (store_totals(a->store, &totals, NULL) == 0)
        p->n_rated = totals.n_rated;
}

/* The i-th prompt from 1, without repetitions; NULL if there is none. */
static const char *prompt_at(const struct past *p, size_t i)
{
    const char *newer = "";
    for (size_t row = 0; row < p->n_rows; row++) {
        if (strcmp(p->rows[row].prompt, newer) == 0)
            continue;
        newer = p->rows[row].prompt;
        if (--i == 0)
            return newer;
    }
    return NULL;
}

void past_recall(struct past *p, struct edit *editor, int step)
{
    if (step < 0 && p->at == 0)
        return;
    size_t to = step > 0 ? p->at + 1 : p->at - 1;
    const char *text = to == 0 ? p->draft : prompt_at(p, to);
    if (text == NULL)
        return;
    if (p->at == 0) {
        free(p->draft);
        p->draft = mem_strdup(editor->text.data);
        text = prompt_at(p, to);
    }
    edit_set(editor, text);
    p->at = to;
}

static const struct leaderboard_row *find_row(const struct leaderboard *l,
                                              const char *name)
{
    for (size_t i = 0; i < l->n_rows; i++)
        if (strcmp(l->rows[i].name, name) == 0)
            return &l->rows[i];
    return NULL;
}

static void say_ranks(const struct leaderboard_row *a,
                      const struct leaderboard_row *b, struct buf *out)
{
    if (a->rank == 0 || b->rank == 0 || a->component != b->component)
        return;
    if (a->rank == b->rank)
        buf_addf(out, "Both rank %" PRIu32, a->rank);
    else
        buf_addf(out, "Ranks %" PRIu32 " and %" PRIu32, a->rank, b->rank);
    bool overlap = a->lower <= b->upper && b->lower <= a->upper;
    buf_add_str(out, overlap ? ": intervals overlap." : ".");
}

static void say_score(const struct rating_counts *counts, uint32_t a,
                      uint32_t b, struct buf *out)
{
    uint64_t wins[SIDE_N] = {0}, ties = 0;
    for (size_t i = 0; i < counts->n_cells; i++) {
        const struct rating_cell *c = &counts->cells[i];
        bool same = c->first == a && c->second == b;
        bool swapped = c->first == b && c->second == a;
        if (!same && !swapped)
            continue;
        wins[SIDE_A] += c->n[same ? RATING_FIRST : RATING_SECOND];
        wins[SIDE_B] += c->n[same ? RATING_SECOND : RATING_FIRST];
        ties += c->n[RATING_TIE] + c->n[RATING_BAD];
    }
    buf_addf(out, "A against B so far: %" PRIu64 " to %" PRIu64, wins[SIDE_A],
             wins[SIDE_B]);
    if (ties > 0)
        buf_addf(out, ", %" PRIu64 " tie%s", ties, plural_s(ties));
}

void past_versus(struct arena *a, const char *const names[SIDE_N],
                 struct buf *ranks, struct buf *score)
{
    struct leaderboard_params p = {.method = LEADERBOARD_BT,
                                   .bt = bt_defaults()};
    struct store_filter filter = {.category = NULL};
    struct rating_counts counts;
    struct leaderboard l;
    if (leaderboard_load(&l, &counts, a->store, &filter, &p, NULL) != 0)
        return;
    const struct leaderboard_row *first = find_row(&l, names[SIDE_A]);
    const struct leaderboard_row *second = find_row(&l, names[SIDE_B]);
    if (first != NULL && second != NULL) {
        say_ranks(first, second, ranks);
        say_score(&counts, first->model, second->model, score);
    }
    leaderboard_free(&l);
    rating_counts_free(&counts);
}
