#include "tui/print/entries.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "tui/clean.h"

#define ENTRY_TEXT_BYTES 8192
#define ENTRY_DATE_COLUMNS 10 /* "2026-11-24" */

#define ENTRY_NARROW 60 /* columns; below, no date and no column of prompts */

static void add_clean(struct buf *out, const char *s)
{
    clean_text(s, strlen(s), true, out);
}

/* What must not be cut off comes before the names. */
static void add_pair(struct buf *out, const char *before, const char *first,
                     const char *between, const char *second)
{
    buf_add_str(out, before);
    add_clean(out, first);
    buf_add_str(out, between);
    add_clean(out, second);
}

void entry_result(const struct store_entry *row, struct buf *out)
{
    const char *a = row->model[0] ? row->model[0] : "A";
    const char *b = row->model[1] ? row->model[1] : "B";
    if (row->vote_id != 0) {
        if (row->seen || row->leak)
            buf_add_str(out, row->seen ? "seen: " : "leak: ");
        switch (row->verdict) {
        case RATING_FIRST: add_pair(out, "", a, " beat ", b); break;
        case RATING_SECOND: add_pair(out, "", b, " beat ", a); break;
        case RATING_TIE: add_pair(out, "tie: ", a, " and ", b); break;
        default: add_pair(out, "both bad: ", a, " and ", b); break;
        }
    } else if (row->compare) {
        add_pair(out, "", a, " beside ", b);
    } else if (row->undone) {
        buf_add_str(out, "vote undone");
    } else if (row->state == STORE_SKIPPED) {
        add_pair(out, "skipped: ", a, " and ", b);
    } else if (row->state == STORE_VOID) {
        buf_add_str(out, "void: a side failed");
    } else if (row->state == STORE_READY) {
        buf_add_str(out, "waits for a vote");
    } else {
        buf_add_str(out, "not finished");
    }
}

void entry_reason(const struct reason *reason, struct buf *out)
{
    struct buf raw;
    buf_init(&raw, 4 * REASONS_MAX_BYTES);
    reason_describe(reason, &raw);
    clean_text(raw.data, raw.len, true, out);
    buf_free(&raw);
}

void entry_draw(struct draw *d, const struct area *a, int row,
                enum style style, const struct store_entry *entry, bool dated)
{
    enum style faint = style == STYLE_NORMAL ? STYLE_FAINT : style;
    bool narrow = a->columns < ENTRY_NARROW;
    int column = 7, most = a->columns > 100 ? 48 : a->columns / 2 - 3;
    char date[CLOCK_TEXT_BYTES];
    struct buf text;
    buf_init(&text, ENTRY_TEXT_BYTES);
    buf_addf(&text, "%5" PRId64, entry->battle_id);
    draw_text(d, a, row, 0, faint, text.data);
    if (dated && !narrow) {
        clock_format(entry->created_ms, date);
        date[ENTRY_DATE_COLUMNS] = '\0'; /* the day is enough */
        column = draw_text(d, a, row, column, faint, date) + 2;
        most -= 2;
    }
    buf_clear(&text);
    entry_result(entry, &text);
    if (narrow) /* the result; the prompt if there is room */
        most = a->columns - column;
    int end = draw_fit(d, a, row, column, most - !narrow, style, text.data);
    column = narrow ? end + 2 : column + most + 1;
    buf_clear(&text);
    if (entry->category[0] != '\0') {
        buf_add_char(&text, '[');
        add_clean(&text, entry->category);
        buf_add_str(&text, "] ");
    }
    clean_text(entry->prompt, strnlen(entry->prompt, 1024), true, &text);
    draw_fit(d, a, row, column, a->columns - column, faint, text.data);
    buf_free(&text);
}
