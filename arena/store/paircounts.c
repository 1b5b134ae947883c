#include "arena/store/paircounts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define KEY_BYTES ((size_t)1 << 28)

struct paircounts_row {
    int64_t model_id[2];
    int64_t n[RATING_N_OUTCOMES];
};

void paircounts_init(struct paircounts *t)
{
    *t = (struct paircounts){.rows = NULL};
    names_init(&t->keys, NAMES_NONE - 1);
    buf_init(&t->key, KEY_BYTES);
}

void paircounts_free(struct paircounts *t)
{
    names_free(&t->keys);
    buf_free(&t->key);
    free(t->rows);
    t->rows = NULL;
}

int paircounts_add(struct paircounts *t, const int64_t model_id[2],
                   const char *category, const char *kind,
                   enum rating_outcome verdict, struct err *e)
{
    size_t n_known = t->keys.n;
    buf_clear(&t->key);
    buf_add(&t->key, (const char *)model_id, 2 * sizeof(*model_id));
    buf_add(&t->key, category, strlen(category) + 1);
    buf_add_str(&t->key, kind);
    uint32_t at = names_add(&t->keys, t->key.data, t->key.len);
    if (t->key.overflow || at == NAMES_NONE)
        return err_set(e, ERR_FAILURE, "not enough memory");
    if (t->keys.n > n_known) {
        t->rows = mem_grow(t->rows, n_known, sizeof(*t->rows));
        t->rows[at] = (struct paircounts_row){{model_id[0], model_id[1]}, {0}};
    }
    t->rows[at].n[verdict]++;
    return 0;
}

static int store_row(struct store *s, const struct paircounts_row *r,
                     const char *category, const char *kind, struct err *e)
{
    const int64_t *n = r->n;
    if (db_run(s->db, e,
               "INSERT INTO pair_counts (first, second, category, kind, n_a,"
               " n_b, n_tie, n_bad) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
               " ON CONFLICT (first, second, category, kind)"
               PAIRCOUNTS_ADD_UP("pair_counts"),
               DB(r->model_id[0]), DB(r->model_id[1]), DB(category), DB(kind),
               DB(n[RATING_FIRST]), DB(n[RATING_SECOND]), DB(n[RATING_TIE]),
               DB(n[RATING_BAD])) != 0)
        return -1;
    if (strcmp(kind, "human") != 0)
        return 0;
    return db_run(s->db, e,
                  "INSERT INTO pair_totals (first, second, n_a, n_b, n_tie,"
                  " n_bad) VALUES (?, ?, ?, ?, ?, ?)"
                  " ON CONFLICT (first, second)"
                  PAIRCOUNTS_ADD_UP("pair_totals"),
                  DB(r->model_id[0]), DB(r->model_id[1]), DB(n[RATING_FIRST]),
                  DB(n[RATING_SECOND]), DB(n[RATING_TIE]), DB(n[RATING_BAD]));
}

int paircounts_store(const struct paircounts *t, struct store *s,
                     struct err *e)
{
    for (uint32_t i = 0; i < t->keys.n; i++) {
        const struct paircounts_row *r = &t->rows[i];
        const char *category =
            names_get(&t->keys, i, NULL) + sizeof(r->model_id);
        if (store_row(s, r, category, category + strlen(category) + 1, e) != 0)
            return -1;
    }
    return 0;
}
