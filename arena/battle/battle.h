/* battle: one prompt, two models, two answers, one blind vote.
 *
 *     STREAMING --both done--> VOTING --vote--> VOTED --undo--> VOTING
 *         |  \--a side failed--> VOID        (voted again: not rated)
 *         \--stop--> VOTING (if both have text) or VOID
 *     STREAMING, VOTING --skip--> SKIPPED
 *     VOTING, VOID --regenerate--> STREAMING;  VOTING --follow up--> STREAMING
 *     VOTED --go on--> a compare battle
 *
 * The names are hidden until the vote is committed.  Before that nothing here
 * gives out a name, speed, cost, thinking, finish reason or error of a side,
 * nor which side was done first.  The sides differ in their texts alone, and
 * the pace says how much of the texts is shown.  Names that an answer tells are
 * hidden in what is shown (arena/blind/leak.h); the vote is then marked and not
 * rated, and the stored text is as received.  A void battle may be asked again
 * while nobody could learn its names: in the store it is void only once it is
 * closed, or its names are open.  The vote and its rating change are one
 * transaction of the store, committed before battle_reveal returns anything.
 *
 * A battle is driven by polling from the UI thread: battle_step after the wake
 * pipe or a tick.  The opener closes it; closing never waits for a model. */
#ifndef ARENA_BATTLE_H
#define ARENA_BATTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "base/err.h"
#include "rating/votes/counts.h"

enum battle_state {
    BATTLE_STREAMING,
    BATTLE_VOTING,   /* both answers are there */
    BATTLE_VOTED, /* the vote is stored */
    BATTLE_SKIPPED,  /* stored, not rated */
    BATTLE_VOID,     /* a side failed: no vote, no rating change */
    BATTLE_GONE,     /* another session has ended it: nothing left to do */
};

enum battle_side { SIDE_A, SIDE_B, SIDE_N };

struct battle;

/* What is fought over.  Zero fields mean: drawn by the arena. */
struct battle_spec {
    const char *prompt;    /* the person's text, not empty */
    const char *category;  /* NULL: "" */
    int64_t prompt_id;     /* of the store, if it is there already */
    int64_t run_id;        /* of a batch, or 0 */
    int model[SIDE_N];     /* indices of config.models in A, B order, or -1
                              for both: drawn by arena/pairing */
    bool any_side;         /* which of these two is on side A is drawn */
    bool compare;          /* with names, never rated */
    bool ahead;            /* answered before anybody is to see it, see
                              battle_show */
};

/* Draws the pair, stores the battle, starts both answers.  0, or -1: fewer
 * than two models (ERR_CONFIG, says how to add one), database. */
int battle_open(struct battle **out, struct arena *a,
                const struct battle_spec *spec, struct err *e);
void battle_close(struct battle *b);

/* Of a battle that was opened `ahead`: stores it, and lets it be seen from now
 * on, as if the answers began to come now.  Until then it only takes what
 * comes, shows nothing and is not in the store: closed before, it leaves no
 * trace.  0, or -1: nothing has changed. */
int battle_show(struct battle *b, struct err *e);

/* Takes up a stored battle that is ready for a vote: one of a run, or one that
 * an earlier session left without it.  It is blind as any other, and begins in
 * VOTING; there is nothing to regenerate or to follow up.  0, or -1 (ERR_USAGE:
 * no such battle, or not ready). */
int battle_reopen(struct battle **out, struct arena *a, int64_t battle_id,
                  struct err *e);

/* After the vote: a further question to both, by name.  It is a compare battle
 * of its own, which begins with the conversation so far: the vote stays as it
 * is, and what is said from now on is not rated.  `from` is not changed, and
 * its opener closes it.  0, or -1: no vote yet (ERR_USAGE), a model that the
 * config has no more, database. */
int battle_go_on(struct battle **out, const struct battle *from,
                 const char *prompt, struct err *e);

/* Before the question is written: whether there is a vote and the config has
 * both models.  0, or -1 as battle_go_on. */
int battle_may_go_on(const struct battle *from, struct err *e);

/* Takes what has come from both sides and moves the state.  now_ms is
 * clock_monotonic_ms.  Returns true if something to show has changed.
 * *wait_ms (may be NULL) is when to step again at the latest, -1: on news. */
bool battle_step(struct battle *b, int64_t now_ms, int *wait_ms);

