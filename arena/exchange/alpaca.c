/* alpaca_eval (tatsu-lab): annotations.json, a list with an object a judgment,
 * and outputs, a list with an object an answer. */
#include <math.h>

#include "arena/exchange/answered.h"
#include "arena/exchange/foreign.h"
#include "arena/store/voter.h"

/* --- annotations ---------------------------------------------------------- */

/* From 1 (the first) to 2. */
static void add_vote(struct export *x, const struct bulk_battle *b,
                     const struct talk *t, const struct bulk_vote *v)
{
    static const double preferences[RATING_N_OUTCOMES] = {
        [RATING_FIRST] = 1, [RATING_SECOND] = 2, [RATING_TIE] = 1.5};
    struct buf *out = &x->row;
    if (v->verdict == RATING_BAD || t->n != 1) {
        export_leave_out(x, v->verdict == RATING_BAD ? EXCHANGE_BAD
                            : t->n == 0              ? EXCHANGE_NO_TEXT
                                                     : EXCHANGE_LONG);
        return;
    }
    export_begin_object(x);
    json_put_text(out, "instruction", t->turns[0][0]->prompt);
    json_put_text(out, "output_1", t->turns[0][0]->text);
    json_put_text(out, "generator_1", b->model[0]);
    json_put_text(out, "output_2", t->turns[0][1]->text);
    json_put_text(out, "generator_2", b->model[1]);
    json_put_text(out, "dataset", b->category[0] ? b->category : "arena");
    json_put_text(out, "annotator", v->voter);
    json_put_number(out, "preference",
                    isnan(v->p_a) ? preferences[v->verdict] : 2 - v->p_a);
    buf_add_char(out, '}');
    x->counts->n_rows++;
}

static int read_preference(struct foreign_row *r, struct err *e)
{
    const cJSON *node = json_get(r->o, "preference");
    double p = json_get_number(r->o, "preference", NAN);
    struct foreign_verdict v = {.p_a = NAN, .part = ""};
    if (cJSON_IsNull(node)) {
        import_lose(r->x, IMPORT_NO_VERDICT);
        return 0;
    }
    if (!(p >= 1 && p <= 2)) {
        err_set(e, ERR_FORMAT, "a preference that is not within 1 to 2");
        return 1;
    }
    bool is_whole = p == 1 || p == 1.5 || p == 2;
    v.outcome = p < 1.5   ? RATING_FIRST
                : p > 1.5 ? RATING_SECOND
                          : RATING_TIE;
    if (!is_whole && voter_is_judge(r->voter))
        v.p_a = 2 - p;
    else if (!is_whole)
        import_lose(r->x, IMPORT_STRENGTH);
    return foreign_put(r, NULL, &v, e);
}

static const struct foreign annotations = {
    .what = "an annotation of alpaca_eval",
    .models = {"generator_1", "generator_2"},
    .prompt = "instruction",
    .answers = {"output_1", "output_2"},
    .ids = {NULL},
    .category = "dataset",
    .voter = "annotator",
    .verdicts = read_preference,
};

const struct exchange_form exchange_alpaca_eval = {
    .name = "alpaca_eval",
    .begin = export_begin_list,
    .vote = add_vote,
    .end = export_end_list,
    .foreign = &annotations,
};

/* --- outputs -------------------------------------------------------------- */

static void add_output(struct export *x, const struct answered *a)
{
    struct buf *out = &x->row;
    if (a->n != 1) {
        export_leave_out(x, EXCHANGE_LONG);
        return;
    }
    export_begin_object(x);
    json_put_text(out, "dataset", a->category[0] ? a->category : "arena");
    json_put_text(out, "instruction", a->turns[0]->prompt);
    json_put_text(out, "output", a->turns[0]->text);
    json_put_text(out, "generator", x->o->model);
    buf_add_char(out, '}');
    x->counts->n_rows++;
}

const struct exchange_form exchange_alpaca_outputs = {
    .name = "alpaca_outputs",
    .begin = export_begin_list,
    .answer = add_output,
    .end = export_end_list,
};
