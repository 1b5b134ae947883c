#include "tui/print/markup.h"

#include <limits.h>
#include <string.h>

#include "tui/clean.h"
#include "tui/wrap.h"

#define MAX_TEXT_BYTES (1 << 20)

static void add_escaped(const struct buf *text, struct buf *out)
{
    for (size_t i = 0; i < text->len; i++) {
        switch (text->data[i]) {
        case '&': buf_add_str(out, "&amp;"); break;
        case '<': buf_add_str(out, "&lt;"); break;
        case '>': buf_add_str(out, "&gt;"); break;
        case '"': buf_add_str(out, "&quot;"); break;
        case '\'': buf_add_str(out, "&#39;"); break;
        default: buf_add_char(out, text->data[i]);
        }
    }
}

void markup_add_name(const char *text, int columns, struct buf *out)
{
    struct buf clean, cut;
    buf_init(&clean, MAX_TEXT_BYTES);
    buf_init(&cut, MAX_TEXT_BYTES);
    clean_text(text, strlen(text), true, &clean);
    wrap_cut_middle(clean.data, columns, "\u2026", &cut);
    add_escaped(&cut, out);
    buf_free(&clean);
    buf_free(&cut);
}

void markup_add_text(const char *text, struct buf *out)
{
    markup_add_name(text, INT_MAX, out);
}
