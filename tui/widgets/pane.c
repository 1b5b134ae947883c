#include "tui/widgets/pane.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/plural.h"
#include "tui/wrap.h"

void pane_init(struct pane *p)
{
    *p = (struct pane){.rows = 1};
    markdown_init(&p->text, 80);
}

void pane_free(struct pane *p)
{
    markdown_free(&p->text);
    tints_free(&p->tints);
    free(p->hits);
    p->hits = NULL;
    p->n_hits = p->cap_hits = 0;
}

static void forget_hits(struct pane *p)
{
    p->n_hits = p->n_scanned = 0;
}

void pane_clear(struct pane *p)
{
    markdown_clear(&p->text);
    p->top = p->n_taken = p->hold = 0;
    p->follow = p->answering = false;
    tints_clear(&p->tints);
    forget_hits(p);
}

static size_t last_top(const struct pane *p)
{
    size_t rows = (size_t)p->rows;
    return p->text.n_lines > rows ? p->text.n_lines - rows : 0;
}

static void go_to(struct pane *p, size_t top)
{
    p->top = top < last_top(p) ? top : last_top(p);
}

#define FOLLOW_KEPT 1 /* line that stays in view when a page is turned */

/* Turns pages: to move all of the text for each new line is hard to read, and
 * sends the whole pane to the terminal. */
static void follow(struct pane *p)
{
    size_t rows = (size_t)p->rows, top = last_top(p);
    size_t step = rows > 2 * FOLLOW_KEPT ? rows - FOLLOW_KEPT : 0;
    if (p->top < top)
        p->top = top + step;
    if (p->top > top + step)
        p->top = top;
    if (p->hold > 0 && p->text.n_lines > 0) {
        size_t first = markdown_find_line(&p->text, p->hold);
        p->top = p->top < first ? p->top : first;
    }
}

/* --- text -------------------------------------------------------------- */

void pane_add_hanging(struct pane *p, enum style style, size_t hang,
                      const char *bytes, size_t n)
{
    const struct markdown *m = &p->text;
    const struct markdown_part *last =
        m->n_parts > 0 ? &m->parts[m->n_parts - 1] : NULL;
    if (last == NULL || !last->plain || last->style != style ||
        last->hang != hang)
        markdown_begin_plain(&p->text, style, hang);
    p->answering = false;
    markdown_add(&p->text, bytes, n);
    if (p->follow)
        follow(p);
}

void pane_add(struct pane *p, enum style style, const char *bytes, size_t n)
{
    pane_add_hanging(p, style, 0, bytes, n);
}

void pane_add_prompt(struct pane *p, const char *prompt)
{
    struct buf text;
    buf_init(&text, strlen(prompt) + 8);
    buf_addf(&text, "%s> %s\n\n", p->text.source.len > 0 ? "\n" : "", prompt);
    pane_add(p, STYLE_STRONG, text.data, text.len);
    buf_free(&text);
}

void pane_hold(struct pane *p)
{
    p->hold = p->text.source.len + (p->text.source.len > 0); /* no blank line */
    p->follow = true;
}

bool pane_take(struct pane *p, const char *bytes, size_t n)
{
    size_t from = p->n_taken > 0 ? p->n_taken : clean_blank_start(bytes, n);
    if (n <= from)
        return false;
    if (!p->answering)
        markdown_begin_answer(&p->text);
    p->answering = true;
    markdown_add(&p->text, bytes + from, n - from);
    if (p->follow)
        follow(p);
    p->n_taken = n;
    return true;
}

void pane_tint(struct pane *p, const char *bytes, size_t n, const char *line)
{
    const struct markdown *m = &p->text;
    if (p->answering && line[0] != '\0')
        tints_add(&p->tints, m->parts[m->n_parts - 1].start, bytes, n,
                  clean_blank_start(bytes, n), line);
}

void pane_end(struct pane *p)
{
    markdown_end(&p->text);
}

void pane_next_answer(struct pane *p)
{
    pane_end(p);
    p->answering = false;
    p->n_taken = 0;
}

/* --- scrolling --------------------------------------------------------- */

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
    bool down = action == ACT_DOWN || action == ACT_PAGE_DOWN ||
                action == ACT_END;
    p->follow = down && p->top == last_top(p);
    p->hold = 0;
    return true;
}

void pane_place(const struct pane *p, struct buf *out)
{
    size_t most = last_top(p);
    if (most == 0)
        return;
    if (p->top >= most) {
        buf_add_str(out, "end");
        return;
    }
    size_t below = most - p->top;
    if (p->top > 0)
        buf_addf(out, "%zu%%  ", 100 * p->top / most);
    buf_addf(out, "+%zu line%s", below, plural_s(below));
}

/* --- searching --------------------------------------------------------- */

/* The offset of the words in s[0..n); n if they are not in it. */
static size_t find_words(const char *s, size_t n, const char *words)
{
    size_t n_words = strlen(words);
    for (size_t i = 0; n_words > 0 && i + n_words <= n; i++)
        if (strncasecmp(s + i, words, n_words) == 0)
            return i;
    return n;
}

static bool has_words(const struct pane *p, size_t line)
{
    const struct markdown_line *l = &p->text.lines[line];
    const char *s = p->text.out.text.data + l->start;
    return find_words(s, l->n, p->words) < l->n;
}

/* Brings p->hits up to date.  Only lines that are not final are searched
 * again. */
