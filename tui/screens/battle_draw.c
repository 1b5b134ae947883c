/* Draws a battle: prompt, two panes, reveal.  Before the vote the sides may
 * differ in nothing but their text. */
#include "tui/screens/battle_private.h"

#include <inttypes.h>
#include <string.h>

#include "base/plural.h"
#include "tui/clean.h"
#include "tui/print/entries.h"
#include "tui/print/reveal.h"

#define WIDE_COLUMNS 120
#define TALLY_COLUMNS 20
#define TEXT_COLUMNS 100 /* more is hard to read */
#define LINE_BYTES 4096

/* --- the header -------------------------------------------------------- */

static const char *state_word(const struct battle_screen *s)
{
    switch (battle_screen_state(s)) {
    case ON_STREAM:
    case ON_EARLY: return "blind, answering";
    case ON_VOTE:
    case ON_BALLOT:
    case ON_CONFIRM:
        return battle_is_seen(s->battle) ? "names seen, your vote"
                                         : "blind, your vote";
    case ON_NOTE:
    case ON_REVEAL: return "revealed";
    case ON_COMPARE: return "compared, not rated";
    case ON_VOID:
    case ON_TOLD: return "void";
    default: return "";
    }
}

static void battle_heading(const struct battle_screen *s, struct heading *h)
{
    int turn = battle_turn(s->battle);
    bool compare = battle_compare_name(s->battle, SIDE_A) != NULL;
    if (s->queue != NULL)
        buf_addf(&h->left, "battle %zu of %zu", s->at_queue, s->n_queue);
    else if (s->ahead.n > 0)
        buf_addf(&h->left, "prompt %zu of %zu", s->ahead.at, s->ahead.n);
    else
        buf_addf(&h->left, "battle %" PRId64, battle_id(s->battle));
    if (turn > 1)
        buf_addf(&h->left, "  turn %d", turn);
    if (s->panes.linked)
        buf_add_str(&h->left, "  linked");
    buf_add_str(&h->right, compare ? "compared, not rated" : state_word(s));
}

void battle_screen_head(struct battle_screen *s, struct heading *h)
{
    if (s->battle != NULL) {
        battle_heading(s, h);
        return;
    }
    const struct arena *a = s->ui->arena;
    size_t n = a->config.n_models, n_out = 0;
    for (size_t i = 0; i < n; i++)
        n_out += a->left_out[i];
    if (n_out > 0)
        buf_addf(&h->right, "%zu of ", n - n_out);
    buf_addf(&h->right, "%zu model%s  %" PRIu64 " vote%s  F1 help", n,
             plural_s(n), s->past.n_rated,
             plural_s(s->past.n_rated));
}

/* --- writing ----------------------------------------------------------- */

/* At the right end of the frame's first row. */
static void draw_category(struct draw *d, const struct area *a,
                          const char *category)
{
    struct buf text;
    buf_init(&text, LINE_BYTES);
    buf_add_char(&text, ' ');
    clean_text(category, strlen(category), true, &text);
    buf_add_char(&text, ' ');
    if (category[0] != '\0' &&
        wrap_columns(text.data, text.len) < a->columns / 2)
        draw_right(d, a, 0, a->columns - 2, STYLE_STRONG, text.data);
    buf_free(&text);
}

static void draw_editor(struct battle_screen *s, struct draw *d,
                        const struct area *a, const char *title)
{
    enum style style = s->editing ? STYLE_FOCUS : STYLE_FAINT;
    struct area in = draw_frame(d, a, style);
    draw_text(d, a, 0, 2, style, " ");
    draw_text(d, a, 0, draw_text(d, a, 0, 3, style, title), style, " ");
    in.column++;
    in.columns -= 2;
    if (!s->following)
        draw_category(d, a, battle_screen_category(s));
    edit_draw(&s->editor, d, &in);
    if (!s->editing)
        d->cursor_row = -1;
}

static void draw_lately(struct battle_screen *s, struct draw *d,
                        const struct area *a)
{
    if (a->rows < 3 || s->past.n_rows == 0)
        return;
    draw_text(d, a, 0, 0, STYLE_STRONG, "Lately");
    for (int row = 1; row < a->rows && (size_t)row <= s->past.n_rows; row++)
        entry_draw(d, a, row, STYLE_NORMAL, &s->past.rows[row - 1],
                   false);
}

