#include "arena/run/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define AHEAD_FIRST 8
#define AHEAD_BATTLES 4096
#define AHEAD_BYTES ((size_t)1 << 20)
#define MAX_BYTES ((size_t)1 << 30)

void ahead_init(struct ahead *a)
{
    *a = (struct ahead){.window = AHEAD_FIRST};
    buf_init(&a->texts, MAX_BYTES);
}

static void drop(struct ahead *a)
{
    free(a->battles);
    a->battles = NULL;
    a->n = a->at = a->text_at = a->n_battles = a->battle_at = 0;
    buf_clear(&a->texts);
}

void ahead_free(struct ahead *a)
{
    drop(a);
    buf_free(&a->texts);
    free(a->ids);
    a->ids = NULL;
}

/* Reads what follows the last prompt, fewer if that had many battles. */
static int read_ahead(struct ahead *a, struct store *s, int64_t run_id,
                      size_t n_battles, struct err *e)
{
    size_t n = AHEAD_BATTLES / (n_battles + 1) + 1;
    int64_t first = a->last_id + 1;
    n = n < a->window ? n : a->window;
    a->window = a->window < AHEAD_PROMPTS / 2 ? 2 * a->window : AHEAD_PROMPTS;
    drop(a);
    if (a->ids == NULL)
        a->ids = mem_calloc(AHEAD_PROMPTS, sizeof(*a->ids));
    if (store_list_prompt_texts(s, first, first + (int64_t)n - 1, AHEAD_BYTES,
                                &a->texts, a->ids, &a->n, e) != 0)
        return -1;
    return a->n == 0
               ? 0
               : store_list_prompt_battles(s, run_id, first, a->ids[a->n - 1],
                                           &a->battles, &a->n_battles, e);
}

/* Takes the next prompt, if it is this one. */
static bool take(struct ahead *a, const char *text, const char *category)
{
    if (a->at == a->n)
        return false;
    const char *next = a->texts.data + a->text_at;
    size_t n = strlen(next) + 1;
    if (strcmp(next, text) != 0 || strcmp(next + n, category) != 0)
        return false;
    a->text_at += n + strlen(next + n) + 1;
    a->last_id = a->ids[a->at++];
    return true;
}

/* The battles on the prompt that was taken, of those not passed by yet. */
static size_t take_battles(struct ahead *a, struct store_run_battle **battles)
{
    while (a->battle_at < a->n_battles &&
           a->battles[a->battle_at].prompt_id < a->last_id)
        a->battle_at++;
    size_t first = a->battle_at;
    while (a->battle_at < a->n_battles &&
           a->battles[a->battle_at].prompt_id == a->last_id)
        a->battle_at++;
    *battles = a->battles == NULL ? NULL : a->battles + first;
    return a->battle_at - first;
}

/* Looks a prompt up that is not the next one. */
static int look_up(struct ahead *a, struct store *s, int64_t run_id,
                   const char *text, const char *category, int64_t *id,
                   struct err *e)
{
    drop(a);
    if (store_find_prompt(s, text, category, id, e) != 0)
        return -1;
    a->is_in_order = *id != 0 && *id == a->last_id + 1;
    a->last_id = *id;
    a->window = AHEAD_FIRST;
    return *id == 0 || run_id == 0
               ? 0
               : store_list_prompt_battles(s, run_id, *id, *id, &a->battles,
                                           &a->n_battles, e);
}

int ahead_find(struct ahead *a, struct store *s, int64_t run_id,
               const char *text, const char *category, int64_t *id,
               struct store_run_battle **battles, size_t *n, struct err *e)
{
    if (a->at == a->n && a->is_in_order && run_id != 0 &&
        read_ahead(a, s, run_id, a->n_last, e) != 0)
        return -1;
    bool is_next = take(a, text, category);
    if (!is_next && look_up(a, s, run_id, text, category, id, e) != 0)
        return -1;
    if (is_next)
        *id = a->last_id;
    *n = a->n_last = take_battles(a, battles);
    return 0;
}
