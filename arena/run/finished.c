#include "arena/run/finished.h"

#include <string.h>

#include "arena/store/finished.h"

#define BASELINE "baseline:"

/* Whether a comma-separated list has this name. */
static bool is_in(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = list; s != NULL; s = strchr(s, ',')) {
        s += *s == ',';
        if (strncmp(s, name, n) == 0 && (s[n] == ',' || s[n] == '\0'))
            return true;
    }
    return false;
}

/* Whether a model has an answer to each prompt.  1, 0 or -1. */
static int answers_all(struct store *s, const struct finished_model *m,
                       const struct prompts *prompts, struct err *e)
{
    int result = m->n_prompts >= prompts->n;
    struct buf text;
    buf_init(&text, 2 * PROMPTS_MAX_BYTES);
    for (size_t i = 0; i < prompts->n && result == 1; i++) {
        struct store_answer_row *rows;
        size_t n;
        buf_clear(&text);
        prompt_add_text(&prompts->list[i], &text);
        result = finished_get(s, m->id, text.data, &rows, &n, e);
        if (result == 0) {
            result = n == prompts->list[i].n_turns;
            store_free_answers(rows, n);
        }
    }
    buf_free(&text);
    return result;
}

static int is_meant(struct arena *a, const struct finished_model *m,
                    const char *models, const char *pairs,
                    const struct prompts *prompts, struct err *e)
{
    size_t n = strlen(BASELINE);
    if (config_model(&a->config, m->name) != NULL)
        return 0;
    if (strncmp(pairs, BASELINE, n) == 0 && strcmp(pairs + n, m->name) == 0)
        return 1;
    return models != NULL ? is_in(models, m->name)
                          : answers_all(a->store, m, prompts, e);
}

int run_add_finished(struct arena *a, const char *models, const char *pairs,
                     const struct prompts *prompts, struct err *e)
{
    struct finished_model *list;
    size_t n;
    if (finished_list(a->store, &list, &n, e) != 0)
        return -1;
    int result = 0;
    for (size_t i = 0; i < n && result >= 0; i++) {
        result = is_meant(a, &list[i], models, pairs, prompts, e);
        if (result == 1)
            result = arena_add_finished(a, list[i].name, e);
    }
    finished_free(list, n);
    return result < 0 ? -1 : 0;
}
