/* Our own form, read.  What is not understood is refused: to read less than the
 * line says would lose it unsaid. */
#include "arena/exchange/own.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/voter.h"
#include "arena/votelog/labels.h"
#include "backends/chances.h"
#include "backends/rhythm.h"
#include "base/mem.h"
#include "rating/elo.h"

#define MAX_WHOLE ((int64_t)1 << 53) /* beyond, JSON numbers are not exact */

/* An object under way: what was asked of it, and the first thing wrong. */
struct fields {
    const cJSON *o;
    const char *what;
    int n_known;
    bool bad;
    struct err *e;
};

static void refuse(struct fields *f, const char *key, const char *why)
{
    if (!f->bad)
        err_set(f->e, ERR_FORMAT, "%s: \"%.40s\" %s", f->what, key, why);
    f->bad = true;
}

static const cJSON *take(struct fields *f, const char *key)
{
    const cJSON *x = json_get(f->o, key);
    f->n_known += x != NULL;
    return x;
}

/* NULL: missing. */
static const char *take_text(struct fields *f, const char *key, bool needed)
{
    const cJSON *x = take(f, key);
    if (x == NULL && needed)
        refuse(f, key, "is missing");
    if (x != NULL && !cJSON_IsString(x))
        refuse(f, key, "is not text");
    return cJSON_IsString(x) ? x->valuestring : NULL;
}

static const char *take_or(struct fields *f, const char *key, const char *usual)
{
    const char *text = take_text(f, key, false);
    return text ? text : usual;
}

static int64_t take_within(struct fields *f, const char *key, int64_t min,
                           int64_t max, int64_t usual)
{
    const cJSON *x = take(f, key);
    int64_t n = usual;
    if (x != NULL && !json_is_whole(x, min, max, &n))
        refuse(f, key, "is not a whole number, or too large");
    return n;
}

static int64_t take_whole(struct fields *f, const char *key, int64_t usual)
{
    return take_within(f, key, 0, MAX_WHOLE, usual);
}

/* A clock may have been wrong by any amount. */
static int64_t take_time(struct fields *f, const char *key)
{
    return take_within(f, key, -MAX_WHOLE, MAX_WHOLE, 0);
}

static double take_number(struct fields *f, const char *key)
{
    const cJSON *x = take(f, key);
    if (x != NULL && !cJSON_IsNumber(x))
        refuse(f, key, "is not a number");
    return cJSON_IsNumber(x) ? x->valuedouble : NAN;
}

static bool take_flag(struct fields *f, const char *key)
{
    const cJSON *x = take(f, key);
    if (x != NULL && !cJSON_IsBool(x))
        refuse(f, key, "is neither true nor false");
    return cJSON_IsTrue(x);
}

static const cJSON *take_list(struct fields *f, const char *key)
{
    const cJSON *x = take(f, key);
    if (!cJSON_IsArray(x))
        refuse(f, key, "is not a list");
    return x;
}

/* All members were asked for.  0, or 1 with the error. */
static int finish(struct fields *f)
{
    if (!f->bad && cJSON_GetArraySize(f->o) != f->n_known)
        refuse(f, "?", "or another key is not known, or stands twice");
    return f->bad ? 1 : 0;
}

/* --- answers and votes ---------------------------------------------------- */

static int read_answer(const cJSON *o, struct store_answer *a, struct err *e)
{
    struct fields f = {.o = o, .what = "an answer", .e = e};
    const char *side = take_text(&f, "side", true);
    const char *finished = take_text(&f, "finish", true);
    *a = (struct store_answer){
        .side = side != NULL && strcmp(side, "b") == 0,
        .turn = (int)take_within(&f, "turn", 1, INT_MAX, 0),
        .round = (int)take_within(&f, "round", 1, INT_MAX, 0),
        .prompt = take_text(&f, "prompt", true),
        .text = take_text(&f, "text", true),
        .thinking = take_or(&f, "thinking", ""),
        .settings = take_or(&f, "settings", ""),
        .chances = take_or(&f, "chances", ""),
        .rhythm = take_or(&f, "rhythm", ""),
    };
    answer_end_init(&a->end);
    int64_t status = take_within(&f, "error_status", 0, 255, 0);
    const char *error = take_or(&f, "error", "");
    const char *request = take_or(&f, "request_id", "");
    const char *note = take_or(&f, "note", "");
    if (status != 0)
        err_set(&a->end.error, err_of_exit_status((int)status), "%s", error);
    a->end.n_in = take_whole(&f, "n_in", -1);
    a->end.n_cached = take_whole(&f, "n_cached", -1);
    a->end.n_out = take_whole(&f, "n_out", -1);
    a->end.n_think = take_whole(&f, "n_think", -1);
    a->end.cost = take_number(&f, "cost");
    a->end.load_ms = take_whole(&f, "load_ms", -1);
    a->end.first_ms = take_whole(&f, "first_ms", -1);
    a->end.total_ms = take_whole(&f, "total_ms", -1);
    if (strlen(request) < sizeof(a->end.request_id))
        memcpy(a->end.request_id, request, strlen(request) + 1);
    else
        refuse(&f, "request_id", "is too long");
    if (strlen(note) < sizeof(a->end.note))
        memcpy(a->end.note, note, strlen(note) + 1);
    else
        refuse(&f, "note", "is too long");
    if (a->text != NULL && !chances_fit(a->chances, strlen(a->text)))
        refuse(&f, "chances", "is not of this text");
    if (a->text != NULL && !rhythm_fits(a->rhythm, strlen(a->text)))
        refuse(&f, "rhythm", "is not of this text");
    if (side != NULL && strcmp(side, "a") != 0 && strcmp(side, "b") != 0)
        refuse(&f, "side", "is neither a nor b");
    if (finished != NULL && !finish_parse(finished, &a->end.finish))
        refuse(&f, "finish", "is not known");
    if (a->turn < 1 || a->round < 1)
        refuse(&f, a->turn < 1 ? "turn" : "round", "is missing");
    return finish(&f);
}

