#include "arena/blind/blind.h"

#include <stdlib.h>
#include <string.h>

void blind_words_init(struct leak_words *w, const struct config *config)
{
    leak_words_init(w);
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->n_models; i++) {
        const struct model *m = &config->models[i];
        leak_words_add_name(w, m->name);
        leak_words_add_name(w, m->id);
        if (m->file_name != NULL)
            leak_words_add_file(w, m->file_name);
    }
    char **word = config->hide_words;
    for (; word != NULL && *word != NULL; word++)
        leak_words_add(w, *word, LEAK_ANYWHERE);
}

static void hide(const struct leak_words *words, char **text)
{
    struct leak_scan scan;
    struct buf shown;
    leak_scan_init(&scan, words);
    buf_init(&shown, BLIND_MAX_BYTES);
    leak_scan_step(&scan, *text, strlen(*text), true, &shown);
    free(*text);
    *text = buf_detach(&shown);
}

int blind_answers(struct store *s, const struct config *config,
                  struct store_answer_row *answers, size_t n, struct err *e)
{
    struct store_model *models;
    size_t n_models;
    struct leak_words words;
    if (store_list_models(s, &models, &n_models, e) != 0)
        return -1;
    blind_words_init(&words, config);
    for (size_t i = 0; i < n_models; i++)
        leak_words_add_name(&words, models[i].name);
    for (size_t i = 0; i < n; i++)
        hide(&words, &answers[i].text);
    leak_words_free(&words);
    store_free_models(models, n_models);
    return 0;
}
