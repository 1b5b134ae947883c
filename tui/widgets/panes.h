/* panes: two texts side by side, stacked, or one at a time.
 *
 * Shared by the battle and the read-only view: the layout of both panes, focus,
 * scrolling and searching.  A screen puts PANES_BINDINGS into its table and
 * passes their actions to panes_act, but for copying.
 * The owner of the struct owns the texts.  One thread. */
#ifndef TUI_WIDGETS_PANES_H
#define TUI_WIDGETS_PANES_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/terminal/draw.h"
#include "tui/widgets/action.h"
#include "tui/widgets/edit.h"
#include "tui/widgets/pane.h"

enum panes_view {
    PANES_AUTO,    /* depends on the size of the screen */
    PANES_BESIDE,
    PANES_STACKED,
    PANES_TABS,    /* one at a time */
};

struct panes {
    struct pane pane[2];
    bool seen[2];       /* was visible with text */
    int focus;          /* 0 or 1 */
    enum panes_view view;
    bool zoomed, linked;
    struct edit search; /* the words to find */
    bool searching;     /* `search` has the keys */
    bool calm;          /* whole lines only, no counter, no sign of typing */
    bool missed;        /* the last search found nothing */
    struct area at[2];  /* where each was drawn last; no columns: nowhere */
    int rows, columns;  /* of the screen, and of the area, at the last draw */
};

/* How a pane looks.  Text is cleaned. */
struct panes_look {
    const char *title;  /* after the letter */
    bool good;          /* it is the better one */
    bool waiting;       /* more is coming */
    int64_t waited_s;   /* for so long; of both the same */
};

void panes_init(struct panes *p);
void panes_free(struct panes *p);

/* Empties both and resets `seen`. */
void panes_clear(struct panes *p);

/* The answer with the focus, as it is shown (the latest, of several). */
const char *panes_answer(const struct panes *p, size_t *n);

/* Returns false if the action is not about panes.  While searching, pass the
 * actions that are not editing of `search`. */
bool panes_act(struct panes *p, enum action action);

/* Ends the search in both; the next hit begins it again. */
void panes_end_search(struct panes *p);

/* Scrolls the pane that has the cell by so many lines, ACT_UP or ACT_DOWN;
 * both if they are linked. */
void panes_scroll(struct panes *p, int row, int column, enum action action,
                  int lines);

void panes_draw(struct panes *p, struct draw *d, const struct area *a,
                const struct panes_look look[2]);

/* Draws the search line. */
void panes_draw_search(struct panes *p, struct draw *d, const struct area *a);

#define PANES_BINDINGS(states)                                               \
    {ACT_FOCUS, "Tab", states, NULL, "the other side"},                      \
    {ACT_DOWN, "j Down", states, NULL, "scroll down"},                       \
    {ACT_UP, "k Up", states, NULL, "scroll up"},                             \
    {ACT_PAGE_DOWN, "PgDn Space", states, NULL, "a page down"},              \
    {ACT_PAGE_UP, "PgUp", states, NULL, "a page up"},                        \
    {ACT_TOP, "g Home", states, NULL, "to the top"},                         \
    {ACT_END, "G End", states, NULL, "to the end, and stay there"},          \
    {ACT_LINK, "L", states, NULL, "scroll both together, or apart"},         \
    {ACT_VIEW, "v", states, NULL, "side by side, stacked, one at a time"},   \
    {ACT_ZOOM, "+", states, NULL, "one side alone, and back"},               \
    {ACT_SOURCE, "w", states, NULL, "the answers' source, or as Markdown"},  \
    {ACT_SEARCH, "/", states, NULL, "search in this side"},                  \
    {ACT_SEARCH_NEXT, "n", states, NULL, "the next hit"},                    \
    {ACT_SEARCH_BACK, "N", states, NULL, "the hit before"},                  \
    {ACT_COPY, "y", states, NULL, "copy this side's answer"},                \
    {ACT_COPY_PROMPT, "Y", states, NULL, "copy the prompt"}

#endif