/* Whether both answers are whole, whatever the pace shows of them. */
bool battle_is_answered(const struct battle *b);

enum battle_state battle_state(const struct battle *b);
int64_t battle_id(const struct battle *b);

/* Why answers that are done are not in the store yet; NULL: nothing is wrong.
 * Steps try again, and so does the vote. */
const struct err *battle_unstored(const struct battle *b);

/* Stores now what is done and not in the store yet, and waits for other
 * programs as any change does; closing tries that, too.  0 (also if there is
 * nothing to do) or -1. */
int battle_settle(struct battle *b, struct err *e);

const char *battle_prompt(const struct battle *b);
const char *battle_category(const struct battle *b); /* of it; "": none */
int battle_turn(const struct battle *b); /* from 1 */

/* An earlier turn of the conversation, from 1: its prompt, and its answer as
 * it was shown. */
const char *battle_past_prompt(const struct battle *b, int turn);
const char *battle_past_text(const struct battle *b, int turn,
                             enum battle_side side);

/* The text of a side that may be shown now, raw (clean it before it is drawn);
 * valid until the next step. */
const char *battle_text(const struct battle *b, enum battle_side side,
                        size_t *n);

/* Between two calls that give the same number, the text has only grown.  The
 * number changes if an answer begins anew, and if what was shown of it turned
 * out to be thinking. */
unsigned battle_text_version(const struct battle *b, enum battle_side side);

/* Whether something in the answers was hidden, of either side. */
bool battle_has_leak(const struct battle *b);

/* Whether the names are open, or were before an undo: a vote is now stored, but
 * not rated. */
bool battle_is_seen(const struct battle *b);

/* Whether the vote was given after the names were seen (in this session or
 * before), so that it is stored, but not rated. */
bool battle_voted_seen(const struct battle *b);

/* Whether a vote would be taken now: both done, or with vote_early both have
 * text. */
bool battle_may_vote(const struct battle *b);

/* Commits the vote with its rating change, then opens the names.
 * dwell_ms: how long both answers could be read.  0, or -1 (ERR_DB: nothing
 * stored, vote again; ERR_USAGE: not now, or the battle has turned out to be
 * void, or gone, and battle_state says so).  `e` is not NULL. */
int battle_vote(struct battle *b, enum rating_outcome verdict,
                int64_t dwell_ms, struct err *e);

/* Stores that the person would not vote.  0 or -1, as battle_vote. */
int battle_skip(struct battle *b, struct err *e);

/* A stored battle whose sides say the same needs no person: votes a tie on it.
 * 1: it did, 0: they differ, or it takes no vote; or -1 as battle_vote. */
int battle_tie_same(struct battle *b, struct err *e);

/* Cancels both answers and keeps what is there; also ends the wait for text
 * that the pace still holds back. */
void battle_stop(struct battle *b);

/* Whether both can still be asked: of a stored battle, and of one whose names
 * were seen, only the vote is open. */
bool battle_may_ask(const struct battle *b);

/* Both answers anew from the same pair; the old ones stay in the store.  Not
 * once the names are known. */
int battle_regenerate(struct battle *b, struct err *e);

/* A further turn of the conversation with the same pair. */
int battle_follow_up(struct battle *b, const char *prompt, struct err *e);

/* Withdraws this battle's vote; ratings are as if it had not been. */
int battle_undo(struct battle *b, struct err *e);

/* What may be said of a side once its vote is stored. */
struct battle_reveal_side {
    const char *name;      /* of the model */
    double before, after;  /* running Elo */
    const struct answer_end *end; /* usage, timings, finish, error */
    const char *thinking;  /* "" if there was none */
    const char *chances;   /* of the tokens of the text that is shown
                              (backends/chances.h); "" if not known, or if
                              something of the text is hidden */
    bool empty;            /* the answer ended in order, without a text */
};

/* Both sides, or NULL while the names are hidden.  A void battle opens its
 * names only if battle_reveal_void asks, and is then not regenerated.  Those of
 * a compare battle are given when both sides are done. */
const struct battle_reveal_side *battle_reveal(const struct battle *b);
const struct battle_reveal_side *battle_reveal_void(struct battle *b);

/* The names of a compare battle; NULL of a blind one. */
const char *battle_compare_name(const struct battle *b, enum battle_side side);

#endif
