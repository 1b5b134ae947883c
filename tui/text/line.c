/* One line of an answer: what it is, and how its text is broken into rows. */
#include <string.h>

#include "tui/text/markdown_private.h"
#include "tui/wrap.h"

#define CODE_INDENT 4
#define MAX_QUOTES 4
#define LEAST_COLUMNS 8 /* for text; a prefix that leaves less is cut */

/* --- signs ------------------------------------------------------------- */

static const char *sign(const struct markdown *m, const char *wide,
                        const char *ascii)
{
    return m->ascii ? ascii : wide;
}

void markdown_put_rule(struct markdown *m, const char *word, size_t n,
                       size_t source)
{
    const char *line = sign(m, "\u2500", "-");
    int columns = m->width, width = wrap_columns(word, n);
    struct buf rule;
    buf_init(&rule, 4 * (size_t)columns + n + 8);
    if (n > 0 && width + 6 <= columns) {
        buf_addf(&rule, "%s%s %.*s ", line, line, (int)n, word);
        columns -= width + 4;
    }
    for (; columns > 0; columns--)
        buf_add_str(&rule, line);
    spans_clear(&m->scratch);
    spans_add(&m->scratch, STYLE_FAINT, rule.data, rule.len, source);
    buf_free(&rule);
    markdown_put(m, "", STYLE_FAINT, 0, m->scratch.text.len, source);
}

/* --- the text of a line ------------------------------------------------ */

/* Fits a prefix to the width: a cut one keeps room for text. */
static int fit_prefix(const struct markdown *m, char *prefix)
{
    int columns = wrap_columns(prefix, strlen(prefix));
    int most = m->width - LEAST_COLUMNS;
    if (columns <= most)
        return columns;
    size_t at = 0;
    int used = 0, width;
    while (prefix[at] != '\0') {
        size_t len = wrap_cluster(prefix + at, strlen(prefix + at), used,
                                  &width);
        if (used + width > most)
            break;
        used += width;
        at += len;
    }
    prefix[at] = '\0';
    return used;
}

/* The end of the row of code that begins at `start`. */
static size_t cut_row(const struct buf *text, size_t start, int width)
{
    size_t at = start;
    int used = 0, columns;
    while (at < text->len) {
        size_t len = wrap_cluster(text->data + at, text->len - at, used,
                                  &columns);
        if (used + columns > width && at > start)
            break;
        used += columns;
        at += len;
    }
    return at;
}

/* Breaks off a row; returns where the next one starts, or the text's end. */
static size_t break_row(struct markdown *m, const struct markdown_shape *shape,
                        size_t start, int width, struct wrap_line *row)
{
    const struct buf *text = &m->scratch.text;
    if (shape->code) {
        size_t end = cut_row(text, start, width);
        *row = (struct wrap_line){start, end - start};
        return end;
    }
    size_t next = wrap_break_line(text->data, text->len, start, width, row);
    return next == WRAP_NO_LINE ? text->len : next;
}

/* Puts the rows of the scratch text; without `all`, all but the last.  Returns
 * where the first one that was not put starts. */
static size_t put_rows(struct markdown *m, struct markdown_block *b, bool all)
{
    struct markdown_shape *shape = &b->shape;
    const struct buf *text = &m->scratch.text;
    int first = fit_prefix(m, shape->first), rest = fit_prefix(m, shape->rest);
    size_t start = 0;
    do {
        struct wrap_line row;
        int taken = b->in_line ? rest : first;
        size_t next = break_row(m, shape, start, m->width - taken, &row);
        if (!all && next >= text->len && start > 0)
            break;
        markdown_put(m, b->in_line ? shape->rest : shape->first,
                     shape->prefix, row.start, row.n,
                     row.n > 0 ? spans_source(&m->scratch, row.start)
                               : b->source);
        start = next;
        b->in_line = true;
    } while (start < text->len);
    return start;
}

/* The tokens of a line of code.  Beyond its first window it is plain. */
static void add_code(struct markdown *m, struct markdown_block *b,
                     const char *s, size_t n, size_t source)
{
    static const enum style styles[] = {
        [CODE_PLAIN] = STYLE_NORMAL,    [CODE_COMMENT] = STYLE_COMMENT,
        [CODE_STRING] = STYLE_STRING,   [CODE_NUMBER] = STYLE_NUMBER,
        [CODE_KEYWORD] = STYLE_KEYWORD,
    };
    const struct code_language *l = b->in_line ? NULL : b->language;
    struct code_state state = b->code;
    for (size_t at = 0; at < n;) {
        enum code_class class;
        size_t len = code_next(l, &state, s, n, at, &class);
        spans_add(&m->scratch, styles[class], s + at, len, source + at);
        at += len;
    }
    if (!b->in_line)
        b->code = state;
}

