#include "arena/blind/blind.h"

#include <stdlib.h>
#include <string.h>

#include "arena/blind/words.h"
#include "arena/store/answers.h"
#include "base/mem.h"

/* Whether there was something to hide. */
static bool hide_text(const struct leak_words *words, char **text)
{
    struct leak_scan scan;
    struct buf shown;
    leak_scan_init(&scan, words);
    buf_init(&shown, BLIND_MAX_BYTES);
    leak_scan_step(&scan, *text, strlen(*text), true, &shown);
    free(*text);
    *text = buf_detach(&shown);
    return scan.found;
}

static void empty(char **text)
{
    free(*text);
    *text = mem_strdup("");
}

static int hide(struct blind_battle *b, struct store *s,
                const struct config *config, struct err *e)
{
    struct store_model *models;
    size_t n_models;
    struct leak_words words;
    if (store_list_models(s, &models, &n_models, e) != 0)
        return -1;
    blind_words_init(&words, config);
    for (size_t i = 0; i < n_models; i++)
        leak_words_add_name(&words, models[i].name);
    for (size_t i = 0; i < b->n_answers; i++) {
        struct store_answer_row *x = &b->answers[i];
        b->leak |= hide_text(&words, &x->text);
        empty(&x->thinking);
        empty(&x->settings);
        empty(&x->chances);
        empty(&x->rhythm);
        answer_end_init(&x->end);
    }
    leak_words_free(&words);
    store_free_models(models, n_models);
    return 0;
}

/* The voter's whose vote is shown, or without one anybody's. */
static int read_reason(struct blind_battle *b, struct store *s, struct err *e)
{
    const char *voter = b->entry->vote_id != 0 ? b->entry->voter : NULL;
    return reason_get(s, b->entry->battle_id, voter, &b->reason, e);
}

/* The answers are read before the entry: names that become hidden in between
 * are hidden, and names that become open are open to everybody. */
static int read_battle(struct blind_battle *out, struct store *s,
                       const struct config *config, int64_t battle_id,
                       bool hidden, struct err *e)
{
    struct store_query q = {.battle_id = battle_id, .limit = 1};
    size_t n;
    *out = (struct blind_battle){.hidden = true};
    if (store_list_answers(s, battle_id, &out->answers, &out->n_answers, e) !=
        0)
        return -1;
    reason_init(&out->reason);
    int result = store_list_entries(s, &q, &out->entry, &n, e);
    if (result == 0 && n == 0)
        result = err_set(e, ERR_USAGE,
                         "there is no battle %lld; \"arena "
                         "history\" lists them",
                         (long long)battle_id);
    if (result == 0) {
        out->hidden = hidden || out->entry->model[0] == NULL;
        result = out->hidden ? hide(out, s, config, e)
                             : read_reason(out, s, e);
    }
    if (result != 0)
        blind_free(out);
    return result;
}

int blind_read(struct blind_battle *out, struct store *s,
               const struct config *config, int64_t battle_id, struct err *e)
{
    return read_battle(out, s, config, battle_id, false, e);
}

int blind_read_hidden(struct blind_battle *out, struct store *s,
                      const struct config *config, int64_t battle_id,
                      struct err *e)
{
    int result = read_battle(out, s, config, battle_id, true, e);
    for (int side = 0; result == 0 && side < 2; side++) {
        free(out->entry->model[side]);
        out->entry->model[side] = NULL;
    }
    return result;
}

void blind_free(struct blind_battle *b)
{
    store_free_entries(b->entry, b->entry != NULL);
    store_free_answers(b->answers, b->n_answers);
    reason_free(&b->reason);
    *b = (struct blind_battle){.hidden = true};
}