static void draw_compose(struct battle_screen *s, struct draw *d,
                         const struct area *a)
{
    bool roomy = a->rows >= 14;
    int columns = a->columns - 4 > TEXT_COLUMNS ? TEXT_COLUMNS : a->columns - 4;
    int wanted = edit_rows(&s->editor, columns - 4);
    int most = roomy ? a->rows / 2 : a->rows - 2;
    int rows = wanted < 3 ? 3 : wanted;
    if (rows + 2 > most)
        rows = most - 2;
    int at = roomy ? 1 : 0;
    if (roomy) {
        draw_fit(d, a, at, 2, a->columns - 4, STYLE_NORMAL,
                 "Two models answer; your vote reveals which is which.");
        at += 2;
    }
    struct area box = {a->row + at, a->column + 2, rows + 2, columns};
    draw_editor(s, d, &box, "Your prompt");
    at += rows + 2;
    if (s->past.waiting != 0) {
        draw_fit(d, a, at, 3, a->columns - 4, STYLE_STRONG,
                 s->editing
                     ? "A battle waits for your vote: Esc W"
                     : "A battle waits for your vote: W");
        at++;
    }
    struct area lately = {a->row + at + 1, a->column + 2, a->rows - at - 2,
                          columns};
    draw_lately(s, d, &lately);
}

/* --- the prompt above the panes ---------------------------------------- */

static int draw_prompt(struct battle_screen *s, struct draw *d,
                       const struct area *a)
{
    struct wrap w;
    const char *prompt = battle_prompt(s->battle);
    int most = s->whole_prompt ? a->rows / 2 : a->rows >= 28 ? 3 : 1;
    int columns = a->columns - 5;
    wrap_init(&w, columns < TEXT_COLUMNS ? columns : TEXT_COLUMNS);
    wrap_add(&w, prompt, strlen(prompt));
    wrap_end(&w);
    int rows = 0;
    draw_text(d, a, 0, 1, STYLE_FOCUS, draw_sign(d, SIGN_PROMPT));
    for (; rows < most && (size_t)rows < w.n_lines; rows++) {
        const struct wrap_line *l = &w.lines[rows];
        int end = draw_bytes(d, a, rows, 3, STYLE_STRONG,
                             w.text.data + l->start, l->n);
        if (rows + 1 == most && (size_t)rows + 1 < w.n_lines)
            draw_text(d, a, rows, end, STYLE_FAINT, draw_sign(d, SIGN_DOTS));
    }
    wrap_free(&w);
    return rows;
}

/* --- the panes ---------------------------------------------------------- */

static bool is_winner(const struct battle_screen *s, int side)
{
    enum rating_outcome best = side == SIDE_A ? RATING_FIRST : RATING_SECOND;
    return s->battle != NULL && battle_state(s->battle) == BATTLE_VOTED &&
           s->verdict == best;
}

/* The title of a pane, after its letter. */
static void add_title(const struct battle_screen *s, int side, struct buf *out)
{
    const struct battle_reveal_side *known = battle_reveal(s->battle);
    const char *name = known ? known[side].name
                             : battle_compare_name(s->battle, side);
    if (name != NULL)
        clean_text(name, strlen(name), true, out);
    if (is_winner(s, side))
        buf_add_str(out, "  better");
}

static void draw_panes(struct battle_screen *s, struct draw *d,
                       const struct area *a)
{
    struct buf title[SIDE_N];
    struct panes_look look[SIDE_N];
    for (int i = 0; i < SIDE_N; i++) {
        buf_init(&title[i], LINE_BYTES);
        add_title(s, i, &title[i]);
        look[i] = (struct panes_look){
            .title = title[i].data,
            .good = is_winner(s, i),
            .waiting = battle_state(s->battle) == BATTLE_STREAMING,
            .waited_s = s->waited_s,
        };
    }
    panes_draw(&s->panes, d, a, look);
    for (int i = 0; i < SIDE_N; i++)
        buf_free(&title[i]);
}

/* --- below the panes --------------------------------------------------- */

#define RATING_COLUMNS 24 /* "1000.0 → 1008.0  +8.0", room for thousands */

/* The rating before and after and its change, or "1008.0  +8.0" if only that
 * fits.  Returns the column after it. */
