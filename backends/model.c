#include "backends/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

#define MODEL_ROW(...) SETTING_ROW(model, __VA_ARGS__),
#define MODEL_FLAG_ROW(flag_, value_, ...) SETTING_ROW(model, __VA_ARGS__),
static const struct setting model_rows[] = {
    MODEL_SETTINGS(MODEL_ROW, MODEL_FLAG_ROW)
};
#undef MODEL_ROW
#undef MODEL_FLAG_ROW

const struct setting_table model_settings = SETTING_TABLE(model_rows);

void model_init(struct model *m)
{
    *m = (struct model){0};
    for (size_t i = 0; i < model_settings.n; i++)
        setting_unset(&model_rows[i], m);
    m->weight = 1;
}

void model_free(struct model *m)
{
    for (size_t i = 0; i < model_settings.n; i++)
        setting_free(&model_rows[i], m);
    free(m->backend);
    free(m->file);
    model_init(m);
}

int64_t model_limit_ms(double limit_s, int64_t usual_ms)
{
    return isnan(limit_s) ? usual_ms : (int64_t)ceil(limit_s * 1000);
}

void model_copy(struct model *to, const struct model *from)
{
    *to = *from;
    for (size_t i = 0; i < model_settings.n; i++)
        setting_copy(&model_rows[i], to, from);
    to->backend = mem_strdup(from->backend);
    to->file = mem_strdup(from->file);
}

/* --- the identity ------------------------------------------------------ */

static void describe_key(struct buf *out, const char *key)
{
    buf_addf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", key);
}

/* A program without its folder, with its arguments. */
static void describe_command(char *const *command, struct buf *out)
{
    for (size_t i = 0; command[i] != NULL; i++) {
        const char *word = i == 0 ? path_name(command[0]) : command[i];
        buf_add_char(out, i == 0 ? '[' : ',');
        json_add_string(out, word, strlen(word));
    }
    buf_add_char(out, ']');
}

/* What stands for a text in the identity, or NULL. */
static const char *text_of(const struct setting *s, const struct model *m)
{
    const char *text = *(char *const *)setting_value(s, m);
    if (s->offset == offsetof(struct model, provider))
        return text ? text : m->backend;
    if (s->offset == offsetof(struct model, file_name))
        return text ? text : m->file;
    if (s->offset == offsetof(struct model, base_url) && !m->own_url)
        return NULL;
    return text && s->is_path ? path_name(text) : text;
}

/* The values are written as they always were: switches as 0 and 1, and whole
 * numbers by json_add_number. */
static void describe_setting(const struct setting *s, const struct model *m,
                             struct buf *out)
{
    const void *field = setting_value(s, m);
    bool is_text = s->type == SETTING_STRING || s->type == SETTING_WORD;
    const char *text = is_text ? text_of(s, m) : NULL;
    if (is_text ? text == NULL : !setting_is_set(s, m))
        return;
    describe_key(out, s->key);
    if (is_text)
        json_add_string(out, text, strlen(text));
    else if (s->type == SETTING_BOOL)
        json_add_number(out, 1);
    else if (s->type == SETTING_SWITCH)
        json_add_number(out, *(const int *)field);
    else if (s->type == SETTING_LONG)
        json_add_number(out, (double)*(const int64_t *)field);
    else if (s->type == SETTING_STRINGS && s->is_path)
        describe_command(*(char **const *)field, out);
    else
        setting_add_json(s, m, out);
}

void model_describe(const struct model *m, struct buf *out)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < model_settings.n; i++)
        if (model_rows[i].part != SETTING_ASIDE)
            describe_setting(&model_rows[i], m, out);
    buf_add_char(out, '}');
}

/* --- for people -------------------------------------------------------- */

/* Numbers first: a text is long. */
void model_list_settings(const struct model *m, struct buf *out)
{
    size_t begin = out->len;
    for (int texts = 0; texts < 2; texts++)
        for (size_t i = 0; i < model_settings.n; i++) {
            const struct setting *s = &model_rows[i];
            bool is_text = s->type == SETTING_STRING ||
                           s->type == SETTING_WORD;
            if (s->part != SETTING_HOW || is_text != (texts == 1) ||
                !setting_is_set(s, m))
                continue;
            buf_add_str(out, out->len > begin ? ", " : "");
            setting_say(s, m, out);
        }
}
