/* The cleaned form of Chatbot Arena's logs: one array, an object a vote. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arena/exchange/own.h"
#include "arena/exchange/spoken.h"
#include "arena/store/voter.h"
#include "arena/votelog/labels.h"

/* --- out ---------------------------------------------------------------- */

static void add_vote(struct export *x, const struct bulk_battle *b,
                     const struct talk *t, const struct bulk_vote *v)
{
    struct buf *out = &x->row;
    export_begin_object(x);
    buf_addf(out, "\"question_id\":\"arena-%" PRId64 "-%" PRId64 "\"",
             b->created_ms, v->number);
    json_put_text(out, "model_a", b->model[0]);
    json_put_text(out, "model_b", b->model[1]);
    json_put_text(out, "winner", own_winners[v->verdict]);
    json_put_text(out, "judge", v->voter);
    json_key(out, "conversation_a");
    talk_add_messages(t, 0, true, out);
    json_key(out, "conversation_b");
    talk_add_messages(t, 1, true, out);
    json_put_whole(out, "turn", t->n > 0 ? (int64_t)t->n : 1);
    json_put_bool(out, "anony", true);
    if (b->category[0] != '\0')
        json_put_text(out, "category", b->category);
    json_put_number(out, "tstamp", (double)v->created_ms / 1000);
    buf_add_char(out, '}');
    x->counts->n_rows++;
}

/* --- in ----------------------------------------------------------------- */

/* Takes one side: user and assistant in turn.  0, or 1 with the error. */
static int read_side(struct spoken *r, const cJSON *list, int side,
                     struct err *e)
{
    const cJSON *message;
    const char *prompt = NULL;
    int turn = 0;
    cJSON_ArrayForEach(message, list)
    {
        const char *role = json_get_string(message, "role", "");
        const char *text = spoken_content(r, json_get(message, "content"));
        bool is_user = strcmp(role, "user") == 0;
        if (text == NULL || (!is_user && strcmp(role, "assistant") != 0) ||
            is_user == (prompt != NULL))
            return err_set(e, ERR_FORMAT,
                           "conversation_%c is not texts of "
                           "user and assistant in turn",
                           side ? 'b' : 'a'),
                   1;
        if (is_user) {
            prompt = text;
            continue;
        }
        spoken_add(r, side, ++turn, prompt, text);
        prompt = NULL;
    }
    return 0;
}

/* The first of several keys that holds a text. */
static const char *first_text(const cJSON *o, const char *const keys[])
{
    for (; *keys != NULL; keys++)
        if (json_get_string(o, *keys, NULL) != NULL)
            return json_get_string(o, *keys, NULL);
    return NULL;
}

static const cJSON *conversation(const cJSON *o, char side)
{
    char key[20];
    snprintf(key, sizeof(key), "conversation_%c", side);
    if (json_get(o, key) == NULL)
        snprintf(key, sizeof(key), "conv_%c", side);
    return json_get(o, key);
}

/* Stores what was read of an object. */
static int store_object(struct import *x, const cJSON *o, struct spoken *r,
                        enum rating_outcome verdict, struct err *e)
{
    static const char *const ids[] = {"question_id", "id", NULL};
    static const char *const voters[] = {"judge", "judge_hash", "voter",
                                         "evaluation_session_id", NULL};
    const char *id = first_text(o, ids), *voter = first_text(o, voters);
    struct buf key;
    struct bulk_vote v =
        import_vote(x, spoken_keep(r, voter_of(voter ? voter : "unknown")),
                    import_time(x, json_get_number(o, "tstamp", NAN)));
    struct bulk_battle b = import_voted(&v);
    buf_init(&key, 4096);
    if (id != NULL) {
        buf_addf(&key, "lmarena:%s", id);
        v.external_id = key.data;
    }
    v.verdict = verdict;
    b.model[0] = json_get_string(o, "model_a", "");
    b.model[1] = json_get_string(o, "model_b", "");
    b.prompt = r->n_answers > 0 ? r->answers[0].prompt : "";
    b.category = json_get_string(o, "category", "");
    b.compare = !json_get_bool(o, "anony", true);
    b.answers = r->answers;
    b.n_answers = r->n_answers;
    int result = import_battle(x, &b, e);
    buf_free(&key);
    return result;
}

static int value(struct import *x, const cJSON *o, struct err *e)
{
    const char *winner = json_get_string(o, "winner", NULL);
    struct spoken r = {.n_answers = 0};
    enum rating_outcome verdict;
    if (json_get_string(o, "model_a", NULL) == NULL ||
        json_get_string(o, "model_b", NULL) == NULL || winner == NULL)
        return err_set(e, ERR_FORMAT,
                       "no battle of Chatbot Arena's cleaned "
                       "form (model_a, model_b, winner)"),
               1;
    if (!votelog_outcome(winner, strlen(winner), &verdict))
        return err_set(e, ERR_FORMAT, "unknown winner label '%.40s'", winner),
               1;
    int result = read_side(&r, conversation(o, 'a'), 0, e);
    if (result == 0)
        result = read_side(&r, conversation(o, 'b'), 1, e);
    if (result == 0)
        result = store_object(x, o, &r, verdict, e);
    spoken_free(&r);
    return result;
}

const struct exchange_form exchange_lmarena = {
    .name = "lmarena",
    .begin = export_begin_list,
    .vote = add_vote,
    .end = export_end_list,
    .value = value,
};
