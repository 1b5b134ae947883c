#include "tui/widgets/edit.h"

#include <string.h>

#include "base/utf8.h"

#define EDIT_BACK 96 /* bytes to look back for the start of a cluster */

const struct binding edit_bindings[] = {
    {ACT_SEND, "Enter", EDIT_TEXT, "send", "send it"},
    {ACT_SEND, "Enter", EDIT_LINE, "find", "find it"},
    {ACT_SEND, "Enter", EDIT_CHOICE, "do it", "do the selected one"},
    {ACT_SEND, "Enter", EDIT_MARKS, "mark",
     "mark the selected one, or take the mark away"},
    {ACT_SEND, "Enter", EDIT_NOTE, "keep", "keep it"},
    {ACT_NEWLINE, "^J Alt-Enter", EDIT_TEXT, "new line", "a new line"},
    {ACT_LEAVE, "Esc", EDIT_TEXT, "leave", "leave the editor"},
    {ACT_LEAVE, "Esc", EDIT_LINE, "end the search", "end the search"},
    {ACT_LEAVE, "Esc", EDIT_CHOICE, "back", "back"},
    {ACT_LEAVE, "Esc", EDIT_MARKS, "done", "keep what is marked"},
    {ACT_LEAVE, "Esc", EDIT_NOTE, "never mind", "leave it as it was"},
    {ACT_HELP, "F1", BINDING_ALWAYS, NULL, "this help"},
    {ACT_LINE_UP, "Up", EDIT_TEXT, NULL,
     "a line up; on the first one, an earlier text"},
    {ACT_LINE_UP, "Up ^P", ~(unsigned)EDIT_TEXT, NULL, "the one before"},
    {ACT_LINE_DOWN, "Down ^N", EDIT_TEXT, NULL,
     "a line down; on the last one, a later text"},
    {ACT_LINE_DOWN, "Down ^N", ~(unsigned)EDIT_TEXT, NULL, "the next"},
    {ACT_LEFT, "Left ^B", BINDING_ALWAYS, NULL, "a character left"},
    {ACT_RIGHT, "Right ^F", BINDING_ALWAYS, NULL, "a character right"},
    {ACT_WORD_LEFT, "C-Left Alt-b", BINDING_ALWAYS, NULL, "a word left"},
    {ACT_WORD_RIGHT, "C-Right Alt-f", BINDING_ALWAYS, NULL, "a word right"},
    {ACT_LINE_START, "Home ^A", BINDING_ALWAYS, NULL, "to the line's start"},
    {ACT_LINE_END, "End ^E", BINDING_ALWAYS, NULL, "to the line's end"},
    {ACT_ERASE_BACK, "Backspace", BINDING_ALWAYS, NULL, "erase backwards"},
    {ACT_ERASE, "Del ^D", BINDING_ALWAYS, NULL, "erase forwards"},
    {ACT_ERASE_WORD, "^W Alt-Backspace", BINDING_ALWAYS, NULL,
     "erase the word before"},
    {ACT_ERASE_TO_START, "^U", BINDING_ALWAYS, NULL,
     "erase to the line's start"},
    {ACT_ERASE_TO_END, "^K", BINDING_ALWAYS, NULL, "erase to the line's end"},
    {.action = ACT_NONE},
};

void edit_init(struct edit *e, enum edit_use use, size_t max_bytes)
{
    *e = (struct edit){.use = use, .goal = -1};
    buf_init(&e->text, max_bytes);
    wrap_init(&e->view, 80);
}

void edit_free(struct edit *e)
{
    buf_free(&e->text);
    wrap_free(&e->view);
}

static void changed(struct edit *e)
{
    e->viewed = false;
    e->goal = -1;
}

void edit_set(struct edit *e, const char *text)
{
    buf_clear(&e->text);
    e->cursor = e->top = 0;
    edit_insert(e, text, strlen(text));
    changed(e);
}

/* Appends what the text may hold: every kind of line end as a newline, no other
 * control, valid UTF-8. */
