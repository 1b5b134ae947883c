#include "tui/entries.h"

#include <inttypes.h>
#include <string.h>

#include "tui/clean.h"

#define ENTRY_TEXT_BYTES 8192

static void add_clean(struct buf *out, const char *s)
{
    clean_text(s, strlen(s), true, out);
}

static void add_pair(struct buf *out, const char *first, const char *between,
                     const char *second, const char *after)
{
    add_clean(out, first);
    buf_add_str(out, between);
    add_clean(out, second);
    buf_add_str(out, after);
}

void entry_result(const struct store_entry *row, struct buf *out)
{
    const char *a = row->model[0] ? row->model[0] : "A";
    const char *b = row->model[1] ? row->model[1] : "B";
    if (row->vote_id != 0) {
        switch (row->verdict) {
        case RATING_FIRST: add_pair(out, a, " beat ", b, ""); break;
        case RATING_SECOND: add_pair(out, b, " beat ", a, ""); break;
        case RATING_TIE: add_pair(out, a, " and ", b, ": tie"); break;
        default: add_pair(out, a, " and ", b, ": both bad"); break;
        }
        if (row->corrected)
            buf_add_str(out, " (corrected)");
        else if (row->leak)
            buf_add_str(out, " (leaked)");
    } else if (row->named) {
        add_pair(out, a, " beside ", b, "");
    } else if (row->state == STORE_SKIPPED) {
        add_pair(out, a, " and ", b, ": skipped");
    } else if (row->state == STORE_VOID) {
        buf_add_str(out, "void: a side failed");
    } else if (row->state == STORE_READY) {
        buf_add_str(out, "waits for a vote");
    } else if (row->state == STORE_VOTED) {
        add_pair(out, a, " and ", b, ": vote withdrawn");
    } else {
        buf_add_str(out, "not finished");
    }
}

void entry_draw(struct draw *d, const struct area *a, int row,
                enum style style, const struct store_entry *entry)
{
    struct buf text;
    buf_init(&text, ENTRY_TEXT_BYTES);
    buf_addf(&text, "%5" PRId64, entry->battle_id);
    draw_text(d, a, row, 0, style == STYLE_NORMAL ? STYLE_FAINT : style,
              text.data);
    buf_clear(&text);
    entry_result(entry, &text);
    int result = a->columns > 100 ? 48 : a->columns / 2 - 3;
    draw_fit(d, a, row, 7, result - 1, style, text.data);
    buf_clear(&text);
    clean_text(entry->prompt, strnlen(entry->prompt, 1024), true, &text);
    draw_fit(d, a, row, 7 + result + 1, a->columns - result - 8,
             style == STYLE_NORMAL ? STYLE_FAINT : style, text.data);
    buf_free(&text);
}
