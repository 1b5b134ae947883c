/* battle_private: the parts of the battle screen: battle.c has the keys and the
 * state, battle_vote.c votes, battle_reason.c says why, battle_draw.c draws,
 * battle_past.c reads earlier battles.  One thread. */
#ifndef TUI_SCREENS_BATTLE_PRIVATE_H
#define TUI_SCREENS_BATTLE_PRIVATE_H

#include <stdbool.h>

#include "arena/battle/battle.h"
#include "arena/store/reasons.h"
#include "tui/hook.h"
#include "tui/screens/battle.h"
#include "tui/widgets/panes.h"
#include "tui/widgets/ui.h"

/* The states of the bindings, as bits. */
enum {
    ON_COMPOSE = 1 << 0, /* the editor has the keys */
    ON_HOME = 1 << 1,    /* no battle, and the editor has no keys */
    ON_STREAM = 1 << 2,  /* answers are coming */
    ON_EARLY = 1 << 3,   /* the same, and a vote is possible */
    ON_VOTE = 1 << 4,
    ON_CONFIRM = 1 << 5, /* a vote is to be confirmed */
    ON_REVEAL = 1 << 6,  /* the vote is stored, the names are open */
    ON_COMPARE = 1 << 7, /* both sides of a compare battle are done */
    ON_VOID = 1 << 8,
    ON_SEARCH = 1 << 9,  /* the search line has the keys */
    ON_TOLD = 1 << 10,   /* void, and said why: the names are open */
    ON_NOTE = 1 << 11,   /* the comment has the keys */
    ON_BALLOT = 1 << 12, /* a vote is possible, and no more can be asked */
    ON_NAMED = 1 << 13,  /* answers of a compare battle are coming */
    ON_OVER = ON_REVEAL | ON_COMPARE | ON_VOID | ON_TOLD,
    ON_ANSWERED = ON_VOTE | ON_BALLOT,
    ON_BATTLE = ON_STREAM | ON_NAMED | ON_EARLY | ON_ANSWERED | ON_OVER,
};

/* Earlier battles, and the counts of this session. */
struct past {
    struct store_entry *rows; /* the latest battles, newest first */
    size_t n_rows;
    size_t at;                /* prompt in the editor: 0: the draft, i: the i-th
                                 of `rows`, without repetitions */
    char *draft;
    int64_t waiting;          /* a battle without its vote; 0: none */
    uint64_t n_rated;         /* votes in the store */
    unsigned n[RATING_N_OUTCOMES], n_skipped; /* of this session */
};

struct battle_screen {
    struct ui *ui;
    struct battle *battle; /* NULL: none yet */
    struct past past;

    struct edit editor;
    bool editing;   /* the editor has the keys */
    bool following; /* it holds a further turn */
    char *category; /* of the prompts to come; "": none */
    char *picked;   /* of the one that was picked; NULL: `category` holds */

    struct panes panes;
    unsigned version[SIDE_N]; /* of the text in the panes */
    bool whole_prompt, thinking;

    struct reason reason; /* why this voter decided so … */
    int64_t reason_id;    /* … on this battle */
    struct edit note;     /* the comment in it, while … */
    bool noting;          /* … it has the keys */

    int64_t readable_ms;  /* since when both could be read; -1: not yet */
    enum rating_outcome verdict;
    bool confirming;
    bool is_first;        /* the vote to confirm is the first of all */
    enum action asked;    /* press its key once more to do it */
    int64_t began_ms;     /* when the turn began; -1: not yet stepped */
    int64_t waited_s;     /* seconds since then, as they are shown */
    bool told_unstored;   /* has said that the answers are not stored */
    struct hooks hooks;   /* "vote_hook" */
    struct buf ranks, versus; /* how the two stand, for the reveal */
    const struct settled_question *question; /* the opener's, or NULL */
    bool is_settled;          /* it is answered */

    bool is_alone;  /* there is no first screen behind the battle */
    int64_t *queue;
    size_t n_queue, at_queue;
    struct telling *telling; /* of the queue's order, or NULL */

    struct ahead {            /* prompts of a file, and what is made ahead: */
        char *const *prompts; /* the opener's */
        const char *const *categories;
        size_t n, at;         /* `at` is the next one */
        struct battle_spec fought; /* what the battles on them share */
        struct battle *next;  /* on it, not shown yet; or NULL */
        bool refused;         /* it could not be begun */
    } ahead;

    char *const *suggestions; /* the opener's */
    size_t n_suggestions, at_suggestion;
};

extern const struct binding battle_screen_bindings[];

void battle_screen_explain(const void *self, const struct binding *b,
                           struct buf *out);

unsigned battle_screen_state(const struct battle_screen *s);
void battle_screen_draw(struct battle_screen *s, struct draw *d,
                        const struct area *a);
void battle_screen_head(struct battle_screen *s, struct heading *h);