static void admit(const struct edit *e, const char *s, size_t n,
                  struct buf *out)
{
    const char tab = e->use == EDIT_TEXT ? '\t' : ' ';
    const char newline = e->use == EDIT_TEXT ? '\n' : ' ';
    while (n > 0) {
        uint32_t cp;
        size_t len = utf8_decode(s, n, &cp);
        if (cp == '\r' && n > 1 && s[1] == '\n')
            len = 2;
        if (cp == '\n' || cp == '\r')
            buf_add_char(out, newline);
        else if (cp == '\t')
            buf_add_char(out, tab);
        else if (cp >= 0x20 && cp != 0x7F && !(cp >= 0x80 && cp < 0xA0))
            buf_add_utf8(out, cp);
        s += len;
        n -= len;
    }
}

bool edit_insert(struct edit *e, const char *bytes, size_t n)
{
    struct buf text; /* the new one */
    buf_init(&text, e->text.max);
    buf_add(&text, e->text.data, e->cursor);
    size_t rest = e->text.len - e->cursor;
    text.max -= rest; /* keep room for the text behind the cursor */
    admit(e, bytes, n, &text);
    bool fitted = !text.overflow;
    if (!fitted) /* nothing: a part would look like the whole */
        buf_cut(&text, e->cursor);
    size_t cursor = text.len;
    text.max += rest;
    buf_add(&text, e->text.data + e->cursor, rest);
    buf_free(&e->text);
    e->text = text;
    e->text.overflow = false;
    e->cursor = cursor;
    changed(e);
    return fitted;
}

bool edit_type(struct edit *e, uint32_t cp)
{
    char bytes[UTF8_MAX_BYTES];
    return edit_insert(e, bytes, utf8_encode(cp, bytes));
}

/* --- clusters and words ------------------------------------------------ */

static size_t after(const struct edit *e, size_t at)
{
    int columns;
    if (at >= e->text.len)
        return e->text.len;
    return at + wrap_cluster(e->text.data + at, e->text.len - at, 0, &columns);
}

static size_t before(const struct edit *e, size_t at)
{
    /* Clusters are found forwards, so start some way back. */
    size_t from = at > EDIT_BACK ? at - EDIT_BACK : 0;
    while (from > 0 && ((unsigned char)e->text.data[from] & 0xC0) == 0x80)
        from--;
    while (after(e, from) < at)
        from = after(e, from);
    return from < at ? from : at;
}

static bool is_blank_at(const struct edit *e, size_t at)
{
    return strchr(" \t\n", e->text.data[at]) != NULL;
}

static size_t word_start(const struct edit *e)
{
    size_t at = e->cursor;
    while (at > 0 && is_blank_at(e, before(e, at)))
        at = before(e, at);
    while (at > 0 && !is_blank_at(e, before(e, at)))
        at = before(e, at);
    return at;
}

static size_t word_end(const struct edit *e)
{
    size_t at = e->cursor;
    while (at < e->text.len && is_blank_at(e, at))
        at = after(e, at);
    while (at < e->text.len && !is_blank_at(e, at))
        at = after(e, at);
    return at;
}

