/* The JSON Schema (draft 2020-12) of arena.json, from the tables of
 * settings. */
#include <string.h>

#include "arena/config/config.h"
#include "arena/config/model.h"
#include "backends/bias.h"
#include "base/json.h"

static void add_text(struct buf *out, const char *s)
{
    json_add_string(out, s, strlen(s));
}

static void add_range(struct buf *out, const struct setting *k)
{
    buf_add_str(out, ", \"minimum\": ");
    json_add_number(out, k->min);
    buf_add_str(out, ", \"maximum\": ");
    json_add_number(out, k->max);
}

/* The members of one key's schema that say its type. */
static void add_type(struct buf *out, const struct setting *k)
{
    switch (k->type) {
    case SETTING_STRING:
        buf_add_str(out, "\"type\": \"string\"");
        break;
    case SETTING_WORD:
        buf_add_str(out, "\"type\": \"string\", \"minLength\": 1");
        break;
    case SETTING_STRINGS:
        buf_add_str(out, "\"type\": \"array\", \"minItems\": 1, "
                         "\"items\": { \"type\": \"string\" }");
        break;
    case SETTING_PAIRS:
        buf_add_str(out, "\"type\": \"object\", \"additionalProperties\": "
                         "{ \"type\": \"string\" }");
        break;
    case SETTING_NUMBER:
        buf_add_str(out, "\"type\": \"number\"");
        add_range(out, k);
        break;
    case SETTING_WHOLE:
    case SETTING_LONG:
        buf_add_str(out, "\"type\": \"integer\"");
        add_range(out, k);
        break;
    case SETTING_BOOL:
    case SETTING_SWITCH:
        buf_add_str(out, "\"type\": \"boolean\"");
        break;
    case SETTING_BIAS:
        buf_addf(out, "\"type\": \"object\", \"maxProperties\": %d, "
                 "\"additionalProperties\": { \"type\": \"number\", "
                 "\"minimum\": %d, \"maximum\": %d }", BIAS_MAX_ENTRIES,
                 -BIAS_MOST, BIAS_MOST);
        break;
    case SETTING_LORA:
        buf_addf(out, "\"type\": \"array\", \"maxItems\": %d, \"items\": { "
                 "\"type\": \"object\", \"properties\": { \"file\": { "
                 "\"type\": \"string\", \"minLength\": 1 }, \"scale\": { "
                 "\"type\": \"number\", \"minimum\": %d, \"maximum\": %d } }, "
                 "\"required\": [ \"file\" ], \"additionalProperties\": false "
                 "}", LORA_MOST, -LORA_SCALE_MOST, LORA_SCALE_MOST);
        break;
    case SETTING_OBJECT:
        buf_add_str(out, "\"type\": \"object\"");
        break;
    case SETTING_CHOICE:
        buf_add_str(out, "\"enum\": [");
        for (int i = 0; k->word(i) != NULL; i++)
            buf_addf(out, "%s\"%s\"", i == 0 ? "" : ", ",
                     k->word(i));
        buf_add_char(out, ']');
        break;
    case SETTING_OTHER:
        break;
    }
}

/* The schemas that stand for the keys which have readers of their own. */
static const struct {
    const char *key, *schema;
} others[] = {
    {"$schema", "\"type\": \"string\""},
    {"elo", "\"$ref\": \"#/$defs/elo\""},
    {"keys", "\"type\": \"object\", \"additionalProperties\": { \"anyOf\": [ "
             "{ \"type\": \"string\", \"minLength\": 1 }, { \"type\": "
             "\"array\", \"items\": { \"type\": \"string\", \"minLength\": 1 "
             "} } ] }"},
    {"backends", "\"type\": \"object\", \"additionalProperties\": { "
                 "\"$ref\": \"#/$defs/backend\" }"},
    {"models", "\"type\": \"array\", \"items\": { \"$ref\": "
               "\"#/$defs/model\" }"},
};

static void add_other(struct buf *out, const char *key)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(others[i].key, key) == 0)
            buf_add_str(out, others[i].schema);
}

static void add_table(struct buf *out, const struct setting_table *t,
                      const char *required, const char *indent)
{
    buf_addf(out, "%s\"type\": \"object\",\n", indent);
    buf_addf(out, "%s\"additionalProperties\": false,\n", indent);
    if (required != NULL)
        buf_addf(out, "%s\"required\": [%s],\n", indent, required);
    buf_addf(out, "%s\"properties\": {\n", indent);
    for (size_t i = 0; i < t->n; i++) {
        const struct setting *k = &t->rows[i];
        buf_addf(out, "%s  \"%s\": { ", indent, k->key);
        if (k->type == SETTING_OTHER)
            add_other(out, k->key);
        else
            add_type(out, k);
        buf_addf(out, ",\n%s    \"description\": ", indent);
        add_text(out, k->help);
        buf_addf(out, " }%s\n", i + 1 < t->n ? "," : "");
    }
    buf_addf(out, "%s}\n", indent);
}

void config_schema(struct buf *out)
{
    buf_add_str(out, "{\n");
    buf_add_str(out, "  \"$schema\": "
                     "\"https://json-schema.org/draft/2020-12/schema\",\n");
    buf_add_str(out, "  \"title\": \"arena.json\",\n");
    buf_add_str(out, "  \"$defs\": {\n    \"elo\": {\n");
    add_table(out, &config_elo_keys, NULL, "      ");
    buf_add_str(out, "    },\n    \"backend\": {\n");
    add_table(out, &config_provider_keys, "\"type\"", "      ");
    buf_add_str(out, "    },\n    \"model\": {\n");
    add_table(out, &model_settings, "\"name\", \"backend\"", "      ");
    buf_add_str(out, "    }\n  },\n");
    add_table(out, &config_top_keys, NULL, "  ");
    buf_add_str(out, "}\n");
}
