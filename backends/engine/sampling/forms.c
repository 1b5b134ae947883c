/* The nodes that schemas are compiled to: making, freeing, checking them. */
#include "backends/engine/sampling/constrain_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct form *form_new(struct form_set *s, enum form_kind kind)
{
    struct form *f = mem_calloc(1, sizeof(*f));
    f->kind = kind;
    f->max = UINT32_MAX;
    f->min_depth = 1;
    s->all = mem_realloc(s->all, s->n + 1, sizeof(struct form *));
    s->all[s->n++] = f;
    return f;
}

static void form_free(struct form *f)
{
    for (size_t i = 0; f->texts != NULL && i < f->n; i++)
        free(f->texts[i]);
    free(f->texts);
    free(f->lengths);
    free(f->parts);
    free(f->required);
    pattern_close(f->pattern);
    free(f->bounds);
    free(f);
}

void form_set_free(struct form_set *s)
{
    for (size_t i = 0; i < s->n; i++)
        form_free(s->all[i]);
    free(s->all);
    *s = (struct form_set){0};
}

void form_add_text(struct form *f, const char *text, size_t n)
{
    f->texts = mem_realloc(f->texts, f->n + 1, sizeof(*f->texts));
    f->lengths = mem_realloc(f->lengths, f->n + 1, sizeof(*f->lengths));
    f->texts[f->n] = mem_strndup(text, n);
    f->lengths[f->n++] = n;
}

void form_add_part(struct form *f, struct form *part)
{
    f->parts = mem_realloc(f->parts, f->n + 1, sizeof(struct form *));
    f->parts[f->n++] = part;
}

/* --- checks ------------------------------------------------------------ */

enum { NO_END = 1000000 };

/* How deep the values within it are at least, by what is known of its parts. */
static int depth_of(const struct form *f)
{
    int depth = 1;
    switch (f->kind) {
    case FORM_ONE_OF:
        depth = NO_END;
        for (size_t i = 0; i < f->n; i++)
            if (f->parts[i]->min_depth < depth)
                depth = f->parts[i]->min_depth;
        return depth;
    case FORM_OBJECT:
        if (f->open && f->min > 0)
            return f->items ? 1 + f->items->min_depth : 2;
        for (size_t i = 0; i < f->n; i++)
            if (f->required[i] && f->parts[i]->min_depth >= depth)
                depth = 1 + f->parts[i]->min_depth;
        return depth;
    case FORM_ARRAY:
        for (size_t i = 0; i < f->n && i < f->min; i++)
            if (f->parts[i]->min_depth >= depth)
                depth = 1 + f->parts[i]->min_depth;
        if (f->min > f->n) {
            int item = f->items ? f->items->min_depth : 1;
            depth = item >= depth ? 1 + item : depth;
        }
        return depth;
    default: return 1;
    }
}

static bool find_depths(struct form_set *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->all[i]->min_depth = NO_END;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < s->n; i++) {
            int depth = depth_of(s->all[i]);
            if (depth < s->all[i]->min_depth) {
                s->all[i]->min_depth = depth;
                changed = true;
            }
        }
    }
    return s->root->min_depth <= FORM_MAX_DEPTH;
}

#define MAX_NESTED 200 /* alternatives within each other; more are left out */

/* Adds the alternatives of f, and for those that are ONE_OFs theirs.  What
 * bears the mark was seen: one that leads to itself adds nothing. */
static void add_alternatives(struct form *out, struct form *f, uint32_t mark,
                             int depth)
{
    if (f->mark == mark || depth > MAX_NESTED)
        return;
    f->mark = mark;
    for (size_t i = 0; i < f->n; i++) {
        struct form *part = f->parts[i];
        if (part->kind == FORM_ONE_OF) {
            add_alternatives(out, part, mark, depth + 1);
        } else if (part->mark != mark) {
            part->mark = mark;
            form_add_part(out, part);
        }
    }
}

/* Puts their own alternatives in place of ONE_OFs in ONE_OFs. */
static void flatten(struct form_set *s)
{
    struct form *flat = mem_calloc(s->n, sizeof(*flat));
    for (size_t i = 0; i < s->n; i++)
        if (s->all[i]->kind == FORM_ONE_OF)
            add_alternatives(&flat[i], s->all[i], (uint32_t)i + 1, 0);
    for (size_t i = 0; i < s->n; i++)
        if (s->all[i]->kind == FORM_ONE_OF) {
            free(s->all[i]->parts);
            s->all[i]->parts = flat[i].parts;
            s->all[i]->n = flat[i].n;
        }
    free(flat);
}

bool form_set_finish(struct form_set *s)
{
    flatten(s);
    return find_depths(s);
}

/* --- what excludes what ------------------------------------------------ */

#define MAX_COMPARED 8 /* values within each other */

/* Whether a value of the form may begin with a byte. */
static bool may_begin(const struct form *f, char c)
{
    bool number = c == '-' || (c >= '0' && c <= '9');
    switch (f->kind) {
    case FORM_STRING: return c == '"';
    case FORM_ARRAY: return c == '[';
    case FORM_OBJECT: return c == '{';
    case FORM_NUMBER:
    case FORM_INTEGER: return number;
    case FORM_TEXT:
        for (size_t i = 0; i < f->n; i++)
            if (f->texts[i][0] == c)
                return true;
        return false;
    default: return true;
    }
}

static bool texts_excluded(const struct form *texts, const struct form *by)
{
    for (size_t i = 0; i < texts->n; i++)
        if (form_takes(by, texts->texts[i], texts->lengths[i]))
            return false;
    return true;
}

/* Whether some property that both require has values that exclude each
 * other. */
static bool objects_exclude(const struct form *a, const struct form *b,
                            int depth)
{
    if (a->open || b->open)
        return false;
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (a->required[i] && b->required[k] &&
                strcmp(a->texts[i], b->texts[k]) == 0 &&
                form_excludes(a->parts[i], b->parts[k], depth + 1))
                return true;
    return false;
}

bool form_excludes(const struct form *a, const struct form *b, int depth)
{
    static const char begins[] = "\"[{-0123456789tfn";
    bool alike = false;
    if (depth > MAX_COMPARED)
        return false;
    if (a->kind == FORM_ONE_OF || b->kind == FORM_ONE_OF) {
        const struct form *many = a->kind == FORM_ONE_OF ? a : b;
        const struct form *other = a->kind == FORM_ONE_OF ? b : a;
        for (size_t i = 0; i < many->n; i++)
            if (!form_excludes(many->parts[i], other, depth + 1))
                return false;
        return true;
    }
    for (const char *c = begins; *c != '\0'; c++)
        alike |= may_begin(a, *c) && may_begin(b, *c);
    if (!alike)
        return true;
    if (a->kind == FORM_TEXT)
        return texts_excluded(a, b);
    if (b->kind == FORM_TEXT)
        return texts_excluded(b, a);
    return a->kind == FORM_OBJECT && b->kind == FORM_OBJECT &&
           objects_exclude(a, b, depth);
}
