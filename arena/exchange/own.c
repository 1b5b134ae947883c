/* Our own form, written. */
#include "arena/exchange/own.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"

const char *const own_winners[RATING_N_OUTCOMES] = {
    [RATING_FIRST] = "model_a",
    [RATING_SECOND] = "model_b",
    [RATING_TIE] = "tie",
    [RATING_BAD] = "tie (bothbad)",
};

/* --- members, left out if there is nothing to say ------------------------- */

static void add_text(struct buf *out, const char *key, const char *text)
{
    if (text != NULL)
        json_put_text(out, key, text);
}

static void add_known(struct buf *out, const char *key, int64_t n)
{
    if (n >= 0)
        json_put_whole(out, key, n);
}

static void add_number(struct buf *out, const char *key, double x)
{
    if (isfinite(x))
        json_put_number(out, key, x);
}

static void add_flag(struct buf *out, const char *key, bool flag)
{
    if (flag)
        json_put_bool(out, key, true);
}

/* --- the head ------------------------------------------------------------- */

static int add_run(void *arg, const char *name, const char *settings,
                   struct err *e)
{
    struct buf *out = arg;
    (void)e;
    json_comma(out);
    buf_add_char(out, '{');
    json_put_text(out, "name", name);
    add_text(out, "settings", settings);
    buf_add_char(out, '}');
    return 0;
}

static int begin(struct export *x, struct err *e)
{
    struct store_model *models;
    size_t n;
    struct buf *out = &x->row;
    if (store_list_models(x->store, &models, &n, e) != 0)
        return -1;
    buf_addf(out, "{\"type\":\"arena\",\"schema_version\":%d,\"models\":[",
             OWN_VERSION);
    for (size_t i = 0; i < n; i++) {
        json_comma(out);
        buf_add_char(out, '{');
        json_put_text(out, "name", models[i].name);
        add_text(out, "description", models[i].description);
        buf_add_char(out, '}');
    }
    store_free_models(models, n);
    buf_add_str(out, "],\"runs\":[");
    int result = bulk_read_runs(x->store, add_run, out, e);
    buf_add_str(out, "]}\n");
    return result;
}

/* --- a battle ------------------------------------------------------------- */

static void add_answer(struct buf *out, const struct store_answer *a)
{
    const struct answer_end *end = &a->end;
    buf_addf(out, "{\"side\":\"%c\",\"turn\":%d,\"round\":%d",
             a->side ? 'b' : 'a', a->turn, a->round);
    add_text(out, "prompt", a->prompt);
    add_text(out, "text", a->text);
    add_text(out, "thinking", a->thinking[0] ? a->thinking : NULL);
    add_text(out, "settings", a->settings[0] ? a->settings : NULL);
    add_text(out, "finish", finish_name(end->finish));
    if (end->error.code != ERR_NONE) {
        json_put_whole(out, "error_status", err_exit_status(end->error.code));
        add_text(out, "error", end->error.text);
    }
    add_known(out, "n_in", end->n_in);
    add_known(out, "n_cached", end->n_cached);
    add_known(out, "n_out", end->n_out);
    add_known(out, "n_think", end->n_think);
    add_number(out, "cost", end->cost);
    add_known(out, "load_ms", end->load_ms);
    add_known(out, "first_ms", end->first_ms);
    add_known(out, "total_ms", end->total_ms);
    add_text(out, "request_id", end->request_id[0] ? end->request_id : NULL);
    add_text(out, "note", end->note[0] ? end->note : NULL);
    /* These count bytes, and wrong ones become longer. */
    bool same = utf8_valid(a->text, strlen(a->text));
    add_text(out, "chances", same && a->chances[0] ? a->chances : NULL);
    add_text(out, "rhythm", same && a->rhythm[0] ? a->rhythm : NULL);
    buf_add_char(out, '}');
}

static bool is_rated(const struct bulk_battle *b, const struct bulk_vote *v)
{
    return !b->compare && !v->seen && !v->leak && v->withdrawn_by == NULL;
}