static void scan(struct pane *p)
{
    size_t line = p->n_scanned;
    while (p->n_hits > 0 && p->hits[p->n_hits - 1] >= line)
        p->n_hits--;
    for (; p->words[0] != '\0' && line < p->text.n_lines; line++) {
        if (!has_words(p, line))
            continue;
        if (p->n_hits == p->cap_hits) {
            p->cap_hits = p->cap_hits ? 2 * p->cap_hits : 32;
            p->hits = mem_realloc(p->hits, p->cap_hits, sizeof(*p->hits));
        }
        p->hits[p->n_hits++] = line;
    }
    p->n_scanned = p->text.done.n_lines;
}

void pane_search(struct pane *p, const char *words)
{
    size_t n = strlen(words);
    n = n < PANE_WORDS - 1 ? n : PANE_WORDS - 1;
    memcpy(p->words, words, n);
    p->words[n] = '\0';
    forget_hits(p);
}

/* How many hits are on lines before this one. */
static size_t hits_before(const struct pane *p, size_t line)
{
    size_t n = 0;
    while (n < p->n_hits && p->hits[n] < line)
        n++;
    return n;
}

bool pane_find(struct pane *p, int step)
{
    scan(p);
    if (p->n_hits == 0)
        return false;
    size_t at = hits_before(p, p->top + (step > 0));
    if (step < 0)
        at = at > 0 ? at - 1 : p->n_hits - 1;
    p->follow = false;
    p->top = p->hits[at % p->n_hits]; /* even beyond the last full screen */
    return true;
}

void pane_found(struct pane *p, struct buf *out)
{
    if (p->words[0] == '\0')
        return;
    scan(p);
    size_t at = hits_before(p, p->top);
    if (at < p->n_hits && p->hits[at] == p->top)
        buf_addf(out, "%zu of ", at + 1);
    buf_addf(out, "%zu hit%s", p->n_hits, plural_s(p->n_hits));
}

/* --- drawing ----------------------------------------------------------- */

static void mark_found(const struct pane *p, const struct markdown_line *l,
                       struct draw *d, const struct area *a, int row)
{
    const char *s = p->text.out.text.data + l->start;
    size_t at = 0, n_words = strlen(p->words);
    while (at < l->n) {
        size_t hit = at + find_words(s + at, l->n - at, p->words);
        if (hit >= l->n)
            return;
        struct area marked = {a->row + row, a->column + wrap_columns(s, hit), 1,
                              wrap_columns(s + hit, n_words)};
        draw_restyle(d, &marked, STYLE_FOUND);
        at = hit + n_words;
    }
}

/* Draws a line span by span.  Returns the column after it. */
static int draw_line(const struct spans *out, const struct markdown_line *l,
                     struct draw *d, const struct area *a, int row)
{
    size_t at = l->start, end = l->start + l->n;
    int column = 0;
    for (size_t i = l->span; at < end; i++) {
        size_t to = i + 1 < out->n ? out->list[i + 1].start : end;
        to = to < end ? to : end;
        if (to > at)
            column = draw_bytes(d, a, row, column, out->list[i].style,
                                out->text.data + at, to - at);
        at = to > at ? to : at;
    }
    return column;
}

/* The letters of a line that the model was less sure of.  Blanks stay: many
 * are of the layout. */
static void tint_line(const struct pane *p, const struct markdown_line *l,
                      struct draw *d, const struct area *a, int row)
{
    const char *s = p->text.out.text.data + l->start;
    int column = 0, columns;
    for (size_t at = 0, n; at < l->n; at += n, column += columns) {
        n = wrap_cluster(s + at, l->n - at, column, &columns);
        struct area cells = {a->row + row, a->column + column, 1, columns};
        enum style tint =
            tints_at(&p->tints, spans_source(&p->text.out, l->start + at));
        if (tint != STYLE_NORMAL && s[at] != ' ')
            draw_restyle(d, &cells, tint);
    }
}

static void fit(struct pane *p, const struct draw *d, const struct area *a)
{
    struct markdown *m = &p->text;
    if (m->width != a->columns || m->as_source != p->source ||
        m->ascii != d->ascii) {
        size_t source = p->top < m->n_lines ? m->lines[p->top].source : 0;
        markdown_set_layout(m, a->columns, p->source, d->ascii);
        p->top = markdown_find_line(m, source);
        forget_hits(p);
    }
    p->rows = a->rows > 0 ? a->rows : 1;
    if (p->follow)
        follow(p);
    if (p->top >= m->n_lines)
        p->top = m->n_lines > 0 ? m->n_lines - 1 : 0;
}

void pane_draw(struct pane *p, struct draw *d, const struct area *a)
{
    fit(p, d, a);
    size_t n_lines = p->text.n_lines;
    n_lines -= p->whole_lines && n_lines > 0;
    for (int row = 0; row < a->rows; row++) {
        size_t line = p->top + (size_t)row;
        if (line >= n_lines)
            break;
        const struct markdown_line *l = &p->text.lines[line];
        draw_line(&p->text.out, l, d, a, row);
        if (p->tinted && p->tints.n > 0)
            tint_line(p, l, d, a, row);
        if (p->words[0] != '\0')
            mark_found(p, l, d, a, row);
    }
}

void pane_draw_caret(const struct pane *p, struct draw *d,
                     const struct area *a)
{
    size_t last = p->text.n_lines;
    if (last == 0 || last - 1 < p->top || last - 1 - p->top >= (size_t)a->rows)
        return;
    const struct markdown_line *l = &p->text.lines[last - 1];
    int column = wrap_columns(p->text.out.text.data + l->start, l->n);
    if (column >= a->columns)
        column = a->columns - 1;
    /* A style of its own would cost more bytes than the text before it. */
    draw_text(d, a, (int)(last - 1 - p->top), column, STYLE_NORMAL,
              draw_sign(d, SIGN_CARET));
}
