#include "backends/engine/sampling/constrain_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Blanks between two parts of JSON: enough for an indented line. */
#define MAX_BLANKS 24

/* Ways to understand an answer so far that are followed side by side, where
 * alternatives begin alike.  Of more the first ones are; no answer is wrong for
 * that. */
#define MAX_WALKS 16

struct walks {
    struct walk list[MAX_WALKS];
    int n;
};

struct constraint {
    struct form_set forms;
    struct walks at;
    struct walks scratch[2];
};

/* --- walking ----------------------------------------------------------- */

static bool same_frame(const struct frame *a, const struct frame *b)
{
    return a->form == b->form && a->phase == b->phase && a->more == b->more &&
           a->state == b->state && a->index == b->index &&
           a->count == b->count && a->code == b->code;
}

static bool same_walk(const struct walk *a, const struct walk *b)
{
    if (a->depth != b->depth || a->blanks != b->blanks ||
        a->digits.value != b->digits.value ||
        a->digits.n_digits != b->digits.n_digits ||
        a->digits.n_decimals != b->digits.n_decimals ||
        a->digits.negative != b->digits.negative)
        return false;
    for (int i = a->depth - 1; i >= 0; i--)
        if (!same_frame(&a->stack[i], &b->stack[i]))
            return false;
    return true;
}

static void copy_walk(struct walk *to, const struct walk *from)
{
    memcpy(to->stack, from->stack,
           (size_t)from->depth * sizeof(from->stack[0]));
    to->depth = from->depth;
    to->blanks = from->blanks;
    to->digits = from->digits;
}

static void keep_walk(struct walks *out, const struct walk *w)
{
    for (int i = 0; i < out->n; i++)
        if (same_walk(&out->list[i], w))
            return;
    if (out->n < MAX_WALKS)
        copy_walk(&out->list[out->n++], w);
}

/* One byte for one walk; *w is used up, and all that come of it are kept. */
static void advance(struct walk *w, char c, struct walks *out)
{
    bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    while (w->depth > 0) {
        if (blank && step_blank_fits(w)) {
            if (++w->blanks <= MAX_BLANKS)
                keep_walk(out, w);
            return;
        }
        const struct form *form = w->stack[w->depth - 1].form;
        if (form->kind == FORM_ONE_OF) { /* holds no other ONE_OF */
            for (size_t i = 0; i < form->n; i++) {
                struct walk other;
                copy_walk(&other, w);
                other.depth--;
                if (step_push(&other, form->parts[i]))
                    advance(&other, c, out);
            }
            return;
        }
        int depth = w->depth;
        enum step s = step_value(w, c);
        if (s == STEP_NO)
            return;
        if (s == STEP_OPEN)
            continue;
        if (s == STEP_BEFORE || s == STEP_DONE) {
            w->depth = depth - 1;
            w->digits = (struct digits){0};
        }
        if (s == STEP_BEFORE) /* and the byte is asked about again */
            continue;
        w->blanks = 0;
        keep_walk(out, w);
        return;
    }
}

/* From one set of walks by one byte to another. */
static void advance_all(const struct walks *from, char c, struct walks *to)
{
    to->n = 0;
    for (int i = 0; i < from->n; i++) {
        struct walk w;
        copy_walk(&w, &from->list[i]);
        advance(&w, c, to);
    }
}

/* Some bytes; the result is one of the scratch sets (empty: not allowed). */
static const struct walks *walk_bytes(const struct walks *from,
                                      struct walks scratch[2],
                                      const char *bytes, size_t n)
{
    for (size_t i = 0; i < n && from->n > 0; i++) {
        struct walks *to = &scratch[i % 2];
        advance_all(from, bytes[i], to);
        from = to;
    }
    return from;
}

static bool may_end(const struct walks *s)
{
    for (int i = 0; i < s->n; i++)
        if (s->list[i].depth == 0 ||
            (s->list[i].depth == 1 && step_may_end(&s->list[i])))
            return true;
    return false;
}

static void begin(struct walks *s, const struct form *f)
{
    s->n = 1;
    s->list[0].depth = 0;
    s->list[0].blanks = 0;
    step_push(&s->list[0], f);
}

bool form_takes(const struct form *f, const char *text, size_t n)
{
    struct walks *s = mem_calloc(3, sizeof(*s));
    begin(&s[0], f);
    bool takes = may_end(walk_bytes(&s[0], s + 1, text, n));
    free(s);
    return takes;
}

/* --- constraints ------------------------------------------------------- */

int constraint_open_schema(struct constraint **out, const char *text, size_t n,
                           struct err *e)
{
    struct form_set forms;
    if (form_compile(&forms, text, n, e) != 0)
        return -1;
    struct constraint *c = mem_calloc(1, sizeof(*c));
    c->forms = forms;
    begin(&c->at, forms.root);
    *out = c;
    return 0;
}

void constraint_close(struct constraint *c)
{
    if (c == NULL)
        return;
    form_set_free(&c->forms);
    free(c);
}

bool constraint_allows(struct constraint *c, const char *bytes, size_t n)
{
    return n > 0 && walk_bytes(&c->at, c->scratch, bytes, n)->n > 0;
}

void constraint_accept(struct constraint *c, const char *bytes, size_t n)
{
    const struct walks *to = walk_bytes(&c->at, c->scratch, bytes, n);
    if (to == &c->at)
        return;
    c->at.n = to->n;
    for (int i = 0; i < to->n; i++)
        copy_walk(&c->at.list[i], &to->list[i]);
}

bool constraint_may_end(const struct constraint *c)
{
    return may_end(&c->at);
}

bool constraint_must_end(const struct constraint *c)
{
    for (int i = 0; i < c->at.n; i++)
        if (c->at.list[i].depth > 0)
            return false;
    return true;
}
