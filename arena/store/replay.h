/* replay: votes in their order, moving ratings in memory; what comes out is
 * stored at the end.  Which votes move them is the caller's to know.  Inside a
 * transaction of the caller.  0 or -1. */
#ifndef ARENA_STORE_REPLAY_H
#define ARENA_STORE_REPLAY_H

#include "arena/store/inserts.h"
#include "arena/store/private.h"

/* All models and the settings that votes were given under, in order of id. */
struct replay {
    struct store *s;
    struct replay_model {
        int64_t id;
        double elo;
        int64_t n_votes;   /* 0: no vote yet, elo is not set */
        bool seen;         /* it is in what is replayed */
        double stored_elo; /* as in ratings; n 0: no row there */
        int64_t stored_n;
    } * models;
    size_t n_models;
    struct replay_params {
        int64_t id;
        struct elo_params elo;
    } * params;
    size_t n_params;
    struct inserts history;
};

struct replay_vote {
    int64_t id, model_id[2], elo_id;
    enum rating_outcome verdict;
    double before[2], after[2];
};

/* Loads what there is; every model begins without votes.  Freed by the caller
 * even after an error. */
int replay_load(struct replay *r, struct store *s, struct err *e);
void replay_free(struct replay *r);

/* Lets every model begin with its stored rating. */
void replay_from_stored(struct replay *r);

/* Takes in the models and settings of a vote that came after the load. */
int replay_learn(struct replay *r, const struct replay_vote *v, struct err *e);

/* NULL: there is none. */
struct replay_model *replay_find_model(const struct replay *r, int64_t id);

/* Reads a verdict column of a vote. */
int replay_verdict(struct store *s, const struct db_query *q, int column,
                   int64_t vote_id, enum rating_outcome *out, struct err *e);

/* Reads a row: vote, model a, model b, verdict, settings. */
int replay_read(struct replay *r, struct db_query *q, struct replay_vote *v,
                struct err *e);

/* Moves both models by a vote; fills before and after. */
int replay_move(struct replay *r, struct replay_vote *v, struct err *e);

/* Adds the move to the history. */
int replay_keep(struct replay *r, const struct replay_vote *v, struct err *e);

/* Stores the rest of the history, and the ratings of the models in it. */
int replay_store(struct replay *r, struct err *e);

/* Adds a row to the history. */
int replay_put_history(struct store *s, int64_t vote_id, const double before[2],
                       const double after[2], struct err *e);

#endif
