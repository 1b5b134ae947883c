#include "backends/engine/engine.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/arch.h"
#include "backends/engine/checkpoint.h"
#include "backends/engine/engine_private.h"
#include "backends/engine/file/kind.h"
#include "backends/engine/forward.h"
#include "backends/engine/kernels/kern.h"
#include "backends/engine/session.h"
#include "backends/engine/weights.h"
#include "base/mem.h"
#include "base/path.h"

/* --- opening ----------------------------------------------------------- */

static int open_source(struct engine *g, struct hparams *h, struct err *e)
{
    struct mapping *m;
    if (mapping_open(&m, g->path, e) != 0)
        return -1;
    if (checkpoint_is(mapping_data(m), mapping_bytes(m))) {
        if (checkpoint_open(&g->checkpoint, m, h, e) != 0)
            return -1;
        return arch_check(h, g->path, e);
    }
    mapping_close(m);
    if (gguf_open(&g->gguf, g->path, e) != 0)
        return -1;
    return arch_read(h, g->gguf, e);
}

static int check_tensors(const struct engine *g, struct err *e)
{
    if (g->gguf == NULL || gguf_n_tensors(g->gguf) > 0)
        return 0;
    return err_set(e, ERR_FORMAT, "%s: is a header or a vocabulary alone, "
                   "without tensors; get the whole model", g->path);
}

/* The text half, opened while the kernel threads pack the numbers. */
struct words {
    struct engine *g;
    const char *tokenizer_path;
    int rc;
    struct err e;
};

static int open_llama2c_words(struct engine *g, const char *path,
                              struct err *e)
{
    const struct gguf_tensor *t = checkpoint_find(g->checkpoint,
                                                  "token_embd.weight");
    char *folder = path_folder(g->path);
    char *beside = path_join(folder, "tokenizer.bin");
    int rc = tokenizer_open_llama2c(&g->tokenizer, path ? path : beside,
                                    (int)t->dims[1], e);
    free(folder);
    free(beside);
    return rc;
}

/* What the metadata say without a tokenizer. */
static void describe_head(const struct engine *g, struct engine_info *i)
{
    struct gguf_string model = {"", 0}, program = {"", 0};
    if (g->gguf == NULL)
        return;
    gguf_get_string(g->gguf, "tokenizer.ggml.model", &model);
    gguf_get_string(g->gguf, "tokenizer.chat_template", &program);
    i->guesses_words = gguf_string_is(model, "gpt2") &&
                       !gguf_has(g->gguf, "tokenizer.ggml.pre");
    i->lacks_template = program.n == 0 && kind_is_tuned(g->gguf);
}

static void describe_words(struct engine *g)
{
    struct engine_info *i = &g->info;
    i->n_vocab = tokenizer_n_vocab(g->tokenizer);
    i->file_bytes = g->gguf
                        ? gguf_file_bytes(g->gguf)
                        : mapping_bytes(checkpoint_mapping(g->checkpoint));
    struct tokenizer_ends ends = tokenizer_ends(g->tokenizer);
    i->bos = ends.bos;
    i->eos = ends.eos;
    i->add_bos = ends.add_bos;
    chat_open(&g->chat, g->path, g->tokenizer, g->gguf);
    describe_head(g, i);
}

static void open_words(void *arg)
{
    struct words *w = arg;
    struct engine *g = w->g;
    if (g->gguf)
        w->rc = tokenizer_open(&g->tokenizer, g->gguf, &w->e);
    else
        w->rc = open_llama2c_words(g, w->tokenizer_path, &w->e);
    if (w->rc == 0)
        describe_words(g);
}

static void describe_weights(struct engine *g)
{
    struct engine_info *i = &g->info;
    const struct weights *w = g->weights;
    const char *type = w->main_type == QUANT_Q8_F32
                           ? "int8"
                           : gguf_type_info(w->main_type)->name;
    snprintf(i->arch, sizeof(i->arch), "%s", w->h.arch->name);
    snprintf(i->quant, sizeof(i->quant), "%s", type);
    i->n_ctx_train = w->h.n_ctx;
    i->n_layers = w->h.n_layers;
    i->n_embd = w->h.n_embd;
    i->n_params = w->n_params;
}

/* Whether the file behind the weights is still what was opened. */
static int check_source(const struct engine *g, struct err *e)
{
    return g->gguf ? gguf_check(g->gguf, e)
                   : mapping_check(checkpoint_mapping(g->checkpoint), e);
}

