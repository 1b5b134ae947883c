#include "arena/run/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void reader_init(struct prompts_reader *r, struct prompts *out,
                 const char *name)
{
    *r = (struct prompts_reader){.out = out, .name = name, .line = 1};
    names_init(&r->texts, PROMPTS_MAX);
    names_init(&r->ids, PROMPTS_MAX);
}

void reader_free(struct prompts_reader *r)
{
    names_free(&r->texts);
    names_free(&r->ids);
}

int reader_fail(const struct prompts_reader *r, struct err *e,
                 const char *fmt, ...)
{
    char text[ERR_TEXT_BYTES / 2];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return err_set(e, ERR_FORMAT,
                   r->in_list ? "%s: object %zu: %s" : "%s:%zu: %s", r->name,
                   r->line, text);
}

static bool is_empty(const struct prompt *p)
{
    for (size_t i = 0; i < p->n_turns; i++)
        if (p->turns[i][strspn(p->turns[i], " \t\r\n")] == '\0')
            return true;
    return p->n_turns == 0;
}

/* Whether a string is new to a set, which it is then added to.  1, 0; -1: no
 * memory. */
static int is_new(struct names *set, const char *s, size_t n)
{
    size_t n_known = set->n;
    return names_add(set, s, n) == NAMES_NONE ? -1 : set->n > n_known;
}

static int is_new_text(struct prompts_reader *r, const struct prompt *p)
{
    struct buf text;
    buf_init(&text, 4 * (size_t)PROMPTS_MAX_BYTES);
    buf_add_str(&text, p->category);
    buf_add(&text, "", 1); /* the NUL keeps the two apart */
    prompt_add_text(p, &text);
    int result = is_new(&r->texts, text.data, text.len);
    buf_free(&text);
    return result;
}

/* Whether the prompt is one more for the list.  1, 0; -1 with e. */
static int check(struct prompts_reader *r, const struct prompt *p,
                 struct err *e)
{
    struct prompts *out = r->out;
    if (out->n == PROMPTS_MAX)
        return reader_fail(r, e, "more than %d prompts", PROMPTS_MAX);
    if (is_empty(p))
        return reader_fail(r, e, "the prompt is empty");
    int is_other = is_new_text(r, p);
    int has_other_id = is_other > 0 && p->id != NULL
                           ? is_new(&r->ids, p->id, strlen(p->id))
                           : 1;
    if (is_other < 0 || has_other_id < 0)
        return reader_fail(r, e, "too many prompts for the memory");
    out->n_repeated += !is_other;
    out->n_same_id += !has_other_id;
    return is_other;
}

int reader_add(struct prompts_reader *r, struct prompt *p, struct err *e)
{
    struct prompts *out = r->out;
    if (p->category == NULL)
        p->category = mem_strdup("");
    int result = check(r, p, e);
    if (result <= 0) {
        prompt_free(p);
        return result;
    }
    if (out->n == r->cap) {
        r->cap = 2 * r->cap + 64;
        out->list = mem_realloc(out->list, r->cap, sizeof(*out->list));
    }
    out->list[out->n++] = *p;
    return 0;
}