static int draw_rating(struct draw *d, const struct area *a, int row,
                       int column, const struct battle_reveal_side *side)
{
    struct buf text;
    buf_init(&text, LINE_BYTES);
    reveal_rating(side, d->ascii, &text);
    if (text.len > 0) {
        if (column + RATING_COLUMNS > a->columns) {
            buf_clear(&text);
            buf_addf(&text, "%6.1f", side->after);
        }
        enum style style = side->after < side->before   ? STYLE_BAD
                           : side->after > side->before ? STYLE_GOOD
                                                        : STYLE_NORMAL;
        column = draw_text(d, a, row, column, STYLE_NORMAL, text.data) + 8;
        buf_clear(&text);
        reveal_change(side, d->ascii, &text);
        draw_right(d, a, row, column, style, text.data);
        column += 2;
    }
    buf_free(&text);
    return column;
}

static void draw_reveal_side(const struct battle_screen *s, struct draw *d,
                             const struct area *a, int i,
                             const struct battle_reveal_side *side,
                             int name_columns)
{
    int row = 1 + i;
    char label[2] = {(char)('A' + i), '\0'};
    struct buf text;
    buf_init(&text, LINE_BYTES);
    draw_text(d, a, row, 3, STYLE_FAINT, label);
    draw_name(d, a, row, 6, name_columns,
              is_winner(s, i) ? STYLE_GOOD : STYLE_STRONG, side->name);
    int column = 6 + name_columns + 2;
    if (reveal_is_rated(s->battle))
        column = draw_rating(d, a, row, column, side);
    int left = a->columns - column - 1;
    reveal_usage(side->end, left > 0 ? left : 1, &text);
    draw_fit(d, a, row, column, left, STYLE_FAINT, text.data);
    buf_free(&text);
}

/* Ranks and score at the right end of the first row, if they fit. */
static void draw_standing(const struct battle_screen *s, struct draw *d,
                          const struct area *a, int from)
{
    int versus = wrap_columns(s->versus.data, s->versus.len);
    int ranks = wrap_columns(s->ranks.data, s->ranks.len);
    int right = a->columns - 1;
    if (from + versus > right)
        return;
    draw_right(d, a, 0, right, STYLE_FAINT, s->versus.data);
    if (from + ranks + 2 + versus <= right)
        draw_right(d, a, 0, right - versus - 2, STYLE_FAINT, s->ranks.data);
}

static void draw_reveal(struct battle_screen *s, struct draw *d,
                        const struct area *a,
                        const struct battle_reveal_side *sides)
{
    int widest = 8;
    for (int i = 0; i < SIDE_N; i++) {
        struct buf name;
        buf_init(&name, LINE_BYTES);
        clean_text(sides[i].name, strlen(sides[i].name), true, &name);
        int columns = wrap_columns(name.data, name.len);
        widest = columns > widest ? columns : widest;
        buf_free(&name);
    }
    if (widest > a->columns / 3)
        widest = a->columns / 3;
    if (battle_state(s->battle) == BATTLE_VOTED) {
        int end = draw_text(d, a, 0, 1, STYLE_STRONG,
                            reveal_verdict(s->verdict));
        end = draw_text(d, a, 0, end, STYLE_NORMAL, ". ");
        end = draw_text(d, a, 0, end, STYLE_NORMAL, reveal_saved(s->battle));
        draw_standing(s, d, a, end + 2);
    }
    for (int i = 0; i < SIDE_N; i++)
        draw_reveal_side(s, d, a, i, &sides[i], widest);
    struct area why = {a->row + 3, a->column, a->rows - 3, a->columns};
    if (why.rows > 0)
        battle_screen_draw_reason(s, d, &why);
}

/* NULL: it did not fail. */
static const char *failure(const struct battle_reveal_side *side)
{
    if (side->end->finish == FINISH_ERROR)
        return side->end->error.text;
    return side->empty ? "an empty answer" : NULL;
}

void battle_screen_add_failures(const struct battle_reveal_side *sides,
                                struct buf *out)
{
    size_t start = out->len;
    for (int i = 0; i < SIDE_N; i++) {
        const char *why = failure(&sides[i]);
        if (why != NULL)
            buf_addf(out, "%s%c is %s: %s", out->len > start ? "; " : "",
                     'A' + i, sides[i].name, why);
    }
    if (out->len == start)
        buf_add_str(out, "It was stopped before both had a text.");
}

/* The number of rows below the panes, at most `most`. */
static int rows_below(const struct battle_screen *s, int most)
{
    int rows = 0;
    switch (battle_screen_state(s)) {
    case ON_NOTE:
    case ON_REVEAL: rows = 3 + battle_screen_has_reason(s); break;
    case ON_COMPARE: rows = 3; break;
    case ON_VOID:
    case ON_TOLD: rows = 1; break;
    case ON_CONFIRM: rows = s->is_first ? 2 : 1; break;
    default: break;
    }
    if (s->panes.searching)
        rows = 1;
    return rows < most ? rows : most;
}

