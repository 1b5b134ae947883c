/* What the panes of a battle hold: its turns, thinking, how sure its tokens
 * were. */
#include <string.h>

#include "tui/screens/battle_private.h"

static void begin_answer(struct battle_screen *s, const char *prompt)
{
    for (int i = 0; i < SIDE_N; i++) {
        pane_next_answer(&s->panes.pane[i]);
        pane_add_prompt(&s->panes.pane[i], prompt);
    }
}

static void show_thinking(struct battle_screen *s)
{
    const struct battle_reveal_side *sides = battle_reveal(s->battle);
    for (int i = 0; sides != NULL && i < SIDE_N; i++) {
        const char *text = sides[i].thinking;
        if (text[0] == '\0')
            continue;
        text += clean_blank_start(text, strlen(text));
        struct pane *p = &s->panes.pane[i];
        pane_add(p, STYLE_STRONG, "(thinking)\n", 11);
        pane_add(p, STYLE_NORMAL, text, strlen(text));
        pane_add(p, STYLE_STRONG, "\n(answer)\n", 10);
    }
}

void battle_screen_tint(struct battle_screen *s)
{
    const struct battle_reveal_side *sides = battle_reveal(s->battle);
    for (int i = 0; sides != NULL && i < SIDE_N; i++) {
        size_t n;
        const char *text = battle_text(s->battle, i, &n);
        if (s->panes.pane[i].tints.n == 0)
            pane_tint(&s->panes.pane[i], text, n, sides[i].chances);
    }
}

void battle_screen_fill(struct battle_screen *s)
{
    int n_turns = battle_turn(s->battle);
    panes_clear(&s->panes);
    for (int turn = 1; turn < n_turns; turn++) {
        begin_answer(s, battle_past_prompt(s->battle, turn));
        for (int i = 0; i < SIDE_N; i++) {
            const char *text = battle_past_text(s->battle, turn, i);
            pane_take(&s->panes.pane[i], text, strlen(text));
        }
    }
    if (n_turns > 1) {
        for (int i = 0; i < SIDE_N; i++)
            pane_hold(&s->panes.pane[i]);
        begin_answer(s, battle_prompt(s->battle));
    }
    if (s->thinking)
        show_thinking(s);
    for (int i = 0; i < SIDE_N; i++) {
        size_t n;
        const char *text = battle_text(s->battle, i, &n);
        s->panes.pane[i].n_taken = 0;
        pane_take(&s->panes.pane[i], text, n);
        s->version[i] = battle_text_version(s->battle, i);
    }
    battle_screen_tint(s);
}
