#include "tui/screens/battle_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PAST_ROWS 100

void past_free(struct past *p)
{
    store_free_entries(p->rows, p->n_rows);
    free(p->draft);
    p->rows = NULL;
    p->n_rows = 0;
    p->draft = NULL;
}

/* The newest battle that was left without a vote, and is blind still; those of
 * a run have `arena vote`. */
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

/* The i-th prompt that is not the one before it again, from 1; NULL. */
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

static int64_t find_model(const struct store_model *rows, size_t n,
                          const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return (int64_t)i;
    return -1;
}

void past_versus(struct arena *a, const char *const names[SIDE_N],
                 struct buf *out)
{
    struct store_model *models = NULL;
    size_t n = 0;
    struct rating_counts counts;
    rating_counts_init(&counts);
    uint64_t wins[SIDE_N] = {0}, ties = 0;
    if (store_list_models(a->store, &models, &n, NULL) != 0 ||
        store_counts(a->store, NULL, models, n, &counts, NULL) != 0)
        goto out;
    int64_t first = find_model(models, n, names[SIDE_A]);
    int64_t second = find_model(models, n, names[SIDE_B]);
    for (size_t i = 0; i < counts.n_cells; i++) {
        const struct rating_cell *c = &counts.cells[i];
        bool same = c->first == first && c->second == second;
        bool swapped = c->first == second && c->second == first;
        if (!same && !swapped)
            continue;
        wins[SIDE_A] += c->n[same ? RATING_FIRST : RATING_SECOND];
        wins[SIDE_B] += c->n[same ? RATING_SECOND : RATING_FIRST];
        ties += c->n[RATING_TIE] + c->n[RATING_BAD];
    }
    buf_addf(out, "A against B so far: %" PRIu64 " to %" PRIu64, wins[SIDE_A],
             wins[SIDE_B]);
    if (ties > 0)
        buf_addf(out, ", %" PRIu64 " tie%s", ties, ties == 1 ? "" : "s");
out:
    rating_counts_free(&counts);
    store_free_models(models, n);
}