/* A new prompt, or the next battle of the queue. */
void battle_screen_go_on(struct battle_screen *s);

/* Puts a battle (NULL: none) on the screen in place of the one at hand, which
 * is closed. */
void battle_screen_show(struct battle_screen *s, struct battle *b);

/* Begins a battle and shows it; or says why not, and returns false. */
bool battle_screen_begin(struct battle_screen *s,
                         const struct battle_spec *spec);

/* An empty editor, and no battle. */
void battle_screen_compose(struct battle_screen *s);

/* The answers are others now, and have not been read. */
void battle_screen_forget_reading(struct battle_screen *s);

/* Scrolls, searches and such. */
void battle_screen_look(struct battle_screen *s, enum action action);

/* --- battle_panes.c ------------------------------------------------------ */

/* Fills the panes anew: earlier turns, then the current one. */
void battle_screen_fill(struct battle_screen *s);

/* Tints the current turn's tokens, once the names are open. */
void battle_screen_tint(struct battle_screen *s);

/* --- battle_compose.c ---------------------------------------------------- */

/* Takes an action that is not the editor's own, while it has the keys. */
void battle_screen_write(struct battle_screen *s, enum action action);

/* Gives the keys to an empty editor, for a further question to both; or says
 * why there can be none. */
void battle_screen_follow(struct battle_screen *s);

/* Lets the person write in $EDITOR. */
void battle_screen_write_outside(struct battle_screen *s);

/* Lets the person pick a prompt for the editor, or what kind it is. */
void battle_screen_pick_prompt(struct battle_screen *s);
void battle_screen_pick_category(struct battle_screen *s);

/* Puts into the editor what was left there the last time. */
void battle_screen_resume(struct battle_screen *s);

/* Notes for the next time what was written, and which battle has no vote. */
void battle_screen_note_left(struct battle_screen *s);

/* The category of the prompt in the editor; "": none. */
const char *battle_screen_category(const struct battle_screen *s);

/* --- battle_vote.c ------------------------------------------------------- */

/* The verdict's key was pressed: votes, or asks first. */
void battle_screen_choose(struct battle_screen *s,
                          enum rating_outcome verdict);

/* Stores the chosen verdict. */
void battle_screen_vote(struct battle_screen *s);

/* Stores a tie on a battle that says the same on both sides.  Whether the next
 * one is to be shown instead. */
bool battle_screen_tie_same(struct battle_screen *s);

/* `sure`: has been asked whether to.  ACT_SKIP, or ACT_SKIP_WHY: asks why then.
 */
void battle_screen_skip(struct battle_screen *s, enum action how, bool sure);

/* Goes on after a skip. */
void battle_screen_skipped(struct battle_screen *s);

/* Withdraws the vote of this battle, or without one the last vote. */
void battle_screen_undo(struct battle_screen *s);
void battle_screen_forget_standing(struct battle_screen *s);

/* --- battle_reason.c ----------------------------------------------------- */

/* Reads what this voter has said of the battle at hand. */
void battle_screen_read_reason(struct battle_screen *s);

/* Lets the person mark why they voted. */
void battle_screen_tag(struct battle_screen *s);

/* The same of a skip; then goes on, unless it returns false. */
bool battle_screen_tag_skip(struct battle_screen *s);

/* Gives the keys to the comment; takes an action that does not edit it. */
void battle_screen_comment(struct battle_screen *s);
void battle_screen_note(struct battle_screen *s, enum action action);

/* Whether there is something to draw, in one row. */
bool battle_screen_has_reason(const struct battle_screen *s);
void battle_screen_draw_reason(struct battle_screen *s, struct draw *d,
                               const struct area *a);

/* --- battle_ahead.c ------------------------------------------------------ */

/* Takes what has come of the next battle, or begins it, if it may be made while
 * the one at hand is read. */
void battle_screen_step_ahead(struct battle_screen *s, int64_t now_ms);

/* The battle on the next prompt of the file: the one that was made ahead, or a
 * new one.  NULL: it could not be begun; that was said. */
struct battle *battle_screen_take_ahead(struct battle_screen *s);

/* --- battle_draw.c ------------------------------------------------------- */

/* Adds which answer of a void battle failed, and why. */
void battle_screen_add_failures(const struct battle_reveal_side *sides,
                                struct buf *out);

/* Reads the latest battles and the counts from the store. */
void past_load(struct past *p, struct arena *a, struct ui *ui);
void past_free(struct past *p);

/* Puts an earlier (1) or later (-1) prompt into the editor. */
void past_recall(struct past *p, struct edit *editor, int step);

/* "Both rank 1: intervals overlap." and "A against B so far: 6 to 3, 1 tie", of
 * all rated votes; nothing if there are none. */
void past_versus(struct arena *a, const char *const names[SIDE_N],
                 struct buf *ranks, struct buf *score);

#endif
