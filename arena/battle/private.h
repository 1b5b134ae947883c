/* private: a battle from the inside.  open.c begins and ends it, battle.c is
 * what happens in between and what may be known of it, turn.c is what both
 * share. */
#ifndef ARENA_BATTLE_PRIVATE_H
#define ARENA_BATTLE_PRIVATE_H

#include "arena/battle/answer.h"
#include "arena/battle/battle.h"
#include "arena/blind/leak.h"
#include "arena/blind/pace.h"

struct side {
    size_t model;        /* of the config; unused in a reopened battle */
    char *name;          /* given out only while the names are open */
    struct answer answer;
    struct leak_scan scan;
    struct buf display;  /* its text with what would tell hidden */
    size_t shown;        /* bytes of display that may be shown */
    unsigned version;    /* counts the times that display began anew */
    unsigned n_recalls;  /* of the answer, that display has followed */
};

enum battle_names {
    NAMES_HIDDEN,
    NAMES_OPEN,    /* since the vote, or since a void battle was asked why */
    NAMES_SEEN,    /* were open; the vote was taken back */
    NAMES_COMPARE, /* known from the beginning: never rated */
};

struct turn { /* of the conversation, one that is over */
    char *prompt;
    char *text[SIDE_N];    /* as received, for the model */
    char *display[SIDE_N]; /* for the person */
    enum finish finish[SIDE_N];
};

struct battle {
    struct arena *arena;
    int64_t id, vote_id;
    enum battle_state state;
    struct side side[SIDE_N];
    struct pace_clock pace;
    int64_t clock;         /* of its requests, from the first one on */
    struct leak_words words; /* what would tell; none in a compare battle */
    char *prompt;          /* of the current turn */
    struct turn *past;
    int n_past;
    int round;             /* of regeneration in this turn, from 1 */
    enum battle_names names;
    bool ahead;            /* nobody sees it, nor does the store */
    struct store_battle row; /* as it will stand there; its pace is set then */
    char *category;
    bool had_leak;         /* something was hidden in an earlier turn */
    bool reopened;         /* taken up from the store … */
    size_t n_stored;       /* … with so many answers; else 0 */
    bool stored;           /* the current answers are in the store */
    struct err unstored;   /* why they are not */
    int64_t store_again_ms; /* when that is tried again */
    bool voted_seen;       /* the vote came after the names were seen */
    struct battle_reveal_side reveal[SIDE_N];
};

#endif