static void take_elo(struct fields *f, struct elo_params *elo)
{
    const cJSON *list = take_list(f, "elo");
    double *const to[] = {&elo->k, &elo->base, &elo->scale, &elo->start};
    if (cJSON_GetArraySize(list) != 4)
        refuse(f, "elo", "is not four numbers");
    for (int i = 0; i < 4; i++) {
        const cJSON *x = cJSON_GetArrayItem(list, i);
        if (!cJSON_IsNumber(x))
            refuse(f, "elo", "is not four numbers");
        *to[i] = cJSON_IsNumber(x) ? x->valuedouble : 0;
    }
    if (!elo_is_usable(elo))
        refuse(f, "elo", "makes no rating");
}

static int read_vote(const cJSON *o, struct bulk_vote *v, struct err *e)
{
    struct fields f = {.o = o, .what = "a vote", .e = e};
    const char *winner = take_text(&f, "winner", true);
    *v = (struct bulk_vote){
        .number = take_whole(&f, "vote", 0),
        .voter = take_text(&f, "voter", true),
        .attempt = take_whole(&f, "attempt", 1),
        .external_id = take_text(&f, "id", false),
        .dwell_ms = take_whole(&f, "dwell_ms", -1),
        .early = take_flag(&f, "early"),
        .seen = take_flag(&f, "seen"),
        .leak = take_flag(&f, "leak"),
        .comment = take_text(&f, "comment", false),
        .created_ms = take_time(&f, "created_ms"),
        .withdrawn_by = take_text(&f, "withdrawn_by", false),
        .withdrawn_ms = take_time(&f, "withdrawn_ms"),
        .p_a = take_number(&f, "p_a"),
    };
    take_elo(&f, &v->elo);
    if (winner != NULL && !votelog_outcome(winner, strlen(winner), &v->verdict))
        refuse(&f, "winner", "is not known");
    if (v->voter != NULL && !voter_is_human(v->voter) &&
        !voter_is_judge(v->voter))
        refuse(&f, "voter", "is neither human:NAME nor judge:NAME");
    if (v->p_a < 0 || v->p_a > 1)
        refuse(&f, "p_a", "is not within 0 to 1");
    return finish(&f);
}

static int read_judgment(const cJSON *o, struct bulk_judgment *j,
                         struct err *e)
{
    struct fields f = {.o = o, .what = "a judgment", .e = e};
    *j = (struct bulk_judgment){
        .voter = take_text(&f, "voter", true),
        .part = (int)take_within(&f, "part", 0, 1, -1),
        .attempt = take_whole(&f, "attempt", 1),
        .form = take_text(&f, "form", true),
        .value = take_number(&f, "value"),
        .tie = take_number(&f, "tie"),
        .reply = take_or(&f, "reply", ""),
        .n_in = take_whole(&f, "n_in", -1),
        .n_out = take_whole(&f, "n_out", -1),
        .cost = take_number(&f, "cost"),
        .created_ms = take_time(&f, "created_ms"),
    };
    if (j->voter != NULL && !voter_is_judge(j->voter))
        refuse(&f, "voter", "is not judge:NAME");
    if (j->part < 0)
        refuse(&f, "part", "is missing");
    return finish(&f);
}

static int read_judgments(const cJSON *list, struct bulk_battle *b,
                          struct err *e)
{
    const cJSON *o;
    b->judgments =
        mem_calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*b->judgments));
    cJSON_ArrayForEach (o, list)
        if (read_judgment(o, &b->judgments[b->n_judgments++], e) != 0)
            return 1;
    return 0;
}

static int read_reason(const cJSON *o, struct bulk_reason *r, struct err *e)
{
    struct fields f = {.o = o, .what = "a reason", .e = e};
    *r = (struct bulk_reason){
        .voter = take_text(&f, "voter", true),
        .tags = take_or(&f, "tags", ""),
        .comment = take_or(&f, "comment", ""),
        .created_ms = take_time(&f, "created_ms"),
    };
    return finish(&f);
}

