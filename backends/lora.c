#include "backends/lora.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void lora_free(struct lora_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->v[i].file);
        free(l->v[i].path);
    }
    free(l->v);
    *l = (struct lora_list){0};
}

struct lora_list lora_copy(const struct lora_list *from)
{
    struct lora_list to = {mem_calloc(from->n, sizeof(*to.v)), from->n};
    for (size_t i = 0; i < from->n; i++)
        to.v[i] = (struct lora){mem_strdup(from->v[i].file),
                                mem_strdup(from->v[i].path),
                                from->v[i].scale};
    return to;
}

const char *lora_path(const struct lora *l)
{
    return l->path != NULL ? l->path : l->file;
}

/* One key of an adapter. */
static int read_key(const cJSON *object, const cJSON *node, struct lora *l,
                    struct err *e)
{
    double scale = node->valuedouble;
    if (json_get(object, node->string) != node)
        return err_set(e, ERR_CONFIG, "\"%.64s\" of \"lora\" is set twice",
                       node->string);
    if (strcmp(node->string, "file") == 0) {
        if (!cJSON_IsString(node) || node->valuestring[0] == '\0')
            return err_set(e, ERR_CONFIG, "\"file\" of \"lora\" must name a "
                           "file");
        l->file = mem_strdup(node->valuestring);
        return 0;
    }
    if (strcmp(node->string, "scale") != 0)
        return err_set(e, ERR_CONFIG, "\"%.64s\" of \"lora\" is not known; an "
                       "adapter has \"file\" and \"scale\"", node->string);
    if (!cJSON_IsNumber(node) ||
        !(scale >= -LORA_SCALE_MOST && scale <= LORA_SCALE_MOST))
        return err_set(e, ERR_CONFIG, "\"scale\" of \"lora\" must be a number "
                       "from %d to %d", -LORA_SCALE_MOST, LORA_SCALE_MOST);
    l->scale = scale;
    return 0;
}

static int read_entry(const cJSON *object, struct lora_list *out,
                      struct err *e)
{
    const cJSON *node;
    if (!cJSON_IsObject(object))
        return err_set(e, ERR_CONFIG, "\"lora\" must be a list of objects, "
                       "like [{ \"file\": \"a.gguf\", \"scale\": 0.5 }]");
    struct lora *l = &out->v[out->n++];
    l->scale = 1;
    cJSON_ArrayForEach (node, object)
        if (read_key(object, node, l, e) != 0)
            return -1;
    if (l->file == NULL)
        return err_set(e, ERR_CONFIG, "an adapter of \"lora\" needs \"file\"");
    return 0;
}

int lora_read(const cJSON *list, struct lora_list *out, struct err *e)
{
    const cJSON *object;
    *out = (struct lora_list){0};
    if (!cJSON_IsArray(list))
        return err_set(e, ERR_CONFIG, "\"lora\" must be a list, like [{ "
                       "\"file\": \"a.gguf\", \"scale\": 0.5 }]");
    int n = cJSON_GetArraySize(list);
    if (n > LORA_MOST)
        return err_set(e, ERR_CONFIG, "\"lora\" has %d adapters; %d are the "
                       "most", n, LORA_MOST);
    out->v = mem_calloc((size_t)n, sizeof(*out->v));
    cJSON_ArrayForEach (object, list)
        if (read_entry(object, out, e) != 0) {
            lora_free(out);
            return -1;
        }
    return 0;
}

void lora_add_json(const struct lora_list *l, struct buf *out)
{
    for (size_t i = 0; i < l->n; i++) {
        buf_add_str(out, i == 0 ? "[{\"file\":" : ",{\"file\":");
        json_add_string(out, l->v[i].file, strlen(l->v[i].file));
        buf_add_str(out, ",\"scale\":");
        json_add_number(out, l->v[i].scale);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}