/* Where to cut a long line: behind a space if one is near, else between two
 * characters. */
static size_t window_end(const char *s)
{
    size_t end = MARKDOWN_WINDOW;
    for (size_t at = end; at > end - end / 8; at--)
        if (s[at - 1] == ' ')
            return at;
    while (((unsigned char)s[end] & 0xC0) == 0x80)
        end--;
    return end;
}

static void add_text(struct markdown *m, struct markdown_block *b,
                     const char *s, size_t n, size_t source, bool open)
{
    spans_clear(&m->scratch);
    if (b->shape.code)
        add_code(m, b, s, n, source);
    else if (b->shape.marks)
        spans_add_inline(&m->scratch, b->shape.base, s, n, source, open);
    else
        spans_add(&m->scratch, b->shape.base, s, n, source);
}

void markdown_put_text(struct markdown *m, struct markdown_block *b,
                       const struct markdown_input *in,
                       void (*commit)(struct markdown *,
                                      struct markdown_block *))
{
    const char *s = in->s;
    size_t n = in->n;
    b->source = in->source;
    while (n > MARKDOWN_WINDOW) {
        size_t end = window_end(s);
        add_text(m, b, s, end, b->source, false);
        size_t rest = put_rows(m, b, false), taken = end;
        if (rest < m->scratch.text.len)
            taken = spans_source(&m->scratch, rest) - b->source;
        s += taken;
        n -= taken;
        b->source += taken;
        commit(m, b);
    }
    if (n == 0 && b->in_line)
        return;
    add_text(m, b, s, n, b->source, !in->whole);
    put_rows(m, b, true);
}

/* --- what a line is ---------------------------------------------------- */

static size_t indent_of(const char *s, size_t n, int *columns)
{
    size_t at = 0;
    *columns = 0;
    while (at < n && (s[at] == ' ' || s[at] == '\t')) {
        *columns += s[at] == '\t' ? WRAP_TAB - *columns % WRAP_TAB : 1;
        at++;
    }
    return at;
}

static size_t count_mark(const char *s, size_t n, char mark)
{
    size_t at = 0;
    while (at < n && s[at] == mark)
        at++;
    return at;
}

static size_t skip_blanks(const char *s, size_t n, size_t at)
{
    while (at < n && (s[at] == ' ' || s[at] == '\t'))
        at++;
    return at;
}

/* "---", "* * *" and the like. */
static bool is_rule(const char *s, size_t n)
{
    size_t marks = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == s[0])
            marks++;
        else if (s[i] != ' ' && s[i] != '\t')
            return false;
    }
    return marks >= 3 && strchr("-*_", s[0]) != NULL;
}

/* The marks of an opening fence, or 0. */
static size_t opens_fence(const char *s, size_t n)
{
    if (n < 3 || (s[0] != '`' && s[0] != '~'))
        return 0;
    size_t marks = count_mark(s, n, s[0]);
    bool inline_code = s[0] == '`' && memchr(s + marks, '`', n - marks) != NULL;
    return marks >= 3 && !inline_code ? marks : 0;
}

/* Appends to a prefix, the whole or nothing. */
static void append(char prefix[MARKDOWN_PREFIX], const char *s)
{
    size_t at = strlen(prefix), n = strlen(s);
    if (n < MARKDOWN_PREFIX - at)
        memcpy(prefix + at, s, n + 1);
}

static void add_spaces(char prefix[MARKDOWN_PREFIX], size_t n)
{
    while (n-- > 0)
        append(prefix, " ");
}

struct markdown_shape markdown_plain_shape(const struct markdown_part *part)
{
    struct markdown_shape shape = {
        .base = part->plain ? part->style : STYLE_NORMAL};
    add_spaces(shape.rest, part->hang);
    return shape;
}

static void begin_fence(struct markdown *m, struct markdown_block *b,
                        const char *s, size_t n, size_t marks, int indent)
{
    size_t from = skip_blanks(s, n, marks), to = from;
    while (to < n && strchr(" \t{,:", s[to]) == NULL)
        to++;
    b->fence = s[0];
    b->n_fence = marks;
    b->fence_indent = (size_t)indent;
    b->language = code_language_find(s + from, to - from);
    b->code = (struct code_state){.until = NULL};
    markdown_put_rule(m, s + from, to - from, b->source);
}

