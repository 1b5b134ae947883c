/* Models, prompts and runs: what battles refer to. */
#include "arena/store/models.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#define MAX_NAME_BYTES 1000
#define MAX_SETTINGS_BYTES (1 << 20)

/* --- models ------------------------------------------------------------- */

static int check_name(const char *name, struct err *e)
{
    size_t n = strlen(name);
    if (n == 0)
        return err_set(e, ERR_USAGE, "a model needs a name, not \"\"");
    if (n > MAX_NAME_BYTES || !utf8_valid(name, n))
        return err_set(e, ERR_USAGE, "model name \"%.40s\": %s", name,
                       n > MAX_NAME_BYTES ? "longer than 1000 bytes"
                                          : "not valid UTF-8");
    return 0;
}

static int find_model(struct store *s, const char *name, int64_t *id,
                      struct err *e)
{
    return db_number(s->db, e, id, "SELECT id FROM models WHERE name = ?",
                     DB(name));
}

static int add_model(struct store *s, const char *name, const char *description,
                     int64_t *id, struct err *e)
{
    return db_insert(s->db, e, id,
                     "INSERT INTO models (name, description, created_ms)"
                     " VALUES (?, ?, ?)",
                     DB(name), DB(description), DB(clock_wall_ms()));
}

int models_put_name(struct store *s, const char *name, int64_t *id,
                    struct err *e)
{
    if (check_name(name, e) != 0)
        return -1;
    int found = find_model(s, name, id, e);
    return found != 0 ? -(found < 0) : add_model(s, name, "", id, e);
}

static int describe(struct store *s, int64_t id, const char *description,
                    struct err *e)
{
    return db_run(s->db, e, "UPDATE models SET description = ? WHERE id = ?",
                  DB(description), DB(id));
}

static int rename_model(struct store *s, int64_t id, const char *name,
                        struct err *e)
{
    return db_run(s->db, e, "UPDATE models SET name = ? WHERE id = ?", DB(name),
                  DB(id));
}

/* Compares with the row; also takes the first description that comes. */
static int match_model(struct store *s, int64_t id, const char *description,
                       enum store_model_match *match, struct err *e)
{
    struct db_query *q = db_query(s->db, e,
                                  "SELECT description FROM models"
                                  " WHERE id = ?",
                                  DB(id));
    if (q == NULL || db_step(s->db, q, e) < 0)
        return -1;
    char *known = db_copy(q, 0);
    db_reset(q);
    bool same = description[0] == '\0' || strcmp(known, description) == 0;
    bool first = !same && known[0] == '\0';
    free(known);
    *match = same || first ? STORE_MODEL_SAME : STORE_MODEL_CHANGED;
    return first ? describe(s, id, description, e) : 0;
}

/* Gives a name back to the row that had it with this description before, and
 * that one's name ("NAME~N") to the row that has it now: so two configs that
 * describe a model in two ways keep two rows, however often they alternate. */
static int bring_back(struct store *s, const char *name,
                      const char *description, int64_t *id,
                      enum store_model_match *match, struct err *e)
{
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT id, name FROM models WHERE description = ?2"
                 " AND substr(name, 1, length(?1) + 1) = ?1 || '~'"
                 " AND length(name) > length(?1) + 1"
                 " AND ltrim(substr(name, length(?1) + 2), '0123456789') = ''"
                 " ORDER BY id DESC LIMIT 1",
                 DB(name), DB(description));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row != 1)
        return row;
    int64_t now = *id, before = db_whole(q, 0);
    char *aside = db_copy(q, 1);
    db_reset(q);
    int result = 0;
    /* Names are unique; "" is nobody's. */
    if (rename_model(s, before, "", e) != 0 ||
        rename_model(s, now, aside, e) != 0 ||
        rename_model(s, before, name, e) != 0)
        result = -1;
    free(aside);
    *id = before;
    *match = STORE_MODEL_BACK;
    return result;
}

static int put_model(struct store *s, const char *name, const char *description,
                     int64_t *id, enum store_model_match *match, struct err *e)
{
    int found = find_model(s, name, id, e);
    if (found < 0)
        return -1;
    *match = STORE_MODEL_NEW;
    if (found == 0)
        return add_model(s, name, description, id, e);
    int result = match_model(s, *id, description, match, e);
    if (result == 0 && *match == STORE_MODEL_CHANGED)
        result = bring_back(s, name, description, id, match, e);
    return result;
}

