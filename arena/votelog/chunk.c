#include "arena/votelog/chunk.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/votelog/labels.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

int chunk_start(struct chunk *c, struct err *e)
{
    c->line = 0;
    c->n_votes = c->n_rejected = c->n_skipped = c->n_counted = 0;
    c->n_shown = c->n_batch = c->pending.n = 0;
    c->object = c->n_values = 0;
    c->value_line = UINT64_MAX;
    memset(c->n_marked, 0, sizeof(c->n_marked));
    c->unread_count = NULL;
    c->too_many = c->has_label_name = c->uses_baseline = false;
    c->status = 0;
    names_init(&c->models, VOTELOG_MAX_MODELS);
    names_init(&c->voters, NAMES_NONE - 1);
    names_init(&c->categories, NAMES_NONE - 1);
    names_init(&c->spelling.blank, VOTELOG_MAX_MODELS);
    names_init(&c->battles, NAMES_NONE - 1);
    if (c->o->judge != NULL)
        c->battle = mem_try(CHUNK_BATCH, sizeof(*c->battle));
    bool room = c->log->n_features == 0 || chunk_make_features(c) == 0;
    if (!room || (c->o->judge != NULL && c->battle == NULL))
        return err_set(e, ERR_FAILURE, "not enough memory");
    return 0;
}

void chunk_close(struct chunk *c)
{
    window_close(&c->window);
    names_free(&c->models);
    names_free(&c->voters);
    names_free(&c->categories);
    names_free(&c->battles);
    free(c->battle);
    c->battle = NULL;
    names_free(&c->spelling.blank);
    free(c->spelling.is_plain);
    c->spelling = (struct votelog_spelling){.is_plain = NULL};
    free(c->x);
    c->x = NULL;
}

/* --- rejections and names ------------------------------------------------ */

void chunk_reject(struct chunk *c, uint64_t line, const char *fmt, ...)
{
    c->n_rejected++;
    if (c->n_shown == VOTELOG_SHOWN)
        return;
    struct votelog_reject *r = &c->shown[c->n_shown++];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->reason, sizeof(r->reason), fmt, ap);
    va_end(ap);
    r->line = line;
    r->object = c->object;
}

/* U+FFFF, which is no character, stands for a NUL that JSON escaped. */
static bool is_text(const char *s, size_t n)
{
    unsigned char all = 0;
    for (size_t i = 0; i < n; i++)
        all |= (unsigned char)s[i];
    if (all < 0x80)
        return memchr(s, '\0', n) == NULL;
    for (size_t i = 0; i + 3 <= n; i++)
        if (memcmp(s + i, "\xEF\xBF\xBF", 3) == 0)
            return false;
    return memchr(s, '\0', n) == NULL && utf8_valid(s, n);
}

/* Whether a new name will do; if not, the row is rejected. */
static bool is_name(struct chunk *c, uint64_t line, const char *what,
                    const char *s, size_t n)
{
    if (n > CHUNK_NAME_BYTES)
        chunk_reject(c, line, "a %s's name of %zu bytes", what, n);
    else if (!is_text(s, n))
        chunk_reject(c, line, "a %s's name is not UTF-8 text", what);
    else
        return true;
    return false;
}

int chunk_grow_spelling(struct votelog_spelling *s, size_t n)
{
    if (n <= s->cap)
        return 0;
    size_t cap = 2 * n + 64;
    bool *more = realloc(s->is_plain, cap * sizeof(*more));
    if (more == NULL)
        return -1;
    memset(more + s->cap, 0, (cap - s->cap) * sizeof(*more));
    s->is_plain = more;
    s->cap = cap;
    return 0;
}

/* The number of a model's name that is new; VOTELOG_NONE if it will not do. */
static uint32_t add_model(struct chunk *c, uint64_t line, const char *name,
                          size_t n)
{
    enum rating_outcome outcome;
    if (n == 0)
        chunk_reject(c, line, "a model without a name");
    if (n == 0 || !is_name(c, line, "model", name, n))
        return VOTELOG_NONE;
    uint32_t id = chunk_grow_spelling(&c->spelling, c->models.n + 1) == 0
                      ? names_add(&c->models, name, n)
                      : NAMES_NONE;
    c->too_many = c->too_many || id == NAMES_NONE; /* chunk_join says so */
    c->has_label_name = c->has_label_name || votelog_outcome(name, n, &outcome);
    return id;
}

uint32_t chunk_model(struct chunk *c, uint64_t line, const char *s, size_t n)
{
    uint32_t id = names_find(&c->models, s, n); /* which has no blanks, then */
    if (id != NAMES_NONE) {
        c->spelling.is_plain[id] = true;
        return id;
    }
    size_t n_name = n;
    const char *name = utf8_trim(s, &n_name);
    if (n_name < n)
        id = names_find(&c->models, name, n_name);
    if (id == NAMES_NONE)
        id = add_model(c, line, name, n_name);
    if (id == NAMES_NONE)
        return id;
    if (n_name == n)
        c->spelling.is_plain[id] = true;
    else if (n <= CHUNK_NAME_BYTES) /* beyond so many none is kept */
        names_add(&c->spelling.blank, s, n);
    return id;
}

