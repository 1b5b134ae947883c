#include "arena/exchange/spoken.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define MAX_TEXT_BYTES ((size_t)1 << 26)

void spoken_free(struct spoken *s)
{
    for (size_t i = 0; i < s->n_texts; i++)
        free(s->texts[i]);
    free(s->texts);
    free(s->answers);
    *s = (struct spoken){.n_texts = 0};
}

char *spoken_keep(struct spoken *s, char *text)
{
    s->texts = mem_realloc(s->texts, s->n_texts + 1, sizeof(*s->texts));
    return s->texts[s->n_texts++] = text;
}

void spoken_add(struct spoken *s, int side, int turn, const char *prompt,
                const char *text)
{
    s->answers = mem_realloc(s->answers, s->n_answers + 1, sizeof(*s->answers));
    struct store_answer *a = &s->answers[s->n_answers++];
    *a = (struct store_answer){.side = side,
                               .turn = turn,
                               .round = 1,
                               .prompt = prompt,
                               .text = text,
                               .thinking = "",
                               .settings = ""};
    answer_end_init(&a->end);
    a->end.finish = FINISH_STOP;
}

const char *spoken_content(struct spoken *s, const cJSON *content)
{
    const cJSON *part;
    struct buf all;
    if (cJSON_IsString(content))
        return content->valuestring;
    if (!cJSON_IsArray(content))
        return NULL;
    buf_init(&all, MAX_TEXT_BYTES);
    cJSON_ArrayForEach (part, content) {
        const char *text = json_get_string(part, "text", NULL);
        if (text == NULL) { /* an image, say */
            buf_free(&all);
            return NULL;
        }
        buf_add_str(&all, text);
    }
    return spoken_keep(s, buf_detach(&all));
}

const char *spoken_first(struct spoken *s, const cJSON *o,
                         const char *const keys[])
{
    int64_t number;
    char text[32];
    for (; *keys != NULL; keys++) {
        const cJSON *x = json_get(o, *keys);
        if (cJSON_IsString(x))
            return x->valuestring;
        if (json_is_whole(x, INT64_MIN, INT64_MAX, &number)) {
            snprintf(text, sizeof(text), "%" PRId64, number);
            return spoken_keep(s, mem_strdup(text));
        }
    }
    return NULL;
}