int store_put_model(struct store *s, const char *name, const char *description,
                    int64_t *id, enum store_model_match *match, struct err *e)
{
    if (check_name(name, e) != 0 || db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, put_model(s, name, description, id, match, e), e);
}

static int require_model(struct store *s, int64_t id, struct err *e)
{
    int64_t found;
    int result = db_number(s->db, e, &found,
                           "SELECT id FROM models WHERE id = ?", DB(id));
    if (result == 0)
        return err_set(e, ERR_USAGE, "there is no model with the number %lld",
                       (long long)id);
    return result == 1 ? 0 : -1;
}

int store_redescribe_model(struct store *s, int64_t id, const char *description,
                           struct err *e)
{
    if (db_begin(s->db, e) != 0)
        return -1;
    int result = require_model(s, id, e);
    if (result == 0)
        result = describe(s, id, description, e);
    return db_end(s->db, result, e);
}

/* Renames to the first of NAME~1, NAME~2, … that is free. */
static int set_aside(struct store *s, int64_t id, const char *name,
                     struct err *e)
{
    struct buf old;
    buf_init(&old, 2 * MAX_NAME_BYTES);
    int found = 1;
    for (int i = 1; found == 1; i++) {
        int64_t other;
        buf_clear(&old);
        buf_addf(&old, "%s~%d", name, i);
        found = find_model(s, old.data, &other, e);
    }
    if (found == 0)
        found = rename_model(s, id, old.data, e);
    buf_free(&old);
    return found;
}

/* Looks again first: since the caller saw the change, another process with the
 * same config may have done this. */
static int replace_model(struct store *s, const char *name,
                         const char *description, int64_t *id, struct err *e)
{
    enum store_model_match match;
    if (put_model(s, name, description, id, &match, e) != 0)
        return -1;
    if (match != STORE_MODEL_CHANGED)
        return 0;
    return set_aside(s, *id, name, e) != 0
               ? -1
               : add_model(s, name, description, id, e);
}

int store_replace_model(struct store *s, const char *name,
                        const char *description, int64_t *id, struct err *e)
{
    if (check_name(name, e) != 0 || db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, replace_model(s, name, description, id, e), e);
}

static int compare_id(const void *key, const void *row)
{
    int64_t id = *(const int64_t *)key;
    int64_t other = ((const struct store_model *)row)->id;
    return (id > other) - (id < other);
}

size_t models_index(const struct store_model *models, size_t n, int64_t id)
{
    const struct store_model *m = NULL;
    /* Numbers mostly follow each other. */
    if (n > 0 && id >= models[0].id && (uint64_t)(id - models[0].id) < n &&
        models[id - models[0].id].id == id)
        return (size_t)(id - models[0].id);
    if (n > 0)
        m = bsearch(&id, models, n, sizeof(*m), compare_id);
    return m == NULL ? SIZE_MAX : (size_t)(m - models);
}

int store_list_models(struct store *s, struct store_model **out, size_t *n,
                      struct err *e)
{
    struct store_model *rows = NULL;
    size_t used = 0;
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT m.id, m.name, m.description, r.elo, r.n_votes"
                 " FROM models m LEFT JOIN ratings r ON r.model_id = m.id"
                 " ORDER BY m.id");
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        rows = mem_grow(rows, used, sizeof(*rows));
        bool rated = !db_is_null(q, 3);
        rows[used++] = (struct store_model){
            .id = db_whole(q, 0),
            .name = db_copy(q, 1),
            .description = db_copy(q, 2),
            .elo = rated ? db_real(q, 3) : s->elo.start,
            .n_votes = (uint64_t)db_whole(q, 4),
        };
    }
    if (row != 0) {
        store_free_models(rows, used);
        return -1;
    }
    *out = rows;
    *n = used;
    return 0;
}

void store_free_models(struct store_model *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(rows[i].name);
        free(rows[i].description);
    }
    free(rows);
}

/* --- prompts ------------------------------------------------------------ */

int models_put_prompt(struct store *s, const char *text, const char *category,
                      const char *external_id, int64_t *id, struct err *e)
{
    category = category ? category : "";
    int found = db_number(s->db, e, id,
                          "SELECT id FROM prompts"
                          " WHERE text = ? AND category = ?",
                          DB(text), DB(category));
    if (found != 0)
        return -(found < 0);
    return db_insert(
        s->db, e, id,
        "INSERT INTO prompts (text, category, external_id, created_ms)"
        " VALUES (?, ?, ?, ?)",
        DB(text), DB(category), DB(external_id), DB(clock_wall_ms()));
}

