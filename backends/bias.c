#include "backends/bias.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void bias_free(struct bias_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i].token);
    free(l->v);
    *l = (struct bias_list){0};
}

struct bias_list bias_copy(const struct bias_list *from)
{
    struct bias_list to = {mem_calloc(from->n, sizeof(*to.v)), from->n};
    for (size_t i = 0; i < from->n; i++)
        to.v[i] = (struct bias){mem_strdup(from->v[i].token),
                                from->v[i].add};
    return to;
}

static int by_token(const void *a, const void *b)
{
    return strcmp(((const struct bias *)a)->token,
                  ((const struct bias *)b)->token);
}

static int read_entry(const cJSON *node, struct bias_list *l, struct err *e)
{
    double add = node->valuedouble;
    if (node->string[0] == '\0')
        return err_set(e, ERR_CONFIG, "\"logit_bias\" has an empty token");
    if (!cJSON_IsNumber(node) || !(add >= -BIAS_MOST && add <= BIAS_MOST))
        return err_set(e, ERR_CONFIG, "\"logit_bias\" of \"%.64s\" must be a "
                       "number from %d to %d", node->string, -BIAS_MOST,
                       BIAS_MOST);
    l->v[l->n++] = (struct bias){mem_strdup(node->string), add};
    return 0;
}

int bias_read(const cJSON *object, struct bias_list *out, struct err *e)
{
    *out = (struct bias_list){0};
    if (!cJSON_IsObject(object))
        return err_set(e, ERR_CONFIG, "\"logit_bias\" must be an object of "
                       "tokens and numbers, like { \" the\": -100 }");
    int n = cJSON_GetArraySize(object);
    if (n > BIAS_MAX_ENTRIES)
        return err_set(e, ERR_CONFIG, "\"logit_bias\" has %d tokens; %d are "
                       "the most", n, BIAS_MAX_ENTRIES);
    out->v = mem_calloc((size_t)n, sizeof(*out->v));
    const cJSON *node;
    cJSON_ArrayForEach (node, object)
        if (read_entry(node, out, e) != 0)
            goto fail;
    if (out->n > 0)
        qsort(out->v, out->n, sizeof(*out->v), by_token);
    for (size_t i = 1; i < out->n; i++)
        if (strcmp(out->v[i - 1].token, out->v[i].token) == 0) {
            err_set(e, ERR_CONFIG, "\"logit_bias\" has \"%.64s\" twice",
                    out->v[i].token);
            goto fail;
        }
    return 0;
fail:
    bias_free(out);
    return -1;
}

void bias_add_json(const struct bias_list *l, struct buf *out)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < l->n; i++) {
        buf_add_str(out, i > 0 ? "," : "");
        json_add_string(out, l->v[i].token, strlen(l->v[i].token));
        buf_add_char(out, ':');
        json_add_number(out, l->v[i].add);
    }
    buf_add_char(out, '}');
}

bool bias_is_id(const struct bias *b, int32_t *id)
{
    size_t n = strlen(b->token);
    if (n == 0 || n != strspn(b->token, "0123456789"))
        return false;
    /* Longer than any id: as large as one can be, so in no vocabulary. */
    *id = n > 9 ? INT32_MAX : (int32_t)strtol(b->token, NULL, 10);
    return true;
}
