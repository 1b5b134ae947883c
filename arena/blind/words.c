#include "arena/blind/words.h"

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
        for (size_t k = 0; k < m->lora.n; k++)
            leak_words_add_file(w, m->lora.v[k].file);
    }
    char **word = config->hide_words;
    for (; word != NULL && *word != NULL; word++)
        leak_words_add(w, *word, LEAK_ANYWHERE);
}