bool chunk_name(struct chunk *c, uint64_t line, struct names *names,
                const char *what, const char *s, size_t n, uint32_t *out)
{
    s = utf8_trim(s, &n);
    *out = n == 0 ? VOTELOG_NONE : names_find(names, s, n);
    if (n == 0 || *out != NAMES_NONE)
        return true;
    if (is_name(c, line, what, s, n) &&
        (*out = names_add(names, s, n)) == NAMES_NONE)
        chunk_reject(c, line, "not enough memory for a %s's name", what);
    return *out != NAMES_NONE;
}

/* A judge's probability; false with the row rejected. */
static bool read_probability(struct chunk *c, uint64_t line, const char *s,
                             size_t n, double *out)
{
    *out = NAN;
    if (n == 0 || (number_parse(s, n, out) && *out >= 0 && *out <= 1))
        return true;
    chunk_reject(c, line, "p_a '%.*s' is not a probability",
                 n > 40 ? 40 : (int)n, s);
    return false;
}

bool chunk_leaves_out(struct chunk *c, const char *voter, size_t n)
{
    if (!c->o->people)
        return false;
    voter = utf8_trim(voter, &n);
    bool judged = votelog_is_judge(voter, n);
    c->n_marked[VOTELOG_JUDGED] += judged;
    return judged;
}

static enum votelog_kind kind_of(const struct chunk *c, uint32_t voter)
{
    if (voter == VOTELOG_NONE)
        return VOTELOG_PERSON;
    size_t n;
    const char *name = names_get(&c->voters, voter, &n);
    if (!votelog_is_judge(name, n))
        return VOTELOG_PERSON;
    return strcmp(name, c->o->judge) == 0 ? VOTELOG_JUDGE : VOTELOG_OTHER_JUDGE;
}

/* Most rows may have a new id, so it is looked up only once. */
bool chunk_battle(struct chunk *c, uint64_t line, const char *id, size_t n,
                  const char *p_a, size_t n_p_a)
{
    struct votelog_battle *b = &c->battle[c->n_batch];
    b->id = VOTELOG_NONE;
    b->kind = kind_of(c, c->batch[c->n_batch].voter);
    if (n > 0) {
        if (!is_name(c, line, "battle", id, n))
            return false;
        b->id = names_add(&c->battles, id, n);
        if (b->id == NAMES_NONE) {
            chunk_reject(c, line, "not enough memory for a battle's id");
            return false;
        }
    }
    return read_probability(c, line, p_a, n_p_a, &b->p_a);
}

/* --- verdicts ------------------------------------------------------------ */

static bool is_called(const struct chunk *c, uint32_t model, const char *s,
                      size_t n)
{
    size_t length;
    const char *name = names_get(&c->models, model, &length);
    return length == n && memcmp(name, s, n) == 0;
}

bool chunk_outcome(struct chunk *c, uint64_t line, const char *label, size_t n,
                   const struct votelog_vote *v, enum rating_outcome *out)
{
    bool is_label = votelog_outcome(label, n, out);
    if (is_label && !c->has_label_name)
        return true;
    label = utf8_trim(label, &n);
    is_label = votelog_outcome(label, n, out);
    int shown = n > 40 ? 40 : (int)n;
    bool is_a = is_called(c, v->a, label, n);
    if (!is_a && !is_called(c, v->b, label, n)) {
        if (!is_label)
            chunk_reject(c, line, "unknown winner label '%.*s'", shown, label);
        return is_label;
    }
    enum rating_outcome by_name = is_a ? RATING_FIRST : RATING_SECOND;
    if (is_label && *out != by_name) {
        chunk_reject(c, line, "the winner '%.*s' is a label and the name of the "
                     "other model", shown, label);
        return false;
    }
    *out = by_name;
    return true;
}

void chunk_set_share(struct votelog_vote *v, double share)
{
    v->outcome = share > 0.5   ? RATING_FIRST
                 : share < 0.5 ? RATING_SECOND
                               : RATING_TIE;
    v->lean = share > 0 && share < 1 ? share - 0.5 : 0;
}

bool chunk_count(struct chunk *c, uint64_t line, uint64_t n)
{
    if (n > CHUNK_MAX_COUNTED - c->n_counted) {
        chunk_reject(c, line, "with %llu more there are too many votes to "
                     "count", (unsigned long long)n);
        return false;
    }
    c->n_counted += n;
    return true;
}

/* --- votes --------------------------------------------------------------- */