/* A vote that is to be confirmed; the first one tells that letters vote. */
static void draw_question(const struct battle_screen *s, struct draw *d,
                          const struct area *a)
{
    int end = draw_text(d, a, 0, 1, STYLE_STRONG, reveal_verdict(s->verdict));
    draw_fit(d, a, 0, end, a->columns - end - 1, STYLE_NORMAL,
             battle_is_seen(s->battle)
                 ? ": sure? You know the names, so it is not rated."
                 : ": sure? It is final once the names are known.");
    if (s->is_first)
        draw_fit(d, a, 1, 1, a->columns - 2, STYLE_FAINT,
                 "Only the first vote asks; with \"confirm_vote\": true in "
                 "arena.json, each does.");
}

static void draw_below(struct battle_screen *s, struct draw *d,
                       const struct area *a)
{
    const struct battle_reveal_side *sides = battle_reveal(s->battle);
    if (a->rows == 0)
        return;
    if (s->panes.searching) {
        panes_draw_search(&s->panes, d, a);
    } else if (s->confirming) {
        draw_question(s, d, a);
    } else if (battle_state(s->battle) == BATTLE_VOID) {
        draw_fit(d, a, 0, 1, a->columns - 2, STYLE_STRONG,
                 "One side failed, so this battle is void: nothing is rated.");
    } else if (sides != NULL) {
        draw_reveal(s, d, a, sides);
    }
}

/* --- beside the panes: nothing that could hint ------------------------- */

static void draw_tally(const struct battle_screen *s, struct draw *d,
                       const struct area *a)
{
    static const char *const labels[RATING_N_OUTCOMES] = {
        [RATING_FIRST] = "A better",
        [RATING_SECOND] = "B better",
        [RATING_TIE] = "tie",
        [RATING_BAD] = "both bad",
    };
    struct buf text;
    buf_init(&text, LINE_BYTES);
    draw_text(d, a, 1, 2, STYLE_STRONG, "This sitting");
    for (int i = 0; i < RATING_N_OUTCOMES; i++) {
        buf_clear(&text);
        buf_addf(&text, "%-12s%4u", labels[i], s->past.n[i]);
        draw_text(d, a, 2 + i, 2, STYLE_NORMAL, text.data);
    }
    buf_clear(&text);
    buf_addf(&text, "%-12s%4u", "skipped", s->past.n_skipped);
    draw_text(d, a, 2 + RATING_N_OUTCOMES, 2, STYLE_NORMAL, text.data);
    draw_text(d, a, 8, 2, STYLE_STRONG, "Pace");
    draw_text(d, a, 9, 2, STYLE_NORMAL, pace_name(s->ui->arena->config.pace));
    buf_free(&text);
}

static void draw_battle(struct battle_screen *s, struct draw *d,
                        const struct area *a)
{
    struct area rest = *a;
    int above;
    if (s->following && s->editing) {
        above = edit_rows(&s->editor, a->columns - 4) + 2;
        above = above > a->rows / 3 ? a->rows / 3 : above;
        struct area box = {a->row, a->column, above < 3 ? 3 : above,
                           a->columns};
        draw_editor(s, d, &box,
                    battle_may_vote(s->battle)
                        ? "Further question to both"
                        : "Further question to both, by name, not rated");
        above = box.rows;
    } else {
        above = draw_prompt(s, d, a);
    }
    int below = rows_below(s, a->rows - above - 3);
    rest.row += above;
    rest.rows -= above + below;
    if (a->columns >= WIDE_COLUMNS && rest.rows > 11) {
        struct area tally = {rest.row, a->columns - TALLY_COLUMNS, rest.rows,
                             TALLY_COLUMNS};
        rest.columns -= TALLY_COLUMNS;
        draw_tally(s, d, &tally);
    }
    draw_panes(s, d, &rest);
    struct area bottom = {rest.row + rest.rows, a->column, below, a->columns};
    draw_below(s, d, &bottom);
}

void battle_screen_draw(struct battle_screen *s, struct draw *d,
                        const struct area *a)
{
    if (s->battle == NULL)
        draw_compose(s, d, a);
    else
        draw_battle(s, d, a);
}
