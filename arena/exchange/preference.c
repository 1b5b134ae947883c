/* Preferences for training: DPO, KTO and SFT, a row a line, as TRL reads them
 * ("Dataset formats and types" in its documentation), and the entry that
 * LLaMA-Factory wants for them ("data/README.md" there).
 *
 * Only votes that are rated give rows, by default those of people.  Thinking is
 * not part of an answer, so it is in no row. */
#include <string.h>

#include "arena/exchange/form.h"

static void end_row(struct export *x)
{
    buf_add_str(&x->row, "}\n");
    x->counts->n_rows++;
}

/* "prompt": a text, or the messages before the answer. */
static void begin_row(struct export *x, const struct talk *t, int side)
{
    buf_add_char(&x->row, '{');
    if (!x->o->conversational) {
        json_put_text(&x->row, "prompt", t->turns[t->n - 1][side]->prompt);
        return;
    }
    json_key(&x->row, "prompt");
    talk_add_messages(t, side, false, &x->row);
}

/* The last answer of a side: a text, or a list of one message. */
static void add_answer(struct export *x, const char *key, const struct talk *t,
                       int side)
{
    const char *text = t->turns[t->n - 1][side]->text;
    if (!x->o->conversational) {
        json_put_text(&x->row, key, text);
        return;
    }
    json_key(&x->row, key);
    buf_add_char(&x->row, '[');
    talk_add_message(&x->row, "assistant", text);
    buf_add_char(&x->row, ']');
}

/* Whether the texts of a vote can be a row; counts why not. */
static bool has_texts(struct export *x, const struct talk *t)
{
    if (t->n == 0)
        export_leave_out(x, EXCHANGE_NO_TEXT);
    else if (t->n > 1 && !x->o->conversational)
        export_leave_out(x, EXCHANGE_TURNS);
    else
        return true;
    return false;
}

/* Such a pair teaches nothing, or that a text is both better and worse. */
static bool has_same_text(const struct talk *t)
{
    const struct store_answer *const *last =
        (const struct store_answer *const *)t->turns[t->n - 1];
    return strcmp(last[0]->text, last[1]->text) == 0;
}

static char *describe(const char *file, const char *rest)
{
    struct buf out;
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    buf_init(&out, 1 << 16);
    buf_add_char(&out, '{');
    json_add_string(&out, name, strcspn(name, "."));
    buf_add_str(&out, ":{");
    json_put_text(&out, "file_name", name);
    buf_addf(&out, ",%s}}", rest);
    return buf_detach(&out);
}

/* --- DPO: which of two answers is better ---------------------------------- */

static void add_pair(struct export *x, const struct bulk_battle *b,
                     const struct talk *t, const struct bulk_vote *v)
{
    enum rating_outcome verdict = v->verdict;
    int chosen = verdict == RATING_SECOND; /* of a tie, side A */
    bool tie = verdict == RATING_TIE;
    (void)b;
    if (verdict == RATING_BAD || (tie && !x->o->ties)) {
        export_leave_out(x, tie ? EXCHANGE_TIE : EXCHANGE_BAD);
        return;
    }
    if (!has_texts(x, t))
        return;
    if (!talk_shares_history(t)) {
        export_leave_out(x, EXCHANGE_HISTORY);
        return;
    }
    if (has_same_text(t)) {
        export_leave_out(x, EXCHANGE_SAME);
        return;
    }
    begin_row(x, t, chosen);
    add_answer(x, "chosen", t, chosen);
    add_answer(x, "rejected", t, !chosen);
    if (x->o->ties)
        json_put_bool(&x->row, "tie", tie);
    end_row(x);
}

static char *describe_dpo(const struct exchange_options *o, const char *file)
{
    if (o->conversational) /* it takes one message for an answer, not a list */
        return NULL;
    return describe(file, "\"ranking\":true,\"columns\":{\"prompt\":\"prompt\","
                          "\"chosen\":\"chosen\",\"rejected\":\"rejected\"}");
}

const struct exchange_form exchange_dpo = {
    .name = "dpo",
    .vote = add_pair,
    .voters = "human",
    .takes_ties = true,
    .takes_talks = true,
    .dataset_info = describe_dpo,
};

/* --- KTO: whether an answer is wanted ------------------------------------- */

static void add_label(struct export *x, const struct talk *t, int side,
                      bool wanted)
{
    begin_row(x, t, side);
    add_answer(x, "completion", t, side);
    json_put_bool(&x->row, "label", wanted);
    end_row(x);
    x->counts->n_wanted += wanted;
    x->counts->n_unwanted += !wanted;
}

static void add_labels(struct export *x, const struct bulk_battle *b,
                       const struct talk *t, const struct bulk_vote *v)
{
    enum rating_outcome verdict = v->verdict;
    (void)b;
    if (verdict == RATING_TIE) {
        export_leave_out(x, EXCHANGE_TIE);
        return;
    }
    if (!has_texts(x, t))
        return;
    /* Behind other turns the same text is another answer. */
    if (verdict != RATING_BAD && talk_shares_history(t) && has_same_text(t)) {
        export_leave_out(x, EXCHANGE_SAME);
        return;
    }
    for (int side = 0; side < 2; side++)
        add_label(x, t, side,
                  verdict == (side ? RATING_SECOND : RATING_FIRST));
}

static char *describe_kto(const struct exchange_options *o, const char *file)
{
    if (o->conversational)
        return NULL;
    return describe(file, "\"columns\":{\"prompt\":\"prompt\",\"response\":"
                          "\"completion\",\"kto_tag\":\"label\"}");
}

const struct exchange_form exchange_kto = {
    .name = "kto",
    .vote = add_labels,
    .voters = "human",
    .takes_talks = true,
    .dataset_info = describe_kto,
};

/* --- SFT: the conversations that won -------------------------------------- */

static void add_winner(struct export *x, const struct bulk_battle *b,
                       const struct talk *t, const struct bulk_vote *v)
{
    enum rating_outcome verdict = v->verdict;
    (void)b;
    if (verdict == RATING_TIE || verdict == RATING_BAD)
        export_leave_out(x,
                         verdict == RATING_TIE ? EXCHANGE_TIE : EXCHANGE_BAD);
    else if (t->n == 0)
        export_leave_out(x, EXCHANGE_NO_TEXT);
    else {
        buf_add_str(&x->row, "{\"messages\":");
        talk_add_messages(t, verdict == RATING_SECOND, true, &x->row);
        end_row(x);
    }
}

static char *describe_sft(const struct exchange_options *o, const char *file)
{
    (void)o;
    return describe(file, "\"formatting\":\"sharegpt\",\"columns\":{"
                          "\"messages\":\"messages\"},\"tags\":{\"role_tag\":"
                          "\"role\",\"content_tag\":\"content\",\"user_tag\":"
                          "\"user\",\"assistant_tag\":\"assistant\","
                          "\"system_tag\":\"system\"}");
}

const struct exchange_form exchange_sft = {
    .name = "sft",
    .vote = add_winner,
    .voters = "human",
    .takes_talks = true, /* it always has them */
    .dataset_info = describe_sft,
};
