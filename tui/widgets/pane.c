#include "tui/widgets/pane.h"

#include <string.h>
#include <strings.h>

void pane_init(struct pane *p)
{
    *p = (struct pane){.rows = 1};
    wrap_init(&p->wrap, 80);
}

void pane_free(struct pane *p)
{
    wrap_free(&p->wrap);
}

void pane_clear(struct pane *p)
{
    wrap_clear(&p->wrap);
    p->top = p->n_taken = p->hold = 0;
    p->follow = false;
}

static size_t last_top(const struct pane *p)
{
    size_t rows = (size_t)p->rows;
    return p->wrap.n_lines > rows ? p->wrap.n_lines - rows : 0;
}

static void go_to(struct pane *p, size_t top)
{
    p->top = top < last_top(p) ? top : last_top(p);
}

static void follow(struct pane *p)
{
    size_t top = last_top(p);
    if (p->hold > 0 && p->wrap.n_lines > 0) {
        size_t first = wrap_find_line(&p->wrap, p->hold);
        top = first < top ? first : top;
    }
    p->top = top;
}

void pane_add(struct pane *p, const char *bytes, size_t n)
{
    wrap_add(&p->wrap, bytes, n);
    if (p->follow)
        follow(p);
}

void pane_hold(struct pane *p)
{
    p->hold = p->wrap.text.len;
    p->follow = true;
}

bool pane_take(struct pane *p, const char *bytes, size_t n)
{
    size_t from = p->n_taken > 0 ? p->n_taken : clean_blank_start(bytes, n);
    if (n <= from)
        return false;
    pane_add(p, bytes + from, n - from);
    p->n_taken = n;
    return true;
}

void pane_next_answer(struct pane *p)
{
    wrap_end(&p->wrap);
    p->n_taken = 0;
}

bool pane_act(struct pane *p, enum action action)
{
    size_t page = p->rows > 1 ? (size_t)p->rows - 1 : 1;
    switch (action) {
    case ACT_UP: go_to(p, p->top > 0 ? p->top - 1 : 0); break;
    case ACT_DOWN: go_to(p, p->top + 1); break;
    case ACT_PAGE_UP: go_to(p, p->top > page ? p->top - page : 0); break;
    case ACT_PAGE_DOWN: go_to(p, p->top + page); break;
    case ACT_TOP: go_to(p, 0); break;
    case ACT_END: go_to(p, last_top(p)); break;
    default: return false;
    }
    p->follow = action == ACT_END;
    p->hold = 0;
    return true;
}

/* The offset of the words in s[0..n); n if they are not in it. */
static size_t find_words(const char *s, size_t n, const char *words)
{
    size_t n_words = strlen(words);
    for (size_t i = 0; n_words > 0 && i + n_words <= n; i++)
        if (strncasecmp(s + i, words, n_words) == 0)
            return i;
    return n;
}

bool pane_find(struct pane *p, const char *words, int step)
{
    size_t n = p->wrap.n_lines;
    for (size_t i = 1; i <= n; i++) {
        size_t line = step > 0 ? (p->top + i) % n : (p->top + n - i) % n;
        const struct wrap_line *l = &p->wrap.lines[line];
        if (find_words(p->wrap.text.data + l->start, l->n, words) < l->n) {
            p->follow = false;
            p->top = line; /* even beyond the last full screen */
            return true;
        }
    }
    return false;
}

static void mark_found(const struct wrap *w, const struct wrap_line *l,
                       struct draw *d, const struct area *a, int row,
                       const char *found)
{
    const char *s = w->text.data + l->start;
    size_t at = 0, n_found = strlen(found);
    while (at < l->n) {
        size_t hit = at + find_words(s + at, l->n - at, found);
        if (hit >= l->n)
            return;
        struct area marked = {a->row + row, a->column + wrap_columns(s, hit), 1,
                              wrap_columns(s + hit, n_found)};
        draw_restyle(d, &marked, STYLE_FOUND);
        at = hit + n_found;
    }
}

void pane_draw(struct pane *p, struct draw *d, const struct area *a,
               const char *found)
{
    if (p->wrap.width != a->columns && p->wrap.n_lines > 0) {
        size_t offset = p->wrap.lines[p->top].start;
        wrap_set_width(&p->wrap, a->columns);
        p->top = wrap_find_line(&p->wrap, offset);
    }
    wrap_set_width(&p->wrap, a->columns);
    p->rows = a->rows > 0 ? a->rows : 1;
    if (p->follow)
        follow(p);
    if (p->top >= p->wrap.n_lines)
        p->top = p->wrap.n_lines > 0 ? p->wrap.n_lines - 1 : 0;
    for (int row = 0; row < a->rows; row++) {
        size_t line = p->top + (size_t)row;
        if (line >= p->wrap.n_lines)
            break;
        const struct wrap_line *l = &p->wrap.lines[line];
        draw_bytes(d, a, row, 0, STYLE_NORMAL, p->wrap.text.data + l->start,
                   l->n);
        if (found != NULL && found[0] != '\0')
            mark_found(&p->wrap, l, d, a, row, found);
    }
}

void pane_draw_caret(const struct pane *p, struct draw *d,
                     const struct area *a)
{
    size_t last = p->wrap.n_lines;
    if (last == 0 || last - 1 < p->top || last - 1 - p->top >= (size_t)a->rows)
        return;
    const struct wrap_line *l = &p->wrap.lines[last - 1];
    int column = wrap_columns(p->wrap.text.data + l->start, l->n);
    if (column >= a->columns)
        column = a->columns - 1;
    draw_text(d, a, (int)(last - 1 - p->top), column, STYLE_FAINT,
              draw_sign(d, SIGN_CARET));
}

void pane_place(const struct pane *p, struct buf *out)
{
    size_t most = last_top(p);
    if (most == 0)
        return;
    if (p->top == 0)
        buf_add_str(out, "top");
    else if (p->top >= most)
        buf_add_str(out, "end");
    else
        buf_addf(out, "%zu%%", 100 * p->top / most);
}
