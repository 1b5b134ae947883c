#include "arena/run/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void reader_init(struct prompts_reader *r, struct prompts *out,
                 const char *name)
{
    *r = (struct prompts_reader){.out = out, .name = name, .line = 1};
    names_init(&r->ids, PROMPTS_MAX);
}

void reader_free(struct prompts_reader *r)
{
    names_free(&r->ids);
    free(r->id_at);
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

/* The place of an id that came before, or of a new one at the end. */
static int place_of(struct prompts_reader *r, const char *id, size_t *at,
                    struct err *e)
{
    size_t n_known = r->ids.n;
    uint32_t number = names_add(&r->ids, id, strlen(id));
    *at = r->out->n;
    if (number == NAMES_NONE)
        return reader_fail(r, e, "too many prompts");
    if (number < n_known) {
        *at = r->id_at[number];
        return 0;
    }
    if (number >= r->cap_ids) {
        r->cap_ids = 2 * r->cap_ids + 64;
        r->id_at = mem_realloc(r->id_at, r->cap_ids, sizeof(*r->id_at));
    }
    r->id_at[number] = *at;
    return 0;
}

int reader_add(struct prompts_reader *r, struct prompt *p, struct err *e)
{
    struct prompts *out = r->out;
    size_t at = out->n;
    bool blank = p->n_turns == 0;
    for (size_t i = 0; i < p->n_turns; i++)
        blank = blank || p->turns[i][strspn(p->turns[i], " \t\r\n")] == '\0';
    if (blank || out->n == PROMPTS_MAX) {
        prompt_free(p);
        return reader_fail(r, e, out->n == PROMPTS_MAX
                            ? "more than %d prompts" : "the prompt is empty",
                            PROMPTS_MAX);
    }
    if (p->id != NULL && place_of(r, p->id, &at, e) != 0) {
        prompt_free(p);
        return -1;
    }
    if (p->category == NULL)
        p->category = mem_strdup("");
    if (at < out->n) {
        prompt_free(&out->list[at]);
        out->list[at] = *p;
        return 0;
    }
    if (out->n == r->cap) {
        r->cap = 2 * r->cap + 64;
        out->list = mem_realloc(out->list, r->cap, sizeof(*out->list));
    }
    out->list[out->n++] = *p;
    return 0;
}
