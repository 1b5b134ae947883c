/* What `arena models` asks of a backend: an answer, or its list of models. */
#include "tui/commands/models_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/wake.h"
#include "tui/clean.h"

static void wait_for_end(struct stream *s, int wake_fd, int64_t limit_ms,
                         struct models_answer *a)
{
    int64_t begun_ms = clock_monotonic_ms();
    bool cancelled = false;
    while (!stream_poll(s, &a->text, NULL, &a->end)) {
        int64_t left_ms = begun_ms + limit_ms - clock_monotonic_ms();
        if (left_ms <= 0 && !cancelled) {
            cancelled = true;
            stream_cancel(s);
        }
        wake_wait(wake_fd, left_ms > 0 ? (int)left_ms : -1);
    }
    a->took_ms = clock_monotonic_ms() - begun_ms;
    if (cancelled)
        err_set(&a->end.error, ERR_BACKEND, "no answer within %g s",
                (double)limit_ms / 1000);
}

int models_take(struct stream *s, int result, int wake_fd, int64_t limit_ms,
                struct models_answer *a, struct err *e)
{
    if (result != 0)
        stream_release(s); /* the producer's, who has not begun */
    else
        wait_for_end(s, wake_fd, limit_ms, a);
    stream_release(s);
    if (result == 0 && a->end.error.code != ERR_NONE) {
        *e = a->end.error;
        result = -1;
    }
    return result;
}

/* --- the list of a server ----------------------------------------------- */

static int ask_list(const struct model *m, const int wake[2], int64_t limit_ms,
                    struct models_answer *a, struct err *e)
{
    struct backend_env env;
    struct backend *b;
    const struct backend_ops *ops = backend_find(m->backend);
    if (ops == NULL || ops->list == NULL)
        return err_set(e, ERR_USAGE, "models list: backend \"%s\" has no list "
                       "of models", m->provider);
    backend_env_init(&env);
    int result = ops->open(&b, m, &env, e);
    if (result == 0) {
        struct stream *s = stream_open(wake[1]);
        result = models_take(s, ops->list(b, s, e), wake[0], limit_ms, a, e);
        ops->close(b);
    }
    backend_env_free(&env);
    return result;
}

int models_ids(const struct model *m, int64_t limit_ms, struct buf *ids,
               struct err *e)
{
    struct models_answer a;
    int wake[2];
    if (wake_open(wake, e) != 0)
        return -1;
    buf_init(&a.text, STREAM_MAX_BYTES);
    answer_end_init(&a.end);
    int result = ask_list(m, wake, limit_ms, &a, e);
    if (result == 0)
        buf_add(ids, a.text.data, a.text.len);
    buf_free(&a.text);
    wake_close(wake);
    return result;
}

bool models_is_id(const char *line, size_t n, const char *id)
{
    static const char tag[] = ":latest";
    size_t n_id = strlen(id), n_tag = sizeof(tag) - 1;
    return strncmp(line, id, n_id) == 0 &&
           (n == n_id || (n == n_id + n_tag && n_id > 0 &&
                          strncmp(line + n_id, tag, n_tag) == 0));
}

static void print_ids(const struct invocation *in, const char *backend,
                      const char *ids)
{
    struct buf out;
    buf_init(&out, 4 * (size_t)STREAM_MAX_BYTES);
    if (in->json) {
        buf_add_char(&out, '{');
        json_put_text(&out, "backend", backend);
        buf_add_str(&out, ",\"models\":[");
    }
    for (const char *id = ids; *id != '\0';) {
        size_t n = strcspn(id, "\n");
        if (in->json) {
            json_comma(&out);
            json_add_string(&out, id, n);
        } else {
            clean_text(id, n, true, &out);
            buf_add_char(&out, '\n');
        }
        id += n + (id[n] == '\n');
    }
    if (in->json)
        buf_add_str(&out, "]}\n");
    fputs(out.data, stdout);
    buf_free(&out);
}

int models_list_backend(const struct invocation *in, const struct config *c,
                        const char *backend, struct err *e)
{
    struct model m;
    struct buf ids;
    if (config_backend(c, backend, &m, e) != 0)
        return -1;
    buf_init(&ids, STREAM_MAX_BYTES);
    int result = models_ids(&m, MODELS_ASK_MS, &ids, e);
    if (result == 0)
        print_ids(in, backend, ids.data);
    buf_free(&ids);
    model_free(&m);
    return result;
}
