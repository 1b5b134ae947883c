/* local: weights files on this machine, by the in-process engine. */
#include <stdlib.h>

#include "backends/engine/engine.h"
#include "backends/local/engine_thread.h"
#include "backends/local/remarks.h"
#include "backends/local/rendering.h"
#include "base/mem.h"
#include "base/path.h"

struct backend {
    struct model model; /* a copy */
    struct backend_env *env;
};

static int check_adapters(const struct lora_list *list, struct err *e)
{
    for (size_t i = 0; i < list->n; i++) {
        const char *path = lora_path(&list->v[i]);
        if (!path_exists(path))
            return err_set(e, ERR_BACKEND, "no adapter file %s (\"lora\")",
                           path);
        if (engine_adapter_check(path, e) != 0)
            return -1;
    }
    return 0;
}

static int local_open(struct backend **out, const struct model *m,
                      struct backend_env *env, struct err *e)
{
    if (m->file == NULL)
        return err_set(e, ERR_CONFIG, "no \"file\": name the weights");
    if (!path_exists(m->file))
        return err_set(e, ERR_BACKEND, "no weights file %s; \"arena models "
                       "pull\" says which can be brought", m->file);
    if (check_adapters(&m->lora, e) != 0)
        return -1;
    struct rendering how = rendering_of(m, 0);
    if (engine_check(m->file, m->tokenizer, &how, NULL, e) != 0)
        return -1;
    struct backend *b = mem_calloc(1, sizeof(*b));
    model_copy(&b->model, m);
    b->env = env;
    *out = b;
    return 0;
}

static void local_remarks(const struct model *m, struct buf *out)
{
    struct engine_info info = {0};
    if (m->file != NULL &&
        engine_check(m->file, m->tokenizer, NULL, &info, NULL) == 0)
        remarks_add(m, &info, out);
}

static int local_start(struct backend *b, const struct request *rq,
                       struct stream *s, struct err *e)
{
    struct engine_thread *w = engine_thread_of(b->env, e);
    if (w == NULL)
        return -1;
    engine_thread_post(w, generation_open(&b->model, rq, s));
    return 0;
}

static void local_close(struct backend *b)
{
    model_free(&b->model);
    free(b);
}

const struct backend_ops backend_local = {
    .name = "local",
    .summary = "a weights file on this machine (GGUF or llama2.c)",
    .needs = "file",
    .open = local_open,
    .start = local_start,
    .remarks = local_remarks,
    .close = local_close,
};
