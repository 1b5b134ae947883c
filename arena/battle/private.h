/* battle_private: a battle from the inside.  open.c begins and ends it,
 * battle.c is what happens in between, and what may be known of it. */
#ifndef ARENA_BATTLE_PRIVATE_H
#define ARENA_BATTLE_PRIVATE_H

#include "arena/battle/answer.h"
#include "arena/battle/battle.h"
#include "arena/blind/leak.h"
#include "arena/blind/pace.h"

struct side {
    size_t model;        /* of the config; unused in a reopened battle */
    char *name;          /* sealed: only reveal() and named battles give it */
    struct answer answer;
    struct leak_scan scan;
    struct buf display;  /* its text with what would tell hidden */
    size_t shown;        /* bytes of display that may be shown */
    unsigned version;    /* counts the times that display began anew */
    unsigned n_recalls;  /* of the answer, that display has followed */
};

struct turn { /* of the conversation, one that is over */
    char *prompt;
    char *text[SIDE_N];    /* as received, for the model */
    char *display[SIDE_N]; /* for the person */
};

struct battle {
    struct arena *arena;
    int64_t id, vote_id;
    enum battle_state state;
    struct side side[SIDE_N];
    struct pace_clock pace;
    struct leak_words words; /* what would tell; none where names are known */
    char *prompt;          /* of the current turn */
    struct turn *past;
    int n_past;
    int round;             /* of regeneration in this turn, from 1 */
    bool named;            /* compare */
    bool leaked;           /* something was hidden in an earlier turn */
    bool reopened;         /* taken up from the store … */
    size_t n_stored;       /* … where it had so many answers; else 0 */
    bool stored;           /* the current answers are in the store */
    struct err unstored;   /* why they are not */
    int64_t store_again_ms; /* when that is tried again */
    bool unsealed;         /* the names were known once */
    bool corrected;        /* the vote came after they were */
    struct battle_reveal_side reveal[SIDE_N];
};

/* Asks both sides the current prompt, with the same seed.  0 or -1. */
int battle_start_answers(struct battle *b, struct err *e);

/* Passes on what has come of an answer, with what would tell hidden. */
void battle_scan_answer(struct battle *b, struct side *s);

/* Nobody will ask this void battle's pair again: stores that.  Nothing to do
 * for any other. */
void battle_end_void(struct battle *b);

/* Moves the current turn, which is whole, to the past. */
void battle_end_turn(struct battle *b);

#endif
