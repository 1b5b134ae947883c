#include "arena/exchange/answered.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

#define KEY_BYTES ((size_t)1 << 28)

static bool is_usable(const struct store_answer *a)
{
    return a->end.finish != FINISH_ERROR &&
           a->text[strspn(a->text, " \t\r\n")] != '\0';
}

/* The turns of a side in its last round; 0 if one of them is not usable. */
static size_t list_turns(const struct bulk_battle *b, int side,
                         const struct store_answer **out)
{
    size_t n = 0;
    int round = 0;
    for (size_t i = 0; i < b->n_answers; i++)
        if (b->answers[i].side == side && b->answers[i].round > round)
            round = b->answers[i].round;
    for (size_t i = 0; i < b->n_answers; i++) {
        if (b->answers[i].side != side || b->answers[i].round != round)
            continue;
        if (!is_usable(&b->answers[i]))
            return 0;
        out[n++] = &b->answers[i];
    }
    return n;
}

static uint64_t hash_turns(const struct answered *a)
{
    uint64_t h = HASH_START;
    for (size_t i = 0; i < a->n; i++)
        h = hash_bytes(h, a->turns[i]->text, strlen(a->turns[i]->text) + 1);
    return h;
}

/* Whether the prompt has not been answered before. */
static bool is_new(struct export *x, const struct answered *a)
{
    struct buf key;
    uint64_t hash = hash_turns(a);
    size_t n = x->prompts.n;
    buf_init(&key, KEY_BYTES);
    buf_add(&key, a->category, strlen(a->category) + 1);
    buf_add_str(&key, a->prompt);
    uint32_t at = names_add(&x->prompts, key.data, key.len);
    buf_free(&key);
    if (at == NAMES_NONE || at < n) {
        if (at == NAMES_NONE || x->hashes[at] != hash)
            export_leave_out(x, EXCHANGE_AGAIN);
        return false;
    }
    x->hashes = mem_realloc(x->hashes, n + 1, sizeof(*x->hashes));
    x->hashes[n] = hash;
    return true;
}

void answered_export(struct export *x, const struct bulk_battle *b,
                     void (*add)(struct export *x, const struct answered *a))
{
    const struct store_answer **turns =
        mem_calloc(b->n_answers + 1, sizeof(*turns));
    for (int side = 0; side < 2; side++) {
        if (strcmp(b->model[side], x->o->model) != 0)
            continue;
        struct answered a = {.turns = turns,
                             .n = list_turns(b, side, turns),
                             .prompt = b->prompt,
                             .category = b->category,
                             .prompt_id = b->prompt_id,
                             .number = b->number,
                             .created_ms = b->created_ms};
        if (a.n > 0 && is_new(x, &a))
            add(x, &a);
    }
    free(turns);
}

void answered_put_id(struct buf *out, const char *key, const char *prompt_id,
                     int64_t number)
{
    char *end;
    json_key(out, key);
    if (prompt_id == NULL) {
        buf_addf(out, "\"arena-%" PRId64 "\"", number);
        return;
    }
    /* FastChat's questions have whole numbers for ids. */
    long long whole = strtoll(prompt_id, &end, 10);
    struct buf text;
    buf_init(&text, 64);
    buf_addf(&text, "%lld", whole);
    if (*end == '\0' && strcmp(text.data, prompt_id) == 0)
        buf_add_str(out, prompt_id);
    else
        json_add_string(out, prompt_id, strlen(prompt_id));
    buf_free(&text);
}
