/* loop: models play and a judge votes, without a person, until a question is
 * settled.
 *
 * In rounds: a run of some battles, of the pairs whose order the judge's votes
 * so far leave most open; then the judge votes on them; then its votes are
 * rated.  A round is a run NAME.1, NAME.2, …, so whoever is interrupted goes on
 * with the same command, and people can vote on them.  Of two models on one
 * prompt only one vote of the judge counts, for the answers are the same.
 *
 * Looking after every round must not find what is not there: round k spends
 * 6 / (pi k)^2 of the 5%, which add up to all of it (Bonferroni over rounds and
 * pairs).  A session that goes on has all votes at its first round: so it looks
 * again at the last round that was begun, not before.  Only votes on the models
 * that play count.  What is found is the judge's opinion, and nobody's taste.
 * The opener closes it.  One thread. */
#ifndef ARENA_JUDGE_LOOP_H
#define ARENA_JUDGE_LOOP_H

#include "arena/judge/judging.h"
#include "arena/leaderboard.h"
#include "arena/run/run.h"

#define LOOP_ROUND 30 /* battles of a round */
#define LOOP_TELLING 8 /* battles that are named for a person */

enum loop_until {
    LOOP_BEST,  /* one model is told from all others */
    LOOP_ORDER, /* every two are told apart */
    LOOP_WIDTH, /* every interval is as narrow as `width` points */
};

struct loop_spec {
    const char *name;
    struct run_spec run;        /* of each round; not name, pairs, seed */
    struct judging_spec judge;  /* but its run */
    const char *voter;          /* "judge:NAME" */
    enum loop_until until;
    double width;               /* with LOOP_WIDTH */
    double budget;              /* dollars of this session; NaN: any */
};

enum loop_end { LOOP_GOES_ON, LOOP_SETTLED, LOOP_SPENT, LOOP_EXHAUSTED };

/* A battle on which a person's vote would help. */
struct loop_telling {
    int64_t battle_id;
    size_t round;
};

struct loop_status {
    enum loop_end end;
    size_t round, n_battles;  /* rounds begun; battles that the judge voted on,
                                 one of two models on a prompt */
    size_t n_failed;          /* answers and verdicts, in this session */
    size_t n_running;
    bool judges;              /* now; else models play */
    double spent;
};

struct loop;

/* 0 or -1 as run_open and judging_open. */
int loop_open(struct loop **out, struct arena *a, const struct loop_spec *spec,
              struct err *e);
void loop_close(struct loop *l); /* NULL is nothing */

/* 1: going on, wait for a->wake if n_running > 0; 0: it has ended; -1. */
int loop_step(struct loop *l, struct err *e);

struct loop_status loop_status(const struct loop *l);

/* Ratings by the judge's votes alone, as of the last round. */
const struct leaderboard *loop_board(const struct loop *l);

/* Fills at most LOOP_TELLING battles that nobody voted on, between models that
 * are closest, on which the judge was least sure; how many is *n.  0 or -1. */
int loop_find_telling(struct loop *l, struct loop_telling *out, size_t *n,
                      struct err *e);

#endif
