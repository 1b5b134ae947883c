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

#define ASK_TIMEOUT_MS 120000 /* weights may have to be loaded first */

static void wait_for_end(struct stream *s, int wake_fd,
                         struct models_answer *a)
{
    int64_t begun_ms = clock_monotonic_ms();
    bool cancelled = false;
    while (!stream_poll(s, &a->text, NULL, &a->end)) {
        wake_wait(wake_fd, 1000);
        if (!cancelled && clock_monotonic_ms() - begun_ms > ASK_TIMEOUT_MS) {
            cancelled = true;
            stream_cancel(s);
        }
    }
    a->took_ms = clock_monotonic_ms() - begun_ms;
    if (cancelled)
        err_set(&a->end.error, ERR_BACKEND, "no answer within %d s",
                ASK_TIMEOUT_MS / 1000);
}

int models_take(struct stream *s, int result, int wake_fd,
                struct models_answer *a, struct err *e)
{
    if (result != 0)
        stream_release(s); /* the producer's, who has not begun */
    else
        wait_for_end(s, wake_fd, a);
    stream_release(s);
    if (result == 0 && a->end.error.code != ERR_NONE) {
        *e = a->end.error;
        result = -1;
    }
    return result;
}

/* --- the list of a server ----------------------------------------------- */

static int ask_list(const struct model *m, const int wake[2],
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
        result = models_take(s, ops->list(b, s, e), wake[0], a, e);
        ops->close(b);
    }
    backend_env_free(&env);
    return result;
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
    struct models_answer a;
    int wake[2];
    if (config_backend(c, backend, &m, e) != 0)
        return -1;
    int result = wake_open(wake, e);
    if (result == 0) {
        buf_init(&a.text, STREAM_MAX_BYTES);
        answer_end_init(&a.end);
        result = ask_list(&m, wake, &a, e);
        if (result == 0)
            print_ids(in, backend, a.text.data);
        buf_free(&a.text);
        wake_close(wake);
    }
    model_free(&m);
    return result;
}
