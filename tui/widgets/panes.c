#include "tui/widgets/panes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BESIDE_COLUMNS 76  /* from this width on, side by side by default */
#define BESIDE_LEAST 56    /* from this width on, side by side on request */
#define STACKED_ROWS 20    /* of the whole screen, so that the view does not
                              change with the rows below the panes */
#define TEXT_COLUMNS 100   /* longer lines are hard to read */
#define SEARCH_BYTES 256

void panes_init(struct panes *p)
{
    *p = (struct panes){.focus = 0};
    for (int i = 0; i < 2; i++)
        pane_init(&p->pane[i]);
    edit_init(&p->search, EDIT_LINE, SEARCH_BYTES);
}

void panes_free(struct panes *p)
{
    for (int i = 0; i < 2; i++)
        pane_free(&p->pane[i]);
    edit_free(&p->search);
}

void panes_clear(struct panes *p)
{
    for (int i = 0; i < 2; i++) {
        pane_clear(&p->pane[i]);
        p->seen[i] = false;
    }
}

/* --- layout ------------------------------------------------------------ */

static enum panes_view effective_view(const struct panes *p, int columns)
{
    if (p->view == PANES_BESIDE && columns >= BESIDE_LEAST)
        return PANES_BESIDE;
    if (p->view == PANES_STACKED || p->view == PANES_TABS)
        return p->view;
    if (columns >= BESIDE_COLUMNS)
        return PANES_BESIDE;
    return p->rows >= STACKED_ROWS ? PANES_STACKED : PANES_TABS;
}

/* Whether only the focused pane is visible. */
static bool is_alone(const struct panes *p, int columns)
{
    return p->zoomed || effective_view(p, columns) == PANES_TABS;
}

/* The area of a pane; without columns if it is not visible. */
static struct area place(const struct panes *p, const struct area *a, int side)
{
    struct area at = *a;
    if (is_alone(p, a->columns)) {
        if (side != p->focus)
            at.columns = 0;
    } else if (effective_view(p, a->columns) == PANES_STACKED) {
        int half = a->rows / 2;
        at.row += side == 0 ? 0 : half;
        at.rows = side == 0 ? half : a->rows - half;
    } else {
        int half = a->columns / 2;
        half = half > TEXT_COLUMNS + 4 ? TEXT_COLUMNS + 4 : half;
        at.column += side == 0 ? 0 : half;
        at.columns = half;
    }
    return at;
}

/* --- keys -------------------------------------------------------------- */

static void next_view(struct panes *p)
{
    switch (effective_view(p, p->columns)) {
    case PANES_BESIDE: p->view = PANES_STACKED; break;
    case PANES_STACKED: p->view = PANES_TABS; break;
    default:
        p->view = p->columns >= BESIDE_LEAST ? PANES_BESIDE : PANES_STACKED;
    }
    p->zoomed = false;
}

static void find(struct panes *p, int step)
{
    struct pane *pane = &p->pane[p->focus];
    for (int i = 0; i < 2; i++)
        if (strcmp(p->pane[i].words, p->search.text.data) != 0)
            pane_search(&p->pane[i], p->search.text.data);
    p->missed = pane->words[0] != '\0' && !pane_find(pane, step);
}

void panes_end_search(struct panes *p)
{
    for (int i = 0; i < 2; i++)
        pane_search(&p->pane[i], "");
}

static bool act_searching(struct panes *p, enum action action)
{
    if (action != ACT_SEND && action != ACT_LEAVE)
        return true;
    if (action == ACT_LEAVE)
        edit_set(&p->search, "");
    find(p, 1);
    p->searching = false;
    return true;
}

/* Scrolls a pane, and the other one with it if they are linked. */
static bool scroll(struct panes *p, int side, enum action action)
{
    bool scrolled = pane_act(&p->pane[side], action);
    if (scrolled && p->linked)
        pane_act(&p->pane[!side], action);
    return scrolled;
}

bool panes_act(struct panes *p, enum action action)
{
    p->missed = false;
    if (p->searching)
        return act_searching(p, action);
    switch (action) {
    case ACT_FOCUS: p->focus = !p->focus; return true;
    case ACT_LINK: p->linked = !p->linked; return true;
    case ACT_VIEW: next_view(p); return true;
    case ACT_ZOOM: p->zoomed = !p->zoomed; return true;
    case ACT_SOURCE:
        for (int i = 0; i < 2; i++)
            p->pane[i].source = !p->pane[i].source;
        return true;
    case ACT_SEARCH_NEXT: find(p, 1); return true;
    case ACT_SEARCH_BACK: find(p, -1); return true;
    case ACT_SEARCH:
        p->searching = true;
        edit_set(&p->search, "");
        return true;
    default: break;
    }
    return scroll(p, p->focus, action);
}

void panes_scroll(struct panes *p, int row, int column, enum action action,
                  int lines)
{
    for (int side = 0; side < 2; side++) {
        const struct area *a = &p->at[side];
        bool inside = row >= a->row && row < a->row + a->rows &&
                      column >= a->column && column < a->column + a->columns;
        for (int i = 0; inside && i < lines; i++)
            scroll(p, side, action);
    }
}

