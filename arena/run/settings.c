#include "arena/run/settings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena/pairing.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

#define RUN_LINE_BYTES (1u << 20)

/* Settings that are left out unless they are given, so that runs that were
 * begun before there were such go on. */
static void add_choices(const struct arena *a, const struct run_spec *spec,
                        struct buf *out)
{
    if (a->max_tokens_cap > 0)
        buf_addf(out, ",\"max_tokens_cap\":%d", a->max_tokens_cap);
    if (spec->limit > 0)
        buf_addf(out, ",\"limit\":%zu", spec->limit);
    if (spec->shuffle)
        buf_add_str(out, ",\"shuffle\":true");
}

void run_describe(const struct arena *a, const struct run_spec *spec,
                  struct buf *out)
{
    uint64_t h = HASH_START;
    buf_addf(out, "{\"prompts_hash\":\"%016" PRIx64 "\"", spec->prompts->hash);
    json_put_text(out, "prompts", path_name(spec->file));
    buf_add_str(out, ",\"models\":[");
    for (size_t i = 0; i < spec->n_models; i++) {
        const struct model *m = &a->config.models[spec->models[i]];
        struct buf description;
        buf_init(&description, RUN_LINE_BYTES);
        model_describe(m, &description);
        h = hash_text(h, description.data);
        buf_free(&description);
        json_comma(out);
        json_add_string(out, m->name, strlen(m->name));
    }
    buf_addf(out, "],\"models_hash\":\"%016" PRIx64 "\"", h);
    json_put_text(out, "pairs", spec->pairs_text);
    buf_addf(out, ",\"seed\":\"%" PRIu64 "\",\"max_tokens\":%d", spec->seed,
             a->config.max_tokens);
    add_choices(a, spec, out);
    buf_add_char(out, '}');
}

char *run_make_name(const char *file, const char *settings)
{
    struct buf name;
    buf_init(&name, 100);
    const char *base = strcmp(file, "-") == 0 ? "stdin" : path_name(file);
    size_t n = strcspn(base, ".");
    for (size_t i = 0; i < n && i < 60; i++) {
        unsigned char c = (unsigned char)base[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z') || c == '_';
        buf_add_char(&name, plain ? (char)c : '-');
    }
    uint64_t h = hash_text(HASH_START, settings);
    buf_addf(&name, "-%06x", (unsigned)((h ^ h >> 24 ^ h >> 48) & 0xFFFFFF));
    return buf_detach(&name);
}

/* --- chances -------------------------------------------------------------- */

/* Those that stand in the settings of a run; false if they do not. */
static bool parse_chances(const char *settings, size_t n, double *out)
{
    struct err e;
    cJSON *tree = json_parse(settings, strlen(settings), RUN_LINE_BYTES,
                             "settings", &e);
    const cJSON *list = json_get(tree, "chances"), *node;
    size_t count = 0;
    cJSON_ArrayForEach (node, list) {
        if (count < n && cJSON_IsNumber(node))
            out[count] = node->valuedouble;
        count++;
    }
    cJSON_Delete(tree);
    return count == n;
}

static int ask_ratings(const struct arena *a, const struct run_spec *spec,
                       double *out, struct err *e)
{
    int64_t *ids = mem_calloc(spec->n_models, sizeof(*ids));
    for (size_t i = 0; i < spec->n_models; i++)
        ids[i] = a->model_ids[spec->models[i]];
    int result = pairing_chances_stored(a->store, RATING_POLICY_LMARENA,
                                        spec->voter, ids, spec->n_models, out,
                                        e);
    free(ids);
    return result;
}

int run_read_chances(const struct arena *a, const struct run_spec *spec,
                     const char *name, struct buf *settings, double **chances,
                     struct err *e)
{
    size_t n = spec->n_models * (spec->n_models - 1) / 2;
    char *known;
    int64_t id;
    if (store_get_run(a->store, name, &id, &known, e) != 0)
        return -1;
    *chances = mem_calloc(n, sizeof(**chances));
    int result = 0;
    if (known == NULL || !parse_chances(known, n, *chances))
        result = ask_ratings(a, spec, *chances, e);
    free(known);
    buf_cut(settings, settings->len - 1);
    buf_add_str(settings, ",\"chances\":[");
    for (size_t i = 0; i < n; i++) {
        json_comma(settings);
        json_add_number(settings, (*chances)[i]);
    }
    buf_add_str(settings, "]}");
    if (result == 0)
        return 0;
    free(*chances);
    *chances = NULL;
    return -1;
}