static void add_vote(struct buf *out, const struct bulk_vote *v)
{
    json_comma(out);
    buf_add_char(out, '{');
    json_put_whole(out, "vote", v->number);
    add_text(out, "winner", own_winners[v->verdict]);
    add_text(out, "voter", v->voter);
    if (v->attempt != 1)
        json_put_whole(out, "attempt", v->attempt);
    add_text(out, "id", v->external_id);
    add_known(out, "dwell_ms", v->dwell_ms);
    add_flag(out, "early", v->early);
    add_flag(out, "seen", v->seen);
    add_flag(out, "leak", v->leak);
    add_text(out, "comment", v->comment);
    add_number(out, "p_a", v->p_a);
    json_put_whole(out, "created_ms", v->created_ms);
    const double elo[] = {v->elo.k, v->elo.base, v->elo.scale, v->elo.start};
    json_key(out, "elo");
    buf_add_char(out, '[');
    for (int i = 0; i < 4; i++) {
        json_comma(out);
        json_add_number(out, elo[i]);
    }
    buf_add_char(out, ']');
    if (v->withdrawn_by != NULL) {
        add_text(out, "withdrawn_by", v->withdrawn_by);
        json_put_whole(out, "withdrawn_ms", v->withdrawn_ms);
    }
    buf_add_char(out, '}');
}

static void add_votes(struct buf *out, const char *key,
                      const struct bulk_battle *b, bool rated)
{
    json_key(out, key);
    buf_add_char(out, '[');
    for (size_t i = 0; i < b->n_votes; i++)
        if (is_rated(b, &b->votes[i]) == rated)
            add_vote(out, &b->votes[i]);
    buf_add_char(out, ']');
}

/* Battles that no judge was asked about say nothing of it. */
static void add_judgments(struct buf *out, const struct bulk_battle *b)
{
    if (b->n_judgments == 0)
        return;
    json_key(out, "judgments");
    buf_add_char(out, '[');
    for (size_t i = 0; i < b->n_judgments; i++) {
        const struct bulk_judgment *j = &b->judgments[i];
        json_comma(out);
        buf_add_char(out, '{');
        add_text(out, "voter", j->voter);
        json_put_whole(out, "part", j->part);
        json_put_whole(out, "attempt", j->attempt);
        add_text(out, "form", j->form);
        add_number(out, "value", j->value);
        add_number(out, "tie", j->tie);
        add_text(out, "reply", j->reply[0] ? j->reply : NULL);
        add_known(out, "n_in", j->n_in);
        add_known(out, "n_out", j->n_out);
        add_number(out, "cost", j->cost);
        json_put_whole(out, "created_ms", j->created_ms);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void add_reasons(struct buf *out, const struct bulk_battle *b)
{
    if (b->n_reasons == 0)
        return;
    json_key(out, "reasons");
    buf_add_char(out, '[');
    for (size_t i = 0; i < b->n_reasons; i++) {
        const struct bulk_reason *r = &b->reasons[i];
        json_comma(out);
        buf_add_char(out, '{');
        add_text(out, "voter", r->voter);
        add_text(out, "tags", r->tags[0] ? r->tags : NULL);
        add_text(out, "comment", r->comment[0] ? r->comment : NULL);
        json_put_whole(out, "created_ms", r->created_ms);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static int battle(struct export *x, const struct bulk_battle *b, struct err *e)
{
    struct buf *out = &x->row;
    (void)e;
    buf_addf(out, "{\"battle\":%" PRId64, b->number);
    add_text(out, "model_a", b->model[0]);
    add_text(out, "model_b", b->model[1]);
    add_text(out, "state", bulk_state_name(b->state));
    add_text(out, "prompt", b->prompt);
    add_text(out, "category", b->category[0] ? b->category : NULL);
    add_text(out, "prompt_id", b->prompt_id);
    add_text(out, "run", b->run);
    add_number(out, "probability", b->probability);
    add_flag(out, "compare", b->compare);
    add_text(out, "pace", b->pace[0] ? b->pace : NULL);
    json_put_whole(out, "created_ms", b->created_ms);
    buf_add_str(out, ",\"answers\":[");
    for (size_t i = 0; i < b->n_answers; i++) {
        json_comma(out);
        add_answer(out, &b->answers[i]);
    }
    buf_add_char(out, ']');
    add_votes(out, "votes", b, true);
    add_votes(out, "unrated", b, false);
    add_judgments(out, b);
    add_reasons(out, b);
    buf_add_str(out, "}\n");
    x->counts->n_votes += b->n_votes;
    x->counts->n_rows++;
    return 0;
}

const struct exchange_form exchange_jsonl = {
    .name = "jsonl",
    .begin = begin,
    .battle = battle,
    .value = own_take,
};