int store_put_prompt(struct store *s, const char *text, const char *category,
                     const char *external_id, int64_t *id, struct err *e)
{
    if (db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db,
                  models_put_prompt(s, text, category, external_id, id, e), e);
}

/* --- runs --------------------------------------------------------------- */

/* Appends the first setting that differs, as `"pairs": "all", not "sample"`. */
static void explain_difference(const char *old, const char *new,
                               struct buf *out)
{
    cJSON *before =
        json_parse(old, strlen(old), MAX_SETTINGS_BYTES, "old", NULL);
    cJSON *after =
        json_parse(new, strlen(new), MAX_SETTINGS_BYTES, "new", NULL);
    /* A key that only one of them has must be found from either side. */
    const cJSON *sides[2] = {before, after};
    for (int i = 0; i < 2 && out->len == 0; i++) {
        const cJSON *child = sides[i] ? sides[i]->child : NULL;
        for (; child != NULL && out->len == 0; child = child->next) {
            if (child->string == NULL)
                continue;
            const cJSON *a = json_get(before, child->string);
            const cJSON *b = json_get(after, child->string);
            if (a && b && cJSON_Compare(a, b, true))
                continue;
            char *was = a ? cJSON_PrintUnformatted(a) : NULL;
            char *is = b ? cJSON_PrintUnformatted(b) : NULL;
            buf_addf(out, "\"%.40s\" was %.60s, is now %.60s", child->string,
                     was ? was : "not set", is ? is : "not set");
            cJSON_free(was);
            cJSON_free(is);
        }
    }
    cJSON_Delete(before);
    cJSON_Delete(after);
    if (out->len == 0)
        buf_addf(out, "was %.80s, is now %.80s", old, new);
}

static int match_settings(const char *name, const char *known,
                          const char *settings, struct err *e)
{
    if (strcmp(known, settings) == 0)
        return 0;
    struct buf why;
    buf_init(&why, 512);
    explain_difference(known, settings, &why);
    err_set(e, ERR_USAGE,
            "run \"%.60s\" was begun with other settings: %s; go on with the "
            "same ones, or give the run another name",
            name, why.data);
    buf_free(&why);
    return -1;
}

static int put_run(struct store *s, const char *name, const char *settings,
                   int64_t *id, struct err *e)
{
    struct db_query *q = db_query(s->db, e,
                                  "SELECT id, settings FROM runs"
                                  " WHERE name = ?",
                                  DB(name));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row < 0)
        return -1;
    if (row == 1) {
        *id = db_whole(q, 0);
        char *known = db_copy(q, 1);
        db_reset(q);
        int result = match_settings(name, known, settings, e);
        free(known);
        return result;
    }
    return db_insert(s->db, e, id,
                     "INSERT INTO runs (name, settings, created_ms)"
                     " VALUES (?, ?, ?)",
                     DB(name), DB(settings), DB(clock_wall_ms()));
}

int store_put_run(struct store *s, const char *name, const char *settings,
                  int64_t *id, struct err *e)
{
    if (name[0] == '\0')
        return err_set(e, ERR_USAGE, "a run needs a name, not \"\"");
    if (db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, put_run(s, name, settings, id, e), e);
}

int store_find_run(struct store *s, const char *name, int64_t *id,
                   struct err *e)
{
    int found =
        db_number(s->db, e, id, "SELECT id FROM runs WHERE name = ?", DB(name));
    char *end;
    long long number = strtoll(name, &end, 10);
    if (found == 0 && end != name && *end == '\0')
        found = db_number(s->db, e, id, "SELECT id FROM runs WHERE id = ?",
                          DB(number));
    /* Named after its prompt file and its settings: "mini-3fa09c". */
    if (found == 0)
        found = db_number(s->db, e, id,
                          "SELECT id FROM runs WHERE"
                          " length(name) = length(?1) + 7"
                          " AND substr(name, 1, length(?1) + 1) = ?1 || '-'"
                          " AND ltrim(substr(name, length(?1) + 2),"
                          "  '0123456789abcdef') = ''"
                          " ORDER BY id DESC LIMIT 1",
                          DB(name));
    if (found == 0)
        return err_set(e, ERR_USAGE,
                       "there is no run \"%.60s\"; arena eval makes one", name);
    return -(found < 0);
}
