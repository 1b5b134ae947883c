/* Why a vote or a skip was given: tags to mark, and a comment. */
#include "tui/screens/battle_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/print/entries.h"
#include "tui/screens/tags.h"

#define N(list) (sizeof(list) / sizeof((list)[0]))

/* To begin with; words of one's own join them. */
static const char *const of_votes[] = {
    "correct",  "wrong",    "clear",         "unclear",
    "complete", "too short", "too long",     "off the question",
    "made up",  "refused",  "good style",
};
static const char *const of_skips[] = {
    "cannot judge", "hard to tell apart", "bad prompt", "unreadable",
};

/* Reads what this voter said of a battle; without an error it is that. */
static bool read_reason(struct battle_screen *s, int64_t battle_id)
{
    struct arena *a = s->ui->arena;
    struct err e;
    s->reason_id = battle_id;
    if (reason_get(a->store, battle_id, a->voter, &s->reason, &e) == 0)
        return true;
    ui_say_error(s->ui, &e);
    return false;
}

void battle_screen_read_reason(struct battle_screen *s)
{
    read_reason(s, battle_id(s->battle));
}

static void keep(struct battle_screen *s, const char *tags,
                 const char *comment)
{
    struct arena *a = s->ui->arena;
    struct err e;
    if (strcmp(tags, s->reason.tags) == 0 &&
        strcmp(comment, s->reason.comment) == 0)
        return;
    if (reason_put(a->store, s->reason_id, a->voter, tags, comment, &e) != 0)
        ui_say_error(s->ui, &e);
    else if (read_reason(s, s->reason_id))
        ui_say(s->ui, STYLE_NORMAL, "Stored: why you decided so.");
}

/* --- tags --------------------------------------------------------------- */

static void take_tags(void *owner, const char *tags)
{
    struct battle_screen *s = owner;
    if (battle_state(s->battle) == BATTLE_SKIPPED)
        battle_screen_skipped(s);
    keep(s, tags, s->reason.comment);
}

/* Some words, and behind them those that were ever given.  Returns false after
 * an error. */
static bool open_tags(struct battle_screen *s, const char *title,
                      const char *const *words, size_t n_words)
{
    struct err e;
    char **given, **all = NULL;
    size_t n_given, n = 0;
    if (reason_list_tags(s->ui->arena->store, &given, &n_given, &e) != 0) {
        ui_say_error(s->ui, &e);
        return false;
    }
    all = mem_calloc(n_words + n_given, sizeof(*all));
    for (size_t i = 0; i < n_words; i++)
        all[n++] = (char *)words[i];
    for (size_t i = 0; i < n_given; i++)
        all[n++] = given[i];
    tags_open(s->ui, title, all, n, s->reason.tags, take_tags, s);
    free(all);
    store_free_names(given, n_given);
    return true;
}

void battle_screen_tag(struct battle_screen *s)
{
    open_tags(s, "why this vote", of_votes, N(of_votes));
}

bool battle_screen_tag_skip(struct battle_screen *s)
{
    return read_reason(s, battle_id(s->battle)) &&
           open_tags(s, "skipped: why", of_skips, N(of_skips));
}

/* --- the comment -------------------------------------------------------- */

void battle_screen_comment(struct battle_screen *s)
{
    edit_set(&s->note, s->reason.comment);
    s->noting = true;
}

void battle_screen_note(struct battle_screen *s, enum action action)
{
    s->noting = action != ACT_SEND && action != ACT_LEAVE;
    if (action == ACT_SEND)
        keep(s, s->reason.tags, s->note.text.data);
}

bool battle_screen_has_reason(const struct battle_screen *s)
{
    return s->noting || s->reason.tags[0] != '\0' ||
           s->reason.comment[0] != '\0';
}

void battle_screen_draw_reason(struct battle_screen *s, struct draw *d,
                               const struct area *a)
{
    int column = draw_text(d, a, 0, 1, STYLE_STRONG, "Why: ");
    struct area in = {a->row, a->column + column, 1, a->columns - column - 1};
    if (s->noting) {
        edit_draw(&s->note, d, &in);
        return;
    }
    struct buf text;
    buf_init(&text, 4 * REASONS_MAX_BYTES);
    entry_reason(&s->reason, &text);
    draw_fit(d, &in, 0, 0, in.columns, STYLE_NORMAL, text.data);
    buf_free(&text);
}