static size_t line_start(const struct edit *e)
{
    size_t at = e->cursor;
    while (at > 0 && e->text.data[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct edit *e)
{
    const char *s = e->text.data + e->cursor;
    const char *newline = memchr(s, '\n', e->text.len - e->cursor);
    return newline ? e->cursor + (size_t)(newline - s) : e->text.len;
}

static bool erase(struct edit *e, size_t from, size_t to)
{
    if (from == to)
        return false;
    memmove(e->text.data + from, e->text.data + to, e->text.len - to);
    buf_cut(&e->text, e->text.len - (to - from));
    e->cursor = from;
    changed(e);
    return true;
}

static bool move_to(struct edit *e, size_t at)
{
    bool moved = at != e->cursor;
    e->cursor = at;
    e->goal = -1;
    e->viewed = false;
    return moved;
}

/* --- lines as they are drawn ------------------------------------------- */

static void view(struct edit *e, int width)
{
    if (e->viewed && e->view.width == width)
        return;
    wrap_set_width(&e->view, width);
    wrap_clear(&e->view);
    wrap_add(&e->view, e->text.data, e->cursor);
    e->view_cursor = e->view.text.len;
    wrap_add(&e->view, e->text.data + e->cursor, e->text.len - e->cursor);
    e->viewed = true;
}

/* The line and column at which a byte of the view is drawn. */
static size_t place_of(const struct edit *e, size_t at, int *column)
{
    size_t line = wrap_find_line(&e->view, at);
    *column = 0;
    if (e->view.n_lines > 0) {
        size_t start = e->view.lines[line].start;
        *column = wrap_columns(e->view.text.data + start, at - start);
    }
    return line;
}

/* The byte of the text that is drawn at a line and column of the view. */
static size_t text_at(const struct edit *e, size_t line, int goal)
{
    const struct wrap_line *l = &e->view.lines[line];
    struct clean clean;
    struct buf shown;
    clean_init(&clean);
    buf_init(&shown, e->view.text.max);
    size_t at = 0;
    int column = 0;
    while (at < e->text.len && shown.len < l->start + l->n) {
        if (shown.len >= l->start) {
            column = wrap_columns(e->view.text.data + l->start,
                                  shown.len - l->start);
            if (column >= goal)
                break;
        }
        size_t next = after(e, at);
        clean_add(&clean, e->text.data + at, next - at, &shown);
        if (shown.len > l->start + l->n)
            break;
        at = next;
    }
    buf_free(&shown);
    return at;
}

static bool move_line(struct edit *e, int by)
{
    view(e, e->view.width);
    int column, goal;
    size_t line = place_of(e, e->view_cursor, &column);
    if (by < 0 ? line == 0 : line + 1 >= e->view.n_lines)
        return false;
    goal = e->goal >= 0 ? e->goal : column;
    move_to(e, text_at(e, by < 0 ? line - 1 : line + 1, goal));
    e->goal = goal;
    return true;
}

bool edit_act(struct edit *e, enum action action)
{
    switch (action) {
    case ACT_NEWLINE: return edit_insert(e, "\n", 1);
    case ACT_LEFT: return move_to(e, before(e, e->cursor));
    case ACT_RIGHT: return move_to(e, after(e, e->cursor));
    case ACT_LINE_UP: return move_line(e, -1);
    case ACT_LINE_DOWN: return move_line(e, 1);
    case ACT_LINE_START: return move_to(e, line_start(e));
    case ACT_LINE_END: return move_to(e, line_end(e));
    case ACT_WORD_LEFT: return move_to(e, word_start(e));
    case ACT_WORD_RIGHT: return move_to(e, word_end(e));
    case ACT_ERASE_BACK: return erase(e, before(e, e->cursor), e->cursor);
    case ACT_ERASE: return erase(e, e->cursor, after(e, e->cursor));
    case ACT_ERASE_WORD: return erase(e, word_start(e), e->cursor);
    case ACT_ERASE_TO_START: return erase(e, line_start(e), e->cursor);
    case ACT_ERASE_TO_END: return erase(e, e->cursor, line_end(e));
    default: return false;
    }
}

int edit_rows(struct edit *e, int width)
{
    view(e, width);
    return e->view.n_lines > 1 ? (int)e->view.n_lines : 1;
}

void edit_draw(struct edit *e, struct draw *d, const struct area *a)
{
    int column;
    view(e, a->columns);
    size_t line = place_of(e, e->view_cursor, &column);
    size_t rows = a->rows > 0 ? (size_t)a->rows : 1;
    if (line < e->top)
        e->top = line;
    if (line >= e->top + rows)
        e->top = line - rows + 1;
    for (size_t i = 0; i < rows && e->top + i < e->view.n_lines; i++) {
        const struct wrap_line *l = &e->view.lines[e->top + i];
        draw_bytes(d, a, (int)i, 0, STYLE_NORMAL,
                   e->view.text.data + l->start, l->n);
    }
    draw_cursor(d, a, (int)(line - e->top), column);
}
