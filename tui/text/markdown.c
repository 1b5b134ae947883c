#include "tui/text/markdown.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sorted.h"
#include "tui/text/markdown_private.h"

#define MAX_BYTES (80u << 20) /* of the largest answer, cleaned */
#define SCRATCH_BYTES (1u << 22)

static void begin_clean(struct markdown *m)
{
    clean_init(&m->clean);
    m->clean.drop_colors = true;
}

void markdown_init(struct markdown *m, int width)
{
    *m = (struct markdown){.width = width < 1 ? 1 : width};
    begin_clean(m);
    buf_init(&m->source, MAX_BYTES);
    spans_init(&m->out, 2 * (size_t)MAX_BYTES);
    spans_init(&m->scratch, SCRATCH_BYTES);
}

void markdown_free(struct markdown *m)
{
    buf_free(&m->source);
    spans_free(&m->out);
    spans_free(&m->scratch);
    free(m->lines);
    free(m->parts);
    m->lines = NULL;
    m->parts = NULL;
    m->n_lines = m->cap_lines = m->n_parts = m->cap_parts = 0;
}

static void forget_layout(struct markdown *m)
{
    m->done = (struct markdown_block){.source = 0};
    m->n_lines = 0;
    spans_clear(&m->out);
}

void markdown_clear(struct markdown *m)
{
    begin_clean(m);
    buf_clear(&m->source);
    m->n_parts = 0;
    m->ended = false;
    forget_layout(m);
}

/* --- the layout -------------------------------------------------------- */

void markdown_put(struct markdown *m, const char *prefix,
                  enum style prefix_style, size_t start, size_t n,
                  size_t source)
{
    if (m->n_lines == m->cap_lines) {
        m->cap_lines = m->cap_lines ? 2 * m->cap_lines : 32;
        m->lines = mem_realloc(m->lines, m->cap_lines, sizeof(*m->lines));
    }
    struct markdown_line *line = &m->lines[m->n_lines++];
    size_t at = m->out.text.len, n_spans = m->out.n;
    spans_add(&m->out, prefix_style, prefix, strlen(prefix), source);
    spans_copy(&m->out, &m->scratch, start, n);
    /* A line may go on in the span of the line before. */
    bool joined = n_spans == m->out.n ||
                  m->out.list[n_spans].start > at;
    *line = (struct markdown_line){
        .start = at, .n = m->out.text.len - at, .source = source,
        .span = joined && n_spans > 0 ? n_spans - 1 : n_spans};
}

static void commit(struct markdown *m, struct markdown_block *b)
{
    b->n_lines = m->n_lines;
    b->n_text = m->out.text.len;
    b->n_spans = m->out.n;
    m->done = *b;
}

static void keep(struct markdown *m, struct markdown_block *b)
{
    (void)m;
    (void)b;
}

/* Enters the parts that begin at b->source. */
static void enter_part(struct markdown *m, struct markdown_block *b)
{
    size_t part = b->part;
    while (part + 1 < m->n_parts && m->parts[part + 1].start <= b->source)
        part++;
    if (part != b->part)
        *b = (struct markdown_block){.source = b->source, .part = part,
                                     .n_lines = b->n_lines,
                                     .n_text = b->n_text,
                                     .n_spans = b->n_spans};
}

/* Lays out a line of the source.  Returns true if more text may change how. */
static bool lay_out_line(struct markdown *m, struct markdown_block *b,
                         struct markdown_input *in, size_t part_end, bool held)
{
    const struct markdown_part *part = &m->parts[b->part];
    bool plain = part->plain || m->as_source, undecided = false;
    bool may_grow = !m->ended && b->part + 1 == m->n_parts;
    size_t n_marks = 0;
    void (*when_final)(struct markdown *, struct markdown_block *) =
        held ? keep : commit;
    if (!plain && !b->in_line && b->fence == 0 && b->table.n_columns > 0) {
        if (markdown_put_row(m, b, in))
            return false;
        b->table.n_columns = 0;
    }
    if (!plain && !b->in_line && b->fence == 0 && in->whole) {
        size_t left = part_end - in->source;
        if (markdown_is_table(in->s, left, &undecided)) {
            in->n = markdown_begin_table(m, b, in->s, left, &undecided);
            return undecided && may_grow;
        }
        undecided = undecided && may_grow;
    }
    if (plain && !b->in_line)
        b->shape = markdown_plain_shape(part);
    if (!plain && !b->in_line && markdown_begin_line(m, b, in, &n_marks))
        return undecided;
    struct markdown_input text = {in->s + n_marks, in->n - n_marks,
                                  in->source + n_marks, in->whole};
    markdown_put_text(m, b, &text, undecided ? keep : when_final);
    return undecided;
}

static void lay_out(struct markdown *m)
{
    struct markdown_block b = m->done;
    bool held = false; /* what follows is not final */
    m->n_lines = b.n_lines;
    spans_cut(&m->out, b.n_text, b.n_spans);
    while (b.source < m->source.len) {
        enter_part(m, &b);
        bool last = b.part + 1 == m->n_parts;
        size_t end = last ? m->source.len : m->parts[b.part + 1].start;
        const char *s = m->source.data + b.source;
        const char *newline = memchr(s, '\n', end - b.source);
        struct markdown_input in = {
            s, newline ? (size_t)(newline - s) : end - b.source, b.source,
            newline || !last || m->ended};
        held = lay_out_line(m, &b, &in, end, held) || held;
        b.source = in.source + in.n;
        if (b.source < end && m->source.data[b.source] == '\n')
            b.source++;
        b.in_line = false;
        if (in.whole && !held)
            commit(m, &b);
    }
    if (m->source.len > 0 && !m->ended &&
        m->source.data[m->source.len - 1] == '\n')
        markdown_put(m, "", STYLE_NORMAL, 0, 0, m->source.len);
}

/* --- taking text ------------------------------------------------------- */

static void begin_part(struct markdown *m, struct markdown_part part)
{
    clean_end(&m->clean, &m->source);
    begin_clean(m);
    if (m->n_parts == m->cap_parts) {
        m->cap_parts = m->cap_parts ? 2 * m->cap_parts : 4;
        m->parts = mem_realloc(m->parts, m->cap_parts, sizeof(*m->parts));
    }
    m->ended = false;
    part.start = m->source.len;
    m->parts[m->n_parts++] = part;
    lay_out(m);
}

void markdown_begin_answer(struct markdown *m)
{
    begin_part(m, (struct markdown_part){.plain = false});
}

void markdown_begin_plain(struct markdown *m, enum style style, size_t hang)
{
    begin_part(m, (struct markdown_part){.plain = true, .style = style,
                                         .hang = hang});
}

void markdown_add(struct markdown *m, const char *bytes, size_t n)
{
    clean_add(&m->clean, bytes, n, &m->source);
    m->ended = false;
    lay_out(m);
}

void markdown_end(struct markdown *m)
{
    if (m->ended)
        return;
    clean_end(&m->clean, &m->source);
    m->ended = true;
    lay_out(m);
}

void markdown_set_layout(struct markdown *m, int width, bool as_source,
                         bool ascii)
{
    if (width < 1)
        width = 1;
    if (m->width == width && m->as_source == as_source && m->ascii == ascii)
        return;
    m->width = width;
    m->as_source = as_source;
    m->ascii = ascii;
    forget_layout(m);
    lay_out(m);
}

size_t markdown_find_line(const struct markdown *m, size_t source)
{
    return m->n_lines == 0 ? 0
                           : sorted_find_last(&m->lines->source, m->n_lines,
                                              sizeof(*m->lines), source);
}