static int open_all(struct engine *g, const struct engine_options *options,
                    struct err *e)
{
    struct hparams h;
    struct words words = {.g = g, .tokenizer_path = options->tokenizer_path};
    struct weights_source source = {g->path, NULL, NULL, open_words, &words};
    if (open_source(g, &h, e) != 0 ||
        (!options->words_only && check_tensors(g, e) != 0))
        return -1;
    source.gguf = g->gguf;
    source.checkpoint = g->checkpoint;
    if (options->words_only)
        open_words(&words);
    else if (weights_open(&g->weights, &h, &source, g->pool, e) != 0)
        return -1;
    if (words.rc != 0) {
        *e = words.e;
        return -1;
    }
    if (options->words_only)
        return check_source(g, e);
    if (tokenizer_n_vocab(g->tokenizer) != g->weights->n_vocab)
        return err_set(e, ERR_FORMAT, "%s: the tokenizer has %d tokens, the "
                       "embedding %d", g->path, tokenizer_n_vocab(g->tokenizer),
                       g->weights->n_vocab);
    if (check_source(g, e) != 0)
        return -1;
    g->forward = forward_open(g, kern_best(), e);
    if (g->forward == NULL)
        return -1;
    describe_weights(g);
    return 0;
}

int engine_refuse(struct err *e)
{
    if (e != NULL)
        e->code = ERR_BACKEND;
    return -1;
}

int engine_open(struct engine **out, const char *path,
                const struct engine_options *options, struct err *e)
{
    struct engine *g = mem_calloc(1, sizeof(*g));
    g->path = mem_strdup(path);
    g->pool = options->pool;
    if (open_all(g, options, e) != 0) {
        engine_close(g);
        return engine_refuse(e);
    }
    *out = g;
    return 0;
}

/* Whether the template can be used. */
static int check_template(struct engine *g, const struct rendering *how,
                          struct err *e)
{
    struct buf what;
    buf_init(&what, 4096);
    chat_open(&g->chat, g->path, NULL, g->gguf);
    int rc = chat_describe(&g->chat, how, &what, e);
    buf_free(&what);
    return rc;
}

int engine_check(const char *path, const char *tokenizer_path,
                 const struct rendering *how, struct engine_info *info,
                 struct err *e)
{
    struct engine *g = mem_calloc(1, sizeof(*g));
    struct hparams h;
    g->path = mem_strdup(path);
    int rc = open_source(g, &h, e);
    if (rc == 0)
        rc = check_tensors(g, e);
    if (rc == 0 && g->checkpoint != NULL)
        rc = open_llama2c_words(g, tokenizer_path, e);
    if (rc == 0)
        rc = check_source(g, e);
    if (rc == 0 && info != NULL)
        describe_head(g, info);
    if (rc != 0)
        engine_refuse(e);
    else if (how != NULL)
        rc = check_template(g, how, e);
    engine_close(g);
    return rc;
}

void engine_close(struct engine *g)
{
    if (g == NULL)
        return;
    forward_close(g->forward);
    weights_close(g->weights);
    chat_forget(&g->chat);
    tokenizer_close(g->tokenizer);
    checkpoint_close(g->checkpoint);
    gguf_close(g->gguf);
    free(g->path);
    free(g);
}

const struct engine_info *engine_info(const struct engine *g)
{
    return &g->info;
}

/* --- evaluating -------------------------------------------------------- */

static int check_feed(const struct engine *g, const struct engine_feed *d,
                      struct err *e)
{
    const struct engine_session *s = d->session;
    if (d->n_ids > (size_t)(s->n_ctx - s->n_past))
        return err_set(e, ERR_BACKEND, "%s: the context of %d tokens is full "
                       "(%d held, %zu more asked for); shorten the prompt or "
                       "raise the context", g->path, s->n_ctx, s->n_past,
                       d->n_ids);
    for (size_t i = 0; i < d->n_ids; i++)
        if (d->ids[i] < 0 || d->ids[i] >= g->weights->n_vocab)
            return err_set(e, ERR_FORMAT, "%s: there is no token %d (0 to %d)",
                           g->path, (int)d->ids[i], g->weights->n_vocab - 1);
    return 0;
}

int engine_eval(struct engine *g, struct engine_feed *feeds, size_t n_feeds,
                struct err *e)
{
    for (size_t i = 0; i < n_feeds; i++) {
        struct engine_session *s = feeds[i].session;
        if (check_feed(g, &feeds[i], e) != 0 ||
            session_reserve(s, s->n_past + (int)feeds[i].n_ids, e) != 0)
            return -1;
    }
    if (forward_eval(g->forward, feeds, n_feeds, e) != 0) {
        check_source(g, e); /* if the file changed, that is the cause to name */
        return -1;
    }
    if (check_source(g, e) != 0)
        return -1;
    for (size_t i = 0; i < n_feeds; i++)
        feeds[i].session->n_past += (int)feeds[i].n_ids;
    return 0;
}