/* A line between fences, or the closing one. */
static bool begin_fenced(struct markdown *m, struct markdown_block *b,
                         const struct markdown_input *in, size_t *n_marks)
{
    int columns;
    size_t at = indent_of(in->s, in->n, &columns);
    size_t marks = count_mark(in->s + at, in->n - at, b->fence);
    if (marks >= b->n_fence &&
        skip_blanks(in->s, in->n, at + marks) == in->n) {
        b->fence = 0;
        markdown_put_rule(m, "", 0, in->source);
        return true;
    }
    b->shape = (struct markdown_shape){.prefix = STYLE_FAINT, .code = true};
    append(b->shape.rest, sign(m, "\u21AA ", "> "));
    *n_marks = at < b->fence_indent ? at : b->fence_indent;
    return false;
}


static void add_prefix(struct markdown_shape *shape, const char *first)
{
    append(shape->first, first);
    add_spaces(shape->rest, (size_t)wrap_columns(first, strlen(first)));
}

/* The bytes of a list's mark with the space behind it, or 0. */
static size_t list_mark(const char *s, size_t n, bool *numbered)
{
    size_t at = 0;
    while (at < n && at < 4 && s[at] >= '0' && s[at] <= '9')
        at++;
    *numbered = at > 0;
    bool marked = at < n && (*numbered ? s[at] == '.' || s[at] == ')'
                                       : strchr("-*+", s[at]) != NULL);
    return marked && at + 1 < n && s[at + 1] == ' ' ? at + 2 : 0;
}

static size_t begin_item(struct markdown *m, struct markdown_block *b,
                         const char *s, size_t n)
{
    bool numbered;
    char mark[MARKDOWN_PREFIX] = "";
    size_t len = list_mark(s, n, &numbered);
    if (len == 0)
        return 0;
    if (numbered)
        memcpy(mark, s, len);
    else
        append(mark, sign(m, "\u2022 ", "- "));
    add_prefix(&b->shape, mark);
    b->in_list = true;
    return skip_blanks(s, n, len);
}

static size_t begin_heading(struct markdown_block *b, const char *s, size_t n)
{
    size_t level = count_mark(s, n, '#');
    if (level == 0 || level > 6 || level == n || s[level] != ' ')
        return 0;
    b->shape.base = level <= 2 ? STYLE_HEADING : STYLE_STRONG;
    return skip_blanks(s, n, level);
}

/* Takes "> " off, once for each level. */
static size_t begin_quote(struct markdown *m, struct markdown_block *b,
                          const char *s, size_t n)
{
    size_t at = 0;
    for (int level = 0; level < MAX_QUOTES && at < n && s[at] == '>';
         level++) {
        at += at + 1 < n && s[at + 1] == ' ' ? 2 : 1;
        append(b->shape.first, sign(m, "\u258C ", "| "));
    }
    append(b->shape.rest, b->shape.first);
    return at;
}

bool markdown_begin_line(struct markdown *m, struct markdown_block *b,
                         const struct markdown_input *in, size_t *n_marks)
{
    *n_marks = 0;
    if (b->fence != 0)
        return begin_fenced(m, b, in, n_marks);
    int columns;
    size_t n = in->n, at = indent_of(in->s, n, &columns);
    bool quoted = at < n && in->s[at] == '>';
    b->shape = (struct markdown_shape){
        .prefix = quoted ? STYLE_FAINT : STYLE_NORMAL,
        .base = STYLE_NORMAL, .marks = true};
    if (at == n)
        return false;
    size_t fence = opens_fence(in->s + at, n - at);
    if (fence > 0) {
        begin_fence(m, b, in->s + at, n - at, fence, columns);
        return true;
    }
    bool numbered;
    bool item = list_mark(in->s + at, n - at, &numbered) > 0;
    if (columns >= CODE_INDENT && !b->in_list && !item) {
        b->shape.code = true;
        b->shape.prefix = STYLE_FAINT;
        b->language = NULL;
        append(b->shape.rest, sign(m, "\u21AA ", "> "));
        return false;
    }
    if (is_rule(in->s + at, n - at)) {
        markdown_put_rule(m, "", 0, in->source);
        return true;
    }
    b->in_list = b->in_list && (columns > 1 || item);
    at += begin_quote(m, b, in->s + at, n - at);
    int most = m->width / 3;
    add_spaces(b->shape.first, (size_t)(columns < most ? columns : most));
    add_spaces(b->shape.rest, (size_t)(columns < most ? columns : most));
    at += begin_item(m, b, in->s + at, n - at);
    *n_marks = at + begin_heading(b, in->s + at, n - at);
    return false;
}
