#include "arena/config/probe.h"

#include <stdlib.h>
#include <string.h>

#include "arena/config/keys.h"
#include "backends/remote/easy.h"
#include "backends/remote/libcurl.h"
#include "backends/remote/preset.h"
#include "backends/remote/url.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#define PROBE_TIMEOUT_MS 300L
#define PROBE_MAX_BYTES (1u << 20)
#define PROBE_MAX_IDS 1000

static const struct {
    const char *preset, *title;
    const char *list; /* its path, behind the preset's address */
} places[] = {
    {"ollama", "Ollama", "/api/tags"},
    {"lmstudio", "LM Studio", "/models"},
    {"llama-server", "llama-server", "/models"},
    {"vllm", "vLLM", "/models"},
};

#define N_PLACES (sizeof(places) / sizeof(places[0]))

struct question {
    CURL *curl;      /* NULL: not asked */
    struct buf base; /* …/v1 */
    struct buf body;
};

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct question *q = arg;
    buf_add(&q->body, bytes, size * n);
    return q->body.overflow ? 0 : size * n;
}

static void ask(struct question *q, size_t place, CURLM *multi)
{
    const struct preset *preset = preset_find(places[place].preset);
    buf_init(&q->base, 4096);
    buf_init(&q->body, PROBE_MAX_BYTES);
    q->curl = NULL;
    if (preset == NULL)
        return;
    preset_url(preset, &q->base);
    /* OLLAMA_HOST may name another machine; that is not scanned. */
    if (!url_is_loopback(q->base.data))
        return;
    struct buf url;
    buf_init(&url, 8192);
    buf_addf(&url, "%s%s", q->base.data, places[place].list);
    q->curl = curl_easy_init();
    if (q->curl != NULL) {
        easy_prepare(q->curl, url.data, true);
        curl_easy_setopt(q->curl, CURLOPT_TIMEOUT_MS, PROBE_TIMEOUT_MS);
        curl_easy_setopt(q->curl, CURLOPT_FAILONERROR, 1L);
        curl_easy_setopt(q->curl, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(q->curl, CURLOPT_WRITEDATA, q);
        curl_multi_add_handle(multi, q->curl);
    }
    buf_free(&url);
}

/* Until all have answered or run out of time. */
static void wait_for_answers(CURLM *multi)
{
    int n_running = 1;
    while (curl_multi_perform(multi, &n_running) == CURLM_OK && n_running > 0)
        if (curl_multi_poll(multi, NULL, 0, (int)PROBE_TIMEOUT_MS, NULL) !=
            CURLM_OK)
            break;
}

/* Not an embedding model, which has no answers, nor what a config may not
 * hold. */
static bool is_usable(const char *id)
{
    return *id != '\0' && !config_has_control(id) &&
           utf8_valid(id, strlen(id)) && strstr(id, "embed") == NULL;
}

/* The ids in {"data":[{"id":…},…]}, or {"models":[{"name":…},…]}. */
static void read_ids(const cJSON *root, struct probe_server *s)
{
    const cJSON *list = json_get(root, "data"), *object;
    const char *key = list != NULL ? "id" : "name";
    if (list == NULL)
        list = json_get(root, "models");
    if (!cJSON_IsArray(list))
        return;
    int n = cJSON_GetArraySize(list);
    s->ids = mem_calloc((size_t)n, sizeof(*s->ids));
    cJSON_ArrayForEach(object, list)
    {
        const char *id = json_get_string(object, key, "");
        if (is_usable(id) && s->n_ids < PROBE_MAX_IDS)
            s->ids[s->n_ids++] = mem_strdup(id);
    }
}

static void take_answer(struct probe *p, size_t i, const struct question *q)
{
    struct probe_server s = {places[i].preset, places[i].title, NULL, NULL, 0};
    cJSON *root = NULL;
    if (q->curl != NULL && q->body.len > 0 && !q->body.overflow)
        root = json_parse(q->body.data, q->body.len, PROBE_MAX_BYTES, s.title,
                          NULL);
    read_ids(root, &s);
    if (s.n_ids > 0) {
        size_t n = strlen(q->base.data);
        if (n > 3 && strcmp(q->base.data + n - 3, "/v1") == 0)
            n -= 3;
        s.url = mem_strndup(q->base.data, n);
        p->servers[p->n++] = s;
    } else {
        free(s.ids);
    }
    cJSON_Delete(root);
}

void probe_servers(struct probe *p)
{
    struct question questions[N_PLACES];
    *p = (struct probe){mem_calloc(N_PLACES, sizeof(*p->servers)), 0};
    CURLM *multi = curl_multi_init();
    if (multi == NULL)
        return;
    for (size_t i = 0; i < N_PLACES; i++)
        ask(&questions[i], i, multi);
    wait_for_answers(multi);
    for (size_t i = 0; i < N_PLACES; i++) {
        take_answer(p, i, &questions[i]);
        if (questions[i].curl != NULL)
            curl_multi_remove_handle(multi, questions[i].curl);
        curl_easy_cleanup(questions[i].curl);
        buf_free(&questions[i].base);
        buf_free(&questions[i].body);
    }
    curl_multi_cleanup(multi);
}

void probe_free(struct probe *p)
{
    for (size_t i = 0; i < p->n; i++) {
        for (size_t k = 0; k < p->servers[i].n_ids; k++)
            free(p->servers[i].ids[k]);
        free(p->servers[i].ids);
        free(p->servers[i].url);
    }
    free(p->servers);
    *p = (struct probe){0};
}