static int buffer_add(struct votelog_buffer *b, const struct votelog_vote *v,
                      size_t n)
{
    if (b->n + n > b->cap) {
        size_t cap = 2 * (b->n + n);
        void *more = realloc(b->votes, cap * sizeof(*b->votes));
        if (more == NULL)
            return -1;
        b->votes = more;
        b->cap = cap;
    }
    memcpy(b->votes + b->n, v, n * sizeof(*v));
    b->n += n;
    return 0;
}

int chunk_flush(struct chunk *c)
{
    size_t n = c->n_batch;
    c->n_batch = 0;
    if (n == 0)
        return 0;
    if (c->is_buffered ? buffer_add(&c->pending, c->batch, n) == 0
                       : c->sink->votes(c->sink->arg, c->index, c->batch, n,
                                        c->x, c->battle) == 0)
        return 0;
    c->status = err_set(&c->error, ERR_FAILURE, "%s: not enough memory",
                        c->path);
    return -1;
}

struct votelog_vote *chunk_next(struct chunk *c)
{
    if (c->n_batch == CHUNK_BATCH && chunk_flush(c) != 0)
        return NULL;
    struct votelog_vote *v = &c->batch[c->n_batch];
    *v = (struct votelog_vote){
        .voter = VOTELOG_NONE, .category = VOTELOG_NONE, .times = 1};
    return v;
}

int chunk_make_features(struct chunk *c)
{
    c->x = mem_try(CHUNK_BATCH * c->log->n_features * 2 + 1, sizeof(float));
    return c->x == NULL ? -1 : 0;
}

float *chunk_next_x(struct chunk *c)
{
    return c->x + c->n_batch * c->log->n_features * 2;
}

void chunk_keep(struct chunk *c)
{
    c->n_batch++;
    c->n_votes++;
}

/* --- the end ------------------------------------------------------------- */

uint32_t *chunk_number(struct names *all, const struct names *names)
{
    uint32_t *map = mem_try(names->n + 1, sizeof(*map));
    for (uint32_t i = 0; map != NULL && i < names->n; i++) {
        size_t n;
        const char *s = names_get(names, i, &n);
        map[i] = names_add(all, s, n);
        if (map[i] == NAMES_NONE) {
            free(map);
            return NULL;
        }
    }
    return map;
}

void chunk_forget_maps(struct votelog *log)
{
    for (int k = 0; k < log->n_chunks; k++) {
        free(log->model_map[k]);
        free(log->voter_map[k]);
        free(log->category_map[k]);
    }
    log->n_chunks = 0;
}

/* Adds how the chunk's models are written, which have numbers by now. */
static int join_spelling(struct chunk *c)
{
    struct votelog *log = c->log;
    const struct votelog_spelling *from = &c->spelling;
    for (uint32_t i = 0; i < from->blank.n; i++) {
        size_t n;
        const char *s = names_get(&from->blank, i, &n);
        names_add(&log->spelling.blank, s, n);
    }
    if (chunk_grow_spelling(&log->spelling, log->models.n) != 0)
        return -1;
    for (uint32_t i = 0; i < c->models.n; i++)
        log->spelling.is_plain[log->model_map[c->index][i]] |=
            from->is_plain[i];
    return 0;
}

int chunk_join(struct chunk *c, uint64_t line_base, struct err *e)
{
    struct votelog *log = c->log;
    int k = c->index;
    log->model_map[k] = chunk_number(&log->models, &c->models);
    log->voter_map[k] = chunk_number(&log->voters, &c->voters);
    log->category_map[k] = chunk_number(&log->categories, &c->categories);
    if (c->o->judge != NULL) { /* one chunk: its numbers are common */
        log->battles = c->battles;
        names_init(&c->battles, 0);
    }
    log->n_chunks = k + 1;
    log->chunk_models[k] = c->models.n;
    if (c->too_many ||
        (log->model_map[k] == NULL && log->models.n == VOTELOG_MAX_MODELS))
        return err_set(e, ERR_FORMAT, "%s: more than %d models; are these the "
                       "right columns?", c->path, VOTELOG_MAX_MODELS);
    if (log->model_map[k] == NULL || log->voter_map[k] == NULL ||
        log->category_map[k] == NULL || join_spelling(c) != 0)
        return err_set(e, ERR_FAILURE, "%s: not enough memory for the names",
                       c->path);
    log->n_votes += c->n_votes;
    log->n_rejected += c->n_rejected;
    log->n_skipped += c->n_skipped;
    if (c->unread_count != NULL) {
        log->unread_count = c->unread_count;
        log->is_json_count = true;
    }
    log->uses_baseline |= c->uses_baseline;
    for (int mark = 0; mark < VOTELOG_N_MARKS; mark++)
        log->n_marked[mark] += c->n_marked[mark];
    for (size_t i = 0; i < c->n_shown && log->n_shown < VOTELOG_SHOWN; i++) {
        log->shown[log->n_shown] = c->shown[i];
        log->shown[log->n_shown++].line += line_base;
    }
    return 0;
}
