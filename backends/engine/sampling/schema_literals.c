/* enum and const: values as they stand in the schema. */
#include "backends/engine/sampling/schema_private.h"

#include <math.h>

#include "base/mem.h"

int schema_compile_literals(struct schema_compiler *k, struct form *f,
                            const cJSON *schema, const struct schema_place *at,
                            struct err *e)
{
    const cJSON *list = json_get(schema, "enum");
    const cJSON *value = json_get(schema, "const");
    const char *key = list != NULL ? "enum" : "const";
    if (list != NULL && !cJSON_IsArray(list))
        return schema_refuse_key(at, key, e, "not a list of values");
    struct form *others = form_new(k->set, FORM_ANY);
    if (schema_compile_rest(k, others, schema, at, e) != 0)
        return -1;
    f->kind = FORM_TEXT;
    const cJSON *node = list != NULL ? list->child : value;
    for (; node != NULL; node = list != NULL ? node->next : NULL) {
        struct buf text;
        if (cJSON_IsNumber(node) && !isfinite(node->valuedouble))
            return schema_refuse_key(at, key, e,
                                     "a value that cannot be written");
        if (list != NULL && value != NULL && !cJSON_Compare(node, value, true))
            continue; /* both hold */
        buf_init(&text, SCHEMA_MAX_BYTES);
        schema_write(node, &text);
        form_add_text(f, text.data, text.len);
        buf_free(&text);
    }
    if (f->n == 0 && value != NULL)
        return schema_refuse_key(at, "const", e, "none of the enum's values");
    if (f->n == 0)
        return schema_refuse_key(at, key, e, "a list of no values");
    k->literals =
        mem_realloc(k->literals, k->n_literals + 1, sizeof(*k->literals));
    k->literals[k->n_literals++] = (struct schema_literal){f, others};
    return 0;
}

/* How much of a literal is compared with the other keys: of a whole number
 * that has more digits than are ever written freely, the first ones. */
static size_t compared_bytes(const struct form *others, const char *text,
                             size_t n)
{
    bool digits = others->bounds == NULL;
    for (size_t i = text[0] == '-'; i < n; i++)
        digits = digits && text[i] >= '0' && text[i] <= '9';
    return digits && n > 16 ? 16 : n;
}

int schema_check_literals(const struct schema_compiler *k, struct err *e)
{
    for (size_t i = 0; i < k->n_literals; i++) {
        const struct form *f = k->literals[i].form;
        const struct form *others = k->literals[i].others;
        for (size_t t = 0; t < f->n && others->kind != FORM_ANY; t++)
            if (!form_takes(others, f->texts[t],
                            compared_bytes(others, f->texts[t],
                                           f->lengths[t])))
                return err_set(e, ERR_FORMAT,
                               "schema: enum or const: the "
                               "value %.60s is not what the type or another "
                               "key allows",
                               f->texts[t]);
    }
    return 0;
}
