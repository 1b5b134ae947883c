/* MT-bench (FastChat, llm_judge): model_judgment/JUDGE_pair.jsonl, a judgment
 * of a pair in both orders a line, and model_answer/MODEL.jsonl. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "arena/exchange/answered.h"
#include "arena/exchange/foreign.h"
#include "arena/votelog/labels.h"

static void end_row(struct export *x, int64_t created_ms)
{
    json_put_number(&x->row, "tstamp", (double)created_ms / 1000);
    buf_add_str(&x->row, "}\n");
    x->counts->n_rows++;
}

/* --- judgments ------------------------------------------------------------ */

/* A vote was given in one order; its readers want two that agree. */
static void add_vote(struct export *x, const struct bulk_battle *b,
                     const struct talk *t, const struct bulk_vote *v)
{
    static const char *const winners[RATING_N_OUTCOMES] = {
        [RATING_FIRST] = "model_1",
        [RATING_SECOND] = "model_2",
        [RATING_TIE] = "tie",
    };
    struct buf *out = &x->row;
    if (v->verdict == RATING_BAD) {
        export_leave_out(x, EXCHANGE_BAD);
        return;
    }
    buf_add_char(out, '{');
    answered_put_id(out, "question_id", b->prompt_id, b->number);
    json_put_text(out, "model_1", b->model[0]);
    json_put_text(out, "model_2", b->model[1]);
    json_put_text(out, "g1_winner", winners[v->verdict]);
    json_put_text(out, "g2_winner", winners[v->verdict]);
    json_key(out, "judge");
    buf_add_char(out, '[');
    json_add_string(out, v->voter, strlen(v->voter));
    buf_add_str(out, ",\"arena\"]");
    json_put_whole(out, "turn", t->n > 0 ? (int64_t)t->n : 1);
    end_row(x, v->created_ms);
}

/* g2_winner is mapped back already; what the orders disagree on is a tie. */
static int read_winners(struct foreign_row *r, struct err *e)
{
    static const char *const keys[2] = {"g1_winner", "g2_winner"};
    enum rating_outcome said[2];
    for (int i = 0; i < 2; i++) {
        const char *label =
            json_get_string(r->o, keys[i],
                            json_get_string(r->o, keys[0], ""));
        if (strcmp(label, "error") == 0) {
            import_lose(r->x, IMPORT_NO_VERDICT);
            return 0;
        }
        if (!votelog_outcome(label, strlen(label), &said[i])) {
            err_set(e, ERR_FORMAT, "unknown %s '%.40s'", keys[i], label);
            return 1;
        }
    }
    struct foreign_verdict v = {
        .outcome = said[0] == said[1] ? said[0] : RATING_TIE,
        .p_a = NAN,
        .part = json_get_number(r->o, "turn", 1) == 1 ? "1" : "2"};
    return foreign_put(r, "mt_bench", &v, e);
}

static const struct foreign judgments = {
    .what = "a judgment of MT-bench (pairs)",
    .models = {"model_1", "model_2"},
    .ids = {"question_id", NULL},
    .category = "category",
    .voter = "judge",
    .time = "tstamp",
    .verdicts = read_winners,
};

const struct exchange_form exchange_mt_bench = {
    .name = "mt_bench",
    .vote = add_vote,
    .foreign = &judgments,
};

/* --- answers -------------------------------------------------------------- */

static void add_answer(struct export *x, const struct answered *a)
{
    struct buf *out = &x->row;
    buf_add_char(out, '{');
    answered_put_id(out, "question_id", a->prompt_id, a->number);
    json_key(out, "answer_id");
    buf_addf(out, "\"arena-%" PRId64 "\"", a->number);
    json_put_text(out, "model_id", x->o->model);
    buf_add_str(out, ",\"choices\":[{\"index\":0,\"turns\":[");
    for (size_t i = 0; i < a->n; i++) {
        json_comma(out);
        json_add_string(out, a->turns[i]->text, strlen(a->turns[i]->text));
    }
    buf_add_str(out, "]}]");
    end_row(x, a->created_ms);
}

const struct exchange_form exchange_mt_bench_answers = {
    .name = "mt_bench_answers",
    .answer = add_answer,
};
