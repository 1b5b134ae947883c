#include "arena/run/accuracy.h"

#include <stdlib.h>
#include <string.h>

#include "arena/exact.h"
#include "base/mem.h"
#include "base/names.h"

enum accuracy_outcome { UNKNOWN, WRONG, RIGHT };

bool accuracy_is_checked(const struct accuracy *a, size_t prompt)
{
    const struct prompt *p = &a->prompts->list[prompt];
    for (size_t i = 0; i < p->n_references; i++)
        if (exact_is_checkable(p->references[i].text))
            return true;
    return false;
}

static size_t *find_pairs(const struct accuracy *a, size_t *n_pairs)
{
    size_t n = a->prompts->n;
    size_t *second = mem_calloc(n, sizeof(*second));
    size_t *first_of = mem_calloc(n, sizeof(*first_of)); /* by name; 1 + i */
    struct names names;
    names_init(&names, PROMPTS_MAX);
    *n_pairs = 0;
    for (size_t i = 0; i < n; i++) {
        const char *pair = a->prompts->list[i].pair;
        if (pair == NULL || !accuracy_is_checked(a, i))
            continue;
        uint32_t name = names_add(&names, pair, strlen(pair));
        if (first_of[name] == 0) {
            first_of[name] = i + 1;
        } else if (second[first_of[name] - 1] == 0) {
            second[first_of[name] - 1] = i;
            (*n_pairs)++;
        }
    }
    names_free(&names);
    free(first_of);
    return second;
}

static void count_prompts(struct accuracy *a)
{
    for (size_t i = 0; i < a->prompts->n; i++) {
        const struct prompt *p = &a->prompts->list[i];
        for (size_t k = 0; k < p->n_references; k++)
            a->n_for_judges += !exact_is_checkable(p->references[k].text);
        if (!accuracy_is_checked(a, i))
            continue;
        a->n_checked++;
        names_add(a->categories, p->category, strlen(p->category));
    }
}

void accuracy_init(struct accuracy *a, const struct prompts *prompts,
                   size_t n_models)
{
    *a = (struct accuracy){.prompts = prompts, .n_models = n_models};
    a->categories = mem_calloc(1, sizeof(*a->categories));
    names_init(a->categories, PROMPTS_MAX);
    count_prompts(a);
    if (a->n_checked == 0)
        return;
    a->outcomes = mem_calloc(n_models, prompts->n);
    a->second = find_pairs(a, &a->n_pairs);
}

void accuracy_free(struct accuracy *a)
{
    if (a->categories != NULL)
        names_free(a->categories);
    free(a->categories);
    free(a->outcomes);
    free(a->second);
    *a = (struct accuracy){0};
}

/* Whether a turn has a reference, and its answer agrees with none. */
static bool turn_fails(const struct prompt *p, size_t turn, const char *text)
{
    bool any = false;
    for (size_t i = 0; i < p->n_references; i++) {
        const struct prompt_reference *r = &p->references[i];
        if (r->turn != turn || !exact_is_checkable(r->text))
            continue;
        if (exact_agrees(text, r->text))
            return false;
        any = true;
    }
    return any;
}

bool accuracy_agrees(const struct accuracy *a, size_t prompt,
                     const char *const *texts)
{
    const struct prompt *p = &a->prompts->list[prompt];
    for (size_t i = 0; i < p->n_turns; i++)
        if (turn_fails(p, i, texts[i]))
            return false;
    return true;
}

static unsigned char *outcome_of(const struct accuracy *a, size_t model,
                                 size_t prompt)
{
    return &a->outcomes[model * a->prompts->n + prompt];
}

void accuracy_note(struct accuracy *a, size_t model, size_t prompt, bool right)
{
    *outcome_of(a, model, prompt) = right ? RIGHT : WRONG;
}

struct accuracy_count accuracy_count(const struct accuracy *a, size_t model,
                                     size_t category)
{
    struct accuracy_count out = {0, 0};
    const char *name = category == ACCURACY_ALL
                           ? NULL
                           : names_get(a->categories, (uint32_t)category, NULL);
    for (size_t i = 0; a->outcomes != NULL && i < a->prompts->n; i++) {
        unsigned char outcome = *outcome_of(a, model, i);
        if (outcome == UNKNOWN ||
            (name != NULL && strcmp(a->prompts->list[i].category, name) != 0))
            continue;
        out.n++;
        out.n_right += outcome == RIGHT;
    }
    return out;
}

static void add_pair(struct proportion_pairs *out, unsigned char first,
                     unsigned char second)
{
    if (first == UNKNOWN || second == UNKNOWN)
        return;
    if (first == RIGHT)
        *(second == RIGHT ? &out->n_both : &out->n_first) += 1;
    else
        *(second == RIGHT ? &out->n_second : &out->n_neither) += 1;
}

struct proportion_pairs accuracy_compare(const struct accuracy *a,
                                         size_t first, size_t second)
{
    struct proportion_pairs out = {0, 0, 0, 0};
    for (size_t i = 0; a->outcomes != NULL && i < a->prompts->n; i++)
        add_pair(&out, *outcome_of(a, first, i), *outcome_of(a, second, i));
    return out;
}

struct proportion_pairs accuracy_directions(const struct accuracy *a,
                                            size_t model)
{
    struct proportion_pairs out = {0, 0, 0, 0};
    for (size_t i = 0; a->outcomes != NULL && i < a->prompts->n; i++)
        if (a->second[i] != 0)
            add_pair(&out, *outcome_of(a, model, i),
                     *outcome_of(a, model, a->second[i]));
    return out;
}
