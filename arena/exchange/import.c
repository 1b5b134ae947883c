/* Batches of a file on their way into the store. */
#include "arena/exchange/exchange.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "arena/exchange/foreign.h"
#include "arena/exchange/form.h"
#include "arena/exchange/values.h"
#include "arena/votelog/node.h"
#include "arena/weights/digest.h"
#include "base/clock.h"
#include "rating/elo.h"

/* A batch grows as it goes on: each may have to count all before it anew. */
#define FIRST_BATCH 5000

/* A time from here on is not in seconds (the year 5138), but in milliseconds
 * (1973). */
#define MILLISECONDS 1e11

int import_status(const struct err *e)
{
    return e->code == ERR_FORMAT || e->code == ERR_USAGE ? 1 : -1;
}

int import_battle(struct import *x, const struct bulk_battle *b, struct err *e)
{
    int result = bulk_add(x->bulk, b, e);
    if (result == 0) {
        x->report->n_battles++;
        x->report->n_votes += b->n_votes;
        x->n_batch++;
    } else if (result == 1) {
        x->report->n_known++;
    }
    return result >= 0 ? 0 : import_status(e);
}

void import_reject(struct import *x, uint64_t line, const struct err *why)
{
    x->report->n_rejected++;
    if (x->report->reject != NULL)
        x->report->reject(x->report->arg, line, why->text);
}

void import_lose(struct import *x, enum import_reason why)
{
    x->report->lost[why]++;
}

/* Milliseconds since 1970 of a number or a text.  False: it is no time. */
static bool read_time(const cJSON *node, int64_t *ms)
{
    double n = votelog_node_number(node);
    if (isnan(n))
        return cJSON_IsString(node) && clock_parse(node->valuestring, ms);
    if (fabs(n) < MILLISECONDS)
        n *= 1000;
    *ms = fabs(n) < MILLISECONDS * 1000 ? (int64_t)llround(n) : 0;
    return fabs(n) < MILLISECONDS * 1000;
}

int64_t import_time_at(struct import *x, const cJSON *o,
                       const char *const keys[])
{
    int64_t ms;
    for (; *keys != NULL; keys++) {
        const cJSON *node = json_get(o, *keys);
        if (votelog_is_missing(node))
            continue;
        if (read_time(node, &ms))
            return ms;
        import_lose(x, IMPORT_TIME);
        break;
    }
    return x->now_ms;
}

void import_count_weight(struct import *x, const cJSON *o)
{
    if (votelog_find_count(o) != NULL)
        import_lose(x, IMPORT_WEIGHT);
}

struct bulk_vote import_vote(const struct import *x, const char *voter,
                             int64_t created_ms)
{
    return (struct bulk_vote){.voter = voter,
                              .attempt = 1,
                              .dwell_ms = -1,
                              .p_a = NAN,
                              .elo = x->elo,
                              .created_ms = created_ms};
}

struct bulk_battle import_voted(struct bulk_vote *v)
{
    return (struct bulk_battle){.prompt = "",
                                .category = "",
                                .state = STORE_VOTED,
                                .probability = NAN,
                                .pace = "",
                                .created_ms = v->created_ms,
                                .votes = v,
                                .n_votes = 1};
}

bool import_is_new(struct import *x)
{
    return ++x->n_rows > x->n_done;
}

int import_pause(struct import *x, struct err *e)
{
    if (x->n_batch < x->batch)
        return 0;
    x->n_batch = 0;
    x->batch *= 2;
    if (bulk_commit(x->bulk, x->n_rows, false, e) != 0)
        return -1;
    x->n_done = x->n_rows;
    return 0;
}

static int take_value(struct import *x, const struct exchange_form *f,
                      const cJSON *o, struct err *e)
{
    return f->foreign ? foreign_take(x, f->foreign, o, e) : f->value(x, o, e);
}

