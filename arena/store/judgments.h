/* judgments: what judges said, a row each time one was asked.
 *
 * A judge is asked twice about a battle (part 0 and 1: in both orders of the
 * answers, or about each answer alone), and its vote follows from both.  Each
 * row is committed as it comes, so that judging which was interrupted goes on
 * without asking, and paying, again.  Strings are borrowed, on the way in; the
 * rows that come out own theirs.  One thread per struct store. */
#ifndef ARENA_STORE_JUDGMENTS_H
#define ARENA_STORE_JUDGMENTS_H

#include "arena/store/store.h"
#include "base/names.h"

struct store_judgment {
    int64_t battle_id;
    const char *voter; /* "judge:NAME" */
    int part;          /* 0 or 1 */
    const char *form;  /* how it was asked: rows of another form do not mix */
    double value;      /* how much better it finds A: the share of A, 0 to 1,
                          a tie as half; of an answer alone, its score.  NaN: it
                          said nothing that could be read */
    double tie;        /* the share that is a tie's; NaN: value is a score */
    const char *reply; /* as received; "" of probabilities */
    int64_t n_in, n_out; /* tokens; -1: not known */
    double cost;         /* NaN: not known */
};

/* Stores what a judge said.  A row of the same battle, voter and part that
 * said nothing is replaced: it was asked again.  0, or -1 with ERR_DB. */
int store_put_judgment(struct store *s, const struct store_judgment *j,
                       struct err *e);

/* What is there of one battle since the judge's last vote on it. */
struct store_judged {
    bool known[2];          /* by part */
    double value[2], tie[2]; /* as in struct store_judgment */
};
int store_get_judged(struct store *s, int64_t battle_id, const char *voter,
                     struct store_judged *out, struct err *e);

/* The battles of a run that a judge may vote on, in order: both answers are
 * there, and none was a compare battle.  The caller frees. */
struct store_to_judge {
    int64_t battle_id;
    bool voted; /* this judge's vote stands */
};
int store_list_to_judge(struct store *s, int64_t run_id, const char *voter,
                        struct store_to_judge **out, size_t *n, struct err *e);

/* A form, other than this one, by which the judge has judged a battle of the
 * run (the caller frees); NULL: there is none. */
int store_find_other_form(struct store *s, int64_t run_id, const char *voter,
                          const char *form, char **out, struct err *e);

/* Withdraws all *n votes of a judge on a run, and drops what it said that came
 * to no vote, so that it can be judged anew. */
int store_withdraw_judge(struct store *s, int64_t run_id, const char *voter,
                         size_t *n, struct err *e);

/* What a judge said in both orders of each battle on which its vote stands, in
 * order of the battle.  A battle of which a part is not there is left out, and
 * so are scores: they say nothing of an order.  The caller frees. */
struct store_swapped {
    int64_t battle_id;
    double value[2], tie[2];
};
int store_list_swapped(struct store *s, const char *voter,
                       struct store_swapped **out, size_t *n, struct err *e);

/* What moves a judge, of each battle with a vote, in order of the battle.  The
 * caller frees, and `categories`, in which `category` is a number. */
struct store_traits {
    int64_t battle_id;
    uint32_t category;
    int64_t length[2]; /* of both answers in characters, over all turns, of each
                          the last round; 0 if they are not there */
};
int store_list_traits(struct store *s, struct store_traits **out, size_t *n,
                      struct names *categories, struct err *e);

/* People's votes of a filter (its voter is not looked at) and, on the battles
 * that people have voted on, a judge's ("judge:NAME"); as store_ballots. */
int store_shared_ballots(struct store *s, const struct store_filter *f,
                         const char *judge, const struct store_model *models,
                         size_t n_models, struct store_ballots *out,
                         struct err *e);

/* Tells of each vote of a judge ("judge:NAME") with a share which models met,
 * by their places in the list, and the share of the first.  0 or -1. */
int store_each_share(struct store *s, const char *judge,
                     const struct store_model *models, size_t n_models,
                     void (*take)(void *arg, uint32_t first, uint32_t second,
                                  double share),
                     void *arg, struct err *e);

/* Whether any vote of a judge has a share (of struct store_vote): 1, 0; or
 * -1. */
int store_has_shares(struct store *s, const char *judge, struct err *e);

#endif
