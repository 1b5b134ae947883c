#include "tui/screens/replay.h"

#include <string.h>

#include "backends/rhythm.h"
#include "base/clock.h"
#include "base/utf8.h"

bool replay_counts(const struct store_answer_row *rows, size_t n, size_t i)
{
    for (size_t k = i + 1; k < n; k++)
        if (rows[k].side == rows[i].side && rows[k].turn == rows[i].turn)
            return false;
    return true;
}

bool replay_is_known(const struct store_answer_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (replay_counts(rows, n, i) && rows[i].rhythm[0] != '\0')
            return true;
    return false;
}

static void begin_answer(struct pane *p, const struct store_answer_row *row)
{
    if (row->turn > 1)
        pane_add_prompt(p, row->prompt);
    pane_next_answer(p);
}

void replay_add_whole(struct panes *panes, const struct store_answer_row *row)
{
    struct pane *p = &panes->pane[row->side != 0];
    size_t n = strlen(row->text);
    begin_answer(p, row);
    pane_take(p, row->text, n);
    pane_tint(p, row->text, n, row->chances);
    pane_next_answer(p);
}

/* Begins the next turn that there is; without one it is over. */
static void next_turn(struct replay *r, struct panes *panes)
{
    int next = 0;
    for (size_t i = 0; i < r->n && next == 0; i++)
        if (r->rows[i].turn > r->turn)
            next = r->rows[i].turn;
    r->turn = next;
    r->began_ms = -1;
    r->waited_s = 0;
    r->coming[0] = r->coming[1] = next != 0;
    for (size_t i = 0; i < r->n; i++) {
        struct pane *p = &panes->pane[r->rows[i].side != 0];
        if (r->rows[i].turn != next || !replay_counts(r->rows, r->n, i))
            continue;
        if (next > 1)
            pane_hold(p);
        begin_answer(p, &r->rows[i]);
    }
}

void replay_begin(struct replay *r, const struct store_answer_row *rows,
                  size_t n, struct panes *panes)
{
    *r = (struct replay){.rows = rows, .n = n};
    panes_clear(panes);
    next_turn(r, panes);
}

/* Takes what has come of one answer.  Returns whether something did; *next_ms
 * is as of rhythm_at. */
static bool take(const struct store_answer_row *row, struct pane *p,
                 int64_t ms, int64_t *next_ms)
{
    size_t all = strlen(row->text), n = all;
    *next_ms = -1;
    if (row->rhythm[0] != '\0')
        n = rhythm_at(row->rhythm, ms, next_ms);
    if (*next_ms < 0 || n > all)
        n = all;
    else
        n -= utf8_incomplete(row->text, n);
    return pane_take(p, row->text, n);
}

/* The turn is over: its tokens can be tinted. */
static void end_turn(const struct replay *r, struct panes *panes)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct store_answer_row *row = &r->rows[i];
        struct pane *p = &panes->pane[row->side != 0];
        if (row->turn != r->turn || !replay_counts(r->rows, r->n, i))
            continue;
        pane_tint(p, row->text, strlen(row->text), row->chances);
        pane_next_answer(p);
    }
}

/* The seconds that are shown.  Returns whether they have changed. */
static bool count_seconds(struct replay *r, int64_t ms, int *wait_ms)
{
    int64_t before_s = r->waited_s;
    r->waited_s = ms / 1000;
    *wait_ms = clock_sooner_ms(*wait_ms, (int)(1000 - ms % 1000));
    return r->waited_s != before_s;
}

bool replay_step(struct replay *r, struct panes *panes, int64_t now_ms,
                 int *wait_ms)
{
    if (r->turn == 0)
        return false;
    if (r->began_ms < 0)
        r->began_ms = now_ms;
    int64_t ms = now_ms - r->began_ms, next_ms;
    bool changed = !panes->calm && count_seconds(r, ms, wait_ms);
    r->coming[0] = r->coming[1] = false;
    for (size_t i = 0; i < r->n; i++) {
        const struct store_answer_row *row = &r->rows[i];
        int side = row->side != 0;
        if (row->turn != r->turn || !replay_counts(r->rows, r->n, i))
            continue;
        changed = take(row, &panes->pane[side], ms, &next_ms) || changed;
        r->coming[side] = next_ms >= 0;
        if (next_ms >= 0 && next_ms - ms < 1000)
            *wait_ms = clock_sooner_ms(*wait_ms, (int)(next_ms - ms));
        else if (next_ms >= 0)
            *wait_ms = clock_sooner_ms(*wait_ms, 1000);
    }
    if (r->coming[0] || r->coming[1])
        return changed;
    end_turn(r, panes);
    next_turn(r, panes);
    *wait_ms = 0;
    return true;
}