/* Rows that are in already pass by. */
static int read_values(struct import *x, const struct exchange_form *f,
                       struct values *v, struct err *e)
{
    for (;;) {
        cJSON *o;
        uint64_t line;
        struct err why;
        int status = values_next(v, &o, &line, &why);
        if (status <= 0) {
            if (status < 0 && e != NULL)
                *e = why;
            return status;
        }
        if (import_is_new(x)) {
            if (o == NULL || (status = take_value(x, f, o, &why)) == 1)
                import_reject(x, line, &why);
            else if (status == 0)
                status = import_pause(x, &why);
        }
        cJSON_Delete(o);
        if (o != NULL && status < 0) {
            if (e != NULL)
                *e = why;
            return -1;
        }
    }
}

static int read_file(struct import *x, const struct exchange_form *f,
                     const char *path, struct err *e)
{
    if (f->read != NULL)
        return f->read(x, path, e);
    struct values v;
    if (values_open(&v, path, f->is_column, e) != 0)
        return -1;
    int result = read_values(x, f, &v, e);
    values_close(&v);
    return result;
}

/* What failed says that nothing was stored, which is true of its batch. */
static int tell_stored(const struct import *x, struct err *e)
{
    if (x->n_done == 0)
        return -1;
    return err_wrap(e, "all up to row %" PRIu64 " is stored, and the same "
                    "command goes on there; then", x->n_done);
}

/* A file is read once for its sha256 and once for its rows. */
static int digest_of(const char *path, char sha256[DIGEST_TEXT_BYTES],
                     struct err *e)
{
    struct stat st;
    if (strcmp(path, "-") == 0 ||
        (stat(path, &st) == 0 && !S_ISREG(st.st_mode)))
        return err_set(e, ERR_FAILURE, "%s: is no plain file; it is read "
                       "twice, so save what comes here and name that", path);
    return digest_file(path, sha256, e);
}

static int import_from(struct store *s, const struct exchange_form *f,
                       const char *path, const char *baseline,
                       const struct question_ids *questions,
                       struct exchange_report *r, struct err *e)
{
    char sha256[DIGEST_TEXT_BYTES];
    struct import x = {.report = r,
                       .questions = questions,
                       .baseline = baseline,
                       .now_ms = clock_wall_ms(),
                       .elo = store_elo(s),
                       .batch = FIRST_BATCH};
    if (digest_of(path, sha256, e) != 0)
        return -1;
    if (bulk_open(&x.bulk, s, sha256, f->name, &x.n_done, e) != 0)
        return err_wrap(e, "%s", path);
    r->n_resumed = x.n_done;
    int result = read_file(&x, f, path, e);
    if (result == 0)
        result = bulk_commit(x.bulk, x.n_rows, true, e);
    bulk_close(x.bulk);
    return result == 0 ? 0 : tell_stored(&x, e);
}

/* What a form has no use for would be ignored without a word. */
static int check_source(const struct exchange_form *f,
                        const struct import_source *from, struct err *e)
{
    const struct foreign *of = f->foreign;
    if (from->questions != NULL && (of == NULL || of->prompt != NULL))
        return err_set(e, ERR_USAGE, "--prompts is for mt_bench and arena_hard, "
                       "which name prompts by ids; leave it out of %s",
                       f->name);
    if (from->baseline != NULL && (of == NULL || !of->takes_baseline))
        return err_set(e, ERR_USAGE, "--baseline is for arena_hard; leave it "
                       "out of %s", f->name);
    return 0;
}

int exchange_import(struct store *s, const struct exchange_form *f,
                    const char *path, const struct import_source *from,
                    struct exchange_report *r, struct err *e)
{
    struct question_ids questions;
    if (f->value == NULL && f->read == NULL && f->foreign == NULL)
        return err_set(e, ERR_USAGE, f->answer
                       ? "%s has no votes: arena answers reads such files"
                       : "%s cannot be imported",
                       f->name);
    if (check_source(f, from, e) != 0)
        return -1;
    int result = question_ids_init(&questions, from->questions, e);
    if (result == 0)
        result = import_from(s, f, path, from->baseline, &questions, r, e);
    question_ids_free(&questions);
    return result;
}
