/* judging: a judge votes on the battles of a run, without a person.
 *
 * It is asked twice about each battle (arena/judge/ask.h), in both orders, or
 * about each answer alone; what it says is stored as it comes, and its vote
 * once both parts are there.  So judging that was interrupted goes on without
 * asking again.  A text without a verdict is asked for once more and is then an
 * error, never a tie.  Its votes are the voter judge:NAME's and never people's.
 * The judge sees every battle as a person who does not know the names.
 *
 *     judging_open(&j, a, &spec, e);
 *     while ((more = judging_step(j, e)) == 1)
 *         … show judging_status(j), wait for a->wake if n_running > 0 …
 *     judging_close(j);
 *
 * The opener closes it; closing cancels what is under way.  One thread. */
#ifndef ARENA_JUDGE_JUDGING_H
#define ARENA_JUDGE_JUDGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "arena/judge/form.h"
#include "arena/run/promptlist.h"
#include "base/err.h"

struct judging;

struct judging_spec {
    int64_t run_id;
    size_t judge;                     /* model of the config */
    const struct judge_form *form;    /* outlives it */
    bool soft;                        /* read probabilities: of a local judge,
                                         or of one with "logprobs", and a form
                                         for pairs */
    bool by_schema;                   /* its verdict is JSON that its server
                                         holds to a schema; not if soft */
    const struct prompts *references; /* what is right, by prompt; or NULL */
    int n_jobs;                       /* calls under way; 0: by its kind */
    double budget;                    /* dollars; NaN: any */
    bool again;                       /* judge all anew: its votes on the run
                                         are withdrawn as it answers for the
                                         first time */
    /* A battle has failed, for this reason; or NULL. */
    void (*tell)(void *arg, int64_t battle_id, const char *failure);
    void *arg;
    /* Whether to stop: asked while a local judge reads, which then leaves the
     * battle for the next step; or NULL. */
    bool (*is_stopped)(void);
};

/* Chooses how the judge of a spec is asked: by the form that a person means
 * (`which`, as form_read), or if that is NULL by ours that fits it and the
 * references.  A judge whose probabilities are known is read, unless it is to
 * `write` or the form is none for pairs.  Takes spec->judge and
 * spec->references; sets spec->soft, spec->by_schema and spec->form, which is
 * `out`.  0, or -1 as form_read and nothing to free. */
int judging_choose_form(struct judging_spec *spec, const struct arena *a,
                        const char *which, bool write, struct judge_form *out,
                        struct err *e);

struct judging_status {
    size_t n_battles;          /* that can be judged */
    size_t n_voted;            /* votes that stand, of earlier sessions too */
    bool is_anew;              /* `again`, and its votes are withdrawn */
    size_t n_withdrawn;        /* then */
    size_t n_failed;           /* in this session: no verdict could be read */
    size_t n_bare;             /* the form wants a reference: there is none */
    size_t n_calls, n_running; /* made in this session; under way */
    int64_t n_tokens;          /* read and written */
    double spent;
    bool is_spent;             /* judging_step ended because of the budget */
    /* Of the pairs judged in this session: */
    size_t n_swapped;          /* both orders were judged */
    size_t n_agreed;           /* with the same verdict */
    double first;              /* mean share of the answer shown first; 1/2 if
                                  the order says nothing; NaN: none */
};

/* 0, or -1 (ERR_USAGE: this judge has judged the run by another form;
 * ERR_CONFIG, ERR_AUTH, ERR_BACKEND: it cannot be asked, or has no price and
 * there is a budget; ERR_DB). */
int judging_open(struct judging **out, struct arena *a,
                 const struct judging_spec *spec, struct err *e);
void judging_close(struct judging *j); /* NULL is nothing */

/* Takes what has come, stores it, asks what is next.  1: going on; 0: all is
 * done, or the budget is; -1: the store failed. */
int judging_step(struct judging *j, struct err *e);

/* The most that what is missing takes: calls, tokens read (a guess by bytes)
 * and written, dollars (NaN: no price). */
struct judging_estimate {
    size_t n_calls;
    double n_in, n_out, cost;
};
int judging_survey(struct judging *j, struct judging_estimate *out,
                   struct err *e);

struct judging_status judging_status(const struct judging *j);

#endif
