/* A judge that writes: calls under way, and what comes of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/judge/private.h"
#include "arena/judge/reply.h"

#define BYTES_A_TOKEN 3.0 /* few texts have fewer: so the guess is high */

double calls_tokens(const struct judging *j, const struct ask_text *t)
{
    const char *own = j->arena->config.models[j->spec.judge].system;
    size_t n = t->system.len + t->user.len + (own == NULL ? 0 : strlen(own));
    return (double)n / BYTES_A_TOKEN;
}

const char *calls_own(const struct judging *j)
{
    return j->spec.by_schema
               ? "Your reply is one JSON object: \"reason\" says what decides, "
                 "and \"verdict\" holds nothing but the mark in double "
                 "brackets."
               : NULL;
}

/* Whether the budget allows for a call; the money for it is put aside. */
static bool reserve(struct judging *j, struct judging_call *call, double n_in)
{
    return budget_reserve(&j->budget, batch_cost(j->arena, j->spec.judge, n_in),
                          &call->reserved);
}

/* Asks about a part.  1: it is under way; 0: it is not, and `is_spent` or the
 * item says why; -1. */
static int begin(struct judging *j, struct judging_call *call, struct err *e)
{
    struct judging_item *x = &j->items[call->item];
    struct docket_case c;
    struct ask_text text = {.n_messages = 0};
    int result = item_read(j, x, &c, e);
    if (result == 1 && ask_fill(&text, j->spec.form, &c.ask, call->part,
                                calls_own(j), &j->arena->rng, e) != 0) {
        item_fail(j, x, e->text);
        result = 0;
    }
    if (result == 1 && !reserve(j, call, calls_tokens(j, &text)))
        result = 0;
    if (result == 1) {
        struct request rq = {
            .messages = text.messages,
            .n_messages = text.n_messages,
            /* Asked again, it is to say something else. */
            .seed = (uint64_t)x->battle_id * 4 + (uint64_t)call->part * 2 +
                    call->again,
            .clock = arena_clock(j->arena),
            .words = j->spec.soft ? &reply_verdicts : NULL,
            .schema = j->spec.by_schema ? reply_schema(j->spec.form->kind)
                                        : NULL,
        };
        result = answer_start(&call->answer, j->arena, j->spec.judge, &rq,
                              e) == 0
                     ? 1
                     : -1;
    }
    docket_case_free(&c);
    ask_free(&text);
    return result;
}

static void settle_cost(struct judging *j, struct judging_call *call)
{
    const struct answer_end *end = &call->answer.end;
    budget_settle(&j->budget, &call->reserved, end->cost);
    j->status.n_tokens += (end->n_in > 0 ? end->n_in : 0) +
                          (end->n_out > 0 ? end->n_out : 0);
    j->status.n_calls++;
}

/* Finds what a judge said; false: nothing that can be read. */
static bool find_verdict(const struct judging *j, const struct answer *a,
                         struct reply *out)
{
    enum form_kind kind = j->spec.form->kind;
    if (j->spec.soft)
        return reply_weigh(a->end.p_word, out);
    return j->spec.by_schema
               ? reply_read_json(kind, a->text.data, out)
               : reply_read(kind, a->text.data, a->end.finish == FINISH_STOP,
                            out);
}

/* Why there is none, of an answer that ended. */
static const char *why_none(const struct judging *j, const struct answer *a)
{
    struct reply reply;
    if (j->spec.soft && reply_read(FORM_PAIR, a->text.data, true, &reply))
        return "the server told no probabilities of its verdict: leave "
               "\"logprobs\" out of the judge's config, or let it write "
               "(--write)";
    if (a->end.finish == FINISH_LENGTH)
        return "no verdict before its text was cut off: give the judge more "
               "\"max_tokens\"";
    return "no verdict in what the judge wrote, twice";
}

/* Stores what a judge wrote.  1: ask again; 0 or -1. */
static int take(struct judging *j, struct judging_call *call, struct err *e)
{
    struct judging_item *x = &j->items[call->item];
    const struct answer *a = &call->answer;
    struct reply reply;
    settle_cost(j, call);
    if (a->end.finish == FINISH_ERROR) {
        item_fail(j, x, a->end.error.text);
        return 0;
    }
    bool read = find_verdict(j, a, &reply);
    if (!read && !call->again && !x->done) /* else its other part failed */
        return 1;
    struct store_judgment said = {.value = NAN,
                                  .reply = a->text.data,
                                  .n_in = a->end.n_in,
                                  .n_out = a->end.n_out,
                                  .cost = a->end.cost};
    if (read) {
        bool pair = j->spec.form->kind == FORM_PAIR;
        bool changed = pair && call->part == 1;
        said.value = changed ? 1 - reply.value : reply.value;
        said.tie = pair ? reply.tie : NAN;
    }
    if (item_said(j, x, call->part, &said, e) != 0)
        return -1;
    if (!read)
        item_fail(j, x, why_none(j, a));
    return 0;
}

static void drop_call(struct judging *j, size_t k)
{
    answer_free(&j->calls[k].answer);
    j->n_running--;
    j->calls[k] = j->calls[j->n_running];
}

/* The budget has no room for a part now: it is the next one to ask about. */
static void put_back(struct judging *j, const struct judging_call *call)
{
    struct judging_item *x = &j->items[call->item];
    if (x->done)
        return;
    x->asked[call->part] = false;
    if (j->next > call->item)
        j->next = call->item;
}

static int take_all(struct judging *j, struct err *e)
{
    for (size_t k = j->n_running; k-- > 0;) {
        struct judging_call *call = &j->calls[k];
        answer_step(&call->answer);
        if (!answer_done(&call->answer))
            continue;
        int again = take(j, call, e);
        if (again < 0)
            return -1;
        if (again == 0) {
            drop_call(j, k);
            continue;
        }
        answer_free(&call->answer);
        call->again = true;
        int begun = begin(j, call, e);
        if (begun < 0)
            return -1;
        if (begun == 0) {
            put_back(j, call);
            drop_call(j, k);
        }
    }
    return 0;
}

/* The next part that nobody has asked about.  1, 0: none; or -1. */
static int find_next(struct judging *j, size_t *item, int *part, struct err *e)
{
    while (j->next < j->n_items) {
        struct judging_item *x = &j->items[j->next];
        if (!x->done && (item_take(j, x, e) != 0 || item_vote(j, x, e) != 0))
            return -1;
        for (*part = 0; *part < 2 && !x->done; (*part)++) {
            if (x->asked[*part])
                continue;
            *item = j->next;
            return 1;
        }
        j->next++;
    }
    return 0;
}

int calls_step(struct judging *j, struct err *e)
{
    size_t item;
    int part, more = 1;
    j->budget.is_spent = false;
    if (take_all(j, e) != 0)
        return -1;
    while (j->n_running < j->n_jobs &&
           (more = find_next(j, &item, &part, e)) == 1) {
        struct judging_call *call = &j->calls[j->n_running];
        *call = (struct judging_call){.item = item, .part = part};
        int begun = begin(j, call, e);
        if (begun < 0)
            return -1;
        if (begun == 0 && j->budget.is_spent)
            break;
        j->items[item].asked[part] = true;
        j->n_running += begun == 1;
    }
    if (more < 0)
        return -1;
    return j->n_running > 0 || (more == 1 && !j->budget.is_spent);
}

void calls_close(struct judging *j)
{
    while (j->n_running > 0)
        drop_call(j, j->n_running - 1);
}
