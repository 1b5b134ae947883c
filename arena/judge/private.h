/* private: judging from the inside.  judging.c is what it is from beginning to
 * end, calls.c asks a judge that writes, soft.c reads one that does not, and
 * both hand on what they found to items.c. */
#ifndef ARENA_JUDGE_PRIVATE_H
#define ARENA_JUDGE_PRIVATE_H

#include "arena/battle/answer.h"
#include "arena/battle/batch.h"
#include "arena/judge/docket.h"
#include "arena/judge/judging.h"
#include "arena/store/judgments.h"
#include "backends/backend.h"
#include "backends/local/choose.h"

/* A battle. */
struct judging_item {
    int64_t battle_id;
    bool taken;  /* its state was read from the store */
    bool done;   /* the vote stands, or it has failed */
    bool asked[2];
    struct store_judged said;
    bool leak;
    size_t n_answers; /* as it was read, 0: not yet */
};

/* A part that a judge is asked about by a call. */
struct judging_call {
    size_t item;
    int part;
    bool again; /* the first text held no verdict */
    struct answer answer;
    double reserved; /* the most that it may cost */
};

struct judging {
    struct arena *arena;
    struct judging_spec spec;
    struct references references;
    char *voter, *form; /* as stored */
    struct judging_item *items;
    size_t n_items, next;
    struct judging_call *calls; /* [n_jobs] */
    size_t n_jobs, n_running;
    struct model reader;        /* the judge, told not to think */
    struct choose *choose;      /* of it; NULL: not loaded so far */
    struct budget budget;
    struct judging_status status;
    double first_sum;
};

/* --- items.c -------------------------------------------------------------- */

/* Reads what is stored of the next item.  0 or -1. */
int item_take(struct judging *j, struct judging_item *x, struct err *e);

/* What the judge sees.  1: it can be asked; 0: not, and that was told; -1.
 * call docket_case_free in every case. */
int item_read(struct judging *j, struct judging_item *x,
              struct docket_case *c, struct err *e);

/* `again`: withdraws its votes, unless that was done.  Not in a group of the
 * store.  0 or -1. */
int items_withdraw(struct judging *j, struct err *e);

/* Stores what a judge said of a part (value NaN: nothing), and its vote if that
 * was the last.  0 or -1. */
int item_said(struct judging *j, struct judging_item *x, int part,
              const struct store_judgment *said, struct err *e);

/* Votes, if both parts are there.  0 or -1. */
int item_vote(struct judging *j, struct judging_item *x, struct err *e);

/* Gives a battle up for this session. */
void item_fail(struct judging *j, struct judging_item *x, const char *why);

/* --- calls.c and soft.c -------------------------------------------------- */

int calls_step(struct judging *j, struct err *e); /* as judging_step */
void calls_close(struct judging *j);
int soft_step(struct judging *j, struct err *e);  /* as judging_step */

/* What a judge is told above the form, or NULL. */
const char *calls_own(const struct judging *j);

/* Tokens that a call reads, by bytes. */
double calls_tokens(const struct judging *j, const struct ask_text *t);

#endif