static int read_reasons(const cJSON *list, struct bulk_battle *b,
                        struct err *e)
{
    const cJSON *o;
    b->reasons =
        mem_calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*b->reasons));
    cJSON_ArrayForEach (o, list)
        if (read_reason(o, &b->reasons[b->n_reasons++], e) != 0)
            return 1;
    return 0;
}

static int read_votes(const cJSON *list, struct bulk_battle *b, struct err *e)
{
    const cJSON *o;
    cJSON_ArrayForEach(o, list) if (read_vote(o, &b->votes[b->n_votes++], e) !=
                                    0) return 1;
    return 0;
}

static int read_answers(const cJSON *list, struct bulk_battle *b, struct err *e)
{
    const cJSON *o;
    cJSON_ArrayForEach(o, list) if (read_answer(o, &b->answers[b->n_answers++],
                                                e) != 0) return 1;
    return 0;
}

/* --- a line --------------------------------------------------------------- */

static int take_battle(struct import *x, const cJSON *o, struct err *e)
{
    struct fields f = {.o = o, .what = "a battle", .e = e};
    const char *state = take_text(&f, "state", true);
    struct bulk_battle b = {
        .number = take_whole(&f, "battle", 0),
        .model = {take_text(&f, "model_a", true),
                  take_text(&f, "model_b", true)},
        .prompt = take_text(&f, "prompt", true),
        .category = take_or(&f, "category", ""),
        .prompt_id = take_text(&f, "prompt_id", false),
        .run = take_text(&f, "run", false),
        .probability = take_number(&f, "probability"),
        .compare = take_flag(&f, "compare"),
        .pace = take_or(&f, "pace", ""),
        .created_ms = take_time(&f, "created_ms"),
    };
    const cJSON *answers = take_list(&f, "answers");
    const cJSON *votes = take_list(&f, "votes");
    const cJSON *unrated = take_list(&f, "unrated");
    const cJSON *judgments = take(&f, "judgments");
    const cJSON *reasons = take(&f, "reasons");
    if (state != NULL && !bulk_state_parse(state, &b.state))
        refuse(&f, "state", "is not known");
    if (judgments != NULL && !cJSON_IsArray(judgments))
        refuse(&f, "judgments", "is not a list");
    if (reasons != NULL && !cJSON_IsArray(reasons))
        refuse(&f, "reasons", "is not a list");
    if (finish(&f) != 0)
        return 1;
    int n_votes = cJSON_GetArraySize(votes) + cJSON_GetArraySize(unrated);
    b.answers =
        mem_calloc((size_t)cJSON_GetArraySize(answers) + 1, sizeof(*b.answers));
    b.votes = mem_calloc((size_t)n_votes + 1, sizeof(*b.votes));
    int result = 1;
    if (read_answers(answers, &b, e) == 0 && read_votes(votes, &b, e) == 0 &&
        read_votes(unrated, &b, e) == 0 &&
        read_judgments(judgments, &b, e) == 0 &&
        read_reasons(reasons, &b, e) == 0)
        result = import_battle(x, &b, e);
    free(b.answers);
    free(b.votes);
    free(b.judgments);
    free(b.reasons);
    return result;
}

static int take_head(struct import *x, const cJSON *o, struct err *e)
{
    struct fields f = {.o = o, .what = "the head", .e = e};
    int64_t version = take_whole(&f, "schema_version", 0);
    take(&f, "type");
    const cJSON *models = take_list(&f, "models"), *runs, *row;
    runs = take_list(&f, "runs");
    if (version != OWN_VERSION) {
        err_set(e, ERR_FORMAT, "schema_version %lld; this program reads %d",
                (long long)version, OWN_VERSION);
        return -1; /* nothing after it can be trusted */
    }
    if (finish(&f) != 0)
        return 1;
    cJSON_ArrayForEach(row, models)
    {
        struct fields m = {.o = row, .what = "a model", .e = e};
        const char *name = take_text(&m, "name", true);
        const char *text = take_text(&m, "description", true);
        if (finish(&m) != 0)
            return 1;
        if (bulk_put_model(x->bulk, name, text, e) != 0)
            return -1;
    }
    cJSON_ArrayForEach(row, runs)
    {
        struct fields r = {.o = row, .what = "a run", .e = e};
        const char *name = take_text(&r, "name", true);
        const char *text = take_text(&r, "settings", true);
        if (finish(&r) != 0)
            return 1;
        if (bulk_put_run(x->bulk, name, text, e) != 0)
            return -1;
    }
    return 0;
}

int own_take(struct import *x, const cJSON *o, struct err *e)
{
    const char *type = json_get_string(o, "type", NULL);
    if (type != NULL && strcmp(type, "arena") == 0)
        return take_head(x, o, e);
    if (json_get(o, "votes") == NULL || json_get(o, "model_a") == NULL) {
        err_set(e, ERR_FORMAT, "no battle of our own form");
        return 1;
    }
    return take_battle(x, o, e);
}
