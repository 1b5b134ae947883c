/* The cleaned form of Chatbot Arena's logs: one array, an object a vote. */
#include "arena/exchange/lmarena.h"

#include <inttypes.h>

#include "arena/exchange/own.h"

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

const struct exchange_form exchange_lmarena = {
    .name = "lmarena",
    .begin = export_begin_list,
    .vote = add_vote,
    .end = export_end_list,
    .value = lmarena_value,
    .is_column = lmarena_is_column,
};
