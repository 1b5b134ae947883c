/* The keys of the battle screen, and in which state they work. */
#include "tui/screens/battle_private.h"

const struct binding battle_screen_bindings[] = {
    {ACT_VOTE_A, "a 1", ON_ANSWERED | ON_EARLY, "A better", "A is better"},
    {ACT_VOTE_B, "b 2", ON_ANSWERED | ON_EARLY, "B better", "B is better"},
    {ACT_TIE, "t =", ON_ANSWERED | ON_EARLY, "tie", "both are as good"},
    {ACT_BAD, "x 0", ON_ANSWERED | ON_EARLY, "both bad", "both are bad"},
    {ACT_CONFIRM, "Enter", ON_CONFIRM, "confirm", "store the vote"},
    {ACT_LEAVE, "Esc", ON_CONFIRM, "take back", "do not vote yet"},
    {ACT_REGENERATE, "r", ON_VOID, "again", "ask both once more"},
    {ACT_NEXT, "Enter r", ON_REVEAL | ON_COMPARE, "next", "a new battle"},
    {ACT_UNDO, "u", ON_REVEAL, "undo",
     "withdraw this vote; a new one is not rated"},
    {ACT_TAGS, "#", ON_REVEAL, "tags",
     "mark why: clear, wrong, too long and such"},
    {ACT_COMMENT, "c", ON_REVEAL, "comment", "say why in your own words"},
    {ACT_FOLLOW_UP, "i", ON_REVEAL | ON_COMPARE, "go on",
     "ask both a further question, by name and not rated"},
    {ACT_NEXT, "Enter", ON_VOID | ON_TOLD, "next", "a new battle"},
    {ACT_DETAILS, "E", ON_VOID, "details", "say why, and so tell the names"},
    {ACT_DETAILS, "E", ON_TOLD, NULL, "say once more why"},
    {ACT_STOP, "z Esc", ON_STREAM | ON_NAMED | ON_EARLY, "stop",
     "stop both, keep what is there"},
    {ACT_SKIP, "s", ON_STREAM | ON_EARLY | ON_ANSWERED, "skip",
     "no vote on this one: stored, not rated"},
    {ACT_SKIP_WHY, "S", ON_STREAM | ON_EARLY | ON_ANSWERED, NULL,
     "no vote on this one, and say why"},
    {ACT_FOLLOW_UP, "i", ON_VOTE, "follow up", "ask both a further question"},
    {ACT_REGENERATE, "r", ON_VOTE, NULL,
     "both answers anew, from the same two"},
    {ACT_WRITE, "Enter i", ON_HOME, "write", "write a prompt"},
    {ACT_EDITOR, "^X", ON_COMPOSE, "editor", "write in $EDITOR"},
    {ACT_EDITOR, "e", ON_HOME | ON_REVEAL | ON_COMPARE, NULL,
     "write in $EDITOR"},
    {ACT_QUIT, "q", ON_HOME, "quit", "leave the program"},
    {ACT_LIBRARY, "^P", ON_COMPOSE | ON_HOME, "prompts",
     "pick a prompt: past ones, your own, and those of arena"},
    {ACT_CATEGORY, "^T", ON_COMPOSE | ON_HOME, "category",
     "what kind of prompt it is"},
    {ACT_WAITING, "W", ON_HOME, NULL, "vote on a battle that was left"},
    {ACT_UNDO, "u", ON_HOME, NULL, "withdraw the last vote"},
    {ACT_LEADERBOARD, "l", ON_HOME | ON_OVER, "leaderboard",
     "the leaderboard"},
    {ACT_HISTORY, "H", ON_HOME | ON_OVER, "history", "battles of the past"},
    {ACT_THINKING, "o", ON_REVEAL | ON_COMPARE, NULL,
     "show or hide what they thought"},
    {ACT_CHANCES, "p", ON_REVEAL | ON_COMPARE, NULL,
     "tint the tokens that a model was less sure of"},
    {ACT_PROMPT, "p P", ON_BATTLE & ~(ON_REVEAL | ON_COMPARE), NULL,
     "the whole prompt, or how it begins"},
    {ACT_PROMPT, "P", ON_REVEAL | ON_COMPARE, NULL,
     "the whole prompt, or how it begins"},
    PANES_BINDINGS(ON_BATTLE),
    {ACT_PAGE_DOWN, "PgDn", ON_COMPOSE | ON_SEARCH | ON_NOTE, NULL,
     "scroll the answers down"},
    {ACT_PAGE_UP, "PgUp", ON_COMPOSE | ON_SEARCH | ON_NOTE, NULL,
     "scroll the answers up"},
    {.action = ACT_NONE},
};

unsigned battle_screen_state(const struct battle_screen *s)
{
    if (s->panes.searching)
        return ON_SEARCH;
    if (s->noting)
        return ON_NOTE;
    if (s->editing)
        return ON_COMPOSE;
    if (s->battle == NULL)
        return ON_HOME;
    if (s->confirming)
        return ON_CONFIRM;
    switch (battle_state(s->battle)) {
    case BATTLE_STREAMING:
        return battle_compare_name(s->battle, SIDE_A) != NULL ? ON_NAMED
               : battle_may_vote(s->battle)                   ? ON_EARLY
                                                              : ON_STREAM;
    case BATTLE_VOTING:
        return !battle_may_vote(s->battle)  ? ON_COMPARE
               : battle_may_ask(s->battle) ? ON_VOTE
                                           : ON_BALLOT;
    case BATTLE_VOTED: return ON_REVEAL;
    case BATTLE_VOID:
        return battle_reveal(s->battle) != NULL ? ON_TOLD : ON_VOID;
    case BATTLE_SKIPPED:
    case BATTLE_GONE: break;
    }
    return ON_HOME;
}

static const char *when(unsigned states)
{
    if ((states & ON_VOTE) != 0)
        return "when both answers are there";
    if ((states & ON_REVEAL) != 0)
        return "after the vote";
    if ((states & ON_STREAM) != 0)
        return "while answers come";
    if ((states & ON_HOME) != 0)
        return "when no battle is on";
    if ((states & ON_VOID) != 0)
        return "when a side has failed";
    if ((states & ON_CONFIRM) != 0)
        return "once you have chosen one";
    return "while you write";
}

void battle_screen_explain(const void *self, const struct binding *b,
                           struct buf *out)
{
    unsigned now = battle_screen_state(self);
    bool votes = b->action >= ACT_VOTE_A && b->action <= ACT_SKIP_WHY;
    if (now == ON_CONFIRM)
        buf_add_str(out, "a vote waits; Enter stores it, Esc takes it back");
    else if (now == ON_REVEAL && votes)
        buf_add_str(out, "this battle has its vote; u withdraws it");
    else if (now == ON_NAMED && votes)
        buf_add_str(out, "with the names known there is no vote; q leaves");
    else if (now == ON_COMPARE && votes)
        buf_add_str(out, "with the names known there is no vote; Enter goes "
                         "on to a new battle");
    else if (now == ON_BALLOT && (b->action == ACT_FOLLOW_UP ||
                                  b->action == ACT_REGENERATE))
        buf_add_str(out, "this battle is as it was stored, or its names were "
                         "seen: it only takes a vote");
    else if (now == ON_TOLD && b->action == ACT_REGENERATE)
        buf_add_str(out, "not once the names are known; Enter goes on");
    else
        buf_addf(out, "%s, %s", b->help, when(b->states));
}
