/* judged: a battle log taken apart into people's votes and a judge's verdicts.
 *
 * Rows of one battle_id are one battle.  A voter "judge:NAME" is a judge, any
 * other (or none) a person.  Of the judge that is asked for, the verdict on a
 * battle is p_a if the row has it, else 1, 1/2 or 0; of several on one battle
 * (both orders, say) the mean.  A row without a battle_id is a battle of its
 * own.  Owns all of it.  One thread. */
#ifndef ARENA_VOTELOG_JUDGED_H
#define ARENA_VOTELOG_JUDGED_H

#include "arena/votelog/votelog.h"
#include "base/err.h"
#include "rating/judged/judged.h"

struct judged_log {
    struct votelog log;
    const char **names;            /* [log.models.n] */
    struct judged_battle *battles; /* what `rows` points to */
    struct judged_vote *votes;
    struct judged_rows rows;
    struct rating_counts counts;   /* of people's votes */
    struct rating_ballot *ballots; /* [rows.n_votes], the same, by voter */
    uint64_t n_verdicts;           /* rows of the judge */
    uint64_t n_soft;               /* of these, with p_a */
    double temperature;            /* by judged_log_temper; 0: none */
    uint64_t n_other;              /* rows of other judges, left out */
};

/* Reads a file ("-": stdin) for a judge ("NAME" or "judge:NAME").  By prompt,
 * rows have a prompt_id.  0, or -1 as votelog_read, and with ERR_FORMAT if the
 * judge or people gave no votes or if rows of one battle have other models;
 * call judged_log_free either way. */
int judged_log_read(struct judged_log *j, const char *path, const char *judge,
                    enum judged_cluster cluster, struct err *e);
/* For ratings: gives the judge's probabilities, if all of its rows have one,
 * the temperature that fits people's votes, as a board of the store does.  0,
 * or -1: no memory. */
int judged_log_temper(struct judged_log *j, struct err *e);

void judged_log_free(struct judged_log *j);

#endif