const char *panes_answer(const struct panes *p, size_t *n)
{
    const struct markdown *m = &p->pane[p->focus].text;
    size_t part = m->n_parts, end = m->source.len;
    for (; part > 0; part--) {
        const struct markdown_part *at = &m->parts[part - 1];
        if (!at->plain) {
            *n = end - at->start;
            return m->source.data + at->start;
        }
        end = at->start;
    }
    *n = 0;
    return "";
}

/* --- drawing ----------------------------------------------------------- */

/* "A  name"; or, if only one pane is visible, both letters as tabs, with a star
 * if the other one was not read yet. */
static void draw_title(const struct panes *p, struct draw *d,
                       const struct area *a, int side, bool alone,
                       enum style style, const struct panes_look *look)
{
    struct buf title;
    buf_init(&title, 4096);
    const char *unread = p->seen[!side] ? "" : "*";
    if (!alone)
        buf_addf(&title, " %c ", 'A' + side);
    else if (side == 0)
        buf_addf(&title, " [A] B%s ", unread);
    else
        buf_addf(&title, " A%s [B] ", unread);
    int column = draw_text(d, a, 0, 2, style, title.data);
    if (look->title != NULL && look->title[0] != '\0') {
        column = draw_text(d, a, 0, column, style, " ");
        column = draw_fit(d, a, 0, column, a->columns - column - 2, style,
                          look->title);
        draw_text(d, a, 0, column, style, " ");
    }
    buf_free(&title);
}

/* In the frame's lower edge: the hits of a search, or how long both sides have
 * been answering; and the place. */
static void draw_notes(struct pane *p, struct draw *d, const struct area *a,
                       enum style style, const struct panes_look *look,
                       bool calm)
{
    struct buf note;
    int left = 2;
    buf_init(&note, 64);
    pane_found(p, &note);
    if (note.len == 0 && look->waiting && p->text.source.len > 0) {
        buf_add_str(&note, "answering");
        if (!calm)
            buf_addf(&note, " %2" PRId64 " s", look->waited_s);
    }
    if (note.len > 0) {
        left = draw_text(d, a, a->rows - 1, 2, style, " ");
        left = draw_text(d, a, a->rows - 1, left, style, note.data);
        left = draw_text(d, a, a->rows - 1, left, style, " ");
    }
    buf_clear(&note);
    buf_add_char(&note, ' ');
    pane_place(p, &note);
    buf_add_char(&note, ' ');
    if (note.len > 2 && left + (int)note.len + 2 < a->columns)
        draw_right(d, a, a->rows - 1, a->columns - 2, style, note.data);
    buf_free(&note);
}

static void draw_waiting(struct draw *d, const struct area *a, int64_t waited_s,
                         bool calm)
{
    char text[48];
    int end = draw_text(d, a, 0, draw_text(d, a, 0, 0, STYLE_FAINT, "waiting"),
                        STYLE_FAINT, draw_sign(d, SIGN_DOTS));
    snprintf(text, sizeof(text), " %2" PRId64 " s", waited_s);
    if (!calm)
        draw_text(d, a, 0, end, STYLE_FAINT, text);
}

static void draw_one(struct panes *p, struct draw *d, const struct area *a,
                     int side, bool alone, const struct panes_look *look)
{
    struct pane *pane = &p->pane[side];
    bool focused = side == p->focus;
    enum style frame = look->good ? STYLE_GOOD
                       : focused  ? STYLE_FOCUS
                                  : STYLE_FAINT;
    enum style title = look->good ? STYLE_GOOD
                       : focused  ? STYLE_FOCUS
                                  : STYLE_NORMAL;
    struct area in = draw_frame(d, a, frame);
    in.column++; /* text does not touch the frame */
    in.columns -= 2;
    pane->whole_lines = p->calm && look->waiting;
    pane_draw(pane, d, &in);
    if (pane->text.source.len == 0 && look->waiting) {
        draw_waiting(d, &in, look->waited_s, p->calm);
    } else if (look->waiting && !p->calm) {
        pane_draw_caret(pane, d, &in);
    }
    p->seen[side] = p->seen[side] || pane->text.source.len > 0;
    draw_title(p, d, a, side, alone, title, look);
    draw_notes(pane, d, a, frame, look, p->calm);
}

void panes_draw(struct panes *p, struct draw *d, const struct area *a,
                const struct panes_look look[2])
{
    p->rows = d->rows;
    p->columns = a->columns;
    for (int side = 0; side < 2; side++) {
        p->at[side] = place(p, a, side);
        if (p->at[side].columns > 0)
            draw_one(p, d, &p->at[side], side, is_alone(p, a->columns),
                     &look[side]);
    }
}

void panes_draw_search(struct panes *p, struct draw *d, const struct area *a)
{
    int column = draw_text(d, a, 0, 1, STYLE_KEY, "/");
    struct area line = {a->row, a->column + column, 1, a->columns - column - 1};
    edit_draw(&p->search, d, &line);
}
